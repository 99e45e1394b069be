// What the statements that show tables share: entities, sources and qualifiers as terms, rows in
// order.
#ifndef ANNALS_TABLES_H_
#define ANNALS_TABLES_H_

#include <optional>
#include <string>
#include <vector>

#include "annals/question.h"
#include "annals/rows.h"
#include "query/native/ast.h"
#include "storage/graph/view.h"

namespace annals {

// Calls `visit(columns, row)` for every row of a scan.
template <typename Visit>
absl::Status ForEachRow(const GraphView& view, const ScanSpec& spec, const Visit& visit) {
  constexpr size_t kBatch = 2048;
  ANNALS_ASSIGN_OR_RETURN(const std::unique_ptr<RowScan> scan, view.Scan(spec));
  std::vector<std::vector<TermId>> columns(spec.output.size());
  while (true) {
    ANNALS_ASSIGN_OR_RETURN(const size_t rows, scan->Next(columns, kBatch));
    if (rows == 0) return absl::OkStatus();
    for (size_t i = 0; i < rows; ++i) ANNALS_RETURN_IF_ERROR(visit(columns, i));
  }
}

// The entity of this name, found as in questions; nullopt with a note if nothing is called so.
absl::StatusOr<std::optional<TermId>> FindEntity(const native::TermExpr& expr,
                                                 const QuestionContext& context,
                                                 std::vector<std::string>* notes);

// "key: value, key: value"; the undefined term if there are none.
absl::StatusOr<Term> QualifiersText(uint64_t fact, const GraphView& view);
// The sources of a fact as a list; the undefined term if it was told without any.
absl::StatusOr<Term> SourceList(uint64_t fact, const GraphView& view);

// The objects of (subject, predicate of this name, ?): one as it is, several as a list.
absl::StatusOr<Term> PropertyOf(TermId subject, std::string_view predicate, const GraphView& view);

Rows MakeTableRows(std::vector<std::string> columns, std::vector<std::vector<Term>> rows,
                   std::vector<std::string> notes, const QuestionContext& context);

// By the first `columns` columns, in the order of `order by`.
int CompareRows(const std::vector<Term>& a, const std::vector<Term>& b, size_t columns);

}  // namespace annals

#endif  // ANNALS_TABLES_H_

// What the statements that show tables share: entities, sources and qualifiers as terms, rows in
// order.
#ifndef ANNALS_TABLES_H_
#define ANNALS_TABLES_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "annals/question.h"
#include "annals/rows.h"
#include "query/native/ast.h"
#include "storage/graph/for_each_row.h"
#include "storage/graph/view.h"

namespace annals {

// The id of what stands in one place of a statement, names found as in questions; undefined, with a
// note for a name, where the store has nothing of the kind.
absl::StatusOr<TermId> FindTerm(const native::TermExpr& expr, native::Place place,
                                const QuestionContext& context, std::vector<std::string>* notes);
// The entity of this name, found as in questions; nullopt with a note if nothing is called so.
absl::StatusOr<std::optional<TermId>> FindEntity(const native::TermExpr& expr,
                                                 const QuestionContext& context,
                                                 std::vector<std::string>* notes);

// What a statement that makes a table may take: the limits of a question hold for it too.
class TableLimits {
 public:
  explicit TableLimits(const QuestionContext& context);
  ~TableLimits();

  // DeadlineExceeded, Cancelled or ResourceExhausted.
  absl::Status Check() const;
  absl::Status CheckRows(uint64_t rows) const;
  // All that is kept now; the other limits are looked at too.
  absl::Status Keep(uint64_t bytes);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// "key: value, key: value"; the undefined term if there are none.
absl::StatusOr<Term> QualifiersText(uint64_t fact, const GraphView& view);
absl::StatusOr<Term> QualifiersText(const std::vector<std::pair<TermId, TermId>>& qualifiers,
                                    const GraphView& view);
// The sources of a fact as a list; the undefined term if it was told without any.
absl::StatusOr<Term> SourceList(uint64_t fact, const GraphView& view);
absl::StatusOr<Term> SourceList(const std::vector<TermId>& sources, const GraphView& view);

// The objects of (subject, predicate of this name, ?): one as it is, several as a list.
absl::StatusOr<Term> PropertyOf(TermId subject, std::string_view predicate, const GraphView& view);

Rows MakeTableRows(std::vector<std::string> columns, std::vector<std::vector<Term>> rows,
                   std::vector<std::string> notes, const QuestionContext& context);
Rows MakeTableRows(std::vector<std::string> columns, std::unique_ptr<TermRows> rows,
                   std::vector<std::string> notes, const QuestionContext& context);

// By the first `columns` columns, in the order of `order by`.
int CompareRows(const std::vector<Term>& a, const std::vector<Term>& b, size_t columns);

}  // namespace annals

#endif  // ANNALS_TABLES_H_

// Expressions compiled against the columns of a batch, and evaluated over a selection of its rows.
//
// Conditions have two values: a comparison that can't be made (an empty value, kinds that never
// meet; see compare_ids.h) is false, so its `not` is true. As a value a condition is true or false,
// never empty. Worded operators take times only; in a list, and beside `= != < <= > >=`, an integer
// beside a time is that year. `?x in (...)` is true where the value equals one of the list, or is a
// time that is certainly inside one.
#ifndef QUERY_EXEC_EVALUATOR_H_
#define QUERY_EXEC_EVALUATOR_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "query/algebra/expression.h"
#include "query/exec/batch.h"
#include "query/exec/operator.h"
#include "storage/base/status.h"
#include "storage/model/term.h"

namespace annals::exec {

// Rows of a batch, ascending.
using Selection = std::vector<uint32_t>;

// Statuses are storage errors and limits only. Not thread-safe.
class Evaluator {
 public:
  virtual ~Evaluator() = default;
  // The value on each of the rows, the undefined term where it is empty. Borrowed until the next
  // call of the same evaluator.
  virtual absl::Status Terms(const Batch& batch, std::span<const uint32_t> rows,
                             std::vector<const Term*>* out) = 0;
  // The same as ids of the question's vocabulary.
  virtual absl::Status Ids(const Batch& batch, std::span<const uint32_t> rows,
                           std::vector<TermId>* out) = 0;
  // Keeps the rows on which it is true.
  virtual absl::Status Select(const Batch& batch, Selection* rows) = 0;
  // Ids costs no more than copying.
  virtual bool has_ids() const { return false; }
};

// A test of rows that runs a plan: `exists { }`.
class RowTest {
 public:
  virtual ~RowTest() = default;
  // Keeps the rows that pass.
  virtual absl::Status Select(const Batch& batch, Selection* rows) = 0;
};
using MakeRowTest = std::function<absl::StatusOr<std::unique_ptr<RowTest>>(
    const algebra::ExistsExpr& exists, const std::vector<algebra::Variable>& columns)>;

// `columns` names the columns of the batches to come; a variable that is not among them is empty.
// InvalidArgument where a constant is one that its function can't take. `expression` is borrowed
// only if it holds an `exists`.
absl::StatusOr<std::unique_ptr<Evaluator>> MakeEvaluator(
    const algebra::Expression& expression, const std::vector<algebra::Variable>& columns,
    Context& context, const MakeRowTest& make_row_test);

bool HoldsExists(const algebra::Expression& expression);

// Keeps the rows on which all are true.
absl::Status SelectAll(std::span<const std::unique_ptr<Evaluator>> conditions, const Batch& batch,
                       Selection* rows);
// All rows of a batch.
void SelectEveryRow(const Batch& batch, Selection* rows);

}  // namespace annals::exec

#endif  // QUERY_EXEC_EVALUATOR_H_

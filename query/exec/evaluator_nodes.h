// Bases of the evaluators: those of values and those of conditions.
#ifndef QUERY_EXEC_EVALUATOR_NODES_H_
#define QUERY_EXEC_EVALUATOR_NODES_H_

#include <memory>
#include <span>
#include <vector>

#include "query/exec/evaluator.h"

namespace annals::exec {

using EvaluatorPtr = std::unique_ptr<Evaluator>;

// Has Terms; true where its value is the boolean true.
class ValueEvaluator : public Evaluator {
 public:
  explicit ValueEvaluator(Context& context) : context_(context) {}
  absl::Status Ids(const Batch& batch, std::span<const uint32_t> rows,
                   std::vector<TermId>* out) override;
  absl::Status Select(const Batch& batch, Selection* rows) override;

 protected:
  Context& context_;

 private:
  std::vector<const Term*> terms_;
};

// Has Select; its value is true or false.
class ConditionEvaluator : public Evaluator {
 public:
  absl::Status Terms(const Batch& batch, std::span<const uint32_t> rows,
                     std::vector<const Term*>* out) override;
  absl::Status Ids(const Batch& batch, std::span<const uint32_t> rows,
                   std::vector<TermId>* out) override;

 private:
  Selection selected_;
};

// Drops from `rows` those in `taken`; both ascending.
void Subtract(const Selection& taken, Selection* rows);

// Comparisons: comparisons.cc.
EvaluatorPtr MakeComparison(algebra::CompareOp op, EvaluatorPtr left, EvaluatorPtr right,
                            Context& context);
EvaluatorPtr MakeTimeTest(algebra::TimeOperator op, bool possibly, EvaluatorPtr left,
                          EvaluatorPtr right, Context& context);
EvaluatorPtr MakeInList(EvaluatorPtr value, std::vector<EvaluatorPtr> list);
// What `in` means on two terms.
bool EqualsOrInside(const Term& value, const Term& item);

// Evaluates `inner`, which sees one column only, once a distinct value of `column`: memo.cc.
EvaluatorPtr MakeMemo(EvaluatorPtr inner, size_t column, Context& context);

}  // namespace annals::exec

#endif  // QUERY_EXEC_EVALUATOR_NODES_H_

// The plan of a question that is run again and again.
#ifndef ANNALS_KEPT_PLAN_H_
#define ANNALS_KEPT_PLAN_H_

#include <memory>
#include <vector>

#include "annals/question.h"
#include "query/algebra/plan.h"
#include "query/native/translate.h"
#include "query/optimizer/optimizer.h"

namespace annals {

// Holds as long as what it was made for is the same. Where parameters are names of entities that
// stand in patterns, other names are put in the places of the former.
class KeptPlan {
 public:
  // Makes the plan fit: `asked` is the question as it was asked, `context` with the view that it
  // needs. Errors are those of the translation.
  absl::Status Fit(const native::Find& find, const QuestionContext& asked,
                   const QuestionContext& context);

  // After Fit. Runs that go on keep the plan that they began with.
  const std::shared_ptr<algebra::Plan>& plan() const { return plan_; }
  const native::Question& question() const { return question_; }  // without its plan

 private:
  bool IsForSame(const QuestionContext& asked) const;
  absl::StatusOr<bool> PutNames(const QuestionContext& asked, const QuestionContext& context);

  std::weak_ptr<const GraphView> view_;
  native::Prefixes prefixes_;
  native::ParameterValues parameters_;
  RunOptions run_;
  std::shared_ptr<algebra::Plan> plan_;  // null: none yet
  native::Question question_;
  bool takes_names_ = false;
};

// The question's plan, not optimized: one that asks yes or no stops at the first row.
absl::StatusOr<native::Question> Translate(const native::Find& find,
                                           const QuestionContext& context);
// The report may be null.
absl::StatusOr<algebra::PlanPtr> OptimizePlan(algebra::PlanPtr plan, const QuestionContext& context,
                                              bool estimates, optimizer::Report* report);

}  // namespace annals

#endif  // ANNALS_KEPT_PLAN_H_

#include "annals/kept_plan.h"

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "query/algebra/build.h"
#include "query/native/terms.h"
#include "query/optimizer/rewrite.h"

namespace annals {
namespace {

using algebra::Plan;
using algebra::Slot;
using SlotFunction = std::function<void(Slot*)>;

void ForEachGiven(const algebra::Expression& expression, const SlotFunction& visit);

// The constant slots that hold a parameter, see native::Question.
void ForEachGiven(Plan& plan, const SlotFunction& visit) {
  if (auto* scan = std::get_if<algebra::Scan>(&plan.node)) {
    for (Slot* slot : {&scan->subject, &scan->predicate, &scan->object, &scan->source}) {
      if (slot->kind == Slot::Kind::kConstant && !slot->variable.empty()) visit(slot);
    }
  }
  optimizer::ForEachExpression(plan, [&](const algebra::ExpressionPtr& expression, bool) {
    ForEachGiven(*expression, visit);
  });
  optimizer::ForEachChild(plan,
                          [&](const algebra::PlanPtr& child) { ForEachGiven(*child, visit); });
}

void ForEachGiven(const algebra::Expression& expression, const SlotFunction& visit) {
  if (const auto* exists = std::get_if<algebra::ExistsExpr>(&expression.node)) {
    ForEachGiven(*exists->plan, visit);
  }
  optimizer::ForEachOperand(
      expression, [&](const algebra::ExpressionPtr& operand) { ForEachGiven(*operand, visit); });
}

size_t CountGiven(Plan& plan) {
  size_t count = 0;
  ForEachGiven(plan, [&](Slot*) { ++count; });
  return count;
}

}  // namespace

absl::StatusOr<native::Question> Translate(const native::Find& find,
                                           const QuestionContext& context) {
  ANNALS_ASSIGN_OR_RETURN(native::Question question,
                          native::TranslateQuestion(find, TranslateOptionsOf(context)));
  if (question.yes_no) {
    question.plan = algebra::MakePlan(algebra::Limit{std::move(question.plan), 1, 0, false, {}});
  }
  return question;
}

absl::StatusOr<algebra::PlanPtr> OptimizePlan(algebra::PlanPtr plan, const QuestionContext& context,
                                              bool estimates, optimizer::Report* report) {
  if (!context.run.optimize) return plan;
  optimizer::Options options{*context.view};
  options.estimates = estimates;
  return optimizer::Optimize(std::move(plan), options, report);
}

bool KeptPlan::IsForSame(const QuestionContext& asked) const {
  return plan_ != nullptr && view_.lock() == asked.view && run_ == asked.run &&
         prefixes_ == asked.prefixes;
}

// False where a name is of no entity, or there is something to say about it.
absl::StatusOr<bool> KeptPlan::PutNames(const QuestionContext& asked,
                                        const QuestionContext& context) {
  if (!takes_names_ || asked.parameters.size() != parameters_.size()) return false;
  std::map<std::string, TermId> ids;
  for (const auto& [name, value] : asked.parameters) {
    const auto before = parameters_.find(name);
    if (before == parameters_.end()) return false;
    if (before->second == value) continue;
    if (before->second.As<Name>() == nullptr || value.As<Name>() == nullptr) return false;
    std::vector<std::string> notes;
    native::NameResolver resolver(*context.view, context.text, true, &notes);
    // The translation tells what is wrong with a name, and where.
    const auto resolved = resolver.Resolve(value, Span());
    if (!resolved.ok() || resolved->id.is_undefined() || !notes.empty()) return false;
    ids.emplace("$" + name, resolved->id);
  }
  if (plan_.use_count() > 1) plan_ = algebra::ClonePlan(*plan_);
  ForEachGiven(*plan_, [&](Slot* slot) {
    if (const auto id = ids.find(slot->variable); id != ids.end()) slot->id = id->second;
  });
  parameters_ = asked.parameters;
  return true;
}

absl::Status KeptPlan::Fit(const native::Find& find, const QuestionContext& asked,
                           const QuestionContext& context) {
  if (IsForSame(asked)) {
    if (parameters_ == asked.parameters) return absl::OkStatus();
    ANNALS_ASSIGN_OR_RETURN(const bool put, PutNames(asked, context));
    if (put) return absl::OkStatus();
  }
  plan_ = nullptr;
  ANNALS_ASSIGN_OR_RETURN(question_, Translate(find, context));
  algebra::PlanPtr plan = std::move(question_.plan);
  const size_t given = CountGiven(*plan);
  ANNALS_ASSIGN_OR_RETURN(plan, OptimizePlan(std::move(plan), context, false, nullptr));
  // What a pass left out or read once would not follow another name.
  takes_names_ = question_.gives_names && question_.notes.empty() && CountGiven(*plan) == given;
  // A past that is reckoned from today() or now() is another one at the next run.
  const bool of_past =
      find.as_of.has_value() || find.published_by.has_value() || question_.has_past_rows;
  view_ = of_past ? nullptr : asked.view;
  run_ = asked.run;
  parameters_ = asked.parameters;
  prefixes_ = asked.prefixes;
  plan_ = std::move(plan);
  return absl::OkStatus();
}

}  // namespace annals

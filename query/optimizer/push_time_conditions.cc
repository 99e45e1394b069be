// push_time_conditions: a condition on the time of a pattern tells the scan which times can't be
// meant, so that their blocks are skipped. The condition itself stays.
#include "query/optimizer/passes.h"
#include "query/optimizer/rewrite.h"
#include "query/optimizer/time_bounds.h"

namespace annals::optimizer {

absl::StatusOr<bool> PushTimeConditions(algebra::PlanPtr* plan, PassContext&) {
  bool changed = false;
  VisitBottomUp(plan, [&](algebra::PlanPtr* node) {
    auto* filter = std::get_if<algebra::Filter>(&(*node)->node);
    auto* scan = filter == nullptr ? nullptr : std::get_if<algebra::Scan>(&filter->child->node);
    if (scan == nullptr || scan->time.kind != algebra::Slot::Kind::kVariable) return;
    const TimeBounds before = scan->window.has_value() ? BoundsOf(*scan->window) : TimeBounds{};
    TimeBounds bounds = before;
    for (const algebra::ExpressionPtr& condition : filter->conditions) {
      const auto more = BoundsOf(*condition, scan->time.variable);
      if (more.has_value()) bounds = Both(bounds, *more);
    }
    if (bounds == before) return;
    scan->window = WindowOf(bounds);
    changed = true;
  });
  return changed;
}

}  // namespace annals::optimizer

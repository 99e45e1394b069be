// near_times: a condition on the distance of two times tells the join of what has them which rows
// can't meet, so that sorted by time only those near each other are looked at. The condition itself
// stays.
#include <algorithm>

#include "query/optimizer/passes.h"
#include "query/optimizer/rewrite.h"
#include "query/optimizer/time_gaps.h"

namespace annals::optimizer {
namespace {

using algebra::Contains;
using algebra::PlanPtr;
using Gaps = std::vector<algebra::TimeGap>;

// Values of both variables come from one input each: not one that the others may fill.
bool Separates(const std::vector<Variables>& inputs, const algebra::TimeGap& gap) {
  const auto count = [&](const algebra::Variable& variable) {
    return std::count_if(inputs.begin(), inputs.end(),
                         [&](const auto& columns) { return Contains(columns, variable); });
  };
  const bool together = std::any_of(inputs.begin(), inputs.end(), [&](const auto& columns) {
    return Contains(columns, gap.earlier) && Contains(columns, gap.later);
  });
  return count(gap.earlier) == 1 && count(gap.later) == 1 && !together;
}

bool SetGaps(const std::vector<Variables>& inputs,
             const std::vector<algebra::ExpressionPtr>& conditions, Gaps* gaps) {
  Gaps found = GapsOf(conditions);
  std::erase_if(found, [&](const auto& gap) { return !Separates(inputs, gap); });
  if (found.empty()) return false;
  *gaps = std::move(found);
  return true;
}

// `node` has two sides and conditions on pairs of their rows.
template <typename Node>
bool BetweenSides(Node* node) {
  return SetGaps({algebra::VariablesOf(*node->left), algebra::VariablesOf(*node->right)},
                 node->conditions, &node->gaps);
}

bool BelowFilter(algebra::Filter* filter) {
  auto* join = std::get_if<algebra::Join>(&filter->child->node);
  if (join == nullptr) return false;
  std::vector<Variables> inputs;
  for (const PlanPtr& child : join->children) inputs.push_back(algebra::VariablesOf(*child));
  return SetGaps(inputs, filter->conditions, &join->gaps);
}

}  // namespace

absl::StatusOr<bool> JoinNearTimes(PlanPtr* plan, PassContext&) {
  bool changed = false;
  VisitBottomUp(plan, [&](PlanPtr* node) {
    if (auto* filter = std::get_if<algebra::Filter>(&(*node)->node)) {
      changed |= BelowFilter(filter);
    } else if (auto* left = std::get_if<algebra::LeftJoin>(&(*node)->node)) {
      changed |= BetweenSides(left);
    } else if (auto* semi = std::get_if<algebra::SemiJoin>(&(*node)->node)) {
      changed |= BetweenSides(semi);
    } else if (auto* anti = std::get_if<algebra::AntiJoin>(&(*node)->node)) {
      changed |= BetweenSides(anti);
    }
  });
  return changed;
}

}  // namespace annals::optimizer

// join_order: the inputs of a join in the order in which joining them is expected to cost least,
// one after the other.
#include <algorithm>

#include "query/optimizer/join_orderer.h"
#include "query/optimizer/passes.h"
#include "query/optimizer/rewrite.h"

namespace annals::optimizer {
namespace {

using algebra::PlanPtr;

absl::StatusOr<bool> OrderOne(algebra::Join* join, Estimator& estimator) {
  ANNALS_ASSIGN_OR_RETURN(const std::vector<JoinInput> inputs,
                          MakeJoinInputs(join->children, estimator));
  ANNALS_ASSIGN_OR_RETURN(const JoinOrder best, OrderOf(inputs, estimator));
  const std::vector<size_t>& order = best.inputs;
  if (std::is_sorted(order.begin(), order.end())) return false;
  std::vector<PlanPtr> children;
  for (size_t i : order) children.push_back(std::move(join->children[i]));
  join->children = std::move(children);
  return true;
}

}  // namespace

absl::StatusOr<bool> OrderJoins(PlanPtr* plan, PassContext& context) {
  bool changed = false;
  absl::Status status;
  VisitBottomUp(plan, [&](PlanPtr* node) {
    auto* join = std::get_if<algebra::Join>(&(*node)->node);
    if (join == nullptr || !status.ok()) return;
    auto ordered = OrderOne(join, context.estimator);
    if (ordered.ok()) {
      changed |= *ordered;
    } else {
      status = ordered.status();
    }
  });
  ANNALS_RETURN_IF_ERROR(status);
  return changed;
}

}  // namespace annals::optimizer

// merge_joins: joins in joins become one, so that all of their inputs are put in order together.
#include "query/optimizer/passes.h"
#include "query/optimizer/rewrite.h"

namespace annals::optimizer {
namespace {

using algebra::Join;
using algebra::PlanPtr;

bool HoldsJoin(const PlanPtr& child) {
  if (std::holds_alternative<Join>(child->node) ||
      std::holds_alternative<algebra::Unit>(child->node)) {
    return true;
  }
  const auto* filter = std::get_if<algebra::Filter>(&child->node);
  return filter != nullptr && std::holds_alternative<Join>(filter->child->node);
}

// Conditions above an inner join are tested after the outer one if that changes no value they read.
void LiftConditions(Join* join, std::vector<algebra::ExpressionPtr>* lifted) {
  for (size_t i = 0; i < join->children.size(); ++i) {
    auto* filter = std::get_if<algebra::Filter>(&join->children[i]->node);
    if (filter == nullptr || !std::holds_alternative<Join>(filter->child->node)) continue;
    Variables others;
    for (size_t j = 0; j < join->children.size(); ++j) {
      if (j != i) algebra::AddVariables(algebra::VariablesOf(*join->children[j]), &others);
    }
    bool settled = true;
    for (const auto& condition : filter->conditions) {
      settled &= AreSettled(ReadBy(*condition), *filter->child, others);
    }
    if (!settled) continue;
    for (auto& condition : filter->conditions) lifted->push_back(std::move(condition));
    join->children[i] = PlanPtr(std::move(filter->child));
  }
}

}  // namespace

absl::StatusOr<bool> MergeJoins(PlanPtr* plan, PassContext&) {
  bool changed = false;
  VisitBottomUp(plan, [&](PlanPtr* node) {
    auto* join = std::get_if<Join>(&(*node)->node);
    if (join == nullptr) return;
    bool nested = false;
    for (const PlanPtr& child : join->children) nested |= HoldsJoin(child);
    if (!nested) return;
    const size_t before = join->children.size();
    std::vector<algebra::ExpressionPtr> lifted;
    LiftConditions(join, &lifted);
    PlanPtr merged = algebra::MakeJoin(std::move(join->children));
    const auto* flat = std::get_if<Join>(&merged->node);
    changed |= flat == nullptr || flat->children.size() != before || !lifted.empty();
    *node = algebra::MakeFilter(std::move(merged), std::move(lifted));
  });
  return changed;
}

}  // namespace annals::optimizer

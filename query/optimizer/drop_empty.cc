// drop_empty: what joins with nothing is nothing, what adds nothing goes.
#include "query/optimizer/passes.h"
#include "query/optimizer/rewrite.h"

namespace annals::optimizer {
namespace {

using algebra::Empty;
using algebra::MakePlan;
using algebra::Plan;
using algebra::PlanPtr;

bool IsEmpty(const PlanPtr& plan) { return std::holds_alternative<Empty>(plan->node); }

PlanPtr Nothing(const Plan& plan) { return MakePlan(Empty{algebra::VariablesOf(plan)}); }

// What the node is instead; null: it stays.
struct Replacement {
  const Plan& plan;

  PlanPtr operator()(algebra::Unit&) const { return nullptr; }
  PlanPtr operator()(Empty&) const { return nullptr; }
  PlanPtr operator()(algebra::Scan&) const { return nullptr; }
  PlanPtr operator()(algebra::Path&) const { return nullptr; }
  PlanPtr operator()(algebra::OuterRef&) const { return nullptr; }
  PlanPtr operator()(algebra::Values& node) const {
    return node.rows.empty() ? Nothing(plan) : nullptr;
  }
  PlanPtr operator()(algebra::Join& node) const {
    for (const PlanPtr& child : node.children) {
      if (IsEmpty(child)) return Nothing(plan);
    }
    return nullptr;
  }
  PlanPtr operator()(algebra::MultiwayJoin& node) const {
    const bool empty = std::any_of(node.children.begin(), node.children.end(),
                                   [](const PlanPtr& child) { return IsEmpty(child); });
    return empty ? Nothing(plan) : nullptr;
  }
  PlanPtr operator()(algebra::LeftJoin& node) const {
    if (IsEmpty(node.left)) return Nothing(plan);
    if (!IsEmpty(node.right)) return nullptr;
    // Its columns stay, as empty ones.
    Variables columns = algebra::VariablesOf(plan);
    return algebra::MakeProject(std::move(node.left), std::move(columns));
  }
  PlanPtr operator()(algebra::SemiJoin& node) const {
    return IsEmpty(node.left) || IsEmpty(node.right) ? Nothing(plan) : nullptr;
  }
  PlanPtr operator()(algebra::AntiJoin& node) const {
    if (IsEmpty(node.left)) return Nothing(plan);
    return IsEmpty(node.right) ? std::move(node.left) : nullptr;
  }
  PlanPtr operator()(algebra::Union& node) const {
    size_t empty = 0;
    for (const PlanPtr& child : node.children) empty += IsEmpty(child) ? 1 : 0;
    return empty == 0 ? nullptr : algebra::MakeUnion(std::move(node.children));
  }
  PlanPtr operator()(algebra::Filter& node) const { return OfChild(node.child); }
  PlanPtr operator()(algebra::Extend& node) const { return OfChild(node.child); }
  PlanPtr operator()(algebra::Project& node) const { return OfChild(node.child); }
  PlanPtr operator()(algebra::Distinct& node) const { return OfChild(node.child); }
  PlanPtr operator()(algebra::Coalesce& node) const { return OfChild(node.child); }
  PlanPtr operator()(algebra::Sort& node) const { return OfChild(node.child); }
  PlanPtr operator()(algebra::Limit& node) const {
    return node.limit == 0u ? Nothing(plan) : OfChild(node.child);
  }
  PlanPtr operator()(algebra::Group& node) const {
    // Without keys there is one row even of nothing.
    return node.keys.empty() ? nullptr : OfChild(node.child);
  }
  PlanPtr OfChild(const PlanPtr& child) const { return IsEmpty(child) ? Nothing(plan) : nullptr; }
};

}  // namespace

absl::StatusOr<bool> DropEmpty(PlanPtr* plan, PassContext&) {
  bool changed = false;
  VisitBottomUp(plan, [&](PlanPtr* node) {
    PlanPtr other = std::visit(Replacement{**node}, (*node)->node);
    if (other == nullptr) return;
    *node = std::move(other);
    changed = true;
  });
  return changed;
}

}  // namespace annals::optimizer

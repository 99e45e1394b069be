#include "query/exec/shared_scan.h"

#include <algorithm>

#include "query/exec/evaluator.h"
#include "query/exec/scan_plan.h"

namespace annals::exec {
namespace {

// An `exists` keeps a table of its own: each thread would make it again.
bool HoldsNoExists(const std::vector<algebra::ExpressionPtr>& conditions) {
  return std::none_of(conditions.begin(), conditions.end(),
                      [](const auto& condition) { return HoldsExists(*condition); });
}

const algebra::Scan* PatternOf(const algebra::Plan& plan) {
  const algebra::Plan* inner = &plan;
  if (const auto* filter = std::get_if<algebra::Filter>(&plan.node)) {
    if (!HoldsNoExists(filter->conditions)) return nullptr;
    inner = filter->child.get();
  }
  const auto* scan = std::get_if<algebra::Scan>(&inner->node);
  return scan != nullptr && !scan->with_source ? scan : nullptr;
}

bool CanBeShared(const algebra::Scan& scan) {
  const ScanPlan plan = PlanScan(scan);
  // Tests that look at the row before, and windows that skip nearly all shares, are one thread's.
  const bool skips = plan.spec.window.has_value() && plan.spec.permutation == Permutation::kPts;
  return !plan.new_fact.has_value() && !skips;
}

const algebra::Scan* FirstOf(const algebra::Join& join) {
  for (const algebra::PlanPtr& child : join.children) {
    if (PatternOf(*child) == nullptr) return nullptr;
  }
  return PatternOf(*join.children[0]);
}

// What the rows are made by, below what is done with each row alone; null where that can't be
// shared.
const algebra::Plan* BelowRows(const algebra::Plan& plan) {
  if (const auto* filter = std::get_if<algebra::Filter>(&plan.node)) {
    return HoldsNoExists(filter->conditions) ? BelowRows(*filter->child) : nullptr;
  }
  if (const auto* extend = std::get_if<algebra::Extend>(&plan.node)) {
    return HoldsExists(*extend->expression) ? nullptr : BelowRows(*extend->child);
  }
  if (const auto* project = std::get_if<algebra::Project>(&plan.node)) {
    return BelowRows(*project->child);
  }
  return &plan;
}

}  // namespace

const algebra::Scan* SharedScanOf(const algebra::Plan& plan) {
  const algebra::Plan* const below = BelowRows(plan);
  if (below == nullptr) return nullptr;
  const auto* join = std::get_if<algebra::Join>(&below->node);
  const algebra::Scan* scan = join == nullptr ? PatternOf(*below) : FirstOf(*join);
  return scan != nullptr && CanBeShared(*scan) ? scan : nullptr;
}

const algebra::Plan* SharedJoinOf(const algebra::Plan& plan) {
  const algebra::Plan* const below = BelowRows(plan);
  if (below == nullptr) return nullptr;
  const bool is_join = std::holds_alternative<algebra::Join>(below->node) ||
                       std::holds_alternative<algebra::LeftJoin>(below->node) ||
                       std::holds_alternative<algebra::SemiJoin>(below->node) ||
                       std::holds_alternative<algebra::AntiJoin>(below->node);
  return is_join ? below : nullptr;
}

namespace {

struct PatternFinder {
  std::vector<const algebra::Scan*>* found;

  void In(const algebra::PlanPtr& plan) const { std::visit(*this, plan->node); }
  void In(const std::vector<algebra::PlanPtr>& plans) const {
    for (const algebra::PlanPtr& plan : plans) In(plan);
  }
  void operator()(const algebra::Scan& node) const {
    if (PlanScan(node).spec.prefix.size() < 2) found->push_back(&node);
  }
  void operator()(const algebra::Join& node) const { In(node.children); }
  void operator()(const algebra::Union& node) const { In(node.children); }
  void operator()(const algebra::LeftJoin& node) const { In(node.left), In(node.right); }
  void operator()(const algebra::SemiJoin& node) const { In(node.left), In(node.right); }
  void operator()(const algebra::AntiJoin& node) const { In(node.left), In(node.right); }
  void operator()(const algebra::Filter& node) const { In(node.child); }
  void operator()(const algebra::Extend& node) const { In(node.child); }
  void operator()(const algebra::Project& node) const { In(node.child); }
  void operator()(const algebra::Distinct& node) const { In(node.child); }
  void operator()(const algebra::Unit&) const {}
  void operator()(const algebra::Empty&) const {}
  void operator()(const algebra::Values&) const {}
  void operator()(const algebra::Path&) const {}
  void operator()(const algebra::OuterRef&) const {}
  void operator()(const algebra::MultiwayJoin&) const {}
  void operator()(const algebra::Group&) const {}
  void operator()(const algebra::Coalesce&) const {}
  void operator()(const algebra::Sort&) const {}
  void operator()(const algebra::Limit&) const {}
};

}  // namespace

std::vector<const algebra::Scan*> LargePatternsOf(const algebra::Plan& plan) {
  std::vector<const algebra::Scan*> found;
  std::visit(PatternFinder{&found}, plan.node);
  return found;
}

}  // namespace annals::exec

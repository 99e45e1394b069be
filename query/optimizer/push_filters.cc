// push_filters: conditions go down to the inputs that decide them, so that fewer rows are joined.
#include <algorithm>

#include "query/optimizer/passes.h"
#include "query/optimizer/rewrite.h"
#include "query/optimizer/time_bounds.h"

namespace annals::optimizer {
namespace {

using algebra::Contains;
using algebra::ExpressionPtr;
using algebra::MakeFilter;
using algebra::Plan;
using algebra::PlanPtr;
using Conditions = std::vector<ExpressionPtr>;

class Pusher {
 public:
  explicit Pusher(PassContext& context) : context_(context) {}
  bool changed() const { return changed_; }

  // The plan with the conditions as deep in it as they can be, and its own as well.
  absl::StatusOr<PlanPtr> Push(PlanPtr plan, Conditions conditions) {
    ANNALS_RETURN_IF_ERROR(
        std::visit([&](auto& node) { return Node(node, &plan, &conditions); }, plan->node));
    return MakeFilter(std::move(plan), std::move(conditions));
  }

 private:
  // Each takes from the conditions those that it can hand down; the rest are put above *plan.
  absl::Status Node(algebra::Unit&, PlanPtr*, Conditions*) { return absl::OkStatus(); }
  absl::Status Node(algebra::Empty&, PlanPtr*, Conditions*) { return absl::OkStatus(); }
  absl::Status Node(algebra::Values&, PlanPtr*, Conditions*) { return absl::OkStatus(); }
  absl::Status Node(algebra::Scan&, PlanPtr*, Conditions*) { return absl::OkStatus(); }
  absl::Status Node(algebra::Path&, PlanPtr*, Conditions*) { return absl::OkStatus(); }
  absl::Status Node(algebra::OuterRef&, PlanPtr*, Conditions*) { return absl::OkStatus(); }

  absl::Status Node(algebra::Filter& node, PlanPtr* plan, Conditions* conditions) {
    Conditions all = std::move(node.conditions);
    for (ExpressionPtr& condition : *conditions) all.push_back(std::move(condition));
    conditions->clear();
    PlanPtr child = std::move(node.child);
    ANNALS_ASSIGN_OR_RETURN(*plan, Push(std::move(child), std::move(all)));
    return absl::OkStatus();
  }

  absl::Status Into(PlanPtr* child, Conditions conditions) {
    changed_ |= !conditions.empty();
    ANNALS_ASSIGN_OR_RETURN(*child, Push(std::move(*child), std::move(conditions)));
    return absl::OkStatus();
  }

  // Hands down the conditions for which `may` holds.
  template <typename F>
  absl::Status Some(PlanPtr* child, Conditions* conditions, F&& may) {
    Conditions down, here;
    for (ExpressionPtr& condition : *conditions) {
      (may(ReadBy(*condition)) ? down : here).push_back(std::move(condition));
    }
    *conditions = std::move(here);
    return Into(child, std::move(down));
  }
  absl::Status All(PlanPtr* child, Conditions* conditions) {
    return Some(child, conditions, [](const Variables&) { return true; });
  }

  // The inputs that decide a condition. A bound on a time narrows scans, so all of them get it;
  // else the smallest is enough.
  absl::StatusOr<std::vector<size_t>> Targets(const algebra::Join& node,
                                              const algebra::Expression& condition) {
    const Variables reads = ReadBy(condition);
    std::vector<size_t> targets;
    if (reads.empty()) return targets;
    for (size_t i = 0; i < node.children.size(); ++i) {
      Variables others;
      for (size_t j = 0; j < node.children.size(); ++j) {
        if (j != i) algebra::AddVariables(algebra::VariablesOf(*node.children[j]), &others);
      }
      const bool has_all = IsSubset(reads, algebra::VariablesOf(*node.children[i]));
      if (has_all && AreSettled(reads, *node.children[i], others)) targets.push_back(i);
    }
    if (targets.size() < 2) return targets;
    const bool bound = reads.size() == 1 && BoundsOf(condition, reads[0]).has_value();
    if (bound && !HoldsExists(condition)) return targets;
    size_t smallest = targets[0];
    double least = 0;
    for (size_t target : targets) {
      ANNALS_ASSIGN_OR_RETURN(const Estimate estimate,
                              context_.estimator.Of(*node.children[target]));
      if (target != targets[0] && estimate.rows >= least) continue;
      least = estimate.rows;
      smallest = target;
    }
    return std::vector<size_t>{smallest};
  }

  absl::Status Node(algebra::Join& node, PlanPtr*, Conditions* conditions) {
    std::vector<Conditions> down(node.children.size());
    Conditions here;
    for (ExpressionPtr& condition : *conditions) {
      ANNALS_ASSIGN_OR_RETURN(const std::vector<size_t> targets, Targets(node, *condition));
      for (size_t i = 1; i < targets.size(); ++i) {
        down[targets[i]].push_back(CloneExpression(*condition));
      }
      (targets.empty() ? here : down[targets[0]]).push_back(std::move(condition));
    }
    *conditions = std::move(here);
    for (size_t i = 0; i < down.size(); ++i) {
      ANNALS_RETURN_IF_ERROR(Into(&node.children[i], std::move(down[i])));
    }
    return absl::OkStatus();
  }

  absl::Status Node(algebra::MultiwayJoin& node, PlanPtr*, Conditions*) {
    for (PlanPtr& child : node.children) ANNALS_RETURN_IF_ERROR(Into(&child, {}));
    return absl::OkStatus();
  }

  // The node's own conditions that its right side decides.
  absl::Status OwnIntoRight(const PlanPtr& left, PlanPtr* right, Conditions* own) {
    const Variables others = algebra::VariablesOf(*left);
    const Variables columns = algebra::VariablesOf(**right);
    const Plan& by = **right;
    return Some(right, own, [&](const Variables& reads) {
      return !reads.empty() && IsSubset(reads, columns) && AreSettled(reads, by, others);
    });
  }
  absl::Status Node(algebra::LeftJoin& node, PlanPtr*, Conditions* conditions) {
    ANNALS_RETURN_IF_ERROR(OwnIntoRight(node.left, &node.right, &node.conditions));
    const Variables others = algebra::VariablesOf(*node.right);
    const Plan& by = *node.left;
    return Some(&node.left, conditions,
                [&](const Variables& reads) { return AreSettled(reads, by, others); });
  }
  absl::Status Node(algebra::SemiJoin& node, PlanPtr*, Conditions* conditions) {
    ANNALS_RETURN_IF_ERROR(OwnIntoRight(node.left, &node.right, &node.conditions));
    return All(&node.left, conditions);
  }
  absl::Status Node(algebra::AntiJoin& node, PlanPtr*, Conditions* conditions) {
    ANNALS_RETURN_IF_ERROR(OwnIntoRight(node.left, &node.right, &node.conditions));
    return All(&node.left, conditions);
  }

  // A branch that lacks a column has it empty, above the union and below.
  absl::Status Node(algebra::Union& node, PlanPtr*, Conditions* conditions) {
    Conditions here, down;
    for (ExpressionPtr& condition : *conditions) {
      (HoldsExists(*condition) ? here : down).push_back(std::move(condition));
    }
    *conditions = std::move(here);
    for (PlanPtr& child : node.children) {
      Conditions copies;
      for (const ExpressionPtr& condition : down) copies.push_back(CloneExpression(*condition));
      ANNALS_RETURN_IF_ERROR(Into(&child, std::move(copies)));
    }
    return absl::OkStatus();
  }

  absl::Status Node(algebra::Extend& node, PlanPtr*, Conditions* conditions) {
    return Some(&node.child, conditions,
                [&](const Variables& reads) { return !Contains(reads, node.variable); });
  }
  absl::Status Node(algebra::Project& node, PlanPtr*, Conditions* conditions) {
    const Variables below = algebra::VariablesOf(*node.child);
    return Some(&node.child, conditions, [&](const Variables& reads) {
      return std::all_of(reads.begin(), reads.end(), [&](const algebra::Variable& variable) {
        return Contains(node.variables, variable) || !Contains(below, variable);
      });
    });
  }
  absl::Status Node(algebra::Distinct& node, PlanPtr*, Conditions* conditions) {
    return All(&node.child, conditions);
  }
  absl::Status Node(algebra::Coalesce& node, PlanPtr*, Conditions* conditions) {
    return Some(&node.child, conditions,
                [&](const Variables& reads) { return !Contains(reads, node.time); });
  }
  absl::Status Node(algebra::Sort& node, PlanPtr*, Conditions* conditions) {
    return All(&node.child, conditions);
  }
  absl::Status Node(algebra::Group& node, PlanPtr*, Conditions* conditions) {
    return Some(&node.child, conditions, [&](const Variables& reads) {
      return !reads.empty() && IsSubset(reads, node.keys);
    });
  }
  // What a limit lets through would change.
  absl::Status Node(algebra::Limit& node, PlanPtr*, Conditions*) { return Into(&node.child, {}); }

  PassContext& context_;
  bool changed_ = false;
};

}  // namespace

absl::StatusOr<bool> PushFilters(PlanPtr* plan, PassContext& context) {
  Pusher pusher(context);
  ANNALS_ASSIGN_OR_RETURN(*plan, pusher.Push(std::move(*plan), {}));
  return pusher.changed();
}

}  // namespace annals::optimizer

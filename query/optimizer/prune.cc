// drop_optionals and prune_columns: what nobody reads is neither joined nor carried.
#include <algorithm>

#include "query/optimizer/demand.h"
#include "query/optimizer/passes.h"
#include "query/optimizer/rewrite.h"

namespace annals::optimizer {
namespace {

using algebra::Contains;
using algebra::PlanPtr;
using algebra::Slot;
using algebra::Variable;

// Rewrites one node so that it gives no more than is demanded.
struct Pruner {
  const Demand& demand;
  PlanPtr* plan;

  // Each returns whether it changed the node, which it may have replaced as its last act.
  bool operator()(algebra::Unit&) const { return false; }
  bool operator()(algebra::Empty& node) const { return Keep(&node.variables); }
  bool operator()(algebra::OuterRef&) const { return false; }
  bool operator()(algebra::Values& node) const {
    bool changed = false;
    for (size_t i = node.variables.size(); i-- > 0;) {
      if (Contains(demand.columns, node.variables[i])) continue;
      changed = true;
      const auto place = static_cast<ptrdiff_t>(i);
      node.variables.erase(node.variables.begin() + place);
      for (auto& row : node.rows) row.erase(row.begin() + place);
    }
    return changed;
  }
  // A variable that stands in two places says that they are equal.
  bool operator()(algebra::Scan& node) const {
    Slot* slots[] = {&node.subject, &node.predicate, &node.object,
                     &node.time,    &node.fact,      &node.source};
    bool changed = false;
    for (Slot* slot : slots) {
      if (slot->kind != Slot::Kind::kVariable || Contains(demand.columns, slot->variable)) continue;
      const auto places = std::count_if(std::begin(slots), std::end(slots), [&](const Slot* other) {
        return other->kind == Slot::Kind::kVariable && other->variable == slot->variable;
      });
      if (places > 1) continue;
      *slot = Slot();
      changed = true;
    }
    return changed;
  }
  bool operator()(algebra::Path& node) const {
    bool changed = false;
    const bool same_ends = node.from.kind == Slot::Kind::kVariable &&
                           node.to.kind == Slot::Kind::kVariable &&
                           node.from.variable == node.to.variable;
    for (Slot* slot : {&node.from, &node.to}) {
      if (slot->kind != Slot::Kind::kVariable || same_ends) continue;
      if (Contains(demand.columns, slot->variable)) continue;
      *slot = Slot();
      changed = true;
    }
    if (node.chain.has_value() && !Contains(demand.columns, *node.chain)) {
      node.chain.reset();
      changed = true;
    }
    if (node.length.has_value() && !Contains(demand.columns, *node.length)) {
      node.length.reset();
      changed = true;
    }
    return changed;
  }
  bool operator()(algebra::Join&) const { return false; }
  bool operator()(algebra::MultiwayJoin&) const { return false; }
  bool operator()(algebra::LeftJoin&) const { return false; }
  bool operator()(algebra::SemiJoin&) const { return false; }
  bool operator()(algebra::AntiJoin&) const { return false; }
  bool operator()(algebra::Union&) const { return false; }
  bool operator()(algebra::Filter&) const { return false; }
  bool operator()(algebra::Extend& node) const {
    if (Contains(demand.columns, node.variable)) return false;
    *plan = PlanPtr(std::move(node.child));
    std::visit(Pruner{demand, plan}, (*plan)->node);
    return true;
  }
  bool operator()(algebra::Group& node) const {
    return std::erase_if(node.aggregates, [&](const algebra::Aggregate& aggregate) {
             return !Contains(demand.columns, aggregate.result);
           }) > 0;
  }
  bool operator()(algebra::Project& node) const {
    bool changed = Keep(&node.variables);
    if (auto* inner = std::get_if<algebra::Project>(&node.child->node);
        inner != nullptr && IsSubset(node.variables, inner->variables)) {
      node.child = PlanPtr(std::move(inner->child));
      changed = true;
    }
    return changed;
  }
  bool operator()(algebra::Distinct&) const { return false; }
  bool operator()(algebra::Coalesce&) const { return false; }
  bool operator()(algebra::Sort&) const { return false; }
  bool operator()(algebra::Limit&) const { return false; }

  bool Keep(Variables* variables) const {
    return std::erase_if(*variables, [&](const Variable& variable) {
             return !Contains(demand.columns, variable);
           }) > 0;
  }
};

}  // namespace

absl::StatusOr<bool> DropOptionals(PlanPtr* plan, PassContext&) {
  bool changed = false;
  if (!HoldsNode<algebra::LeftJoin>(**plan)) return changed;
  VisitTopDown(plan, RootDemand(**plan), [&](PlanPtr* node, const Demand& demand) {
    while (auto* join = std::get_if<algebra::LeftJoin>(&(*node)->node)) {
      const Variables read = Intersection(algebra::VariablesOf(*join->right), demand.columns);
      if (demand.duplicates || !IsSubset(read, algebra::CertainVariablesOf(*join->left))) return;
      *node = PlanPtr(std::move(join->left));
      changed = true;
    }
  });
  return changed;
}

absl::StatusOr<bool> PruneColumns(PlanPtr* plan, PassContext&) {
  bool changed = false;
  VisitTopDown(plan, RootDemand(**plan), [&](PlanPtr* node, const Demand& demand) {
    changed |= std::visit(Pruner{demand, node}, (*node)->node);
  });
  return changed;
}

}  // namespace annals::optimizer

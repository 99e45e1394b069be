#include "query/optimizer/demand.h"

#include <algorithm>

namespace annals::optimizer {
namespace {

using algebra::AddVariables;
using algebra::Plan;
using algebra::PlanPtr;

// Adds what the node's own expressions read.
void AddRead(const Plan& plan, Variables* variables) {
  ForEachExpression(plan, [&](const algebra::ExpressionPtr& expression, bool) {
    AddVariables(ReadBy(*expression), variables);
  });
}

struct ChildDemands {
  const Plan& plan;
  const Demand& demand;

  using Demands = std::vector<Demand>;

  // A child that gives the same rows, of which expressions here read more.
  Demands Through(const PlanPtr& child, const Variables& more = {}) const {
    Variables columns = demand.columns;
    AddVariables(more, &columns);
    AddRead(plan, &columns);
    return {{Intersection(algebra::VariablesOf(*child), columns), demand.duplicates}};
  }

  // Both sides of a node with conditions.
  template <typename T>
  Demands Sides(const T& node, bool right_shown) const {
    const Variables left = algebra::VariablesOf(*node.left);
    const Variables right = algebra::VariablesOf(*node.right);
    Variables read = demand.columns;
    AddRead(plan, &read);
    Variables for_left = read;
    AddVariables(right, &for_left);
    AddVariables(OuterVariables(*node.right, node.outer), &for_left);
    Variables for_right;
    if (right_shown) for_right = demand.columns;
    AddRead(plan, &for_right);
    AddVariables(left, &for_right);
    return {{Intersection(left, for_left), demand.duplicates},
            {Intersection(right, for_right), right_shown && demand.duplicates}};
  }

  Demands operator()(const algebra::Unit&) const { return {}; }
  Demands operator()(const algebra::Empty&) const { return {}; }
  Demands operator()(const algebra::Values&) const { return {}; }
  Demands operator()(const algebra::Scan&) const { return {}; }
  Demands operator()(const algebra::Path&) const { return {}; }
  Demands operator()(const algebra::OuterRef&) const { return {}; }
  Demands operator()(const algebra::Join& node) const {
    std::vector<Variables> columns;
    for (const PlanPtr& child : node.children) columns.push_back(algebra::VariablesOf(*child));
    Demands demands;
    for (size_t i = 0; i < columns.size(); ++i) {
      Variables needed = demand.columns;
      for (size_t j = 0; j < columns.size(); ++j) {
        if (j != i) AddVariables(columns[j], &needed);
      }
      demands.push_back({Intersection(columns[i], needed), demand.duplicates});
    }
    return demands;
  }
  Demands operator()(const algebra::MultiwayJoin& node) const {
    Demands demands;
    for (const PlanPtr& child : node.children) {
      demands.push_back({algebra::VariablesOf(*child), false});
    }
    return demands;
  }
  Demands operator()(const algebra::LeftJoin& node) const { return Sides(node, true); }
  Demands operator()(const algebra::SemiJoin& node) const { return Sides(node, false); }
  Demands operator()(const algebra::AntiJoin& node) const { return Sides(node, false); }
  Demands operator()(const algebra::Union& node) const {
    Demands demands;
    for (const PlanPtr& child : node.children) {
      demands.push_back(
          {Intersection(algebra::VariablesOf(*child), demand.columns), demand.duplicates});
    }
    return demands;
  }
  Demands operator()(const algebra::Filter& node) const { return Through(node.child); }
  Demands operator()(const algebra::Extend& node) const { return Through(node.child); }
  Demands operator()(const algebra::Group& node) const {
    Variables columns = node.keys;
    AddRead(plan, &columns);
    const bool repeats = !std::all_of(node.aggregates.begin(), node.aggregates.end(),
                                      [](const auto& a) { return IgnoresRepeats(a); });
    return {{Intersection(algebra::VariablesOf(*node.child), columns), repeats}};
  }
  Demands operator()(const algebra::Project& node) const { return Through(node.child); }
  Demands operator()(const algebra::Distinct& node) const {
    // Where repeats matter, they are repeats over all columns.
    if (demand.duplicates) return {{algebra::VariablesOf(*node.child), false}};
    return {{Intersection(algebra::VariablesOf(*node.child), demand.columns), false}};
  }
  Demands operator()(const algebra::Coalesce& node) const {
    return {{algebra::VariablesOf(*node.child), false}};
  }
  Demands operator()(const algebra::Sort& node) const {
    Variables keys;
    for (const algebra::SortKey& key : node.keys) keys.push_back(key.variable);
    return Through(node.child, keys);
  }
  Demands operator()(const algebra::Limit& node) const {
    Variables columns = demand.columns;
    for (const algebra::SortKey& key : node.keys) AddVariables({key.variable}, &columns);
    return {{Intersection(algebra::VariablesOf(*node.child), columns), true}};
  }
};

}  // namespace

bool IgnoresRepeats(const algebra::Aggregate& aggregate) {
  switch (aggregate.function) {
    case algebra::AggregateFunction::kMin:
    case algebra::AggregateFunction::kMax:
      return true;
    case algebra::AggregateFunction::kCount:
    case algebra::AggregateFunction::kSum:
    case algebra::AggregateFunction::kAvg:
      return aggregate.distinct;
    case algebra::AggregateFunction::kCountRows:
    case algebra::AggregateFunction::kList:
    case algebra::AggregateFunction::kFirst:
    case algebra::AggregateFunction::kLast:
      return false;
  }
  return false;
}

bool CountsRows(const algebra::Aggregate& aggregate, const Variables& certain) {
  if (aggregate.function == algebra::AggregateFunction::kCountRows) return true;
  if (aggregate.function != algebra::AggregateFunction::kCount || aggregate.distinct) return false;
  const auto* variable = std::get_if<algebra::VariableExpr>(&aggregate.argument->node);
  return variable != nullptr && algebra::Contains(certain, variable->name);
}

Demand RootDemand(const Plan& plan) { return {algebra::VariablesOf(plan), true}; }

std::vector<Demand> DemandsOnChildren(const Plan& plan, const Demand& demand) {
  return std::visit(ChildDemands{plan, demand}, plan.node);
}

void VisitTopDown(PlanPtr* plan, const Demand& demand,
                  const std::function<void(PlanPtr*, const Demand&)>& visit) {
  visit(plan, demand);
  const std::vector<Demand> demands = DemandsOnChildren(**plan, demand);
  size_t next = 0;
  ForEachChild(**plan, [&](PlanPtr& child) { VisitTopDown(&child, demands[next++], visit); });
}

}  // namespace annals::optimizer

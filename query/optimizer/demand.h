// What the nodes above need of a node: which columns, and whether repeated rows matter.
#ifndef QUERY_OPTIMIZER_DEMAND_H_
#define QUERY_OPTIMIZER_DEMAND_H_

#include <functional>
#include <vector>

#include "query/optimizer/rewrite.h"

namespace annals::optimizer {

struct Demand {
  Variables columns;       // others may be dropped
  bool duplicates = true;  // false: only the set of rows over `columns` matters
};

// Is there such a node in the plan? A walk without demands, which cost more.
template <typename Node>
bool HoldsNode(const algebra::Plan& plan) {
  if (std::holds_alternative<Node>(plan.node)) return true;
  bool holds = false;
  ForEachChild(plan,
               [&](const algebra::PlanPtr& child) { holds = holds || HoldsNode<Node>(*child); });
  return holds;
}

// Is its value the same when rows repeat?
bool IgnoresRepeats(const algebra::Aggregate& aggregate);

// Does it count rows? `certain`: the columns that are never empty.
bool CountsRows(const algebra::Aggregate& aggregate, const Variables& certain);

// Of a whole plan: all of its columns.
Demand RootDemand(const algebra::Plan& plan);
// What a node that fulfils `demand` needs of each of its children, in ForEachChild's order.
std::vector<Demand> DemandsOnChildren(const algebra::Plan& plan, const Demand& demand);

// All nodes with what is needed of them, parents before children; `visit` may replace the node,
// and the walk goes on with the children of what it put there.
void VisitTopDown(algebra::PlanPtr* plan, const Demand& demand,
                  const std::function<void(algebra::PlanPtr*, const Demand&)>& visit);

}  // namespace annals::optimizer

#endif  // QUERY_OPTIMIZER_DEMAND_H_

// drop_distincts: rows that can't repeat, or whose repeats nobody counts, need no Distinct.
#include "query/optimizer/demand.h"
#include "query/optimizer/keys.h"
#include "query/optimizer/passes.h"
#include "query/optimizer/rewrite.h"

namespace annals::optimizer {

using algebra::PlanPtr;

absl::StatusOr<bool> DropDistincts(PlanPtr* plan, PassContext&) {
  bool changed = false;
  if (!HoldsNode<algebra::Distinct>(**plan)) return changed;
  VisitTopDown(plan, RootDemand(**plan), [&](PlanPtr* node, const Demand& demand) {
    while (auto* distinct = std::get_if<algebra::Distinct>(&(*node)->node)) {
      if (demand.duplicates && !KeyOf(*distinct->child).has_value()) return;
      *node = PlanPtr(std::move(distinct->child));
      changed = true;
    }
  });
  return changed;
}

}  // namespace annals::optimizer

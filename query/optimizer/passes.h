// The passes, one function each; optimizer.cc holds their table. A pass may be left out: none
// needs what another does.
#ifndef QUERY_OPTIMIZER_PASSES_H_
#define QUERY_OPTIMIZER_PASSES_H_

#include <cstdint>
#include <optional>

#include "query/algebra/plan.h"
#include "query/optimizer/cardinality.h"
#include "storage/base/status.h"
#include "storage/graph/view.h"

namespace annals::optimizer {

struct PassContext {
  const GraphView& view;
  std::optional<int64_t> now;
  Estimator& estimator;
};

// Each rewrites the plan in place and returns whether it changed it. Columns that nothing above
// reads may go; those of the root stay, perhaps in another order.
using Pass = absl::StatusOr<bool> (*)(algebra::PlanPtr* plan, PassContext& context);

absl::StatusOr<bool> FoldConstants(algebra::PlanPtr* plan, PassContext& context);
absl::StatusOr<bool> PushFilters(algebra::PlanPtr* plan, PassContext& context);
absl::StatusOr<bool> BindConstants(algebra::PlanPtr* plan, PassContext& context);
absl::StatusOr<bool> DropEmpty(algebra::PlanPtr* plan, PassContext& context);
absl::StatusOr<bool> PushTimeConditions(algebra::PlanPtr* plan, PassContext& context);
absl::StatusOr<bool> MergeJoins(algebra::PlanPtr* plan, PassContext& context);
absl::StatusOr<bool> DropDistincts(algebra::PlanPtr* plan, PassContext& context);
absl::StatusOr<bool> DropOptionals(algebra::PlanPtr* plan, PassContext& context);
absl::StatusOr<bool> PruneColumns(algebra::PlanPtr* plan, PassContext& context);
absl::StatusOr<bool> CountProducts(algebra::PlanPtr* plan, PassContext& context);
absl::StatusOr<bool> MakeMultiwayJoins(algebra::PlanPtr* plan, PassContext& context);
absl::StatusOr<bool> OrderJoins(algebra::PlanPtr* plan, PassContext& context);
absl::StatusOr<bool> MakeSemiJoins(algebra::PlanPtr* plan, PassContext& context);
absl::StatusOr<bool> DistinctEarly(algebra::PlanPtr* plan, PassContext& context);
absl::StatusOr<bool> FilterEarly(algebra::PlanPtr* plan, PassContext& context);
absl::StatusOr<bool> JoinNearTimes(algebra::PlanPtr* plan, PassContext& context);
absl::StatusOr<bool> ScanFirstTimes(algebra::PlanPtr* plan, PassContext& context);
absl::StatusOr<bool> PathLengths(algebra::PlanPtr* plan, PassContext& context);
absl::StatusOr<bool> MergeRepeats(algebra::PlanPtr* plan, PassContext& context);
absl::StatusOr<bool> StopAtFirstRow(algebra::PlanPtr* plan, PassContext& context);

}  // namespace annals::optimizer

#endif  // QUERY_OPTIMIZER_PASSES_H_

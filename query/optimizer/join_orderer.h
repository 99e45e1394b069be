// The order in which joining inputs, one after the other, is expected to cost least.
#ifndef QUERY_OPTIMIZER_JOIN_ORDERER_H_
#define QUERY_OPTIMIZER_JOIN_ORDERER_H_

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "query/optimizer/cardinality.h"
#include "query/optimizer/rewrite.h"

namespace annals::optimizer {

struct JoinInput {
  Estimate estimate;
  Variables columns;
  Variables probes;  // columns by whose values it can be looked up
  double cost = 0;   // of its rows, where that is more than reading them
  std::optional<SampledInput> sampled = std::nullopt;
};
// One for each of a join's inputs.
absl::StatusOr<std::vector<JoinInput>> MakeJoinInputs(std::span<const algebra::PlanPtr> plans,
                                                      Estimator& estimator);

struct JoinOrder {
  std::vector<size_t> inputs;
  double cost = 0;  // in units of a row that a scan gives
};
// The best of all orders of up to 12 inputs; of more a good one, found greedily. As written where
// costs are equal. At least one input.
absl::StatusOr<JoinOrder> OrderOf(const std::vector<JoinInput>& inputs, Estimator& estimator);

}  // namespace annals::optimizer

#endif  // QUERY_OPTIMIZER_JOIN_ORDERER_H_

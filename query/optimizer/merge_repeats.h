// Which patterns merge_repeats can read by runs of equal rows, for passes that weigh that.
#ifndef QUERY_OPTIMIZER_MERGE_REPEATS_H_
#define QUERY_OPTIMIZER_MERGE_REPEATS_H_

#include <optional>

#include "query/algebra/plan.h"
#include "storage/base/status.h"
#include "storage/graph/view.h"

namespace annals::optimizer {

// Rows that are equal in all that the pattern reads stand side by side in some permutation.
bool CanMergeRepeats(const algebra::Scan& scan);
// Of a pattern that reads but the subjects of a predicate, which stand side by side below each
// object: about how many rows it then gives. Nothing where the facts hardly repeat a pair.
absl::StatusOr<std::optional<double>> PairsOf(const algebra::Scan& scan, const GraphView& view);

}  // namespace annals::optimizer

#endif  // QUERY_OPTIMIZER_MERGE_REPEATS_H_

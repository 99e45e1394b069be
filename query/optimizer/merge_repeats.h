// Which patterns merge_repeats can read by runs of equal rows, for passes that weigh that.
#ifndef QUERY_OPTIMIZER_MERGE_REPEATS_H_
#define QUERY_OPTIMIZER_MERGE_REPEATS_H_

#include "query/algebra/plan.h"

namespace annals::optimizer {

// Rows that are equal in all that the pattern reads stand side by side in some permutation.
bool CanMergeRepeats(const algebra::Scan& scan);

}  // namespace annals::optimizer

#endif  // QUERY_OPTIMIZER_MERGE_REPEATS_H_

// What a condition says of two times' distance, widened so that no row for which it is true is
// left out.
#ifndef QUERY_OPTIMIZER_TIME_GAPS_H_
#define QUERY_OPTIMIZER_TIME_GAPS_H_

#include <vector>

#include "query/algebra/plan.h"

namespace annals::optimizer {

// Where the condition is true and both variables of a gap are times, the gap holds.
std::vector<algebra::TimeGap> GapsOf(const algebra::Expression& condition);
// Of all of them.
std::vector<algebra::TimeGap> GapsOf(const std::vector<algebra::ExpressionPtr>& conditions);

}  // namespace annals::optimizer

#endif  // QUERY_OPTIMIZER_TIME_GAPS_H_

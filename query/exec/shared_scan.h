// Which plans several threads can run together, each over shares of one scan.
#ifndef QUERY_EXEC_SHARED_SCAN_H_
#define QUERY_EXEC_SHARED_SCAN_H_

#include <vector>

#include "query/algebra/plan.h"

namespace annals::exec {

// The pattern whose rows can be shared out, so that the plan's rows are those of the shares one
// after the other: of filters, extensions and projections over one pattern, or over a join of
// patterns the first of them. Null if the plan is anything else.
const algebra::Scan* SharedScanOf(const algebra::Plan& plan);

// The join (of any kind) below filters, extensions and projections whose batches threads can share.
// Null if the plan is anything else.
const algebra::Plan* SharedJoinOf(const algebra::Plan& plan);
// The patterns that a join brings together. Those with constants in two places are left out: they
// are surely small.
std::vector<const algebra::Scan*> LargePatternsOf(const algebra::Plan& plan);

}  // namespace annals::exec

#endif  // QUERY_EXEC_SHARED_SCAN_H_

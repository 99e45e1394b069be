// Which plans several threads can run together, each over shares of one scan.
#ifndef QUERY_EXEC_SHARED_SCAN_H_
#define QUERY_EXEC_SHARED_SCAN_H_

#include "query/algebra/plan.h"

namespace annals::exec {

// The pattern whose rows can be shared out, so that the plan's rows are those of the shares one
// after the other: of filters, extensions and projections over one pattern, or over a join of
// patterns the first of them. Null if the plan is anything else.
const algebra::Scan* SharedScanOf(const algebra::Plan& plan);

}  // namespace annals::exec

#endif  // QUERY_EXEC_SHARED_SCAN_H_

// Whether a plan is one: checked after every pass in debug builds.
#ifndef QUERY_OPTIMIZER_VERIFY_H_
#define QUERY_OPTIMIZER_VERIFY_H_

#include "query/algebra/plan.h"
#include "storage/base/status.h"

namespace annals::optimizer {

// Internal, and which rule is broken: joins have two children or more and unions one, rows of
// Values fit their columns, sorts and ties read columns that are there, groups have their keys and
// each OuterRef stands on the right side of the join that feeds it.
// `fed`: the number of the OuterRefs that are fed from outside, as in the plan of an exists; 0:
// none.
absl::Status VerifyPlan(const algebra::Plan& plan, int fed = 0);

}  // namespace annals::optimizer

#endif  // QUERY_OPTIMIZER_VERIFY_H_

#include "query/exec/make_join.h"

#include <algorithm>

#include "query/algebra/build.h"

namespace annals::exec {
namespace {

// Never a name that a question can write.
constexpr const char* kFactVariable = ".sourced fact";

}  // namespace

absl::StatusOr<OperatorPtr> MakePatternScan(const algebra::Scan& scan,
                                            const algebra::Variable& sort_first,
                                            Context& context) {
  return MakeScan(PlanScan(scan, {}, sort_first), context);
}

absl::StatusOr<OperatorPtr> MakeJoinOf(const std::vector<algebra::PlanPtr>& children,
                                       const MakeChild& make_child,
                                       const MakeConditionsOf& make_conditions, Context& context) {
  ANNALS_ASSIGN_OR_RETURN(OperatorPtr joined, make_child(*children[0]));
  Variables certain = algebra::CertainVariablesOf(*children[0]);
  for (size_t i = 1; i < children.size(); ++i) {
    ANNALS_ASSIGN_OR_RETURN(OperatorPtr right, make_child(*children[i]));
    const Variables right_certain = algebra::CertainVariablesOf(*children[i]);
    JoinShape shape =
        MakeJoinShape(joined->variables(), right->variables(), certain, right_certain);
    joined = MakeHashJoin(std::move(shape), std::move(joined), std::move(right), context);
    algebra::AddVariables(right_certain, &certain);
  }
  return joined;
}

}  // namespace annals::exec

// Which operators scan a pattern, and which join a list of inputs.
#ifndef QUERY_EXEC_MAKE_JOIN_H_
#define QUERY_EXEC_MAKE_JOIN_H_

#include <functional>
#include <optional>
#include <vector>

#include "query/exec/operators.h"

namespace annals::exec {

using MakeChild = std::function<absl::StatusOr<OperatorPtr>(const algebra::Plan& plan)>;
using MakeConditionsOf = std::function<absl::StatusOr<RowConditions>(
    const std::vector<algebra::ExpressionPtr>& conditions, const Variables& columns)>;

// The rows of a pattern, in the order of `sort_first` if one of the best permutations has that. One
// with a source reads the permutation by source, or the facts and then the sources of each.
absl::StatusOr<OperatorPtr> MakePatternScan(const algebra::Scan& scan,
                                            const algebra::Variable& sort_first, Context& context);

// Left-deep, in the order given. Two inputs are joined by merging where both are sorted by the one
// variable that they surely share (with more of them, the rows that agree on one may be far too
// many); by looking up the left rows where the right one is a pattern and the left turns out
// small; else by hashing. Where the times of two inputs must be near each other they are hashed,
// and of equal keys only what is near is looked at.
absl::StatusOr<OperatorPtr> MakeJoinOf(const algebra::Join& join, const MakeChild& make_child,
                                       const MakeConditionsOf& make_conditions, Context& context);

// Looks up the left rows of a left join or semijoin in its right side, if that is a pattern, or a
// union of such, with a variable of `left_certain`. `columns` are those that the right side gives.
absl::StatusOr<std::optional<RightSide::Lookup>> MakeLookup(
    const algebra::Plan& right, const Variables& columns, const Variables& left_certain,
    const MakeChild& make_child, const MakeConditionsOf& make_conditions, Context& context);

// The right side of a left join or semijoin whose left rows have `left_certain`, where it holds
// paths: these are followed only from the values that the left gives. Nullopt where there is
// nothing to follow so.
absl::StatusOr<std::optional<RightSide>> MakeGivenSide(const algebra::Plan& right,
                                                       const Variables& left_certain,
                                                       const MakeChild& make_child,
                                                       const MakeConditionsOf& make_conditions,
                                                       Context& context);

}  // namespace annals::exec

#endif  // QUERY_EXEC_MAKE_JOIN_H_

// Groups of sorted rows that are only counted.
#ifndef QUERY_EXEC_COUNT_RUNS_H_
#define QUERY_EXEC_COUNT_RUNS_H_

#include "query/exec/operators.h"

namespace annals::exec {

// Does the operator give rows with equal keys one after the other?
bool GivesGroups(const Operator& rows, const Variables& keys);

// As MakeGroup, for an input that GivesGroups of these keys and counts of rows alone. Groups are
// given as they end, in the order of the input, and none are kept.
OperatorPtr MakeCountRuns(OperatorPtr input, const Variables& keys,
                          std::vector<AggregateColumn> counts, Context& context);

}  // namespace annals::exec

#endif  // QUERY_EXEC_COUNT_RUNS_H_

// `exists { }` in an expression.
#ifndef QUERY_EXEC_EXISTS_H_
#define QUERY_EXEC_EXISTS_H_

#include <functional>
#include <memory>

#include "query/exec/evaluator.h"
#include "query/exec/operators.h"

namespace annals::exec {

// A row passes if the plan that `make` gives operators for has a row that agrees with it. `columns`
// are those of the rows to test; with those `beside` they are the left side of `shape`. If `outer`
// is given it is filled with the rows at hand and the plan run again for each batch; else it is run
// once.
std::unique_ptr<RowTest> MakeExistsTest(JoinShape shape, Variables columns,
                                        std::vector<algebra::Beside> beside,
                                        std::function<absl::StatusOr<OperatorPtr>()> make,
                                        std::shared_ptr<OuterRelation> outer, Context& context);

}  // namespace annals::exec

#endif  // QUERY_EXEC_EXISTS_H_

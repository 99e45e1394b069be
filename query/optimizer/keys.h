// Which columns tell the rows of a plan apart.
#ifndef QUERY_OPTIMIZER_KEYS_H_
#define QUERY_OPTIMIZER_KEYS_H_

#include <optional>

#include "query/optimizer/rewrite.h"

namespace annals::optimizer {

// Columns on which no two rows agree; nullopt: none are known. No columns: at most one row.
std::optional<Variables> KeyOf(const algebra::Plan& plan);

}  // namespace annals::optimizer

#endif  // QUERY_OPTIMIZER_KEYS_H_

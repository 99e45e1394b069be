// Plans and expressions as canonical text: what `explain` shows and tests compare.
#ifndef QUERY_ALGEBRA_DUMP_H_
#define QUERY_ALGEBRA_DUMP_H_

#include <functional>
#include <string>

#include "query/algebra/plan.h"

namespace annals::algebra {

// Text of an id of the store, for the constants of patterns.
using IdText = std::function<std::string(TermId id)>;

// What is to stand at the end of a node's line, such as what was measured.
using NodeText = std::function<std::string(const Plan& plan)>;

// A node a line, children indented by two spaces, with the rows expected where they are known:
//     distinct ?who
//       join
//         scan (?who, met, Kim Jong-un, ?when)  ~12 rows
std::string DumpPlan(const Plan& plan, const IdText& id_text, const NodeText& node_text = nullptr);
std::string DumpExpression(const Expression& expression, const IdText& id_text);

}  // namespace annals::algebra

#endif  // QUERY_ALGEBRA_DUMP_H_

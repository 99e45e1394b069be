// Plans evaluated as their definition says, row by row, with no thought of speed.
#ifndef TESTS_UNIT_EXEC_REFERENCE_H_
#define TESTS_UNIT_EXEC_REFERENCE_H_

#include <map>
#include <string>
#include <vector>

#include "query/algebra/plan.h"
#include "tests/unit/exec/memory_source.h"

namespace annals::exec {

// Empty values are left out.
using ReferenceRow = std::map<std::string, Term>;
using ReferenceRows = std::vector<ReferenceRow>;

ReferenceRows EvaluateByDefinition(const algebra::Plan& plan, const MemorySource& source);

// A row as text, one value a column.
std::string RowText(const std::vector<Term>& row);
std::string RowText(const ReferenceRow& row, const std::vector<std::string>& columns);

}  // namespace annals::exec

#endif  // TESTS_UNIT_EXEC_REFERENCE_H_

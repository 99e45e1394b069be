// The parts of the function table, one a file; function.cc puts them together.
#ifndef QUERY_FUNCTIONS_TABLES_H_
#define QUERY_FUNCTIONS_TABLES_H_

#include <span>

#include "query/functions/function.h"

namespace annals::functions {

std::span<const Function> TextFunctions();
std::span<const Function> NumberFunctions();
std::span<const Function> TermFunctions();
std::span<const Function> TimeFunctions();
std::span<const Function> FactFunctions();

}  // namespace annals::functions

#endif  // QUERY_FUNCTIONS_TABLES_H_

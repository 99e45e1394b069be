// Which variables a formula can bind and which its conditions need, found from the AST alone.
#ifndef QUERY_NATIVE_SCOPE_H_
#define QUERY_NATIVE_SCOPE_H_

#include <string>
#include <vector>

#include "query/native/ast.h"

namespace annals::native {

struct VariableUse {
  std::string name;
  Span span;
};

// Variables that some row of the formula may have a value for, in the order in which the formula
// first names them (in a condition as well), each once. What stands only in a `not` or a condition
// is not bound.
std::vector<VariableUse> BoundVariables(const Formula& formula);

// Those that something else than a list `?x in (...)` binds, in any order.
std::vector<VariableUse> BoundBesidesLists(const Formula& formula);

// Variables that conditions, lets and orderings read (also those deep in `not` and `optional`)
// and that the formula around them, up to `formula` itself, does not bind.
std::vector<VariableUse> NeededVariables(const Formula& formula);
// These, and what a `not`, an `optional`, an `exists` or a list in it names and the patterns beside
// that do not bind.
std::vector<VariableUse> VariablesReadBy(const Formula& formula);
std::vector<VariableUse> VariablesOf(const Expr& expr);
// These, and all that an `exists` in it names.
std::vector<VariableUse> VariablesSeenBy(const Expr& expr);

bool HoldsAggregate(const Expr& expr);
bool IsAggregate(const std::string& function);

// The variable of a condition `?x in (...)`, which binds it where nothing else does.
const TermExpr* ListedVariable(const Formula& formula);

// Patterns, path steps and conditions of a formula, those inside others too.
size_t CountParts(const Formula& formula);

// The parts of a group: those of an `and`, else the formula itself.
std::vector<const Formula*> PartsOf(const Formula& formula);

}  // namespace annals::native

#endif  // QUERY_NATIVE_SCOPE_H_

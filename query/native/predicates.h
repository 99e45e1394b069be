// Which predicates a formula asks for, found from the AST alone.
#ifndef QUERY_NATIVE_PREDICATES_H_
#define QUERY_NATIVE_PREDICATES_H_

#include <vector>

#include "query/native/ast.h"

namespace annals::native {

// One step of a pattern's predicate, as written.
struct PredicateUse {
  const TermExpr* term;
  // More facts of it can't take rows away: it is not inside `not`, `optional`, `exists`, `!`, or a
  // question inside the question.
  bool positive = true;
  // It may be taken any number of times (a path), so that its facts are not known one by one.
  bool repeated = false;
};

std::vector<PredicateUse> PredicatesOf(const Formula& formula);
std::vector<PredicateUse> PredicatesOf(const Find& find);

}  // namespace annals::native

#endif  // QUERY_NATIVE_PREDICATES_H_

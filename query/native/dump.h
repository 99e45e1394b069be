// The syntax tree as text, in one canonical form: what the tests of the parser compare.
#ifndef QUERY_NATIVE_DUMP_H_
#define QUERY_NATIVE_DUMP_H_

#include <string>

#include "query/native/ast.h"

namespace annals::native {

// One line in the manner of Lisp, without spans: the same tree always gives the same text, and
// trees that differ in more than spans give different ones.
//
//     add (a, `b`, 5) {k: "v"} from (s)
//     (add (fact 'a' `b` '5' {'k': "v"} from 's'))
//
// Words stand in single quotes, whatever they may mean in their place; other terms as in the
// language. Line breaks and control characters in texts are escaped.
std::string DumpAst(const Statement& statement);
std::string DumpAst(const Formula& formula);
std::string DumpAst(const Expr& expr);
std::string DumpAst(const TermExpr& term);

}  // namespace annals::native

#endif  // QUERY_NATIVE_DUMP_H_

// Checks of told facts and declarations that the grammar alone can't make.
#ifndef QUERY_NATIVE_VALIDATE_H_
#define QUERY_NATIVE_VALIDATE_H_

#include <string>

#include "query/native/ast.h"
#include "query/native/terms.h"
#include "storage/base/source_text.h"
#include "storage/base/status.h"
#include "storage/model/term.h"

namespace annals::native {

// A fact to be told has no variables, paths or `as`. Returns its predicate.
absl::StatusOr<const TermExpr*> CheckFact(const Pattern& fact, const SourceText& text);

// What may stand in a dataset file: declarations and facts, no questions, no begin, no load.
absl::Status CheckDatasetStatement(const Statement& statement, const SourceText& text);

// What may be declared of a predicate in this version.
// A rule as it is kept: as written, after the prefixes that it uses.
std::string RuleText(std::string_view written, const Prefixes& prefixes);
// A rule as far as it can be judged alone: the head is one fact whose variables the body binds, and
// the body names its predicates, one step a pattern.
absl::Status CheckRule(const Rule& rule, const SourceText& text);
absl::Status CheckPredicateDecl(const PredicateDecl& declaration, const SourceText& text);

// The error for a spelling that is another entity's own name.
absl::Status AliasIsEntity(const TermExpr& spelling, const Term& entity, const SourceText& text);

// Blank nodes are local to one script: their labels get a prefix that no other script has.
std::string FreshBlankPrefix();

}  // namespace annals::native

#endif  // QUERY_NATIVE_VALIDATE_H_

// What rules and transitive predicates derive. A rule is kept as a fact, (colleague of, rule,
// "rule (...) if ..."); what it derives is computed when a question asks for its predicate and kept
// until the next commit, as facts beside those of the store.
//
// Rules are evaluated stratum by stratum, semi-naive within one (F. Bancilhon, R. Ramakrishnan, "An
// Amateur's Introduction to Recursive Query Processing Strategies", 1986): each round runs a body
// once for each step that reads what the round before derived.
//
// A derived fact holds while all of its parts do: its time is what the times of its parts have in
// common (an undated part says nothing about it), unless the rule's head gives one.
#ifndef ANNALS_RULES_H_
#define ANNALS_RULES_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "annals/question.h"
#include "query/native/ast.h"
#include "query/native/predicates.h"

namespace annals {

// A rule of the store, ready to be run.
struct StoredRule {
  std::string text;  // with the prefixes that it needs before it
  native::Prefixes prefixes;
  native::Rule rule;
  TermId predicate;  // of its head
};

// One way in which a fact was derived.
struct Derivation {
  std::shared_ptr<const std::string> rule;  // its text, or what is declared
  std::vector<uint64_t> parts;              // numbers of the facts that it was derived from
};

class Derivations {
 public:
  std::shared_ptr<const GraphView> base;  // without them
  std::shared_ptr<const GraphView> view;  // with them
  std::set<TermId> asked;                 // the predicates with rules that were asked for
  std::map<uint64_t, Derivation> by_fact;
  uint64_t bytes = 0;  // that all this takes
};

// The context with what is derived for these predicates in its view.
absl::StatusOr<QuestionContext> WithDerived(const std::vector<native::PredicateUse>& uses,
                                            QuestionContext context);

// The rules of a store in the order in which they are listed: by predicate and text.
absl::StatusOr<std::vector<StoredRule>> ReadRules(const GraphView& view);

// Of a rule that native::CheckRule has passed: is it one that can be run beside those that are
// there? Its absence must not be what makes it true, through any rules.
absl::Status CheckNewRule(const native::Rule& rule, const QuestionContext& context);

}  // namespace annals

#endif  // ANNALS_RULES_H_

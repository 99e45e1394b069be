// The naive evaluator: what a question means, computed from its syntax tree over a plain list of
// facts, one binding at a time. Slow, and sharing nothing with the engine but the parser and the
// values, so that the two can check each other.
#ifndef TESTS_ORACLE_NAIVE_H_
#define TESTS_ORACLE_NAIVE_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "query/native/ast.h"
#include "storage/model/term.h"

namespace annals::oracle {

struct NaiveFact {
  uint64_t number = 0;
  Term subject, predicate, object;
  std::optional<Time> time;
  std::set<std::string> sources;  // names; "" for a telling without one
};

struct World {
  std::vector<NaiveFact> facts;
  std::set<std::string> symmetric;             // predicates
  std::map<std::string, std::string> aliases;  // spelling to name
  uint64_t next_number = 1;

  // Tells a fact and returns its number; a known one gains the source.
  uint64_t Tell(const Term& subject, const Term& predicate, const Term& object,
                const std::optional<Time>& time, const std::string& source);
  // Takes a fact away with the qualifiers that are about it.
  void Remove(uint64_t number);
  const NaiveFact* Find(uint64_t number) const;
};

// Values of variables; one that is missing or undefined is empty.
using Binding = std::map<std::string, Term>;

// Each once, whatever their empty values.
std::vector<Binding> Distinct(std::vector<Binding> bindings);

struct Answer {
  std::vector<std::string> columns;
  std::vector<std::vector<Term>> rows;  // a set, or in order if the question orders
  bool yes = false;                     // of a question without columns
};

class Naive {
 public:
  explicit Naive(const World& world) : world_(world) {}
  Answer Ask(const native::Find& find) const;

 private:
  using Bindings = std::vector<Binding>;
  using Names = std::set<std::string>;
  // `outside`: what conditions may read besides; bindings come back without it. `taken`: what the
  // siblings bind of a group that is distributed over them, so that a list there only tests it.
  Bindings Evaluate(const native::Formula& formula, const Binding& outside) const;
  // Has the formula a row that agrees with this one?
  bool Exists(const native::Formula& formula, const Binding& row) const;
  Bindings EvaluateGroup(const std::vector<const native::Formula*>& parts, const Binding& outside,
                         const Names& taken = {}) const;
  std::optional<Bindings> EvaluateDistributed(const std::vector<const native::Formula*>& parts,
                                              const Binding& outside, const Names& bound) const;
  Bindings WithOptional(const Bindings& rows, const native::Formula& inner,
                        const Binding& outside) const;
  // Is a condition true, or does a `not` find nothing?
  bool Passes(const native::Formula& test, const Binding& visible) const;
  Bindings EvaluateJoined(const native::Formula& part, const Binding& outside) const;
  Bindings Match(const native::Pattern& pattern) const;
  Bindings MatchChains(const native::Pattern& pattern, bool shortest, bool ordered,
                       const std::string& variable) const;
  void MatchStep(const native::Pattern& pattern, const native::Path& step, bool inverse,
                 Bindings* out) const;
  Bindings Subquestion(const native::Find& find) const;
  bool MatchFact(const native::Pattern& pattern, const native::TermExpr* predicate,
                 const NaiveFact& fact, bool mirrored, Bindings* out) const;
  bool Bind(const native::TermExpr& expr, const Term& value, bool name_place,
            Binding* binding) const;
  Term Constant(const native::TermExpr& expr, bool name_place, bool date_place) const;

  Term Value(const native::Expr& expr, const Binding& row, const Bindings* group) const;
  Term Binary(const native::ExprBinary& binary, bool possibly, const Binding& row,
              const Bindings* group) const;
  Term Call(const native::ExprCall& call, const Binding& row, const Bindings* group) const;
  Term Aggregate(const native::ExprCall& call, const Bindings& group) const;
  bool InList(const Term& value, const std::vector<native::TermExpr>& list,
              const Binding& row) const;
  bool True(const native::Expr& expr, const Binding& row) const;

  const World& world_;
};

}  // namespace annals::oracle

#endif  // TESTS_ORACLE_NAIVE_H_

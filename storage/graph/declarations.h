// What is declared of predicates. Declarations are facts like any other: (met, is, symmetric),
// (employs, inverse of, works for), (signed, implies, knows of); here they are read together.
#ifndef STORAGE_GRAPH_DECLARATIONS_H_
#define STORAGE_GRAPH_DECLARATIONS_H_

#include <string_view>
#include <utility>
#include <vector>

#include "storage/base/status.h"
#include "storage/model/term_id.h"

namespace annals {

class GraphView;

inline constexpr std::string_view kIsPredicate = "is";
inline constexpr std::string_view kSymmetric = "symmetric";
inline constexpr std::string_view kTransitive = "transitive";
inline constexpr std::string_view kSingle = "single";
inline constexpr std::string_view kInverseOf = "inverse of";
inline constexpr std::string_view kImplies = "implies";
inline constexpr std::string_view kMergedInto = "merged into";
inline constexpr std::string_view kRule = "rule";  // (colleague of, rule, "rule (...) if ...")

struct Declarations {
  // A fact (?a, predicate, ?b), or reversed (?b, predicate, ?a).
  struct Way {
    TermId predicate;
    bool reversed = false;
    friend auto operator<=>(const Way&, const Way&) = default;
  };

  // Why a fact counts as one of another predicate, or the other way round.
  struct Reason {
    TermId predicate;
    std::string_view kind;  // kSymmetric, kInverseOf or kImplies
    TermId other;           // of the latter two
  };

  // Each in id order.
  std::vector<TermId> symmetric, transitive, single;
  std::vector<std::pair<TermId, TermId>> inverse;  // (p, q): p is the inverse of q, and q of p
  std::vector<std::pair<TermId, TermId>> implies;  // (p, q): where p holds, q does
  std::vector<std::pair<TermId, TermId>> rules;    // (p, text of a rule that derives p)

  std::vector<std::pair<TermId, TermId>> merged;  // (a, b): a is b

  // The entity that an id stands for.
  TermId Canonical(TermId id) const;
  // The facts that count as (?a, predicate, ?b): that one first, then what symmetric, inverse and
  // implied predicates add, and what these add in turn.
  std::vector<Way> WaysOf(TermId predicate) const;
  // What makes a fact (?a, way.predicate, ?b), reversed or not, count as (?a, predicate, ?b): the
  // declarations in turn, none if it doesn't.
  std::vector<Reason> ReasonsFor(TermId predicate, Way way) const;
  // Predicates whose facts others may count as: those with more than one way.
  std::vector<TermId> WithWays() const;

  // Rules and transitive predicates: facts are derived when a question is asked.
  bool derives() const { return !rules.empty() || !transitive.empty(); }
  bool IsSymmetric(TermId predicate) const;
  bool IsTransitive(TermId predicate) const;
  bool IsSingle(TermId predicate) const;

 private:
  struct Search;
  Search SearchFrom(TermId predicate) const;
};

// A read of a few short ranges; GraphView::Declared() keeps it.
absl::StatusOr<Declarations> ReadDeclarations(const GraphView& view);

}  // namespace annals

#endif  // STORAGE_GRAPH_DECLARATIONS_H_

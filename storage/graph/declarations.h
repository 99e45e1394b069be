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

struct Declarations {
  // A fact (?a, predicate, ?b), or reversed (?b, predicate, ?a).
  struct Way {
    TermId predicate;
    bool reversed = false;
    friend auto operator<=>(const Way&, const Way&) = default;
  };

  // Each in id order.
  std::vector<TermId> symmetric, transitive, single;
  std::vector<std::pair<TermId, TermId>> inverse;  // (p, q): p is the inverse of q, and q of p
  std::vector<std::pair<TermId, TermId>> implies;  // (p, q): where p holds, q does

  // The facts that count as (?a, predicate, ?b): that one first, then what symmetric, inverse and
  // implied predicates add, and what these add in turn.
  std::vector<Way> WaysOf(TermId predicate) const;
  // Predicates whose facts others may count as: those with more than one way.
  std::vector<TermId> WithWays() const;

  bool IsSymmetric(TermId predicate) const;
  bool IsTransitive(TermId predicate) const;
  bool IsSingle(TermId predicate) const;
};

// A read of a few short ranges; GraphView::Declared() keeps it.
absl::StatusOr<Declarations> ReadDeclarations(const GraphView& view);

}  // namespace annals

#endif  // STORAGE_GRAPH_DECLARATIONS_H_

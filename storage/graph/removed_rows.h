// The rows that a new generation leaves out, since a replacing load takes them back: three bits for
// each fact of the store, however many they are.
#ifndef STORAGE_GRAPH_REMOVED_ROWS_H_
#define STORAGE_GRAPH_REMOVED_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "storage/base/status.h"
#include "storage/graph/fact_set.h"
#include "storage/graph/graph_view.h"
#include "storage/graph/relation.h"
#include "storage/graph/view.h"

namespace annals {

// Threads: when it is complete any number may read it.
class RemovedRows {
 public:
  // Of a fact that Lose was called for: does it lose this telling? Any thread may call it.
  using IsLost = std::function<bool(uint64_t fact, TermId source)>;

  // `last_fact` is that of the store.
  RemovedRows(uint64_t last_fact, IsLost is_lost)
      : is_lost_(std::move(is_lost)), lose_(last_fact), all_(last_fact), gone_(last_fact) {}

  void Lose(uint64_t fact) { lose_.Add(fact); }

  struct Completion {
    const StoredView& view;
    // Facts that get another source at the same time, and so stay.
    const FactSet& gaining;
    std::function<absl::Status()> check;  // called now and then, may be unset; its error ends it
    // Called for each telling that is taken back, with the transaction that told it, and for each
    // fact that goes.
    std::function<absl::Status(const Assertion&)> telling;
    std::function<absl::Status(const Fact&)> fact;
  };
  // Finds what goes with the last telling of a fact: the fact, what was said about it, and so on.
  // To be called once, when all is said that is lost.
  absl::Status Complete(const Completion& completion);

  bool HasFact(uint64_t fact) const { return gone_.Has(fact); }
  // Takes them out of the first `rows` of a permutation's columns; returns how many are left.
  size_t TakeOut(Permutation permutation, size_t rows,
                 std::vector<std::vector<TermId>>* columns) const;

 private:
  class Completer;

  bool HasTelling(uint64_t fact, TermId source) const {
    return gone_.Has(fact) || all_.Has(fact) || (lose_.Has(fact) && is_lost_(fact, source));
  }

  const IsLost is_lost_;
  FactSet lose_;  // those tellings that are lost
  FactSet all_;   // every telling, since what they are about goes
  FactSet gone_;
};

}  // namespace annals

#endif  // STORAGE_GRAPH_REMOVED_ROWS_H_

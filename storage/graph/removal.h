// What a removal takes back, found in sorted passes before anything is written: the tellings, the
// facts that go with their last one, what was said about those, and what then has nothing left.
#ifndef STORAGE_GRAPH_REMOVAL_H_
#define STORAGE_GRAPH_REMOVAL_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "storage/base/status.h"
#include "storage/graph/graph_view.h"
#include "storage/graph/relation.h"
#include "storage/graph/store.h"

namespace annals {

struct RemovalPlan {
  std::vector<Assertion> tellings;  // with the transactions that told them
  std::vector<Fact> facts;          // that go
  // Of the facts that go, by their predicate's bits: subjects and objects that it has no more.
  struct Distinct {
    uint64_t subjects = 0, objects = 0;
  };
  absl::flat_hash_map<uint64_t, Distinct> distinct;
  uint64_t sources = 0;  // that tell nothing any more
};

// Removals of what is not there are passed over, and so is what is named twice. `check` (it may be
// unset) is called now and then; its error ends the search.
absl::StatusOr<RemovalPlan> PlanRemoval(const StoredView& view, const Removals& removals,
                                        const std::function<absl::Status()>& check);

// What the history keeps of a telling that is taken back by `transaction`.
struct HistoryRow {
  std::string key, value;
};
HistoryRow HistoryRowOf(const Assertion& telling, uint64_t transaction);

}  // namespace annals

#endif  // STORAGE_GRAPH_REMOVAL_H_

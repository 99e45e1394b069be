// What a replacing load that is matched with the store takes back: the tellings of its sources that
// it doesn't have, and what goes with them.
#ifndef STORAGE_GRAPH_LOAD_LOSSES_H_
#define STORAGE_GRAPH_LOAD_LOSSES_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "storage/base/status.h"
#include "storage/graph/fact_set.h"
#include "storage/graph/load_match.h"
#include "storage/graph/seen_facts.h"
#include "storage/graph/store.h"
#include "storage/graph/taken_back.h"

namespace annals {

struct LossOptions {
  std::vector<TermId> sources;  // that are replaced
  // What the match needs: facts that several of them tell, or something about.
  FactSet exact{0};
  uint64_t few = 0;  // so many removals are kept at most
  TakingBackOptions taking_back;
};

// Sets `exact` from the sources.
absl::Status FindExact(const StoredView& view, LossOptions* options);

class LoadLosses {
 public:
  // Finds what is lost and counts it in the match's result. All that is given must outlive it.
  static absl::StatusOr<std::unique_ptr<LoadLosses>> Find(LoadMatch& match, const StoredView& view,
                                                          const LossOptions& options);

  // For a store that is told fact by fact: what the sources lose. None if it is more than few.
  const std::optional<std::vector<Removal>>& removals() const { return removals_; }
  // For a new generation: all that goes.
  TakenBack& taken_back() { return taken_back_; }

 private:
  LoadLosses(const LoadMatch& match, const StoredView& view, const LossOptions& options);

  // Of what the store has from the source, and of what is in options.exact.
  bool IsTold(uint64_t fact, TermId source) const;
  absl::Status FindTellings(BulkLoad::Result* result);
  absl::Status FindRest(BulkLoad::Result* result);

  const LoadMatch& match_;
  const StoredView& view_;
  const LossOptions& options_;
  SeenFacts seen_;
  std::optional<std::vector<Removal>> removals_ = std::vector<Removal>();
  TakenBack taken_back_;
};

}  // namespace annals

#endif  // STORAGE_GRAPH_LOAD_LOSSES_H_

// What a replacing load that is matched with the store takes back: the tellings of its sources that
// it doesn't have, and what goes with them.
#ifndef STORAGE_GRAPH_LOAD_LOSSES_H_
#define STORAGE_GRAPH_LOAD_LOSSES_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/base/status.h"
#include "storage/graph/fact_set.h"
#include "storage/graph/history_rows.h"
#include "storage/graph/load_match.h"
#include "storage/graph/removed_rows.h"
#include "storage/graph/seen_facts.h"
#include "storage/graph/store.h"
#include "storage/kv/kv.h"

namespace annals {

struct LossOptions {
  std::vector<TermId> sources;  // that are replaced
  // What the match needs: facts that several of them tell, or something about.
  FactSet exact{0};
  uint64_t few = 0;                     // so many removals are kept at most
  uint64_t history_bytes = 0;           // of memory, for rows of the history
  std::string database;                 // where temporary files may be
  std::function<absl::Status()> check;  // called now and then, may be unset
};

// Sets `exact` from the sources.
absl::Status FindExact(const StoredView& view, LossOptions* options);

class LoadLosses {
 public:
  // Finds what is lost and counts it in the match's result. All that is given must outlive it.
  static absl::StatusOr<std::unique_ptr<LoadLosses>> Find(LoadMatch& match, const StoredView& view,
                                                          const LossOptions& options);

  // That are taken back, with those of what goes.
  uint64_t tellings() const { return history_.size(); }
  // For a store that is told fact by fact: what the sources lose. None if it is more than few.
  const std::optional<std::vector<Removal>>& removals() const { return removals_; }
  // For a new generation, which writes the history once.
  const RemovedRows& rows() const { return rows_; }
  HistoryRows& history() { return history_; }
  // Takes the spellings back that no fact gives any more. What is told at the same time is written
  // after it.
  absl::Status RemoveAliases(kv::Batch& batch) const;

 private:
  LoadLosses(const LoadMatch& match, const StoredView& view, const LossOptions& options);

  // Of what the store has from the source, and of what is in options.exact.
  bool IsTold(uint64_t fact, TermId source) const;
  absl::Status FindTellings(BulkLoad::Result* result);
  absl::Status FindRest(BulkLoad::Result* result);
  absl::StatusOr<bool> HasOtherAlias(const Fact& fact, const std::string& spelling) const;

  const LoadMatch& match_;
  const StoredView& view_;
  const LossOptions& options_;
  SeenFacts seen_;
  std::optional<std::vector<Removal>> removals_ = std::vector<Removal>();
  RemovedRows rows_;
  HistoryRows history_;
  std::vector<Fact> aliases_;  // facts that go and gave a spelling
};

}  // namespace annals

#endif  // STORAGE_GRAPH_LOAD_LOSSES_H_

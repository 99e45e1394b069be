// What a commit that writes a new generation takes back of the store: tellings, the facts that go
// with their last one, what was said about those, and spellings that no fact gives any more.
#ifndef STORAGE_GRAPH_TAKEN_BACK_H_
#define STORAGE_GRAPH_TAKEN_BACK_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "storage/base/status.h"
#include "storage/graph/fact_set.h"
#include "storage/graph/graph_view.h"
#include "storage/graph/history_rows.h"
#include "storage/graph/removed_rows.h"
#include "storage/graph/seen_facts.h"
#include "storage/kv/kv.h"
#include "storage/model/fact.h"

namespace annals {

struct TakingBackOptions {
  std::string database;       // where temporary files may be
  uint64_t memory_bytes = 0;  // of which rows of the history take a part
  // Called now and then, by one thread at a time; its error ends the search. May be unset.
  std::function<absl::Status()> check;
};

// Threads: one, but rows() may be read by any number when it is complete.
class TakenBack {
 public:
  // `view`, which must outlive this, is of the store before. `is_lost` is asked of facts that Lose
  // was called for, by any thread.
  TakenBack(const StoredView& view, RemovedRows::IsLost is_lost, TakingBackOptions options);

  void Lose(uint64_t fact) { rows_.Lose(fact); }
  // Finds what goes, once, when all is said that is lost. `gaining`: facts that get another source
  // in the same commit, and so stay. What merges make one is gone when all of it is; `told_anew`
  // says of a fact's number (SeenFacts::NumberOf) whether the commit tells it under another name,
  // and may be unset.
  absl::Status Complete(const FactSet& gaining, const SeenFacts& seen,
                        const std::function<bool(uint64_t fact)>& told_anew);

  uint64_t tellings() const { return history_.size(); }
  // That go, as they are seen; qualifiers are not counted.
  uint64_t gone_facts() const { return gone_facts_; }
  const RemovedRows& rows() const { return rows_; }
  // To be written once.
  HistoryRows& history() { return history_; }
  // Takes the spellings back. What is told at the same time is written after it.
  absl::Status RemoveAliases(kv::Batch& batch) const;

 private:
  absl::StatusOr<bool> HasOtherAlias(const Fact& fact, const std::string& spelling) const;

  const StoredView& view_;
  const TakingBackOptions options_;
  RemovedRows rows_;
  HistoryRows history_;
  uint64_t gone_facts_ = 0;
  std::vector<Fact> aliases_;  // facts that go and gave a spelling
};

}  // namespace annals

#endif  // STORAGE_GRAPH_TAKEN_BACK_H_

// Writing a new generation: the base, the delta and, for a large load, new rows are merged into
// packed blocks, taken in by one call, and one batch makes them the base.
#ifndef STORAGE_GRAPH_FOLD_H_
#define STORAGE_GRAPH_FOLD_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "storage/base/status.h"
#include "storage/graph/dictionary.h"
#include "storage/graph/meta.h"
#include "storage/graph/row_stream.h"
#include "storage/graph/store_core.h"
#include "storage/graph/taken_back.h"
#include "storage/graph/view.h"
#include "storage/kv/kv.h"

namespace annals {

struct GenerationInput {
  // The counters as they are to be. A load sets transaction (one more than before), last_fact,
  // last_term and packed_terms (= last_term); all that can be counted from the rows (facts,
  // assertions, predicates, sources, base_rows, delta_*) and the generation are set by
  // WriteGeneration.
  Meta meta;
  // Rows that the store does not hold, called once for each permutation, by several threads at
  // once; may be unset.
  std::function<absl::StatusOr<std::unique_ptr<RowStream>>(Permutation)> rows;
  // Terms that the store does not have, which get the numbers from its last on.
  std::span<const TermKey> terms;
  // What of the store is left out and kept in the history; may be null.
  TakenBack* lost = nullptr;
  // More writes for the batch that makes the generation current: aliases. May be unset.
  std::function<absl::Status(kv::Batch&)> also;
  // So many threads write relations, if there is enough to write; 0: as many as the machine has.
  size_t threads = 0;
  // What the rows of the new names may take in memory; 0: any.
  uint64_t name_bytes = 0;
  // Called now and then, by one thread at a time, with the rows of all relations that are written
  // or left out; an error ends it. May be unset.
  std::function<absl::Status(uint64_t rows)> progress;
};

// So many tellings are told or taken back with less work by a new generation than one by one.
uint64_t RowsForGeneration(const StoreCore& core);

// The caller holds the core's writer lock and `input.meta` descends from core.view()->meta().
// Writes the row of the transaction where meta.transaction is new, publishes the new view.
absl::Status WriteGeneration(StoreCore& core, const GenerationInput& input);

// Removes what a crash in WriteGeneration has left: blocks that no meta names.
absl::Status RemoveOrphans(kv::Store& kv, const Meta& meta);

}  // namespace annals

#endif  // STORAGE_GRAPH_FOLD_H_

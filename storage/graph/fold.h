// Writing a new generation: the base, the delta and, for a large load, new rows are merged into
// packed blocks, taken in by one call, and one batch makes them the base.
#ifndef STORAGE_GRAPH_FOLD_H_
#define STORAGE_GRAPH_FOLD_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "storage/base/status.h"
#include "storage/graph/meta.h"
#include "storage/graph/store_core.h"
#include "storage/graph/view.h"
#include "storage/kv/kv.h"

namespace annals {

// Rows of a permutation, column by column in its order, sorted, without duplicates.
using RowColumns = std::vector<std::vector<uint64_t>>;

struct GenerationInput {
  // The counters as they are to be. A load sets transaction (one more than before), last_fact,
  // last_term and packed_terms (= last_term); all that can be counted from the rows (facts,
  // assertions, predicates, sources, base_rows, delta_*) and the generation are set by
  // WriteGeneration.
  Meta meta;
  // Rows that the store does not hold, called once for each permutation; may be unset.
  std::function<absl::StatusOr<RowColumns>(Permutation)> rows;
  // Writes string blocks of the terms after the old packed_terms, and the hash index (relation 7)
  // of `generation`, and returns its rows; unset: FoldDictionary of dictionary.h.
  std::function<absl::StatusOr<uint64_t>(uint64_t generation, kv::Ingestion&)> dictionary;
  // Looks up the times of the load that the store's dictionary lacks; may be unset.
  std::function<absl::StatusOr<Term>(TermId)> term;
  // More writes for the batch that makes the generation current: names, aliases. May be unset.
  std::function<absl::Status(kv::Batch&)> also;
};

// The caller holds the core's writer lock and `input.meta` descends from core.view()->meta().
// Writes the row of the transaction where meta.transaction is new, publishes the new view.
absl::Status WriteGeneration(StoreCore& core, const GenerationInput& input);

// Removes what a crash in WriteGeneration has left: blocks that no meta names.
absl::Status RemoveOrphans(kv::Store& kv, const Meta& meta);

}  // namespace annals

#endif  // STORAGE_GRAPH_FOLD_H_

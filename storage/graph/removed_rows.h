// The rows that a new generation leaves out, since a replacing load takes them back.
#ifndef STORAGE_GRAPH_REMOVED_ROWS_H_
#define STORAGE_GRAPH_REMOVED_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "storage/base/status.h"
#include "storage/graph/removal.h"
#include "storage/graph/view.h"
#include "storage/kv/kv.h"

namespace annals {

// Threads: any number may read it.
class RemovedRows {
 public:
  // `last_fact` is that of the store that the plan was made for.
  RemovedRows(const RemovalPlan& plan, uint64_t last_fact);

  bool HasFact(uint64_t fact) const { return fact < gone_.size() && gone_[fact]; }
  // Takes them out of the first `rows` of a permutation's columns; returns how many are left.
  size_t TakeOut(Permutation permutation, size_t rows,
                 std::vector<std::vector<TermId>>* columns) const;

 private:
  // By number: most facts lose nothing, and need no look into a table.
  std::vector<bool> gone_, lose_;
  absl::flat_hash_set<std::pair<uint64_t, uint64_t>> tellings_;  // fact, source
};

// What a batch has to say of what is removed by `transaction`: the history, and the spellings that
// no fact gives any more. What is told at the same time is written after it.
absl::Status WriteRemoval(const RemovalPlan& plan, const RemovedRows& removed,
                          const StoredView& view, uint64_t transaction, kv::Batch& batch);

}  // namespace annals

#endif  // STORAGE_GRAPH_REMOVED_ROWS_H_

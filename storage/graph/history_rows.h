// Rows of the history that a large load writes: sorted in memory up to a limit, beyond it in a
// temporary file.
#ifndef STORAGE_GRAPH_HISTORY_ROWS_H_
#define STORAGE_GRAPH_HISTORY_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "storage/base/status.h"
#include "storage/graph/key_runs.h"
#include "storage/graph/relation.h"
#include "storage/kv/kv.h"

namespace annals {

class HistoryRows {
 public:
  // `transaction` takes them back; `database` says where a file may be (kv::ScratchFile).
  HistoryRows(std::string database, uint64_t transaction, uint64_t memory_bytes)
      : transaction_(transaction), memory_bytes_(memory_bytes), runs_(std::move(database)) {}

  absl::Status Add(const Assertion& telling);
  uint64_t size() const { return size_; }
  // Once, when all are there. `written` is called now and then with how many rows were written
  // since it was called last; its error ends it.
  absl::Status WriteTo(kv::IngestionFile& file,
                       const std::function<absl::Status(uint64_t rows)>& written = nullptr);

 private:
  const uint64_t transaction_;
  const uint64_t memory_bytes_;
  uint64_t size_ = 0;
  size_t bytes_ = 0;  // that the rows in memory take
  std::vector<KeyTable> in_memory_ = std::vector<KeyTable>(1);
  KeyRuns runs_;
};

// Deletes what a load has left that was cut off: rows of transactions after `transaction`.
absl::Status RemoveHistoryAfter(kv::Store& kv, uint64_t transaction);

}  // namespace annals

#endif  // STORAGE_GRAPH_HISTORY_ROWS_H_

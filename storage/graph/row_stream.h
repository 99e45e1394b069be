// Sorted rows of a permutation, as ids, some at a time.
#ifndef STORAGE_GRAPH_ROW_STREAM_H_
#define STORAGE_GRAPH_ROW_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "storage/base/status.h"

namespace annals {

class RowStream {
 public:
  virtual ~RowStream() = default;
  // Replaces the contents of the columns (as many as the permutation has) with the next rows and
  // returns how many; 0 means the end.
  virtual absl::StatusOr<size_t> Next(std::vector<std::vector<uint64_t>>& columns) = 0;
};

}  // namespace annals

#endif  // STORAGE_GRAPH_ROW_STREAM_H_

// Rows of codes as one sorted run: in memory if they fit there, else through temporary files.
#ifndef STORAGE_GRAPH_SORTED_ROWS_H_
#define STORAGE_GRAPH_SORTED_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "storage/base/buffer_pool.h"
#include "storage/base/status.h"
#include "storage/graph/code_rows.h"

namespace annals {

// They come in parts, which are read at once by several threads, each twice: first to count, when
// only the first column needs to be right.
template <size_t N>
struct RowParts {
  using Take = std::function<absl::Status(std::span<const CodeRow<N>>)>;
  // Gives the rows of a part, some at a time, to `take`; the same ones in both rounds.
  std::function<absl::Status(size_t part, bool first_column, const Take& take)> read;
  size_t parts = 1;
};

struct SortSpec {
  size_t columns = 1;             // sorts by the first so many
  uint32_t largest = 0;           // no value of the first column is larger
  uint64_t memory_bytes = 0;      // for all of it, about
  size_t threads = 1;             // that read parts and sort; 1: sorted only while it is read
  BufferPool* buffers = nullptr;  // where memory comes from
  std::string database;           // where temporary files may be
};

template <size_t N>
class SortedRows {
 public:
  virtual ~SortedRows() = default;
  // Empty at the end; valid until the next call. Rows that are equal in the columns that are sorted
  // by stand in the order of the parts and within them.
  virtual absl::StatusOr<std::span<const CodeRow<N>>> Next() = 0;
};

// N is 5 to 7. The pool must outlive what is returned.
template <size_t N>
absl::StatusOr<std::unique_ptr<SortedRows<N>>> SortParts(const RowParts<N>& rows,
                                                         const SortSpec& spec);

}  // namespace annals

#endif  // STORAGE_GRAPH_SORTED_ROWS_H_

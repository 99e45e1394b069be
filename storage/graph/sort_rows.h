// Sorting of rows of codes, in memory and beyond it.
#ifndef STORAGE_GRAPH_SORT_ROWS_H_
#define STORAGE_GRAPH_SORT_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "storage/base/buffer_pool.h"
#include "storage/base/status.h"
#include "storage/graph/code_rows.h"
#include "storage/kv/scratch_file.h"

namespace annals {

// Sorts by the first `columns` columns, the first one first; rows that are equal in these stay in
// their order. Needs `scratch` of the same size, and returns whichever of the two holds the result.
// N is 5 to 7.
template <size_t N>
std::span<CodeRow<N>> SortRows(std::span<CodeRow<N>> rows, std::span<CodeRow<N>> scratch,
                               size_t columns);

// Memory for many rows, not set to anything. The pool must outlive it.
template <size_t N>
class RowBuffer {
 public:
  RowBuffer(size_t rows, BufferPool& pool)
      : size_(rows), pool_(pool), buffer_(pool.Take(rows * sizeof(CodeRow<N>))) {}
  RowBuffer(const RowBuffer&) = delete;
  RowBuffer& operator=(const RowBuffer&) = delete;
  ~RowBuffer() { pool_.Give(buffer_); }
  std::span<CodeRow<N>> span() { return {reinterpret_cast<CodeRow<N>*>(buffer_.data), size_}; }

 private:
  const size_t size_;
  BufferPool& pool_;
  const BufferPool::Buffer buffer_;
};

// Takes rows in any order: as many as the memory holds are sorted at a time, and go to a temporary
// file if there are more.
template <size_t N>
class RowSorter {
 public:
  using Row = CodeRow<N>;

  // Sorts by the first `columns` columns. `rows` is how many will come at most, `database` where a
  // file may be.
  RowSorter(size_t columns, uint64_t rows, uint64_t memory_bytes, std::string database,
            BufferPool& buffers);

  absl::Status Add(const Row& row) {
    if (count_ == capacity_) ANNALS_RETURN_IF_ERROR(MakeRoom());
    rows_->span()[count_++] = row;
    return absl::OkStatus();
  }
  // After the last row.
  absl::Status Finish();

 private:
  template <size_t M>
  friend class MergedRows;

  absl::Status MakeRoom();
  std::span<Row> SortPresent();
  absl::Status Spill(std::span<const Row> sorted);

  const size_t columns_;
  const size_t capacity_;
  const std::string database_;
  BufferPool& buffers_;
  std::optional<RowBuffer<N>> rows_, scratch_;
  size_t count_ = 0;
  std::span<const Row> in_memory_;
  std::optional<kv::ScratchFile> file_;
  std::vector<uint64_t> run_ends_;  // in rows of the file
};

// Reads what finished sorters hold as one sorted run; equal rows in the order of the sorters and of
// what was added to each. They must outlive it.
template <size_t N>
class MergedRows {
 public:
  using Row = CodeRow<N>;

  MergedRows(std::span<const std::unique_ptr<RowSorter<N>>> sorters, uint64_t memory_bytes);

  // Empty at the end; valid until the next call.
  absl::StatusOr<std::span<const Row>> Next();

 private:
  struct Run {
    std::span<const Row> rows;  // in memory, not yet given
    const kv::ScratchFile* file = nullptr;
    uint64_t at = 0, end = 0;  // rows of the file not yet read
    std::vector<Row> buffer;
  };

  absl::Status Fill(Run& run);
  bool IsBefore(size_t a, size_t b) const;
  void Sift(size_t place);

  size_t columns_ = 0;
  size_t buffer_rows_ = 0;
  std::vector<Run> runs_;
  std::vector<size_t> heap_;  // the run with the least row on top
  std::vector<Row> out_;
  bool begun_ = false;
};

}  // namespace annals

#endif  // STORAGE_GRAPH_SORT_ROWS_H_

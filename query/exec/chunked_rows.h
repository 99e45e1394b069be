// Rows that an operator keeps while it reads its input.
#ifndef QUERY_EXEC_CHUNKED_ROWS_H_
#define QUERY_EXEC_CHUNKED_ROWS_H_

#include <cstdint>
#include <span>
#include <vector>

#include "query/exec/batch.h"
#include "query/exec/chunked_array.h"

namespace annals::exec {

class ChunkedRows {
 public:
  void Append(const Batch& batch) {
    columns_.resize(batch.columns.size());
    for (size_t i = 0; i < columns_.size(); ++i) columns_[i].Append(batch.columns[i]);
    rows_ += batch.rows;
  }

  size_t rows() const { return rows_; }  // also those without columns
  size_t width() const { return columns_.size(); }
  const ChunkedArray<TermId>& column(size_t i) const { return columns_[i]; }
  ChunkedArray<TermId>& column(size_t i) { return columns_[i]; }

  // The chosen rows, in that order, in place of what `to` held.
  void Gather(std::span<const uint32_t> rows, Batch* to) const {
    to->Reset(columns_.size());
    for (size_t i = 0; i < columns_.size(); ++i) {
      to->columns[i].resize(rows.size());
      for (size_t j = 0; j < rows.size(); ++j) to->columns[i][j] = columns_[i][rows[j]];
    }
    to->rows = rows.size();
  }

  uint64_t bytes() const {
    uint64_t sum = 0;
    for (const auto& column : columns_) sum += column.bytes();
    return sum;
  }

 private:
  std::vector<ChunkedArray<TermId>> columns_;
  size_t rows_ = 0;
};

}  // namespace annals::exec

#endif  // QUERY_EXEC_CHUNKED_ROWS_H_

// A batch of rows: columns of term ids.
#ifndef QUERY_EXEC_BATCH_H_
#define QUERY_EXEC_BATCH_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "storage/model/term_id.h"

namespace annals::exec {

struct Batch {
  std::vector<std::vector<TermId>> columns;  // all of length `rows`
  size_t rows = 0;                           // also counts rows of a batch without columns

  void Reset(size_t column_count) {
    columns.resize(column_count);
    for (auto& column : columns) column.clear();
    rows = 0;
  }

  // Bytes that the columns hold.
  uint64_t bytes() const {
    uint64_t sum = 0;
    for (const auto& column : columns) sum += column.capacity() * sizeof(TermId);
    return sum;
  }
};

// The rows of `from` at the end of `to`, which has as many columns.
inline void AppendRows(const Batch& from, Batch* to) {
  for (size_t i = 0; i < from.columns.size(); ++i) {
    to->columns[i].insert(to->columns[i].end(), from.columns[i].begin(), from.columns[i].end());
  }
  to->rows += from.rows;
}

// The chosen rows of `from`, in that order, in place of what `to` held.
inline void GatherRows(const Batch& from, std::span<const uint32_t> rows, Batch* to) {
  to->Reset(from.columns.size());
  for (size_t i = 0; i < from.columns.size(); ++i) {
    auto& column = to->columns[i];
    column.resize(rows.size());
    for (size_t j = 0; j < rows.size(); ++j) column[j] = from.columns[i][rows[j]];
  }
  to->rows = rows.size();
}

}  // namespace annals::exec

#endif  // QUERY_EXEC_BATCH_H_

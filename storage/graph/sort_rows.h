// Sorting of rows that stand column by column.
#ifndef STORAGE_GRAPH_SORT_ROWS_H_
#define STORAGE_GRAPH_SORT_ROWS_H_

#include <cstdint>
#include <span>
#include <vector>

namespace annals {

using SortColumn = std::span<const uint64_t>;

// The places of the rows, 0 to columns[0].size() - 1, in the order of their values, the first
// column first; rows that are equal in all of these stay in their order. At least one column, all
// of one size below 2^32. Bytes in which a column doesn't vary cost nothing.
std::vector<uint32_t> SortedOrder(std::span<const SortColumn> columns);

}  // namespace annals

#endif  // STORAGE_GRAPH_SORT_ROWS_H_

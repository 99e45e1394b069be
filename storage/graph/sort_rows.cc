// Radix sort, least significant byte first: a load has hundreds of thousands of rows, and in ids of
// 64 bits only two or three bytes vary.
#include "storage/graph/sort_rows.h"

#include <array>
#include <numeric>
#include <utility>

namespace annals {
namespace {

constexpr int kDigitBits = 8;
constexpr size_t kDigits = size_t{1} << kDigitBits;

bool IsSorted(SortColumn column, std::span<const uint32_t> order) {
  for (size_t i = 1; i < order.size(); ++i) {
    if (column[order[i]] < column[order[i - 1]]) return false;
  }
  return true;
}

// One stable pass by the byte at `shift`.
void SortByByte(std::span<const uint64_t> values, std::span<const uint32_t> order, int shift,
                std::span<uint64_t> values_out, std::span<uint32_t> order_out) {
  std::array<uint32_t, kDigits> next = {};
  for (const uint64_t value : values) ++next[value >> shift & (kDigits - 1)];
  uint32_t begin = 0;
  for (uint32_t& place : next) begin += std::exchange(place, begin);
  for (size_t i = 0; i < values.size(); ++i) {
    const uint32_t to = next[values[i] >> shift & (kDigits - 1)]++;
    values_out[to] = values[i];
    order_out[to] = order[i];
  }
}

}  // namespace

std::vector<uint32_t> SortedOrder(std::span<const SortColumn> columns) {
  const size_t rows = columns[0].size();
  std::vector<uint32_t> order(rows), other_order(rows);
  std::iota(order.begin(), order.end(), 0u);
  std::vector<uint64_t> values(rows), other_values(rows);
  for (size_t c = columns.size(); c-- > 0;) {
    const SortColumn column = columns[c];
    if (IsSorted(column, order)) continue;
    uint64_t varies = 0;
    for (size_t i = 0; i < rows; ++i) {
      values[i] = column[order[i]];
      varies |= values[i] ^ values[0];
    }
    for (int shift = 0; shift < 64; shift += kDigitBits) {
      if ((varies >> shift & (kDigits - 1)) == 0) continue;
      SortByByte(values, order, shift, other_values, other_order);
      values.swap(other_values);
      order.swap(other_order);
    }
  }
  return order;
}

}  // namespace annals

#include "query/exec/trie.h"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

#include "query/exec/operator.h"
#include "query/exec/sort_checked.h"

namespace annals::exec {
namespace {

constexpr int kDigitBits = 11;
constexpr size_t kDigits = size_t{1} << kDigitBits;

// By the low `bits`; the least significant digit first.
absl::Status RadixSort(std::vector<uint64_t>* keys, int bits, Context& context) {
  if (std::is_sorted(keys->begin(), keys->end())) return absl::OkStatus();
  Reservation passing(context);
  ANNALS_RETURN_IF_ERROR(passing.Resize(keys->size() * sizeof(uint64_t)));
  std::vector<uint64_t> other(keys->size());
  for (int shift = 0; shift < bits; shift += kDigitBits) {
    std::array<uint32_t, kDigits> next{};
    for (const uint64_t key : *keys) ++next[key >> shift & (kDigits - 1)];
    uint32_t begin = 0;
    for (uint32_t& count : next) {
      const uint32_t size = count;
      count = begin;
      begin += size;
    }
    for (const uint64_t key : *keys) other[next[key >> shift & (kDigits - 1)]++] = key;
    keys->swap(other);
    ANNALS_RETURN_IF_ERROR(context.Check());
  }
  return absl::OkStatus();
}

int BitsBelow(uint32_t limit) { return std::max(1, static_cast<int>(std::bit_width(limit - 1))); }

}  // namespace

absl::StatusOr<Trie> Trie::Make(std::vector<std::vector<uint32_t>> columns,
                                std::span<const uint32_t> limits, Context& context) {
  const size_t depth = columns.size(), rows = columns[0].size();
  Trie trie;
  trie.levels_.resize(depth);
  Reservation passing(context);
  std::vector<int> shifts(depth);
  int bits = 0;
  for (size_t column = depth; column-- > 0;) {
    shifts[column] = bits;
    bits += BitsBelow(limits[column]);
  }
  if (bits <= 64) {
    // Whole rows fit into keys that are sorted fast.
    ANNALS_RETURN_IF_ERROR(passing.Resize(rows * sizeof(uint64_t)));
    std::vector<uint64_t> keys(rows);
    for (size_t column = 0; column < depth; ++column) {
      for (size_t i = 0; i < rows; ++i) {
        keys[i] |= uint64_t{columns[column][i]} << shifts[column];
      }
      columns[column] = {};
    }
    ANNALS_RETURN_IF_ERROR(RadixSort(&keys, bits, context));
    const auto value = [&](size_t row, size_t column) {
      const int width = BitsBelow(limits[column]);
      return static_cast<uint32_t>(keys[row] >> shifts[column] & ((uint64_t{1} << width) - 1));
    };
    const auto different = [&](size_t row) {
      const uint64_t changed = keys[row] ^ keys[row - 1];
      size_t column = 0;
      while (column < depth && changed >> shifts[column] == 0) ++column;
      return column;
    };
    ANNALS_RETURN_IF_ERROR(trie.Build(rows, value, different, context));
  } else {
    ANNALS_RETURN_IF_ERROR(passing.Resize(rows * sizeof(uint32_t)));
    std::vector<uint32_t> order(rows);
    std::iota(order.begin(), order.end(), 0u);
    ANNALS_RETURN_IF_ERROR(SortChecked(context, &order, [&](uint32_t a, uint32_t b) {
      for (const auto& column : columns) {
        if (column[a] != column[b]) return column[a] < column[b];
      }
      return false;
    }));
    const auto value = [&](size_t row, size_t column) { return columns[column][order[row]]; };
    const auto different = [&](size_t row) {
      size_t column = 0;
      while (column < depth && value(row, column) == value(row - 1, column)) ++column;
      return column;
    };
    ANNALS_RETURN_IF_ERROR(trie.Build(rows, value, different, context));
  }
  trie.IndexRoot(limits[0]);
  return trie;
}

template <typename Value, typename Different>
absl::Status Trie::Build(size_t rows, const Value& value, const Different& different,
                         Context& context) {
  const size_t depth = levels_.size();
  std::vector<size_t> sizes(depth, 1);  // of the levels
  for (size_t row = 1; row < rows; ++row) {
    for (size_t level = different(row); level < depth; ++level) ++sizes[level];
  }
  Reservation passing(context);
  const size_t all = std::accumulate(sizes.begin(), sizes.end(), size_t{0});
  ANNALS_RETURN_IF_ERROR(passing.Resize(2 * all * sizeof(uint32_t)));
  for (size_t level = 0; level < depth; ++level) {
    levels_[level].values.reserve(sizes[level]);
    if (level + 1 < depth) levels_[level].begins.reserve(sizes[level] + 1);
  }
  for (size_t row = 0; row < rows; ++row) {
    const size_t from = row == 0 ? 0 : different(row);
    for (size_t level = from; level < depth; ++level) {
      if (level + 1 < depth) {
        levels_[level].begins.push_back(static_cast<uint32_t>(levels_[level + 1].values.size()));
      }
      levels_[level].values.push_back(value(row, level));
    }
  }
  for (size_t level = 0; level + 1 < depth; ++level) {
    levels_[level].begins.push_back(static_cast<uint32_t>(levels_[level + 1].values.size()));
  }
  return context.Check();
}

void Trie::IndexRoot(uint32_t limit) {
  root_positions_.resize(size_t{limit} + 1);
  const std::vector<uint32_t>& values = levels_[0].values;
  uint32_t position = 0;
  for (uint32_t value = 0; value <= limit; ++value) {
    while (position < values.size() && values[position] < value) ++position;
    root_positions_[value] = position;
  }
}

uint64_t Trie::bytes() const {
  uint64_t sum = root_positions_.capacity() * sizeof(uint32_t);
  for (const Level& level : levels_) {
    sum += (level.values.capacity() + level.begins.capacity()) * sizeof(uint32_t);
  }
  return sum;
}

}  // namespace annals::exec

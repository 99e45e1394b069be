#include "query/exec/trie.h"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

namespace annals::exec {
namespace {

constexpr int kDigitBits = 11;
constexpr size_t kDigits = size_t{1} << kDigitBits;

// By the low `bits`; the least significant digit first.
void RadixSort(std::vector<uint64_t>* keys, int bits) {
  if (std::is_sorted(keys->begin(), keys->end())) return;
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
  }
}

int BitsBelow(uint32_t limit) { return std::max(1, static_cast<int>(std::bit_width(limit - 1))); }

}  // namespace

Trie::Trie(std::vector<std::vector<uint32_t>> columns, std::span<const uint32_t> limits) {
  const size_t depth = columns.size(), rows = columns[0].size();
  levels_.resize(depth);
  std::vector<int> shifts(depth);
  int bits = 0;
  for (size_t column = depth; column-- > 0;) {
    shifts[column] = bits;
    bits += BitsBelow(limits[column]);
  }
  if (bits <= 64) {
    // Whole rows fit into keys that are sorted fast.
    std::vector<uint64_t> keys(rows);
    for (size_t column = 0; column < depth; ++column) {
      for (size_t i = 0; i < rows; ++i) {
        keys[i] |= uint64_t{columns[column][i]} << shifts[column];
      }
      columns[column] = {};
    }
    RadixSort(&keys, bits);
    const auto value = [&](size_t row, size_t column) {
      const int width = BitsBelow(limits[column]);
      return static_cast<uint32_t>(keys[row] >> shifts[column] & ((uint64_t{1} << width) - 1));
    };
    Build(rows, value, [&](size_t row) {
      const uint64_t changed = keys[row] ^ keys[row - 1];
      size_t column = 0;
      while (column < depth && changed >> shifts[column] == 0) ++column;
      return column;
    });
  } else {
    std::vector<uint32_t> order(rows);
    std::iota(order.begin(), order.end(), 0u);
    std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
      for (const auto& column : columns) {
        if (column[a] != column[b]) return column[a] < column[b];
      }
      return false;
    });
    const auto value = [&](size_t row, size_t column) { return columns[column][order[row]]; };
    Build(rows, value, [&](size_t row) {
      size_t column = 0;
      while (column < depth && value(row, column) == value(row - 1, column)) ++column;
      return column;
    });
  }
  IndexRoot(limits[0]);
}

template <typename Value, typename Different>
void Trie::Build(size_t rows, const Value& value, const Different& different) {
  const size_t depth = levels_.size();
  levels_.back().values.reserve(rows);
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

#include "query/exec/value_numbers.h"

#include <algorithm>
#include <numeric>

namespace annals::exec {
namespace {

// An array this many times as long as the columns is still cheaper than hashing.
constexpr uint64_t kRangeFactor = 4;
constexpr uint64_t kSmallRange = 1 << 16;

}  // namespace

ValueNumbers::ValueNumbers(std::span<const ColumnView> columns) : table_(1) {
  uint64_t least = UINT64_MAX, most = 0, rows = 0;
  for (const ColumnView column : columns) {
    rows += column.size();
    for (const TermId id : column) {
      least = std::min(least, id.bits());
      most = std::max(most, id.bits());
    }
  }
  if (rows == 0) return;
  least_ = least;
  in_range_ = most - least < rows * kRangeFactor + kSmallRange;
  if (in_range_) {
    numbers_.assign(most - least + 1, 0);
    NumberRange(columns);
  } else {
    NumberSparse(columns);
  }
}

// First numbers_ counts the columns that have a value, one after the other.
void ValueNumbers::NumberRange(std::span<const ColumnView> columns) {
  uint32_t before = 0;
  for (const ColumnView column : columns) {
    for (const TermId id : column) {
      uint32_t& seen = numbers_[id.bits() - least_];
      if (seen == before) seen = before + 1;
    }
    ++before;
  }
  for (uint64_t i = 0; i < numbers_.size(); ++i) {
    if (numbers_[i] == before) {
      numbers_[i] = size();
      values_.push_back(TermId::FromBits(least_ + i));
    } else {
      numbers_[i] = kNone;
    }
  }
}

void ValueNumbers::NumberSparse(std::span<const ColumnView> columns) {
  std::vector<uint32_t> found;
  std::vector<uint32_t> seen;
  table_.Insert({&columns[0], 1}, columns[0].size(), &found);
  seen.assign(table_.size(), 1);
  for (uint32_t before = 1; before < columns.size(); ++before) {
    table_.Find({&columns[before], 1}, columns[before].size(), &found);
    for (const uint32_t number : found) {
      if (number != KeyTable::kNone && seen[number] == before) seen[number] = before + 1;
    }
  }
  std::vector<uint32_t> common;
  for (uint32_t i = 0; i < seen.size(); ++i) {
    if (seen[i] == columns.size()) common.push_back(i);
  }
  std::sort(common.begin(), common.end(),
            [&](uint32_t a, uint32_t b) { return table_.key(a, 0) < table_.key(b, 0); });
  numbers_.assign(seen.size(), kNone);
  for (const uint32_t number : common) {
    numbers_[number] = size();
    values_.push_back(table_.key(number, 0));
  }
}

void ValueNumbers::Number(ColumnView column, uint32_t* out) {
  if (in_range_) {
    for (size_t i = 0; i < column.size(); ++i) out[i] = numbers_[column[i].bits() - least_];
    return;
  }
  std::vector<uint32_t> found;
  table_.Find({&column, 1}, column.size(), &found);
  for (size_t i = 0; i < found.size(); ++i) {
    out[i] = found[i] == KeyTable::kNone ? kNone : numbers_[found[i]];
  }
}

}  // namespace annals::exec

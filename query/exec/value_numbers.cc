#include "query/exec/value_numbers.h"

#include <algorithm>

#include "query/exec/operator.h"
#include "query/exec/sort_checked.h"

namespace annals::exec {
namespace {

// An array this many times as long as the columns is still cheaper than hashing.
constexpr uint64_t kRangeFactor = 4;
constexpr uint64_t kSmallRange = 1 << 16;

}  // namespace

absl::StatusOr<ValueNumbers> ValueNumbers::Make(Columns columns, Context& context) {
  uint64_t least = UINT64_MAX, most = 0, rows = 0;
  for (const auto* column : columns) {
    rows += column->size();
    for (size_t i = 0; i < column->chunk_count(); ++i) {
      for (const TermId id : column->chunk(i)) {
        least = std::min(least, id.bits());
        most = std::max(most, id.bits());
      }
    }
    ANNALS_RETURN_IF_ERROR(context.Check());
  }
  ValueNumbers made;
  if (rows == 0) return made;
  made.least_ = least;
  made.in_range_ = most - least < rows * kRangeFactor + kSmallRange;
  if (made.in_range_) {
    Reservation passing(context);
    ANNALS_RETURN_IF_ERROR(passing.Resize((most - least + 1) * sizeof(uint32_t)));
    made.numbers_.assign(most - least + 1, 0);
    ANNALS_RETURN_IF_ERROR(made.NumberRange(columns, context));
  } else {
    ANNALS_RETURN_IF_ERROR(made.NumberSparse(columns, context));
  }
  return made;
}

// First numbers_ counts the columns that have a value, one after the other.
absl::Status ValueNumbers::NumberRange(Columns columns, Context& context) {
  uint32_t before = 0;
  for (const auto* column : columns) {
    for (size_t i = 0; i < column->chunk_count(); ++i) {
      for (const TermId id : column->chunk(i)) {
        uint32_t& seen = numbers_[id.bits() - least_];
        if (seen == before) seen = before + 1;
      }
    }
    ANNALS_RETURN_IF_ERROR(context.Check());
    ++before;
  }
  const auto common = static_cast<size_t>(std::count(numbers_.begin(), numbers_.end(), before));
  Reservation passing(context);
  ANNALS_RETURN_IF_ERROR(passing.Resize(common * sizeof(TermId)));
  values_.reserve(common);
  for (uint64_t i = 0; i < numbers_.size(); ++i) {
    if (numbers_[i] == before) {
      numbers_[i] = size();
      values_.push_back(TermId::FromBits(least_ + i));
    } else {
      numbers_[i] = kNone;
    }
  }
  return absl::OkStatus();
}

absl::Status ValueNumbers::NumberSparse(Columns columns, Context& context) {
  std::vector<uint32_t> found;
  Reservation passing(context);
  for (size_t i = 0; i < columns[0]->chunk_count(); ++i) {
    const ColumnView chunk[] = {columns[0]->chunk(i)};
    ANNALS_RETURN_IF_ERROR(table_.Insert(chunk, chunk[0].size(), context, &found));
    ANNALS_RETURN_IF_ERROR(passing.Resize(table_.bytes()));
  }
  // With what is counted for each value, the common ones and the room to sort them.
  const uint64_t value_bytes = 3 * sizeof(uint32_t) + sizeof(TermId);
  ANNALS_RETURN_IF_ERROR(passing.Resize(table_.bytes() + table_.size() * value_bytes));
  std::vector<uint32_t> seen(table_.size(), 1);
  for (uint32_t before = 1; before < columns.size(); ++before) {
    for (size_t i = 0; i < columns[before]->chunk_count(); ++i) {
      ANNALS_RETURN_IF_ERROR(context.Check());
      const ColumnView chunk[] = {columns[before]->chunk(i)};
      table_.Find(chunk, chunk[0].size(), &found);
      for (const uint32_t number : found) {
        if (number != KeyTable::kNone && seen[number] == before) seen[number] = before + 1;
      }
    }
  }
  std::vector<uint32_t> common;
  common.reserve(seen.size());
  for (uint32_t i = 0; i < seen.size(); ++i) {
    if (seen[i] == columns.size()) common.push_back(i);
  }
  ANNALS_RETURN_IF_ERROR(SortChecked(context, &common, [&](uint32_t a, uint32_t b) {
    return table_.key(a, 0) < table_.key(b, 0);
  }));
  numbers_.assign(seen.size(), kNone);
  values_.reserve(common.size());
  for (const uint32_t number : common) {
    numbers_[number] = size();
    values_.push_back(table_.key(number, 0));
  }
  return absl::OkStatus();
}

void ValueNumbers::Number(ColumnView values, std::vector<uint32_t>* out) {
  if (in_range_) {
    out->resize(values.size());
    for (size_t i = 0; i < values.size(); ++i) (*out)[i] = numbers_[values[i].bits() - least_];
    return;
  }
  table_.Find({&values, 1}, values.size(), out);
  for (uint32_t& number : *out) number = number == KeyTable::kNone ? kNone : numbers_[number];
}

}  // namespace annals::exec

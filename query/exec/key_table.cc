#include "query/exec/key_table.h"

#include <algorithm>

namespace annals::exec {
namespace {

constexpr size_t kLeastSlots = 64;
constexpr size_t kPrefetchDistance = 16;

// The finisher of MurmurHash3: every bit of the id reaches the low ones.
uint64_t Mix(uint64_t value) {
  value ^= value >> 33;
  value *= 0xff51afd7ed558ccdu;
  value ^= value >> 33;
  value *= 0xc4ceb9fe1a85ec53u;
  value ^= value >> 33;
  return value;
}

}  // namespace

KeyTable::KeyTable(size_t width) : width_(width), slots_(kLeastSlots, Slot{0, kNone}) {}

void KeyTable::Hash(std::span<const ColumnView> columns, size_t rows) {
  hashes_.assign(rows, 0);
  for (const ColumnView column : columns) {
    for (size_t i = 0; i < rows; ++i) hashes_[i] = Mix(hashes_[i] * 31 + column[i].bits());
  }
  if (width_ != 1) {
    tags_ = hashes_;
    return;
  }
  tags_.resize(rows);
  for (size_t i = 0; i < rows; ++i) tags_[i] = columns[0][i].bits();
}

void KeyTable::Grow(size_t size) {
  size_t capacity = slots_.size();
  while (capacity < size * 2) capacity *= 2;
  if (capacity == slots_.size()) return;
  std::vector<Slot> old(capacity, Slot{0, kNone});
  old.swap(slots_);
  const size_t mask = capacity - 1;
  for (const Slot& slot : old) {
    if (slot.number == kNone) continue;
    size_t at = (width_ == 1 ? Mix(slot.tag) : slot.tag) & mask;
    while (slots_[at].number != kNone) at = (at + 1) & mask;
    slots_[at] = slot;
  }
}

bool KeyTable::SameKey(uint32_t number, std::span<const ColumnView> columns, size_t row) const {
  if (width_ == 1) return true;  // the tag is the key
  const TermId* key = &keys_[size_t{number} * width_];
  for (size_t i = 0; i < width_; ++i) {
    if (key[i] != columns[i][row]) return false;
  }
  return true;
}

bool KeyTable::SameAsBefore(std::span<const ColumnView> columns, size_t row) const {
  if (width_ == 1) return true;  // the tag is the key
  return std::all_of(columns.begin(), columns.end(),
                     [row](ColumnView column) { return column[row] == column[row - 1]; });
}

template <bool insert>
void KeyTable::Probe(std::span<const ColumnView> columns, size_t rows,
                     std::vector<uint32_t>* numbers) {
  numbers->resize(rows);
  const size_t mask = slots_.size() - 1;
  for (size_t row = 0; row < rows; ++row) {
    if (row + kPrefetchDistance < rows) {
      __builtin_prefetch(&slots_[hashes_[row + kPrefetchDistance] & mask]);
    }
    const uint64_t tag = tags_[row];
    // Sorted columns come in runs.
    if (row > 0 && tag == tags_[row - 1] && SameAsBefore(columns, row)) {
      (*numbers)[row] = (*numbers)[row - 1];
      continue;
    }
    size_t at = hashes_[row] & mask;
    while (slots_[at].number != kNone &&
           (slots_[at].tag != tag || !SameKey(slots_[at].number, columns, row))) {
      at = (at + 1) & mask;
    }
    if (insert && slots_[at].number == kNone) {
      slots_[at] = Slot{tag, static_cast<uint32_t>(size_++)};
      for (const ColumnView column : columns) keys_.push_back(column[row]);
    }
    (*numbers)[row] = slots_[at].number;
  }
}

void KeyTable::Insert(std::span<const ColumnView> columns, size_t rows,
                      std::vector<uint32_t>* numbers) {
  if (width_ == 0) {
    if (rows > 0) size_ = 1;
    numbers->assign(rows, 0);
    return;
  }
  Grow(size_ + rows);
  Hash(columns, rows);
  Probe<true>(columns, rows, numbers);
}

void KeyTable::Find(std::span<const ColumnView> columns, size_t rows,
                    std::vector<uint32_t>* numbers) {
  if (width_ == 0) {
    numbers->assign(rows, size_ == 0 ? kNone : 0);
    return;
  }
  Hash(columns, rows);
  Probe<false>(columns, rows, numbers);
}

}  // namespace annals::exec

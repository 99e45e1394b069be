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

void KeyTable::Hash(std::span<const ColumnView> columns, size_t rows, KeyHashes* hashes) {
  hashes->hashes.assign(rows, 0);
  for (const ColumnView column : columns) {
    for (size_t i = 0; i < rows; ++i) {
      hashes->hashes[i] = Mix(hashes->hashes[i] * 31 + column[i].bits());
    }
  }
  if (columns.size() != 1) {
    hashes->tags = hashes->hashes;
    return;
  }
  hashes->tags.resize(rows);
  for (size_t i = 0; i < rows; ++i) hashes->tags[i] = columns[0][i].bits();
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

// Where the tuple is, or the free place for it.
size_t KeyTable::SlotOf(std::span<const ColumnView> columns, uint64_t hash, uint64_t tag,
                        size_t row) const {
  const size_t mask = slots_.size() - 1;
  size_t at = hash & mask;
  while (slots_[at].number != kNone &&
         (slots_[at].tag != tag || !SameKey(slots_[at].number, columns, row))) {
    at = (at + 1) & mask;
  }
  return at;
}

uint32_t KeyTable::InsertRow(std::span<const ColumnView> columns, const KeyHashes& hashes,
                             size_t row) {
  Slot& slot = slots_[SlotOf(columns, hashes.hashes[row], hashes.tags[row], row)];
  if (slot.number == kNone) {
    slot = Slot{hashes.tags[row], static_cast<uint32_t>(size_++)};
    for (const ColumnView column : columns) keys_.push_back(column[row]);
  }
  return slot.number;
}

uint32_t KeyTable::FindRow(std::span<const ColumnView> columns, const KeyHashes& hashes,
                           size_t row) const {
  return slots_[SlotOf(columns, hashes.hashes[row], hashes.tags[row], row)].number;
}

template <bool insert>
void KeyTable::Probe(std::span<const ColumnView> columns, size_t rows,
                     std::vector<uint32_t>* numbers) {
  numbers->resize(rows);
  for (size_t row = 0; row < rows; ++row) {
    if (row + kPrefetchDistance < rows) Prefetch(hashes_.hashes[row + kPrefetchDistance]);
    // Sorted columns come in runs.
    if (row > 0 && hashes_.tags[row] == hashes_.tags[row - 1] && SameAsBefore(columns, row)) {
      (*numbers)[row] = (*numbers)[row - 1];
    } else if constexpr (insert) {
      (*numbers)[row] = InsertRow(columns, hashes_, row);
    } else {
      (*numbers)[row] = FindRow(columns, hashes_, row);
    }
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
  Hash(columns, rows, &hashes_);
  Probe<true>(columns, rows, numbers);
}

void KeyTable::Find(std::span<const ColumnView> columns, size_t rows,
                    std::vector<uint32_t>* numbers) {
  if (width_ == 0) {
    numbers->assign(rows, size_ == 0 ? kNone : 0);
    return;
  }
  Hash(columns, rows, &hashes_);
  Probe<false>(columns, rows, numbers);
}

}  // namespace annals::exec

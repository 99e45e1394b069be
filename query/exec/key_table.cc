#include "query/exec/key_table.h"

#include <algorithm>

#include "query/exec/operator.h"

namespace annals::exec {
namespace {

constexpr size_t kLeastSlots = 64;
constexpr size_t kPrefetchDistance = 16;
constexpr size_t kRehashedBetweenChecks = 1 << 16;

// Every bit of the id reaches the low ones: those of times stand high, those of names low. No two
// ids become the same.
uint64_t Mix(uint64_t value) {
  value ^= value >> 32;
  value *= 0x9e3779b97f4a7c15u;
  return value ^ value >> 32;
}

}  // namespace

KeyTable::KeyTable(size_t width)
    : width_(width), slots_(kLeastSlots, Slot{0, kNone}), keys_(width) {}

void KeyTable::Hash(std::span<const ColumnView> columns, size_t rows, KeyHashes* hashes) {
  hashes->resize(rows);
  uint64_t* const out = hashes->data();
  for (size_t i = 0; i < rows; ++i) out[i] = Mix(columns[0][i].bits());
  for (const ColumnView column : columns.subspan(1)) {
    for (size_t i = 0; i < rows; ++i) out[i] = Mix(out[i] * 31 + column[i].bits());
  }
}

size_t KeyTable::SlotsFor(size_t size) const {
  size_t slots = slots_.size();
  while (slots < size * 2) slots *= 2;
  return slots;
}

void KeyTable::Rehash(std::vector<Slot>* into, size_t begin, size_t end) const {
  const size_t mask = into->size() - 1;
  for (size_t i = begin; i < end; ++i) {
    const Slot& slot = slots_[i];
    if (slot.number == kNone) continue;
    size_t at = slot.hash & mask;
    while ((*into)[at].number != kNone) at = (at + 1) & mask;
    (*into)[at] = slot;
  }
}

absl::Status KeyTable::MakeRoom(size_t more, Context& context) {
  const size_t size = SlotsFor(size_ + more);
  if (size <= slots_.size()) return absl::OkStatus();
  Reservation both(context);
  ANNALS_RETURN_IF_ERROR(both.Resize(size * sizeof(Slot)));
  std::vector<Slot> slots(size, Slot{0, kNone});
  for (size_t begin = 0; begin < slots_.size(); begin += kRehashedBetweenChecks) {
    if (begin > 0) ANNALS_RETURN_IF_ERROR(context.Check());
    Rehash(&slots, begin, std::min(slots_.size(), begin + kRehashedBetweenChecks));
  }
  slots_.swap(slots);
  return absl::OkStatus();
}

bool KeyTable::SameKey(uint32_t number, std::span<const ColumnView> columns, size_t row) const {
  const TermId* const key = keys_[number];
  for (size_t i = 0; i < width_; ++i) {
    if (key[i] != columns[i][row]) return false;
  }
  return true;
}

// Where the tuple is, or the free place for it. Ids of one column are equal if their hashes are.
template <bool one_column>
inline size_t KeyTable::SlotOf(std::span<const ColumnView> columns, uint64_t hash,
                               size_t row) const {
  const size_t mask = slots_.size() - 1;
  size_t at = hash & mask;
  while (slots_[at].number != kNone &&
         (slots_[at].hash != hash || (!one_column && !SameKey(slots_[at].number, columns, row)))) {
    at = (at + 1) & mask;
  }
  return at;
}

size_t KeyTable::SlotOf(std::span<const ColumnView> columns, uint64_t hash, size_t row) const {
  return width_ == 1 ? SlotOf<true>(columns, hash, row) : SlotOf<false>(columns, hash, row);
}

// The number of the tuple whose slot it is: a new one if the slot was free.
inline uint32_t KeyTable::TakeSlot(Slot* slot, std::span<const ColumnView> columns, uint64_t hash,
                                   size_t row) {
  if (slot->number == kNone) {
    *slot = Slot{hash, static_cast<uint32_t>(size_++)};
    keys_.Append(columns, row);
  }
  return slot->number;
}

uint32_t KeyTable::InsertRow(std::span<const ColumnView> columns, const KeyHashes& hashes,
                             size_t row) {
  return TakeSlot(&slots_[SlotOf(columns, hashes[row], row)], columns, hashes[row], row);
}

uint32_t KeyTable::FindRow(std::span<const ColumnView> columns, const KeyHashes& hashes,
                           size_t row) const {
  return slots_[SlotOf(columns, hashes[row], row)].number;
}

// The rows of a batch: what `number_of` says of each one's slot.
template <bool one_column, typename NumberOfSlot>
void KeyTable::Probe(std::span<const ColumnView> columns, const KeyHashes& hashes,
                     const NumberOfSlot& number_of, std::vector<uint32_t>* numbers) const {
  const size_t rows = hashes.size();
  numbers->resize(rows);
  const auto same_as_before = [&](size_t row) {
    if (hashes[row] != hashes[row - 1]) return false;
    return one_column || std::all_of(columns.begin(), columns.end(), [row](ColumnView column) {
             return column[row] == column[row - 1];
           });
  };
  for (size_t row = 0; row < rows; ++row) {
    if (row + kPrefetchDistance < rows) Prefetch(hashes[row + kPrefetchDistance]);
    // Sorted columns come in runs.
    (*numbers)[row] = row > 0 && same_as_before(row)
                          ? (*numbers)[row - 1]
                          : number_of(SlotOf<one_column>(columns, hashes[row], row), row);
  }
}

absl::Status KeyTable::Insert(std::span<const ColumnView> columns, size_t rows, Context& context,
                              std::vector<uint32_t>* numbers) {
  if (width_ == 0) {
    if (rows > 0) size_ = 1;
    numbers->assign(rows, 0);
    return absl::OkStatus();
  }
  ANNALS_RETURN_IF_ERROR(MakeRoom(rows, context));
  Hash(columns, rows, &hashes_);
  const auto take = [&](size_t slot, size_t row) {
    return TakeSlot(&slots_[slot], columns, hashes_[row], row);
  };
  width_ == 1 ? Probe<true>(columns, hashes_, take, numbers)
              : Probe<false>(columns, hashes_, take, numbers);
  return absl::OkStatus();
}

void KeyTable::Find(std::span<const ColumnView> columns, size_t rows, KeyHashes* hashes,
                    std::vector<uint32_t>* numbers) const {
  if (width_ == 0) {
    numbers->assign(rows, size_ == 0 ? kNone : 0);
    return;
  }
  Hash(columns, rows, hashes);
  const auto number = [this](size_t slot, size_t) { return slots_[slot].number; };
  width_ == 1 ? Probe<true>(columns, *hashes, number, numbers)
              : Probe<false>(columns, *hashes, number, numbers);
}

}  // namespace annals::exec

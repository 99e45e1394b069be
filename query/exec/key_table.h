// Distinct tuples of ids, numbered in the order in which they came: the hash table under joins,
// grouping and distinct. Open addressing, keys packed side by side, a batch at a time.
#ifndef QUERY_EXEC_KEY_TABLE_H_
#define QUERY_EXEC_KEY_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "query/exec/tuple_array.h"
#include "storage/base/status.h"
#include "storage/model/term_id.h"

namespace annals::exec {

class Context;

// Of the tuples of a batch, the same for every table of their width.
using KeyHashes = std::vector<uint64_t>;

// Threads: those that only read may do so at once, with hashes of their own.
class KeyTable {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  // Tuples of `width` ids; of width 0 there is one.
  explicit KeyTable(size_t width);

  // (*numbers)[i] is the number of the tuple in row i of the columns, a new one if it is new: those
  // not below size() as it was before the call, in ascending order. Fails at the question's limits,
  // see MakeRoom; then nothing is inserted.
  absl::Status Insert(std::span<const ColumnView> columns, size_t rows, Context& context,
                      std::vector<uint32_t>* numbers);
  // kNone where the tuple is not there. `hashes` becomes what Hash says of the columns; without it
  // the table's own.
  void Find(std::span<const ColumnView> columns, size_t rows, KeyHashes* hashes,
            std::vector<uint32_t>* numbers) const;
  void Find(std::span<const ColumnView> columns, size_t rows, std::vector<uint32_t>* numbers) {
    Find(columns, rows, &hashes_, numbers);
  }

  // The same row by row, where several tables share the tuples of a batch; of a width above 0.
  static void Hash(std::span<const ColumnView> columns, size_t rows, KeyHashes* hashes);
  // Makes room for so many more tuples, and looks at the limits meanwhile. The owner has reserved
  // bytes() and will do so again; here the new slots are, while the old ones are still there.
  absl::Status MakeRoom(size_t more, Context& context);
  // After MakeRoom.
  uint32_t InsertRow(std::span<const ColumnView> columns, const KeyHashes& hashes, size_t row);
  uint32_t FindRow(std::span<const ColumnView> columns, const KeyHashes& hashes, size_t row) const;
  void Prefetch(uint64_t hash) const { __builtin_prefetch(&slots_[hash & (slots_.size() - 1)]); }

  size_t size() const { return size_; }
  size_t width() const { return width_; }
  TermId key(size_t number, size_t column) const { return keys_[number][column]; }
  uint64_t bytes() const { return slots_.capacity() * sizeof(Slot) + keys_.bytes(); }

 private:
  struct Slot {
    uint64_t hash;
    uint32_t number;  // kNone: free
  };

  size_t SlotsFor(size_t size) const;
  // Into slots from others, [begin, end).
  void Rehash(std::vector<Slot>* into, size_t begin, size_t end) const;
  bool SameKey(uint32_t number, std::span<const ColumnView> columns, size_t row) const;
  template <bool one_column>
  size_t SlotOf(std::span<const ColumnView> columns, uint64_t hash, size_t row) const;
  size_t SlotOf(std::span<const ColumnView> columns, uint64_t hash, size_t row) const;
  uint32_t TakeSlot(Slot* slot, std::span<const ColumnView> columns, uint64_t hash, size_t row);
  template <bool one_column, typename NumberOfSlot>
  void Probe(std::span<const ColumnView> columns, const KeyHashes& hashes,
             const NumberOfSlot& number_of, std::vector<uint32_t>* numbers) const;

  size_t width_;
  size_t size_ = 0;
  std::vector<Slot> slots_;  // a power of two of them, at most half in use
  TupleArray keys_;
  KeyHashes hashes_;  // of the batch at hand
};

}  // namespace annals::exec

#endif  // QUERY_EXEC_KEY_TABLE_H_

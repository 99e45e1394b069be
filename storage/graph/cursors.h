// Cursors over the two halves of a permutation: the packed base and the delta of row keys.
#ifndef STORAGE_GRAPH_CURSORS_H_
#define STORAGE_GRAPH_CURSORS_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "storage/base/status.h"
#include "storage/graph/block.h"
#include "storage/graph/relation.h"
#include "storage/kv/kv.h"

namespace annals {

// Over the blocks of one relation and generation. It stands at a row of a block, at the end of a
// block (row() == block().rows()), or past the last block (!valid()).
class BaseCursor {
 public:
  BaseCursor(kv::Iterator& iterator, uint8_t relation, uint64_t generation, size_t columns);

  // To the first row whose leading columns are >= key. Stays in the block where it can.
  absl::Status Seek(std::span<const uint64_t> key);
  // From any row of a block to the first of the next.
  absl::Status NextBlock();
  // To the row before the first whose leading columns are >= key; not valid if there is none.
  absl::Status SeekBefore(std::span<const uint64_t> key);

  bool valid() const { return valid_; }
  const BlockView& block() const { return block_; }
  uint32_t row() const { return row_; }
  void set_row(uint32_t row) { row_ = row; }

 private:
  absl::Status Load();

  kv::Iterator& iterator_;
  std::string key_;  // scratch; begins with the relation and the generation
  const size_t columns_;
  bool valid_ = false;
  BlockView block_;
  uint32_t row_ = 0;
};

// Over the delta rows of one relation.
class DeltaCursor {
 public:
  DeltaCursor(kv::Iterator& iterator, uint8_t relation, size_t columns);

  // To the first row whose leading columns are >= key. Free when it stands there already.
  absl::Status Seek(std::span<const uint64_t> key);
  // The same, but rows after those that begin with `last` are not looked for: the cheaper way where
  // no further seeks follow, as a transaction's own deletions are passed over one by one.
  absl::Status SeekWithin(std::span<const uint64_t> key, std::span<const uint64_t> last);
  absl::Status Next();

  bool valid() const { return valid_; }
  std::span<const uint64_t> row() const { return row_.span(); }
  bool removes() const { return removes_; }

 private:
  absl::Status Load();
  void MakeKey(std::span<const uint64_t> row);

  kv::Iterator& iterator_;
  std::string key_, end_;  // scratch; the key begins with the relation
  const std::string relation_end_;
  const size_t columns_;
  bool sought_ = false;
  Row bound_;  // no row between this and the cursor's
  bool valid_ = false;
  bool removes_ = false;
  Row row_;
};

}  // namespace annals

#endif  // STORAGE_GRAPH_CURSORS_H_

// Tuples of ids of one width, side by side, that grow at their end without being moved.
#ifndef QUERY_EXEC_TUPLE_ARRAY_H_
#define QUERY_EXEC_TUPLE_ARRAY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "storage/model/term_id.h"

namespace annals::exec {

// A column of a batch.
using ColumnView = std::span<const TermId>;

class TupleArray {
 public:
  // At least 1.
  explicit TupleArray(size_t width) : width_(width) {}

  size_t size() const { return size_; }
  const TermId* operator[](size_t number) const {
    return chunks_[number / kChunk].get() + number % kChunk * width_;
  }
  void Append(std::span<const ColumnView> columns, size_t row) {
    if (size_ == room_) AddRoom();
    TermId* tuple = chunks_.back().get() + size_ % kChunk * width_;
    for (const ColumnView column : columns) *tuple++ = column[row];
    ++size_;
  }
  uint64_t bytes() const {
    return room_ * width_ * sizeof(TermId) + chunks_.capacity() * sizeof(void*);
  }

 private:
  static constexpr size_t kChunk = 4096;  // tuples
  static constexpr size_t kLeast = 64;    // in the first one, at first

  // Chunks are full but the first, which doubles: many arrays are short.
  void AddRoom() {
    const bool is_first = room_ < kChunk;
    const size_t room = !is_first ? kChunk : room_ == 0 ? kLeast : room_ * 2;
    auto chunk = std::make_unique_for_overwrite<TermId[]>(room * width_);
    if (is_first && room_ > 0) {
      std::copy(chunks_[0].get(), chunks_[0].get() + room_ * width_, chunk.get());
      chunks_[0] = std::move(chunk);
      room_ = room;
      return;
    }
    chunks_.push_back(std::move(chunk));
    room_ += room;
  }

  size_t width_;
  size_t size_ = 0, room_ = 0;  // tuples
  std::vector<std::unique_ptr<TermId[]>> chunks_;
};

}  // namespace annals::exec

#endif  // QUERY_EXEC_TUPLE_ARRAY_H_

// An array that grows at its end without moving what it holds, in chunks of equal length: growing
// never takes the memory of two copies, and hardly more is taken than is held.
#ifndef QUERY_EXEC_CHUNKED_ARRAY_H_
#define QUERY_EXEC_CHUNKED_ARRAY_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace annals::exec {

template <typename T>
class ChunkedArray {
 public:
  static constexpr size_t kChunk = 4096;  // items

  size_t size() const { return size_; }
  const T& operator[](size_t i) const { return chunks_[i / kChunk][i % kChunk]; }
  T& operator[](size_t i) { return chunks_[i / kChunk][i % kChunk]; }

  void push_back(const T& item) { Append(std::span(&item, 1)); }
  void Append(std::span<const T> items) {
    while (!items.empty()) {
      if (size_ % kChunk == 0) chunks_.emplace_back().reserve(chunks_.size() > 1 ? kChunk : 0);
      std::vector<T>& last = chunks_.back();
      const std::span<const T> some = items.first(std::min(items.size(), kChunk - last.size()));
      // Only the first chunk may be smaller: many arrays are short.
      if (last.size() + some.size() > last.capacity()) {
        last.reserve(std::min(kChunk, std::max(last.size() + some.size(), last.capacity() * 2)));
      }
      last.insert(last.end(), some.begin(), some.end());
      size_ += some.size();
      items = items.subspan(some.size());
    }
  }

  // All are full but the last one.
  size_t chunk_count() const { return chunks_.size(); }
  std::span<const T> chunk(size_t number) const { return chunks_[number]; }
  void Clear() {
    chunks_.clear();
    size_ = 0;
  }

  uint64_t bytes() const {
    if (chunks_.empty()) return 0;
    return (chunks_.size() - 1) * kChunk * sizeof(T) + chunks_.back().capacity() * sizeof(T) +
           chunks_.capacity() * sizeof(std::vector<T>);
  }

 private:
  std::vector<std::vector<T>> chunks_;
  size_t size_ = 0;
};

}  // namespace annals::exec

#endif  // QUERY_EXEC_CHUNKED_ARRAY_H_

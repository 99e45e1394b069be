// Large pieces of memory that are used again: the system clears every page that it gives, which
// costs as much as sorting what comes into it.
#ifndef STORAGE_BASE_BUFFER_POOL_H_
#define STORAGE_BASE_BUFFER_POOL_H_

#include <cstdlib>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <vector>

#include "storage/base/big_allocator.h"

namespace annals {

// Gives back to the system what the allocator keeps of freed memory, for the next to need some.
inline void ReturnFreeMemory() {
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
}

// Threads: any.
class BufferPool {
 public:
  struct Buffer {
    char* data = nullptr;
    size_t bytes = 0;
  };

  BufferPool() = default;
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;
  ~BufferPool() { Clear(); }

  // Gives back what is free.
  void Clear() {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const Buffer& buffer : free_) Free(buffer);
    free_.clear();
  }

  // The smallest that is free and has so many bytes, or a new one. What it holds is anything.
  Buffer Take(size_t bytes) {
    const std::lock_guard<std::mutex> lock(mutex_);
    auto best = free_.end();
    for (auto at = free_.begin(); at != free_.end(); ++at) {
      if (at->bytes >= bytes && (best == free_.end() || at->bytes < best->bytes)) best = at;
    }
    if (best == free_.end()) {
      // What is too small now was not needed beside this before.
      DropLargest();
      return {BigAllocator<char>().allocate(bytes), bytes};
    }
    const Buffer buffer = *best;
    free_.erase(best);
    return buffer;
  }
  // Keeps it for the next Take.
  void Give(Buffer buffer) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (buffer.bytes < kLeastKept) return Free(buffer);
    free_.push_back(buffer);
  }

 private:
  // The allocator keeps smaller ones itself.
  static constexpr size_t kLeastKept = size_t{1} << 20;
  static void Free(const Buffer& buffer) {
    BigAllocator<char>().deallocate(buffer.data, buffer.bytes);
  }
  void DropLargest() {
    const auto largest =
        std::max_element(free_.begin(), free_.end(),
                         [](const Buffer& a, const Buffer& b) { return a.bytes < b.bytes; });
    if (largest == free_.end()) return;
    Free(*largest);
    free_.erase(largest);
  }

  std::mutex mutex_;
  std::vector<Buffer> free_;
};

}  // namespace annals

#endif  // STORAGE_BASE_BUFFER_POOL_H_

// An allocator for large tables that are read and written at random places: huge pages spare most
// of the misses of the address cache that these would have.
#ifndef STORAGE_BASE_BIG_ALLOCATOR_H_
#define STORAGE_BASE_BIG_ALLOCATOR_H_

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <new>
#include <vector>

namespace annals {

template <typename T>
class BigAllocator {
 public:
  using value_type = T;

  BigAllocator() = default;
  template <typename U>
  BigAllocator(const BigAllocator<U>&) {}  // NOLINT: allocators convert

  T* allocate(size_t count) {
    constexpr size_t kHugePage = size_t{2} << 20;
    const size_t bytes = count * sizeof(T);
    const bool huge = bytes >= 2 * kHugePage;
    const size_t alignment = huge ? kHugePage : alignof(std::max_align_t);
    void* const memory = std::aligned_alloc(alignment, (bytes + alignment - 1) & ~(alignment - 1));
    if (memory == nullptr) throw std::bad_alloc();
    // Only a wish: without it everything works, slower.
    if (huge) ::madvise(memory, bytes, MADV_HUGEPAGE);
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, size_t) { std::free(memory); }

  friend bool operator==(const BigAllocator&, const BigAllocator&) { return true; }
};

template <typename T>
using BigVector = std::vector<T, BigAllocator<T>>;

}  // namespace annals

#endif  // STORAGE_BASE_BIG_ALLOCATOR_H_

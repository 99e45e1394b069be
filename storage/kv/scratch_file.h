// A file for what doesn't fit in memory. It has no name, so that it is gone when its owner is,
// however that ends.
#ifndef STORAGE_KV_SCRATCH_FILE_H_
#define STORAGE_KV_SCRATCH_FILE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "storage/base/status.h"
#include "storage/kv/files.h"

namespace annals::kv {

// Bytes of a file at one place in the address space. They take memory where they have been read,
// until they are forgotten. Threads: any.
class MappedBytes {
 public:
  MappedBytes() = default;
  MappedBytes(const char* data, size_t size) : data_(data), size_(size) {}
  MappedBytes(MappedBytes&& other) noexcept;
  MappedBytes& operator=(MappedBytes&& other) noexcept;
  ~MappedBytes();

  std::string_view bytes() const { return {data_, size_}; }
  // Gives back the memory of whole pages of [begin, end), and of what stands before on the first.
  // They can still be read, more slowly.
  void Forget(size_t begin, size_t end) const;

 private:
  const char* data_ = nullptr;
  size_t size_ = 0;
};

// Threads: one may append while none reads; any number may read.
class ScratchFile {
 public:
  // In the directory of a database, or, if that is ":memory:", where the system keeps such files.
  static absl::StatusOr<ScratchFile> Make(const std::string& database);

  absl::Status Append(const void* bytes, size_t size);
  uint64_t size() const { return size_; }
  // All of [offset, offset + size), which has been appended.
  absl::Status Read(uint64_t offset, void* bytes, size_t size) const;
  // All of it, which must be something. What is appended later is not there; may outlive the file.
  absl::StatusOr<MappedBytes> Map() const;

 private:
  ScratchFile(FileDescriptor file, std::string directory)
      : file_(std::move(file)), directory_(std::move(directory)) {}

  FileDescriptor file_;
  std::string directory_;
  uint64_t size_ = 0;
};

}  // namespace annals::kv

#endif  // STORAGE_KV_SCRATCH_FILE_H_

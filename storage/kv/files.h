// Small files written so that a crash leaves the old or the new content, and their errors.
#ifndef STORAGE_KV_FILES_H_
#define STORAGE_KV_FILES_H_

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "storage/base/status.h"

namespace annals::kv {

// An open file descriptor, closed by the destructor.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// Unavailable: "cannot <what> <path>: <the system's message>".
inline absl::Status SystemError(std::string_view what, const std::string& path) {
  return Unavailable("cannot " + std::string(what) + " " + path + ": " + std::strerror(errno));
}

inline absl::Status WriteAll(int fd, std::string_view bytes, off_t offset,
                             const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(fd, bytes.data(), bytes.size(), offset);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return SystemError("write", path);
    bytes.remove_prefix(static_cast<size_t>(written));
    offset += written;
  }
  return absl::OkStatus();
}

// At most `limit` bytes.
inline absl::StatusOr<std::string> ReadSmallFile(const std::string& path, size_t limit) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.ok()) return SystemError("open", path);
  std::string bytes(limit, '\0');
  size_t size = 0;
  while (size < limit) {
    const ssize_t count = ::read(file.get(), bytes.data() + size, limit - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError("read", path);
    if (count == 0) break;
    size += static_cast<size_t>(count);
  }
  bytes.resize(size);
  return bytes;
}

inline absl::Status SyncDirectory(const std::string& path) {
  FileDescriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.ok()) return SystemError("open", path);
  if (::fsync(directory.get()) != 0) return SystemError("sync", path);
  return absl::OkStatus();
}

// Through a temporary file beside it: the file is whole, or as it was before.
inline absl::Status ReplaceFile(const std::string& directory, const std::string& name,
                                std::string_view bytes) {
  const std::string path = directory + "/" + name;
  const std::string temporary = path + ".tmp";
  FileDescriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!file.ok()) return SystemError("create", temporary);
  ANNALS_RETURN_IF_ERROR(WriteAll(file.get(), bytes, 0, temporary));
  if (::fsync(file.get()) != 0) return SystemError("sync", temporary);
  if (::rename(temporary.c_str(), path.c_str()) != 0) return SystemError("rename", temporary);
  return SyncDirectory(directory);
}

}  // namespace annals::kv

#endif  // STORAGE_KV_FILES_H_

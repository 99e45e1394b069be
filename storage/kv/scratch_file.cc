#include "storage/kv/scratch_file.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "storage/kv/directory.h"

namespace annals::kv {
namespace {

absl::StatusOr<FileDescriptor> OpenNameless(const std::string& directory) {
  FileDescriptor file(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (file.ok()) return file;
  // A file system without such files. The name is one that opening the database clears away.
  std::string path = directory + "/" + kLoadFilePrefix + "scratch-XXXXXX";
  FileDescriptor named(::mkostemp(path.data(), O_CLOEXEC));
  if (!named.ok()) return SystemError("create a file in", directory);
  ::unlink(path.c_str());
  return named;
}

}  // namespace

absl::StatusOr<ScratchFile> ScratchFile::Make(const std::string& database) {
  std::string directory = database;
  if (database == ":memory:") {
    std::error_code error;
    directory = std::filesystem::temp_directory_path(error).string();
    if (error) return Unavailable("there is no folder for temporary files: " + error.message());
  }
  ANNALS_ASSIGN_OR_RETURN(FileDescriptor file, OpenNameless(directory));
  return ScratchFile(std::move(file), std::move(directory));
}

absl::Status ScratchFile::Append(const void* bytes, size_t size) {
  ANNALS_RETURN_IF_ERROR(WriteAll(file_.get(), {static_cast<const char*>(bytes), size},
                                  static_cast<off_t>(size_), "a temporary file in " + directory_));
  size_ += size;
  return absl::OkStatus();
}

absl::Status ScratchFile::Read(uint64_t offset, void* bytes, size_t size) const {
  auto* to = static_cast<char*>(bytes);
  while (size > 0) {
    const ssize_t count = ::pread(file_.get(), to, size, static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError("read", "a temporary file in " + directory_);
    if (count == 0) return Unavailable("a temporary file in " + directory_ + " has been cut");
    to += count;
    offset += static_cast<uint64_t>(count);
    size -= static_cast<size_t>(count);
  }
  return absl::OkStatus();
}

absl::StatusOr<MappedBytes> ScratchFile::Map() const {
  void* const at = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, file_.get(), 0);
  if (at == MAP_FAILED) return SystemError("map", "a temporary file in " + directory_);
  return MappedBytes(static_cast<const char*>(at), size_);
}

MappedBytes::MappedBytes(MappedBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedBytes& MappedBytes::operator=(MappedBytes&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedBytes::~MappedBytes() {
  if (data_ != nullptr) ::munmap(const_cast<char*>(data_), size_);
}

void MappedBytes::Forget(size_t begin, size_t end) const {
  static const auto kPage = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  begin -= begin % kPage;
  end = std::min(end, size_) / kPage * kPage;
  if (data_ == nullptr || begin >= end) return;
  // Only a wish: without it everything works, in more memory.
  ::madvise(const_cast<char*>(data_) + begin, end - begin, MADV_DONTNEED);
}

}  // namespace annals::kv

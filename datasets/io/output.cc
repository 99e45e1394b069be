#include "datasets/io/output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/base/text.h"

namespace annals::datasets {
namespace {

constexpr size_t kBuffered = size_t{1} << 18;
constexpr int kZstdLevel = 3;

absl::Status CannotWrite(const std::string& path) {
  return Unavailable(
      absl::StrCat("can't write '", EscapeForDisplay(path), "': ", std::strerror(errno)));
}

class FileOutput : public Output {
 public:
  FileOutput(int fd, std::string temporary, std::string path)
      : fd_(fd), temporary_(std::move(temporary)), path_(std::move(path)) {}
  ~FileOutput() override {
    if (fd_ < 0) return;
    close(fd_);
    unlink(temporary_.c_str());
  }

  absl::Status Write(std::string_view bytes) override {
    buffer_ += bytes;
    return buffer_.size() < kBuffered ? absl::OkStatus() : Flush();
  }

  absl::Status Commit() override {
    ANNALS_RETURN_IF_ERROR(Flush());
    if (fsync(fd_) != 0) return CannotWrite(path_);
    if (rename(temporary_.c_str(), path_.c_str()) != 0) return CannotWrite(path_);
    close(std::exchange(fd_, -1));
    return absl::OkStatus();
  }

 private:
  absl::Status Flush() {
    for (std::string_view left = buffer_; !left.empty();) {
      const ssize_t n = write(fd_, left.data(), left.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return CannotWrite(path_);
      left.remove_prefix(static_cast<size_t>(n));
    }
    buffer_.clear();
    return absl::OkStatus();
  }

  int fd_;  // -1 once it stands in its place
  const std::string temporary_, path_;
  std::string buffer_;
};

class GzipOutput : public Output {
 public:
  explicit GzipOutput(std::unique_ptr<Output> to) : to_(std::move(to)) {
    constexpr int kGzip = 16 + MAX_WBITS;
    ready_ = deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzip, 8,
                          Z_DEFAULT_STRATEGY) == Z_OK;
  }
  ~GzipOutput() override {
    if (ready_) deflateEnd(&stream_);
  }

  absl::Status Write(std::string_view bytes) override { return Deflate(bytes, Z_NO_FLUSH); }
  absl::Status Commit() override {
    ANNALS_RETURN_IF_ERROR(Deflate("", Z_FINISH));
    return to_->Commit();
  }

 private:
  absl::Status Deflate(std::string_view bytes, int flush) {
    if (!ready_) return ResourceExhausted("there is not enough memory");
    char out[1 << 15];
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(out);
      stream_.avail_out = sizeof(out);
      deflate(&stream_, flush);
      ANNALS_RETURN_IF_ERROR(to_->Write({out, sizeof(out) - stream_.avail_out}));
    } while (stream_.avail_out == 0);
    return absl::OkStatus();
  }

  const std::unique_ptr<Output> to_;
  z_stream stream_{};
  bool ready_ = false;
};

class ZstdOutput : public Output {
 public:
  explicit ZstdOutput(std::unique_ptr<Output> to)
      : to_(std::move(to)),
        stream_(ZSTD_createCCtx(), &ZSTD_freeCCtx),
        buffer_(ZSTD_CStreamOutSize()) {
    if (stream_ == nullptr) return;
    ZSTD_CCtx_setParameter(stream_.get(), ZSTD_c_compressionLevel, kZstdLevel);
    ZSTD_CCtx_setParameter(stream_.get(), ZSTD_c_checksumFlag, 1);
  }

  absl::Status Write(std::string_view bytes) override { return Compress(bytes, ZSTD_e_continue); }
  absl::Status Commit() override {
    ANNALS_RETURN_IF_ERROR(Compress("", ZSTD_e_end));
    return to_->Commit();
  }

 private:
  absl::Status Compress(std::string_view bytes, ZSTD_EndDirective mode) {
    if (stream_ == nullptr) return ResourceExhausted("there is not enough memory");
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    while (true) {
      ZSTD_outBuffer out{buffer_.data(), buffer_.size(), 0};
      const size_t left = ZSTD_compressStream2(stream_.get(), &out, &in, mode);
      if (ZSTD_isError(left) != 0) return Internal(ZSTD_getErrorName(left));
      ANNALS_RETURN_IF_ERROR(to_->Write({buffer_.data(), out.pos}));
      if (mode == ZSTD_e_end ? left == 0 : in.pos == in.size) return absl::OkStatus();
    }
  }

  const std::unique_ptr<Output> to_;
  const std::unique_ptr<ZSTD_CCtx, size_t (*)(ZSTD_CCtx*)> stream_;
  std::vector<char> buffer_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Output>> OpenOutput(const std::string& path) {
  struct stat info {};
  const bool exists = stat(path.c_str(), &info) == 0;
  if (exists && !S_ISREG(info.st_mode)) {
    return InvalidArgument(absl::StrCat("can't write '", EscapeForDisplay(path),
                                        "': it stands there already and is not a plain file"));
  }
  // Written through a link, so that the link stays one.
  std::string place = path;
  if (char* const real = exists ? realpath(path.c_str(), nullptr) : nullptr; real != nullptr) {
    place = real;
    std::free(real);
  }
  std::string temporary = place + ".XXXXXX";
  const int fd = mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0) return CannotWrite(path);
  const mode_t mask = umask(0);
  umask(mask);
  fchmod(fd, exists ? info.st_mode & 07777 : 0666 & ~mask);
  std::unique_ptr<Output> output = std::make_unique<FileOutput>(fd, temporary, place);
  const std::string name = AsciiLower(path);
  if (name.ends_with(".gz")) output = std::make_unique<GzipOutput>(std::move(output));
  if (name.ends_with(".zst")) output = std::make_unique<ZstdOutput>(std::move(output));
  return output;
}

}  // namespace annals::datasets

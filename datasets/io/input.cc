#include "datasets/io/input.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/base/text.h"
#include "storage/kv/files.h"

namespace annals::datasets {
namespace {

absl::Status CantRead(const std::string& path) {
  const std::string message = absl::StrCat("can't read '", path, "': ", std::strerror(errno));
  return errno == ENOENT || errno == ENOTDIR ? NotFound(message) : Unavailable(message);
}

constexpr std::string_view kGzipMagic = "\x1f\x8b";
constexpr std::string_view kZstdMagic = "\x28\xb5\x2f\xfd";

// A file, or what else has a descriptor: a pipe may be waited for as long as `check` lets it.
class FileInput : public Input {
 public:
  FileInput(kv::FileDescriptor file, std::string path, WaitFunction check)
      : file_(std::move(file)), path_(std::move(path)), check_(std::move(check)) {
    struct stat info {};
    waits_ = ::fstat(file_.get(), &info) != 0 || !S_ISREG(info.st_mode);
  }

  absl::StatusOr<size_t> Read(char* buffer, size_t size) override {
    while (true) {
      if (waits_) ANNALS_RETURN_IF_ERROR(Wait());
      const ssize_t n = ::read(file_.get(), buffer, size);
      if (n >= 0) return static_cast<size_t>(n);
      if (errno != EINTR && errno != EAGAIN) return CantRead(path_);
    }
  }

 private:
  absl::Status Wait() const {
    constexpr int kMilliseconds = 50;
    pollfd waited{file_.get(), POLLIN, 0};
    while (true) {
      if (check_) ANNALS_RETURN_IF_ERROR(check_());
      const int ready = ::poll(&waited, 1, kMilliseconds);
      if (ready > 0) return absl::OkStatus();
      if (ready < 0 && errno != EINTR) return CantRead(path_);
    }
  }

  const kv::FileDescriptor file_;
  const std::string path_;
  const WaitFunction check_;
  bool waits_ = false;
};

// Is of the first bytes every second one, and no other, NUL? So Latin letters are.
bool LooksLikeUtf16(std::string_view text) {
  constexpr size_t kLeast = 4, kLookedAt = 16;
  text = text.substr(0, kLookedAt);
  if (text.size() < kLeast) return false;
  const bool first_is_nul = text[0] == '\0';
  for (size_t i = 0; i < text.size(); ++i) {
    if ((text[i] == '\0') != (first_is_nul == (i % 2 == 0))) return false;
  }
  return true;
}

// Bytes that were looked at already, then the rest of the input.
class LookedAtInput : public Input {
 public:
  LookedAtInput(std::string begin, std::unique_ptr<Input> rest)
      : begin_(std::move(begin)), rest_(std::move(rest)) {}

  absl::StatusOr<size_t> Read(char* buffer, size_t size) override {
    if (at_ == begin_.size()) return rest_->Read(buffer, size);
    const size_t n = std::min(size, begin_.size() - at_);
    std::memcpy(buffer, begin_.data() + at_, n);
    at_ += n;
    return n;
  }

 private:
  const std::string begin_;
  const std::unique_ptr<Input> rest_;
  size_t at_ = 0;
};

// One member after the other, as gzip reads them.
class GzipInput : public Input {
 public:
  GzipInput(std::unique_ptr<Input> compressed, std::string path)
      : compressed_(std::move(compressed)),
        path_(std::move(path)),
        buffer_(std::make_unique_for_overwrite<char[]>(kBuffer)) {
    constexpr int kGzipOnly = 16 + MAX_WBITS;
    ready_ = inflateInit2(&stream_, kGzipOnly) == Z_OK;
  }
  GzipInput(const GzipInput&) = delete;
  GzipInput& operator=(const GzipInput&) = delete;
  ~GzipInput() override {
    if (ready_) inflateEnd(&stream_);
  }

  absl::StatusOr<size_t> Read(char* buffer, size_t size) override {
    if (!ready_) return ResourceExhausted("there is not enough memory");
    const auto room = static_cast<uInt>(std::min<size_t>(size, INT_MAX));
    while (true) {
      if (stream_.avail_in == 0) ANNALS_RETURN_IF_ERROR(Refill());
      if (stream_.avail_in == 0) {
        if (between_) return size_t{0};
        return InvalidArgument(absl::StrCat("'", path_,
                                            "' ends in the middle of its gzip data: it was cut "
                                            "short; get the file again"));
      }
      if (between_) ANNALS_RETURN_IF_ERROR(BeginMember());
      if (between_) continue;  // there were zeros only
      stream_.next_out = reinterpret_cast<Bytef*>(buffer);
      stream_.avail_out = room;
      const int code = inflate(&stream_, Z_NO_FLUSH);
      if (code != Z_OK && code != Z_BUF_ERROR && code != Z_STREAM_END) {
        return InvalidArgument(absl::StrCat("'", path_, "' holds damaged gzip data (",
                                            stream_.msg != nullptr ? stream_.msg : "unknown",
                                            "); get the file again"));
      }
      between_ = code == Z_STREAM_END;
      if (stream_.avail_out < room) return room - stream_.avail_out;
    }
  }

 private:
  static constexpr size_t kBuffer = size_t{32} << 10;

  absl::Status Refill() {
    ANNALS_ASSIGN_OR_RETURN(const size_t n, compressed_->Read(buffer_.get(), kBuffer));
    stream_.next_in = reinterpret_cast<Bytef*>(buffer_.get());
    stream_.avail_in = static_cast<uInt>(n);
    return absl::OkStatus();
  }

  // Zeros may fill up the last block of a tape.
  absl::Status BeginMember() {
    while (stream_.avail_in > 0 && *stream_.next_in == 0) {
      ++stream_.next_in;
      --stream_.avail_in;
    }
    if (stream_.avail_in == 0) return absl::OkStatus();
    if (*stream_.next_in != static_cast<Bytef>(kGzipMagic[0])) {
      return InvalidArgument(absl::StrCat("'", path_,
                                          "' goes on behind the end of its gzip data; get the "
                                          "file again"));
    }
    between_ = false;
    inflateReset(&stream_);
    return absl::OkStatus();
  }

  const std::unique_ptr<Input> compressed_;
  const std::string path_;
  const std::unique_ptr<char[]> buffer_;
  z_stream stream_ = {};
  bool ready_ = false;
  bool between_ = false;  // behind the end of a member
};

class ZstdInput : public Input {
 public:
  ZstdInput(std::unique_ptr<Input> compressed, std::string path)
      : compressed_(std::move(compressed)),
        path_(std::move(path)),
        stream_(ZSTD_createDStream(), &ZSTD_freeDStream),
        buffer_(std::make_unique_for_overwrite<char[]>(kBuffer)) {
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
    // Windows of up to 128 MB, made for a few bytes, would take all of a fuzzer's time.
    constexpr int kSmallWindow = 16;
    ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, kSmallWindow);
#endif
  }

  absl::StatusOr<size_t> Read(char* buffer, size_t size) override {
    if (stream_ == nullptr) return ResourceExhausted("there is not enough memory");
    ZSTD_outBuffer out{buffer, size, 0};
    while (out.pos == 0) {
      // What is decompressed may still wait in the stream when the input has ended.
      if (in_.pos == in_.size && !at_end_) {
        ANNALS_ASSIGN_OR_RETURN(in_.size, compressed_->Read(buffer_.get(), kBuffer));
        in_.src = buffer_.get();
        in_.pos = 0;
        at_end_ = in_.size == 0;
      }
      if (at_end_ && left_ == 0) return size_t{0};
      const size_t left = ZSTD_decompressStream(stream_.get(), &out, &in_);
      if (ZSTD_isError(left) != 0) {
        return InvalidArgument(absl::StrCat("'", path_, "' holds damaged zstd data (",
                                            ZSTD_getErrorName(left), "); get the file again"));
      }
      left_ = left;
      if (at_end_ && out.pos == 0 && left_ != 0) {
        return InvalidArgument(absl::StrCat("'", path_,
                                            "' ends in the middle of its zstd data: it was cut "
                                            "short; get the file again"));
      }
    }
    return out.pos;
  }

 private:
  static constexpr size_t kBuffer = size_t{32} << 10;

  const std::unique_ptr<Input> compressed_;
  const std::string path_;
  const std::unique_ptr<ZSTD_DStream, size_t (*)(ZSTD_DStream*)> stream_;
  const std::unique_ptr<char[]> buffer_;
  ZSTD_inBuffer in_{nullptr, 0, 0};
  size_t left_ = 0;  // of the present frame: 0 at its end
  bool at_end_ = false;
};

absl::StatusOr<kv::FileDescriptor> OpenFile(const std::string& path) {
  // A named pipe is opened at once and waited for when it is read.
  const int fd = path == kStandardInput ? ::dup(STDIN_FILENO)
                                        : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return CantRead(path);
  kv::FileDescriptor file(fd);
  struct stat info {};
  if (::fstat(fd, &info) == 0 && S_ISDIR(info.st_mode)) {
    return InvalidArgument(absl::StrCat("can't read '", path, "': it is a directory, not a file"));
  }
  return file;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Input>> OpenInput(const std::string& path, WaitFunction check) {
  ANNALS_ASSIGN_OR_RETURN(kv::FileDescriptor file, OpenFile(path));
  std::unique_ptr<Input> input =
      std::make_unique<FileInput>(std::move(file), path, std::move(check));
  std::string begin(kZstdMagic.size(), '\0');
  size_t looked_at = 0;
  while (looked_at < begin.size()) {
    ANNALS_ASSIGN_OR_RETURN(const size_t n,
                            input->Read(begin.data() + looked_at, begin.size() - looked_at));
    if (n == 0) break;
    looked_at += n;
  }
  begin.resize(looked_at);
  const bool zstd = begin == kZstdMagic, gzip = begin.starts_with(kGzipMagic);
  input = std::make_unique<LookedAtInput>(std::move(begin), std::move(input));
  if (gzip) input = std::make_unique<GzipInput>(std::move(input), path);
  if (zstd) input = std::make_unique<ZstdInput>(std::move(input), path);
  return input;
}

absl::Status CheckText(std::string_view text, const std::string& path, uint64_t offset,
                       uint64_t line) {
  const auto fail = [&](size_t at, std::string_view what, std::string_view advice) {
    const auto lines = std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(at), '\n');
    return InvalidArgument(absl::StrCat(path, ":", line + static_cast<uint64_t>(lines), ": ",
                                        ToAbsl(what), " at byte ", offset + at, "; ",
                                        ToAbsl(advice)));
  };
  if (const auto bad = FindInvalidUtf8(text)) {
    return fail(*bad, "not UTF-8", "convert the file to UTF-8");
  }
  if (const void* nul = std::memchr(text.data(), 0, text.size()); nul != nullptr) {
    return fail(static_cast<size_t>(static_cast<const char*>(nul) - text.data()), "a NUL character",
                "remove it: no text may hold one");
  }
  return absl::OkStatus();
}

absl::Status CheckEncoding(std::string_view first_bytes, const std::string& path) {
  if (first_bytes.starts_with("\xff\xfe") || first_bytes.starts_with("\xfe\xff")) {
    return InvalidArgument(
        absl::StrCat("'", path, "' is in UTF-16; convert it to UTF-8, for example with iconv"));
  }
  if (LooksLikeUtf16(first_bytes)) {
    return InvalidArgument(absl::StrCat("'", path,
                                        "' looks like UTF-16 without a byte-order mark; convert "
                                        "it to UTF-8, for example with iconv"));
  }
  return absl::OkStatus();
}

}  // namespace annals::datasets

#include "datasets/io/input.h"

#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "storage/base/text.h"

namespace annals::datasets {
namespace {

class GzipInput : public Input {
 public:
  GzipInput(gzFile file, std::string path) : file_(file), path_(std::move(path)) {}
  ~GzipInput() override { gzclose(file_); }

  absl::StatusOr<size_t> Read(char* buffer, size_t size) override {
    const int n = gzread(file_, buffer, static_cast<unsigned>(std::min<size_t>(size, INT_MAX / 2)));
    int code = Z_OK;
    const char* message = gzerror(file_, &code);
    if (n < 0 || (code != Z_OK && code != Z_STREAM_END)) {
      if (code == Z_ERRNO) {
        return Unavailable(absl::StrCat("can't read '", path_, "': ", std::strerror(errno)));
      }
      if (code == Z_BUF_ERROR) {
        return InvalidArgument(absl::StrCat("'", path_,
                                            "' ends in the middle of its gzip data: it was cut "
                                            "short; get the file again"));
      }
      return InvalidArgument(absl::StrCat("'", path_, "' holds damaged gzip data (", message,
                                          "); get the file again"));
    }
    return static_cast<size_t>(n);
  }

 private:
  gzFile file_;
  std::string path_;
};

constexpr std::string_view kZstdMagic = "\x28\xb5\x2f\xfd";

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

absl::StatusOr<gzFile> OpenGzip(const std::string& path) {
  gzFile file = nullptr;
  if (path == kStandardInput) {
    const int copy = dup(STDIN_FILENO);
    if (copy >= 0) file = gzdopen(copy, "rb");
    if (file == nullptr && copy >= 0) close(copy);
  } else {
    file = gzopen(path.c_str(), "rb");
  }
  if (file == nullptr) {
    return Unavailable(absl::StrCat("can't read '", path, "': ", std::strerror(errno)));
  }
  gzbuffer(file, 1 << 15);
  return file;
}

absl::Status CheckFile(const std::string& path) {
  if (path == kStandardInput) return absl::OkStatus();
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) {
    const std::string message = absl::StrCat("can't read '", path, "': ", std::strerror(errno));
    return errno == ENOENT || errno == ENOTDIR ? NotFound(message) : Unavailable(message);
  }
  if (S_ISDIR(info.st_mode)) {
    return InvalidArgument(absl::StrCat("can't read '", path, "': it is a directory, not a file"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Input>> OpenInput(const std::string& path) {
  ANNALS_RETURN_IF_ERROR(CheckFile(path));
  ANNALS_ASSIGN_OR_RETURN(const gzFile file, OpenGzip(path));
  std::unique_ptr<Input> input = std::make_unique<GzipInput>(file, path);
  std::string begin(kZstdMagic.size(), '\0');
  size_t looked_at = 0;
  while (looked_at < begin.size()) {
    ANNALS_ASSIGN_OR_RETURN(const size_t n,
                            input->Read(begin.data() + looked_at, begin.size() - looked_at));
    if (n == 0) break;
    looked_at += n;
  }
  begin.resize(looked_at);
  const bool zstd = begin == kZstdMagic;
  input = std::make_unique<LookedAtInput>(std::move(begin), std::move(input));
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
  return absl::OkStatus();
}

}  // namespace annals::datasets

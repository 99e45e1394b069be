#include "datasets/io/input.h"

#include <sys/stat.h>
#include <zlib.h>

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

}  // namespace

absl::StatusOr<std::unique_ptr<Input>> OpenInput(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) {
    const std::string message = absl::StrCat("can't read '", path, "': ", std::strerror(errno));
    return errno == ENOENT || errno == ENOTDIR ? NotFound(message) : Unavailable(message);
  }
  if (S_ISDIR(info.st_mode)) {
    return InvalidArgument(absl::StrCat("can't read '", path, "': it is a directory, not a file"));
  }
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) {
    return Unavailable(absl::StrCat("can't read '", path, "': ", std::strerror(errno)));
  }
  gzbuffer(file, 1 << 18);
  return std::make_unique<GzipInput>(file, path);
}

absl::StatusOr<std::string> ReadWhole(const std::string& path, uint64_t limit) {
  ANNALS_ASSIGN_OR_RETURN(std::unique_ptr<Input> input, OpenInput(path));
  std::string text;
  size_t used = 0;
  while (true) {
    if (text.size() - used < (size_t{1} << 20)) text.resize(std::max<size_t>(1 << 20, used * 2));
    ANNALS_ASSIGN_OR_RETURN(const size_t n, input->Read(text.data() + used, text.size() - used));
    if (n == 0) break;
    used += n;
    if (used > limit) {
      return InvalidArgument(absl::StrCat("'", path, "' is longer than ", limit >> 20,
                                          " MB; split it into several files"));
    }
  }
  text.resize(used);
  ANNALS_RETURN_IF_ERROR(CheckEncoding(text, path));
  ANNALS_RETURN_IF_ERROR(CheckText(text, path, 0, 1));
  if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  return text;
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

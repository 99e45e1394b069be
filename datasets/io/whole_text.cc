#include "datasets/io/whole_text.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/base/text.h"

namespace annals::datasets {
namespace {

constexpr size_t kReadAtOnce = size_t{64} << 10;
constexpr size_t kPiece = size_t{1} << 20;  // looked through at a time

// Takes bytes in memory up to a limit, then all of them in a file.
class Collector {
 public:
  Collector(uint64_t memory_bytes, const std::string& database)
      : memory_bytes_(memory_bytes), database_(database) {}

  // So many will come, maybe.
  void Expect(uint64_t bytes) {
    if (bytes <= memory_bytes_) kept_.reserve(bytes);
  }

  absl::Status Add(std::string_view bytes) {
    size_ += bytes.size();
    if (!file_.has_value() && kept_.size() + bytes.size() > memory_bytes_) {
      absl::StatusOr<kv::ScratchFile> made = kv::ScratchFile::Make(database_);
      if (!made.ok() && database_ == ":memory:") {  // needs no folder
        memory_bytes_ = std::numeric_limits<uint64_t>::max();
        kept_ += bytes;
        return absl::OkStatus();
      }
      ANNALS_ASSIGN_OR_RETURN(file_, std::move(made));
      ANNALS_RETURN_IF_ERROR(file_->Append(kept_.data(), kept_.size()));
      kept_ = std::string();
    }
    if (file_.has_value()) return file_->Append(bytes.data(), bytes.size());
    kept_ += bytes;
    return absl::OkStatus();
  }
  uint64_t size() const { return size_; }
  std::optional<kv::ScratchFile>& file() { return file_; }
  std::string& kept() { return kept_; }

 private:
  uint64_t memory_bytes_;
  const std::string& database_;
  uint64_t size_ = 0;
  std::string kept_;
  std::optional<kv::ScratchFile> file_;
};

}  // namespace

absl::StatusOr<WholeText> WholeText::Read(const std::string& path, const OpenFunction& open,
                                          uint64_t limit, uint64_t memory_bytes,
                                          const std::string& database) {
  ANNALS_ASSIGN_OR_RETURN(const std::unique_ptr<Input> input, open(path));
  Collector all(memory_bytes, database);
  std::error_code unknown;  // of what is no file
  const uintmax_t size = std::filesystem::file_size(path, unknown);
  if (!unknown) all.Expect(std::min<uintmax_t>(size, limit) + kPadding);
  const auto piece = std::make_unique_for_overwrite<char[]>(kReadAtOnce);
  while (true) {
    ANNALS_ASSIGN_OR_RETURN(const size_t n, input->Read(piece.get(), kReadAtOnce));
    if (n == 0) break;
    ANNALS_RETURN_IF_ERROR(all.Add({piece.get(), n}));
    // What never ends, such as /dev/zero, or is no text is not read to its end first.
    if (std::memchr(piece.get(), 0, n) != nullptr) break;
    if (all.size() > limit) {
      return InvalidArgument(absl::StrCat("'", path, "' is longer than ", limit >> 20,
                                          " MB; split it into several files"));
    }
  }
  ANNALS_RETURN_IF_ERROR(all.Add(std::string(kPadding, '\0')));
  WholeText whole;
  if (all.file().has_value()) {
    ANNALS_ASSIGN_OR_RETURN(whole.mapped_, all.file()->Map());
  } else {
    whole.kept_ = std::move(all.kept());
  }
  ANNALS_RETURN_IF_ERROR(whole.Check(path));
  if (whole.text().starts_with(kByteOrderMark)) whole.begin_ = kByteOrderMark.size();
  return whole;
}

absl::Status WholeText::Check(const std::string& path) const {
  const std::string_view all = text();
  ANNALS_RETURN_IF_ERROR(CheckEncoding(all, path));
  for (size_t begin = 0, end = 0; begin < all.size(); begin = end) {
    end = std::min(begin + kPiece, all.size());
    // No character goes across the end, if these are characters.
    for (int i = 0; i < 3 && end < all.size() && (all[end] & 0xc0) == 0x80; ++i) --end;
    const std::string_view piece = all.substr(begin, end - begin);
    if (FindInvalidUtf8(piece).has_value() || piece.find('\0') != piece.npos) {
      return CheckText(all.substr(0, end), path, 0, 1);
    }
    Forget(begin, end);
  }
  return absl::OkStatus();
}

std::string_view WholeText::text() const {
  std::string_view all = mapped_.bytes().empty() ? std::string_view(kept_) : mapped_.bytes();
  all.remove_suffix(std::min(kPadding, all.size()));
  return all.substr(begin_);
}

bool WholeText::Contains(std::string_view word) const {
  const std::string_view all = text();
  for (size_t begin = 0; begin < all.size(); begin += kPiece) {
    // With what a word may have that goes across the end. A string's find stops at each first
    // letter.
    const std::string_view piece = all.substr(begin, kPiece + word.size());
    if (::memmem(piece.data(), piece.size(), word.data(), word.size()) != nullptr) return true;
    Forget(begin, begin + kPiece);
  }
  return false;
}

void WholeText::Forget(size_t begin, size_t end) const {
  mapped_.Forget(begin_ + begin, begin_ + end);
}

}  // namespace annals::datasets

#include "datasets/io/record_blocks.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace annals::datasets {
namespace {

// The room for the first block grows from here, as many files are small.
constexpr size_t kLeastRoom = size_t{4} << 10;

// The last byte `c` of [begin, end), or null.
const char* FindLast(const char* begin, const char* end, char c) {
  return static_cast<const char*>(::memrchr(begin, c, static_cast<size_t>(end - begin)));
}

// Does a field begin at `at`, which is outside of quotes? `begin` is where a record begins. Only
// there a quote opens anything: elsewhere it is a character like others.
bool BeginsField(const char* begin, const char* at) {
  return at == begin || at[-1] == ',' || at[-1] == '\n' || at[-1] == '\r';
}

}  // namespace

const char* RecordCutter::FindSpecial(const char* begin, const char* end) const {
  if (quotes_) {
    return std::find_if(begin, end, [](char c) { return c == '\n' || c == '\r' || c == '"'; });
  }
  const auto* newline =
      static_cast<const char*>(std::memchr(begin, '\n', static_cast<size_t>(end - begin)));
  if (newline == nullptr) newline = end;
  const auto* cr =
      static_cast<const char*>(std::memchr(begin, '\r', static_cast<size_t>(newline - begin)));
  return cr != nullptr ? cr : newline;
}

bool RecordCutter::Next(std::string_view* record) {
  line_ = next_line_;
  if (at_ == text_.size() || open_quote_) return false;
  const char* const begin = text_.data() + at_;
  const char* const end = text_.data() + text_.size();
  bool in_quotes = false;
  uint64_t quote_line = 0;
  uint64_t lines = 0;
  for (const char* at = begin; (at = FindSpecial(at, end)) < end; ++at) {
    if (*at == '"') {
      if (!in_quotes) {
        in_quotes = BeginsField(begin, at);
        quote_line = lines;
      } else if (at + 1 < end && at[1] == '"') {
        ++at;
      } else {
        in_quotes = false;
      }
      continue;
    }
    const bool crlf = *at == '\r' && at + 1 < end && at[1] == '\n';
    ++lines;
    if (!in_quotes) {
      *record = {begin, static_cast<size_t>(at - begin)};
      at_ = static_cast<size_t>(at - text_.data()) + (crlf ? 2 : 1);
      next_line_ += lines;
      return true;
    }
    if (crlf) ++at;
  }
  open_quote_ = in_quotes;
  next_line_ += in_quotes ? quote_line : lines;
  if (in_quotes) return false;
  *record = {begin, static_cast<size_t>(end - begin)};
  at_ = text_.size();
  return true;
}

absl::StatusOr<bool> RecordBlocks::Next(RecordBlock* block) {
  std::string spare = std::move(block->text);
  *block = RecordBlock();
  while (end_ == 0 && !at_end_ && failed_.ok() && !block->too_long) {
    Fill();
    FindEnd();
    block->too_long = end_ == 0 && buffer_.size() > kLongestRecord;
  }
  if (end_ == 0) {
    ANNALS_RETURN_IF_ERROR(failed_);
    end_ = buffer_.size();
  }
  if (end_ == 0) return false;
  spare.assign(buffer_, end_);
  buffer_.resize(end_);
  block->text = std::move(buffer_);
  block->offset = offset_;
  buffer_ = std::move(spare);
  offset_ += end_;
  scanned_ -= std::min(scanned_, end_);
  end_ = 0;
  return true;
}

void RecordBlocks::Fill() {
  const size_t kept = buffer_.size();
  // Growing with what is kept makes long records linear in their length.
  const size_t full = kept + std::max(block_bytes_, kept);
  // Some more, for the next to have room in it as well.
  if (begun_ && buffer_.capacity() < full) buffer_.reserve(full + block_bytes_ / 8);
  buffer_.resize(begun_ ? full : std::min(full, kLeastRoom));
  size_t size = kept;
  while (size < full && !at_end_) {
    if (size == buffer_.size()) buffer_.resize(std::min(full, 2 * size));
    const auto n = input_.Read(buffer_.data() + size, buffer_.size() - size);
    if (!n.ok()) {
      failed_ = n.status();
      break;
    }
    size += *n;
    at_end_ = *n == 0;
  }
  buffer_.resize(size);
  if (begun_) return;
  begun_ = true;
  if (const absl::Status encoding = CheckEncoding(buffer_, path_); !encoding.ok()) {
    buffer_.clear();
    failed_ = encoding;
  }
  if (buffer_.starts_with(kByteOrderMark)) {
    buffer_.erase(0, kByteOrderMark.size());
    offset_ = kByteOrderMark.size();
  }
}

void RecordBlocks::FindEnd() {
  const char* const data = buffer_.data();
  const char* const end = data + buffer_.size();
  const char* at = data + scanned_;
  while (at < end) {
    const char* quote = end;
    if (quotes_) {
      const void* const found = std::memchr(at, '"', static_cast<size_t>(end - at));
      if (found != nullptr) quote = static_cast<const char*>(found);
    }
    if (in_quotes_) {
      // Whether the quote at the very end closes the field or is doubled is seen later.
      at = quote;
      if (end - quote < 2) break;
      in_quotes_ = quote[1] == '"';
      at = quote + (in_quotes_ ? 2 : 1);
      continue;
    }
    const char* line_end = FindLast(at, quote, '\n');
    // A CR at the very end may be the first half of CRLF.
    if (line_end == nullptr) line_end = FindLast(at, quote == end ? end - 1 : quote, '\r');
    if (line_end != nullptr) end_ = static_cast<size_t>(line_end - data) + 1;
    if (quote == end) {
      at = buffer_.back() == '\r' ? end - 1 : end;
      break;
    }
    in_quotes_ = BeginsField(data, quote);
    at = quote + 1;
  }
  // What is read next begins with what could not be decided.
  scanned_ = static_cast<size_t>(at - data);
}

}  // namespace annals::datasets

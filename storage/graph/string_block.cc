#include "storage/graph/string_block.h"

#include <algorithm>

#include "storage/base/coding.h"
#include "storage/graph/term_hash.h"
#include "storage/kv/keys.h"

namespace annals {
namespace {

uint32_t Checksum(std::string_view bytes) {
  return static_cast<uint32_t>(HashTerm(TermKind::kUndefined, bytes));
}

absl::Status Damaged() { return DataLoss("a block of the dictionary is damaged"); }

size_t SharedPrefix(std::string_view a, std::string_view b) {
  const size_t limit = std::min(a.size(), b.size());
  return static_cast<size_t>(
      std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(limit), b.begin()).first -
      a.begin());
}

}  // namespace

void StringBlockBuilder::Add(TermKind kind, std::string_view key) {
  size_t shared = 0;
  if (count_ % kGroupTerms == 0) {
    offsets_.push_back(static_cast<uint32_t>(entries_.size()));
  } else {
    shared = SharedPrefix(last_, key);
  }
  entries_.push_back(static_cast<char>(kind));
  PutVarint64(&entries_, shared);
  PutLengthPrefixed(&entries_, key.substr(shared));
  last_.assign(key);
  ++count_;
}

std::string StringBlockBuilder::Finish() {
  std::string body;
  body.reserve(10 + 4 * offsets_.size() + entries_.size());
  PutVarint64(&body, count_);
  for (const uint32_t offset : offsets_) PutFixed32(&body, offset);
  body += entries_;
  std::string block;
  block.reserve(4 + body.size());
  PutFixed32(&block, Checksum(body));
  block += body;
  count_ = 0;
  offsets_.clear();
  entries_.clear();
  return block;
}

absl::Status StringBlockReader::Open(std::string_view block) {
  *this = StringBlockReader();
  uint32_t checksum = 0;
  uint64_t count = 0;
  if (!GetFixed32(&block, &checksum)) return Damaged();
#ifndef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
  if (checksum != Checksum(block)) return Damaged();
#endif
  if (!GetVarint64(&block, &count) || count == 0 || count > kStringBlockTerms) return Damaged();
  const size_t groups = (static_cast<size_t>(count) + kGroupTerms - 1) / kGroupTerms;
  if (block.size() < 4 * groups) return Damaged();
  count_ = static_cast<size_t>(count);
  offsets_ = block.substr(0, 4 * groups);
  entries_ = block.substr(4 * groups);
  return absl::OkStatus();
}

absl::Status StringBlockReader::Read(size_t index) {
  if (in_group_ && index + 1 == next_) return absl::OkStatus();
  const size_t group = index / kGroupTerms;
  if (!in_group_ || index < next_ || group != (next_ - 1) / kGroupTerms) {
    std::string_view at = offsets_.substr(4 * group);
    uint32_t offset = 0;
    if (!GetFixed32(&at, &offset) || offset > entries_.size()) return Damaged();
    rest_ = entries_.substr(offset);
    next_ = group * kGroupTerms;
  }
  in_group_ = false;  // until all of it has been read
  while (next_ <= index) {
    ANNALS_RETURN_IF_ERROR(ReadEntry(next_ % kGroupTerms == 0));
    ++next_;
  }
  in_group_ = true;
  return absl::OkStatus();
}

absl::Status StringBlockReader::ReadEntry(bool first) {
  uint64_t shared = 0;
  std::string_view tail;
  if (rest_.empty()) return Damaged();
  kind_ = static_cast<TermKind>(rest_[0]);
  rest_.remove_prefix(1);
  if (!GetVarint64(&rest_, &shared) || !GetLengthPrefixed(&rest_, &tail)) return Damaged();
  if (first ? shared != 0 : shared > key_.size()) return Damaged();
  key_.resize(static_cast<size_t>(shared));
  key_.append(tail);
  return absl::OkStatus();
}

absl::Status StringBlockWriter::Append(TermKind kind, std::string_view key) {
  block_.Add(kind, key);
  ++next_;
  return block_.full() ? Flush() : absl::OkStatus();
}

absl::Status StringBlockWriter::Finish() {
  return block_.count() == 0 ? absl::OkStatus() : Flush();
}

absl::Status StringBlockWriter::Flush() {
  return file_.Put(kv::NumberKey(kv::kStringBlockPrefix, next_ - 1), block_.Finish());
}

}  // namespace annals

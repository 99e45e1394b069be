#include "storage/graph/cursors.h"

#include <algorithm>

#include "storage/kv/keys.h"

namespace annals {

BaseCursor::BaseCursor(kv::Iterator& iterator, uint8_t relation, uint64_t generation,
                       size_t columns)
    : iterator_(iterator), key_(kv::BlockKey(relation, generation)), columns_(columns) {}

absl::Status BaseCursor::Load() {
  valid_ = false;
  if (!iterator_.Valid()) return iterator_.status();
  const std::string_view key = iterator_.key();
  if (!key.starts_with(std::string_view(key_).substr(0, kv::kBlockKeyHeader))) {
    return absl::OkStatus();
  }
  if (key.size() != kv::kBlockKeyHeader + 8 * columns_) {
    return DataLoss("the key of a packed block is damaged");
  }
  ANNALS_ASSIGN_OR_RETURN(block_, BlockView::Parse(iterator_.value(), columns_));
  valid_ = true;
  row_ = 0;
  return absl::OkStatus();
}

absl::Status BaseCursor::Seek(std::span<const uint64_t> key) {
  if (valid_ && (block_.ordinal() == 0 || block_.Compare(0, key) < 0) &&
      block_.Compare(block_.rows() - 1, key) >= 0) {
    // Rows before this one may also be at the key: only a smaller row is a safe start.
    const bool forward = row_ < block_.rows() && block_.Compare(row_, key) < 0;
    row_ = block_.LowerBound(key, forward ? row_ : 0);
    return absl::OkStatus();
  }
  key_.resize(kv::kBlockKeyHeader);
  kv::PutRow(&key_, key);
  iterator_.Seek(key_);
  ANNALS_RETURN_IF_ERROR(Load());
  if (valid_) row_ = block_.LowerBound(key);
  return absl::OkStatus();
}

absl::Status BaseCursor::NextBlock() {
  iterator_.Next();
  return Load();
}

absl::Status BaseCursor::SeekBefore(std::span<const uint64_t> key) {
  ANNALS_RETURN_IF_ERROR(Seek(key));
  if (valid_ && row_ > 0) {
    --row_;
    return absl::OkStatus();
  }
  // The last block whose last row, which its key says, is smaller.
  key_.resize(kv::kBlockKeyHeader);
  kv::PutRow(&key_, key);
  iterator_.SeekForPrev(key_);
  ANNALS_RETURN_IF_ERROR(Load());
  if (valid_) row_ = block_.rows() - 1;
  return absl::OkStatus();
}

DeltaCursor::DeltaCursor(kv::Iterator& iterator, uint8_t relation, size_t columns)
    : iterator_(iterator),
      key_(kv::DeltaKey(relation)),
      relation_end_(kv::DeltaKey(static_cast<uint8_t>(relation + 1))),
      columns_(columns) {}

absl::Status DeltaCursor::Load() {
  valid_ = false;
  if (!iterator_.Valid()) return iterator_.status();
  std::string_view key = iterator_.key();
  if (!key.starts_with(std::string_view(key_).substr(0, kv::kDeltaKeyHeader))) {
    return absl::OkStatus();
  }
  const std::string_view value = iterator_.value();
  if (key.size() != kv::kDeltaKeyHeader + 8 * columns_ || value.size() != 1 ||
      (value[0] != kv::kAdded && value[0] != kv::kRemoved)) {
    return DataLoss("a row of the delta is damaged");
  }
  row_.size = columns_;
  for (size_t i = 0; i < columns_; ++i) {
    row_.values[i] = kv::LoadFixed64(key.data() + kv::kDeltaKeyHeader + 8 * i);
  }
  removes_ = value[0] == kv::kRemoved;
  valid_ = true;
  return absl::OkStatus();
}

absl::Status DeltaCursor::Seek(std::span<const uint64_t> key) {
  // Nothing lies between the last bound and where the cursor stands.
  if (sought_ && bound_.size == key.size() && CompareRows(bound_.span(), key) <= 0 &&
      (!valid_ || CompareRows(row_.span(), key) >= 0)) {
    return absl::OkStatus();
  }
  std::copy(key.begin(), key.end(), bound_.values.begin());
  bound_.size = key.size();
  const absl::Status status = SeekWithin(key, {});
  sought_ = status.ok();
  return status;
}

absl::Status DeltaCursor::SeekWithin(std::span<const uint64_t> key,
                                     std::span<const uint64_t> last) {
  Row next;
  std::copy(last.begin(), last.end(), next.values.begin());
  next.size = last.size();
  if (Successor(&next)) {
    MakeKey(next.span());
    end_ = key_;
  } else {
    end_ = relation_end_;
  }
  MakeKey(key);
  sought_ = false;
  iterator_.SeekWithin(key_, end_);
  return Load();
}

void DeltaCursor::MakeKey(std::span<const uint64_t> row) {
  key_.resize(kv::kDeltaKeyHeader);
  kv::PutRow(&key_, row);
}

absl::Status DeltaCursor::Next() {
  sought_ = false;
  iterator_.Next();
  return Load();
}

}  // namespace annals

#include "storage/graph/generation_writer.h"

#include <algorithm>
#include <array>
#include <string>

#include "storage/graph/block.h"

namespace annals {

GenerationWriter::GenerationWriter(kv::IngestionFile& file, uint8_t relation, size_t columns,
                                   uint64_t generation, uint32_t block_rows, int time_column)
    : file_(file),
      relation_(relation),
      generation_(generation),
      block_rows_(std::clamp<uint32_t>(block_rows, 1, kMaxBlockRows)),
      time_column_(time_column),
      buffer_(columns) {
  for (std::vector<uint64_t>& column : buffer_) column.reserve(block_rows_);
}

absl::Status GenerationWriter::Append(std::span<const uint64_t> row) {
  for (size_t i = 0; i < buffer_.size(); ++i) buffer_[i].push_back(row[i]);
  return buffer_[0].size() == block_rows_ ? Flush() : absl::OkStatus();
}

absl::Status GenerationWriter::AppendColumns(std::span<const std::span<const uint64_t>> columns) {
  const size_t rows = columns[0].size();
  for (size_t row = 0; row < rows;) {
    const size_t count = std::min<size_t>(rows - row, block_rows_ - buffer_[0].size());
    for (size_t i = 0; i < buffer_.size(); ++i) {
      const auto piece = columns[i].subspan(row, count);
      buffer_[i].insert(buffer_[i].end(), piece.begin(), piece.end());
    }
    row += count;
    if (buffer_[0].size() == block_rows_) ANNALS_RETURN_IF_ERROR(Flush());
  }
  return absl::OkStatus();
}

absl::Status GenerationWriter::Flush() {
  if (buffer_[0].empty()) return absl::OkStatus();
  std::array<uint64_t, kv::kMaxColumns> last;
  for (size_t i = 0; i < buffer_.size(); ++i) last[i] = buffer_[i].back();
  ANNALS_RETURN_IF_ERROR(
      file_.Put(kv::BlockKey(relation_, generation_, std::span(last.data(), buffer_.size())),
                EncodeBlock(buffer_, written_, time_column_)));
  written_ += buffer_[0].size();
  for (std::vector<uint64_t>& column : buffer_) column.clear();
  return absl::OkStatus();
}

absl::Status GenerationWriter::Finish() { return Flush(); }

}  // namespace annals

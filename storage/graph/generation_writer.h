// Writes one relation of a generation as packed blocks: rows go in in order, blocks come out.
#ifndef STORAGE_GRAPH_GENERATION_WRITER_H_
#define STORAGE_GRAPH_GENERATION_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "storage/base/status.h"
#include "storage/kv/keys.h"
#include "storage/kv/kv.h"

namespace annals {

class GenerationWriter {
 public:
  // `time_column` as for EncodeBlock (-1 for the hash index). Relations that share a file go to it
  // one after the other, by number.
  GenerationWriter(kv::IngestionFile& file, uint8_t relation, size_t columns, uint64_t generation,
                   uint32_t block_rows, int time_column);

  // Rows strictly ascending, over all calls.
  absl::Status Append(std::span<const uint64_t> row);
  // A batch, column by column: columns[c].size() is the same for all.
  absl::Status AppendColumns(std::span<const std::span<const uint64_t>> columns);
  // Writes the last block.
  absl::Status Finish();

  uint64_t rows() const { return written_ + (buffer_.empty() ? 0 : buffer_[0].size()); }

 private:
  absl::Status Flush();

  kv::IngestionFile& file_;
  const uint8_t relation_;
  const uint64_t generation_;
  const uint32_t block_rows_;
  const int time_column_;
  uint64_t written_ = 0;
  std::vector<std::vector<uint64_t>> buffer_;
};

}  // namespace annals

#endif  // STORAGE_GRAPH_GENERATION_WRITER_H_

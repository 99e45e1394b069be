// Rows of 32-bit codes, as a load keeps them: in memory up to a limit, then in a temporary file.
#ifndef STORAGE_GRAPH_CODE_ROWS_H_
#define STORAGE_GRAPH_CODE_ROWS_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "storage/base/status.h"
#include "storage/kv/scratch_file.h"

namespace annals {

template <size_t N>
using CodeRow = std::array<uint32_t, N>;

// What logs of rows may keep in memory together, in chunks of one size, which are used again.
struct RowMemory {
  static constexpr size_t kChunkBytes = size_t{1} << 20;
  using Chunk = std::unique_ptr<char[]>;

  uint64_t limit = 0;
  uint64_t used = 0;
  std::vector<Chunk> free = {};

  Chunk Take() {
    used += kChunkBytes;
    if (free.empty()) return std::make_unique_for_overwrite<char[]>(kChunkBytes);
    Chunk chunk = std::move(free.back());
    free.pop_back();
    return chunk;
  }
  // Keeps them for the next, as far as the limit allows, which may have become lower.
  void Give(std::vector<Chunk>& chunks) {
    used -= chunks.size() * kChunkBytes;
    std::move(chunks.begin(), chunks.end(), std::back_inserter(free));
    chunks.clear();
    const uint64_t most = used < limit ? (limit - used) / kChunkBytes : 0;
    if (free.size() > most) free.resize(most);
  }
};

// Rows in the order in which they are added.
//
// Threads: one adds; when all are there any number may read.
template <size_t N>
class RowLog {
 public:
  using Row = CodeRow<N>;
  static constexpr size_t kChunkRows = RowMemory::kChunkBytes / sizeof(Row);
  static constexpr size_t kChunkBytes = kChunkRows * sizeof(Row);

  // `database` says where a file may be (kv::ScratchFile); `memory` must outlive this.
  RowLog(std::string database, RowMemory& memory)
      : database_(std::move(database)), memory_(memory) {}
  RowLog(const RowLog&) = delete;
  RowLog& operator=(const RowLog&) = delete;
  ~RowLog() { Clear(); }

  void Clear() {
    memory_.Give(chunks_);
    file_.reset();
    size_ = end_ = chunks_in_file_ = 0;
  }

  absl::Status Add(const Row& row) {
    if (size_ == end_) ANNALS_RETURN_IF_ERROR(AddChunk());
    *at_++ = row;
    ++size_;
    return absl::OkStatus();
  }
  uint64_t size() const { return size_; }

  // Reads the rows [begin, end), some at a time.
  class Reader {
   public:
    Reader(const RowLog& log, uint64_t begin, uint64_t end) : log_(log), at_(begin), end_(end) {}
    explicit Reader(const RowLog& log) : Reader(log, 0, log.size()) {}

    // Empty at the end; valid until the next call.
    absl::StatusOr<std::span<const Row>> Next() {
      if (at_ == end_) return std::span<const Row>();
      const uint64_t chunk = at_ / kChunkRows;
      const auto from = static_cast<size_t>(at_ % kChunkRows);
      const auto count = static_cast<size_t>(std::min<uint64_t>(kChunkRows - from, end_ - at_));
      at_ += count;
      if (chunk >= log_.chunks_in_file_) {
        const auto& bytes = log_.chunks_[chunk - log_.chunks_in_file_];
        return std::span<const Row>(reinterpret_cast<const Row*>(bytes.get()) + from, count);
      }
      buffer_.resize(count);
      ANNALS_RETURN_IF_ERROR(log_.file_->Read(chunk * kChunkBytes + from * sizeof(Row),
                                              buffer_.data(), count * sizeof(Row)));
      return std::span<const Row>(buffer_);
    }

   private:
    const RowLog& log_;
    uint64_t at_;
    const uint64_t end_;
    std::vector<Row> buffer_;
  };

 private:
  absl::Status AddChunk() {
    if (memory_.used + RowMemory::kChunkBytes > memory_.limit) ANNALS_RETURN_IF_ERROR(Spill());
    chunks_.push_back(memory_.Take());
    at_ = reinterpret_cast<Row*>(chunks_.back().get());
    end_ += kChunkRows;
    return absl::OkStatus();
  }

  // Moves what is in memory, all of it full chunks, to the file.
  absl::Status Spill() {
    if (chunks_.empty()) return absl::OkStatus();
    if (!file_.has_value()) {
      ANNALS_ASSIGN_OR_RETURN(file_, kv::ScratchFile::Make(database_));
    }
    for (const auto& chunk : chunks_) {
      ANNALS_RETURN_IF_ERROR(file_->Append(chunk.get(), kChunkBytes));
    }
    chunks_in_file_ += chunks_.size();
    memory_.Give(chunks_);
    return absl::OkStatus();
  }

  std::string database_;
  RowMemory& memory_;
  uint64_t size_ = 0;
  uint64_t end_ = 0;  // where the last chunk is full
  uint64_t chunks_in_file_ = 0;
  std::optional<kv::ScratchFile> file_;
  std::vector<RowMemory::Chunk> chunks_;  // after those in the file
  Row* at_ = nullptr;                     // of the next row, unless the last chunk is full
};

}  // namespace annals

#endif  // STORAGE_GRAPH_CODE_ROWS_H_

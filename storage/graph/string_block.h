// Front-coded blocks of the dictionary: consecutive terms, each as what differs from the one
// before.
//
//   key   = 's' number of the last term:u64            (storage/kv/keys.h)
//   block = checksum:fixed32 count:varint64 {offset:fixed32}groups {entry}count
//   entry = kind:1 shared:varint64 rest:length-prefixed
//
// A group is kGroupTerms entries (the last may have fewer), `offset` where it begins after the
// offsets. `shared` bytes of the entry before in the group begin the key, 0 in the first. The
// checksum is the low half of HashTerm(kUndefined, all after it). Numbers are dense, so the first
// term's number is the last's less count - 1.
#ifndef STORAGE_GRAPH_STRING_BLOCK_H_
#define STORAGE_GRAPH_STRING_BLOCK_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/status.h"
#include "storage/kv/kv.h"
#include "storage/model/term_id.h"

namespace annals {

inline constexpr size_t kGroupTerms = 16;
inline constexpr size_t kStringBlockTerms = 128;
// A block with long terms ends early.
inline constexpr size_t kStringBlockBytes = 32 << 10;

// Builds one block.
class StringBlockBuilder {
 public:
  void Add(TermKind kind, std::string_view key);
  bool full() const { return count_ == kStringBlockTerms || entries_.size() >= kStringBlockBytes; }
  size_t count() const { return count_; }
  std::string Finish();  // and starts anew

 private:
  size_t count_ = 0;
  std::vector<uint32_t> offsets_;
  std::string entries_;
  std::string last_;
};

// Reads a block; the bytes must outlive it. Any bytes are safe: wrong ones are DataLoss.
class StringBlockReader {
 public:
  absl::Status Open(std::string_view block);
  size_t count() const { return count_; }

  // The term at `index` < count(). Ascending indexes go on from where the last one was.
  absl::Status Read(size_t index);
  // Of the term last read; valid until the next Read or Open.
  TermKind kind() const { return kind_; }
  std::string_view key() const { return key_; }

 private:
  absl::Status ReadEntry(bool first);

  size_t count_ = 0;
  std::string_view offsets_;
  std::string_view entries_;
  std::string_view rest_;  // entries after the last one read
  size_t next_ = 0;        // the index of the first of them
  bool in_group_ = false;  // has anything been read?
  TermKind kind_ = TermKind::kUndefined;
  std::string key_;
};

// Writes terms with consecutive numbers as blocks.
class StringBlockWriter {
 public:
  StringBlockWriter(kv::IngestionFile& file, uint64_t first_number)
      : file_(file), next_(first_number) {}
  absl::Status Append(TermKind kind, std::string_view key);
  // Writes the last block.
  absl::Status Finish();

 private:
  absl::Status Flush();

  kv::IngestionFile& file_;
  uint64_t next_;
  StringBlockBuilder block_;
};

}  // namespace annals

#endif  // STORAGE_GRAPH_STRING_BLOCK_H_

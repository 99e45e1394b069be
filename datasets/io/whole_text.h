// The whole text of a file, for readers that go through it more than once. A long one stands in a
// temporary file, so that it takes memory only where it is being read.
#ifndef DATASETS_IO_WHOLE_TEXT_H_
#define DATASETS_IO_WHOLE_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "datasets/io/input.h"
#include "storage/base/status.h"
#include "storage/kv/scratch_file.h"

namespace annals::datasets {

// Threads: any number may read it, and forget what they have read.
class WholeText {
 public:
  // NULs behind the text, which are not part of it.
  static constexpr size_t kPadding = 64;

  WholeText() = default;
  // At most `limit` bytes (a clear error beyond), all UTF-8 without NUL. A byte-order mark is
  // dropped. A text of more than `memory_bytes` goes to a file in the folder of `database`
  // (kv::ScratchFile).
  static absl::StatusOr<WholeText> Read(const std::string& path, const OpenFunction& open,
                                        uint64_t limit, uint64_t memory_bytes,
                                        const std::string& database);

  // As long as the object, and while it isn't moved.
  std::string_view text() const;
  bool Contains(std::string_view word) const;
  // [begin, end) of the text isn't needed for now: a long one gives back its memory.
  void Forget(size_t begin, size_t end) const;

 private:
  absl::Status Check(const std::string& path) const;

  std::string kept_;        // with the padding, unless it is mapped
  kv::MappedBytes mapped_;  // likewise
  size_t begin_ = 0;        // of the text, behind a byte-order mark
};

}  // namespace annals::datasets

#endif  // DATASETS_IO_WHOLE_TEXT_H_

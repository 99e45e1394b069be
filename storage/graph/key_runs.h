// Many keys, sorted: in memory up to a limit, beyond it as runs in a temporary file.
#ifndef STORAGE_GRAPH_KEY_RUNS_H_
#define STORAGE_GRAPH_KEY_RUNS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/base/status.h"
#include "storage/kv/scratch_file.h"

namespace annals {

// Keys, close together.
class KeyTable {
 public:
  void Add(std::string_view key);
  const std::vector<std::string_view>& keys() const { return keys_; }

 private:
  static constexpr size_t kChunkBytes = size_t{1} << 18;
  std::deque<std::string> chunks_;
  std::vector<std::string_view> keys_;
};

class KeyRuns {
 public:
  // `database` says where a file may be (kv::ScratchFile).
  explicit KeyRuns(std::string database) : database_(std::move(database)) {}

  // Sorts the keys of some tables, which are no longer needed after it.
  absl::Status Add(const std::vector<KeyTable>& tables);
  // Sorts the last ones and gives all in order. They are no longer needed after it.
  absl::Status Finish(const std::vector<KeyTable>& tables,
                      const std::function<absl::Status(std::string_view)>& take);

 private:
  // Reads a run of the file, one key after the other.
  class Run {
   public:
    Run(const kv::ScratchFile& file, uint64_t begin, uint64_t end)
        : file_(&file), at_(begin), end_(end) {}
    // False at the end.
    absl::StatusOr<bool> Next();
    std::string_view key() const { return key_; }

   private:
    // Has the buffer so many bytes, or all that are left?
    absl::Status Want(size_t bytes);

    const kv::ScratchFile* file_;
    uint64_t at_, end_;  // not yet read
    std::string buffer_;
    size_t used_ = 0;  // of the buffer
    std::string_view key_;
  };

  const std::string database_;
  std::optional<kv::ScratchFile> file_;
  std::vector<uint64_t> ends_;  // of the runs in the file
};

}  // namespace annals

#endif  // STORAGE_GRAPH_KEY_RUNS_H_

// A run in the file is {length:fixed32 key} for each key.
#include "storage/graph/key_runs.h"

#include <algorithm>
#include <utility>

#include "storage/base/coding.h"

namespace annals {
namespace {

constexpr size_t kBufferBytes = size_t{1} << 16;
constexpr size_t kLengthBytes = 4;

std::vector<std::string_view> SortedKeys(const std::vector<KeyTable>& tables) {
  std::vector<std::string_view> keys;
  size_t count = 0;
  for (const KeyTable& table : tables) count += table.keys().size();
  keys.reserve(count);
  for (const KeyTable& table : tables) {
    keys.insert(keys.end(), table.keys().begin(), table.keys().end());
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

}  // namespace

void KeyTable::Add(std::string_view key) {
  if (chunks_.empty() || chunks_.back().capacity() - chunks_.back().size() < key.size()) {
    chunks_.emplace_back();
    chunks_.back().reserve(std::max(kChunkBytes, key.size()));
  }
  std::string& chunk = chunks_.back();
  const size_t begin = chunk.size();
  chunk += key;
  keys_.push_back(std::string_view(chunk).substr(begin));
}

absl::Status KeyRuns::Add(const std::vector<KeyTable>& tables) {
  if (!file_.has_value()) {
    ANNALS_ASSIGN_OR_RETURN(file_, kv::ScratchFile::Make(database_));
  }
  std::string bytes;
  for (const std::string_view key : SortedKeys(tables)) {
    PutFixed32(&bytes, static_cast<uint32_t>(key.size()));
    bytes += key;
    if (bytes.size() < kBufferBytes) continue;
    ANNALS_RETURN_IF_ERROR(file_->Append(bytes.data(), bytes.size()));
    bytes.clear();
  }
  ANNALS_RETURN_IF_ERROR(file_->Append(bytes.data(), bytes.size()));
  ends_.push_back(file_->size());
  return absl::OkStatus();
}

absl::Status KeyRuns::Run::Want(size_t bytes) {
  if (buffer_.size() - used_ >= bytes) return absl::OkStatus();
  buffer_.erase(0, used_);
  used_ = 0;
  const size_t kept = buffer_.size();
  const auto more =
      static_cast<size_t>(std::min<uint64_t>(std::max(bytes, kBufferBytes) - kept, end_ - at_));
  buffer_.resize(kept + more);
  at_ += more;
  return file_->Read(at_ - more, buffer_.data() + kept, more);
}

absl::StatusOr<bool> KeyRuns::Run::Next() {
  ANNALS_RETURN_IF_ERROR(Want(kLengthBytes));
  std::string_view rest = std::string_view(buffer_).substr(used_);
  if (rest.empty()) return false;
  uint32_t size = 0;
  if (!GetFixed32(&rest, &size)) return Internal("a temporary file ends within a key");
  ANNALS_RETURN_IF_ERROR(Want(kLengthBytes + size));
  key_ = std::string_view(buffer_).substr(used_ + kLengthBytes, size);
  used_ += kLengthBytes + size;
  return true;
}

absl::Status KeyRuns::Finish(const std::vector<KeyTable>& tables,
                             const std::function<absl::Status(std::string_view)>& take) {
  const std::vector<std::string_view> last = SortedKeys(tables);
  std::vector<Run> runs;
  uint64_t begin = 0;
  for (const uint64_t end : ends_) runs.emplace_back(*file_, std::exchange(begin, end), end);
  // The run with the least key is on top.
  std::vector<Run*> heap;
  const auto is_after = [](const Run* a, const Run* b) { return a->key() > b->key(); };
  for (Run& run : runs) {
    ANNALS_ASSIGN_OR_RETURN(const bool more, run.Next());
    if (more) heap.push_back(&run);
  }
  std::make_heap(heap.begin(), heap.end(), is_after);
  for (auto at = last.begin(); at != last.end() || !heap.empty();) {
    if (heap.empty() || (at != last.end() && *at < heap[0]->key())) {
      ANNALS_RETURN_IF_ERROR(take(*at++));
      continue;
    }
    std::pop_heap(heap.begin(), heap.end(), is_after);
    ANNALS_RETURN_IF_ERROR(take(heap.back()->key()));
    ANNALS_ASSIGN_OR_RETURN(const bool more, heap.back()->Next());
    if (more) {
      std::push_heap(heap.begin(), heap.end(), is_after);
    } else {
      heap.pop_back();
    }
  }
  return absl::OkStatus();
}

}  // namespace annals

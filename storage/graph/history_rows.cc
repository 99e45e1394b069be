// What is sorted is the key with the value behind it: all keys are of one size.
#include "storage/graph/history_rows.h"

#include <memory>
#include <string_view>

#include "storage/graph/removal.h"
#include "storage/kv/keys.h"

namespace annals {
namespace {
constexpr size_t kKeyBytes = 1 + 7 * sizeof(uint64_t);  // storage/kv/keys.h
constexpr size_t kDeletionsOfBatch = 10000;
constexpr uint64_t kRowsBetweenTold = 1024;
}  // namespace

absl::Status HistoryRows::Add(const Assertion& telling) {
  const HistoryRow row = HistoryRowOf(telling, transaction_);
  const std::string entry = row.key + row.value;
  in_memory_[0].Add(entry);
  ++size_;
  // Beside the row the table has a view of it, and so has what is sorted.
  bytes_ += entry.size() + 2 * sizeof(std::string_view);
  if (bytes_ < memory_bytes_) return absl::OkStatus();
  ANNALS_RETURN_IF_ERROR(runs_.Add(in_memory_));
  in_memory_[0] = KeyTable();
  bytes_ = 0;
  return absl::OkStatus();
}

absl::Status HistoryRows::WriteTo(kv::IngestionFile& file,
                                  const std::function<absl::Status(uint64_t rows)>& written) {
  uint64_t rows = 0;
  const auto write = [&](std::string_view entry) -> absl::Status {
    if (++rows % kRowsBetweenTold == 0 && written)
      ANNALS_RETURN_IF_ERROR(written(kRowsBetweenTold));
    return file.Put(entry.substr(0, kKeyBytes), entry.substr(kKeyBytes));
  };
  ANNALS_RETURN_IF_ERROR(runs_.Finish(in_memory_, write));
  in_memory_.clear();
  return file.Finish();
}

absl::Status RemoveHistoryAfter(kv::Store& kv, uint64_t transaction) {
  std::unique_ptr<kv::Batch> batch = kv.NewBatch();
  size_t deletions = 0;
  const std::unique_ptr<kv::Iterator> row = kv.GetSnapshot()->NewIterator();
  for (row->Seek(kv::PrefixBegin(kv::kHistoryPrefix));
       row->Valid() && row->key().starts_with(kv::kHistoryPrefix); row->Next()) {
    const std::string_view key = row->key();
    if (key.size() != kKeyBytes) return DataLoss("a row of the history is damaged");
    const uint64_t removed = kv::LoadFixed64(key.data() + kKeyBytes - sizeof(uint64_t));
    if (removed <= transaction) continue;
    batch->Delete(key);
    if (++deletions < kDeletionsOfBatch) continue;
    ANNALS_RETURN_IF_ERROR(kv.Write(*batch));
    batch = kv.NewBatch();
    deletions = 0;
  }
  ANNALS_RETURN_IF_ERROR(row->status());
  return deletions > 0 ? kv.Write(*batch) : absl::OkStatus();
}

}  // namespace annals

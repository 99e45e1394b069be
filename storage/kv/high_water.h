// The high-water mark: how many commits have been synced, kept beside the write-ahead log, since a
// log that is deleted or cut opens without an error and without its commits.
//
//   file = slot slot                  each in a sector of its own, written in turns
//   slot = "AnnalsHW" uuid:16 commit:u64 checksum:u64          at offset 0 and 4096
#ifndef STORAGE_KV_HIGH_WATER_H_
#define STORAGE_KV_HIGH_WATER_H_

#include <cstdint>
#include <string>

#include "storage/base/status.h"
#include "storage/kv/files.h"

namespace annals::kv {

class HighWaterMark {
 public:
  // Makes the file, for a database that is whole from now on.
  static absl::Status Create(const std::string& directory, const std::string& uuid,
                             uint64_t commit);
  // DataLoss if the file is damaged or of another database.
  static absl::StatusOr<HighWaterMark> Open(const std::string& directory, const std::string& uuid,
                                            bool read_only);

  uint64_t commit() const { return commit_; }
  // Returns once it is on disk.
  absl::Status Advance(uint64_t commit);

 private:
  FileDescriptor file_;
  std::string path_;
  std::string uuid_;
  uint64_t commit_ = 0;
};

}  // namespace annals::kv

#endif  // STORAGE_KV_HIGH_WATER_H_

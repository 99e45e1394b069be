// The high-water mark: how many commits have been synced, kept beside the write-ahead log, since a
// log that is deleted or cut opens without an error and without its commits; and how long RocksDB's
// manifest was at least, since a cut one opens without the files that its lost records name, and
// these are deleted then.
//
//   file = slot slot                  each in a sector of its own, written in turns
//   slot = "AnnalsHW" uuid:16 commit:u64 checksum:u64          at offset 0 and 4096
//          manifest:u64 bytes:u64 checksum:u64                 its number; may be missing
//
// Each checksum is of all that stands before it.
#ifndef STORAGE_KV_HIGH_WATER_H_
#define STORAGE_KV_HIGH_WATER_H_

#include <cstdint>
#include <string>

#include "storage/base/status.h"
#include "storage/kv/files.h"

namespace annals::kv {

// As much of a manifest as is on disk. Number 0: nothing is known.
struct ManifestMark {
  uint64_t number = 0, bytes = 0;
};

class HighWaterMark {
 public:
  // Makes the file, for a database that is whole from now on.
  static absl::Status Create(const std::string& directory, const std::string& uuid,
                             uint64_t commit);
  // DataLoss if the file is damaged or of another database.
  static absl::StatusOr<HighWaterMark> Open(const std::string& directory, const std::string& uuid,
                                            bool read_only);

  uint64_t commit() const { return commit_; }
  const ManifestMark& manifest() const { return manifest_; }
  // Goes to disk with the next Advance.
  void set_manifest(const ManifestMark& manifest) { manifest_ = manifest; }
  // Returns once it is on disk.
  absl::Status Advance(uint64_t commit);

 private:
  FileDescriptor file_;
  std::string path_;
  std::string uuid_;
  uint64_t commit_ = 0;
  ManifestMark manifest_;
};

}  // namespace annals::kv

#endif  // STORAGE_KV_HIGH_WATER_H_

// The directory of a database before RocksDB touches it: whose it is, and who has it open.
//
//   ANNALS        "annals database\nformat 1\nuuid " 32 hex digits "\n"; written first, never again
//   ANNALS.mark   storage/kv/high_water.h; written last, when the database is whole
//   others        RocksDB's files, and annals-load-*: runs on their way in, copies to try loads on
#ifndef STORAGE_KV_DIRECTORY_H_
#define STORAGE_KV_DIRECTORY_H_

#include <string>

#include "storage/base/status.h"
#include "storage/kv/files.h"

namespace annals::kv {

inline constexpr int kFormat = 1;
inline constexpr char kIdentityFile[] = "ANNALS";
inline constexpr char kMarkFile[] = "ANNALS.mark";
inline constexpr char kLoadFilePrefix[] = "annals-load-";

struct Directory {
  FileDescriptor lock;      // of the directory, holds the flock
  std::string uuid;         // 16 bytes
  bool complete = false;    // the mark is there: the database has been whole once
  bool may_create = false;  // nothing of RocksDB's is there yet, and it may be made
};

// Checks and locks `path`, makes it if that is asked for. Errors as of Store::Open; whatever is
// refused is left as it was.
absl::StatusOr<Directory> OpenDirectory(const std::string& path, bool read_only,
                                        bool create_if_missing);

}  // namespace annals::kv

#endif  // STORAGE_KV_DIRECTORY_H_

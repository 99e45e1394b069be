// RocksDB's manifest, looked at before and beside RocksDB: a record that is lost at its end would
// be as if it had never been, and the files that it names would be deleted.
#ifndef STORAGE_KV_MANIFEST_H_
#define STORAGE_KV_MANIFEST_H_

#include <string>

#include "storage/base/status.h"
#include "storage/kv/high_water.h"

namespace annals::kv {

// Of the manifest that CURRENT names in a database's folder. RocksDB's own words for a missing or
// cut one don't say what is wrong: DataLoss.
absl::StatusOr<std::string> ManifestPath(const std::string& path);

// DataLoss unless it is there and holds all that was marked.
absl::Status CheckManifest(const std::string& path, const ManifestMark& mark);

// What is in this manifest now is on disk when it returns.
absl::StatusOr<ManifestMark> SyncManifest(const std::string& manifest);

}  // namespace annals::kv

#endif  // STORAGE_KV_MANIFEST_H_

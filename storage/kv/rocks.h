// RocksDB as Annals uses it: its options, its log object, its errors as ours.
#ifndef STORAGE_KV_ROCKS_H_
#define STORAGE_KV_ROCKS_H_

#include <rocksdb/env.h>
#include <rocksdb/options.h>
#include <rocksdb/slice.h>
#include <rocksdb/status.h>

#include <string>
#include <string_view>

#include "storage/base/status.h"
#include "storage/kv/kv.h"

namespace annals::kv {

inline rocksdb::Slice ToSlice(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

// `what` completes "cannot ...", as "read the database /data/kim". What RocksDB calls corrupt,
// missing or not understood is DataLoss; what the system refused is Unavailable.
absl::Status FromRocks(const rocksdb::Status& status, std::string_view what);

rocksdb::Options MakeOptions(const Options& options, rocksdb::Env* env);

}  // namespace annals::kv

#endif  // STORAGE_KV_ROCKS_H_

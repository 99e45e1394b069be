#include "storage/kv/rocks.h"

#include <rocksdb/cache.h>
#include <rocksdb/table.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdarg>

namespace annals::kv {
namespace {

// RocksDB's own log would be a file that grows, and a full disk under it ends the process; its
// errors reach us as statuses.
class SilentLogger : public rocksdb::Logger {
 public:
  SilentLogger() : rocksdb::Logger(rocksdb::InfoLogLevel::FATAL_LEVEL) {}
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

// RocksDB never takes less than 20 and keeps ten of them for itself, so half of a small limit.
int MaxOpenFiles() {
  rlimit limit = {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 64;
  return static_cast<int>(std::clamp<rlim_t>(limit.rlim_cur / 2, 20, 256));
}

}  // namespace

absl::Status FromRocks(const rocksdb::Status& status, std::string_view what) {
  if (status.ok()) return absl::OkStatus();
  std::string text = status.ToString();
  // A table that is missing is told by the name that it would have had in LevelDB.
  if (const size_t at = text.find(".ldb"); at != text.npos) text.replace(at, 4, ".sst");
  if (status.IsCorruption() || status.IsNotFound() || status.IsPathNotFound() ||
      status.IsInvalidArgument() || status.IsNotSupported()) {
    return DataLoss("cannot " + std::string(what) + ", its files are damaged: " + text);
  }
  if (status.IsNoSpace()) {
    return Unavailable("cannot " + std::string(what) + ", there is no room left: " + text);
  }
  return Unavailable("cannot " + std::string(what) + ": " + text);
}

rocksdb::Options MakeOptions(const Options& options, rocksdb::Env* env) {
  rocksdb::Options rocks;
  rocks.env = env;
  rocks.info_log = std::make_shared<SilentLogger>();
  rocks.paranoid_checks = true;
  // Any other mode opens without an error when a byte of the log has flipped, and loses the rest.
  rocks.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  rocks.recycle_log_file_num = 0;
  // Opening and closing leave the log as it is: fast, and a log of another database stays out.
  rocks.avoid_flush_during_recovery = true;
  rocks.avoid_flush_during_shutdown = true;
  rocks.write_buffer_size = size_t{8} << 20;
  rocks.max_write_buffer_number = 2;
  rocks.max_background_jobs = 2;
  rocks.max_open_files = MaxOpenFiles();
  rocks.max_file_opening_threads = 1;
  rocks.skip_stats_update_on_db_open = true;
  rocks.stats_dump_period_sec = 0;
  rocks.stats_persist_period_sec = 0;
  rocks.compression = rocksdb::kNoCompression;
  rocks.level_compaction_dynamic_level_bytes = true;
  rocksdb::BlockBasedTableOptions table;
  table.block_size = 16 << 10;
  table.format_version = 5;
  table.checksum = rocksdb::kXXH3;
  table.block_cache = rocksdb::NewLRUCache(options.block_cache_bytes, 4);
  rocks.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return rocks;
}

}  // namespace annals::kv

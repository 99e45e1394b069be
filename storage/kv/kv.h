// The ordered key-value store under Annals: the only group that includes RocksDB. One column
// family; keys and values are bytes, ordered bytewise; layouts are drawn in storage/kv/keys.h.
//
// Threads: a Store may be used from many threads. A View may be read from many threads at once;
// an Iterator belongs to one. There is one writer at a time (the caller's duty, storage/graph).
#ifndef STORAGE_KV_KV_H_
#define STORAGE_KV_KV_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/status.h"

namespace annals::kv {

// A cursor over a View, in key order. Views returned by key() and value() live until the next
// call that moves it. After it becomes invalid, ask status(): an error ends it too.
class Iterator {
 public:
  virtual ~Iterator() = default;
  virtual void Seek(std::string_view key) = 0;         // to the first key >= key
  virtual void SeekForPrev(std::string_view key) = 0;  // to the last key <= key
  // As Seek, but what is not before `end` isn't looked at until the next seek: without an end, an
  // iterator passes over all that was deleted to find a key that nobody wants.
  virtual void SeekWithin(std::string_view key, std::string_view end) = 0;
  virtual void Next() = 0;
  virtual void Prev() = 0;
  virtual bool Valid() const = 0;
  virtual std::string_view key() const = 0;
  virtual std::string_view value() const = 0;
  virtual absl::Status status() const = 0;
};

// One consistent state of the store; it keeps that state readable as long as it lives.
class View {
 public:
  virtual ~View() = default;
  // False if there is no such key.
  virtual absl::StatusOr<bool> Get(std::string_view key, std::string* value) const = 0;
  virtual std::unique_ptr<Iterator> NewIterator() const = 0;
};

// Writes that become visible together, synced, or not at all.
class Batch {
 public:
  virtual ~Batch() = default;
  virtual void Put(std::string_view key, std::string_view value) = 0;
  virtual void Delete(std::string_view key) = 0;
  // Deletes [begin, end). Not inside a Transaction.
  virtual void DeleteRange(std::string_view begin, std::string_view end) = 0;
  virtual size_t bytes() const = 0;
};

// A batch whose writes its own view() sees, on top of the state at its beginning.
class Transaction {
 public:
  virtual ~Transaction() = default;
  virtual void Put(std::string_view key, std::string_view value) = 0;
  virtual void Delete(std::string_view key) = 0;
  virtual size_t bytes() const = 0;
  // Sees all writes so far; an iterator made before a write need not see it.
  virtual std::shared_ptr<const View> view() const = 0;
  // Sets the one save point; RollbackToSavePoint forgets the writes after it and keeps it.
  // Iterators of view() made before a rollback must not be used after it.
  virtual void SetSavePoint() = 0;
  virtual absl::Status RollbackToSavePoint() = 0;
};

// A sorted run written beside the store. Belongs to one thread at a time.
class IngestionFile {
 public:
  virtual ~IngestionFile() = default;
  // Keys ascend. The first makes the file: one without keys is none.
  virtual absl::Status Put(std::string_view key, std::string_view value) = 0;
  // Nothing is put after it. Synced; what isn't finished is by Store::Ingest.
  virtual absl::Status Finish() = 0;
};

// Sorted runs that are taken in by one atomic call. Ranges of different files must not overlap.
// Snapshots taken before see new keys too, where a file's range had none: keys must be such that
// their readers don't look there, or pass over them.
// Files that were not taken in are deleted with the object.
//
// Threads: any may add files.
class Ingestion {
 public:
  virtual ~Ingestion() = default;
  // Lives as long as the ingestion.
  virtual IngestionFile& AddFile() = 0;
};

struct Options {
  bool read_only = false;
  bool create_if_missing = true;
  uint64_t block_cache_bytes = uint64_t{256} << 20;
  // Test hook: wraps the file system (fault injection). Takes and returns a rocksdb::Env*, hidden
  // as void* so that RocksDB stays inside this group.
  std::function<void*(void*)> wrap_env_for_test;
};

class Store {
 public:
  // `path` is a directory, or ":memory:". Refuses, untouched: a directory that holds anything but
  // a database of ours, and a newer format (DataLoss); one that another handle or process has open
  // (Busy: many readers or one writer); what is missing with create_if_missing unset (NotFound).
  // A write-ahead log that lost synced commits, or belongs to another database, is DataLoss.
  static absl::StatusOr<std::unique_ptr<Store>> Open(const std::string& path,
                                                     const Options& options);
  virtual ~Store() = default;

  virtual std::shared_ptr<const View> GetSnapshot() const = 0;
  virtual std::unique_ptr<Batch> NewBatch() const = 0;
  virtual std::unique_ptr<Transaction> NewTransaction() const = 0;
  virtual std::unique_ptr<Ingestion> NewIngestion() = 0;

  // Each returns OK only once the write is synced to disk, together with the high-water mark. The
  // first error turns the handle read-only: every later write is refused with Unavailable.
  virtual absl::Status Write(Batch& batch) = 0;
  virtual absl::Status Commit(Transaction& transaction) = 0;
  virtual absl::Status Ingest(std::unique_ptr<Ingestion> ingestion) = 0;

  virtual bool read_only() const = 0;
  virtual bool in_memory() const = 0;
  virtual const std::string& path() const = 0;
  // Bytes in files, logs included; approximate.
  virtual uint64_t DiskBytes() const = 0;
  // Drops what whole files hold of [begin, end), whatever views may still see of it: only for keys
  // that no view reads any more and that no write reaches. Cheap.
  virtual absl::Status DropRange(std::string_view begin, std::string_view end) = 0;
  // Makes a directory that holds what this one does now and that Open opens. Files that don't
  // change are shared, not copied, if the file system can. Not of a store in memory.
  virtual absl::Status CopyTo(const std::string& path) = 0;
  // Rewrites what deletes left behind; never needed for correctness.
  virtual absl::Status Compact() = 0;
};

}  // namespace annals::kv

#endif  // STORAGE_KV_KV_H_

// kv::Store over one RocksDB: opening with all checks, snapshots, batches, transactions, ingestion.
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/utilities/write_batch_with_index.h>
#include <rocksdb/write_batch.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <mutex>
#include <optional>
#include <utility>

#include "storage/base/coding.h"
#include "storage/kv/directory.h"
#include "storage/kv/high_water.h"
#include "storage/kv/keys.h"
#include "storage/kv/kv.h"
#include "storage/kv/manifest.h"
#include "storage/kv/rocks.h"

namespace annals::kv {
namespace {

// Reading a log back takes about 10 ms a megabyte: so much of it may await the next opening, after
// a crash and after the store was closed.
constexpr uint64_t kLogBytes = 512 << 10;
constexpr uint64_t kLogBytesWhenClosed = 64 << 10;
constexpr ptrdiff_t kMostLogs = 8;

// The open RocksDB; views share it, so that it outlives the Store while they are read.
struct Database {
  std::string path;          // of RocksDB's files
  std::string name;          // as the user wrote it
  std::string read_context;  // for errors
  std::unique_ptr<rocksdb::Env> memory_env;
  FileDescriptor lock;
  rocksdb::Options options;
  std::unique_ptr<rocksdb::DB> db;
  std::atomic<bool> failed = false;

  // Closing RocksDB after an I/O error can end the process, so a failed one is left open.
  ~Database() {
    static std::mutex mutex;
    static auto* const abandoned =
        new std::vector<std::pair<rocksdb::DB*, rocksdb::Env*>>;  // reachable for ever
    if (!failed) return;
    const std::lock_guard<std::mutex> guard(mutex);
    abandoned->emplace_back(db.release(), memory_env.release());
  }
};

// Where a RocksDB iterator ends, which it looks up by address: every seek may set another end.
class IteratorEnd {
 public:
  IteratorEnd() { Set(kAfterAllKeys); }
  IteratorEnd(const IteratorEnd&) = delete;
  IteratorEnd& operator=(const IteratorEnd&) = delete;

  void Set(std::string_view end) {
    bytes_ = end;
    slice_ = ToSlice(bytes_);
  }
  void Clear() {
    if (is_set()) Set(kAfterAllKeys);
  }
  bool is_set() const { return bytes_ != kAfterAllKeys; }
  bool Excludes(std::string_view key) const { return key >= bytes_; }
  const rocksdb::Slice* slice() const { return &slice_; }

 private:
  // Keys begin with a letter.
  static constexpr std::string_view kAfterAllKeys = "\xff";
  std::string bytes_;
  rocksdb::Slice slice_;
};

class RocksIterator : public Iterator {
 public:
  // `make` gets the read options of the iterator, with its end.
  template <typename Make>
  RocksIterator(std::shared_ptr<const void> owner, const Database& database,
                rocksdb::ReadOptions options, const Make& make)
      : owner_(std::move(owner)), database_(database) {
    options.iterate_upper_bound = end_.slice();
    iterator_.reset(make(options));
  }
  void Seek(std::string_view key) override {
    end_.Clear();
    iterator_->Seek(ToSlice(key));
  }
  void SeekForPrev(std::string_view key) override {
    end_.Clear();
    iterator_->SeekForPrev(ToSlice(key));
  }
  void SeekWithin(std::string_view key, std::string_view end) override {
    end_.Set(end);
    iterator_->Seek(ToSlice(key));
  }
  void Next() override { iterator_->Next(); }
  void Prev() override { iterator_->Prev(); }
  // A transaction's iterator may stand at a deleted key behind its end.
  bool Valid() const override {
    return iterator_->Valid() && !(end_.is_set() && end_.Excludes(key()));
  }
  std::string_view key() const override { return ToView(iterator_->key()); }
  std::string_view value() const override { return ToView(iterator_->value()); }
  absl::Status status() const override {
    return FromRocks(iterator_->status(), database_.read_context);
  }

 private:
  std::shared_ptr<const void> owner_;  // of what the iterator reads
  const Database& database_;
  IteratorEnd end_;  // outlives the iterator
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

class SnapshotView : public View, public std::enable_shared_from_this<SnapshotView> {
 public:
  explicit SnapshotView(std::shared_ptr<Database> database)
      : database_(std::move(database)), snapshot_(database_->db->GetSnapshot()) {}
  ~SnapshotView() override { database_->db->ReleaseSnapshot(snapshot_); }

  absl::StatusOr<bool> Get(std::string_view key, std::string* value) const override {
    const rocksdb::Status status = database_->db->Get(read_options(), ToSlice(key), value);
    if (status.IsNotFound()) return false;
    ANNALS_RETURN_IF_ERROR(FromRocks(status, database_->read_context));
    return true;
  }
  std::unique_ptr<Iterator> NewIterator() const override {
    return std::make_unique<RocksIterator>(shared_from_this(), *database_, read_options(),
                                           [this](const rocksdb::ReadOptions& options) {
                                             return database_->db->NewIterator(options);
                                           });
  }
  rocksdb::ReadOptions read_options() const {
    rocksdb::ReadOptions options;
    options.snapshot = snapshot_;
    return options;
  }
  Database& database() const { return *database_; }

 private:
  std::shared_ptr<Database> database_;
  const rocksdb::Snapshot* snapshot_;
};

class RocksBatch : public Batch {
 public:
  void Put(std::string_view key, std::string_view value) override {
    Note(batch_.Put(ToSlice(key), ToSlice(value)));
  }
  void Delete(std::string_view key) override { Note(batch_.Delete(ToSlice(key))); }
  void DeleteRange(std::string_view begin, std::string_view end) override {
    Note(batch_.DeleteRange(ToSlice(begin), ToSlice(end)));
  }
  size_t bytes() const override { return batch_.GetDataSize(); }

  rocksdb::WriteBatch& rocks() { return batch_; }
  const rocksdb::Status& status() const { return status_; }

 private:
  void Note(const rocksdb::Status& status) {
    if (status_.ok()) status_ = status;
  }
  rocksdb::WriteBatch batch_;
  rocksdb::Status status_;
};

// The writes of a transaction on top of the snapshot from its beginning.
class TransactionView : public View, public std::enable_shared_from_this<TransactionView> {
 public:
  explicit TransactionView(std::shared_ptr<SnapshotView> base)
      : base_(std::move(base)), writes_(rocksdb::BytewiseComparator(), 0, true) {}

  absl::StatusOr<bool> Get(std::string_view key, std::string* value) const override {
    Database& database = base_->database();
    const rocksdb::Status status =
        writes_.GetFromBatchAndDB(database.db.get(), base_->read_options(), ToSlice(key), value);
    if (status.IsNotFound()) return false;
    ANNALS_RETURN_IF_ERROR(FromRocks(status, database.read_context));
    return true;
  }
  std::unique_ptr<Iterator> NewIterator() const override {
    return std::make_unique<RocksIterator>(
        shared_from_this(), base_->database(), base_->read_options(),
        [this](const rocksdb::ReadOptions& options) {
          rocksdb::DB& db = *base_->database().db;
          return writes_.NewIteratorWithBase(db.DefaultColumnFamily(), db.NewIterator(options),
                                             &options);
        });
  }
  rocksdb::WriteBatchWithIndex& writes() { return writes_; }

 private:
  std::shared_ptr<SnapshotView> base_;
  mutable rocksdb::WriteBatchWithIndex writes_;  // its readers are not const
};

class RocksTransaction : public Transaction {
 public:
  explicit RocksTransaction(std::shared_ptr<Database> database)
      : view_(std::make_shared<TransactionView>(
            std::make_shared<SnapshotView>(std::move(database)))) {}

  void Put(std::string_view key, std::string_view value) override {
    Note(view_->writes().Put(ToSlice(key), ToSlice(value)));
  }
  void Delete(std::string_view key) override { Note(view_->writes().Delete(ToSlice(key))); }
  size_t bytes() const override { return view_->writes().GetWriteBatch()->GetDataSize(); }
  std::shared_ptr<const View> view() const override { return view_; }
  void SetSavePoint() override {
    if (has_save_point_) view_->writes().PopSavePoint();
    view_->writes().SetSavePoint();
    has_save_point_ = true;
  }
  absl::Status RollbackToSavePoint() override {
    if (!has_save_point_) return Internal("a rollback to a save point that was not set");
    ANNALS_RETURN_IF_ERROR(
        FromRocks(view_->writes().RollbackToSavePoint(), "roll the statement back"));
    view_->writes().SetSavePoint();
    return absl::OkStatus();
  }

  rocksdb::WriteBatchWithIndex& writes() { return view_->writes(); }
  const rocksdb::Status& status() const { return status_; }

 private:
  void Note(const rocksdb::Status& status) {
    if (status_.ok()) status_ = status;
  }
  std::shared_ptr<TransactionView> view_;
  bool has_save_point_ = false;
  rocksdb::Status status_;
};

class RocksIngestionFile : public IngestionFile {
 public:
  RocksIngestionFile(const rocksdb::Options& options, std::string path)
      : options_(options), path_(std::move(path)) {}
  ~RocksIngestionFile() override {
    writer_.reset();
    if (begun_) options_.env->DeleteFile(path_);
  }

  absl::Status Put(std::string_view key, std::string_view value) override {
    if (writer_ == nullptr) ANNALS_RETURN_IF_ERROR(Begin());
    return FromRocks(writer_->Put(ToSlice(key), ToSlice(value)), "write " + path_);
  }
  absl::Status Finish() override {
    if (writer_ == nullptr) return absl::OkStatus();
    const rocksdb::Status status = writer_->Finish();
    writer_.reset();
    return FromRocks(status, "write " + path_);
  }

  bool begun() const { return begun_; }
  const std::string& path() const { return path_; }

 private:
  absl::Status Begin() {
    if (begun_) return Internal("a file of a load was written to after its end");
    writer_ = std::make_unique<rocksdb::SstFileWriter>(rocksdb::EnvOptions(), options_);
    begun_ = true;
    return FromRocks(writer_->Open(path_), "create " + path_);
  }

  const rocksdb::Options& options_;
  const std::string path_;
  bool begun_ = false;
  std::unique_ptr<rocksdb::SstFileWriter> writer_;
};

class RocksIngestion : public Ingestion {
 public:
  RocksIngestion(std::shared_ptr<Database> database, uint64_t number)
      : database_(std::move(database)),
        name_(database_->path + "/" + kLoadFilePrefix + std::to_string(number) + "-") {}

  IngestionFile& AddFile() override {
    const std::lock_guard<std::mutex> lock(mutex_);
    files_.push_back(std::make_unique<RocksIngestionFile>(database_->options,
                                                          name_ + std::to_string(files_.size())));
    return *files_.back();
  }

  // Finishes them and returns the paths of those that hold anything.
  absl::StatusOr<std::vector<std::string>> FinishFiles() {
    std::vector<std::string> paths;
    for (const auto& file : files_) {
      ANNALS_RETURN_IF_ERROR(file->Finish());
      if (file->begun()) paths.push_back(file->path());
    }
    return paths;
  }

 private:
  std::shared_ptr<Database> database_;
  const std::string name_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<RocksIngestionFile>> files_;
};

// m/commit, in every batch.
struct CommitValue {
  std::string uuid;
  uint64_t commit = 0;
};

std::string EncodeCommit(const CommitValue& value) {
  std::string bytes = value.uuid;
  PutFixed64(&bytes, value.commit);
  return bytes;
}

uint64_t LogBytes(const Database& database) {
  uint64_t bytes = 0;
  rocksdb::VectorLogPtr logs;
  if (!database.db->GetSortedWalFiles(logs).ok()) return 0;
  for (const auto& log : logs) bytes += log->SizeFileBytes();
  return bytes;
}

// Empty ones too.
ptrdiff_t CountLogs(const Database& database) {
  std::vector<std::string> names;
  if (!database.options.env->GetChildren(database.path, &names).ok()) return 0;
  return std::count_if(names.begin(), names.end(),
                       [](const std::string& name) { return name.ends_with(".log"); });
}

class RocksStore : public Store {
 public:
  RocksStore(std::shared_ptr<Database> database, CommitValue commit,
             std::optional<HighWaterMark> mark, bool read_only)
      : database_(std::move(database)),
        commit_(std::move(commit)),
        mark_(std::move(mark)),
        read_only_(read_only),
        log_bytes_(LogBytes(*database_)) {}

  // Every opening for writing begins a log, and all logs stay until something is flushed, be they
  // empty: a database that is only asked would gather them.
  void DropOldLogs() {
    if (read_only() || in_memory() || CountLogs(*database_) <= kMostLogs) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    rocksdb::WriteOptions options;
    options.sync = true;
    const rocksdb::Status same =
        database_->db->Put(options, ToSlice(kCommitKey), ToSlice(EncodeCommit(commit_)));
    if (Note(FromRocks(same, "write to the database " + database_->path)).ok()) {
      Flush().IgnoreError();
    }
  }

  // What the manifest holds by now may not be cut from it.
  absl::Status MarkManifest() {
    if (!mark_ || read_only()) return absl::OkStatus();
    ANNALS_ASSIGN_OR_RETURN(const bool grown, NoteManifest());
    return grown ? mark_->Advance(commit_.commit) : absl::OkStatus();
  }

  ~RocksStore() override {
    if (read_only() || in_memory()) return;
    if (log_bytes_ > kLogBytesWhenClosed) Flush().IgnoreError();
    MarkManifest().IgnoreError();
  }

  std::shared_ptr<const View> GetSnapshot() const override {
    return std::make_shared<SnapshotView>(database_);
  }
  std::unique_ptr<Batch> NewBatch() const override { return std::make_unique<RocksBatch>(); }
  std::unique_ptr<Transaction> NewTransaction() const override {
    return std::make_unique<RocksTransaction>(database_);
  }
  std::unique_ptr<Ingestion> NewIngestion() override {
    return std::make_unique<RocksIngestion>(database_, next_ingestion_++);
  }

  absl::Status Write(Batch& batch) override {
    auto& ours = static_cast<RocksBatch&>(batch);
    ANNALS_RETURN_IF_ERROR(FromRocks(ours.status(), "collect a batch"));
    const std::lock_guard<std::mutex> lock(mutex_);
    ours.Put(kCommitKey, EncodeCommit({commit_.uuid, commit_.commit + 1}));
    return WriteSynced(ours.rocks());
  }

  absl::Status Commit(Transaction& transaction) override {
    auto& ours = static_cast<RocksTransaction&>(transaction);
    ANNALS_RETURN_IF_ERROR(FromRocks(ours.status(), "collect a transaction"));
    const std::lock_guard<std::mutex> lock(mutex_);
    ours.Put(kCommitKey, EncodeCommit({commit_.uuid, commit_.commit + 1}));
    return WriteSynced(*ours.writes().GetWriteBatch());
  }

  absl::Status Ingest(std::unique_ptr<Ingestion> ingestion) override {
    auto& ours = static_cast<RocksIngestion&>(*ingestion);
    const std::lock_guard<std::mutex> lock(mutex_);
    ANNALS_RETURN_IF_ERROR(CheckWritable());
    ANNALS_ASSIGN_OR_RETURN(const std::vector<std::string> paths, ours.FinishFiles());
    if (paths.empty()) return absl::OkStatus();
    rocksdb::IngestExternalFileOptions options;
    options.move_files = true;
    options.failed_move_fall_back_to_copy = true;
    // Otherwise every key gets a new sequence number while a snapshot is alive, and RocksDB writes
    // all of the files anew at some time after, only to take the number off again.
    options.snapshot_consistency = false;
    ANNALS_RETURN_IF_ERROR(Note(FromRocks(database_->db->IngestExternalFile(paths, options),
                                          "take files into the database " + database_->path)));
    return Note(MarkManifest());
  }

  absl::Status DropRange(std::string_view begin, std::string_view end) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    ANNALS_RETURN_IF_ERROR(CheckWritable());
    const rocksdb::Slice first = ToSlice(begin);
    const rocksdb::Slice last = ToSlice(end);
    return Note(FromRocks(
        rocksdb::DeleteFilesInRange(database_->db.get(), database_->db->DefaultColumnFamily(),
                                    &first, &last, false),
        "drop files of the database " + database_->path));
  }

  absl::Status Compact() override {
    const std::lock_guard<std::mutex> lock(mutex_);
    ANNALS_RETURN_IF_ERROR(CheckWritable());
    return Note(
        FromRocks(database_->db->CompactRange(rocksdb::CompactRangeOptions(), nullptr, nullptr),
                  "compact the database " + database_->path));
  }

  absl::Status CopyTo(const std::string& path) override {
    if (in_memory()) return Internal("a store in memory can't be copied");
    const std::string context = "copy the database " + database_->path;
    // The mark must not be ahead of the log.
    const std::lock_guard<std::mutex> lock(mutex_);
    rocksdb::Checkpoint* made = nullptr;
    ANNALS_RETURN_IF_ERROR(
        FromRocks(rocksdb::Checkpoint::Create(database_->db.get(), &made), context));
    const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
    constexpr uint64_t kWithoutFlush = UINT64_MAX;
    ANNALS_RETURN_IF_ERROR(FromRocks(checkpoint->CreateCheckpoint(path, kWithoutFlush), context));
    for (const std::string name : {kIdentityFile, kMarkFile}) {
      std::error_code error;
      std::filesystem::copy_file(database_->path + "/" + name, path + "/" + name, error);
      if (error) return Unavailable("can't " + context + ": " + error.message());
    }
    return absl::OkStatus();
  }

  bool read_only() const override { return read_only_ || database_->failed; }
  bool in_memory() const override { return database_->memory_env != nullptr; }
  const std::string& path() const override { return database_->name; }

  uint64_t DiskBytes() const override {
    std::vector<std::string> names;
    uint64_t total = 0;
    rocksdb::Env* const env = database_->options.env;
    if (!env->GetChildren(database_->path, &names).ok()) return 0;
    for (const std::string& name : names) {
      uint64_t size = 0;
      if (env->GetFileSize(database_->path + "/" + name, &size).ok()) total += size;
    }
    return total;
  }

 private:
  absl::Status CheckWritable() const {
    if (read_only_) {
      return Unavailable("the database " + database_->path + " is open for reading only");
    }
    if (!database_->failed) return absl::OkStatus();
    return Unavailable("the database " + database_->path +
                       " has turned read-only after an error of writing (" + first_error_ +
                       "); make sure that there is room, and start the program again");
  }

  // What RocksDB or the system refused once is never tried again.
  absl::Status Note(absl::Status status) {
    if (status.ok()) return status;
    database_->failed = true;
    first_error_ = std::string(ToStd(status.message()));
    return status;
  }

  absl::Status WriteSynced(rocksdb::WriteBatch& batch) {
    ANNALS_RETURN_IF_ERROR(CheckWritable());
    rocksdb::WriteOptions options;
    options.sync = true;
    ANNALS_RETURN_IF_ERROR(Note(FromRocks(database_->db->Write(options, &batch),
                                          "write to the database " + database_->path)));
    ++commit_.commit;
    log_bytes_ += batch.GetDataSize();
    if (!mark_) return absl::OkStatus();
    // RocksDB flushes by itself too, and drops the log then.
    ANNALS_RETURN_IF_ERROR(Note(NoteManifest().status()));
    ANNALS_RETURN_IF_ERROR(Note(mark_->Advance(commit_.commit)));
    // The commit is safe by now, so an error here is only for the next.
    if (batch.GetDataSize() > kLogBytes) Flush().IgnoreError();
    return absl::OkStatus();
  }

  // For the next Advance; has it grown?
  absl::StatusOr<bool> NoteManifest() {
    struct stat info {};
    const bool same = ::stat(manifest_.c_str(), &info) == 0 &&
                      static_cast<uint64_t>(info.st_size) == mark_->manifest().bytes;
    if (same) return false;
    ANNALS_ASSIGN_OR_RETURN(manifest_, ManifestPath(database_->path));
    ANNALS_ASSIGN_OR_RETURN(const ManifestMark manifest, SyncManifest(manifest_));
    mark_->set_manifest(manifest);
    return true;
  }

  absl::Status Flush() {
    log_bytes_ = 0;
    ANNALS_RETURN_IF_ERROR(Note(FromRocks(database_->db->Flush(rocksdb::FlushOptions()),
                                          "write to the database " + database_->path)));
    return Note(MarkManifest());
  }

  std::shared_ptr<Database> database_;
  std::mutex mutex_;  // writers, and the fields below
  CommitValue commit_;
  std::optional<HighWaterMark> mark_;
  std::string manifest_;  // the path of the one that is marked; empty at first
  const bool read_only_;
  uint64_t log_bytes_;  // that the next opening would read, about
  std::string first_error_;
  std::atomic<uint64_t> next_ingestion_ = 1;
};

// The value of m/commit; nullopt if there is none.
absl::StatusOr<std::optional<CommitValue>> ReadCommit(const Database& database) {
  std::string bytes;
  const rocksdb::Status status =
      database.db->Get(rocksdb::ReadOptions(), ToSlice(kCommitKey), &bytes);
  if (status.IsNotFound()) return std::nullopt;
  ANNALS_RETURN_IF_ERROR(FromRocks(status, database.read_context));
  if (bytes.size() != 24) {
    return DataLoss("the database " + database.path + " is damaged: key m/commit");
  }
  CommitValue value;
  value.uuid = bytes.substr(0, 16);
  std::string_view rest = std::string_view(bytes).substr(16);
  GetFixed64(&rest, &value.commit);
  return value;
}

// "its write-ahead log (000012.log)", or that there is none.
std::string DescribeLog(const std::string& path) {
  std::string newest;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.ends_with(".log")) newest = std::max(newest, name);
  }
  return newest.empty() ? "its write-ahead log (no .log file is left)"
                        : "its write-ahead log (" + path + "/" + newest + ")";
}

// Has the log given back every commit that was synced, and of this database?
absl::Status CheckCommit(const Database& database, const std::string& uuid,
                         const std::optional<CommitValue>& found, uint64_t synced) {
  if (found && found->uuid != uuid) {
    return DataLoss("the database " + database.path + " is damaged: " + DescribeLog(database.path) +
                    " belongs to another database");
  }
  const uint64_t commit = found ? found->commit : 0;
  if (commit >= synced) return absl::OkStatus();
  return DataLoss("the database " + database.path + " is damaged: " + DescribeLog(database.path) +
                  " has lost commits: " + std::to_string(synced) + " were synced, " +
                  std::to_string(commit) + " are there; restore the files from a backup");
}

absl::Status OpenRocks(Database& database, bool read_only) {
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status =
      read_only ? rocksdb::DB::OpenForReadOnly(database.options, database.path, &db)
                : rocksdb::DB::Open(database.options, database.path, &db);
  database.db.reset(db);
  return FromRocks(status, "open the database " + database.path);
}

// What a crash cut off: runs before their ingestion, copies.
void DeleteLoadFiles(const std::string& path) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (std::filesystem::directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().filename().string().starts_with(kLoadFilePrefix)) {
      files.push_back(entry->path());
    }
  }
  for (const auto& file : files) std::filesystem::remove_all(file, error);
}

absl::StatusOr<std::unique_ptr<Store>> OpenMemory(const Options& options) {
  auto database = std::make_shared<Database>();
  database->name = ":memory:";
  database->read_context = "read the database in memory";
  database->memory_env.reset(rocksdb::NewMemEnv(rocksdb::Env::Default()));
  database->options = MakeOptions(options, database->memory_env.get());
  database->options.create_if_missing = true;
  database->path = "/annals";
  ANNALS_RETURN_IF_ERROR(OpenRocks(*database, false));
  return std::make_unique<RocksStore>(std::move(database), CommitValue{std::string(16, '\0'), 0},
                                      std::nullopt, false);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> Store::Open(const std::string& path,
                                                   const Options& options) {
  if (path == ":memory:") return OpenMemory(options);
  ANNALS_ASSIGN_OR_RETURN(Directory directory,
                          OpenDirectory(path, options.read_only, options.create_if_missing));
  std::optional<HighWaterMark> mark;
  if (directory.complete) {
    ANNALS_ASSIGN_OR_RETURN(mark, HighWaterMark::Open(path, directory.uuid, options.read_only));
  } else if (options.read_only) {
    return DataLoss("the database " + path + " is damaged, or was cut off while it was made: " +
                    path + "/" + kMarkFile + " is missing; open it for writing once");
  }
  if (!directory.may_create) {
    ANNALS_RETURN_IF_ERROR(CheckManifest(path, mark ? mark->manifest() : ManifestMark()));
  }

  auto database = std::make_shared<Database>();
  database->path = path;
  database->name = path;
  database->read_context = "read the database " + path;
  database->lock = std::move(directory.lock);
  rocksdb::Env* env = rocksdb::Env::Default();
  if (options.wrap_env_for_test) {
    env = static_cast<rocksdb::Env*>(options.wrap_env_for_test(env));
  }
  database->options = MakeOptions(options, env);
  database->options.create_if_missing = directory.may_create;
  if (!options.read_only) DeleteLoadFiles(path);
  ANNALS_RETURN_IF_ERROR(OpenRocks(*database, options.read_only));

  ANNALS_ASSIGN_OR_RETURN(const std::optional<CommitValue> found, ReadCommit(*database));
  ANNALS_RETURN_IF_ERROR(CheckCommit(*database, directory.uuid, found, mark ? mark->commit() : 0));
  const CommitValue commit = found.value_or(CommitValue{directory.uuid, 0});
  if (!mark) {
    if (commit.commit > 0) {
      return DataLoss("the database " + path + " is damaged: " + path + "/" + kMarkFile +
                      " is missing");
    }
    ANNALS_RETURN_IF_ERROR(HighWaterMark::Create(path, directory.uuid, commit.commit));
    ANNALS_ASSIGN_OR_RETURN(mark, HighWaterMark::Open(path, directory.uuid, false));
  }
  auto store =
      std::make_unique<RocksStore>(std::move(database), commit, std::move(mark), options.read_only);
  ANNALS_RETURN_IF_ERROR(store->MarkManifest());
  store->DropOldLogs();
  return store;
}

}  // namespace annals::kv

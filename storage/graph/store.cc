#include "storage/graph/store.h"

#include <atomic>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/graph/bulk_load.h"
#include "storage/graph/fold.h"
#include "storage/graph/store_core.h"
#include "storage/kv/directory.h"
#include "storage/kv/keys.h"

namespace annals {
namespace {

constexpr std::string_view kDefaultBase = "https://annals.example/";

absl::StatusOr<std::shared_ptr<StoreCore>> OpenCore(const std::string& path,
                                                    const StoreOptions& options) {
  ANNALS_ASSIGN_OR_RETURN(std::unique_ptr<kv::Store> kv, kv::Store::Open(path, options.kv));
  const std::shared_ptr<const kv::View> view = kv->GetSnapshot();
  Meta meta;
  std::string value;
  ANNALS_ASSIGN_OR_RETURN(const bool has_meta, view->Get(kv::kMetaKey, &value));
  if (has_meta) {
    ANNALS_ASSIGN_OR_RETURN(meta, Meta::Decode(value));
  }
  std::string base;
  ANNALS_ASSIGN_OR_RETURN(const bool has_base, view->Get(kv::kBaseKey, &base));
  if (!has_base) base = kDefaultBase;
  if (!options.kv.read_only) ANNALS_RETURN_IF_ERROR(RemoveOrphans(*kv, meta));
  auto core = std::make_shared<StoreCore>(std::move(kv), options);
  core->Publish(meta, std::move(base));
  return core;
}

// Goes with all that is in it; if it can't, at the next opening.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

class GraphStore : public Store {
 public:
  explicit GraphStore(std::shared_ptr<StoreCore> core,
                      std::unique_ptr<TemporaryFolder> folder = nullptr)
      : folder_(std::move(folder)), core_(std::move(core)) {}

  absl::StatusOr<std::shared_ptr<const GraphView>> GetSnapshot() const override {
    return std::shared_ptr<const GraphView>(core_->view());
  }
  absl::StatusOr<std::unique_ptr<WriteTransaction>> Begin(int64_t wait_milliseconds) override {
    ANNALS_ASSIGN_OR_RETURN(StoreCore::WriterGuard guard, core_->LockWriter(wait_milliseconds));
    return MakeWriteTransaction(core_, std::move(guard));
  }
  absl::StatusOr<std::unique_ptr<BulkLoad>> BeginBulkLoad(int64_t wait_milliseconds,
                                                          const LoadOptions& options) override {
    ANNALS_ASSIGN_OR_RETURN(StoreCore::WriterGuard guard, core_->LockWriter(wait_milliseconds));
    return MakeBulkLoad(core_, std::move(guard), options);
  }
  absl::StatusOr<std::unique_ptr<BulkLoad>> BulkLoadInto(WriteTransaction& transaction) override {
    return MakeBulkLoadInto(transaction);
  }
  absl::Status Fold() override {
    ANNALS_ASSIGN_OR_RETURN(const StoreCore::WriterGuard guard, core_->LockWriter(0));
    GenerationInput input;
    input.meta = core_->view()->meta();
    return WriteGeneration(*core_, input);
  }

  absl::StatusOr<std::unique_ptr<Store>> NewCopy() override {
    static std::atomic<uint64_t> copies = 0;
    auto folder = std::make_unique<TemporaryFolder>(
        absl::StrCat(path(), "/", kv::kLoadFilePrefix, "copy-", ++copies));
    ANNALS_RETURN_IF_ERROR(core_->kv().CopyTo(folder->path()));
    StoreOptions options = core_->options();
    options.kv.create_if_missing = false;
    ANNALS_ASSIGN_OR_RETURN(std::shared_ptr<StoreCore> core, OpenCore(folder->path(), options));
    return std::make_unique<GraphStore>(std::move(core), std::move(folder));
  }

  bool read_only() const override { return core_->kv().read_only(); }
  bool in_memory() const override { return core_->kv().in_memory(); }
  const std::string& path() const override { return core_->kv().path(); }

 private:
  const std::unique_ptr<TemporaryFolder> folder_;  // of a copy, outlives what is in it
  const std::shared_ptr<StoreCore> core_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> Store::Open(const std::string& path,
                                                   const StoreOptions& options) {
  ANNALS_ASSIGN_OR_RETURN(std::shared_ptr<StoreCore> core, OpenCore(path, options));
  return std::make_unique<GraphStore>(std::move(core));
}

}  // namespace annals

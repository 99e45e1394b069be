// What a Store, its transactions and its loads share: the key-value store, the options, the
// current view and the lock that lets one writer in at a time.
//
// Threads: all methods may be called from any thread.
#ifndef STORAGE_GRAPH_STORE_CORE_H_
#define STORAGE_GRAPH_STORE_CORE_H_

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "storage/base/status.h"
#include "storage/graph/graph_view.h"
#include "storage/graph/store.h"
#include "storage/kv/kv.h"

namespace annals {

class StoreCore : public std::enable_shared_from_this<StoreCore> {
 public:
  StoreCore(std::unique_ptr<kv::Store> kv, StoreOptions options)
      : kv_(std::move(kv)), options_(std::move(options)) {}
  // A load's caller often holds the view before it to its end: what that kept goes now.
  ~StoreCore() { DropRetired(); }

  kv::Store& kv() { return *kv_; }
  const StoreOptions& options() const { return options_; }

  // The state after the last commit.
  std::shared_ptr<const StoredView> view() const;
  // Takes a snapshot and makes it the current view.
  void Publish(const Meta& meta, std::string base_iri);

  // The right to write; given back by the destructor.
  class WriterGuard {
   public:
    explicit WriterGuard(std::shared_ptr<StoreCore> core) : core_(std::move(core)) {}
    WriterGuard(WriterGuard&&) = default;
    WriterGuard& operator=(WriterGuard&&) = default;
    ~WriterGuard() {
      if (core_) core_->UnlockWriter();
    }

   private:
    std::shared_ptr<StoreCore> core_;
  };
  // Busy after `wait_milliseconds`; Unavailable if the store is read-only.
  absl::StatusOr<WriterGuard> LockWriter(int64_t wait_milliseconds);

 private:
  void UnlockWriter();
  // Removes the blocks of generations that no view reads any more.
  void DropRetired();

  std::unique_ptr<kv::Store> kv_;
  const StoreOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable writer_left_;
  bool writing_ = false;
  std::shared_ptr<const StoredView> view_;
  // Views before the current one that may still be read, by their generation.
  std::map<uint64_t, std::vector<std::weak_ptr<const StoredView>>> readers_;
};

// The value of the next transaction's 'x' row: now, but not before the last of `before`.
absl::StatusOr<std::string> TransactionValue(const StoredView& before, const StoreOptions& options,
                                             uint64_t last_fact);

// Takes over the guard; Commit and the destructor give it back.
std::unique_ptr<WriteTransaction> MakeWriteTransaction(std::shared_ptr<StoreCore> core,
                                                       StoreCore::WriterGuard guard);

}  // namespace annals

#endif  // STORAGE_GRAPH_STORE_CORE_H_

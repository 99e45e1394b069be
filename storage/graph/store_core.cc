#include "storage/graph/store_core.h"

#include <chrono>

#include "storage/kv/keys.h"

namespace annals {

std::shared_ptr<const StoredView> StoreCore::view() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return view_;
}

void StoreCore::Publish(const Meta& meta, std::string base_iri) {
  ViewState state;
  state.meta = meta;
  state.base_iri = std::move(base_iri);
  state.disk_bytes = [core = weak_from_this()] {
    const std::shared_ptr<StoreCore> alive = core.lock();
    return alive == nullptr ? uint64_t{0} : alive->kv().DiskBytes();
  };
  std::shared_ptr<const StoredView> view = MakeStoredView(kv_->GetSnapshot(), std::move(state));
  std::shared_ptr<const StoredView> before;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    before = std::exchange(view_, std::move(view));
    if (before != nullptr) readers_[before->meta().generation].push_back(before);
  }
  before.reset();
  DropRetired();
}

void StoreCore::DropRetired() {
  std::vector<uint64_t> unused;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const uint64_t current = view_ == nullptr ? 0 : view_->meta().generation;
    for (auto it = readers_.begin(); it != readers_.end();) {
      auto& views = it->second;
      std::erase_if(views, [](const auto& view) { return view.expired(); });
      if (!views.empty()) {
        ++it;
        continue;
      }
      if (it->first != current && it->first != 0) unused.push_back(it->first);
      it = readers_.erase(it);
    }
  }
  for (const uint64_t generation : unused) {
    // What can't be dropped now is dropped when the store is opened next.
    kv_->DropRange(kv::GenerationKey(generation), kv::GenerationKey(generation + 1)).IgnoreError();
  }
}

absl::StatusOr<StoreCore::WriterGuard> StoreCore::LockWriter(int64_t wait_milliseconds) {
  if (options_.kv.read_only) {
    return Unavailable("the database " + kv_->path() +
                       " is open for reading only; open it without --read-only to write");
  }
  if (kv_->read_only()) {
    return Unavailable("the database " + kv_->path() +
                       " has turned read-only after an error of writing; make sure that there "
                       "is room, and start the program again");
  }
  std::unique_lock<std::mutex> lock(mutex_);
  const bool free = writer_left_.wait_for(lock, std::chrono::milliseconds(wait_milliseconds),
                                          [this] { return !writing_; });
  if (!free) {
    return Busy("another transaction is writing to the database " + kv_->path() +
                "; commit or roll it back first");
  }
  writing_ = true;
  return WriterGuard(shared_from_this());
}

void StoreCore::UnlockWriter() {
  // The writer itself held the view before its commit, which is gone only now.
  DropRetired();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    writing_ = false;
  }
  writer_left_.notify_one();
}

}  // namespace annals

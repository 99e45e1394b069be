#include "storage/base/parallel.h"

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

namespace annals {
namespace {

constexpr size_t kMostThreads = 64;

// The system may refuse a thread; what runs already does the work then.
void AddThread(std::vector<std::thread>& threads, const std::function<void()>& run) {
  try {
    threads.emplace_back(run);
  } catch (const std::system_error&) {
  }
}

class Tasks {
 public:
  explicit Tasks(const std::vector<std::function<absl::Status()>>& tasks) : tasks_(tasks) {}

  void Run() {
    while (const std::optional<size_t> task = Begin()) {
      absl::Status status = WithoutThrowing(tasks_[*task]);
      if (status.ok()) continue;
      const std::lock_guard<std::mutex> lock(mutex_);
      if (*task >= first_failed_) continue;
      first_failed_ = *task;
      status_ = std::move(status);
    }
  }
  const absl::Status& status() const { return status_; }

 private:
  std::optional<size_t> Begin() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (next_ == tasks_.size() || !status_.ok()) return std::nullopt;
    return next_++;
  }

  const std::vector<std::function<absl::Status()>>& tasks_;
  std::mutex mutex_;
  size_t next_ = 0;
  size_t first_failed_ = SIZE_MAX;
  absl::Status status_;
};

class Pipeline {
 public:
  Pipeline(PipelineStages& stages, size_t threads)
      : stages_(stages), threads_(std::clamp<size_t>(threads, 1, kMostThreads)) {}

  absl::Status Run() {
    Serve(0);
    for (std::thread& thread : helpers_) thread.join();
    return status_;
  }

 private:
  struct Slot {
    std::unique_ptr<PipelineItem> item;  // null with a status: making it failed
    absl::Status status;
  };

  void Serve(size_t worker) {
    std::unique_lock<std::mutex> lock(mutex_);
    while (true) {
      changed_.wait(lock,
                    [this] { return over_ || (!making_ && made_ - used_ < 2 * threads_ + 2); });
      if (over_) return;
      making_ = true;
      lock.unlock();
      auto made = WithoutThrowingMake();
      lock.lock();
      making_ = false;
      if (made.ok() && *made == nullptr) {
        over_ = true;
        changed_.notify_all();
        return;
      }
      const size_t number = made_++;
      if (number == 1) AddHelpers();
      Slot slot;
      slot.status = made.status();
      if (made.ok()) slot.item = *std::move(made);
      over_ = over_ || !slot.status.ok();
      changed_.notify_all();
      lock.unlock();
      if (slot.status.ok()) {
        slot.status = WithoutThrowing([&] { return stages_.Work(*slot.item, worker); });
      }
      lock.lock();
      ready_.emplace(number, std::move(slot));
      UseReady(lock);
    }
  }

  absl::StatusOr<std::unique_ptr<PipelineItem>> WithoutThrowingMake() {
    std::unique_ptr<PipelineItem> item;
    ANNALS_RETURN_IF_ERROR(WithoutThrowing([&]() -> absl::Status {
      ANNALS_ASSIGN_OR_RETURN(item, stages_.Make());
      return absl::OkStatus();
    }));
    return item;
  }

  // Uses the items whose turn it is, unless another thread is at it.
  void UseReady(std::unique_lock<std::mutex>& lock) {
    while (!using_ && status_.ok() && !ready_.empty() && ready_.begin()->first == used_) {
      Slot slot = std::move(ready_.begin()->second);
      ready_.erase(ready_.begin());
      using_ = true;
      lock.unlock();
      if (slot.status.ok()) {
        slot.status = WithoutThrowing([&] { return stages_.Use(*slot.item); });
      }
      slot.item.reset();
      lock.lock();
      using_ = false;
      ++used_;
      if (!slot.status.ok()) {
        status_ = std::move(slot.status);
        over_ = true;
      }
      changed_.notify_all();
    }
  }

  void AddHelpers() {
    for (size_t worker = 1; worker < threads_; ++worker) {
      AddThread(helpers_, [this, worker] { Serve(worker); });
    }
  }

  PipelineStages& stages_;
  const size_t threads_;
  std::vector<std::thread> helpers_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool making_ = false;
  bool using_ = false;
  bool over_ = false;  // nothing more is made
  size_t made_ = 0;
  size_t used_ = 0;
  std::map<size_t, Slot> ready_;
  absl::Status status_;
};

}  // namespace

size_t HardwareThreads() {
  if (const char* const wanted = std::getenv("ANNALS_THREADS")) {
    const unsigned long threads = std::strtoul(wanted, nullptr, 10);
    if (threads > 0) return std::min<size_t>(threads, kMostThreads);
  }
  return std::clamp<size_t>(std::thread::hardware_concurrency(), 1, kMostThreads);
}

absl::Status RunTasks(const std::vector<std::function<absl::Status()>>& tasks, size_t threads) {
  Tasks all(tasks);
  std::vector<std::thread> helpers;
  for (size_t i = 1; i < std::min(threads, tasks.size()); ++i) {
    AddThread(helpers, [&all] { all.Run(); });
  }
  all.Run();
  for (std::thread& helper : helpers) helper.join();
  return all.status();
}

absl::Status RunPipeline(PipelineStages& stages, size_t threads) {
  return Pipeline(stages, threads).Run();
}

}  // namespace annals

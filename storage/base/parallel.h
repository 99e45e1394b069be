// Work on several threads: tasks that don't need each other, and a pipeline whose results come in
// order.
#ifndef STORAGE_BASE_PARALLEL_H_
#define STORAGE_BASE_PARALLEL_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <new>
#include <vector>

#include "storage/base/status.h"

namespace annals {

// Of this machine, or what ANNALS_THREADS in the environment says; at least 1.
size_t HardwareThreads();

// For what runs on a thread, which no exception may leave: memory that can't be had is an error.
template <typename Run>
absl::Status WithoutThrowing(Run run) {
  try {
    return run();
  } catch (const std::bad_alloc&) {
    return ResourceExhausted("there is not enough memory");
  }
}

// Runs the tasks on at most `threads` threads, the caller's among them; they begin in their order,
// and none begins after an error. Returns the error of the first task, in their order, that failed.
absl::Status RunTasks(const std::vector<std::function<absl::Status()>>& tasks, size_t threads);

// Items that are made one after the other, worked on by several threads at once, and used one after
// the other, in the order in which they were made. An item is whatever its owner derives.
class PipelineItem {
 public:
  virtual ~PipelineItem() = default;
};

class PipelineStages {
 public:
  virtual ~PipelineStages() = default;
  // The next item; null at the end. Never two calls at once.
  virtual absl::StatusOr<std::unique_ptr<PipelineItem>> Make() = 0;
  // Of different items at once; `worker` is below the number of threads, and no two calls at once
  // have the same.
  virtual absl::Status Work(PipelineItem& item, size_t worker) = 0;
  // Never two calls at once.
  virtual absl::Status Use(PipelineItem& item) = 0;
};

// Runs until the end or the first error, in the order of the items: what comes after is not used.
// Further threads begin when there is a second item. About twice as many items as threads are kept.
absl::Status RunPipeline(PipelineStages& stages, size_t threads);

}  // namespace annals

#endif  // STORAGE_BASE_PARALLEL_H_

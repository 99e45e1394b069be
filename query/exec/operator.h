// Pulled batch operators, and what they share while one question runs.
#ifndef QUERY_EXEC_OPERATOR_H_
#define QUERY_EXEC_OPERATOR_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "query/algebra/plan.h"
#include "query/exec/batch.h"
#include "query/exec/quad_source.h"
#include "query/exec/vocabulary.h"
#include "query/functions/evaluation_context.h"
#include "storage/base/status.h"

namespace annals::exec {

class Batchwise;
class ThreadShare;

struct Limits {
  std::optional<std::chrono::steady_clock::time_point> deadline;
  uint64_t memory_bytes = UINT64_MAX;
  uint64_t rows = UINT64_MAX;                    // of the answer
  const std::atomic<bool>* cancelled = nullptr;  // may be set by another thread or a signal handler
};

// How many threads one question may use, and from when on more than one.
struct Parallelism {
  size_t threads = 1;
  uint64_t least_rows = 100000;  // of the scan whose shares the threads read
  uint64_t share_rows = 0;       // at least so many in a share; 0: as is good for them

  // Of an input of a join that keeps rows, where a row costs about as much as eight of a scan.
  uint64_t least_joined_rows() const { return least_rows / 8; }

  bool operator==(const Parallelism&) const = default;
};

// What the operator of one plan node did; those below it are counted in. An operator that became
// part of another (the patterns that a join looks up) has none.
struct NodeProfile {
  uint64_t rows = 0;
  uint64_t batches = 0;
  std::chrono::nanoseconds time{0};
  uint64_t memory_bytes = 0;  // held at most between batches
};
using Profile = std::unordered_map<const algebra::Plan*, NodeProfile>;

// One question's run, or one thread's part of it. A context belongs to one thread; those of one
// question share its vocabulary, its memory and what stops it.
class Context {
 public:
  // `source` and what `limits` points to must outlive the context.
  Context(const QuadSource& source, const Limits& limits, size_t batch_rows = 2048,
          Parallelism parallelism = {});
  // A thread's of the same question; `parallelism` is for what it reads before others help it.
  Context(const Context& question, std::shared_ptr<const std::atomic<bool>> stopped,
          Parallelism parallelism = {});
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  const QuadSource& source() const { return source_; }
  Vocabulary& vocabulary() { return shared_->vocabulary; }
  size_t batch_rows() const { return batch_rows_; }
  const Limits& limits() const { return limits_; }
  const Parallelism& parallelism() const { return parallelism_; }
  int64_t now() const { return now_; }  // UTC seconds, the same all through the question

  // Called by every operator once a batch: DeadlineExceeded, Cancelled or ResourceExhausted.
  absl::Status Check() const;
  // Memory that an operator keeps between batches.
  absl::Status Reserve(uint64_t bytes);
  void Release(uint64_t bytes);
  uint64_t reserved() const { return shared_->reserved.load(std::memory_order_relaxed); }
  // Operators made after this are measured. `profile` must outlive them.
  void MeasureInto(Profile* profile) { profile_ = profile; }
  Profile* profile() const { return profile_; }
  // What functions see of this question.
  functions::EvaluationContext& evaluation() { return *evaluation_; }
  // Of a thread: what it has to read. Null in a question's own context.
  ThreadShare* share() const { return share_; }
  void set_share(ThreadShare* share) { share_ = share; }

 private:
  struct Shared {
    explicit Shared(const QuadSource& source) : vocabulary(source) {}
    std::atomic<uint64_t> reserved{0};
    Vocabulary vocabulary;
  };

  const QuadSource& source_;
  Limits limits_;
  size_t batch_rows_;
  Parallelism parallelism_;
  int64_t now_;
  Profile* profile_ = nullptr;
  std::shared_ptr<Shared> shared_;
  std::vector<std::shared_ptr<const std::atomic<bool>>> stopped_;  // any: of threads in threads
  ThreadShare* share_ = nullptr;
  std::unique_ptr<functions::EvaluationContext> evaluation_;
};

// Memory that one operator holds, given back when it goes.
class Reservation {
 public:
  explicit Reservation(Context& context) : context_(context) {}
  ~Reservation() { context_.Release(bytes_); }
  Reservation(const Reservation&) = delete;
  Reservation& operator=(const Reservation&) = delete;

  // ResourceExhausted if the question's limit doesn't allow it.
  absl::Status Resize(uint64_t bytes);

 private:
  Context& context_;
  uint64_t bytes_ = 0;
};

class Operator {
 public:
  virtual ~Operator() = default;
  // Columns of the batches, in order.
  virtual const std::vector<algebra::Variable>& variables() const = 0;
  // Rows come in ascending id order of these columns, the first the most significant; may be none.
  virtual const std::vector<algebra::Variable>& sorted_by() const = 0;
  // Replaces the batch with the next rows, at least one; false at the end, and then always.
  virtual absl::StatusOr<bool> Next(Batch* batch) = 0;
  // May leave out rows to come whose first column of sorted_by() is less than `value`.
  virtual absl::Status SkipTo(TermId /*value*/) { return absl::OkStatus(); }
  // How threads can share its work (batchwise.h); null if they can't.
  virtual Batchwise* batchwise() { return nullptr; }
};

// The operators that run a plan. `plan` and `context` must outlive the result.
absl::StatusOr<std::unique_ptr<Operator>> MakeOperator(const algebra::Plan& plan, Context& context);

}  // namespace annals::exec

#endif  // QUERY_EXEC_OPERATOR_H_

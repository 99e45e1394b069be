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

struct Limits {
  std::optional<std::chrono::steady_clock::time_point> deadline;
  uint64_t memory_bytes = UINT64_MAX;
  uint64_t rows = UINT64_MAX;                    // of the answer
  const std::atomic<bool>* cancelled = nullptr;  // may be set by another thread or a signal handler
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

// One question's run. Not thread-safe.
class Context {
 public:
  // `source` and what `limits` points to must outlive the context.
  Context(const QuadSource& source, const Limits& limits, size_t batch_rows = 2048);
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  const QuadSource& source() const { return source_; }
  Vocabulary& vocabulary() { return vocabulary_; }
  size_t batch_rows() const { return batch_rows_; }
  const Limits& limits() const { return limits_; }
  int64_t now() const { return now_; }  // UTC seconds, the same all through the question

  // Called by every operator once a batch: DeadlineExceeded, Cancelled or ResourceExhausted.
  absl::Status Check() const;
  // Memory that an operator keeps between batches.
  absl::Status Reserve(uint64_t bytes);
  void Release(uint64_t bytes);
  uint64_t reserved() const { return reserved_; }
  // Operators made after this are measured. `profile` must outlive them.
  void MeasureInto(Profile* profile) { profile_ = profile; }
  Profile* profile() const { return profile_; }
  // What functions see of this question.
  functions::EvaluationContext& evaluation() { return *evaluation_; }

 private:
  const QuadSource& source_;
  Limits limits_;
  size_t batch_rows_;
  int64_t now_;
  uint64_t reserved_ = 0;
  Profile* profile_ = nullptr;
  Vocabulary vocabulary_;
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
};

// The operators that run a plan. `plan` and `context` must outlive the result.
absl::StatusOr<std::unique_ptr<Operator>> MakeOperator(const algebra::Plan& plan, Context& context);

}  // namespace annals::exec

#endif  // QUERY_EXEC_OPERATOR_H_

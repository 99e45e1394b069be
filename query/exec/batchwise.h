// Operators that work on each batch of an input by itself, so that several threads can share the
// batches: one thread at a time reads the next one, any thread does the work on it.
#ifndef QUERY_EXEC_BATCHWISE_H_
#define QUERY_EXEC_BATCHWISE_H_

#include <cstddef>
#include <memory>

#include "query/exec/operator.h"
#include "query/exec/replay.h"

namespace annals::exec {

// What one thread makes of batches.
class BatchWork {
 public:
  virtual ~BatchWork() = default;
  // Takes the rows of a batch that NextInput has read to this depth; what is left in it is of no
  // use. What was begun before must have been read to its end.
  virtual absl::Status Start(Batch* batch, size_t depth) = 0;
  // As Operator::Next, for the batch that was started.
  virtual absl::StatusOr<bool> Next(Batch* batch) = 0;
};

class Batchwise {
 public:
  virtual ~Batchwise() = default;
  // The next batch to work on; false at the end. `depth` is how many operators, from this one
  // down, have yet to see it: 0 if the rows are this operator's own. One call at a time, from any
  // thread, and Operator::Next no more after it.
  virtual absl::StatusOr<bool> NextInput(Batch* batch, size_t* depth) = 0;
  // Does the work in the context of a thread. After a first batch has been read.
  virtual absl::StatusOr<std::unique_ptr<BatchWork>> MakeWork(Context& thread) = 0;
};

// The next batch for an operator that has this input: depth 1 and more.
absl::StatusOr<bool> NextInputOf(Operator& input, Batch* batch, size_t* depth);
absl::StatusOr<bool> NextInputOf(Replay& input, Batch* batch, size_t* depth);

// Of an operator above an input: what reaches deeper than the operator itself goes through the
// input's work first.
class WorkOverInput : public BatchWork {
 public:
  // `input` must outlive this.
  WorkOverInput(Operator& input, Context& context) : input_(input), context_(context) {}

  absl::Status Start(Batch* batch, size_t depth) final;
  absl::StatusOr<bool> Next(Batch* batch) final;

 protected:
  // The same for a batch of the input.
  virtual absl::Status StartOwn(Batch* batch) = 0;
  virtual absl::StatusOr<bool> NextOwn(Batch* batch) = 0;

  Context& context() const { return context_; }

 private:
  Operator& input_;
  Context& context_;
  std::unique_ptr<BatchWork> below_;  // the input's, once it is needed
  Batch batch_;                       // passes by, or comes from below
  bool passes_by_ = false, own_ = false, from_below_ = false;
};

// Work on what is read at depth 0 only.
std::unique_ptr<BatchWork> MakePassBy();

// An operator over one input that may have been read ahead: on one thread it does its own work.
class BatchwiseOperator : public Operator, public Batchwise {
 public:
  explicit BatchwiseOperator(Context& context) : context_(context) {}

  absl::StatusOr<bool> Next(Batch* batch) override;
  absl::StatusOr<bool> NextInput(Batch* batch, size_t* depth) override;
  Batchwise* batchwise() override { return this; }

 protected:
  // Before the input is read.
  virtual absl::Status Open() = 0;
  // No input can give rows.
  virtual bool gives_nothing() const { return false; }
  virtual Replay& input() = 0;

  Context& context() const { return context_; }

 private:
  Context& context_;
  std::unique_ptr<BatchWork> work_;
  Batch read_;
  bool working_ = false;
};

}  // namespace annals::exec

#endif  // QUERY_EXEC_BATCHWISE_H_

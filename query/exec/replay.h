// An input of which some batches have been read ahead: they are kept, and given again.
#ifndef QUERY_EXEC_REPLAY_H_
#define QUERY_EXEC_REPLAY_H_

#include <deque>
#include <memory>
#include <utility>

#include "query/exec/operator.h"

namespace annals::exec {

class Replay {
 public:
  Replay(std::unique_ptr<Operator> input, Context& context)
      : input_(std::move(input)), context_(context), reservation_(context) {}

  Operator& input() { return *input_; }
  const Operator& input() const { return *input_; }
  // Of the batches kept.
  size_t rows() const { return rows_; }
  const std::deque<Batch>& batches() const { return batches_; }

  // Keeps one more batch; false at the end of the input.
  absl::StatusOr<bool> ReadAhead();
  // What was kept, then the rest.
  absl::StatusOr<bool> Next(Batch* batch);

 private:
  const std::unique_ptr<Operator> input_;
  Context& context_;
  Reservation reservation_;
  std::deque<Batch> batches_;
  size_t rows_ = 0;
  uint64_t bytes_ = 0;
};

// As an operator.
std::unique_ptr<Operator> MakeReplayed(std::unique_ptr<Replay> replay);

}  // namespace annals::exec

#endif  // QUERY_EXEC_REPLAY_H_

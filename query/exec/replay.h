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
  absl::StatusOr<bool> ReadAhead() {
    ANNALS_RETURN_IF_ERROR(context_.Check());
    Batch batch;
    ANNALS_ASSIGN_OR_RETURN(const bool more, input_->Next(&batch));
    if (!more) return false;
    rows_ += batch.rows;
    bytes_ += batch.bytes();
    ANNALS_RETURN_IF_ERROR(reservation_.Resize(bytes_));
    batches_.push_back(std::move(batch));
    return true;
  }

  // What was kept, then the rest.
  absl::StatusOr<bool> Next(Batch* batch) {
    if (batches_.empty()) return input_->Next(batch);
    bytes_ -= batches_.front().bytes();
    rows_ -= batches_.front().rows;
    *batch = std::move(batches_.front());
    batches_.pop_front();
    ANNALS_RETURN_IF_ERROR(reservation_.Resize(bytes_));
    return true;
  }

 private:
  const std::unique_ptr<Operator> input_;
  Context& context_;
  Reservation reservation_;
  std::deque<Batch> batches_;
  size_t rows_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace annals::exec

#endif  // QUERY_EXEC_REPLAY_H_

#include "query/exec/replay.h"

#include "query/exec/batchwise.h"

namespace annals::exec {
namespace {

class Replayed : public Operator, public Batchwise {
 public:
  explicit Replayed(std::unique_ptr<Replay> replay) : replay_(std::move(replay)) {}

  const std::vector<algebra::Variable>& variables() const override {
    return replay_->input().variables();
  }
  const std::vector<algebra::Variable>& sorted_by() const override {
    return replay_->input().sorted_by();
  }
  absl::StatusOr<bool> Next(Batch* batch) override { return replay_->Next(batch); }
  absl::Status SkipTo(TermId value) override {
    return replay_->rows() == 0 ? replay_->input().SkipTo(value) : absl::OkStatus();
  }

  // What was read ahead passes by the work of the input, and all where that has none to share.
  Batchwise* batchwise() override { return this; }
  absl::StatusOr<bool> NextInput(Batch* batch, size_t* depth) override {
    Batchwise* const batchwise = replay_->input().batchwise();
    *depth = 0;
    return batchwise == nullptr || !replay_->batches().empty() ? replay_->Next(batch)
                                                               : batchwise->NextInput(batch, depth);
  }
  absl::StatusOr<std::unique_ptr<BatchWork>> MakeWork(Context& thread) override {
    Batchwise* const batchwise = replay_->input().batchwise();
    return batchwise == nullptr ? MakePassBy() : batchwise->MakeWork(thread);
  }

 private:
  const std::unique_ptr<Replay> replay_;
};

}  // namespace

absl::StatusOr<bool> Replay::ReadAhead() {
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

absl::StatusOr<bool> Replay::Next(Batch* batch) {
  if (batches_.empty()) return input_->Next(batch);
  bytes_ -= batches_.front().bytes();
  rows_ -= batches_.front().rows;
  *batch = std::move(batches_.front());
  batches_.pop_front();
  ANNALS_RETURN_IF_ERROR(reservation_.Resize(bytes_));
  return true;
}

std::unique_ptr<Operator> MakeReplayed(std::unique_ptr<Replay> replay) {
  return std::make_unique<Replayed>(std::move(replay));
}

}  // namespace annals::exec

#include "query/exec/batchwise.h"

#include <utility>

namespace annals::exec {
namespace {

class PassBy : public BatchWork {
 public:
  absl::Status Start(Batch* batch, size_t /*depth*/) override {
    std::swap(batch_, *batch);
    started_ = true;
    return absl::OkStatus();
  }
  absl::StatusOr<bool> Next(Batch* batch) override {
    if (!std::exchange(started_, false)) return false;
    std::swap(*batch, batch_);
    return true;
  }

 private:
  Batch batch_;
  bool started_ = false;
};

}  // namespace

std::unique_ptr<BatchWork> MakePassBy() { return std::make_unique<PassBy>(); }

absl::StatusOr<bool> NextInputOf(Operator& input, Batch* batch, size_t* depth) {
  Batchwise* const batchwise = input.batchwise();
  *depth = 0;
  ANNALS_ASSIGN_OR_RETURN(const bool more, batchwise == nullptr
                                               ? input.Next(batch)
                                               : batchwise->NextInput(batch, depth));
  ++*depth;
  return more;
}

absl::StatusOr<bool> NextInputOf(Replay& input, Batch* batch, size_t* depth) {
  if (input.batches().empty()) return NextInputOf(input.input(), batch, depth);
  *depth = 1;
  return input.Next(batch);
}

absl::Status WorkOverInput::Start(Batch* batch, size_t depth) {
  if (depth == 1) {
    own_ = true;
    return StartOwn(batch);
  }
  if (depth == 0) {
    std::swap(batch_, *batch);
    passes_by_ = true;
    return absl::OkStatus();
  }
  if (below_ == nullptr) {
    ANNALS_ASSIGN_OR_RETURN(below_, input_.batchwise()->MakeWork(context_));
  }
  from_below_ = true;
  return below_->Start(batch, depth - 1);
}

absl::StatusOr<bool> WorkOverInput::Next(Batch* batch) {
  if (passes_by_) {
    passes_by_ = false;
    std::swap(*batch, batch_);
    return true;
  }
  while (true) {
    ANNALS_RETURN_IF_ERROR(context_.Check());
    if (own_) {
      ANNALS_ASSIGN_OR_RETURN(const bool more, NextOwn(batch));
      if (more) return true;
      own_ = false;
    }
    if (!from_below_) return false;
    ANNALS_ASSIGN_OR_RETURN(from_below_, below_->Next(&batch_));
    if (!from_below_) return false;
    ANNALS_RETURN_IF_ERROR(StartOwn(&batch_));
    own_ = true;
  }
}

absl::StatusOr<bool> BatchwiseOperator::Next(Batch* batch) {
  ANNALS_RETURN_IF_ERROR(Open());
  if (work_ == nullptr) {
    ANNALS_ASSIGN_OR_RETURN(work_, MakeWork(context_));
  }
  while (!gives_nothing()) {
    ANNALS_RETURN_IF_ERROR(context_.Check());
    if (working_) {
      ANNALS_ASSIGN_OR_RETURN(working_, work_->Next(batch));
      if (working_) return true;
    }
    ANNALS_ASSIGN_OR_RETURN(working_, input().Next(&read_));
    if (!working_) break;
    ANNALS_RETURN_IF_ERROR(work_->Start(&read_, 1));
  }
  batch->Reset(variables().size());
  return false;
}

absl::StatusOr<bool> BatchwiseOperator::NextInput(Batch* batch, size_t* depth) {
  ANNALS_RETURN_IF_ERROR(Open());
  if (gives_nothing()) return false;
  if (working_) {  // on a batch of which Next has given a part
    ANNALS_ASSIGN_OR_RETURN(working_, work_->Next(batch));
    *depth = 0;
    if (working_) return true;
  }
  return NextInputOf(input(), batch, depth);
}

}  // namespace annals::exec

#include "query/exec/parallel.h"

#include <algorithm>
#include <deque>
#include <system_error>

namespace annals::exec {
namespace {

// Shares that may wait to be given for each thread: enough that none waits for the slowest.
constexpr uint64_t kSharesAhead = 4;

class ForEachShare : public Operator {
 public:
  ForEachShare(MakeOperators make, OperatorPtr first, Context& context)
      : make_(std::move(make)),
        context_(context),
        variables_(first->variables()),
        sorted_by_(first->sorted_by()) {}

  const Variables& variables() const override { return variables_; }
  const Variables& sorted_by() const override { return sorted_by_; }

  absl::StatusOr<bool> Next(Batch* batch) override {
    ShareOfScan& share = *context_.share();
    if (number_ != share.number()) {
      number_ = share.number();
      share.BeginMaking();
      ANNALS_ASSIGN_OR_RETURN(made_, make_());
    }
    if (made_ == nullptr) {
      batch->Reset(variables_.size());
      return false;
    }
    ANNALS_ASSIGN_OR_RETURN(const bool more, made_->Next(batch));
    if (!more) made_.reset();
    return more;
  }

 private:
  const MakeOperators make_;
  Context& context_;
  const Variables variables_, sorted_by_;
  OperatorPtr made_;
  uint64_t number_ = 0;
};

class Gather : public Operator {
 public:
  Gather(SharedWork shared, Context& context)
      : variables_(shared.pipelines[0].root->variables()),
        sorted_by_(shared.pipelines[0].root->sorted_by()),
        runner_(
            std::move(shared),
            [this](size_t thread, std::vector<Batch>* batches) { return ReadAll(thread, batches); },
            context) {}

  const Variables& variables() const override { return variables_; }
  const Variables& sorted_by() const override { return sorted_by_; }

  absl::StatusOr<bool> Next(Batch* batch) override {
    while (next_ == batches_.size()) {
      size_t thread = 0;
      next_ = 0;
      ANNALS_ASSIGN_OR_RETURN(const bool more, runner_.Next(&batches_, &thread));
      if (more) continue;
      batches_.clear();
      batch->Reset(variables_.size());
      return false;
    }
    *batch = std::move(batches_[next_++]);
    return true;
  }

 private:
  absl::Status ReadAll(size_t thread, std::vector<Batch>* batches) {
    Operator& root = *runner_.pipelines()[thread].root;
    while (true) {
      Batch batch;
      ANNALS_ASSIGN_OR_RETURN(const bool more, root.Next(&batch));
      if (!more) return absl::OkStatus();
      batches->push_back(std::move(batch));
    }
  }

  const Variables variables_, sorted_by_;
  std::vector<Batch> batches_;
  size_t next_ = 0;
  ShareRunner runner_;  // last: its threads end before the rest goes
};

}  // namespace

absl::StatusOr<OperatorPtr> MakeForEachShare(MakeOperators make, Context& context) {
  // Made once for its columns, and for the scan that takes the share.
  context.share()->BeginMaking();
  ANNALS_ASSIGN_OR_RETURN(OperatorPtr first, make());
  return OperatorPtr(std::make_unique<ForEachShare>(std::move(make), std::move(first), context));
}

ShareRunner::ShareRunner(SharedWork shared, Work work, Context& context)
    : shared_(std::move(shared)), work_(std::move(work)), context_(context) {}

ShareRunner::~ShareRunner() { End(); }

absl::Status ShareRunner::Begin() {
  begun_ = true;
  try {
    for (size_t i = 0; i < shared_.pipelines.size(); ++i) {
      threads_.emplace_back([this, i] { Run(i); });
    }
  } catch (const std::system_error&) {
    // Those that could be started do the work.
    if (threads_.empty()) return ResourceExhausted("the machine can't start another thread");
  }
  return absl::OkStatus();
}

void ShareRunner::End() {
  shared_.stopped->store(true, std::memory_order_relaxed);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ending_ = true;
  }
  may_take_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  for (const auto& [number, outcome] : outcomes_) context_.Release(outcome.bytes);
  outcomes_.clear();
}

void ShareRunner::Run(size_t thread) {
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    may_take_.wait(lock, [this] {
      return ending_ || next_take_ < next_give_ + kSharesAhead * shared_.pipelines.size();
    });
    if (ending_) return;
    ScanShare share;
    const absl::StatusOr<bool> more = shared_.splitter->Next(&share);
    Outcome outcome;
    outcome.thread = thread;
    if (more.ok() && !*more) {
      ending_ = true;
      may_take_.notify_all();
      has_outcome_.notify_all();
      return;
    }
    const uint64_t number = next_take_++;
    outcome.status = more.status();
    if (more.ok()) {
      lock.unlock();
      WorkOnShare(std::move(share), &outcome);
      lock.lock();
    }
    // What comes after an error is not asked for.
    if (!outcome.status.ok()) ending_ = true;
    outcomes_.emplace(number, std::move(outcome));
    has_outcome_.notify_all();
  }
}

void ShareRunner::WorkOnShare(ScanShare share, Outcome* outcome) {
  ThreadPipeline& pipeline = shared_.pipelines[outcome->thread];
  pipeline.share->Start(std::move(share));
  outcome->status = work_(outcome->thread, &outcome->batches);
  if (!outcome->status.ok()) return;
  uint64_t bytes = 0;
  for (const Batch& batch : outcome->batches) bytes += batch.bytes();
  outcome->status = pipeline.context->Reserve(bytes);
  if (outcome->status.ok()) outcome->bytes = bytes;
}

absl::StatusOr<bool> ShareRunner::Next(std::vector<Batch>* batches, size_t* thread) {
  if (!begun_) ANNALS_RETURN_IF_ERROR(Begin());
  Outcome outcome;
  {
    std::unique_lock<std::mutex> lock(mutex_);
    has_outcome_.wait(lock, [this] {
      return outcomes_.count(next_give_) > 0 || (ending_ && next_give_ == next_take_);
    });
    const auto found = outcomes_.find(next_give_);
    if (found == outcomes_.end()) {
      lock.unlock();
      if (!threads_.empty()) AddProfiles();
      End();
      return false;
    }
    outcome = std::move(found->second);
    outcomes_.erase(found);
    ++next_give_;
  }
  may_take_.notify_one();
  context_.Release(outcome.bytes);
  ANNALS_RETURN_IF_ERROR(outcome.status);
  *batches = std::move(outcome.batches);
  *thread = outcome.thread;
  return true;
}

void ShareRunner::AddProfiles() {
  if (context_.profile() == nullptr) return;
  for (const ThreadPipeline& pipeline : shared_.pipelines) {
    for (const auto& [plan, one] : *pipeline.profile) {
      NodeProfile& sum = (*context_.profile())[plan];
      sum.rows += one.rows;
      sum.batches += one.batches;
      sum.time += one.time;
      sum.memory_bytes += one.memory_bytes;
    }
  }
}

OperatorPtr MakeGather(SharedWork shared, Context& context) {
  return std::make_unique<Gather>(std::move(shared), context);
}

}  // namespace annals::exec

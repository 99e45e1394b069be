#include "query/exec/parallel.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "storage/base/parallel.h"

namespace annals::exec {
namespace {

// Shares that may wait to be given for each thread: enough that none waits for the slowest.
constexpr uint64_t kSharesAhead = 4;
// Batches of a share that may wait: more than it has, unless each row finds very many.
constexpr size_t kBatchesAhead = 64;

class ScanShares : public ShareSource {
 public:
  explicit ScanShares(std::unique_ptr<ScanSplitter> splitter) : splitter_(std::move(splitter)) {}
  absl::StatusOr<bool> Next(Share* share) override {
    share->pieces.clear();
    return splitter_->Next(&share->scan);
  }

 private:
  const std::unique_ptr<ScanSplitter> splitter_;
};

class BatchShares : public ShareSource {
 public:
  BatchShares(Batchwise& of, uint64_t rows) : of_(of), rows_(rows) {}
  absl::StatusOr<bool> Next(Share* share) override {
    share->pieces.clear();
    uint64_t rows = 0;
    while (!ended_ && rows < rows_) {
      Share::Piece piece;
      ANNALS_ASSIGN_OR_RETURN(const bool more, of_.NextInput(&piece.batch, &piece.depth));
      ended_ = !more;
      if (!more) break;
      rows += piece.batch.rows;
      share->pieces.push_back(std::move(piece));
    }
    return !share->pieces.empty();
  }

 private:
  Batchwise& of_;
  const uint64_t rows_;
  bool ended_ = false;
};

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
    ThreadShare& share = *context_.share();
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

class Piecework : public Operator {
 public:
  Piecework(Operator& of, Context& context) : of_(of), context_(context) {}

  const Variables& variables() const override { return of_.variables(); }
  const Variables& sorted_by() const override { return of_.sorted_by(); }

  absl::StatusOr<bool> Next(Batch* batch) override {
    ThreadShare& share = *context_.share();
    if (number_ != share.number()) {
      number_ = share.number();
      next_ = 0;
    }
    while (true) {
      ANNALS_RETURN_IF_ERROR(context_.Check());
      if (working_) {
        ANNALS_ASSIGN_OR_RETURN(working_, work_->Next(batch));
        if (working_) return true;
      }
      if (next_ == share.pieces().size()) break;
      if (work_ == nullptr) {
        ANNALS_ASSIGN_OR_RETURN(work_, of_.batchwise()->MakeWork(context_));
      }
      Share::Piece& piece = share.pieces()[next_++];
      ANNALS_RETURN_IF_ERROR(work_->Start(&piece.batch, piece.depth));
      working_ = true;
    }
    batch->Reset(variables().size());
    return false;
  }

 private:
  Operator& of_;
  Context& context_;
  std::unique_ptr<BatchWork> work_;
  uint64_t number_ = 0;
  size_t next_ = 0;
  bool working_ = false;
};

class Gather : public Operator {
 public:
  Gather(SharedWork shared, Context& context)
      : variables_(shared.pipelines[0].root->variables()),
        sorted_by_(shared.pipelines[0].root->sorted_by()),
        runner_(
            std::move(shared),
            [this](size_t thread, Batch* batch) {
              return runner_.pipelines()[thread].root->Next(batch);
            },
            false, context) {}

  const Variables& variables() const override { return variables_; }
  const Variables& sorted_by() const override { return sorted_by_; }

  absl::StatusOr<bool> Next(Batch* batch) override {
    ANNALS_ASSIGN_OR_RETURN(const bool more, runner_.Next(batch));
    if (!more) batch->Reset(variables_.size());
    return more;
  }

 private:
  const Variables variables_, sorted_by_;
  ShareRunner runner_;  // last: its threads end before the rest goes
};

}  // namespace

std::unique_ptr<ShareSource> MakeScanShares(std::unique_ptr<ScanSplitter> splitter) {
  return std::make_unique<ScanShares>(std::move(splitter));
}

std::unique_ptr<ShareSource> MakeBatchShares(Batchwise& of, uint64_t rows) {
  return std::make_unique<BatchShares>(of, rows);
}

OperatorPtr MakePiecework(Operator& of, Context& context) {
  return std::make_unique<Piecework>(of, context);
}

absl::StatusOr<OperatorPtr> MakeForEachShare(MakeOperators make, Context& context) {
  // Made once for its columns, and for the scan that takes the share.
  context.share()->BeginMaking();
  ANNALS_ASSIGN_OR_RETURN(OperatorPtr first, make());
  return OperatorPtr(std::make_unique<ForEachShare>(std::move(make), std::move(first), context));
}

ShareRunner::ShareRunner(SharedWork shared, Step step, bool works, Context& context)
    : shared_(std::move(shared)), step_(std::move(step)), works_(works), context_(context) {}

ShareRunner::~ShareRunner() { End(); }

absl::Status ShareRunner::Begin() {
  begun_ = true;
  for (size_t i = 0; i < 2; ++i) {
    Share share;
    ANNALS_ASSIGN_OR_RETURN(const bool more, shared_.source->Next(&share));
    if (!more) break;
    first_.push_back(std::move(share));
  }
  if (first_.size() < 2) {
    alone_ = true;
    if (!first_.empty()) shared_.pipelines[0].share->Start(std::move(first_.front()));
    return absl::OkStatus();
  }
  try {
    for (size_t i = works_ ? 1 : 0; i < shared_.pipelines.size(); ++i) {
      threads_.emplace_back([this, i] {
        while (RunOne(i)) {
        }
      });
    }
  } catch (const std::system_error&) {
    // Those that could be started do the work.
    if (threads_.empty() && !works_) {
      return ResourceExhausted("the machine can't start another thread");
    }
  }
  return absl::OkStatus();
}

void ShareRunner::End() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    shared_.stopped->store(true, std::memory_order_relaxed);
    ending_ = true;
  }
  may_take_.notify_all();
  may_give_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  const auto drop = [this](const std::deque<Batch>& batches) {
    for (const Batch& batch : batches) context_.Release(batch.bytes());
  };
  drop(given_);
  given_.clear();
  for (const auto& [number, outcome] : outcomes_) drop(outcome.batches);
  outcomes_.clear();
}

bool ShareRunner::RunOne(size_t thread) {
  Share share;
  Outcome* outcome = nullptr;
  if (!TakeShare(thread, &share, &outcome)) return false;
  const absl::Status status = WithoutThrowing([&] { return WorkOn(std::move(share), outcome); });
  const std::lock_guard<std::mutex> lock(mutex_);
  outcome->status = status;
  outcome->done = true;
  // What comes after an error is not asked for.
  if (!status.ok()) ending_ = true;
  has_outcome_.notify_all();
  return true;
}

bool ShareRunner::may_take() const {
  return next_take_ < next_give_ + kSharesAhead * shared_.pipelines.size();
}

// Shares are numbered as they come from the source. Outcomes stay where they are until given.
bool ShareRunner::TakeShare(size_t thread, Share* share, Outcome** outcome) {
  const bool gives = works_ && thread == 0;  // and so must not wait for shares to be given
  if (!gives) {
    std::unique_lock<std::mutex> lock(mutex_);
    may_take_.wait(lock, [this] { return ending_ || may_take(); });
  }
  const std::lock_guard<std::mutex> source_lock(source_mutex_);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (ending_) return false;
  }
  bool more = true;
  const absl::Status status = WithoutThrowing([&]() -> absl::Status {
    if (first_.empty()) {
      ANNALS_ASSIGN_OR_RETURN(more, shared_.source->Next(share));
    } else {
      *share = std::move(first_.front());
      first_.pop_front();
    }
    return absl::OkStatus();
  });
  const std::lock_guard<std::mutex> lock(mutex_);
  if (status.ok() && more) {
    *outcome = &outcomes_[next_take_];
    (*outcome)->number = next_take_++;
    (*outcome)->thread = thread;
    return true;
  }
  if (!status.ok()) {
    Outcome& failed = outcomes_[next_take_++];
    failed.status = status;
    failed.done = true;
  }
  ending_ = true;
  may_take_.notify_all();
  has_outcome_.notify_all();
  return false;
}

absl::Status ShareRunner::WorkOn(Share share, Outcome* outcome) {
  shared_.pipelines[outcome->thread].share->Start(std::move(share));
  while (true) {
    Batch batch;
    ANNALS_ASSIGN_OR_RETURN(const bool more, step_(outcome->thread, &batch));
    if (!more) return absl::OkStatus();
    ANNALS_RETURN_IF_ERROR(Give(std::move(batch), outcome));
  }
}

absl::Status ShareRunner::Give(Batch batch, Outcome* outcome) {
  ANNALS_RETURN_IF_ERROR(shared_.pipelines[outcome->thread].context->Reserve(batch.bytes()));
  std::unique_lock<std::mutex> lock(mutex_);
  outcome->batches.push_back(std::move(batch));
  if (outcome->number == next_give_ && outcome->batches.size() == 1) has_outcome_.notify_all();
  may_give_.wait(lock, [this, outcome] {
    return outcome->batches.size() < kBatchesAhead || *shared_.stopped;
  });
  return absl::OkStatus();
}

absl::StatusOr<bool> ShareRunner::Next(Batch* batch) {
  if (!begun_) ANNALS_RETURN_IF_ERROR(Begin());
  if (alone_) return NextAlone(batch);
  if (given_.empty()) {
    ANNALS_ASSIGN_OR_RETURN(const bool more, AwaitBatches());
    if (!more) return false;
  }
  context_.Release(given_.front().bytes());
  *batch = std::move(given_.front());
  given_.pop_front();
  return true;
}

absl::StatusOr<bool> ShareRunner::NextAlone(Batch* batch) {
  if (workers_.empty() && shared_.pipelines[0].share->number() > 0) {
    ANNALS_ASSIGN_OR_RETURN(const bool more, step_(0, batch));
    if (more) return true;
    workers_.push_back(0);
    AddProfiles();
  }
  return false;
}

// Of the share whose turn it is; false after the last.
absl::StatusOr<bool> ShareRunner::AwaitBatches() {
  const auto has_outcome = [this] {
    const auto found = outcomes_.find(next_give_);
    if (found == outcomes_.end()) return ending_ && next_give_ == next_take_;
    return found->second.done || !found->second.batches.empty();
  };
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    while (works_ && !ending_ && may_take() && !has_outcome()) {
      lock.unlock();
      RunOne(0);
      lock.lock();
    }
    has_outcome_.wait(lock, has_outcome);
    const auto found = outcomes_.find(next_give_);
    if (found == outcomes_.end()) {
      lock.unlock();
      if (works_ || !threads_.empty()) AddProfiles();
      End();
      return false;
    }
    Outcome& outcome = found->second;
    if (!outcome.batches.empty()) {
      given_.swap(outcome.batches);
      may_give_.notify_all();
      return true;
    }
    const absl::Status status = outcome.status;
    workers_.push_back(outcome.thread);
    outcomes_.erase(found);
    ++next_give_;
    may_take_.notify_all();
    ANNALS_RETURN_IF_ERROR(status);
  }
}

void ShareRunner::AddProfiles() {
  if (context_.profile() == nullptr) return;
  const auto add = [this](const ThreadPipeline& pipeline) {
    if (pipeline.profile == nullptr) return;
    for (const auto& [plan, one] : *pipeline.profile) {
      NodeProfile& sum = (*context_.profile())[plan];
      sum.rows += one.rows;
      sum.batches += one.batches;
      sum.time += one.time;
      sum.memory_bytes += one.memory_bytes;
    }
  };
  add(shared_.reader);
  for (const ThreadPipeline& pipeline : shared_.pipelines) add(pipeline);
}

OperatorPtr MakeGather(SharedWork shared, Context& context) {
  return std::make_unique<Gather>(std::move(shared), context);
}

}  // namespace annals::exec

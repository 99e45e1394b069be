// Rows joined with a union of patterns: few left rows are kept and joined with each branch.
#include "query/exec/operators.h"
#include "query/exec/replay.h"

namespace annals::exec {
namespace {

class KeptRows : public Operator {
 public:
  KeptRows(std::shared_ptr<const KeptBatches> kept, Variables variables, Variables sorted_by,
           Context& context)
      : kept_(std::move(kept)),
        variables_(std::move(variables)),
        sorted_by_(std::move(sorted_by)),
        context_(context) {}

  const Variables& variables() const override { return variables_; }
  const Variables& sorted_by() const override { return sorted_by_; }

  absl::StatusOr<bool> Next(Batch* batch) override {
    ANNALS_RETURN_IF_ERROR(context_.Check());
    batch->Reset(variables_.size());
    if (next_ >= kept_->batches.size()) return false;
    *batch = kept_->batches[next_++];
    return true;
  }

 private:
  const std::shared_ptr<const KeptBatches> kept_;
  const Variables variables_;
  const Variables sorted_by_;
  Context& context_;
  size_t next_ = 0;
};

class BranchJoin : public Operator {
 public:
  BranchJoin(OperatorPtr left, std::vector<ScanSpec> patterns, std::shared_ptr<KeptBatches> kept,
             OperatorPtr branches, MakeFallbackJoin fallback, Context& context)
      : patterns_(std::move(patterns)),
        kept_(std::move(kept)),
        chosen_(std::move(branches)),
        variables_(chosen_->variables()),
        fallback_(std::move(fallback)),
        context_(context),
        left_(std::make_unique<Replay>(std::move(left), context)),
        reservation_(context) {}

  const Variables& variables() const override { return variables_; }
  const Variables& sorted_by() const override { return sorted_by_; }

  absl::StatusOr<bool> Next(Batch* batch) override {
    if (left_ != nullptr) ANNALS_RETURN_IF_ERROR(Decide());
    return chosen_->Next(batch);
  }

 private:
  absl::Status Decide() {
    uint64_t rows = 0;
    for (const ScanSpec& pattern : patterns_) {
      ANNALS_ASSIGN_OR_RETURN(const uint64_t count, context_.source().CountRows(pattern));
      rows += count;
    }
    bool more = true;
    while (more && left_->rows() <= rows / kRowsPerProbe) {
      ANNALS_ASSIGN_OR_RETURN(more, left_->ReadAhead());
    }
    if (more) {
      ANNALS_ASSIGN_OR_RETURN(OperatorPtr joined, fallback_(MakeReplayed(std::move(left_))));
      chosen_ = MakeProject(std::move(joined), variables_);
      return absl::OkStatus();
    }
    uint64_t bytes = 0;
    for (const Batch& batch : left_->batches()) bytes += batch.bytes();
    kept_->batches.assign(left_->batches().begin(), left_->batches().end());
    left_.reset();
    return reservation_.Resize(bytes);
  }

  const std::vector<ScanSpec> patterns_;
  const std::shared_ptr<KeptBatches> kept_;
  OperatorPtr chosen_;
  const Variables variables_;
  const Variables sorted_by_;
  const MakeFallbackJoin fallback_;
  Context& context_;
  std::unique_ptr<Replay> left_;  // until it is decided
  Reservation reservation_;
};

}  // namespace

OperatorPtr MakeKeptRows(std::shared_ptr<const KeptBatches> kept, Variables variables,
                         Variables sorted_by, Context& context) {
  return std::make_unique<KeptRows>(std::move(kept), std::move(variables), std::move(sorted_by),
                                    context);
}

OperatorPtr MakeBranchJoin(OperatorPtr left, std::vector<ScanSpec> patterns,
                           std::shared_ptr<KeptBatches> kept, OperatorPtr branches,
                           MakeFallbackJoin fallback, Context& context) {
  return std::make_unique<BranchJoin>(std::move(left), std::move(patterns), std::move(kept),
                                      std::move(branches), std::move(fallback), context);
}

}  // namespace annals::exec

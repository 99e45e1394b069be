// Rows joined with what is worked out for their values.
#include "query/exec/operators.h"

namespace annals::exec {
namespace {

class GivenJoin : public Operator {
 public:
  GivenJoin(OperatorPtr left, std::shared_ptr<OuterRelation> values,
            std::shared_ptr<KeptBatches> kept, OperatorPtr joined, Context& context)
      : left_(std::move(left)),
        values_(std::move(values)),
        kept_(std::move(kept)),
        joined_(std::move(joined)),
        context_(context),
        reservation_(context) {}

  const Variables& variables() const override { return joined_->variables(); }
  const Variables& sorted_by() const override { return sorted_by_; }

  absl::StatusOr<bool> Next(Batch* batch) override {
    if (left_ != nullptr) ANNALS_RETURN_IF_ERROR(ReadLeft());
    if (kept_->batches.empty()) {
      batch->Reset(variables().size());
      return false;
    }
    return joined_->Next(batch);
  }

 private:
  absl::Status ReadLeft() {
    uint64_t bytes = 0;
    while (true) {
      ANNALS_RETURN_IF_ERROR(context_.Check());
      Batch batch;
      ANNALS_ASSIGN_OR_RETURN(const bool more, left_->Next(&batch));
      if (!more) break;
      ANNALS_RETURN_IF_ERROR(values_->Add(left_->variables(), batch));
      bytes += batch.bytes();
      ANNALS_RETURN_IF_ERROR(reservation_.Resize(bytes));
      kept_->batches.push_back(std::move(batch));
    }
    left_.reset();
    return absl::OkStatus();
  }

  OperatorPtr left_;  // until it is read
  const std::shared_ptr<OuterRelation> values_;
  const std::shared_ptr<KeptBatches> kept_;
  const OperatorPtr joined_;
  const Variables sorted_by_;
  Context& context_;
  Reservation reservation_;
};

}  // namespace

OperatorPtr MakeGivenJoin(OperatorPtr left, std::shared_ptr<OuterRelation> values,
                          std::shared_ptr<KeptBatches> kept, OperatorPtr joined, Context& context) {
  return std::make_unique<GivenJoin>(std::move(left), std::move(values), std::move(kept),
                                     std::move(joined), context);
}

}  // namespace annals::exec

// Rows of two inputs that agree: the smaller one is kept in a table, the other probes it.
#include "query/exec/batchwise.h"
#include "query/exec/join_table.h"
#include "query/exec/operators.h"

namespace annals::exec {
namespace {

class HashProbe : public WorkOverInput {
 public:
  // All but the context must outlive this.
  HashProbe(const JoinShape& shape, const JoinTable& table, bool keep_left, Operator& probing,
            Context& context)
      : WorkOverInput(probing, context),
        shape_(shape),
        table_(table),
        keep_left_(keep_left),
        prober_(table, context) {}

 protected:
  absl::Status StartOwn(Batch* batch) override {
    std::swap(probe_, *batch);
    prober_.Start(probe_);
    return absl::OkStatus();
  }

  absl::StatusOr<bool> NextOwn(Batch* batch) override {
    batch->Reset(shape_.variables.size());
    ANNALS_RETURN_IF_ERROR(
        prober_.Next(context().batch_rows(), nullptr, &probe_rows_, &kept_rows_));
    if (probe_rows_.empty()) return false;
    if (keep_left_) {
      AppendPairs(shape_, table_.rows(), probe_, kept_rows_, probe_rows_, batch);
    } else {
      AppendPairs(shape_, probe_, table_.rows(), probe_rows_, kept_rows_, batch);
    }
    return true;
  }

 private:
  const JoinShape& shape_;
  const JoinTable& table_;
  const bool keep_left_;
  Prober prober_;
  Batch probe_;
  std::vector<uint32_t> probe_rows_, kept_rows_;
};

class HashJoin : public BatchwiseOperator {
 public:
  HashJoin(JoinShape shape, OperatorPtr left, OperatorPtr right, Context& context)
      : BatchwiseOperator(context),
        shape_(std::move(shape)),
        left_(std::move(left), context),
        right_(std::move(right), context) {}

  const Variables& variables() const override { return shape_.variables; }
  const Variables& sorted_by() const override { return sorted_by_; }

  absl::StatusOr<std::unique_ptr<BatchWork>> MakeWork(Context& thread) override {
    return std::unique_ptr<BatchWork>(
        std::make_unique<HashProbe>(shape_, *table_, keep_left_, input().input(), thread));
  }

 protected:
  bool gives_nothing() const override { return table_->empty(); }
  Replay& input() override { return keep_left_ ? right_ : left_; }

  absl::Status Open() override {
    if (table_ != nullptr) return absl::OkStatus();
    ANNALS_RETURN_IF_ERROR(FindSmaller());
    table_ = std::make_unique<JoinTable>(keep_left_ ? KeepLeft(shape_) : KeepRight(shape_), false,
                                         context());
    Replay& kept = keep_left_ ? left_ : right_;
    Batch batch;
    while (kept.rows() > 0) {
      ANNALS_RETURN_IF_ERROR(kept.Next(&batch).status());
      ANNALS_RETURN_IF_ERROR(table_->Add(batch));
    }
    return table_->Finish();
  }

 private:
  // Reads both sides by turns, so that no more than twice the smaller one is kept; then the other
  // as far as it takes to know that it isn't smaller, however the batches fell.
  absl::Status FindSmaller() {
    bool left_more = true, right_more = true;
    while (left_more && right_more) {
      if (left_.rows() <= right_.rows()) {
        ANNALS_ASSIGN_OR_RETURN(left_more, left_.ReadAhead());
      } else {
        ANNALS_ASSIGN_OR_RETURN(right_more, right_.ReadAhead());
      }
    }
    while (right_more && right_.rows() < left_.rows()) {
      ANNALS_ASSIGN_OR_RETURN(right_more, right_.ReadAhead());
    }
    while (left_more && left_.rows() <= right_.rows()) {
      ANNALS_ASSIGN_OR_RETURN(left_more, left_.ReadAhead());
    }
    keep_left_ = left_.rows() <= right_.rows();
    return absl::OkStatus();
  }

  const JoinShape shape_;
  const Variables sorted_by_;
  Replay left_, right_;
  bool keep_left_ = false;
  std::unique_ptr<JoinTable> table_;
};

}  // namespace

OperatorPtr MakeHashJoin(JoinShape shape, OperatorPtr left, OperatorPtr right, Context& context) {
  return std::make_unique<HashJoin>(std::move(shape), std::move(left), std::move(right), context);
}

}  // namespace annals::exec

// Rows of two inputs that agree: the one that ends first is kept in a table, the other probes it.
#include "query/exec/join_table.h"
#include "query/exec/operators.h"
#include "query/exec/replay.h"

namespace annals::exec {
namespace {

class HashJoin : public Operator {
 public:
  HashJoin(JoinShape shape, OperatorPtr left, OperatorPtr right, Context& context)
      : shape_(std::move(shape)),
        left_(std::move(left), context),
        right_(std::move(right), context),
        context_(context) {}

  const Variables& variables() const override { return shape_.variables; }
  const Variables& sorted_by() const override { return sorted_by_; }

  absl::StatusOr<bool> Next(Batch* batch) override {
    batch->Reset(shape_.variables.size());
    if (table_ == nullptr) ANNALS_RETURN_IF_ERROR(Build());
    if (table_->empty()) return false;
    while (true) {
      ANNALS_RETURN_IF_ERROR(context_.Check());
      if (probing_) {
        ANNALS_RETURN_IF_ERROR(
            prober_->Next(context_.batch_rows(), nullptr, &probe_rows_, &kept_rows_));
        if (!probe_rows_.empty()) {
          if (keep_left_) {
            AppendPairs(shape_, table_->rows(), probe_, kept_rows_, probe_rows_, batch);
          } else {
            AppendPairs(shape_, probe_, table_->rows(), probe_rows_, kept_rows_, batch);
          }
          return true;
        }
        probing_ = false;
      }
      ANNALS_ASSIGN_OR_RETURN(const bool more, (keep_left_ ? right_ : left_).Next(&probe_));
      if (!more) return false;
      prober_->Start(probe_);
      probing_ = true;
    }
  }

 private:
  absl::Status Build() {
    // Reads both sides by turns, so that no more than twice the smaller one is kept.
    bool left_more = true, right_more = true;
    while (left_more && right_more) {
      if (left_.rows() <= right_.rows()) {
        ANNALS_ASSIGN_OR_RETURN(left_more, left_.ReadAhead());
      } else {
        ANNALS_ASSIGN_OR_RETURN(right_more, right_.ReadAhead());
      }
    }
    keep_left_ = !left_more;
    table_ = std::make_unique<JoinTable>(keep_left_ ? KeepLeft(shape_) : KeepRight(shape_), false,
                                         context_);
    Replay& kept = keep_left_ ? left_ : right_;
    Batch batch;
    while (kept.rows() > 0) {
      ANNALS_RETURN_IF_ERROR(kept.Next(&batch).status());
      ANNALS_RETURN_IF_ERROR(table_->Add(batch));
    }
    prober_ = std::make_unique<Prober>(*table_);
    return table_->Finish();
  }

  const JoinShape shape_;
  const Variables sorted_by_;
  Replay left_, right_;
  Context& context_;
  bool keep_left_ = false;
  std::unique_ptr<JoinTable> table_;
  std::unique_ptr<Prober> prober_;
  Batch probe_;
  bool probing_ = false;
  std::vector<uint32_t> probe_rows_, kept_rows_;
};

}  // namespace

OperatorPtr MakeHashJoin(JoinShape shape, OperatorPtr left, OperatorPtr right, Context& context) {
  return std::make_unique<HashJoin>(std::move(shape), std::move(left), std::move(right), context);
}

}  // namespace annals::exec

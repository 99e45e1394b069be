// Left rows with the right rows that agree and fulfil the conditions; alone where there are none.
#include <algorithm>

#include "query/exec/batchwise.h"
#include "query/exec/kept_right.h"

namespace annals::exec {
namespace {

class LeftJoinWork : public WorkOverInput {
 public:
  // All but the context must outlive this.
  LeftJoinWork(const JoinShape& shape, const JoinTable& table, Conditions conditions,
               Operator& left, Context& context)
      : WorkOverInput(left, context),
        shape_(shape),
        table_(table),
        conditions_(std::move(conditions)),
        prober_(table, context) {}

 protected:
  absl::Status StartOwn(Batch* batch) override {
    std::swap(left_, *batch);
    matched_.assign(left_.rows, 0);
    prober_.Start(left_);
    probing_ = true;
    return absl::OkStatus();
  }

  absl::StatusOr<bool> NextOwn(Batch* batch) override {
    while (probing_) {
      ANNALS_RETURN_IF_ERROR(context().Check());
      batch->Reset(shape_.variables.size());
      ANNALS_RETURN_IF_ERROR(
          prober_.Next(context().batch_rows(), nullptr, &left_rows_, &right_rows_));
      if (left_rows_.empty()) {
        probing_ = false;
        AppendLonely(batch);
      } else {
        ANNALS_RETURN_IF_ERROR(AppendMatches(batch));
      }
      if (batch->rows > 0) return true;
    }
    return false;
  }

 private:
  absl::Status AppendMatches(Batch* batch) {
    if (conditions_.empty()) {
      AppendPairs(shape_, left_, table_.rows(), left_rows_, right_rows_, batch);
      for (const uint32_t row : left_rows_) matched_[row] = 1;
      return absl::OkStatus();
    }
    pairs_.Reset(shape_.variables.size());
    AppendPairs(shape_, left_, table_.rows(), left_rows_, right_rows_, &pairs_);
    SelectEveryRow(pairs_, &selection_);
    ANNALS_RETURN_IF_ERROR(SelectAll(conditions_, pairs_, &selection_));
    for (const uint32_t pair : selection_) matched_[left_rows_[pair]] = 1;
    GatherRows(pairs_, selection_, batch);
    return absl::OkStatus();
  }

  void AppendLonely(Batch* batch) {
    selection_.clear();
    for (uint32_t row = 0; row < left_.rows; ++row) {
      if (matched_[row] == 0) selection_.push_back(row);
    }
    GatherRows(left_, selection_, batch);
    batch->columns.resize(shape_.variables.size());
    for (size_t i = left_.columns.size(); i < batch->columns.size(); ++i) {
      batch->columns[i].assign(batch->rows, TermId());
    }
  }

  const JoinShape& shape_;
  const JoinTable& table_;
  const Conditions conditions_;
  Prober prober_;
  Batch left_, pairs_;
  bool probing_ = false;
  std::vector<uint8_t> matched_;  // rows of left_
  std::vector<uint32_t> left_rows_, right_rows_;
  Selection selection_;
};

class LeftJoin : public BatchwiseOperator {
 public:
  LeftJoin(JoinShape shape, OperatorPtr left, RightSide right, RowConditions conditions,
           Context& context)
      : BatchwiseOperator(context),
        shape_(std::move(shape)),
        inputs_(shape_, false, std::move(left), std::move(right), context),
        conditions_(std::move(conditions)) {}

  const Variables& variables() const override { return shape_.variables; }
  const Variables& sorted_by() const override { return sorted_by_; }
  Batchwise* batchwise() override { return conditions_.again != nullptr ? this : nullptr; }

  absl::StatusOr<std::unique_ptr<BatchWork>> MakeWork(Context& thread) override {
    ANNALS_ASSIGN_OR_RETURN(Conditions conditions, conditions_.For(thread, context()));
    return std::unique_ptr<BatchWork>(std::make_unique<LeftJoinWork>(
        shape_, inputs_.table(), std::move(conditions), inputs_.input().input(), thread));
  }

 protected:
  absl::Status Open() override { return inputs_.Open(); }
  Replay& input() override { return inputs_.input(); }

 private:
  const JoinShape shape_;
  const Variables sorted_by_;
  KeptRight inputs_;
  RowConditions conditions_;
};

}  // namespace

OperatorPtr MakeLeftJoin(JoinShape shape, OperatorPtr left, RightSide right,
                         RowConditions conditions, Context& context) {
  return std::make_unique<LeftJoin>(std::move(shape), std::move(left), std::move(right),
                                    std::move(conditions), context);
}

}  // namespace annals::exec

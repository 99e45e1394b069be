// Left rows with the right rows that agree and fulfil the conditions; alone where there are none.
#include <algorithm>

#include "query/exec/kept_right.h"

namespace annals::exec {
namespace {

class LeftJoin : public Operator {
 public:
  LeftJoin(JoinShape shape, OperatorPtr left, RightSide right, Conditions conditions,
           Context& context)
      : shape_(std::move(shape)),
        inputs_(shape_, false, std::move(left), std::move(right), context),
        conditions_(std::move(conditions)),
        context_(context),
        prober_(inputs_.table()) {}

  const Variables& variables() const override { return shape_.variables; }
  const Variables& sorted_by() const override { return sorted_by_; }

  absl::StatusOr<bool> Next(Batch* batch) override {
    ANNALS_RETURN_IF_ERROR(inputs_.Open());
    while (true) {
      ANNALS_RETURN_IF_ERROR(context_.Check());
      batch->Reset(shape_.variables.size());
      if (probing_) {
        ANNALS_RETURN_IF_ERROR(
            prober_.Next(context_.batch_rows(), nullptr, &left_rows_, &right_rows_));
        if (left_rows_.empty()) {
          probing_ = false;
          AppendLonely(batch);
        } else {
          ANNALS_RETURN_IF_ERROR(AppendMatches(batch));
        }
        if (batch->rows > 0) return true;
        continue;
      }
      ANNALS_ASSIGN_OR_RETURN(const bool more, inputs_.NextLeft(&left_));
      if (!more) return false;
      matched_.assign(left_.rows, 0);
      prober_.Start(left_);
      probing_ = true;
    }
  }

 private:
  absl::Status AppendMatches(Batch* batch) {
    if (conditions_.empty()) {
      AppendPairs(shape_, left_, inputs_.table().rows(), left_rows_, right_rows_, batch);
      for (const uint32_t row : left_rows_) matched_[row] = 1;
      return absl::OkStatus();
    }
    pairs_.Reset(shape_.variables.size());
    AppendPairs(shape_, left_, inputs_.table().rows(), left_rows_, right_rows_, &pairs_);
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

  const JoinShape shape_;
  const Variables sorted_by_;
  KeptRight inputs_;
  const Conditions conditions_;
  Context& context_;
  Prober prober_;
  Batch left_, pairs_;
  bool probing_ = false;
  std::vector<uint8_t> matched_;  // rows of left_
  std::vector<uint32_t> left_rows_, right_rows_;
  Selection selection_;
};

}  // namespace

OperatorPtr MakeLeftJoin(JoinShape shape, OperatorPtr left, RightSide right, Conditions conditions,
                         Context& context) {
  return std::make_unique<LeftJoin>(std::move(shape), std::move(left), std::move(right),
                                    std::move(conditions), context);
}

}  // namespace annals::exec

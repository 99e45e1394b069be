// Left rows for which the right side has, or lacks, a row that agrees and fulfils the conditions.
#include "query/exec/kept_right.h"

namespace annals::exec {
namespace {

class SemiJoin : public Operator {
 public:
  SemiJoin(bool anti, JoinShape shape, OperatorPtr left, RightSide right, Conditions conditions,
           Context& context)
      : anti_(anti),
        shape_(std::move(shape)),
        inputs_(shape_, conditions.empty(), std::move(left), std::move(right), context),
        conditions_(std::move(conditions)),
        context_(context),
        prober_(inputs_.table()) {}

  const Variables& variables() const override { return inputs_.left().variables(); }
  const Variables& sorted_by() const override { return inputs_.left().sorted_by(); }

  absl::StatusOr<bool> Next(Batch* batch) override {
    ANNALS_RETURN_IF_ERROR(inputs_.Open());
    while (true) {
      ANNALS_RETURN_IF_ERROR(context_.Check());
      if (!anti_ && inputs_.table().empty()) {
        batch->Reset(variables().size());
        return false;
      }
      ANNALS_ASSIGN_OR_RETURN(const bool more, inputs_.NextLeft(&left_));
      if (!more) {
        batch->Reset(variables().size());
        return false;
      }
      if (conditions_.empty()) {
        ANNALS_RETURN_IF_ERROR(prober_.Select(left_, &matched_rows_));
      } else {
        ANNALS_RETURN_IF_ERROR(SelectByConditions());
      }
      if (anti_) Invert();
      if (matched_rows_.empty()) continue;
      GatherRows(left_, matched_rows_, batch);
      return true;
    }
  }

 private:
  absl::Status SelectByConditions() {
    matched_.assign(left_.rows, 0);
    prober_.Start(left_);
    while (true) {
      ANNALS_RETURN_IF_ERROR(context_.Check());
      ANNALS_RETURN_IF_ERROR(
          prober_.Next(context_.batch_rows(), &matched_, &left_rows_, &right_rows_));
      if (left_rows_.empty()) break;
      pairs_.Reset(shape_.variables.size());
      AppendPairs(shape_, left_, inputs_.table().rows(), left_rows_, right_rows_, &pairs_);
      SelectEveryRow(pairs_, &selection_);
      ANNALS_RETURN_IF_ERROR(SelectAll(conditions_, pairs_, &selection_));
      for (const uint32_t pair : selection_) matched_[left_rows_[pair]] = 1;
    }
    matched_rows_.clear();
    for (uint32_t row = 0; row < left_.rows; ++row) {
      if (matched_[row] != 0) matched_rows_.push_back(row);
    }
    return absl::OkStatus();
  }

  void Invert() {
    std::vector<uint32_t> others;
    size_t next = 0;
    for (uint32_t row = 0; row < left_.rows; ++row) {
      if (next < matched_rows_.size() && matched_rows_[next] == row) {
        ++next;
      } else {
        others.push_back(row);
      }
    }
    matched_rows_.swap(others);
  }

  const bool anti_;
  const JoinShape shape_;
  KeptRight inputs_;
  const Conditions conditions_;
  Context& context_;
  Prober prober_;
  Batch left_, pairs_;
  std::vector<uint8_t> matched_;  // rows of left_
  std::vector<uint32_t> matched_rows_, left_rows_, right_rows_;
  Selection selection_;
};

}  // namespace

OperatorPtr MakeSemiJoin(bool anti, JoinShape shape, OperatorPtr left, RightSide right,
                         Conditions conditions, Context& context) {
  return std::make_unique<SemiJoin>(anti, std::move(shape), std::move(left), std::move(right),
                                    std::move(conditions), context);
}

}  // namespace annals::exec

// Left rows for which the right side has, or lacks, a row that agrees and fulfils the conditions.
#include "query/exec/batchwise.h"
#include "query/exec/kept_right.h"

namespace annals::exec {
namespace {

class SemiJoinWork : public WorkOverInput {
 public:
  // All but the context must outlive this.
  SemiJoinWork(bool anti, const JoinShape& shape, const JoinTable& table, Conditions conditions,
               Operator& left, Context& context)
      : WorkOverInput(left, context),
        anti_(anti),
        shape_(shape),
        table_(table),
        conditions_(std::move(conditions)),
        prober_(table, context) {}

 protected:
  absl::Status StartOwn(Batch* batch) override {
    std::swap(left_, *batch);
    if (conditions_.empty()) {
      ANNALS_RETURN_IF_ERROR(prober_.Select(left_, &matched_rows_));
    } else {
      ANNALS_RETURN_IF_ERROR(SelectByConditions());
    }
    if (anti_) Invert();
    return absl::OkStatus();
  }

  absl::StatusOr<bool> NextOwn(Batch* batch) override {
    if (matched_rows_.empty()) return false;
    GatherRows(left_, matched_rows_, batch);
    matched_rows_.clear();
    return true;
  }

 private:
  absl::Status SelectByConditions() {
    matched_.assign(left_.rows, 0);
    prober_.Start(left_);
    while (true) {
      ANNALS_RETURN_IF_ERROR(context().Check());
      ANNALS_RETURN_IF_ERROR(
          prober_.Next(context().batch_rows(), &matched_, &left_rows_, &right_rows_));
      if (left_rows_.empty()) break;
      pairs_.Reset(shape_.variables.size());
      AppendPairs(shape_, left_, table_.rows(), left_rows_, right_rows_, &pairs_);
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
  const JoinShape& shape_;
  const JoinTable& table_;
  const Conditions conditions_;
  Prober prober_;
  Batch left_, pairs_;
  std::vector<uint8_t> matched_;  // rows of left_
  std::vector<uint32_t> matched_rows_, left_rows_, right_rows_;
  Selection selection_;
};

class SemiJoin : public BatchwiseOperator {
 public:
  SemiJoin(bool anti, JoinShape shape, OperatorPtr left, RightSide right, RowConditions conditions,
           Context& context)
      : BatchwiseOperator(context),
        anti_(anti),
        shape_(std::move(shape)),
        inputs_(shape_, conditions.made.empty(), std::move(left), std::move(right), context),
        conditions_(std::move(conditions)) {}

  const Variables& variables() const override { return inputs_.left().variables(); }
  const Variables& sorted_by() const override { return inputs_.left().sorted_by(); }
  Batchwise* batchwise() override { return conditions_.again != nullptr ? this : nullptr; }

  absl::StatusOr<std::unique_ptr<BatchWork>> MakeWork(Context& thread) override {
    ANNALS_ASSIGN_OR_RETURN(Conditions conditions, conditions_.For(thread, context()));
    return std::unique_ptr<BatchWork>(std::make_unique<SemiJoinWork>(
        anti_, shape_, inputs_.table(), std::move(conditions), inputs_.input().input(), thread));
  }

 protected:
  absl::Status Open() override { return inputs_.Open(); }
  bool gives_nothing() const override { return !anti_ && inputs_.table().empty(); }
  Replay& input() override { return inputs_.input(); }

 private:
  const bool anti_;
  const JoinShape shape_;
  KeptRight inputs_;
  RowConditions conditions_;
};

}  // namespace

OperatorPtr MakeSemiJoin(bool anti, JoinShape shape, OperatorPtr left, RightSide right,
                         RowConditions conditions, Context& context) {
  return std::make_unique<SemiJoin>(anti, std::move(shape), std::move(left), std::move(right),
                                    std::move(conditions), context);
}

}  // namespace annals::exec

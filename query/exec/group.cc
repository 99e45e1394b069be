// Rows with equal keys become one row, with aggregates over them.
#include <algorithm>

#include "query/exec/accumulator.h"
#include "query/exec/key_table.h"
#include "query/exec/operators.h"

namespace annals::exec {
namespace {

class Group : public Operator {
 public:
  Group(OperatorPtr input, Variables keys, std::vector<AggregateColumn> aggregates,
        Context& context)
      : input_(std::move(input)),
        key_count_(keys.size()),
        variables_(std::move(keys)),
        context_(context),
        reservation_(context),
        groups_(key_count_) {
    for (const algebra::Variable& key : variables_) {
      key_columns_.push_back(PositionOf(input_->variables(), key));
    }
    for (AggregateColumn& aggregate : aggregates) {
      variables_.push_back(aggregate.result);
      accumulators_.push_back(MakeAccumulator(std::move(aggregate), context));
    }
  }

  const Variables& variables() const override { return variables_; }
  const Variables& sorted_by() const override { return sorted_by_; }

  absl::StatusOr<bool> Next(Batch* batch) override {
    if (input_ != nullptr) ANNALS_RETURN_IF_ERROR(ReadAll());
    ANNALS_RETURN_IF_ERROR(context_.Check());
    batch->Reset(variables_.size());
    const size_t end = std::min(group_count(), next_ + context_.batch_rows());
    for (; next_ < end; ++next_, ++batch->rows) {
      for (size_t i = 0; i < key_count_; ++i) batch->columns[i].push_back(groups_.key(next_, i));
      for (size_t i = 0; i < values_.size(); ++i) {
        batch->columns[key_count_ + i].push_back(values_[i][next_]);
      }
    }
    return batch->rows > 0;
  }

 private:
  // Without keys there is always one group.
  size_t group_count() const { return key_count_ == 0 ? 1 : groups_.size(); }

  absl::Status ReadAll() {
    Batch batch;
    std::vector<uint32_t> numbers;
    while (true) {
      ANNALS_RETURN_IF_ERROR(context_.Check());
      ANNALS_ASSIGN_OR_RETURN(const bool more, input_->Next(&batch));
      if (!more) break;
      const std::vector<TermId> empty(batch.rows);
      std::vector<ColumnView> views;
      for (const size_t column : key_columns_) {
        views.emplace_back(column == kNoColumn ? empty : batch.columns[column]);
      }
      groups_.Insert(views, batch.rows, &numbers);
      uint64_t bytes = groups_.bytes();
      for (const auto& accumulator : accumulators_) {
        ANNALS_RETURN_IF_ERROR(accumulator->Add(batch, numbers, group_count()));
        bytes += accumulator->bytes();
      }
      ANNALS_RETURN_IF_ERROR(reservation_.Resize(bytes));
    }
    values_.resize(accumulators_.size());
    for (size_t i = 0; i < accumulators_.size(); ++i) {
      ANNALS_RETURN_IF_ERROR(accumulators_[i]->Finish(group_count(), &values_[i]));
    }
    accumulators_.clear();
    input_.reset();
    return absl::OkStatus();
  }

  OperatorPtr input_;
  const size_t key_count_;
  Variables variables_;
  const Variables sorted_by_;
  std::vector<size_t> key_columns_;
  std::vector<std::unique_ptr<Accumulator>> accumulators_;
  Context& context_;
  Reservation reservation_;
  KeyTable groups_;
  std::vector<std::vector<TermId>> values_;  // of each aggregate, by group
  size_t next_ = 0;
};

}  // namespace

OperatorPtr MakeGroup(OperatorPtr input, Variables keys, std::vector<AggregateColumn> aggregates,
                      Context& context) {
  return std::make_unique<Group>(std::move(input), std::move(keys), std::move(aggregates), context);
}

}  // namespace annals::exec

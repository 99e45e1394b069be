// Rows that fulfil conditions.
#include "query/exec/batchwise.h"
#include "query/exec/operators.h"

namespace annals::exec {
namespace {

// Drops the rows on which a condition isn't true.
class Sieve {
 public:
  absl::Status Apply(const Conditions& conditions, Batch* batch) {
    SelectEveryRow(*batch, &selection_);
    ANNALS_RETURN_IF_ERROR(SelectAll(conditions, *batch, &selection_));
    if (selection_.size() == batch->rows) return absl::OkStatus();
    for (auto& column : batch->columns) {
      for (size_t i = 0; i < selection_.size(); ++i) column[i] = column[selection_[i]];
      column.resize(selection_.size());
    }
    batch->rows = selection_.size();
    return absl::OkStatus();
  }

 private:
  Selection selection_;
};

class FilterWork : public WorkOverInput {
 public:
  FilterWork(Conditions conditions, Operator& input, Context& context)
      : WorkOverInput(input, context), conditions_(std::move(conditions)) {}

 protected:
  absl::Status StartOwn(Batch* batch) override {
    std::swap(batch_, *batch);
    return sieve_.Apply(conditions_, &batch_);
  }
  absl::StatusOr<bool> NextOwn(Batch* batch) override {
    if (batch_.rows == 0) return false;
    std::swap(*batch, batch_);
    batch_.rows = 0;
    return true;
  }

 private:
  const Conditions conditions_;
  Sieve sieve_;
  Batch batch_;
};

class Filter : public Operator, public Batchwise {
 public:
  Filter(OperatorPtr input, RowConditions conditions, Context& context)
      : input_(std::move(input)), conditions_(std::move(conditions)), context_(context) {}

  const Variables& variables() const override { return input_->variables(); }
  const Variables& sorted_by() const override { return input_->sorted_by(); }

  absl::StatusOr<bool> Next(Batch* batch) override {
    while (true) {
      ANNALS_RETURN_IF_ERROR(context_.Check());
      ANNALS_ASSIGN_OR_RETURN(const bool more, input_->Next(batch));
      if (!more) return false;
      ANNALS_RETURN_IF_ERROR(sieve_.Apply(conditions_.made, batch));
      if (batch->rows > 0) return true;
    }
  }

  absl::Status SkipTo(TermId value) override { return input_->SkipTo(value); }

  Batchwise* batchwise() override { return conditions_.again != nullptr ? this : nullptr; }
  absl::StatusOr<bool> NextInput(Batch* batch, size_t* depth) override {
    return NextInputOf(*input_, batch, depth);
  }
  absl::StatusOr<std::unique_ptr<BatchWork>> MakeWork(Context& thread) override {
    ANNALS_ASSIGN_OR_RETURN(Conditions conditions, conditions_.again(thread));
    return std::unique_ptr<BatchWork>(
        std::make_unique<FilterWork>(std::move(conditions), *input_, thread));
  }

 private:
  const OperatorPtr input_;
  const RowConditions conditions_;
  Context& context_;
  Sieve sieve_;
};

}  // namespace

OperatorPtr MakeFilter(OperatorPtr input, RowConditions conditions, Context& context) {
  return std::make_unique<Filter>(std::move(input), std::move(conditions), context);
}

}  // namespace annals::exec

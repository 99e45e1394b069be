// Rows that fulfil conditions.
#include "query/exec/operators.h"

namespace annals::exec {
namespace {

class Filter : public Operator {
 public:
  Filter(OperatorPtr input, Conditions conditions, Context& context)
      : input_(std::move(input)), conditions_(std::move(conditions)), context_(context) {}

  const Variables& variables() const override { return input_->variables(); }
  const Variables& sorted_by() const override { return input_->sorted_by(); }

  absl::StatusOr<bool> Next(Batch* batch) override {
    while (true) {
      ANNALS_RETURN_IF_ERROR(context_.Check());
      ANNALS_ASSIGN_OR_RETURN(const bool more, input_->Next(batch));
      if (!more) return false;
      SelectEveryRow(*batch, &selection_);
      ANNALS_RETURN_IF_ERROR(SelectAll(conditions_, *batch, &selection_));
      if (selection_.size() == batch->rows) return true;
      if (selection_.empty()) continue;
      for (auto& column : batch->columns) {
        for (size_t i = 0; i < selection_.size(); ++i) column[i] = column[selection_[i]];
        column.resize(selection_.size());
      }
      batch->rows = selection_.size();
      return true;
    }
  }

  absl::Status SkipTo(TermId value) override { return input_->SkipTo(value); }

 private:
  const OperatorPtr input_;
  const Conditions conditions_;
  Context& context_;
  Selection selection_;
};

}  // namespace

OperatorPtr MakeFilter(OperatorPtr input, Conditions conditions, Context& context) {
  return std::make_unique<Filter>(std::move(input), std::move(conditions), context);
}

}  // namespace annals::exec

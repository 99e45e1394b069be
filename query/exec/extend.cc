// A new column, computed from the others.
#include "query/exec/operators.h"

namespace annals::exec {
namespace {

class Extend : public Operator {
 public:
  Extend(OperatorPtr input, algebra::Variable variable, std::unique_ptr<Evaluator> expression,
         Context& context)
      : input_(std::move(input)),
        variables_(input_->variables()),
        sorted_by_(input_->sorted_by()),
        expression_(std::move(expression)),
        context_(context),
        column_(PositionOf(variables_, variable)) {
    if (column_ == kNoColumn) {
      column_ = variables_.size();
      variables_.push_back(std::move(variable));
    } else {
      const size_t place = PositionOf(sorted_by_, variable);
      if (place != kNoColumn) sorted_by_.resize(place);
    }
  }

  const Variables& variables() const override { return variables_; }
  const Variables& sorted_by() const override { return sorted_by_; }

  absl::StatusOr<bool> Next(Batch* batch) override {
    ANNALS_RETURN_IF_ERROR(context_.Check());
    ANNALS_ASSIGN_OR_RETURN(const bool more, input_->Next(batch));
    if (!more) return false;
    SelectEveryRow(*batch, &selection_);
    ANNALS_RETURN_IF_ERROR(expression_->Ids(*batch, selection_, &ids_));
    if (column_ == batch->columns.size()) batch->columns.emplace_back();
    batch->columns[column_].swap(ids_);
    return true;
  }

  absl::Status SkipTo(TermId value) override {
    return sorted_by_.empty() ? absl::OkStatus() : input_->SkipTo(value);
  }

 private:
  const OperatorPtr input_;
  Variables variables_;
  Variables sorted_by_;
  const std::unique_ptr<Evaluator> expression_;
  Context& context_;
  size_t column_;
  Selection selection_;
  std::vector<TermId> ids_;
};

}  // namespace

OperatorPtr MakeExtend(OperatorPtr input, algebra::Variable variable,
                       std::unique_ptr<Evaluator> expression, Context& context) {
  return std::make_unique<Extend>(std::move(input), std::move(variable), std::move(expression),
                                  context);
}

}  // namespace annals::exec

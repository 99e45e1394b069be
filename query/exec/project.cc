// Some columns in some order.
#include "query/exec/operators.h"

namespace annals::exec {
namespace {

class Project : public Operator {
 public:
  Project(OperatorPtr input, Variables variables)
      : input_(std::move(input)), variables_(std::move(variables)) {
    for (const algebra::Variable& variable : variables_) {
      columns_.push_back(PositionOf(input_->variables(), variable));
    }
    // Order is known as far as its columns are kept.
    for (const algebra::Variable& variable : input_->sorted_by()) {
      if (PositionOf(variables_, variable) == kNoColumn) break;
      sorted_by_.push_back(variable);
    }
  }

  const Variables& variables() const override { return variables_; }
  const Variables& sorted_by() const override { return sorted_by_; }

  absl::StatusOr<bool> Next(Batch* batch) override {
    batch->Reset(variables_.size());
    ANNALS_ASSIGN_OR_RETURN(const bool more, input_->Next(&read_));
    if (!more) return false;
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i] == kNoColumn) {
        batch->columns[i].assign(read_.rows, TermId());
      } else {
        batch->columns[i].swap(read_.columns[columns_[i]]);
      }
    }
    batch->rows = read_.rows;
    return true;
  }

  absl::Status SkipTo(TermId value) override {
    return sorted_by_.empty() ? absl::OkStatus() : input_->SkipTo(value);
  }

 private:
  const OperatorPtr input_;
  const Variables variables_;
  Variables sorted_by_;
  std::vector<size_t> columns_;
  Batch read_;
};

}  // namespace

OperatorPtr MakeProject(OperatorPtr input, Variables variables) {
  return std::make_unique<Project>(std::move(input), std::move(variables));
}

}  // namespace annals::exec

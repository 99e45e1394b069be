// The rows of several inputs, one after the other.
#include "query/exec/operators.h"

namespace annals::exec {
namespace {

class UnionAll : public Operator {
 public:
  UnionAll(Variables variables, std::vector<OperatorPtr> inputs, Context& context)
      : variables_(std::move(variables)), inputs_(std::move(inputs)), context_(context) {}

  const Variables& variables() const override { return variables_; }
  const Variables& sorted_by() const override { return sorted_by_; }

  absl::StatusOr<bool> Next(Batch* batch) override {
    ANNALS_RETURN_IF_ERROR(context_.Check());
    batch->Reset(variables_.size());
    for (; current_ < inputs_.size(); ++current_) {
      ANNALS_ASSIGN_OR_RETURN(const bool more, inputs_[current_]->Next(&read_));
      if (!more) {
        inputs_[current_].reset();  // and what it keeps
        continue;
      }
      const Variables& columns = inputs_[current_]->variables();
      for (size_t i = 0; i < variables_.size(); ++i) {
        const size_t column = PositionOf(columns, variables_[i]);
        if (column == kNoColumn) {
          batch->columns[i].assign(read_.rows, TermId());
        } else {
          batch->columns[i].swap(read_.columns[column]);
        }
      }
      batch->rows = read_.rows;
      return true;
    }
    return false;
  }

 private:
  const Variables variables_;
  const Variables sorted_by_;
  std::vector<OperatorPtr> inputs_;
  Context& context_;
  size_t current_ = 0;
  Batch read_;
};

}  // namespace

OperatorPtr MakeUnionAll(Variables variables, std::vector<OperatorPtr> inputs, Context& context) {
  return std::make_unique<UnionAll>(std::move(variables), std::move(inputs), context);
}

}  // namespace annals::exec

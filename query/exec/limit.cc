// Some of the first rows.
#include "query/exec/operators.h"

namespace annals::exec {
namespace {

class Limit : public Operator {
 public:
  Limit(OperatorPtr input, std::optional<uint64_t> limit, uint64_t offset, const Variables& ties,
        Context& context)
      : input_(std::move(input)), left_(limit), to_skip_(offset), context_(context) {
    for (const algebra::Variable& variable : ties) {
      tie_columns_.push_back(PositionOf(input_->variables(), variable));
    }
  }

  const Variables& variables() const override { return input_->variables(); }
  const Variables& sorted_by() const override { return input_->sorted_by(); }

  absl::StatusOr<bool> Next(Batch* batch) override {
    while (!ended_) {
      ANNALS_RETURN_IF_ERROR(context_.Check());
      if (left_ == 0 && last_.empty()) break;  // nothing was asked for, or no ties are wanted
      ANNALS_ASSIGN_OR_RETURN(const bool more, input_->Next(batch));
      if (!more) break;
      Cut(batch);
      if (batch->rows > 0) return true;
    }
    ended_ = true;
    batch->Reset(variables().size());
    return false;
  }

 private:
  void Cut(Batch* batch) {
    const auto skipped = static_cast<size_t>(std::min<uint64_t>(to_skip_, batch->rows));
    to_skip_ -= skipped;
    size_t end = batch->rows;
    if (left_.has_value()) {
      end = skipped + static_cast<size_t>(std::min<uint64_t>(*left_, batch->rows - skipped));
      *left_ -= end - skipped;
      if (*left_ == 0) end = EndOfTies(*batch, skipped, end);
    }
    for (auto& column : batch->columns) {
      column.resize(end);
      column.erase(column.begin(), column.begin() + static_cast<ptrdiff_t>(skipped));
    }
    batch->rows = end - skipped;
  }

  // Where the rows that are equal to the last one wanted end.
  size_t EndOfTies(const Batch& batch, size_t begin, size_t end) {
    if (tie_columns_.empty()) return end;
    if (last_.empty()) {
      if (end == begin) return end;
      for (const size_t column : tie_columns_) last_.push_back(ValueAt(batch, column, end - 1));
    }
    for (; end < batch.rows; ++end) {
      for (size_t i = 0; i < tie_columns_.size(); ++i) {
        if (ValueAt(batch, tie_columns_[i], end) == last_[i]) continue;
        ended_ = true;
        return end;
      }
    }
    return end;
  }

  static TermId ValueAt(const Batch& batch, size_t column, size_t row) {
    return column == kNoColumn ? TermId() : batch.columns[column][row];
  }

  const OperatorPtr input_;
  std::optional<uint64_t> left_;
  uint64_t to_skip_;
  Context& context_;
  std::vector<size_t> tie_columns_;
  std::vector<TermId> last_;  // the last row's values of these, once it was given
  bool ended_ = false;
};

}  // namespace

OperatorPtr MakeLimit(OperatorPtr input, std::optional<uint64_t> limit, uint64_t offset,
                      const Variables& ties, Context& context) {
  return std::make_unique<Limit>(std::move(input), limit, offset, ties, context);
}

}  // namespace annals::exec

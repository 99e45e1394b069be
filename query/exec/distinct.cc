// Every row once.
#include "query/exec/key_table.h"
#include "query/exec/operators.h"

namespace annals::exec {
namespace {

// Equal rows follow each other: the input is sorted by all its columns.
class SortedDistinct : public Operator {
 public:
  SortedDistinct(OperatorPtr input, Context& context)
      : input_(std::move(input)), context_(context), last_(input_->variables().size()) {}

  const Variables& variables() const override { return input_->variables(); }
  const Variables& sorted_by() const override { return input_->sorted_by(); }

  absl::StatusOr<bool> Next(Batch* batch) override {
    while (true) {
      ANNALS_RETURN_IF_ERROR(context_.Check());
      ANNALS_ASSIGN_OR_RETURN(const bool more, input_->Next(batch));
      if (!more) return false;
      size_t kept = 0;
      for (size_t row = 0; row < batch->rows; ++row) {
        if (!IsNew(*batch, row)) continue;
        for (size_t i = 0; i < last_.size(); ++i) {
          last_[i] = batch->columns[i][row];
          batch->columns[i][kept] = last_[i];
        }
        ++kept;
      }
      for (auto& column : batch->columns) column.resize(kept);
      batch->rows = kept;
      if (kept > 0) return true;
    }
  }

  absl::Status SkipTo(TermId value) override { return input_->SkipTo(value); }

 private:
  bool IsNew(const Batch& batch, size_t row) {
    if (!has_last_) {
      has_last_ = true;
      return true;
    }
    for (size_t i = 0; i < last_.size(); ++i) {
      if (batch.columns[i][row] != last_[i]) return true;
    }
    return false;
  }

  const OperatorPtr input_;
  Context& context_;
  std::vector<TermId> last_;
  bool has_last_ = false;
};

// Where it may stop: so many rows are looked at, and at least one in so many must be a repeat.
constexpr uint64_t kLookedAt = 32768;
constexpr uint64_t kRowsForRepeat = 4;

class HashDistinct : public Operator {
 public:
  HashDistinct(OperatorPtr input, bool may_stop, Context& context)
      : input_(std::move(input)),
        may_stop_(may_stop),
        context_(context),
        reservation_(context),
        seen_(input_->variables().size()) {}

  const Variables& variables() const override { return input_->variables(); }
  const Variables& sorted_by() const override { return input_->sorted_by(); }

  absl::StatusOr<bool> Next(Batch* batch) override {
    while (true) {
      ANNALS_RETURN_IF_ERROR(context_.Check());
      // Without columns there is one row at most.
      if (variables().empty() && seen_.size() > 0) return false;
      ANNALS_ASSIGN_OR_RETURN(const bool more, input_->Next(batch));
      if (!more) return false;
      if (stopped_) return true;
      const std::vector<ColumnView> views(batch->columns.begin(), batch->columns.end());
      size_t next = seen_.size();
      ANNALS_RETURN_IF_ERROR(seen_.Insert(views, batch->rows, context_, &numbers_));
      ANNALS_RETURN_IF_ERROR(reservation_.Resize(seen_.bytes()));
      size_t kept = 0;
      for (size_t row = 0; row < batch->rows; ++row) {
        if (numbers_[row] < next) continue;
        next = size_t{numbers_[row]} + 1;
        for (auto& column : batch->columns) column[kept] = column[row];
        ++kept;
      }
      read_ += batch->rows;
      for (auto& column : batch->columns) column.resize(kept);
      batch->rows = kept;
      ANNALS_RETURN_IF_ERROR(StopIfInVain());
      if (kept > 0) return true;
    }
  }

  absl::Status SkipTo(TermId value) override { return input_->SkipTo(value); }

 private:
  absl::Status StopIfInVain() {
    const uint64_t repeats = read_ - seen_.size();
    if (!may_stop_ || read_ < kLookedAt || repeats * kRowsForRepeat >= read_) {
      return absl::OkStatus();
    }
    stopped_ = true;
    seen_ = KeyTable(variables().size());
    return reservation_.Resize(0);
  }

  const OperatorPtr input_;
  const bool may_stop_;
  Context& context_;
  Reservation reservation_;
  KeyTable seen_;
  uint64_t read_ = 0;     // rows
  bool stopped_ = false;  // rows pass as they are
  std::vector<uint32_t> numbers_;
};

}  // namespace

OperatorPtr MakeDistinct(OperatorPtr input, bool may_stop, Context& context) {
  const size_t columns = input->variables().size();
  if (columns > 0 && input->sorted_by().size() == columns) {
    return std::make_unique<SortedDistinct>(std::move(input), context);
  }
  return std::make_unique<HashDistinct>(std::move(input), may_stop, context);
}

}  // namespace annals::exec

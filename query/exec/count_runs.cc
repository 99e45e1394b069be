#include "query/exec/count_runs.h"

#include <algorithm>

namespace annals::exec {
namespace {

class CountRuns : public Operator {
 public:
  CountRuns(OperatorPtr input, const Variables& keys, std::vector<AggregateColumn> counts,
            Context& context)
      : input_(std::move(input)), context_(context), variables_(keys), counts_(counts.size(), 0) {
    const Variables& order = input_->sorted_by();
    sorted_by_.assign(order.begin(), order.begin() + static_cast<ptrdiff_t>(keys.size()));
    for (const auto& key : keys) columns_.push_back(PositionOf(input_->variables(), key));
    for (AggregateColumn& count : counts) {
      variables_.push_back(count.result);
      times_.push_back(std::move(count.argument));
    }
    last_.resize(columns_.size());
    values_.resize(times_.size());
  }

  const Variables& variables() const override { return variables_; }
  const Variables& sorted_by() const override { return sorted_by_; }

  absl::StatusOr<bool> Next(Batch* batch) override {
    batch->Reset(variables_.size());
    while (batch->rows < context_.batch_rows() && !ended_) {
      ANNALS_RETURN_IF_ERROR(context_.Check());
      ANNALS_ASSIGN_OR_RETURN(const bool more, input_->Next(&rows_));
      if (more) {
        ANNALS_RETURN_IF_ERROR(Count(batch));
      } else {
        ended_ = true;
        if (has_last_) Give(batch);
      }
    }
    return batch->rows > 0;
  }

 private:
  absl::Status Count(Batch* out) {
    SelectEveryRow(rows_, &selection_);
    for (size_t i = 0; i < times_.size(); ++i) {
      if (times_[i] == nullptr) continue;
      ANNALS_RETURN_IF_ERROR(times_[i]->Ids(rows_, selection_, &values_[i]));
    }
    for (size_t row = 0; row < rows_.rows; ++row) {
      if (!has_last_ || !IsLast(row)) {
        if (has_last_) Give(out);
        Begin(row);
      }
      for (size_t i = 0; i < counts_.size(); ++i) {
        counts_[i] += times_[i] == nullptr ? 1 : values_[i][row].integer();
      }
    }
    return absl::OkStatus();
  }

  bool IsLast(size_t row) const {
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (rows_.columns[columns_[i]][row] != last_[i]) return false;
    }
    return true;
  }
  void Begin(size_t row) {
    has_last_ = true;
    for (size_t i = 0; i < columns_.size(); ++i) last_[i] = rows_.columns[columns_[i]][row];
  }
  void Give(Batch* out) {
    for (size_t i = 0; i < last_.size(); ++i) out->columns[i].push_back(last_[i]);
    for (size_t i = 0; i < counts_.size(); ++i) {
      out->columns[last_.size() + i].push_back(TermId::Integer(counts_[i]));
      counts_[i] = 0;
    }
    ++out->rows;
  }

  const OperatorPtr input_;
  Context& context_;
  Variables variables_, sorted_by_;
  std::vector<size_t> columns_;                    // of the keys
  std::vector<std::unique_ptr<Evaluator>> times_;  // how often a row counts; null: once
  Batch rows_;
  Selection selection_;
  std::vector<std::vector<TermId>> values_;  // of times_
  // The group at hand.
  bool has_last_ = false;
  std::vector<TermId> last_;
  std::vector<int64_t> counts_;
  bool ended_ = false;
};

}  // namespace

bool GivesGroups(const Operator& rows, const Variables& keys) {
  const Variables& order = rows.sorted_by();
  if (keys.empty() || order.size() < keys.size()) return false;
  return std::all_of(order.begin(), order.begin() + static_cast<ptrdiff_t>(keys.size()),
                     [&](const auto& column) {
                       return std::find(keys.begin(), keys.end(), column) != keys.end();
                     });
}

OperatorPtr MakeCountRuns(OperatorPtr input, const Variables& keys,
                          std::vector<AggregateColumn> counts, Context& context) {
  return std::make_unique<CountRuns>(std::move(input), keys, std::move(counts), context);
}

}  // namespace annals::exec

// Operators that read rows as they stand: scans, rows given, counts.
#include <algorithm>

#include "query/exec/operators.h"

namespace annals::exec {
namespace {

class Scan : public Operator {
 public:
  Scan(ScanPlan plan, Context& context)
      : plan_(std::move(plan)), context_(context), variables_(plan_.variables) {
    if (!plan_.count.empty()) variables_.push_back(plan_.count);
  }

  const Variables& variables() const override { return variables_; }
  const Variables& sorted_by() const override { return plan_.sorted_by; }

  absl::StatusOr<bool> Next(Batch* batch) override {
    ANNALS_RETURN_IF_ERROR(Open());
    batch->Reset(variables_.size());
    const size_t read = plan_.spec.output.size();
    while (true) {
      ANNALS_RETURN_IF_ERROR(context_.Check());
      read_.resize(plan_.count.empty() ? read : read + 1);
      for (size_t i = 0; i < plan_.variables.size(); ++i) read_[i].swap(batch->columns[i]);
      ANNALS_ASSIGN_OR_RETURN(size_t rows, Read(std::span(read_).first(read)));
      const bool ended = rows == 0;
      if (!plan_.count.empty()) AddCounts(rows, &read_.back());
      if (plan_.has_tests()) rows = TestRows(plan_, rows, &read_, &last_fact_);
      for (size_t i = 0; i < plan_.variables.size(); ++i) read_[i].swap(batch->columns[i]);
      if (!plan_.count.empty()) read_.back().swap(batch->columns.back());
      batch->rows = rows;
      if (rows > 0) return true;
      if (ended) return false;
    }
  }

  absl::Status SkipTo(TermId value) override {
    if (plan_.sorted_by.empty()) return absl::OkStatus();
    ANNALS_RETURN_IF_ERROR(Open());
    // Only the column right after the prefix can be sought.
    const Column next = ColumnsOf(plan_.spec.permutation)[plan_.spec.prefix.size()];
    const size_t first = PositionOf(plan_.variables, plan_.sorted_by[0]);
    if (plan_.spec.output[first] != next) return absl::OkStatus();
    return scan_->SkipTo(value);
  }

 private:
  absl::Status Open() {
    if (scan_ != nullptr) return absl::OkStatus();
    ANNALS_ASSIGN_OR_RETURN(scan_, context_.source().Scan(plan_.spec));
    return absl::OkStatus();
  }

  absl::StatusOr<size_t> Read(std::span<std::vector<TermId>> columns) {
    if (plan_.reads_runs) return scan_->NextRuns(columns, context_.batch_rows(), &counts_);
    return scan_->Next(columns, context_.batch_rows());
  }

  void AddCounts(size_t rows, std::vector<TermId>* column) const {
    column->assign(rows, TermId::Integer(1));
    if (!plan_.reads_runs) return;
    for (size_t i = 0; i < rows; ++i) {
      (*column)[i] = TermId::Integer(static_cast<int64_t>(counts_[i]));
    }
  }

  const ScanPlan plan_;
  Context& context_;
  Variables variables_;
  std::unique_ptr<RowScan> scan_;
  std::vector<std::vector<TermId>> read_;
  std::vector<uint64_t> counts_;  // of runs
  TermId last_fact_;
};

class Rows : public Operator {
 public:
  Rows(Variables variables, std::vector<std::vector<TermId>> rows, Context& context)
      : variables_(std::move(variables)), rows_(std::move(rows)), context_(context) {}

  const Variables& variables() const override { return variables_; }
  const Variables& sorted_by() const override { return sorted_by_; }

  absl::StatusOr<bool> Next(Batch* batch) override {
    ANNALS_RETURN_IF_ERROR(context_.Check());
    batch->Reset(variables_.size());
    for (; next_ < rows_.size() && batch->rows < context_.batch_rows(); ++next_, ++batch->rows) {
      for (size_t i = 0; i < variables_.size(); ++i) batch->columns[i].push_back(rows_[next_][i]);
    }
    return batch->rows > 0;
  }

 private:
  const Variables variables_;
  const Variables sorted_by_;
  const std::vector<std::vector<TermId>> rows_;
  Context& context_;
  size_t next_ = 0;
};

class CountScan : public Operator {
 public:
  CountScan(ScanSpec spec, Variables variables, Context& context)
      : spec_(std::move(spec)), variables_(std::move(variables)), context_(context) {}

  const Variables& variables() const override { return variables_; }
  const Variables& sorted_by() const override { return variables_; }

  absl::StatusOr<bool> Next(Batch* batch) override {
    batch->Reset(variables_.size());
    if (done_) return false;
    ANNALS_RETURN_IF_ERROR(context_.Check());
    ANNALS_ASSIGN_OR_RETURN(const uint64_t rows, context_.source().CountRows(spec_));
    for (auto& column : batch->columns) {
      column.push_back(TermId::Integer(static_cast<int64_t>(rows)));
    }
    batch->rows = 1;
    done_ = true;
    return true;
  }

 private:
  const ScanSpec spec_;
  const Variables variables_;
  Context& context_;
  bool done_ = false;
};

class OuterRows : public Operator {
 public:
  OuterRows(std::shared_ptr<const OuterRelation> relation, Context& context)
      : relation_(std::move(relation)), context_(context) {}

  const Variables& variables() const override { return relation_->variables(); }
  const Variables& sorted_by() const override { return sorted_by_; }

  absl::StatusOr<bool> Next(Batch* batch) override {
    ANNALS_RETURN_IF_ERROR(context_.Check());
    batch->Reset(variables().size());
    const KeyTable& rows = relation_->rows();
    for (; next_ < rows.size() && batch->rows < context_.batch_rows(); ++next_, ++batch->rows) {
      for (size_t i = 0; i < batch->columns.size(); ++i) {
        batch->columns[i].push_back(rows.key(next_, i));
      }
    }
    return batch->rows > 0;
  }

 private:
  const std::shared_ptr<const OuterRelation> relation_;
  const Variables sorted_by_;
  Context& context_;
  size_t next_ = 0;
};

}  // namespace

OperatorPtr MakeScan(ScanPlan plan, Context& context) {
  return std::make_unique<Scan>(std::move(plan), context);
}

OperatorPtr MakeRows(Variables variables, std::vector<std::vector<TermId>> rows, Context& context) {
  return std::make_unique<Rows>(std::move(variables), std::move(rows), context);
}

OperatorPtr MakeCountScan(ScanSpec spec, Variables variables, Context& context) {
  return std::make_unique<CountScan>(std::move(spec), std::move(variables), context);
}

OperatorPtr MakeOuterRows(std::shared_ptr<const OuterRelation> relation, Context& context) {
  return std::make_unique<OuterRows>(std::move(relation), context);
}

}  // namespace annals::exec

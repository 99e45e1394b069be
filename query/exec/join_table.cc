#include "query/exec/join_table.h"

namespace annals::exec {
namespace {

constexpr uint64_t kPairsBetweenChecks = 1 << 16;

std::vector<ColumnView> Views(const Batch& batch, std::span<const size_t> columns) {
  std::vector<ColumnView> views;
  views.reserve(columns.size());
  for (const size_t column : columns) views.emplace_back(batch.columns[column]);
  return views;
}

}  // namespace

JoinColumns KeepRight(const JoinShape& shape) {
  JoinColumns columns;
  columns.gaps = NearRows::GapsOf(shape, false);
  for (const auto& [left, right] : shape.keys) {
    columns.keep_keys.push_back(right);
    columns.probe_keys.push_back(left);
  }
  for (const auto& [left, right] : shape.checks) {
    columns.keep_checks.push_back(right);
    columns.probe_checks.push_back(left);
  }
  return columns;
}

JoinColumns KeepLeft(const JoinShape& shape) {
  JoinColumns columns = KeepRight(shape);
  columns.keep_keys.swap(columns.probe_keys);
  columns.keep_checks.swap(columns.probe_checks);
  columns.gaps = NearRows::GapsOf(shape, true);
  return columns;
}

JoinTable::JoinTable(JoinColumns columns, bool keys_only, Context& context)
    : columns_(std::move(columns)),
      keys_only_(keys_only && columns_.keep_checks.empty()),
      context_(context),
      reservation_(context),
      keys_(columns_.keep_keys.size()),
      near_(columns_.gaps) {}

bool JoinTable::HasEmptyKey(const Batch& batch, std::span<const size_t> columns, size_t row) const {
  for (const size_t column : columns) {
    if (batch.columns[column][row].is_undefined()) return true;
  }
  return false;
}

absl::Status JoinTable::Account() {
  return reservation_.Resize(rows_.bytes() + keys_.bytes() + near_.bytes() +
                             (begins_.capacity() + numbers_.capacity()) * sizeof(uint32_t));
}

absl::Status JoinTable::Add(const Batch& batch) {
  if (rows_.columns.size() != batch.columns.size()) rows_.Reset(batch.columns.size());
  const size_t known = keys_.size();
  std::vector<uint32_t> numbers;
  // A loose row's tuple holds an empty value, so no probing row can find it.
  keys_.Insert(Views(batch, columns_.keep_keys), batch.rows, &numbers);
  for (size_t row = 0; row < batch.rows; ++row) {
    if (HasEmptyKey(batch, columns_.keep_keys, row)) numbers[row] = KeyTable::kNone;
  }
  if (keys_only_) {
    std::vector<uint32_t> fresh;
    size_t next = known;
    for (size_t row = 0; row < batch.rows; ++row) {
      if (numbers[row] != KeyTable::kNone && numbers[row] < next) continue;
      if (numbers[row] != KeyTable::kNone) next = size_t{numbers[row]} + 1;
      fresh.push_back(static_cast<uint32_t>(row));
    }
    Batch kept;
    GatherRows(batch, fresh, &kept);
    AppendRows(kept, &rows_);
    for (const uint32_t row : fresh) numbers_.push_back(numbers[row]);
  } else {
    AppendRows(batch, &rows_);
    numbers_.insert(numbers_.end(), numbers.begin(), numbers.end());
  }
  if (rows_.rows >= KeyTable::kNone) {
    return ResourceExhausted("a join would have to keep more than 4 billion rows: ask for less");
  }
  return Account();
}

absl::Status JoinTable::Finish() {
  // A counting sort by key; loose rows last.
  begins_.assign(keys_.size() + 2, 0);
  const auto bin = [&](uint32_t number) {
    return number == KeyTable::kNone ? keys_.size() : size_t{number};
  };
  for (const uint32_t number : numbers_) ++begins_[bin(number) + 1];
  for (size_t i = 1; i < begins_.size(); ++i) begins_[i] += begins_[i - 1];
  loose_begin_ = begins_[keys_.size()];
  std::vector<uint32_t> order(rows_.rows);
  {
    std::vector<uint32_t> next = begins_;
    for (uint32_t row = 0; row < rows_.rows; ++row) order[next[bin(numbers_[row])]++] = row;
  }
  numbers_ = {};
  if (near_.active()) near_.Sort(rows_, {begins_.data(), keys_.size() + 1}, &order);
  for (auto& column : rows_.columns) {
    std::vector<TermId> sorted(column.size());
    for (size_t i = 0; i < order.size(); ++i) sorted[i] = column[order[i]];
    column.swap(sorted);
    ANNALS_RETURN_IF_ERROR(context_.Check());
  }
  return Account();
}

void Prober::Start(const Batch& batch) {
  batch_ = &batch;
  table_.keys_.Find(Views(batch, table_.columns_.probe_keys), batch.rows, &numbers_);
  row_ = 0;
  if (batch.rows > 0) StartRow();
}

void Prober::StartRow() {
  const auto kept = static_cast<uint32_t>(table_.rows_.rows);
  run_ = 0;
  runs_ = {};
  if (table_.HasEmptyKey(*batch_, table_.columns_.probe_keys, row_)) {
    runs_[0] = {{0, kept}, true};
    return;
  }
  runs_.back() = {{table_.loose_begin_, kept}, true};
  const uint32_t number = numbers_[row_];
  if (number == KeyTable::kNone) return;
  const RowRange whole = {table_.begins_[number], table_.begins_[number + 1]};
  if (!table_.near_.active()) {
    runs_[0] = {whole, false};
    return;
  }
  runs_[0] = {table_.near_.Near(number, whole, *batch_, row_), false};
  runs_[1] = {table_.near_.Loose(number, whole), false};
}

bool Prober::Agrees(uint32_t kept, bool compare_keys) const {
  const auto agree = [&](std::span<const size_t> keep, std::span<const size_t> probe) {
    for (size_t i = 0; i < keep.size(); ++i) {
      const TermId a = table_.rows_.columns[keep[i]][kept];
      const TermId b = batch_->columns[probe[i]][row_];
      if (a != b && !a.is_undefined() && !b.is_undefined()) return false;
    }
    return true;
  };
  const JoinColumns& columns = table_.columns_;
  return (!compare_keys || agree(columns.keep_keys, columns.probe_keys)) &&
         agree(columns.keep_checks, columns.probe_checks);
}

absl::Status Prober::Next(size_t most, const std::vector<uint8_t>* done,
                          std::vector<uint32_t>* probe_rows, std::vector<uint32_t>* kept_rows) {
  probe_rows->clear();
  kept_rows->clear();
  const bool no_checks = table_.columns_.keep_checks.empty();
  uint64_t steps = 0;
  while (row_ < batch_->rows) {
    Run& run = runs_[run_];
    const bool pass_over = done != nullptr && (*done)[row_] != 0;
    if (pass_over || run.at == run.end) {
      if (!pass_over && run_ + 1 < runs_.size()) {
        ++run_;
      } else if (++row_ < batch_->rows) {
        StartRow();
      }
      continue;
    }
    if (++steps % kPairsBetweenChecks == 0) ANNALS_RETURN_IF_ERROR(table_.context_.Check());
    const uint32_t kept = run.at++;
    if ((run.compare_keys || !no_checks) && !Agrees(kept, run.compare_keys)) continue;
    probe_rows->push_back(static_cast<uint32_t>(row_));
    kept_rows->push_back(kept);
    if (probe_rows->size() >= most) break;
  }
  return absl::OkStatus();
}

absl::Status Prober::Select(const Batch& batch, std::vector<uint32_t>* rows) {
  rows->clear();
  Start(batch);
  uint64_t steps = 0;
  for (; row_ < batch.rows; ++row_) {
    StartRow();
    bool found = false;
    for (const Run& run : runs_) {
      for (uint32_t kept = run.at; kept < run.end && !found; ++kept) {
        if (++steps % kPairsBetweenChecks == 0) ANNALS_RETURN_IF_ERROR(table_.context_.Check());
        found = Agrees(kept, run.compare_keys);
      }
    }
    if (found) rows->push_back(static_cast<uint32_t>(row_));
  }
  return absl::OkStatus();
}

}  // namespace annals::exec

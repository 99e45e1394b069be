#include "query/exec/join_table.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "query/exec/make_room.h"
#include "storage/base/parallel.h"

namespace annals::exec {
namespace {

constexpr uint64_t kKeptPairsBetweenChecks = 1 << 16;
constexpr size_t kRowsOfChunk = ChunkedArray<TermId>::kChunk;  // rows numbered between checks
constexpr size_t kMovedBetweenChecks = 1 << 16;
constexpr size_t kProbesAhead = 16;

std::vector<ColumnView> Views(const Batch& batch, std::span<const size_t> columns) {
  std::vector<ColumnView> views;
  views.reserve(columns.size());
  for (const size_t column : columns) views.emplace_back(batch.columns[column]);
  return views;
}

// Those columns of the rows from `begin`, which begin a chunk, to its end.
std::vector<ColumnView> ChunkViews(const ChunkedRows& rows, std::span<const size_t> columns,
                                   size_t begin) {
  std::vector<ColumnView> views;
  views.reserve(columns.size());
  for (const size_t column : columns) {
    views.push_back(rows.column(column).chunk(begin / ChunkedArray<TermId>::kChunk));
  }
  return views;
}

}  // namespace

JoinColumns KeepRight(const JoinShape& shape) {
  JoinColumns columns;
  columns.gaps = NearRows::GapsOf(shape, false);
  columns.keys_may_be_empty = shape.keys_may_be_empty;
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
      near_(columns_.gaps) {
  parts_.push_back(std::make_unique<Part>(columns_.keep_keys.size(), context_));
}

bool JoinTable::HasEmptyKey(const Batch& batch, std::span<const size_t> columns, size_t row) const {
  if (!columns_.keys_may_be_empty) return false;
  for (const size_t column : columns) {
    if (batch.columns[column][row].is_undefined()) return true;
  }
  return false;
}

absl::Status JoinTable::Part::Account() {
  return reservation.Resize(keys.bytes() +
                            (numbers.capacity() + rows.capacity()) * sizeof(uint32_t));
}

absl::Status JoinTable::Account() {
  return reservation_.Resize(added_.bytes() + rows_.bytes() + near_.bytes() +
                             begins_.capacity() * sizeof(uint32_t));
}

absl::Status JoinTable::Add(const Batch& batch) {
  if (keys_only_) {
    ANNALS_RETURN_IF_ERROR(AddNewKeys(batch));
  } else {
    added_.Append(batch);
  }
  if (added_.rows() >= KeyTable::kNone) {
    return ResourceExhausted("a join would have to keep more than 4 billion rows: ask for less");
  }
  return Account();
}

absl::Status JoinTable::AddNewKeys(const Batch& batch) {
  Part& part = *parts_[0];
  size_t next = part.keys.size();
  std::vector<uint32_t> numbers, fresh;
  ANNALS_RETURN_IF_ERROR(
      part.keys.Insert(Views(batch, columns_.keep_keys), batch.rows, context_, &numbers));
  ANNALS_RETURN_IF_ERROR(MakeRoom(part.numbers.size() + batch.rows, &part.numbers, context_));
  for (uint32_t row = 0; row < batch.rows; ++row) {
    if (HasEmptyKey(batch, columns_.keep_keys, row)) {
      part.numbers.push_back(KeyTable::kNone);
    } else if (numbers[row] >= next) {
      next = size_t{numbers[row]} + 1;
      part.numbers.push_back(numbers[row]);
    } else {
      continue;
    }
    fresh.push_back(row);
  }
  Batch kept;
  GatherRows(batch, fresh, &kept);
  added_.Append(kept);
  return part.Account();
}

// Numbers every row's key.
absl::Status JoinTable::NumberRows() {
  if (added_.rows() == 0) return absl::OkStatus();  // and there may be no columns
  const Parallelism& parallelism = context_.parallelism();
  const bool shared = parallelism.threads > 1 && !columns_.keep_keys.empty() &&
                      !columns_.keys_may_be_empty &&
                      added_.rows() >= parallelism.least_joined_rows();
  if (!shared) return NumberAllRows(parts_[0].get());
  parts_.clear();
  std::vector<std::function<absl::Status()>> tasks;
  for (size_t i = 0; i < parallelism.threads; ++i) {
    parts_.push_back(std::make_unique<Part>(columns_.keep_keys.size(), context_));
    tasks.push_back([this, i] { return NumberRowsOf(i); });
  }
  ANNALS_RETURN_IF_ERROR(RunTasks(tasks, parallelism.threads));
  for (size_t i = 1; i < parts_.size(); ++i) {
    const Part& before = *parts_[i - 1];
    parts_[i]->first_key = before.first_key + static_cast<uint32_t>(before.keys.size());
    parts_[i]->first_row = before.first_row + static_cast<uint32_t>(before.rows.size());
  }
  return absl::OkStatus();
}

absl::Status JoinTable::NumberAllRows(Part* part) {
  std::vector<uint32_t> numbers;
  ANNALS_RETURN_IF_ERROR(MakeRoom(added_.rows(), &part->numbers, context_));
  for (size_t begin = 0; begin < added_.rows(); begin += kRowsOfChunk) {
    ANNALS_RETURN_IF_ERROR(part->Account());
    const size_t rows = std::min(kRowsOfChunk, added_.rows() - begin);
    const std::vector<ColumnView> piece = ChunkViews(added_, columns_.keep_keys, begin);
    ANNALS_RETURN_IF_ERROR(part->keys.Insert(piece, rows, context_, &numbers));
    for (size_t i = 0; columns_.keys_may_be_empty && i < rows; ++i) {
      // Its tuple holds an empty value, so no probing row can find it.
      const bool empty = std::any_of(piece.begin(), piece.end(),
                                     [i](ColumnView column) { return column[i].is_undefined(); });
      if (empty) numbers[i] = KeyTable::kNone;
    }
    part->numbers.insert(part->numbers.end(), numbers.begin(), numbers.end());
  }
  return part->Account();
}

// Any thread: those rows whose hash is one of this part.
absl::Status JoinTable::NumberRowsOf(size_t number) {
  Part& part = *parts_[number];
  KeyHashes hashes;
  std::vector<uint32_t> own;  // of a piece
  for (size_t begin = 0; begin < added_.rows(); begin += kRowsOfChunk) {
    ANNALS_RETURN_IF_ERROR(part.Account());
    const size_t rows = std::min(kRowsOfChunk, added_.rows() - begin);
    const std::vector<ColumnView> piece = ChunkViews(added_, columns_.keep_keys, begin);
    KeyTable::Hash(piece, rows, &hashes);
    own.clear();
    for (uint32_t row = 0; row < rows; ++row) {
      if (PartOf(hashes[row]) == number) own.push_back(row);
    }
    ANNALS_RETURN_IF_ERROR(part.keys.MakeRoom(own.size(), context_));
    ANNALS_RETURN_IF_ERROR(MakeRoom(part.rows.size() + own.size(), &part.rows, context_));
    ANNALS_RETURN_IF_ERROR(MakeRoom(part.numbers.size() + own.size(), &part.numbers, context_));
    for (size_t i = 0; i < own.size(); ++i) {
      if (i + kProbesAhead < own.size()) {
        part.keys.Prefetch(hashes[own[i + kProbesAhead]]);
      }
      part.numbers.push_back(part.keys.InsertRow(piece, hashes, own[i]));
      part.rows.push_back(static_cast<uint32_t>(begin) + own[i]);
    }
  }
  return part.Account();
}

// A counting sort of a part's rows by key; loose rows, of which only a single part has any, last.
absl::Status JoinTable::OrderRowsOf(Part* part, std::vector<uint32_t>* order) {
  const size_t keys = part->keys.size();
  const auto bin = [&](uint32_t number) {
    return number == KeyTable::kNone ? keys : size_t{number};
  };
  Reservation passing(context_);
  ANNALS_RETURN_IF_ERROR(passing.Resize((keys + 2) * sizeof(uint32_t)));
  std::vector<uint32_t> next(keys + 2, 0);
  for (const uint32_t number : part->numbers) ++next[bin(number) + 1];
  next[0] = part->first_row;
  for (size_t i = 1; i < next.size(); ++i) next[i] += next[i - 1];
  ANNALS_RETURN_IF_ERROR(context_.Check());
  std::copy(next.begin(), next.begin() + static_cast<std::ptrdiff_t>(keys),
            begins_.begin() + part->first_key);
  if (part == parts_.back().get()) {
    begins_[part->first_key + keys] = loose_begin_ = next[keys];
  }
  for (uint32_t i = 0; i < part->numbers.size(); ++i) {
    if (i % kMovedBetweenChecks == 0) ANNALS_RETURN_IF_ERROR(context_.Check());
    (*order)[next[bin(part->numbers[i])]++] = part->rows.empty() ? i : part->rows[i];
  }
  part->numbers = {};
  part->rows = {};
  return part->Account();
}

absl::Status JoinTable::Finish() {
  if (!keys_only_) ANNALS_RETURN_IF_ERROR(NumberRows());
  const Part& last = *parts_.back();
  const size_t rows = added_.rows(), bounds = last.first_key + last.keys.size() + 1;
  Reservation passing(context_);
  ANNALS_RETURN_IF_ERROR(passing.Resize(bounds * sizeof(uint32_t)));
  begins_.resize(bounds);
  ANNALS_RETURN_IF_ERROR(passing.Resize(0));
  ANNALS_RETURN_IF_ERROR(Account());
  ANNALS_RETURN_IF_ERROR(passing.Resize(rows * sizeof(uint32_t)));
  std::vector<uint32_t> order(rows);
  std::vector<std::function<absl::Status()>> tasks;
  for (const auto& part : parts_) {
    tasks.push_back([this, &order, part = part.get()] { return OrderRowsOf(part, &order); });
  }
  ANNALS_RETURN_IF_ERROR(RunTasks(tasks, parts_.size()));
  if (near_.active()) ANNALS_RETURN_IF_ERROR(near_.Sort(added_, begins_, context_, &order));
  ANNALS_RETURN_IF_ERROR(Account());
  ANNALS_RETURN_IF_ERROR(SortColumns(order));
  return Account();
}

// From added_ into rows_.
absl::Status JoinTable::SortColumns(const std::vector<uint32_t>& order) {
  Reservation passing(context_);
  rows_.Reset(added_.width());
  rows_.rows = order.size();
  ANNALS_RETURN_IF_ERROR(
      passing.Resize(std::min(parts_.size(), added_.width()) * order.size() * sizeof(TermId)));
  std::vector<std::function<absl::Status()>> tasks;
  for (size_t column = 0; column < added_.width(); ++column) {
    tasks.push_back([this, &order, column]() -> absl::Status {
      ChunkedArray<TermId>& from = added_.column(column);
      std::vector<TermId>& to = rows_.columns[column];
      to.resize(order.size());
      for (size_t i = 0; i < order.size(); ++i) {
        if (i % kMovedBetweenChecks == 0) ANNALS_RETURN_IF_ERROR(context_.Check());
        to[i] = from[order[i]];
      }
      from.Clear();
      return absl::OkStatus();
    });
  }
  ANNALS_RETURN_IF_ERROR(RunTasks(tasks, parts_.size()));
  added_ = {};
  return absl::OkStatus();
}

void JoinTable::FindKeys(const Batch& batch, KeyHashes* hashes,
                         std::vector<uint32_t>* numbers) const {
  numbers->resize(batch.rows);
  if (columns_.probe_keys.empty()) {
    std::fill(numbers->begin(), numbers->end(), empty() ? KeyTable::kNone : 0);
    return;
  }
  const std::vector<ColumnView> columns = Views(batch, columns_.probe_keys);
  if (parts_.size() == 1) return parts_[0]->keys.Find(columns, batch.rows, hashes, numbers);
  KeyTable::Hash(columns, batch.rows, hashes);
  for (size_t row = 0; row < batch.rows; ++row) {
    if (row + kProbesAhead < batch.rows) {
      const uint64_t hash = (*hashes)[row + kProbesAhead];
      parts_[PartOf(hash)]->keys.Prefetch(hash);
    }
    const Part& part = *parts_[PartOf((*hashes)[row])];
    const uint32_t number = part.keys.FindRow(columns, *hashes, row);
    (*numbers)[row] = number == KeyTable::kNone ? number : part.first_key + number;
  }
}

void Prober::Start(const Batch& batch) {
  batch_ = &batch;
  table_.FindKeys(batch, &hashes_, &numbers_);
  row_ = 0;
  in_row_ = 0;
  if (batch.rows > 0 && !by_keys_alone_) StartRow();
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

// Where rows agree as soon as their keys do.
void Prober::NextByKeys(size_t most, const std::vector<uint8_t>* done,
                        std::vector<uint32_t>* probe_rows, std::vector<uint32_t>* kept_rows) {
  probe_rows->resize(most);
  kept_rows->resize(most);
  size_t pairs = 0;
  for (; row_ < batch_->rows && pairs < most; ++row_, in_row_ = 0) {
    const uint32_t number = numbers_[row_];
    if (has_single_rows_ && done == nullptr) {
      // The kept row has the number of its key. No branch: whether there is one is hard to foresee.
      (*probe_rows)[pairs] = static_cast<uint32_t>(row_);
      (*kept_rows)[pairs] = number;
      pairs += number != KeyTable::kNone;
      continue;
    }
    if (number == KeyTable::kNone || (done != nullptr && (*done)[row_] != 0)) continue;
    const uint32_t begin = table_.begins_[number] + in_row_;
    const size_t left = table_.begins_[number + 1] - begin;
    const size_t taken = std::min(left, most - pairs);
    for (size_t i = 0; i < taken; ++i, ++pairs) {
      (*probe_rows)[pairs] = static_cast<uint32_t>(row_);
      (*kept_rows)[pairs] = begin + static_cast<uint32_t>(i);
    }
    in_row_ += static_cast<uint32_t>(taken);
    if (taken < left) break;
  }
  probe_rows->resize(pairs);
  kept_rows->resize(pairs);
}

absl::Status Prober::Next(size_t most, const std::vector<uint8_t>* done,
                          std::vector<uint32_t>* probe_rows, std::vector<uint32_t>* kept_rows) {
  probe_rows->clear();
  kept_rows->clear();
  if (by_keys_alone_) {
    NextByKeys(most, done, probe_rows, kept_rows);
    return absl::OkStatus();
  }
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
    if (no_checks && !run.compare_keys) {
      const size_t taken = std::min<size_t>(run.end - run.at, most - probe_rows->size());
      probe_rows->resize(probe_rows->size() + taken, static_cast<uint32_t>(row_));
      kept_rows->resize(probe_rows->size());
      std::iota(kept_rows->end() - static_cast<ptrdiff_t>(taken), kept_rows->end(), run.at);
      run.at += static_cast<uint32_t>(taken);
      if (probe_rows->size() >= most) break;
      continue;
    }
    if (++steps % kKeptPairsBetweenChecks == 0) ANNALS_RETURN_IF_ERROR(context_.Check());
    const uint32_t kept = run.at++;
    if (!Agrees(kept, run.compare_keys)) continue;
    probe_rows->push_back(static_cast<uint32_t>(row_));
    kept_rows->push_back(kept);
    if (probe_rows->size() >= most) break;
  }
  return absl::OkStatus();
}

absl::Status Prober::Select(const Batch& batch, std::vector<uint32_t>* rows) {
  rows->clear();
  Start(batch);
  if (by_keys_alone_) {
    rows->resize(batch.rows);
    size_t found = 0;
    for (uint32_t row = 0; row < batch.rows; ++row) {
      (*rows)[found] = row;
      found += numbers_[row] != KeyTable::kNone;
    }
    rows->resize(found);
    return absl::OkStatus();
  }
  uint64_t steps = 0;
  for (; row_ < batch.rows; ++row_) {
    StartRow();
    bool found = false;
    for (const Run& run : runs_) {
      for (uint32_t kept = run.at; kept < run.end && !found; ++kept) {
        if (++steps % kKeptPairsBetweenChecks == 0) ANNALS_RETURN_IF_ERROR(context_.Check());
        found = Agrees(kept, run.compare_keys);
      }
    }
    if (found) rows->push_back(static_cast<uint32_t>(row_));
  }
  return absl::OkStatus();
}

}  // namespace annals::exec

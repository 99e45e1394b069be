// In memory it is a radix sort, least significant digit first: codes are dense, so that a column
// has two or three digits.
#include "storage/graph/sort_rows.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace annals {
namespace {

constexpr int kMostDigitBits = 11;
// Fewer are sorted by comparing.
constexpr size_t kFewRows = 1024;
constexpr size_t kBatchRows = 4096;
constexpr size_t kMostBufferRows = 32768;

struct Digit {
  size_t column;
  int shift;
  uint32_t mask;
};

// The digits in which rows differ, in the order of the passes.
template <size_t N>
std::vector<Digit> DigitsOf(std::span<const CodeRow<N>> rows, size_t columns) {
  CodeRow<N> varies = {};
  for (const CodeRow<N>& row : rows) {
    for (size_t c = 0; c < N; ++c) varies[c] |= row[c] ^ rows[0][c];
  }
  std::vector<Digit> digits;
  for (size_t c = columns; c-- > 0;) {
    const int width = static_cast<int>(std::bit_width(varies[c]));
    const int passes = (width + kMostDigitBits - 1) / kMostDigitBits;
    for (int pass = 0, shift = 0; pass < passes; ++pass) {
      const int bits = (width - shift + passes - pass - 1) / (passes - pass);
      digits.push_back({c, shift, (uint32_t{1} << bits) - 1});
      shift += bits;
    }
  }
  return digits;
}

template <size_t N>
bool LessRow(const CodeRow<N>& a, const CodeRow<N>& b, size_t columns) {
  for (size_t c = 0; c < columns; ++c) {
    if (a[c] != b[c]) return a[c] < b[c];
  }
  return false;
}

}  // namespace

template <size_t N>
std::span<CodeRow<N>> SortRows(std::span<CodeRow<N>> rows, std::span<CodeRow<N>> scratch,
                               size_t columns) {
  if (rows.size() < kFewRows) {
    std::stable_sort(rows.begin(), rows.end(),
                     [columns](const auto& a, const auto& b) { return LessRow<N>(a, b, columns); });
    return rows;
  }
  const std::vector<Digit> digits = DigitsOf<N>(rows, columns);
  std::vector<std::array<uint32_t, size_t{1} << kMostDigitBits>> counts(digits.size());
  for (const CodeRow<N>& row : rows) {
    for (size_t d = 0; d < digits.size(); ++d) {
      ++counts[d][row[digits[d].column] >> digits[d].shift & digits[d].mask];
    }
  }
  for (size_t d = 0; d < digits.size(); ++d) {
    const Digit digit = digits[d];
    auto& next = counts[d];
    uint32_t begin = 0;
    for (size_t i = 0; i <= digit.mask; ++i) begin += std::exchange(next[i], begin);
    for (const CodeRow<N>& row : rows) {
      scratch[next[row[digit.column] >> digit.shift & digit.mask]++] = row;
    }
    std::swap(rows, scratch);
  }
  return rows;
}

template <size_t N>
RowSorter<N>::RowSorter(size_t columns, uint64_t rows, uint64_t memory_bytes, std::string database,
                        BufferPool& buffers)
    : columns_(columns),
      capacity_(static_cast<size_t>(std::min<uint64_t>(
          rows,
          std::clamp<uint64_t>(memory_bytes / (2 * sizeof(Row)), 2 * kBatchRows, UINT32_MAX)))),
      database_(std::move(database)),
      buffers_(buffers) {
  if (capacity_ > 0) rows_.emplace(capacity_, buffers_);
}

template <size_t N>
std::span<CodeRow<N>> RowSorter<N>::SortPresent() {
  if (!scratch_.has_value()) scratch_.emplace(capacity_, buffers_);
  return SortRows<N>(rows_->span().first(count_), scratch_->span().first(count_), columns_);
}

template <size_t N>
absl::Status RowSorter<N>::Spill(std::span<const Row> sorted) {
  if (!file_.has_value()) {
    ANNALS_ASSIGN_OR_RETURN(file_, kv::ScratchFile::Make(database_));
  }
  ANNALS_RETURN_IF_ERROR(file_->Append(sorted.data(), sorted.size_bytes()));
  run_ends_.push_back(file_->size() / sizeof(Row));
  count_ = 0;
  return absl::OkStatus();
}

template <size_t N>
absl::Status RowSorter<N>::MakeRoom() {
  if (capacity_ == 0) return Internal("more rows are sorted than were told of");
  return Spill(SortPresent());
}

template <size_t N>
absl::Status RowSorter<N>::Finish() {
  if (count_ > 0) {
    const std::span<Row> sorted = SortPresent();
    if (file_.has_value()) {
      ANNALS_RETURN_IF_ERROR(Spill(sorted));
    } else {
      in_memory_ = sorted;
      (sorted.data() == rows_->span().data() ? scratch_ : rows_).reset();
      return absl::OkStatus();
    }
  }
  rows_.reset();
  scratch_.reset();
  return absl::OkStatus();
}

template <size_t N>
MergedRows<N>::MergedRows(std::span<const std::unique_ptr<RowSorter<N>>> sorters,
                          uint64_t memory_bytes) {
  for (const auto& sorter : sorters) {
    columns_ = sorter->columns_;
    if (!sorter->in_memory_.empty()) {
      runs_.emplace_back();
      runs_.back().rows = sorter->in_memory_;
    }
    uint64_t begin = 0;
    for (const uint64_t end : sorter->run_ends_) {
      runs_.emplace_back();
      runs_.back().file = &*sorter->file_;
      runs_.back().at = std::exchange(begin, end);
      runs_.back().end = end;
    }
  }
  const uint64_t rows = memory_bytes / sizeof(Row) / std::max<size_t>(runs_.size(), 1);
  buffer_rows_ = static_cast<size_t>(std::clamp<uint64_t>(rows, 256, kMostBufferRows));
}

template <size_t N>
absl::Status MergedRows<N>::Fill(Run& run) {
  if (!run.rows.empty() || run.at == run.end) return absl::OkStatus();
  run.buffer.resize(static_cast<size_t>(std::min<uint64_t>(buffer_rows_, run.end - run.at)));
  ANNALS_RETURN_IF_ERROR(
      run.file->Read(run.at * sizeof(Row), run.buffer.data(), run.buffer.size() * sizeof(Row)));
  run.at += run.buffer.size();
  run.rows = run.buffer;
  return absl::OkStatus();
}

template <size_t N>
bool MergedRows<N>::IsBefore(size_t a, size_t b) const {
  const Row& left = runs_[a].rows.front();
  const Row& right = runs_[b].rows.front();
  if (LessRow<N>(left, right, columns_)) return true;
  return !LessRow<N>(right, left, columns_) && a < b;
}

template <size_t N>
void MergedRows<N>::Sift(size_t place) {
  while (true) {
    size_t least = place;
    for (size_t child = 2 * place + 1; child <= 2 * place + 2 && child < heap_.size(); ++child) {
      if (IsBefore(heap_[child], heap_[least])) least = child;
    }
    if (least == place) return;
    std::swap(heap_[place], heap_[least]);
    place = least;
  }
}

template <size_t N>
absl::StatusOr<std::span<const CodeRow<N>>> MergedRows<N>::Next() {
  if (!begun_) {
    begun_ = true;
    for (size_t i = 0; i < runs_.size(); ++i) {
      ANNALS_RETURN_IF_ERROR(Fill(runs_[i]));
      heap_.push_back(i);
    }
    for (size_t place = heap_.size(); place-- > 0;) Sift(place);
  }
  if (heap_.empty()) return std::span<const Row>();
  if (heap_.size() == 1) {
    Run& run = runs_[heap_[0]];
    ANNALS_RETURN_IF_ERROR(Fill(run));
    const size_t count = std::min(run.rows.size(), kBatchRows);
    if (count == 0) heap_.clear();
    const std::span<const Row> given = run.rows.first(count);
    run.rows = run.rows.subspan(count);
    return given;
  }
  out_.clear();
  while (out_.size() < kBatchRows && heap_.size() > 1) {
    Run& run = runs_[heap_[0]];
    out_.push_back(run.rows.front());
    run.rows = run.rows.subspan(1);
    if (run.rows.empty()) {
      ANNALS_RETURN_IF_ERROR(Fill(run));
      if (run.rows.empty()) {
        heap_[0] = heap_.back();
        heap_.pop_back();
      }
    }
    Sift(0);
  }
  return std::span<const Row>(out_);
}

template std::span<CodeRow<5>> SortRows<5>(std::span<CodeRow<5>>, std::span<CodeRow<5>>, size_t);
template std::span<CodeRow<6>> SortRows<6>(std::span<CodeRow<6>>, std::span<CodeRow<6>>, size_t);
template std::span<CodeRow<7>> SortRows<7>(std::span<CodeRow<7>>, std::span<CodeRow<7>>, size_t);
template class RowSorter<5>;
template class RowSorter<6>;
template class RowSorter<7>;
template class MergedRows<5>;
template class MergedRows<6>;
template class MergedRows<7>;

}  // namespace annals

// Samples of a permutation's packed blocks. A range is cut into strata at keys halfway between the
// first and the last row of the largest so far; `ordinal` of the blocks says exactly how many rows
// each has (stratified sampling: W. Cochran, Sampling Techniques, 1953).
#include <algorithm>
#include <cmath>
#include <optional>

#include "storage/graph/cursors.h"
#include "storage/graph/relation.h"
#include "storage/graph/row_scan.h"

namespace annals {
namespace {

constexpr size_t kStrata = 12;
// Rows of a range that are compared with `where`; beyond these the rest is taken to be alike.
constexpr uint64_t kMostCompared = 512;

class Sampler : public RowSampler {
 public:
  Sampler(std::shared_ptr<const ScanSource> source, Permutation permutation)
      : source_(std::move(source)),
        permutation_(permutation),
        width_(ColumnsOf(permutation).size()),
        all_(source_->meta().base_rows[RelationOf(permutation) - size_t{1}]),
        iterator_(source_->base_pool().Take()),
        cursor_(*iterator_.get(), RelationOf(permutation), source_->meta().generation, width_) {}

  absl::StatusOr<double> Sample(const SampleSpec& spec, SampledRows* sample) override {
    sample->columns.resize(width_);
    for (std::vector<TermId>& column : sample->columns) column.clear();
    sample->weights.clear();
    sample->complete = true;
    where_.clear();
    for (const auto& [column, id] : spec.where) {
      const int place = PlaceOf(permutation_, column);
      if (place < 0) return Internal("a sample asks for a column that the permutation lacks");
      where_.push_back({static_cast<size_t>(place), id.bits()});
    }
    ANNALS_RETURN_IF_ERROR(SetRange(spec));
    if (end_ == begin_) return 0.0;
    const bool one_piece = !spec.spread || end_ - begin_ <= spec.rows;
    if (one_piece) return Take({begin_, end_, first_, {}}, spec.rows, sample);
    ANNALS_RETURN_IF_ERROR(Cut());
    double rows = 0;
    for (const Stratum& stratum : strata_) {
      const double share = static_cast<double>(stratum.end - stratum.begin) /
                           static_cast<double>(end_ - begin_) * static_cast<double>(spec.rows);
      ANNALS_RETURN_IF_ERROR(cursor_.Seek(stratum.first.span()));
      ANNALS_ASSIGN_OR_RETURN(
          const double part,
          Take(stratum, std::max<size_t>(static_cast<size_t>(std::lround(share)), 1), sample));
      rows += part;
    }
    return rows;
  }

 private:
  // Rows from ordinal `begin` up to `end`.
  struct Stratum {
    uint64_t begin = 0, end = 0;
    Row first, last;
  };

  // Leaves the cursor at the first row of the range.
  absl::Status SetRange(const SampleSpec& spec) {
    Row lower;
    for (const TermId id : spec.prefix) lower.values[lower.size++] = id.bits();
    Row upper = lower;
    if (lower.size < width_) {
      if (spec.low) lower.values[lower.size++] = spec.low->bits();
      if (spec.high) upper.values[upper.size++] = spec.high->bits();
    }
    after_ = upper;
    bounded_ = Successor(&after_);
    end_ = all_;
    if (bounded_) {
      ANNALS_RETURN_IF_ERROR(cursor_.Seek(after_.span()));
      end_ = Ordinal();
    }
    ANNALS_RETURN_IF_ERROR(cursor_.Seek(lower.span()));
    begin_ = Ordinal();
    if (begin_ > end_) end_ = begin_;  // low > high
    if (begin_ < end_) first_ = RowHere();
    return absl::OkStatus();
  }

  uint64_t Ordinal() const {
    return cursor_.valid() ? cursor_.block().ordinal() + cursor_.row() : all_;
  }

  Row RowHere() const {
    Row row;
    for (; row.size < width_; ++row.size) {
      row.values[row.size] = cursor_.block().Value(row.size, cursor_.row());
    }
    return row;
  }

  absl::Status Cut() {
    Row past = after_;
    if (!bounded_) {
      past.size = width_;
      past.values.fill(~uint64_t{0});
    }
    ANNALS_RETURN_IF_ERROR(cursor_.SeekBefore(past.span()));
    if (!cursor_.valid()) return DataLoss("row counts of packed blocks are damaged");
    strata_ = {{begin_, end_, first_, RowHere()}};
    while (strata_.size() < kStrata) {
      const auto largest = std::max_element(
          strata_.begin(), strata_.end(),
          [](const Stratum& a, const Stratum& b) { return a.end - a.begin < b.end - b.begin; });
      ANNALS_ASSIGN_OR_RETURN(const bool cut,
                              CutInTwo(static_cast<size_t>(largest - strata_.begin())));
      if (!cut) break;
    }
    return absl::OkStatus();
  }

  // At the value halfway in the first column in which its first and last row differ.
  absl::StatusOr<bool> CutInTwo(size_t index) {
    const Stratum whole = strata_[index];
    Row middle;
    while (middle.size < width_ &&
           whole.first.values[middle.size] == whole.last.values[middle.size]) {
      middle.values[middle.size] = whole.first.values[middle.size];
      ++middle.size;
    }
    if (middle.size == width_) return false;
    const uint64_t low = whole.first.values[middle.size], high = whole.last.values[middle.size];
    if (high < low) return DataLoss("the rows of packed blocks are out of order");
    middle.values[middle.size++] = high - (high - low) / 2;
    ANNALS_RETURN_IF_ERROR(cursor_.Seek(middle.span()));
    const uint64_t at = Ordinal();
    if (at <= whole.begin || at >= whole.end)
      return DataLoss("row counts of packed blocks are damaged");
    const Row first = RowHere();
    ANNALS_RETURN_IF_ERROR(cursor_.SeekBefore(middle.span()));
    if (!cursor_.valid()) return DataLoss("row counts of packed blocks are damaged");
    strata_[index] = {whole.begin, at, whole.first, RowHere()};
    strata_.push_back({at, whole.end, first, whole.last});
    return true;
  }

  // From the block at the cursor, which stands at the first row; returns how many fit.
  absl::StatusOr<double> Take(const Stratum& stratum, size_t most, SampledRows* sample) {
    const BlockView& block = cursor_.block();
    const uint64_t size = stratum.end - stratum.begin;
    const uint64_t here = std::min<uint64_t>(size, block.rows() - cursor_.row());
    const uint64_t seen = where_.empty() ? here : std::min(here, kMostCompared);
    if (seen == 0) return DataLoss("row counts of packed blocks are damaged");
    fits_.clear();
    if (!where_.empty()) Compare(static_cast<uint32_t>(seen));
    const uint64_t fit = where_.empty() ? seen : fits_.size();
    const double rows =
        static_cast<double>(fit) * static_cast<double>(size) / static_cast<double>(seen);
    const uint64_t taken = std::min<uint64_t>(fit, most);
    for (uint64_t i = 0; i < taken; ++i) {
      // The middles of equal parts.
      const uint64_t place = (2 * i + 1) * fit / (2 * taken);
      const uint32_t row =
          cursor_.row() + (where_.empty() ? static_cast<uint32_t>(place) : fits_[place]);
      for (size_t c = 0; c < width_; ++c) {
        sample->columns[c].push_back(TermId::FromBits(block.Value(c, row)));
      }
      sample->weights.push_back(rows / static_cast<double>(taken));
    }
    sample->complete = sample->complete && taken == fit && seen == size;
    return rows;
  }

  // fits_ = which of so many rows have the values of where_.
  void Compare(uint32_t count) {
    values_.resize(count);
    for (uint32_t i = 0; i < count; ++i) fits_.push_back(i);
    for (const auto& [place, value] : where_) {
      cursor_.block().Decode(place, cursor_.row(), count, values_.data());
      std::erase_if(fits_, [&, wanted = value](uint32_t i) { return values_[i] != wanted; });
    }
  }

  const std::shared_ptr<const ScanSource> source_;
  const Permutation permutation_;
  const size_t width_;
  const uint64_t all_;
  IteratorPool::Loan iterator_;
  BaseCursor cursor_;
  // Of the range: ordinals, the first row, the key after it (none if not bounded_).
  uint64_t begin_ = 0, end_ = 0;
  Row first_, after_;
  bool bounded_ = false;
  std::vector<Stratum> strata_;
  std::vector<std::pair<size_t, uint64_t>> where_;  // places and values
  std::vector<uint32_t> fits_;
  std::vector<uint64_t> values_;
};

}  // namespace

std::unique_ptr<RowSampler> MakeRowSampler(std::shared_ptr<const ScanSource> source,
                                           Permutation permutation) {
  if (source->meta().base_rows[RelationOf(permutation) - size_t{1}] == 0) return nullptr;
  return std::make_unique<Sampler>(std::move(source), permutation);
}

}  // namespace annals

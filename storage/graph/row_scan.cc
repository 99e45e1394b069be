#include "storage/graph/row_scan.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "storage/graph/cursors.h"
#include "storage/graph/relation.h"
#include "storage/graph/time_filter.h"
#include "storage/model/time.h"

namespace annals {

IteratorPool::Loan IteratorPool::Take() const {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!free_.empty()) {
      std::unique_ptr<kv::Iterator> iterator = std::move(free_.back());
      free_.pop_back();
      return Loan(this, std::move(iterator), epoch_);
    }
  }
  std::unique_ptr<kv::Iterator> iterator = view_->NewIterator();
  const std::lock_guard<std::mutex> lock(mutex_);
  return Loan(this, std::move(iterator), epoch_);
}

void IteratorPool::Return(std::unique_ptr<kv::Iterator> iterator, uint64_t epoch) const {
  constexpr size_t kKept = 16;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (epoch == epoch_ && free_.size() < kKept) free_.push_back(std::move(iterator));
}

void IteratorPool::Forget() {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++epoch_;
  free_.clear();
}

namespace {

constexpr uint64_t kMaxValue = std::numeric_limits<uint64_t>::max();
constexpr uint32_t kFilterRows = 4096;  // looked at in one piece
constexpr size_t kRowsPerRun = 8;       // looked at for each run that there is room for

static_assert(sizeof(TermId) == sizeof(uint64_t));
uint64_t* Bits(TermId* ids) { return reinterpret_cast<uint64_t*>(ids); }

// Inclusive bounds on the column after the prefix; bounded = false: there are none.
struct Range {
  bool bounded = false;
  uint64_t low = 0;
  uint64_t high = kMaxValue;
};

// Where the times can be, below a predicate, that share an instant with the window: those without
// a start; those that start early enough to end in it; those of the dictionary.
std::vector<Range> WindowRanges(const TimeWindow& window, uint64_t longest) {
  const uint64_t times = TermId::Make(TermKind::kTime, 0).bits();
  const uint64_t times_end = TermId::Make(TermKind::kTime, TermId::kPayloadMask).bits();
  const uint64_t open_starts_end = times + (uint64_t{1} << inline_time::kSubBits) - 1;
  uint64_t low = open_starts_end + 1;
  const bool endless = longest > static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  int64_t earliest = 0;
  if (!endless && window.first != Time::kOpenStart &&
      !__builtin_sub_overflow(window.first, static_cast<int64_t>(longest), &earliest)) {
    low = std::max(low, inline_time::LowerBound(DayOfInstant(earliest)).bits());
  }
  uint64_t high = times_end;
  constexpr int64_t kLastDay = inline_time::kDayBias - 1;
  if (window.last != Time::kOpenEnd && DayOfInstant(window.last) < kLastDay) {
    high = inline_time::LowerBound(DayOfInstant(window.last) + 1).bits() - 1;
  }
  return {{true, times, open_starts_end},
          {true, low, high},
          {true, TermId::Make(TermKind::kDictionaryTime, 0).bits(),
           TermId::Make(TermKind::kDictionaryTime, TermId::kPayloadMask).bits()}};
}

class Scan : public RowScan {
 public:
  Scan(std::shared_ptr<const ScanSource> source, const ScanSpec& spec)
      : source_(std::move(source)),
        spec_(spec),
        width_(ColumnsOf(spec.permutation).size()),
        time_place_(static_cast<size_t>(PlaceOf(spec.permutation, Column::kTime))),
        filter_(*source_, spec_) {
    const uint8_t relation = RelationOf(spec.permutation);
    const Meta& meta = source_->meta();
    if (meta.base_rows[relation - 1] > 0) {
      base_iterator_ = source_->base_pool().Take();
      base_.emplace(*base_iterator_.get(), relation, meta.generation, width_);
    }
    if (meta.delta_rows > 0) {
      delta_iterator_ = source_->delta_pool().Take();
      delta_.emplace(*delta_iterator_.get(), relation, width_);
    }
  }

  absl::Status Start() {
    if (spec_.prefix.size() > width_) {
      return Internal("a scan's prefix is longer than the permutation");
    }
    for (const std::vector<TermId>* row : {&spec_.share.first, &spec_.share.last}) {
      if (!row->empty() && row->size() != width_) return Internal("a scan's share is no row");
    }
    for (const Column column : spec_.output) {
      const int place = PlaceOf(spec_.permutation, column);
      if (place < 0) return Internal("a scan asks for a column that the permutation lacks");
      places_.push_back(static_cast<size_t>(place));
      if (column == Column::kTime) times_given_ = places_.size() - 1;
    }
    // Of all predicates the times are sought below one after the other.
    walks_ = spec_.permutation == Permutation::kPts && spec_.prefix.empty() && spec_.window &&
             !spec_.low && !spec_.high;
    prefix_size_ = walks_ ? 1 : spec_.prefix.size();
    ANNALS_RETURN_IF_ERROR(Seek(spec_.prefix));
    sought_again_ = true;
    return absl::OkStatus();
  }

  absl::Status Seek(std::span<const TermId> prefix) override {
    if (prefix.size() != spec_.prefix.size()) {
      return Internal("a scan's prefix changed its length");
    }
    for (size_t i = 0; i < prefix.size(); ++i) {
      spec_.prefix[i] = prefix[i];
      prefix_[i] = prefix[i].bits();
    }
    if (walks_) return WalkFrom(0);
    ANNALS_RETURN_IF_ERROR(MakeRanges());
    range_ = 0;
    return OpenRange();
  }

  absl::Status SkipTo(TermId value) override {
    if (spec_.prefix.size() >= width_) return Internal("a scan has no column to skip in");
    if (walks_) return value.bits() > prefix_[0] ? WalkFrom(value.bits()) : absl::OkStatus();
    while (range_ < ranges_.size() && ranges_[range_].high < value.bits()) ++range_, moved_ = true;
    if (range_ >= ranges_.size()) return absl::OkStatus();
    Range& range = ranges_[range_];
    const bool higher = !range.bounded || range.low < value.bits();
    if (moved_) {
      if (higher) range = {true, value.bits(), range.high};
      moved_ = false;
      return OpenRange();
    }
    if (!higher) return absl::OkStatus();
    SetBound(&lower_, value.bits());
    if (base_live_ && BaseIsBefore(lower_.span())) {
      ANNALS_RETURN_IF_ERROR(base_->Seek(lower_.span()));
      LimitBlock();
    }
    if (delta_ && delta_->valid() && CompareRows(delta_->row(), lower_.span()) < 0) {
      ANNALS_RETURN_IF_ERROR(SeekDelta());
    }
    return absl::OkStatus();
  }

  absl::StatusOr<size_t> Next(std::span<std::vector<TermId>> columns, size_t max_rows) override {
    return Read(columns, max_rows, nullptr);
  }

  absl::StatusOr<size_t> NextRuns(std::span<std::vector<TermId>> columns, size_t max_rows,
                                  std::vector<uint64_t>* counts) override {
    return Read(columns, max_rows, counts);
  }

 private:
  // `counts`, if not null: of each row given, how many it stands for.
  absl::StatusOr<size_t> Read(std::span<std::vector<TermId>> columns, size_t max_rows,
                              std::vector<uint64_t>* counts) {
    if (columns.size() != places_.size()) return Internal("a scan got the wrong columns");
    if (counts != nullptr) counts->clear();
    size_t count = 0;
    while (count < max_rows && range_ < ranges_.size()) {
      ANNALS_RETURN_IF_ERROR(AdvanceBlock());
      const bool has_delta =
          delta_ && delta_->valid() && CompareRows(delta_->row(), upper_.span()) <= 0;
      if (!base_live_ && !has_delta) {
        ++range_;
        if (range_ < ranges_.size()) {
          ANNALS_RETURN_IF_ERROR(OpenRange());
        } else if (walks_ && prefix_[0] < kMaxValue) {
          ANNALS_RETURN_IF_ERROR(WalkFrom(prefix_[0] + 1));
        }
        continue;
      }
      uint32_t stop = limit_;
      if (base_live_ && has_delta) {
        stop = std::min(stop, base_->block().LowerBound(delta_->row(), base_->row()));
      }
      if (base_live_ && base_->row() < stop) {
        ANNALS_RETURN_IF_ERROR(EmitBase(stop, columns, &count, max_rows, counts));
      } else {
        ANNALS_RETURN_IF_ERROR(EmitDelta(columns, &count));
      }
      if (counts != nullptr) counts->resize(count, 1);
    }
    Resize(columns, count);
    return count;
  }

  static void Resize(std::span<std::vector<TermId>> columns, size_t size) {
    for (std::vector<TermId>& column : columns) column.resize(size);
  }
  // Never smaller: filling the same vectors batch after batch initializes them only once.
  static void Grow(std::span<std::vector<TermId>> columns, size_t size) {
    if (!columns.empty() && columns[0].size() < size) Resize(columns, size);
  }

  // Goes on below the first predicate from this one on.
  absl::Status WalkFrom(uint64_t predicate) {
    ranges_.clear();
    range_ = 0;
    const uint64_t key[] = {predicate};
    uint64_t next = kMaxValue;
    bool found = false;
    if (base_) {
      ANNALS_RETURN_IF_ERROR(base_->Seek(key));
      found = base_->valid();
      if (found) next = base_->block().Value(0, base_->row());
    }
    if (delta_) {
      ANNALS_RETURN_IF_ERROR(delta_->Seek(key));
      if (delta_->valid()) next = std::min(next, delta_->row()[0]);
      found = found || delta_->valid();
    }
    prefix_[0] = next;
    if (!found) return absl::OkStatus();
    ANNALS_RETURN_IF_ERROR(MakeRanges());
    return OpenRange();
  }

  absl::Status MakeRanges() {
    Range whole;
    if (spec_.low || spec_.high) {
      whole.bounded = true;
      if (spec_.low) whole.low = spec_.low->bits();
      if (spec_.high) whole.high = spec_.high->bits();
    }
    ranges_.assign(1, whole);
    if (filter_.active() && time_place_ == 1 && prefix_size_ == 1) {
      if (spec_.window) {
        ANNALS_ASSIGN_OR_RETURN(const PredicateRow row,
                                source_->PredicateRowOf(TermId::FromBits(prefix_[0])));
        ranges_ = WindowRanges(*spec_.window, row.numbers.longest);
      } else {
        ranges_ = {{true, TermId::Make(TermKind::kTime, 0).bits(), kMaxValue}};
      }
      for (Range& range : ranges_) {
        range.low = std::max(range.low, whole.low);
        range.high = std::min(range.high, whole.high);
      }
    }
    std::erase_if(ranges_, [](const Range& range) { return range.low > range.high; });
    return absl::OkStatus();
  }

  void SetBound(Row* bound, std::optional<uint64_t> value) const {
    bound->size = prefix_size_;
    std::copy_n(prefix_.begin(), bound->size, bound->values.begin());
    if (value) bound->values[bound->size++] = *value;
  }

  absl::Status OpenRange() {
    base_live_ = false;
    moved_ = false;
    if (range_ >= ranges_.size()) return absl::OkStatus();
    const Range& range = ranges_[range_];
    const bool bounded = range.bounded && prefix_size_ < width_;
    SetBound(&lower_, bounded ? std::optional(range.low) : std::nullopt);
    SetBound(&upper_, bounded ? std::optional(range.high) : std::nullopt);
    KeepToShare();
    if (base_) {
      ANNALS_RETURN_IF_ERROR(base_->Seek(lower_.span()));
      LimitBlock();
    }
    return delta_ ? SeekDelta() : absl::OkStatus();
  }

  // A scan that is sought again learns from rows behind its range that there are none before them.
  absl::Status SeekDelta() {
    return sought_again_ ? delta_->Seek(lower_.span())
                         : delta_->SeekWithin(lower_.span(), upper_.span());
  }

  // Narrows the bounds to the share. Where nothing is left, they cross and no row fits.
  void KeepToShare() {
    const auto narrow = [](const std::vector<TermId>& row, int sign, Row* bound) {
      if (row.empty()) return;
      Row own;
      for (const TermId id : row) own.values[own.size++] = id.bits();
      if (CompareRows(own.span(), bound->span()) * sign >= 0) *bound = own;
    };
    narrow(spec_.share.first, 1, &lower_);
    narrow(spec_.share.last, -1, &upper_);
  }

  // Where the range ends in the block that the base cursor has come to.
  void LimitBlock() {
    base_live_ = base_->valid();
    if (!base_live_) return;
    const BlockView& block = base_->block();
    more_blocks_ = block.Compare(block.rows() - 1, upper_.span()) <= 0;
    limit_ = more_blocks_ ? block.rows() : block.UpperBound(upper_.span(), base_->row());
    base_live_ = more_blocks_ || base_->row() < limit_;
  }

  // At the end of a block, goes on to the next.
  absl::Status AdvanceBlock() {
    while (base_live_ && base_->row() >= limit_) {
      if (!more_blocks_) {
        base_live_ = false;
        break;
      }
      ANNALS_RETURN_IF_ERROR(base_->NextBlock());
      LimitBlock();
    }
    return absl::OkStatus();
  }

  bool BaseIsBefore(std::span<const uint64_t> key) const {
    const BlockView& block = base_->block();
    return block.Compare(std::min(base_->row(), block.rows() - 1), key) < 0;
  }

  // Gives out rows of the base before `stop`, as many as there is room for.
  absl::Status EmitBase(uint32_t stop, std::span<std::vector<TermId>> columns, size_t* count,
                        size_t max_rows, std::vector<uint64_t>* counts) {
    const BlockView& block = base_->block();
    const uint32_t row = base_->row();
    if (filter_.active() && !block.MayOverlap(filter_.window().first, filter_.window().last)) {
      base_->set_row(stop);
      return absl::OkStatus();
    }
    const bool tests = filter_.active() && !filter_.MatchesAll(block, time_place_);
    const size_t room = max_rows - *count;
    if (counts != nullptr && (!tests || times_given_ != kNotGiven)) {
      const size_t most = std::min<size_t>(kFilterRows, room * kRowsPerRun);
      const auto take = static_cast<uint32_t>(std::min<size_t>(stop - row, most));
      return EmitRuns(take, room, tests, columns, count, counts);
    }
    uint32_t take = static_cast<uint32_t>(std::min<size_t>(stop - row, room));
    if (tests) take = std::min(take, kFilterRows);
    Grow(columns, *count + take);
    if (tests) {
      ANNALS_RETURN_IF_ERROR(Select(row, take));
      if (selected_.size() < take) {
        EmitSelected(row, take, columns, *count);
        *count += selected_.size();
        base_->set_row(row + take);
        return absl::OkStatus();
      }
    }
    for (size_t i = 0; i < places_.size(); ++i) {
      block.Decode(places_[i], row, take, Bits(columns[i].data() + *count));
    }
    *count += take;
    base_->set_row(row + take);
    return absl::OkStatus();
  }

  // Of `take` rows of the base as many as fit into `room` when those equal in what is given out
  // become one. With `tests`, times are given out, and those of the runs are tested.
  absl::Status EmitRuns(uint32_t take, size_t room, bool tests,
                        std::span<std::vector<TermId>> columns, size_t* count,
                        std::vector<uint64_t>* counts) {
    uint32_t end = base_->row() + take;
    Grow(columns, *count + take);
    out_.resize(columns.size());
    for (size_t i = 0; i < columns.size(); ++i) out_[i] = Bits(columns[i].data() + *count);
    base_->block().ReadRuns(places_, base_->row(), take, &run_scratch_, &begins_, out_);
    size_t runs = begins_.size();
    if (runs > room) {
      end = begins_[room];
      runs = room;
    }
    base_->set_row(end);
    const size_t before = counts->size();
    counts->resize(before + runs);
    for (size_t i = 0; i < runs; ++i) {
      (*counts)[before + i] = (i + 1 < runs ? begins_[i + 1] : end) - begins_[i];
    }
    if (tests) {
      ANNALS_RETURN_IF_ERROR(filter_.Select(std::span(out_[times_given_], runs), &selected_));
      runs = selected_.size();
      for (size_t i = 0; i < runs; ++i) {
        for (uint64_t* const out : out_) out[i] = out[selected_[i]];
        (*counts)[before + i] = (*counts)[before + selected_[i]];
      }
      counts->resize(before + runs);
    }
    *count += runs;
    return absl::OkStatus();
  }

  // selected_ = which of `take` rows from `row` the filter lets through.
  absl::Status Select(uint32_t row, uint32_t take) {
    scratch_.resize(kFilterRows);
    base_->block().Decode(time_place_, row, take, scratch_.data());
    return filter_.Select(std::span(scratch_.data(), take), &selected_);
  }

  void EmitSelected(uint32_t row, uint32_t take, std::span<std::vector<TermId>> columns,
                    size_t at) {
    const BlockView& block = base_->block();
    for (size_t i = 0; i < places_.size(); ++i) {
      uint64_t* const out = Bits(columns[i].data() + at);
      if (selected_.size() * 8 < take) {
        for (size_t j = 0; j < selected_.size(); ++j) {
          out[j] = block.Value(places_[i], row + selected_[j]);
        }
        continue;
      }
      block.Decode(places_[i], row, take, scratch_.data());
      for (size_t j = 0; j < selected_.size(); ++j) out[j] = scratch_[selected_[j]];
    }
  }

  // The delta's row stands at or before the base's: gives it out, or takes the base's away.
  absl::Status EmitDelta(std::span<std::vector<TermId>> columns, size_t* count) {
    const std::span<const uint64_t> row = delta_->row();
    if (base_live_ && base_->block().Compare(base_->row(), row) == 0) {
      base_->set_row(base_->row() + 1);
    }
    if (!delta_->removes()) {
      ANNALS_ASSIGN_OR_RETURN(const bool matches, filter_.Matches(row[time_place_]));
      if (matches) {
        Grow(columns, *count + 1);
        for (size_t i = 0; i < places_.size(); ++i) {
          columns[i][*count] = TermId::FromBits(row[places_[i]]);
        }
        ++*count;
      }
    }
    return delta_->Next();
  }

  const std::shared_ptr<const ScanSource> source_;
  ScanSpec spec_;
  const size_t width_;
  const size_t time_place_;
  TimeFilter filter_;
  std::vector<size_t> places_;  // of the output's columns
  static constexpr size_t kNotGiven = SIZE_MAX;
  size_t times_given_ = kNotGiven;  // where in the output
  // Columns that every row of the ranges has; if it `walks_`, the predicate that it has come to.
  std::array<uint64_t, kv::kMaxColumns> prefix_ = {};
  size_t prefix_size_ = 0;
  bool walks_ = false;

  IteratorPool::Loan base_iterator_;
  IteratorPool::Loan delta_iterator_;
  std::optional<BaseCursor> base_;
  std::optional<DeltaCursor> delta_;

  std::vector<Range> ranges_;
  size_t range_ = 0;    // the one being read
  bool moved_ = false;  // range_ was skipped to and is not open yet
  bool sought_again_ = false;
  Row lower_, upper_;         // of the range, inclusive
  bool base_live_ = false;    // the base may have more rows in the range
  bool more_blocks_ = false;  // the range goes on after this block
  uint32_t limit_ = 0;        // end of the range in the block
  std::vector<uint64_t> scratch_;
  std::vector<uint32_t> selected_;
  BlockView::RunScratch run_scratch_;
  std::vector<uint32_t> begins_;  // of runs
  std::vector<uint64_t*> out_;    // where their values go
};

// Base rows before the first whose leading columns are >= key.
absl::StatusOr<uint64_t> RowsBefore(BaseCursor& cursor, const Row& key, uint64_t all) {
  ANNALS_RETURN_IF_ERROR(cursor.Seek(key.span()));
  return cursor.valid() ? cursor.block().ordinal() + cursor.row() : all;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RowScan>> MakeRowScan(std::shared_ptr<const ScanSource> source,
                                                     const ScanSpec& spec) {
  auto scan = std::make_unique<Scan>(std::move(source), spec);
  ANNALS_RETURN_IF_ERROR(scan->Start());
  return scan;
}

absl::StatusOr<uint64_t> CountScanRows(const ScanSource& source, const ScanSpec& spec) {
  const size_t width = ColumnsOf(spec.permutation).size();
  const uint8_t relation = RelationOf(spec.permutation);
  const Meta& meta = source.meta();
  Row lower;
  for (const TermId id : spec.prefix) lower.values[lower.size++] = id.bits();
  Row upper = lower;
  if (lower.size < width) {
    if (spec.low) lower.values[lower.size++] = spec.low->bits();
    if (spec.high) upper.values[upper.size++] = spec.high->bits();
  }
  if (spec.low && spec.high && *spec.low > *spec.high) return 0;

  uint64_t count = 0;
  const uint64_t all = meta.base_rows[relation - 1];
  if (all > 0) {
    const IteratorPool::Loan iterator = source.base_pool().Take();
    BaseCursor cursor(*iterator.get(), relation, meta.generation, width);
    ANNALS_ASSIGN_OR_RETURN(const uint64_t begin, RowsBefore(cursor, lower, all));
    uint64_t end = all;
    Row next = upper;
    if (Successor(&next)) {
      ANNALS_ASSIGN_OR_RETURN(end, RowsBefore(cursor, next, all));
    }
    if (end < begin) return DataLoss("row counts of packed blocks are damaged");
    count = end - begin;
  }
  if (meta.delta_rows == 0) return count;
  const IteratorPool::Loan iterator = source.delta_pool().Take();
  DeltaCursor cursor(*iterator.get(), relation, width);
  ANNALS_RETURN_IF_ERROR(cursor.SeekWithin(lower.span(), upper.span()));
  while (cursor.valid() && CompareRows(cursor.row(), upper.span()) <= 0) {
    cursor.removes() ? --count : ++count;
    ANNALS_RETURN_IF_ERROR(cursor.Next());
  }
  return count;
}

}  // namespace annals

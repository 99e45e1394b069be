// Left rows looked up in a permutation: their keys sorted, so that probes stay in the block.
#include <algorithm>
#include <numeric>
#include <utility>

#include "query/exec/batchwise.h"
#include "query/exec/operators.h"
#include "query/exec/parallel.h"

namespace annals::exec {
namespace {

constexpr uint64_t kPairsBetweenChecks = 1 << 16;
constexpr uint64_t kProbesBetweenChecks = 64;
// Most probes find few rows: little room is made for them first.
constexpr size_t kFirstRows = 32;

class IndexProbe : public WorkOverInput {
 public:
  // `shape` and `left` must outlive this.
  IndexProbe(const JoinShape& shape, ScanPlan probe, const Variables& sorted_by, Operator& left,
             Context& context)
      : WorkOverInput(left, context), shape_(shape), probe_(std::move(probe)) {
    for (const ScanPlan::Probe& one : probe_.probes) {
      probe_columns_.push_back(PositionOf(left.variables(), one.variable));
    }
    sort_columns_ = probe_columns_;
    if (!sorted_by.empty()) {
      const size_t first = PositionOf(left.variables(), sorted_by[0]);
      const auto place = std::find(sort_columns_.begin(), sort_columns_.end(), first);
      std::rotate(sort_columns_.begin(), place, place + 1);
    }
    for (const JoinShape::Pair& pair : shape_.keys) AddCheck(pair);
    for (const JoinShape::Pair& pair : shape_.checks) AddCheck(pair);
  }

 protected:
  absl::Status StartOwn(Batch* batch) override {
    std::swap(left_, *batch);
    SortBatch();
    return absl::OkStatus();
  }

  absl::StatusOr<bool> NextOwn(Batch* batch) override {
    batch->Reset(shape_.variables.size());
    while (batch->rows < context().batch_rows()) {
      if (++steps_ % kProbesBetweenChecks == 0) ANNALS_RETURN_IF_ERROR(context().Check());
      if (in_group_) {
        ANNALS_RETURN_IF_ERROR(Emit(batch));
      } else if (group_begin_ < order_.size()) {
        ANNALS_RETURN_IF_ERROR(SeekGroup());
      } else {
        break;
      }
    }
    return batch->rows > 0;
  }

 private:
  // What the probe itself doesn't see to.
  void AddCheck(const JoinShape::Pair& pair) {
    const auto probed = std::find(probe_columns_.begin(), probe_columns_.end(), pair.left);
    if (probed == probe_columns_.end()) checks_.push_back(pair);
  }

  void SortBatch() {
    order_.resize(left_.rows);
    std::iota(order_.begin(), order_.end(), 0u);
    std::sort(order_.begin(), order_.end(), [&](uint32_t a, uint32_t b) {
      for (const size_t column : sort_columns_) {
        const TermId left = left_.columns[column][a], right = left_.columns[column][b];
        if (left != right) return left < right;
      }
      return a < b;
    });
    group_begin_ = 0;
  }

  bool SameKey(uint32_t a, uint32_t b) const {
    return std::all_of(probe_columns_.begin(), probe_columns_.end(), [&](size_t column) {
      return left_.columns[column][a] == left_.columns[column][b];
    });
  }

  // The left rows with the next key, and the scan below it.
  absl::Status SeekGroup() {
    const uint32_t first = order_[group_begin_];
    group_end_ = group_begin_ + 1;
    while (group_end_ < order_.size() && SameKey(first, order_[group_end_])) ++group_end_;
    for (size_t i = 0; i < probe_columns_.size(); ++i) {
      probe_.spec.prefix[probe_.probes[i].prefix_place] = left_.columns[probe_columns_[i]][first];
    }
    if (scan_ == nullptr) {
      ANNALS_ASSIGN_OR_RETURN(scan_, context().source().Scan(probe_.spec));
    } else {
      ANNALS_RETURN_IF_ERROR(scan_->Seek(probe_.spec.prefix));
    }
    found_.Reset(probe_.spec.output.size());
    last_fact_ = TermId();
    in_group_ = true;
    scan_ended_ = false;
    first_read_ = true;
    next_left_ = group_begin_;
    next_found_ = 0;
    return absl::OkStatus();
  }

  absl::Status ReadFound() {
    while (!scan_ended_) {
      const size_t room = first_read_ ? kFirstRows : context().batch_rows();
      if (!first_read_) ANNALS_RETURN_IF_ERROR(context().Check());
      ANNALS_ASSIGN_OR_RETURN(const size_t rows,
                              scan_->Next(found_.columns, std::min(room, context().batch_rows())));
      first_read_ = first_read_ && rows < room;
      scan_ended_ = rows == 0;
      found_.rows = TestRows(probe_, rows, &found_.columns, &last_fact_);
      if (found_.rows > 0) break;
    }
    next_found_ = 0;
    next_left_ = group_begin_;
    return absl::OkStatus();
  }

  absl::Status Emit(Batch* out) {
    if (next_found_ >= found_.rows) {
      found_.rows = 0;
      ANNALS_RETURN_IF_ERROR(ReadFound());
      if (found_.rows == 0) {
        in_group_ = false;
        group_begin_ = group_end_;
        return absl::OkStatus();
      }
    }
    left_rows_.clear();
    found_rows_.clear();
    const size_t room = context().batch_rows() - out->rows;
    uint64_t steps = 0;
    while (next_found_ < found_.rows && left_rows_.size() < room) {
      if (++steps % kPairsBetweenChecks == 0) ANNALS_RETURN_IF_ERROR(context().Check());
      const uint32_t left = order_[next_left_];
      if (Agrees(left, next_found_)) {
        left_rows_.push_back(left);
        found_rows_.push_back(static_cast<uint32_t>(next_found_));
      }
      if (++next_left_ == group_end_) {
        next_left_ = group_begin_;
        ++next_found_;
      }
    }
    AppendPairs(shape_, left_, found_, left_rows_, found_rows_, out);
    return absl::OkStatus();
  }

  bool Agrees(uint32_t left, size_t found) const {
    return std::all_of(checks_.begin(), checks_.end(), [&](const JoinShape::Pair& pair) {
      const TermId a = left_.columns[pair.left][left];
      const TermId b = found_.columns[pair.right][found];
      return a == b || a.is_undefined() || b.is_undefined();
    });
  }

  const JoinShape& shape_;
  ScanPlan probe_;
  std::vector<size_t> probe_columns_, sort_columns_;  // of the left
  std::vector<JoinShape::Pair> checks_;
  Batch left_;
  std::vector<uint32_t> order_;  // rows of left_ by key
  bool in_group_ = false;
  size_t group_begin_ = 0, group_end_ = 0;  // of order_: rows with one key
  std::unique_ptr<RowScan> scan_;
  bool scan_ended_ = true;
  bool first_read_ = true;  // the rows of this key may still be few
  uint64_t steps_ = 0;
  Batch found_;
  TermId last_fact_;
  size_t next_left_ = 0, next_found_ = 0;
  std::vector<uint32_t> left_rows_, found_rows_;
};

class IndexJoin : public BatchwiseOperator {
 public:
  IndexJoin(JoinShape shape, OperatorPtr left, ScanPlan probe, ScanSpec whole, Variables sorted_by,
            MakeFallbackJoin fallback, Context& context)
      : BatchwiseOperator(context),
        shape_(std::move(shape)),
        probe_(std::move(probe)),
        whole_(std::move(whole)),
        sorted_by_(std::move(sorted_by)),
        fallback_(std::move(fallback)),
        replay_(std::make_unique<Replay>(std::move(left), context)) {}

  const Variables& variables() const override { return shape_.variables; }
  const Variables& sorted_by() const override { return sorted_by_; }

  absl::StatusOr<bool> Next(Batch* batch) override {
    ANNALS_RETURN_IF_ERROR(Open());
    return instead_ != nullptr ? instead_->Next(batch) : BatchwiseOperator::Next(batch);
  }

  absl::Status SkipTo(TermId value) override {
    ANNALS_RETURN_IF_ERROR(Open());
    return instead_ == nullptr ? absl::OkStatus() : instead_->SkipTo(value);
  }

  absl::StatusOr<bool> NextInput(Batch* batch, size_t* depth) override {
    ANNALS_RETURN_IF_ERROR(Open());
    if (instead_ == nullptr) {
      ANNALS_ASSIGN_OR_RETURN(const bool can_share, CanProbeOnThreads());
      if (can_share) return BatchwiseOperator::NextInput(batch, depth);
      *depth = 0;
      return BatchwiseOperator::Next(batch);
    }
    if (Batchwise* const batchwise = instead_->batchwise()) {
      return batchwise->NextInput(batch, depth);
    }
    *depth = 0;
    return instead_->Next(batch);
  }

  absl::StatusOr<std::unique_ptr<BatchWork>> MakeWork(Context& thread) override {
    if (instead_ != nullptr) {
      Batchwise* const batchwise = instead_->batchwise();
      return batchwise == nullptr ? MakePassBy() : batchwise->MakeWork(thread);
    }
    return std::unique_ptr<BatchWork>(
        std::make_unique<IndexProbe>(shape_, probe_, sorted_by_, replay_->input(), thread));
  }

 protected:
  // Reads the left side until it ends, or is too large for probing.
  absl::Status Open() override {
    if (std::exchange(decided_, true)) return absl::OkStatus();
    ANNALS_ASSIGN_OR_RETURN(const uint64_t rows, context().source().CountRows(whole_));
    // A thread sees a part of the left side only.
    const double part = context().share() == nullptr ? 1 : context().share()->part();
    const auto most = static_cast<uint64_t>(static_cast<double>(rows) * part) / kRowsPerProbe;
    bool more = true;
    while (more && replay_->rows() <= most) {
      ANNALS_ASSIGN_OR_RETURN(more, replay_->ReadAhead());
    }
    if (more) {
      ANNALS_ASSIGN_OR_RETURN(instead_, fallback_(MakeReplayed(std::move(replay_))));
    }
    return absl::OkStatus();
  }

  Replay& input() override { return *replay_; }

 private:
  absl::StatusOr<bool> CanProbeOnThreads() {
    if (!can_share_.has_value()) {
      ANNALS_ASSIGN_OR_RETURN(const auto splitter, context().source().Split(whole_, UINT64_MAX));
      can_share_ = splitter != nullptr;
    }
    return *can_share_;
  }

  const JoinShape shape_;
  const ScanPlan probe_;
  const ScanSpec whole_;
  const Variables sorted_by_;
  const MakeFallbackJoin fallback_;
  std::unique_ptr<Replay> replay_;  // until something else makes the join
  bool decided_ = false;
  std::optional<bool> can_share_;
  OperatorPtr instead_;
};

}  // namespace

OperatorPtr MakeIndexJoin(JoinShape shape, OperatorPtr left, ScanPlan probe, ScanSpec whole,
                          Variables sorted_by, MakeFallbackJoin fallback, Context& context) {
  return std::make_unique<IndexJoin>(std::move(shape), std::move(left), std::move(probe),
                                     std::move(whole), std::move(sorted_by), std::move(fallback),
                                     context);
}

}  // namespace annals::exec

// Left rows looked up in a permutation: their keys sorted, so that probes stay in the block.
#include <algorithm>
#include <numeric>

#include "query/exec/operators.h"
#include "query/exec/parallel.h"
#include "query/exec/replay.h"

namespace annals::exec {
namespace {

constexpr uint64_t kPairsBetweenChecks = 1 << 16;
constexpr uint64_t kProbesBetweenChecks = 64;
// Most probes find few rows: little room is made for them first.
constexpr size_t kFirstRows = 32;

class IndexJoin : public Operator {
 public:
  IndexJoin(JoinShape shape, OperatorPtr left, ScanPlan probe, ScanSpec whole, Variables sorted_by,
            MakeFallbackJoin fallback, Context& context)
      : shape_(std::move(shape)),
        probe_(std::move(probe)),
        whole_(std::move(whole)),
        sorted_by_(std::move(sorted_by)),
        fallback_(std::move(fallback)),
        context_(context),
        replay_(std::make_unique<Replay>(std::move(left), context)) {
    const Variables& left_variables = replay_->input().variables();
    for (const ScanPlan::Probe& one : probe_.probes) {
      probe_columns_.push_back(PositionOf(left_variables, one.variable));
    }
    sort_columns_ = probe_columns_;
    if (!sorted_by_.empty()) {
      const size_t first = PositionOf(left_variables, sorted_by_[0]);
      const auto place = std::find(sort_columns_.begin(), sort_columns_.end(), first);
      std::rotate(sort_columns_.begin(), place, place + 1);
    }
    for (const JoinShape::Pair& pair : shape_.keys) AddCheck(pair);
    for (const JoinShape::Pair& pair : shape_.checks) AddCheck(pair);
  }

  const Variables& variables() const override { return shape_.variables; }
  const Variables& sorted_by() const override { return sorted_by_; }

  absl::StatusOr<bool> Next(Batch* batch) override {
    if (!decided_) ANNALS_RETURN_IF_ERROR(Decide());
    if (instead_ != nullptr) return instead_->Next(batch);
    batch->Reset(shape_.variables.size());
    ANNALS_RETURN_IF_ERROR(context_.Check());
    while (batch->rows < context_.batch_rows()) {
      if (++steps_ % kProbesBetweenChecks == 0) ANNALS_RETURN_IF_ERROR(context_.Check());
      if (in_group_) {
        ANNALS_RETURN_IF_ERROR(Emit(batch));
      } else if (group_begin_ < order_.size()) {
        ANNALS_RETURN_IF_ERROR(SeekGroup());
      } else {
        ANNALS_ASSIGN_OR_RETURN(const bool more, replay_->Next(&left_));
        if (!more) break;
        SortBatch();
      }
    }
    return batch->rows > 0;
  }

  absl::Status SkipTo(TermId value) override {
    if (!decided_) ANNALS_RETURN_IF_ERROR(Decide());
    return instead_ == nullptr ? absl::OkStatus() : instead_->SkipTo(value);
  }

 private:
  // What the probe itself doesn't see to.
  void AddCheck(const JoinShape::Pair& pair) {
    const auto probed = std::find(probe_columns_.begin(), probe_columns_.end(), pair.left);
    if (probed == probe_columns_.end()) checks_.push_back(pair);
  }

  // Reads the left side until it ends, or is too large for probing.
  absl::Status Decide() {
    decided_ = true;
    ANNALS_ASSIGN_OR_RETURN(const uint64_t rows, context_.source().CountRows(whole_));
    // A thread sees a part of the left side only.
    const double part = context_.share() == nullptr ? 1 : context_.share()->part();
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
      ANNALS_ASSIGN_OR_RETURN(scan_, context_.source().Scan(probe_.spec));
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
      const size_t room = first_read_ ? kFirstRows : context_.batch_rows();
      if (!first_read_) ANNALS_RETURN_IF_ERROR(context_.Check());
      ANNALS_ASSIGN_OR_RETURN(const size_t rows,
                              scan_->Next(found_.columns, std::min(room, context_.batch_rows())));
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
    const size_t room = context_.batch_rows() - out->rows;
    uint64_t steps = 0;
    while (next_found_ < found_.rows && left_rows_.size() < room) {
      if (++steps % kPairsBetweenChecks == 0) ANNALS_RETURN_IF_ERROR(context_.Check());
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

  const JoinShape shape_;
  ScanPlan probe_;
  const ScanSpec whole_;
  const Variables sorted_by_;
  const MakeFallbackJoin fallback_;
  Context& context_;
  std::unique_ptr<Replay> replay_;
  bool decided_ = false;
  OperatorPtr instead_;

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

}  // namespace

OperatorPtr MakeIndexJoin(JoinShape shape, OperatorPtr left, ScanPlan probe, ScanSpec whole,
                          Variables sorted_by, MakeFallbackJoin fallback, Context& context) {
  return std::make_unique<IndexJoin>(std::move(shape), std::move(left), std::move(probe),
                                     std::move(whole), std::move(sorted_by), std::move(fallback),
                                     context);
}

}  // namespace annals::exec

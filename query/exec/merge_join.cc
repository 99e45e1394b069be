// Rows of two inputs that are sorted by one variable. Each side skips what the other has passed:
// inside a batch by galloping, beyond it by asking the input to skip. Where they share more
// variables, the right rows of one value of the first are found by a small table of the others.
#include <algorithm>
#include <bit>

#include "query/exec/operators.h"

namespace annals::exec {
namespace {

constexpr uint64_t kPairsBetweenChecks = 1 << 16;
constexpr size_t kLeastIndexed = 8;  // right rows of a key; fewer are compared one by one

// One input, at one of its rows.
class Side {
 public:
  Side(OperatorPtr input, size_t key) : input_(std::move(input)), key_(key) {}

  const Operator& input() const { return *input_; }
  const Batch& batch() const { return batch_; }
  size_t row() const { return row_; }
  void set_row(size_t row) { row_ = row; }
  bool at_end_of_batch() const { return row_ >= batch_.rows; }
  TermId key() const { return batch_.columns[key_][row_]; }
  TermId key(size_t row) const { return batch_.columns[key_][row]; }

  // In place of the batch that was passed; false at the end of the input.
  absl::StatusOr<bool> Load(TermId at_least) {
    if (ended_) return false;
    if (!at_least.is_undefined()) ANNALS_RETURN_IF_ERROR(input_->SkipTo(at_least));
    ANNALS_ASSIGN_OR_RETURN(const bool more, input_->Next(&batch_));
    row_ = 0;
    ended_ = !more;
    if (ended_) batch_.Reset(batch_.columns.size());
    return more;
  }

  // To the first row of the batch with at least this key, or past the batch.
  void Gallop(TermId at_least) {
    size_t step = 1;
    while (row_ + step < batch_.rows && key(row_ + step) < at_least) {
      row_ += step;
      step *= 2;
    }
    const auto& keys = batch_.columns[key_];
    const size_t end = std::min(batch_.rows, row_ + step + 1);
    row_ =
        static_cast<size_t>(std::lower_bound(keys.begin() + static_cast<ptrdiff_t>(row_),
                                             keys.begin() + static_cast<ptrdiff_t>(end), at_least) -
                            keys.begin());
  }

  // Past the last row of the batch with the key of the row at hand.
  size_t EndOfRun() const {
    const TermId run = key();
    size_t end = row_ + 1;
    while (end < batch_.rows && key(end) == run) ++end;
    return end;
  }

 private:
  const OperatorPtr input_;
  const size_t key_;
  Batch batch_;
  size_t row_ = 0;
  bool ended_ = false;
};

class MergeJoin : public Operator {
 public:
  MergeJoin(JoinShape shape, OperatorPtr left, OperatorPtr right, Context& context)
      : shape_(std::move(shape)),
        sorted_by_({left->variables()[shape_.keys[0].left]}),
        left_(std::move(left), shape_.keys[0].left),
        right_(std::move(right), shape_.keys[0].right),
        context_(context),
        reservation_(context),
        checks_(shape_.checks) {
    checks_.insert(checks_.end(), shape_.keys.begin() + 1, shape_.keys.end());
  }

  const Variables& variables() const override { return shape_.variables; }
  const Variables& sorted_by() const override { return sorted_by_; }

  absl::StatusOr<bool> Next(Batch* batch) override {
    batch->Reset(shape_.variables.size());
    ANNALS_RETURN_IF_ERROR(context_.Check());
    while (!ended_ && batch->rows + left_rows_.size() < context_.batch_rows()) {
      if (++steps_ % kPairsBetweenChecks == 0) ANNALS_RETURN_IF_ERROR(context_.Check());
      if (in_group_) {
        ANNALS_RETURN_IF_ERROR(Emit(batch));
      } else {
        ANNALS_RETURN_IF_ERROR(FindGroup(batch));
      }
    }
    Flush(batch);
    return batch->rows > 0;
  }

  absl::Status SkipTo(TermId value) override {
    skip_to_ = std::max(skip_to_, value);
    return absl::OkStatus();
  }

 private:
  // The pairs so far become rows: before a batch that they refer to goes.
  void Flush(Batch* out) {
    if (left_rows_.empty()) return;
    AppendPairs(shape_, left_.batch(), group(), left_rows_, right_rows_, out);
    left_rows_.clear();
    right_rows_.clear();
  }

  absl::Status Refill(Side* side, TermId at_least, Batch* out) {
    Flush(out);
    ANNALS_ASSIGN_OR_RETURN(const bool more, side->Load(at_least));
    if (!more) ended_ = true;
    return context_.Check();
  }

  // Moves both sides to the next key that they share.
  absl::Status FindGroup(Batch* out) {
    if (left_.at_end_of_batch()) {
      const TermId least = right_.at_end_of_batch() ? skip_to_ : right_.key();
      return Refill(&left_, std::max(least, skip_to_), out);
    }
    if (right_.at_end_of_batch()) {
      return Refill(&right_, std::max(left_.key(), skip_to_), out);
    }
    const TermId left = left_.key(), right = right_.key();
    if (left < right || left < skip_to_) {
      left_.Gallop(std::max(right, skip_to_));
    } else if (right < left) {
      right_.Gallop(left);
    } else {
      return TakeGroup(out);
    }
    return absl::OkStatus();
  }

  // The right rows of the key: as they stand in the batch, or, if they may go on in the next one,
  // gathered.
  absl::Status TakeGroup(Batch* out) {
    in_group_ = true;
    key_ = left_.key();
    if (buffered_) Flush(out);
    buffered_ = false;
    begin_ = right_.row();
    end_ = right_.EndOfRun();
    right_.set_row(end_);
    if (end_ < right_.batch().rows) {
      Index();
      return absl::OkStatus();
    }
    Flush(out);
    buffered_ = true;
    group_.Reset(right_.batch().columns.size());
    AppendRange(begin_, end_);
    while (right_.at_end_of_batch()) {
      ANNALS_RETURN_IF_ERROR(context_.Check());
      ANNALS_ASSIGN_OR_RETURN(const bool more, right_.Load(key_));
      if (!more || right_.key() != key_) break;
      const size_t end = right_.EndOfRun();
      AppendRange(0, end);
      right_.set_row(end);
    }
    begin_ = 0;
    end_ = group_.rows;
    Index();
    return reservation_.Resize(group_.bytes() +
                               (heads_.capacity() + chain_.capacity()) * sizeof(uint32_t));
  }

  const Batch& group() const { return buffered_ ? group_ : right_.batch(); }

  uint64_t HashOf(const Batch& batch, size_t row, bool of_left) const {
    constexpr uint64_t kFactor = 0x9e3779b97f4a7c15u;
    uint64_t hash = 0;
    for (size_t i = 1; i < shape_.keys.size(); ++i) {
      const size_t column = of_left ? shape_.keys[i].left : shape_.keys[i].right;
      hash = (hash ^ batch.columns[column][row].bits()) * kFactor;
      hash ^= hash >> 32;
    }
    return hash;
  }

  // Chains the right rows of the key at hand by their other keys, each in its order.
  void Index() {
    next_ = kNotBegun;
    indexed_ = shape_.keys.size() > 1 && end_ - begin_ >= kLeastIndexed;
    if (!indexed_) return;
    mask_ = std::bit_ceil((end_ - begin_) * 2) - 1;
    heads_.assign(mask_ + 1, static_cast<uint32_t>(end_));
    chain_.resize(end_ - begin_);
    for (size_t row = end_; row-- > begin_;) {
      uint32_t& head = heads_[HashOf(group(), row, false) & mask_];
      chain_[row - begin_] = head;
      head = static_cast<uint32_t>(row);
    }
  }
  // The right rows that may agree with the left row at hand; at the last comes end_.
  size_t FirstCandidate() const {
    return indexed_ ? heads_[HashOf(left_.batch(), left_.row(), true) & mask_] : begin_;
  }
  size_t CandidateAfter(size_t row) const { return indexed_ ? chain_[row - begin_] : row + 1; }

  void AppendRange(size_t begin, size_t end) {
    for (size_t i = 0; i < group_.columns.size(); ++i) {
      const auto& from = right_.batch().columns[i];
      group_.columns[i].insert(group_.columns[i].end(),
                               from.begin() + static_cast<ptrdiff_t>(begin),
                               from.begin() + static_cast<ptrdiff_t>(end));
    }
    group_.rows += end - begin;
  }

  // Pairs of the left row at hand with the group, as many as there is room for.
  absl::Status Emit(Batch* out) {
    if (left_.at_end_of_batch()) {
      ANNALS_RETURN_IF_ERROR(Refill(&left_, key_, out));
      if (ended_) return absl::OkStatus();
    }
    if (left_.key() != key_) {
      in_group_ = false;
      return absl::OkStatus();
    }
    const size_t room = context_.batch_rows() - out->rows;
    if (next_ == kNotBegun) next_ = FirstCandidate();
    for (; next_ < end_ && left_rows_.size() < room; next_ = CandidateAfter(next_)) {
      if (++steps_ % kPairsBetweenChecks == 0) ANNALS_RETURN_IF_ERROR(context_.Check());
      if (!checks_.empty() && !Agrees(group(), next_)) continue;
      left_rows_.push_back(static_cast<uint32_t>(left_.row()));
      right_rows_.push_back(static_cast<uint32_t>(next_));
    }
    if (next_ == end_) {
      left_.set_row(left_.row() + 1);
      next_ = kNotBegun;
    }
    return absl::OkStatus();
  }

  bool Agrees(const Batch& group, size_t row) const {
    return std::all_of(checks_.begin(), checks_.end(), [&](const JoinShape::Pair& pair) {
      const TermId a = left_.batch().columns[pair.left][left_.row()];
      const TermId b = group.columns[pair.right][row];
      return a == b || a.is_undefined() || b.is_undefined();
    });
  }

  const JoinShape shape_;
  const Variables sorted_by_;
  Side left_, right_;
  Context& context_;
  Reservation reservation_;
  std::vector<JoinShape::Pair> checks_;
  TermId skip_to_;
  uint64_t steps_ = 0;
  bool ended_ = false;

  // The right rows of the key at hand: [begin_, end_) of the right batch, or of group_.
  bool in_group_ = false;
  bool buffered_ = false;
  TermId key_;
  Batch group_;
  static constexpr size_t kNotBegun = SIZE_MAX;
  size_t begin_ = 0, end_ = 0, next_ = kNotBegun;
  bool indexed_ = false;  // heads_ and chain_ are of these rows
  size_t mask_ = 0;
  std::vector<uint32_t> heads_, chain_;
  std::vector<uint32_t> left_rows_, right_rows_;  // pairs not yet given
};

}  // namespace

OperatorPtr MakeMergeJoin(JoinShape shape, OperatorPtr left, OperatorPtr right, Context& context) {
  return std::make_unique<MergeJoin>(std::move(shape), std::move(left), std::move(right), context);
}

}  // namespace annals::exec

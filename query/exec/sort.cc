// Rows in the order of keys: all of them, or only the first ones.
#include <algorithm>

#include "query/exec/chunked_rows.h"
#include "query/exec/compare_ids.h"
#include "query/exec/operators.h"
#include "query/exec/rank.h"
#include "query/exec/sort_checked.h"

namespace annals::exec {
namespace {

class Sort : public Operator {
 public:
  Sort(OperatorPtr input, std::vector<algebra::SortKey> keys, std::optional<uint64_t> most,
       bool ties, Context& context)
      : input_(std::move(input)),
        most_(most),
        ties_(ties),
        context_(context),
        reservation_(context) {
    for (const algebra::SortKey& key : keys) {
      const size_t column = PositionOf(input_->variables(), key.variable);
      if (column != kNoColumn) keys_.push_back({column, key.descending});
    }
  }

  const Variables& variables() const override { return input_->variables(); }
  const Variables& sorted_by() const override { return sorted_by_; }

  absl::StatusOr<bool> Next(Batch* batch) override {
    if (!read_) ANNALS_RETURN_IF_ERROR(ReadAll());
    ANNALS_RETURN_IF_ERROR(context_.Check());
    const size_t end = std::min(order_.size(), next_ + context_.batch_rows());
    rows_.Gather(std::span(order_).subspan(next_, end - next_), batch);
    batch->columns.resize(variables().size());
    next_ = end;
    return batch->rows > 0;
  }

 private:
  struct Key {
    size_t column;
    bool descending;
  };

  absl::Status ReadAll() {
    constexpr size_t kLeastBeforeCut = 8192;
    Batch batch;
    size_t cut_at = kLeastBeforeCut;
    while (true) {
      ANNALS_RETURN_IF_ERROR(context_.Check());
      ANNALS_ASSIGN_OR_RETURN(const bool more, input_->Next(&batch));
      if (!more) break;
      if (bound_.has_value()) DropBeyondBound(&batch);
      rows_.Append(batch);
      ANNALS_RETURN_IF_ERROR(reservation_.Resize(rows_.bytes()));
      // Only the first rows of what has come so far can be among the first of all.
      if (most_.has_value() && rows_.rows() >= cut_at) {
        ANNALS_RETURN_IF_ERROR(Cut());
        cut_at = rows_.rows() * 2 + kLeastBeforeCut;
      }
    }
    read_ = true;
    return SortRows();
  }

  // Keeps of the rows so far those that may be wanted.
  absl::Status Cut() {
    ANNALS_RETURN_IF_ERROR(SortRows());
    ANNALS_RETURN_IF_ERROR(KeepOnly(order_));
    order_.clear();
    const bool bounds = !keys_.empty() && rows_.rows() > 0 && rows_.rows() >= *most_;
    if (bounds) bound_ = rows_.column(keys_[0].column)[rows_.rows() - 1];
    return absl::OkStatus();
  }

  // These rows, in this order.
  absl::Status KeepOnly(std::span<const uint32_t> wanted) {
    ChunkedRows kept;
    Reservation both(context_);
    Batch batch;
    for (size_t begin = 0; begin < wanted.size(); begin += context_.batch_rows()) {
      const size_t count = std::min(context_.batch_rows(), wanted.size() - begin);
      rows_.Gather(wanted.subspan(begin, count), &batch);
      kept.Append(batch);
      ANNALS_RETURN_IF_ERROR(both.Resize(kept.bytes()));
    }
    rows_ = std::move(kept);
    ANNALS_RETURN_IF_ERROR(both.Resize(0));
    return reservation_.Resize(rows_.bytes());
  }

  // Takes out rows whose first key comes after that of the last row wanted so far.
  void DropBeyondBound(Batch* batch) {
    const auto& column = batch->columns[keys_[0].column];
    const int sign = keys_[0].descending ? -1 : 1;
    kept_.clear();
    for (uint32_t row = 0; row < batch->rows; ++row) {
      if (column[row].kind() == TermKind::kInteger && bound_->kind() == TermKind::kInteger) {
        const bool beyond = sign < 0 ? column[row] < *bound_ : column[row] > *bound_;
        if (!beyond) kept_.push_back(row);
        continue;
      }
      const auto order = OrderByIds(column[row], *bound_);
      if (!order.has_value() || *order * sign <= 0) kept_.push_back(row);
    }
    if (kept_.size() == batch->rows) return;
    for (auto& values : batch->columns) {
      for (size_t i = 0; i < kept_.size(); ++i) values[i] = values[kept_[i]];
      values.resize(kept_.size());
    }
    batch->rows = kept_.size();
  }

  // The first two keys of a row side by side.
  struct Place {
    uint64_t ranks;
    uint32_t row;
  };

  // Drops rows whose first key alone tells that they are not wanted, so that the other keys, which
  // may be strings to fetch, are ranked for few.
  absl::Status DropByFirstKey() {
    if (!most_.has_value() || keys_.size() < 2 || *most_ == 0 || rows_.rows() <= *most_) {
      return absl::OkStatus();
    }
    std::vector<uint32_t> ranks;
    Reservation scratch(context_);
    ANNALS_RETURN_IF_ERROR(scratch.Resize(rows_.rows() * sizeof(uint32_t)));
    ANNALS_RETURN_IF_ERROR(RankFor(keys_[0], &ranks));
    ANNALS_RETURN_IF_ERROR(scratch.Resize(3 * rows_.rows() * sizeof(uint32_t)));
    std::vector<uint32_t> sorted = ranks;
    const auto last = sorted.begin() + static_cast<ptrdiff_t>(*most_ - 1);
    std::nth_element(sorted.begin(), last, sorted.end());
    kept_.clear();
    kept_.reserve(ranks.size());
    for (uint32_t row = 0; row < ranks.size(); ++row) {
      if (ranks[row] <= *last) kept_.push_back(row);
    }
    return kept_.size() == rows_.rows() ? absl::OkStatus() : KeepOnly(kept_);
  }

  absl::Status RankFor(const Key& key, std::vector<uint32_t>* ranks) {
    ANNALS_RETURN_IF_ERROR(RankColumn(context_, rows_.column(key.column), ranks));
    if (!key.descending) return absl::OkStatus();
    for (uint32_t& rank : *ranks) rank = UINT32_MAX - rank;
    return absl::OkStatus();
  }

  // Puts what was read in order_, and leaves out what is not wanted. Stable.
  absl::Status SortRows() {
    ANNALS_RETURN_IF_ERROR(DropByFirstKey());
    const size_t rows = rows_.rows();
    Reservation scratch(context_);
    std::vector<std::vector<uint32_t>> ranks(keys_.size());
    for (size_t i = 0; i < keys_.size() && rows > 0; ++i) {
      ANNALS_RETURN_IF_ERROR(scratch.Resize((i + 1) * rows * sizeof(uint32_t)));
      ANNALS_RETURN_IF_ERROR(RankFor(keys_[i], &ranks[i]));
    }
    ANNALS_RETURN_IF_ERROR(
        scratch.Resize(rows * (ranks.size() * sizeof(uint32_t) + sizeof(Place))));
    std::vector<Place> places(rows, Place{0, 0});
    for (uint32_t row = 0; row < rows; ++row) {
      places[row].row = row;
      if (!ranks.empty()) places[row].ranks = uint64_t{ranks[0][row]} << 32;
      if (ranks.size() > 1) places[row].ranks |= ranks[1][row];
    }
    if (!ties_) {
      for (size_t i = 0; i < std::min<size_t>(2, ranks.size()); ++i) ranks[i] = {};
      const size_t left = ranks.size() - std::min<size_t>(2, ranks.size());
      ANNALS_RETURN_IF_ERROR(scratch.Resize(rows * (left * sizeof(uint32_t) + sizeof(Place))));
    }
    const auto less = [&](const Place& a, const Place& b) {
      if (a.ranks != b.ranks) return a.ranks < b.ranks;
      for (size_t i = 2; i < ranks.size(); ++i) {
        if (ranks[i][a.row] != ranks[i][b.row]) return ranks[i][a.row] < ranks[i][b.row];
      }
      return a.row < b.row;
    };
    ANNALS_RETURN_IF_ERROR(SortChecked(context_, &places, less));
    ANNALS_RETURN_IF_ERROR(reservation_.Resize(rows_.bytes() + rows * sizeof(uint32_t)));
    order_.resize(rows);
    for (size_t i = 0; i < rows; ++i) order_[i] = places[i].row;
    order_.resize(Wanted(ranks, order_));
    return absl::OkStatus();
  }

  size_t Wanted(const std::vector<std::vector<uint32_t>>& ranks,
                const std::vector<uint32_t>& order) const {
    if (!most_.has_value() || order.size() <= *most_) return order.size();
    auto end = static_cast<size_t>(*most_);
    if (!ties_ || end == 0 || keys_.empty()) return end;
    const uint32_t last = order[end - 1];
    const auto ties = [&](uint32_t row) {
      return std::all_of(ranks.begin(), ranks.end(),
                         [&](const auto& rank) { return rank[row] == rank[last]; });
    };
    while (end < order.size() && ties(order[end])) ++end;
    return end;
  }

  const OperatorPtr input_;
  std::vector<Key> keys_;
  const std::optional<uint64_t> most_;
  const bool ties_;
  const Variables sorted_by_;
  Context& context_;
  Reservation reservation_;
  ChunkedRows rows_;
  std::vector<uint32_t> order_;  // of those that are wanted
  std::optional<TermId> bound_;  // no row whose first key is beyond this is wanted
  Selection kept_;
  bool read_ = false;
  size_t next_ = 0;
};

}  // namespace

OperatorPtr MakeSort(OperatorPtr input, std::vector<algebra::SortKey> keys,
                     std::optional<uint64_t> most, bool ties, Context& context) {
  return std::make_unique<Sort>(std::move(input), std::move(keys), most, ties, context);
}

}  // namespace annals::exec

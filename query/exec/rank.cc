#include "query/exec/rank.h"

#include <algorithm>
#include <deque>
#include <functional>

#include "query/exec/compare_ids.h"
#include "query/exec/key_table.h"
#include "query/exec/sort_checked.h"

namespace annals::exec {
namespace {

// Ids of one kind that order as their values do.
bool OrderedByIds(const std::vector<TermId>& ids) {
  const TermKind kind = ids.front().kind();
  if (kind != TermKind::kInteger && kind != TermKind::kBoolean && kind != TermKind::kFact) {
    return false;
  }
  return std::all_of(ids.begin(), ids.end(), [kind](TermId id) { return id.kind() == kind; });
}

// Terms of any number of ids, fetched in pieces.
class ManyTerms {
 public:
  explicit ManyTerms(Context& context) : context_(context), reservation_(context) {}

  absl::Status Fetch(std::span<const TermId> ids) {
    constexpr size_t kPiece = 4096;
    terms_.reserve(ids.size());
    uint64_t bytes = ids.size() * sizeof(Term*);
    std::vector<const Term*> piece;
    for (size_t begin = 0; begin < ids.size(); begin += kPiece) {
      const size_t count = std::min(kPiece, ids.size() - begin);
      ANNALS_RETURN_IF_ERROR(
          fetchers_.emplace_back(context_.vocabulary()).Fetch(ids.subspan(begin, count), &piece));
      for (const Term* term : piece) bytes += BytesOfTerm(*term);
      terms_.insert(terms_.end(), piece.begin(), piece.end());
      ANNALS_RETURN_IF_ERROR(reservation_.Resize(bytes));
    }
    return absl::OkStatus();
  }
  const Term& operator[](size_t i) const { return *terms_[i]; }

 private:
  Context& context_;
  Reservation reservation_;
  std::deque<TermFetcher> fetchers_;  // each keeps the terms of a piece
  std::vector<const Term*> terms_;
};

}  // namespace

absl::Status SortInTermOrder(Context& context, std::vector<TermId>* ids) {
  ANNALS_RETURN_IF_ERROR(SortChecked(context, ids, std::less<TermId>()));
  std::erase(*ids, TermId());
  if (ids->empty()) return absl::OkStatus();
  if (OrderedByIds(*ids)) return absl::OkStatus();
  ManyTerms terms(context);
  ANNALS_RETURN_IF_ERROR(terms.Fetch(*ids));
  std::vector<uint32_t> order(ids->size());
  for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto less = [&](uint32_t a, uint32_t b) {
    const auto known = OrderByIds((*ids)[a], (*ids)[b]);
    return (known.has_value() ? *known : CompareForOrder(terms[a], terms[b])) < 0;
  };
  ANNALS_RETURN_IF_ERROR(SortChecked(context, &order, less));
  std::vector<TermId> sorted(ids->size());
  for (size_t i = 0; i < order.size(); ++i) sorted[i] = (*ids)[order[i]];
  ids->swap(sorted);
  return absl::OkStatus();
}

absl::Status RankColumn(Context& context, std::span<const TermId> column,
                        std::vector<uint32_t>* ranks) {
  KeyTable distinct(1);
  Reservation reservation(context);
  const ColumnView columns[] = {column};
  distinct.Insert(columns, column.size(), ranks);
  std::vector<TermId> sorted;
  sorted.reserve(distinct.size());
  for (size_t i = 0; i < distinct.size(); ++i) sorted.push_back(distinct.key(i, 0));
  ANNALS_RETURN_IF_ERROR(
      reservation.Resize(distinct.bytes() + distinct.size() * (sizeof(TermId) + sizeof(uint32_t))));
  ANNALS_RETURN_IF_ERROR(SortInTermOrder(context, &sorted));
  // The empty value, which SortInTermOrder drops, comes last.
  std::vector<uint32_t> rank_of(distinct.size(), static_cast<uint32_t>(sorted.size()));
  std::vector<uint32_t> numbers;
  const ColumnView in_order[] = {sorted};
  distinct.Find(in_order, sorted.size(), &numbers);
  for (uint32_t rank = 0; rank < numbers.size(); ++rank) rank_of[numbers[rank]] = rank;
  for (uint32_t& rank : *ranks) rank = rank_of[rank];
  return absl::OkStatus();
}

}  // namespace annals::exec

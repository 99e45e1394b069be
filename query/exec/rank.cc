#include "query/exec/rank.h"

#include <algorithm>
#include <deque>
#include <functional>

#include "query/exec/compare_ids.h"
#include "query/exec/key_table.h"
#include "query/exec/sort_checked.h"

namespace annals::exec {
namespace {

constexpr size_t kRankedAtOnce = 4096;
constexpr size_t kRankedBetweenChecks = 1 << 17;

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
    uint64_t bytes = ids.size() * sizeof(Term*);
    ANNALS_RETURN_IF_ERROR(reservation_.Resize(bytes));
    terms_.reserve(ids.size());
    std::vector<const Term*> piece;
    for (size_t begin = 0; begin < ids.size(); begin += kRankedAtOnce) {
      const size_t count = std::min(kRankedAtOnce, ids.size() - begin);
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
  Reservation passing(context);
  ANNALS_RETURN_IF_ERROR(passing.Resize(ids->size() * sizeof(uint32_t)));
  std::vector<uint32_t> order(ids->size());
  for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto less = [&](uint32_t a, uint32_t b) {
    const auto known = OrderByIds((*ids)[a], (*ids)[b]);
    return (known.has_value() ? *known : CompareForOrder(terms[a], terms[b])) < 0;
  };
  ANNALS_RETURN_IF_ERROR(SortChecked(context, &order, less));
  ANNALS_RETURN_IF_ERROR(passing.Resize(ids->size() * (sizeof(uint32_t) + sizeof(TermId))));
  std::vector<TermId> sorted(ids->size());
  for (size_t i = 0; i < order.size(); ++i) sorted[i] = (*ids)[order[i]];
  ids->swap(sorted);
  return absl::OkStatus();
}

absl::Status RankColumn(Context& context, const ChunkedArray<TermId>& column,
                        std::vector<uint32_t>* ranks) {
  KeyTable distinct(1);
  Reservation reservation(context), passing(context);
  std::vector<uint32_t> numbers;
  ranks->clear();
  ranks->reserve(column.size());
  for (size_t i = 0; i < column.chunk_count(); ++i) {
    const ColumnView columns[] = {column.chunk(i)};
    ANNALS_RETURN_IF_ERROR(distinct.Insert(columns, columns[0].size(), context, &numbers));
    ANNALS_RETURN_IF_ERROR(reservation.Resize(distinct.bytes()));
    ranks->insert(ranks->end(), numbers.begin(), numbers.end());
  }
  std::vector<TermId> sorted;
  ANNALS_RETURN_IF_ERROR(passing.Resize(distinct.size() * (sizeof(TermId) + sizeof(uint32_t))));
  sorted.reserve(distinct.size());
  for (size_t i = 0; i < distinct.size(); ++i) sorted.push_back(distinct.key(i, 0));
  ANNALS_RETURN_IF_ERROR(SortInTermOrder(context, &sorted));
  // The empty value, which SortInTermOrder drops, comes last.
  std::vector<uint32_t> rank_of(distinct.size(), static_cast<uint32_t>(sorted.size()));
  for (size_t begin = 0; begin < sorted.size(); begin += kRankedAtOnce) {
    ANNALS_RETURN_IF_ERROR(context.Check());
    const size_t count = std::min(kRankedAtOnce, sorted.size() - begin);
    const ColumnView in_order[] = {std::span(sorted).subspan(begin, count)};
    distinct.Find(in_order, count, &numbers);
    for (size_t i = 0; i < count; ++i) rank_of[numbers[i]] = static_cast<uint32_t>(begin + i);
  }
  for (size_t i = 0; i < ranks->size(); ++i) {
    if (i % kRankedBetweenChecks == 0) ANNALS_RETURN_IF_ERROR(context.Check());
    (*ranks)[i] = rank_of[(*ranks)[i]];
  }
  return absl::OkStatus();
}

}  // namespace annals::exec

#include "query/exec/rank.h"

#include <algorithm>

#include "query/exec/compare_ids.h"
#include "query/exec/key_table.h"

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

}  // namespace

absl::Status SortInTermOrder(Context& context, std::vector<TermId>* ids) {
  std::sort(ids->begin(), ids->end());
  std::erase(*ids, TermId());
  if (ids->empty()) return absl::OkStatus();
  if (OrderedByIds(*ids)) return absl::OkStatus();
  ANNALS_RETURN_IF_ERROR(context.Check());
  TermFetcher fetcher(context.vocabulary());
  std::vector<const Term*> terms;
  Reservation reservation(context);
  ANNALS_RETURN_IF_ERROR(reservation.Resize(ids->size() * (sizeof(Term) + sizeof(Term*))));
  ANNALS_RETURN_IF_ERROR(fetcher.Fetch(*ids, &terms));
  std::vector<uint32_t> order(ids->size());
  for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    const auto known = OrderByIds((*ids)[a], (*ids)[b]);
    return (known.has_value() ? *known : CompareForOrder(*terms[a], *terms[b])) < 0;
  });
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

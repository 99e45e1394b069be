#include "query/exec/rank.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "query/exec/compare_ids.h"

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
  std::vector<TermId> distinct(column.begin(), column.end());
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  ANNALS_RETURN_IF_ERROR(SortInTermOrder(context, &distinct));
  absl::flat_hash_map<TermId, uint32_t> rank_of;
  rank_of.reserve(distinct.size() + 1);
  for (uint32_t i = 0; i < distinct.size(); ++i) rank_of[distinct[i]] = i;
  rank_of[TermId()] = static_cast<uint32_t>(distinct.size());
  ranks->resize(column.size());
  for (size_t i = 0; i < column.size(); ++i) (*ranks)[i] = rank_of.find(column[i])->second;
  return absl::OkStatus();
}

}  // namespace annals::exec

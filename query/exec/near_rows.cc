#include "query/exec/near_rows.h"

#include <algorithm>
#include <functional>
#include <limits>

#include "query/exec/operator.h"
#include "query/exec/sort_checked.h"
#include "storage/model/time.h"

namespace annals::exec {
namespace {

constexpr uint32_t kTimesBetweenChecks = 1 << 15;
constexpr int64_t kLong = 366 * kSecondsPerDay;
constexpr int64_t kEarliest = std::numeric_limits<int64_t>::min();
constexpr int64_t kLatest = std::numeric_limits<int64_t>::max();

bool IsInline(TermId time) { return time.kind() == TermKind::kTime; }

int64_t InstantOf(TermId time, bool end) {
  return end ? inline_time::LastInstant(time) : inline_time::FirstInstant(time);
}

// What has no bound keeps none.
int64_t Add(int64_t instant, int64_t seconds) {
  int64_t sum = 0;
  if (instant == kEarliest || instant == kLatest) return instant;
  if (!__builtin_add_overflow(instant, seconds, &sum)) return sum;
  return seconds < 0 ? kEarliest : kLatest;
}

}  // namespace

std::vector<NearRows::Gap> NearRows::GapsOf(const JoinShape& shape, bool keep_left) {
  std::vector<Gap> gaps;
  for (const JoinShape::Gap& gap : shape.gaps) {
    const bool kept_is_earlier = gap.left_is_earlier == keep_left;
    const Gap kept = {keep_left ? gap.left : gap.right,
                      keep_left ? gap.right : gap.left,
                      kept_is_earlier,
                      kept_is_earlier ? gap.from_end : gap.to_end,
                      kept_is_earlier ? gap.to_end : gap.from_end,
                      gap.seconds};
    if (gaps.empty() || gaps[0].kept == kept.kept) gaps.push_back(kept);
  }
  return gaps;
}

// That the kept time's end is late enough says how late its start is only if it doesn't last long.
bool NearRows::IsLoose(TermId time) const {
  if (!IsInline(time)) return true;
  const bool end_counts = std::any_of(gaps_.begin(), gaps_.end(), [](const Gap& gap) {
    return !gap.kept_is_earlier && gap.kept_end;
  });
  const int64_t first = InstantOf(time, false), last = InstantOf(time, true);
  return end_counts && (first == kEarliest || last == kLatest || last - first > kLong);
}

void NearRows::NoteLength(TermId time) {
  const int64_t first = InstantOf(time, false), last = InstantOf(time, true);
  if (first != kEarliest && last != kLatest) longest_ = std::max(longest_, last - first);
}

absl::Status NearRows::Sort(const ChunkedRows& rows, std::span<const uint32_t> begins,
                            Context& context, std::vector<uint32_t>* order) {
  uint32_t largest = 0;  // group
  for (size_t i = 0; i + 1 < begins.size(); ++i) {
    largest = std::max(largest, begins[i + 1] - begins[i]);
  }
  using Keyed = std::pair<int64_t, uint32_t>;
  Reservation passing(context);
  ANNALS_RETURN_IF_ERROR(passing.Resize(order->size() * sizeof(int64_t) +
                                        begins.size() * sizeof(uint32_t) +
                                        largest * (sizeof(Keyed) + sizeof(uint32_t))));
  starts_.assign(order->size(), 0);
  loose_begins_.assign(begins.size() - 1, 0);
  if (rows.rows() == 0) return absl::OkStatus();  // without rows there may be no columns
  const ChunkedArray<TermId>& times = rows.column(gaps_[0].kept);
  std::vector<Keyed> keyed;
  std::vector<uint32_t> loose;
  keyed.reserve(largest);
  for (size_t group = 0; group + 1 < begins.size(); ++group) {
    keyed.clear();
    loose.clear();
    for (uint32_t i = begins[group]; i < begins[group + 1]; ++i) {
      if (i % kTimesBetweenChecks == 0) ANNALS_RETURN_IF_ERROR(context.Check());
      const uint32_t row = (*order)[i];
      if (IsLoose(times[row])) {
        loose.push_back(row);
      } else {
        keyed.emplace_back(InstantOf(times[row], false), row);
        NoteLength(times[row]);
      }
    }
    if (!std::is_sorted(keyed.begin(), keyed.end())) {
      ANNALS_RETURN_IF_ERROR(SortChecked(context, &keyed, std::less<Keyed>()));
    }
    uint32_t at = begins[group];
    for (const auto& [start, row] : keyed) {
      starts_[at] = start;
      (*order)[at++] = row;
    }
    loose_begins_[group] = at;
    std::copy(loose.begin(), loose.end(), order->begin() + at);
  }
  return absl::OkStatus();
}

RowRange NearRows::Near(size_t group, RowRange whole, const Batch& probing, size_t row) const {
  int64_t least = kEarliest, most = kLatest;  // of the kept start
  for (const Gap& gap : gaps_) {
    const TermId time = probing.columns[gap.probing][row];
    if (!IsInline(time)) continue;
    const int64_t instant = InstantOf(time, gap.probing_end);
    if (gap.kept_is_earlier) {
      most = std::min(most, Add(instant, -gap.seconds));
    } else {
      const int64_t end = Add(instant, gap.seconds);
      least = std::max(least, gap.kept_end ? Add(end, -longest_) : end);
    }
  }
  const auto begin = starts_.begin() + whole.at;
  const auto end = starts_.begin() + loose_begins_[group];
  const auto from = std::lower_bound(begin, end, least);
  const auto to = std::upper_bound(from, end, most);
  return {static_cast<uint32_t>(from - starts_.begin()),
          static_cast<uint32_t>(to - starts_.begin())};
}

}  // namespace annals::exec

// Which rows of a scan a condition on their time lets through.
#ifndef STORAGE_GRAPH_TIME_FILTER_H_
#define STORAGE_GRAPH_TIME_FILTER_H_

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "storage/base/status.h"
#include "storage/graph/block.h"
#include "storage/graph/row_scan.h"
#include "storage/graph/view.h"
#include "storage/model/time.h"

namespace annals {

class TimeFilter {
 public:
  TimeFilter(const ScanSource& source, const ScanSpec& spec)
      : source_(source),
        active_(spec.dated_only || spec.window.has_value()),
        any_time_(!spec.window.has_value()),
        window_(spec.window.value_or(TimeWindow{Time::kOpenStart, Time::kOpenEnd})),
        bounds_(BoundsOf(window_)) {}

  bool active() const { return active_; }

  // (*selected) = which of the times match, as indexes.
  absl::Status Select(std::span<const uint64_t> times, std::vector<uint32_t>* selected) {
    selected->resize(times.size());
    size_t count = 0;
    for (uint32_t i = 0; i < times.size(); ++i) {
      const TermId id = TermId::FromBits(times[i]);
      bool matches = false;
      if (id.kind() == TermKind::kTime) {
        matches = MatchesInlineTime(id);
      } else {
        ANNALS_ASSIGN_OR_RETURN(matches, Matches(times[i]));
      }
      (*selected)[count] = i;
      count += matches ? 1 : 0;
    }
    selected->resize(count);
    return absl::OkStatus();
  }
  const TimeWindow& window() const { return window_; }
  // Known of all rows of a block whose times stand in that column.
  bool MatchesAll(const BlockView& block, size_t time_column) const {
    return block.AtLeast(time_column) > 0 &&
           (any_time_ || block.LiesWithin(window_.first, window_.last));
  }

  absl::StatusOr<bool> Matches(uint64_t time) {
    const TermId id = TermId::FromBits(time);
    if (id.is_undefined()) return !active_;
    if (any_time_) return true;
    if (id.kind() != TermKind::kTime) return MatchesDictionaryTime(id);
    return MatchesInlineTime(id);
  }

 private:
  // Days before and after decide nearly always; the instants are looked at only between.
  bool MatchesInlineTime(TermId id) const {
    if (id >= bounds_.after) return false;
    if (id >= bounds_.last_day && inline_time::FirstInstant(id) > window_.last) return false;
    return id >= bounds_.inside || inline_time::LastInstant(id) >= window_.first;
  }

  // Inline times from `after` on begin after the window, those from `last_day` on may; those from
  // `inside` on end after its beginning.
  struct Bounds {
    TermId inside, last_day, after;
  };
  static Bounds BoundsOf(const TimeWindow& window) {
    constexpr int64_t kLastDay = inline_time::kDayBias - 1;
    const auto from = [](int64_t day) {
      return day > kLastDay ? TermId::Make(TermKind::kTime, TermId::kPayloadMask)
                            : inline_time::LowerBound(day);
    };
    Bounds bounds;
    bounds.after = TermId::FromBits(~uint64_t{0});
    bounds.last_day = bounds.after;
    if (window.last != Time::kOpenEnd) {
      bounds.last_day = from(DayOfInstant(window.last));
      if (DayOfInstant(window.last) < kLastDay) bounds.after = from(DayOfInstant(window.last) + 1);
    }
    bounds.inside = TermId::Make(TermKind::kTime, 0);
    if (window.first != Time::kOpenStart) bounds.inside = from(DayOfInstant(window.first) + 1);
    return bounds;
  }

  absl::StatusOr<bool> MatchesDictionaryTime(TermId id) {
    const auto known = known_.find(id.bits());
    if (known != known_.end()) return known->second;
    ANNALS_ASSIGN_OR_RETURN(const Term term, source_.TermOf(id));
    const Time* const time = term.As<Time>();
    if (time == nullptr) return DataLoss("a time in the dictionary is damaged");
    const bool matches = time->first() <= window_.last && time->last() >= window_.first;
    known_.emplace(id.bits(), matches);
    return matches;
  }

  const ScanSource& source_;
  const bool active_;
  const bool any_time_;
  const TimeWindow window_;
  const Bounds bounds_;
  absl::flat_hash_map<uint64_t, bool> known_;
};

}  // namespace annals

#endif  // STORAGE_GRAPH_TIME_FILTER_H_

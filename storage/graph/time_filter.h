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
        window_(spec.window.value_or(TimeWindow{Time::kOpenStart, Time::kOpenEnd})) {
    if (any_time_) return;
    const int64_t first_day = DayOfInstant(window_.first), last_day = DayOfInstant(window_.last);
    const bool at_midnight = window_.first % kSecondsPerDay == 0;
    starts_inside_ = inline_time::LowerBound(at_midnight ? first_day : first_day + 1).bits();
    starts_before_ = inline_time::LowerBound(first_day).bits();
    starts_last_ = inline_time::LowerBound(last_day).bits();
  }

  bool active() const { return active_; }
  const TimeWindow& window() const { return window_; }

  // Replaces `selected` with the places of the times that match.
  absl::Status Select(std::span<const uint64_t> times, std::vector<uint32_t>* selected) {
    selected->resize(times.size());
    size_t count = 0;
    for (uint32_t i = 0; i < times.size(); ++i) {
      const uint64_t time = times[i];
      bool matches = time >= starts_inside_ && time < starts_last_;
      if (!matches && !IsDayBefore(time)) {
        ANNALS_ASSIGN_OR_RETURN(matches, Matches(time));
      }
      (*selected)[count] = i;
      count += matches ? 1 : 0;
    }
    selected->resize(count);
    return absl::OkStatus();
  }

  absl::StatusOr<bool> Matches(uint64_t time) {
    const TermId id = TermId::FromBits(time);
    if (id.is_undefined()) return !active_;
    if (any_time_) return true;
    if (id.kind() != TermKind::kTime) return MatchesDictionaryTime(id);
    return inline_time::FirstInstant(id) <= window_.last &&
           inline_time::LastInstant(id) >= window_.first;
  }

 private:
  // A date of one day that is over before the window begins.
  bool IsDayBefore(uint64_t time) const {
    const TermId id = TermId::FromBits(time);
    return time < starts_before_ && id.kind() == TermKind::kTime &&
           inline_time::StartField(id) > 0 &&
           (inline_time::HasClock(id) || inline_time::LengthField(id) == 0);
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
  // Bits of inline times: of the first that start inside the window for sure, of the first that
  // start on its first day, and on its last. 0: nothing is for sure.
  uint64_t starts_inside_ = 0, starts_before_ = 0, starts_last_ = 0;
  absl::flat_hash_map<uint64_t, bool> known_;
};

}  // namespace annals

#endif  // STORAGE_GRAPH_TIME_FILTER_H_

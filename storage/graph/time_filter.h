// Which rows of a scan a condition on their time lets through.
#ifndef STORAGE_GRAPH_TIME_FILTER_H_
#define STORAGE_GRAPH_TIME_FILTER_H_

#include <cstdint>
#include <optional>
#include <utility>

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
        window_(spec.window.value_or(TimeWindow{Time::kOpenStart, Time::kOpenEnd})) {}

  bool active() const { return active_; }
  const TimeWindow& window() const { return window_; }

  absl::StatusOr<bool> Matches(uint64_t time) {
    const TermId id = TermId::FromBits(time);
    if (id.is_undefined()) return !active_;
    if (any_time_) return true;
    if (id.kind() != TermKind::kTime) return MatchesDictionaryTime(id);
    return inline_time::FirstInstant(id) <= window_.last &&
           inline_time::LastInstant(id) >= window_.first;
  }

 private:
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
  absl::flat_hash_map<uint64_t, bool> known_;
};

}  // namespace annals

#endif  // STORAGE_GRAPH_TIME_FILTER_H_

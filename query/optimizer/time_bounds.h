// What a condition says of the instants of a time, widened so that every time for which it is true
// is inside.
#ifndef QUERY_OPTIMIZER_TIME_BOUNDS_H_
#define QUERY_OPTIMIZER_TIME_BOUNDS_H_

#include <cstdint>
#include <optional>

#include "query/algebra/expression.h"
#include "storage/graph/view.h"
#include "storage/model/time.h"

namespace annals::optimizer {

// The time starts at `starts_by` or sooner and ends at `ends_from` or later, UTC seconds.
struct TimeBounds {
  int64_t ends_from = Time::kOpenStart;
  int64_t starts_by = Time::kOpenEnd;

  bool is_bound() const { return ends_from != Time::kOpenStart || starts_by != Time::kOpenEnd; }
  friend bool operator==(const TimeBounds&, const TimeBounds&) = default;
};

TimeBounds Both(const TimeBounds& a, const TimeBounds& b);
TimeBounds Either(const TimeBounds& a, const TimeBounds& b);
// A window with which every time inside the bounds shares an instant.
TimeWindow WindowOf(const TimeBounds& bounds);
TimeBounds BoundsOf(const TimeWindow& window);

// Nullopt: `condition` says nothing of `variable`, or something that is no bound.
std::optional<TimeBounds> BoundsOf(const algebra::Expression& condition,
                                   const algebra::Variable& variable);

}  // namespace annals::optimizer

#endif  // QUERY_OPTIMIZER_TIME_BOUNDS_H_

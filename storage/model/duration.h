// Durations: months and seconds, which don't convert into each other exactly.
#ifndef STORAGE_MODEL_DURATION_H_
#define STORAGE_MODEL_DURATION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/model/time.h"

namespace annals {

struct Duration {
  int64_t months = 0;
  int64_t seconds = 0;
  friend bool operator==(const Duration&, const Duration&) = default;
};

// "day" or "days"; nullopt for another word.
std::optional<TimeUnit> ParseTimeUnit(std::string_view word);
// Nullopt on overflow.
std::optional<Duration> MakeDuration(int64_t amount, TimeUnit unit);
std::optional<Duration> Add(const Duration& a, const Duration& b);
std::optional<Duration> Negate(const Duration& a);
std::optional<Duration> Multiply(const Duration& a, int64_t factor);

// By length; where months meet seconds a month counts as 30.436875 days, the mean of 400 years.
int CompareDurations(const Duration& a, const Duration& b);

// From the start of `earlier` to the start of `later`, in seconds (negative the other way round);
// nullopt where a start is open.
std::optional<Duration> Difference(const Time& later, const Time& earlier);

// Shifts both ends of a period, or the date. Months and years keep the date's precision where they
// can and clamp to the month's last day; a year shifted by months becomes a month, and anything
// shifted by days or less is counted from its first day or instant, the end of a period from its
// last. Nullopt out of range.
std::optional<Time> Add(const Time& time, const Duration& duration);

// "30 days", "1 year", "2 months 3 days 4 hours"; "0 seconds".
std::string ToString(const Duration& duration);

}  // namespace annals

#endif  // STORAGE_MODEL_DURATION_H_

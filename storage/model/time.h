// Times: dates known to some precision, and periods; each an interval from its first instant to
// its last, in UTC seconds of the proleptic Gregorian calendar, with how it was written.
//
//   time  = point | point ".." | ".." point | point ".." point
//   point = year [ "-" month [ "-" day [ "T" hour ":" minute [ ":" second ] [ zone ] ] ] ]
//   year  = [ "-" ] 4 to 6 digits (astronomical: 0000 is 1 BCE)
//   zone  = "Z" | ( "+" | "-" ) hours ":" minutes, at most 14:00
//
// Inline ids: the 60-bit payload sorts by the day of the start, then mostly by the end:
//   payload      = start_day:25 sub:35                 start_day = days since 1970 + 2^24
//   sub of days  = 0:1 length:25 form:9                length = last day - first day
//   sub of times = 1:1 second_of_day:17 precision:1 zone:7 0:9     (UTC; precision 1 = seconds;
//                  zone 0 none, 1 Z, else 2 + (quarters of an hour + 56))
//   form         = 0 year | 1 month | 2 day | 16 + 4 * start + end, where each end is
//                  0 open | 1 year | 2 month | 3 day
// An open start has start_day 0 and the end's day as length; an open end has length 2^25 - 1.
// Whatever doesn't fit (periods with clock times, odd zones, far years) goes to the dictionary.
#ifndef STORAGE_MODEL_TIME_H_
#define STORAGE_MODEL_TIME_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "storage/base/status.h"
#include "storage/model/term_id.h"

namespace annals {

// Days since 1970-01-01 of a civil date, and back (H. Hinnant, "chrono-Compatible Low-Level Date
// Algorithms", 2014).
int64_t DaysFromCivil(int64_t year, int month, int day);
void CivilFromDays(int64_t days, int64_t* year, int* month, int* day);
int DaysInMonth(int64_t year, int month);

inline constexpr int64_t kSecondsPerDay = 86400;
// The day since 1970-01-01 (UTC) that an instant lies in.
constexpr int64_t DayOfInstant(int64_t instant) {
  return instant >= 0 ? instant / kSecondsPerDay : -((-(instant + 1)) / kSecondsPerDay) - 1;
}

enum class Precision : uint8_t { kYear, kMonth, kDay, kMinute, kSecond };

// One written date. Fields finer than the precision are those of its first instant.
struct TimePoint {
  Precision precision = Precision::kDay;
  int64_t year = 1970;
  int month = 1;
  int day = 1;
  int second_of_day = 0;            // local
  std::optional<int> zone_minutes;  // none: taken as UTC
  bool zone_z = false;              // the zone was written "Z"

  int64_t FirstInstant() const;
  int64_t LastInstant() const;
  std::string ToString() const;
  friend bool operator==(const TimePoint&, const TimePoint&) = default;
};

enum class TimeOp { kBefore, kAfter, kIn, kOverlaps, kEquals };
enum class TimeUnit { kSecond, kMinute, kHour, kDay, kWeek, kMonth, kYear };

class Time {
 public:
  static constexpr int64_t kOpenStart = std::numeric_limits<int64_t>::min();
  static constexpr int64_t kOpenEnd = std::numeric_limits<int64_t>::max();

  Time() = default;  // 1970-01-01
  static Time Date(const TimePoint& point);
  // InvalidArgument if it ends before it starts.
  static absl::StatusOr<Time> Period(std::optional<TimePoint> start, std::optional<TimePoint> end);

  // The error says what is wrong, as "2023-02-29 is not a date: February 2023 has 28 days".
  static absl::StatusOr<Time> Parse(std::string_view text);
  // Has all of the text the shape of a time, possible or not? Bare years too.
  static bool LooksLikeTime(std::string_view text);
  // A year alone, as `2024`: an integer in most places.
  static bool LooksLikeBareYear(std::string_view text);
  // The UTC second, with zone Z.
  static Time FromInstant(int64_t instant);
  static Time FromDay(int64_t days_since_1970);
  static std::optional<Time> Year(int64_t year);

  std::string ToString() const;  // as it was written

  bool is_date() const { return !period_; }
  bool is_period() const { return period_; }
  bool open_start() const { return period_ && !start_.has_value(); }
  bool open_end() const { return period_ && !end_.has_value(); }
  // The written ends; of a date both are the date.
  const std::optional<TimePoint>& start() const { return start_; }
  const std::optional<TimePoint>& end() const { return period_ ? end_ : start_; }
  // First and last second; kOpenStart / kOpenEnd where open.
  int64_t first() const { return first_; }
  int64_t last() const { return last_; }

  // The first and the last day (of a time with a clock, second) as a date; nullopt where open.
  std::optional<Time> First() const;
  std::optional<Time> Last() const;
  // Of the start, when it is written that precisely.
  std::optional<int64_t> YearNumber() const;
  std::optional<int64_t> MonthNumber() const;
  std::optional<int64_t> DayNumber() const;
  // The day, month or year of the written date (a zone is put aside, as by DayNumber()), or the
  // period of its week from Monday to Sunday; nullopt where it is not written that precisely (2024
  // to months) and for finer units. A period is truncated by its start.
  std::optional<Time> Trunc(TimeUnit unit) const;

  std::optional<TermId> ToInlineId() const;
  static absl::StatusOr<Time> FromInlineId(TermId id);

  friend bool operator==(const Time&, const Time&) = default;

 private:
  void Measure();
  bool period_ = false;
  std::optional<TimePoint> start_ = TimePoint{};
  std::optional<TimePoint> end_;
  int64_t first_ = 0;
  int64_t last_ = 86399;
};

bool SharesInstant(const Time& a, const Time& b);
// The time in which both hold: one of the two where it lies in the other (of two that are alike the
// one that is a date), else the period from the later start to the earlier end; nullopt if they
// share no instant.
std::optional<Time> CommonTime(const Time& a, const Time& b);
// By start, then end, then the written text: <0, 0, >0.
int CompareTimes(const Time& a, const Time& b);

// A date is some moment within it, a period holds all along. In `in` and `overlaps` the right side
// is a window: all of its interval counts. Below [a..b] are the left's first and last instant,
// [c..d] the right's.
//             certainly                                possibly
//   before    b < c                                    left:  a date at a, a period at b, is <
//                                                      right: a date's d, a period's c
//   after     a > d                                    the mirror image
//   in        c <= a and b <= d                        a date: they share an instant; else the same
//   overlaps  a date: c <= a and b <= d                they share an instant
//             a period: they share an instant
//   equals    written alike                            two dates: share an instant; else alike
bool Certainly(TimeOp op, const Time& left, const Time& right);
bool Possibly(TimeOp op, const Time& left, const Time& right);

// For loops over ids of kind kTime, without making a Time.
namespace inline_time {

inline constexpr int kStartBits = 25, kSubBits = 35, kLengthBits = 25, kFormBits = 9;
inline constexpr int64_t kDayBias = int64_t{1} << (kStartBits - 1);
inline constexpr uint64_t kOpenLength = (uint64_t{1} << kLengthBits) - 1;

inline uint64_t StartField(TermId id) { return id.payload() >> kSubBits; }
inline bool HasClock(TermId id) { return (id.payload() >> (kSubBits - 1) & 1) != 0; }
inline uint64_t LengthField(TermId id) { return id.payload() >> kFormBits & kOpenLength; }
inline int64_t FirstInstant(TermId id) {
  const uint64_t start = StartField(id);
  if (start == 0) return Time::kOpenStart;
  const int64_t day = (static_cast<int64_t>(start) - kDayBias) * 86400;
  return HasClock(id) ? day + static_cast<int64_t>(id.payload() >> 17 & 0x1ffff) : day;
}
inline int64_t LastInstant(TermId id) {
  if (HasClock(id)) return FirstInstant(id) + ((id.payload() >> 16 & 1) != 0 ? 0 : 59);
  const uint64_t length = LengthField(id);
  const uint64_t start = StartField(id);
  if (start == 0) return (static_cast<int64_t>(length) - kDayBias + 1) * 86400 - 1;
  if (length == kOpenLength) return Time::kOpenEnd;
  return (static_cast<int64_t>(start + length) - kDayBias + 1) * 86400 - 1;
}
// The smallest inline time id that starts on `day` (since 1970) or later; of the open start if
// `day` is out of range below.
TermId LowerBound(int64_t day);

}  // namespace inline_time

}  // namespace annals

#endif  // STORAGE_MODEL_TIME_H_

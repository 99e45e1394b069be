#include "storage/model/duration.h"

#include "storage/base/text.h"

namespace annals {
namespace {

__extension__ using Wide = __int128;

constexpr int64_t kSecondsPerMonth = 2629746;  // 400 Gregorian years / 4800
constexpr int64_t kFurthestYear = 999999;

bool Sum(int64_t a, int64_t b, int64_t* result) { return !__builtin_add_overflow(a, b, result); }
bool Product(int64_t a, int64_t b, int64_t* result) {
  return !__builtin_mul_overflow(a, b, result);
}

int64_t FloorDivide(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

// The last day, or the last second, that `point` holds.
TimePoint LastOf(TimePoint point, Precision precision) {
  if (point.precision < Precision::kMonth) point.month = 12;
  if (point.precision < Precision::kDay) point.day = DaysInMonth(point.year, point.month);
  if (precision == Precision::kSecond) {
    if (point.precision < Precision::kMinute) point.second_of_day = kSecondsPerDay - 60;
    if (point.precision < Precision::kSecond) point.second_of_day += 59;
  }
  if (point.precision < precision) point.precision = precision;
  return point;
}

// `is_end`: of a period, which lasts through all of it.
std::optional<TimePoint> Shift(TimePoint point, const Duration& duration, bool is_end) {
  if (duration.months != 0) {
    int64_t months = 0;
    const bool splits_year = point.precision == Precision::kYear && duration.months % 12 != 0;
    if (splits_year && is_end) point.month = 12;
    if (!Sum(point.year * 12 + point.month - 1, duration.months, &months)) return std::nullopt;
    const int64_t year = FloorDivide(months, 12);
    if (year < -kFurthestYear || year > kFurthestYear) return std::nullopt;
    point.year = year;
    point.month = static_cast<int>(months - year * 12) + 1;
    const int last = DaysInMonth(point.year, point.month);
    if (point.day > last) point.day = last;
    if (splits_year) point.precision = Precision::kMonth;
  }
  if (duration.seconds == 0) return point;
  const bool whole_days = duration.seconds % kSecondsPerDay == 0;
  const bool whole_minutes = point.precision == Precision::kMinute && duration.seconds % 60 == 0;
  if (is_end && !whole_minutes) {
    point = LastOf(point, whole_days ? Precision::kDay : Precision::kSecond);
  }
  int64_t seconds = 0;
  if (!Sum(DaysFromCivil(point.year, point.month, point.day) * kSecondsPerDay + point.second_of_day,
           duration.seconds, &seconds)) {
    return std::nullopt;
  }
  const int64_t days = FloorDivide(seconds, kSecondsPerDay);
  CivilFromDays(days, &point.year, &point.month, &point.day);
  if (point.year > kFurthestYear || point.year < -kFurthestYear) return std::nullopt;
  point.second_of_day = static_cast<int>(seconds - days * kSecondsPerDay);
  if (point.precision < Precision::kDay) point.precision = Precision::kDay;
  if (point.precision <= Precision::kDay && point.second_of_day != 0) {
    point.precision = Precision::kSecond;
  }
  if (point.precision == Precision::kMinute && point.second_of_day % 60 != 0) {
    point.precision = Precision::kSecond;
  }
  return point;
}

}  // namespace

std::optional<TimeUnit> ParseTimeUnit(std::string_view word) {
  if (word.ends_with('s')) word.remove_suffix(1);
  if (word == "second") return TimeUnit::kSecond;
  if (word == "minute") return TimeUnit::kMinute;
  if (word == "hour") return TimeUnit::kHour;
  if (word == "day") return TimeUnit::kDay;
  if (word == "week") return TimeUnit::kWeek;
  if (word == "month") return TimeUnit::kMonth;
  if (word == "year") return TimeUnit::kYear;
  return std::nullopt;
}

std::optional<Duration> MakeDuration(int64_t amount, TimeUnit unit) {
  static constexpr int64_t kSeconds[] = {1, 60, 3600, kSecondsPerDay, 7 * kSecondsPerDay};
  Duration duration;
  if (unit == TimeUnit::kMonth || unit == TimeUnit::kYear) {
    if (!Product(amount, unit == TimeUnit::kYear ? 12 : 1, &duration.months)) return std::nullopt;
  } else if (!Product(amount, kSeconds[static_cast<int>(unit)], &duration.seconds)) {
    return std::nullopt;
  }
  return duration;
}

std::optional<Duration> Add(const Duration& a, const Duration& b) {
  Duration sum;
  if (!Sum(a.months, b.months, &sum.months) || !Sum(a.seconds, b.seconds, &sum.seconds)) {
    return std::nullopt;
  }
  return sum;
}

std::optional<Duration> Negate(const Duration& a) { return Multiply(a, -1); }

std::optional<Duration> Multiply(const Duration& a, int64_t factor) {
  Duration product;
  if (!Product(a.months, factor, &product.months) ||
      !Product(a.seconds, factor, &product.seconds)) {
    return std::nullopt;
  }
  return product;
}

int CompareDurations(const Duration& a, const Duration& b) {
  const auto length = [](const Duration& d) {
    return static_cast<Wide>(d.months) * kSecondsPerMonth + d.seconds;
  };
  const Wide left = length(a), right = length(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

std::optional<Duration> Difference(const Time& later, const Time& earlier) {
  if (later.open_start() || earlier.open_start()) return std::nullopt;
  return Duration{0, later.first() - earlier.first()};
}

std::optional<Time> Add(const Time& time, const Duration& duration) {
  std::optional<TimePoint> start = time.start(), end = time.end();
  if (start.has_value() && !(start = Shift(*start, duration, false)).has_value())
    return std::nullopt;
  if (time.is_date()) return Time::Date(*start);
  if (end.has_value() && !(end = Shift(*end, duration, true)).has_value()) return std::nullopt;
  auto period = Time::Period(start, end);
  if (!period.ok()) return std::nullopt;
  return *period;
}

std::string ToString(const Duration& duration) {
  std::string text;
  const auto part = [&](int64_t amount, std::string_view unit) {
    if (amount == 0) return;
    if (!text.empty()) text += ' ';
    text += std::to_string(amount);
    text += ' ';
    text += unit;
    if (amount != 1 && amount != -1) text += 's';
  };
  part(duration.months / 12, "year");
  part(duration.months % 12, "month");
  part(duration.seconds / kSecondsPerDay, "day");
  part(duration.seconds % kSecondsPerDay / 3600, "hour");
  part(duration.seconds % 3600 / 60, "minute");
  part(duration.seconds % 60, "second");
  return text.empty() ? "0 seconds" : text;
}

}  // namespace annals

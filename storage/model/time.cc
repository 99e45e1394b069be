#include "storage/model/time.h"

#include <algorithm>
#include <cstdio>

#include "absl/strings/str_cat.h"

namespace annals {
namespace {

constexpr uint64_t kLastZone = 2 + 56 + 56;  // +14:00

// Open ends need no precision; see `form` in the header.
int FormOf(const std::optional<TimePoint>& point) {
  return point.has_value() ? static_cast<int>(point->precision) + 1 : 0;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string Digits(int64_t value, int width) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%0*lld", width, static_cast<long long>(value));
  return buffer;
}

constexpr const char* kMonthNames[] = {"January",   "February", "March",    "April",
                                       "May",       "June",     "July",     "August",
                                       "September", "October",  "November", "December"};

// Reads one point from the front of `text` by its shape only; false if the shape is not there.
struct PointText {
  std::string_view all, year, month, day, hour, minute, second, zone;
};

bool TakeDigits(std::string_view* text, size_t least, size_t most, std::string_view* digits) {
  size_t n = 0;
  while (n < text->size() && n < most && IsDigit((*text)[n])) ++n;
  if (n < least) return false;
  *digits = text->substr(0, n);
  text->remove_prefix(n);
  return true;
}

bool TakeSeparated(std::string_view* text, char separator, std::string_view* digits) {
  std::string_view rest = *text;
  if (rest.empty() || rest[0] != separator) return false;
  rest.remove_prefix(1);
  if (!TakeDigits(&rest, 2, 2, digits)) return false;
  *text = rest;
  return true;
}

bool TakeShape(std::string_view* text, PointText* point) {
  const std::string_view whole = *text;
  std::string_view rest = whole, digits;
  if (rest.starts_with('-')) rest.remove_prefix(1);
  if (!TakeDigits(&rest, 4, 1000, &digits)) return false;
  point->year = whole.substr(0, whole.size() - rest.size());
  if (TakeSeparated(&rest, '-', &point->month) && TakeSeparated(&rest, '-', &point->day) &&
      TakeSeparated(&rest, 'T', &point->hour)) {
    if (!TakeSeparated(&rest, ':', &point->minute)) return false;
    TakeSeparated(&rest, ':', &point->second);
    if (rest.starts_with('Z')) {
      point->zone = rest.substr(0, 1);
      rest.remove_prefix(1);
    } else if (rest.size() >= 6 && (rest[0] == '+' || rest[0] == '-')) {
      std::string_view zone = rest.substr(1), hours, minutes;
      if (!TakeDigits(&zone, 2, 2, &hours) || !TakeSeparated(&zone, ':', &minutes)) return false;
      point->zone = rest.substr(0, 6);
      rest.remove_prefix(6);
    }
  }
  point->all = whole.substr(0, whole.size() - rest.size());
  *text = rest;
  return true;
}

// The shape of all of `text`: at most two points around "..".
bool SplitShape(std::string_view text, std::optional<PointText>* start, bool* period,
                std::optional<PointText>* end) {
  std::string_view rest = text;
  *period = false;
  if (!rest.starts_with("..")) {
    PointText point;
    if (!TakeShape(&rest, &point)) return false;
    *start = point;
    if (rest.empty()) return true;
  }
  if (!rest.starts_with("..")) return false;
  *period = true;
  rest.remove_prefix(2);
  if (rest.empty()) return start->has_value();
  PointText point;
  if (!TakeShape(&rest, &point)) return false;
  *end = point;
  return rest.empty();
}

int Number(std::string_view digits) {
  int value = 0;
  for (char c : digits) value = value * 10 + (c - '0');
  return value;
}

absl::StatusOr<TimePoint> MakePoint(const PointText& text) {
  const auto fail = [&](std::string_view why) {
    return InvalidArgument(absl::StrCat(ToAbsl(text.all), " is not a date: ", ToAbsl(why)));
  };
  TimePoint point;
  std::string_view digits = text.year;
  const bool negative = digits.starts_with('-');
  if (negative) digits.remove_prefix(1);
  if (digits.size() > 6) return fail("a year has at most 6 digits");
  if (digits.size() > 4 && digits[0] == '0') {
    return fail("a year of more than 4 digits begins with no 0");
  }
  point.year = negative ? -Number(digits) : Number(digits);
  if (negative && point.year == 0) return fail("the year before 0001 is 0000");
  point.precision = Precision::kYear;
  if (text.month.empty()) return point;
  point.precision = Precision::kMonth;
  point.month = Number(text.month);
  if (point.month < 1 || point.month > 12) return fail("the month is not from 01 to 12");
  if (text.day.empty()) return point;
  point.precision = Precision::kDay;
  point.day = Number(text.day);
  const int days = DaysInMonth(point.year, point.month);
  if (point.day < 1 || point.day > days) {
    const char* month = kMonthNames[point.month - 1];
    return fail(ToStd(absl::StrCat(month, " ", ToAbsl(text.year), " has ", days, " days")));
  }
  if (text.hour.empty()) return point;
  const int hour = Number(text.hour), minute = Number(text.minute);
  if (hour > 23) return fail("the hour is not from 00 to 23");
  if (minute > 59) return fail("the minute is not from 00 to 59");
  point.precision = text.second.empty() ? Precision::kMinute : Precision::kSecond;
  const int second = text.second.empty() ? 0 : Number(text.second);
  if (second > 59) return fail("the second is not from 00 to 59");
  point.second_of_day = hour * 3600 + minute * 60 + second;
  if (text.zone == "Z") {
    point.zone_minutes = 0;
    point.zone_z = true;
  } else if (!text.zone.empty()) {
    const int hours = Number(text.zone.substr(1, 2)), minutes = Number(text.zone.substr(4, 2));
    if (hours > 14 || minutes > 59 || (hours == 14 && minutes > 0)) {
      return fail("the zone is not from -14:00 to +14:00");
    }
    point.zone_minutes = (text.zone[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
    // "-00:00" would not come back as written.
    if (text.zone == "-00:00") return fail("write the zone +00:00 or Z");
  }
  return point;
}

bool Contains(const Time& outer, const Time& inner) {
  return outer.first() <= inner.first() && inner.last() <= outer.last();
}

bool IsDayGrain(const std::optional<TimePoint>& point) {
  return !point.has_value() || point->precision <= Precision::kDay;
}

TimePoint PointOfDay(int64_t days) {
  TimePoint point;
  CivilFromDays(days, &point.year, &point.month, &point.day);
  return point;
}

TimePoint Cut(TimePoint point, Precision precision) {
  point.precision = precision;
  if (precision < Precision::kDay) point.day = 1;
  if (precision < Precision::kMonth) point.month = 1;
  if (precision <= Precision::kDay) {
    point.second_of_day = 0;
    point.zone_minutes.reset();
    point.zone_z = false;
  }
  return point;
}

}  // namespace

int64_t DaysFromCivil(int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

void CivilFromDays(int64_t days, int64_t* year, int* month, int* day) {
  days += 719468;
  const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const int64_t day_of_era = days - era * 146097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted_month = (5 * day_of_year + 2) / 153;
  *day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  *month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  *year = year_of_era + era * 400 + (*month <= 2 ? 1 : 0);
}

int DaysInMonth(int64_t year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

int64_t TimePoint::FirstInstant() const {
  return DaysFromCivil(year, month, day) * kSecondsPerDay + second_of_day -
         zone_minutes.value_or(0) * 60;
}

int64_t TimePoint::LastInstant() const {
  switch (precision) {
    case Precision::kYear:
      return DaysFromCivil(year + 1, 1, 1) * kSecondsPerDay - 1;
    case Precision::kMonth:
      return (DaysFromCivil(year, month, 1) + DaysInMonth(year, month)) * kSecondsPerDay - 1;
    case Precision::kDay:
      return FirstInstant() + kSecondsPerDay - 1;
    case Precision::kMinute:
      return FirstInstant() + 59;
    case Precision::kSecond:
      return FirstInstant();
  }
  return FirstInstant();
}

std::string TimePoint::ToString() const {
  std::string text = year < 0 ? "-" + Digits(-year, 4) : Digits(year, 4);
  if (precision >= Precision::kMonth) text += "-" + Digits(month, 2);
  if (precision >= Precision::kDay) text += "-" + Digits(day, 2);
  if (precision >= Precision::kMinute) {
    text += "T" + Digits(second_of_day / 3600, 2) + ":" + Digits(second_of_day / 60 % 60, 2);
    if (precision == Precision::kSecond) text += ":" + Digits(second_of_day % 60, 2);
    if (zone_z) {
      text += "Z";
    } else if (zone_minutes.has_value()) {
      const int minutes = *zone_minutes < 0 ? -*zone_minutes : *zone_minutes;
      text +=
          (*zone_minutes < 0 ? "-" : "+") + Digits(minutes / 60, 2) + ":" + Digits(minutes % 60, 2);
    }
  }
  return text;
}

void Time::Measure() {
  first_ = start_.has_value() ? start_->FirstInstant() : kOpenStart;
  const std::optional<TimePoint>& last = period_ ? end_ : start_;
  last_ = last.has_value() ? last->LastInstant() : kOpenEnd;
}

Time Time::Date(const TimePoint& point) {
  Time time;
  time.start_ = point;
  time.Measure();
  return time;
}

absl::StatusOr<Time> Time::Period(std::optional<TimePoint> start, std::optional<TimePoint> end) {
  Time time;
  time.period_ = true;
  time.start_ = start;
  time.end_ = end;
  time.Measure();
  if (!start.has_value() && !end.has_value()) {
    return InvalidArgument("a period needs a start or an end");
  }
  if (time.last_ < time.first_) {
    return InvalidArgument(absl::StrCat("the period ", time.ToString(), " ends before it starts"));
  }
  return time;
}

absl::StatusOr<Time> Time::Parse(std::string_view text) {
  std::optional<PointText> start, end;
  bool period = false;
  if (!SplitShape(text, &start, &period, &end)) {
    return InvalidArgument(absl::StrCat("'", ToAbsl(text),
                                        "' is not a time; expected a date such as 2024, 2024-06, "
                                        "2024-06-19 or 2024-06-19T10:30, or a period such as "
                                        "2024-05-14..2024-11-29 or 2024-05-14.."));
  }
  std::optional<TimePoint> first, last;
  if (start.has_value()) {
    ANNALS_ASSIGN_OR_RETURN(first, MakePoint(*start));
  }
  if (end.has_value()) {
    ANNALS_ASSIGN_OR_RETURN(last, MakePoint(*end));
  }
  if (!period) return Date(*first);
  return Period(first, last);
}

bool Time::LooksLikeTime(std::string_view text) {
  std::optional<PointText> start, end;
  bool period = false;
  return SplitShape(text, &start, &period, &end);
}

bool Time::LooksLikeBareYear(std::string_view text) {
  std::string_view rest = text;
  PointText point;
  return TakeShape(&rest, &point) && rest.empty() && point.month.empty();
}

Time Time::FromInstant(int64_t instant) {
  const int64_t day = DayOfInstant(instant);
  TimePoint point = PointOfDay(day);
  point.precision = Precision::kSecond;
  point.second_of_day = static_cast<int>(instant - day * kSecondsPerDay);
  point.zone_minutes = 0;
  point.zone_z = true;
  return Date(point);
}

Time Time::FromDay(int64_t days_since_1970) { return Date(PointOfDay(days_since_1970)); }

std::optional<Time> Time::Year(int64_t year) {
  if (year < -999999 || year > 999999) return std::nullopt;
  TimePoint point;
  point.precision = Precision::kYear;
  point.year = year;
  return Date(point);
}

std::string Time::ToString() const {
  std::string text = start_.has_value() ? start_->ToString() : "";
  if (period_) text += ".." + (end_.has_value() ? end_->ToString() : "");
  return text;
}

std::optional<Time> Time::First() const {
  if (!start_.has_value()) return std::nullopt;
  TimePoint point = *start_;
  point.precision = point.precision <= Precision::kDay ? Precision::kDay : Precision::kSecond;
  return Date(point);
}

std::optional<Time> Time::Last() const {
  const std::optional<TimePoint>& written = end();
  if (!written.has_value()) return std::nullopt;
  TimePoint point = *written;
  if (point.precision <= Precision::kDay) return FromDay(DayOfInstant(last_));
  if (point.precision == Precision::kMinute) point.second_of_day += 59;
  point.precision = Precision::kSecond;
  return Date(point);
}

std::optional<int64_t> Time::YearNumber() const {
  if (!start_.has_value()) return std::nullopt;
  return start_->year;
}

std::optional<int64_t> Time::MonthNumber() const {
  if (!start_.has_value() || start_->precision < Precision::kMonth) return std::nullopt;
  return start_->month;
}

std::optional<int64_t> Time::DayNumber() const {
  if (!start_.has_value() || start_->precision < Precision::kDay) return std::nullopt;
  return start_->day;
}

std::optional<Time> Time::Trunc(TimeUnit unit) const {
  if (!start_.has_value()) return std::nullopt;
  if (unit == TimeUnit::kWeek && start_->precision >= Precision::kDay) {
    const int64_t day = DaysFromCivil(start_->year, start_->month, start_->day);
    const int64_t since_monday = ((day + 3) % 7 + 7) % 7;  // 1970-01-01 was a Thursday
    auto week = Period(PointOfDay(day - since_monday), PointOfDay(day - since_monday + 6));
    return week.ok() ? std::optional<Time>(*week) : std::nullopt;
  }
  const std::optional<Precision> precision = unit == TimeUnit::kYear    ? Precision::kYear
                                             : unit == TimeUnit::kMonth ? Precision::kMonth
                                             : unit == TimeUnit::kDay
                                                 ? std::optional(Precision::kDay)
                                                 : std::nullopt;
  if (!precision.has_value() || start_->precision < *precision) return std::nullopt;
  return Date(Cut(*start_, *precision));
}

std::optional<TermId> Time::ToInlineId() const {
  using namespace inline_time;
  constexpr int64_t kLimit = kDayBias - 1;
  const auto make = [](uint64_t start, uint64_t sub) {
    return TermId::Make(TermKind::kTime, start << kSubBits | sub);
  };
  if (!IsDayGrain(start_) || (period_ && !IsDayGrain(end_))) {
    if (period_) return std::nullopt;
    const int64_t day = DayOfInstant(first_);
    if (day <= -kLimit || day >= kLimit) return std::nullopt;
    uint64_t zone = 0;
    if (start_->zone_z) {
      zone = 1;
    } else if (start_->zone_minutes.has_value()) {
      if (*start_->zone_minutes % 15 != 0) return std::nullopt;
      zone = static_cast<uint64_t>(*start_->zone_minutes / 15 + 56 + 2);
    }
    const auto second = static_cast<uint64_t>(first_ - day * kSecondsPerDay);
    const uint64_t precision = start_->precision == Precision::kSecond ? 1 : 0;
    return make(static_cast<uint64_t>(day + kDayBias),
                uint64_t{1} << (kSubBits - 1) | second << 17 | precision << 16 | zone << 9);
  }
  const uint64_t form = period_ ? static_cast<uint64_t>(16 + 4 * FormOf(start_) + FormOf(end_))
                                : static_cast<uint64_t>(start_->precision);
  const int64_t first_day = open_start() ? 0 : DayOfInstant(first_);
  const int64_t last_day = open_end() ? 0 : DayOfInstant(last_);
  if (first_day <= -kLimit || first_day >= kLimit || last_day <= -kLimit || last_day >= kLimit) {
    return std::nullopt;
  }
  if (open_start()) return make(0, static_cast<uint64_t>(last_day + kDayBias) << kFormBits | form);
  const uint64_t length = open_end() ? kOpenLength : static_cast<uint64_t>(last_day - first_day);
  if (length >= kOpenLength && !open_end()) return std::nullopt;
  return make(static_cast<uint64_t>(first_day + kDayBias), length << kFormBits | form);
}

absl::StatusOr<Time> Time::FromInlineId(TermId id) {
  using namespace inline_time;
  const auto damaged = [] { return DataLoss("a time id is not one that Annals writes"); };
  const uint64_t start = StartField(id);
  const int64_t day = static_cast<int64_t>(start) - kDayBias;
  Time time;
  if (HasClock(id)) {
    const uint64_t zone = id.payload() >> 9 & 0x7f;
    if (start == 0 || zone > kLastZone) return damaged();
    std::optional<int> minutes;
    if (zone == 1) minutes = 0;
    if (zone >= 2) minutes = (static_cast<int>(zone) - 2 - 56) * 15;
    const int64_t local = FirstInstant(id) + minutes.value_or(0) * 60;
    TimePoint point = PointOfDay(DayOfInstant(local));
    point.second_of_day = static_cast<int>(local - DayOfInstant(local) * kSecondsPerDay);
    point.precision = (id.payload() >> 16 & 1) != 0 ? Precision::kSecond : Precision::kMinute;
    if (point.precision == Precision::kMinute && point.second_of_day % 60 != 0) return damaged();
    point.zone_minutes = minutes;
    point.zone_z = zone == 1;
    time = Date(point);
  } else {
    const auto form = static_cast<int>(id.payload() & ((1 << kFormBits) - 1));
    if (form < 3) {
      time = Date(Cut(PointOfDay(day), static_cast<Precision>(form)));
    } else if (form >= 16 && form < 32) {
      const int start_form = (form - 16) / 4, end_form = form % 4;
      std::optional<TimePoint> first, last;
      if (start_form > 0) first = Cut(PointOfDay(day), static_cast<Precision>(start_form - 1));
      const int64_t length = static_cast<int64_t>(LengthField(id));
      const int64_t last_day = start == 0 ? length - kDayBias : day + length;
      if (end_form > 0) last = Cut(PointOfDay(last_day), static_cast<Precision>(end_form - 1));
      auto period = Period(first, last);
      if (!period.ok()) return damaged();
      time = *period;
    } else {
      return damaged();
    }
  }
  // Also refuses payloads that no time has, so that equal times always have equal ids.
  if (time.ToInlineId() != id) return damaged();
  return time;
}

std::optional<Time> CommonTime(const Time& a, const Time& b) {
  if (!SharesInstant(a, b)) return std::nullopt;
  const bool a_inside = a.first() >= b.first() && a.last() <= b.last();
  const bool b_inside = b.first() >= a.first() && b.last() <= a.last();
  if (a_inside && b_inside) return a.is_date() ? a : b;
  if (a_inside) return a;
  if (b_inside) return b;
  const auto common =
      a.first() > b.first() ? Time::Period(a.start(), b.end()) : Time::Period(b.start(), a.end());
  return common.ok() ? std::optional(*common) : std::nullopt;
}

bool SharesInstant(const Time& a, const Time& b) {
  return a.first() <= b.last() && b.first() <= a.last();
}

int CompareTimes(const Time& a, const Time& b) {
  if (a.first() != b.first()) return a.first() < b.first() ? -1 : 1;
  if (a.last() != b.last()) return a.last() < b.last() ? -1 : 1;
  const int written = a.ToString().compare(b.ToString());
  return written < 0 ? -1 : written > 0 ? 1 : 0;
}

bool Certainly(TimeOp op, const Time& left, const Time& right) {
  switch (op) {
    case TimeOp::kBefore:
      return left.last() < right.first();
    case TimeOp::kAfter:
      return left.first() > right.last();
    case TimeOp::kIn:
      return Contains(right, left);
    case TimeOp::kOverlaps:
      return left.is_date() ? Contains(right, left) : SharesInstant(left, right);
    case TimeOp::kEquals:
      return left == right;
  }
  return false;
}

bool Possibly(TimeOp op, const Time& left, const Time& right) {
  switch (op) {
    case TimeOp::kBefore:
      return (left.is_date() ? left.first() : left.last()) <
             (right.is_date() ? right.last() : right.first());
    case TimeOp::kAfter:
      return (left.is_date() ? left.last() : left.first()) >
             (right.is_date() ? right.first() : right.last());
    case TimeOp::kIn:
      return left.is_date() ? SharesInstant(left, right) : Contains(right, left);
    case TimeOp::kOverlaps:
      return SharesInstant(left, right);
    case TimeOp::kEquals:
      return left == right || (left.is_date() && right.is_date() && SharesInstant(left, right));
  }
  return false;
}

namespace inline_time {

TermId LowerBound(int64_t day) {
  const int64_t biased = std::clamp<int64_t>(day + kDayBias, 0, (int64_t{1} << kStartBits) - 1);
  return TermId::Make(TermKind::kTime, static_cast<uint64_t>(biased) << kSubBits);
}

}  // namespace inline_time

}  // namespace annals

// Durations: units, arithmetic with times, comparison, text.
#include "storage/model/duration.h"

#include <catch2/catch.hpp>
#include <limits>

#include "tests/unit/model/random_times.h"

namespace annals {
namespace {

constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();

Time T(std::string_view text) { return Time::Parse(text).value(); }
Duration D(int64_t amount, TimeUnit unit) { return MakeDuration(amount, unit).value(); }
std::string Sum(std::string_view time, Duration duration) {
  const auto sum = Add(T(time), duration);
  return sum.has_value() ? sum->ToString() : "none";
}

TEST_CASE("units are words in singular or plural") {
  CHECK(ParseTimeUnit("second") == TimeUnit::kSecond);
  CHECK(ParseTimeUnit("minutes") == TimeUnit::kMinute);
  CHECK(ParseTimeUnit("hours") == TimeUnit::kHour);
  CHECK(ParseTimeUnit("day") == TimeUnit::kDay);
  CHECK(ParseTimeUnit("weeks") == TimeUnit::kWeek);
  CHECK(ParseTimeUnit("month") == TimeUnit::kMonth);
  CHECK(ParseTimeUnit("years") == TimeUnit::kYear);
  for (const char* word : {"", "s", "dayss", "Days", "decade"}) CHECK_FALSE(ParseTimeUnit(word));
}

TEST_CASE("durations are months and seconds, checked for overflow") {
  CHECK(D(90, TimeUnit::kMinute) == Duration{0, 5400});
  CHECK(D(2, TimeUnit::kWeek) == Duration{0, 14 * 86400});
  CHECK(D(-2, TimeUnit::kYear) == Duration{-24, 0});
  CHECK_FALSE(MakeDuration(kMost, TimeUnit::kMinute));
  CHECK_FALSE(MakeDuration(kLeast, TimeUnit::kYear));
  CHECK(Add(Duration{1, 2}, Duration{3, 4}) == Duration{4, 6});
  CHECK_FALSE(Add(Duration{0, kMost}, Duration{0, 1}));
  CHECK_FALSE(Add(Duration{kLeast, 0}, Duration{-1, 0}));
  CHECK(Negate(Duration{1, -2}) == Duration{-1, 2});
  CHECK_FALSE(Negate(Duration{0, kLeast}));
  CHECK(Multiply(Duration{1, 2}, -3) == Duration{-3, -6});
  CHECK_FALSE(Multiply(Duration{kMost, 0}, 2));
}

TEST_CASE("a date moves and keeps its precision where it can") {
  const struct {
    const char* time;
    Duration duration;
    const char* sum;
  } kRows[] = {
      {"2024-01-31", D(1, TimeUnit::kMonth), "2024-02-29"},
      {"2023-01-31", D(1, TimeUnit::kMonth), "2023-02-28"},
      {"2024-03-31", D(-1, TimeUnit::kMonth), "2024-02-29"},
      {"2024-02-29", D(1, TimeUnit::kYear), "2025-02-28"},
      {"2024-02-29", D(4, TimeUnit::kYear), "2028-02-29"},
      {"2024-01-15", D(-13, TimeUnit::kMonth), "2022-12-15"},
      {"0001-01", D(-1, TimeUnit::kMonth), "0000-12"},
      {"0000-01", D(-1, TimeUnit::kMonth), "-0001-12"},
      {"2024-06", D(3, TimeUnit::kMonth), "2024-09"},
      {"2024", D(1, TimeUnit::kYear), "2025"},
      {"2024", D(24, TimeUnit::kMonth), "2026"},
      {"2024", D(1, TimeUnit::kMonth), "2024-02"},
      {"2024-02-28", D(1, TimeUnit::kDay), "2024-02-29"},
      {"2024-03-01", D(-1, TimeUnit::kDay), "2024-02-29"},
      {"1970-01-01", D(-1, TimeUnit::kDay), "1969-12-31"},
      {"2024-06-19", D(1, TimeUnit::kWeek), "2024-06-26"},
      {"2024-06-19", D(24, TimeUnit::kHour), "2024-06-20"},
      {"2024-06-19", D(36, TimeUnit::kHour), "2024-06-20T12:00:00"},
      {"2024-06", D(30, TimeUnit::kDay), "2024-07-01"},
      {"2024", D(1, TimeUnit::kDay), "2024-01-02"},
      {"2024-06-19T23:30", D(45, TimeUnit::kMinute), "2024-06-20T00:15"},
      {"2024-06-19T23:30", D(5, TimeUnit::kSecond), "2024-06-19T23:30:05"},
      {"2024-06-19T10:30:05+09:00", D(-1, TimeUnit::kDay), "2024-06-18T10:30:05+09:00"},
      {"2024-01-31T10:30Z", D(1, TimeUnit::kMonth), "2024-02-29T10:30Z"},
      {"2024-01-31", Duration{1, 86400}, "2024-03-01"},
  };
  for (const auto& row : kRows) {
    INFO(row.time << " + " << ToString(row.duration));
    CHECK(Sum(row.time, row.duration) == row.sum);
  }
}

TEST_CASE("a period moves both of its ends, the end from its last moment") {
  CHECK(Sum("2024-05-14..2024-11-29", D(30, TimeUnit::kDay)) == "2024-06-13..2024-12-29");
  CHECK(Sum("2024-05-14..", D(1, TimeUnit::kMonth)) == "2024-06-14..");
  CHECK(Sum("..2024", D(-1, TimeUnit::kYear)) == "..2023");
  CHECK(Sum("2024-05..2024-06", D(1, TimeUnit::kDay)) == "2024-05-02..2024-07-01");
  CHECK(Sum("2024..2024", D(1, TimeUnit::kDay)) == "2024-01-02..2025-01-01");
  CHECK(Sum("2024..2025", D(1, TimeUnit::kMonth)) == "2024-02..2026-01");
  CHECK(Sum("2024-06-19..2024-06-20", D(1, TimeUnit::kHour)) ==
        "2024-06-19T01:00:00..2024-06-21T00:59:59");
  CHECK(Sum("..2024-06-19T10:30", D(5, TimeUnit::kSecond)) == "..2024-06-19T10:31:04");
  CHECK(Sum("..2024-06-19T10:30", D(1, TimeUnit::kDay)) == "..2024-06-20T10:30");
}

TEST_CASE("a shift by days or finer moves a period's first and last instants by just that") {
  RandomTimes random(7);
  for (int i = 0; i < 10000; ++i) {
    const Time time = random.Any(1900, 2100);
    const TimeUnit unit = static_cast<TimeUnit>(random.Between(0, 4));
    const Duration duration = D(random.Between(-1000, 1000), unit);
    const auto sum = Add(time, duration);
    INFO(time.ToString() << " + " << ToString(duration));
    REQUIRE(sum.has_value());
    if (Time::Parse(sum->ToString()).value() != *sum) FAIL("not as it would be written");
    if (!time.open_start() && sum->first() != time.first() + duration.seconds) FAIL("start");
    if (time.is_period() && !time.open_end() && sum->last() != time.last() + duration.seconds) {
      FAIL("end");
    }
  }
}

TEST_CASE("sums beyond the years that can be written are none") {
  CHECK(Sum("999999-12-31", D(1, TimeUnit::kDay)) == "none");
  CHECK(Sum("-999999", D(-1, TimeUnit::kMonth)) == "none");
  CHECK(Sum("999999-12", D(1, TimeUnit::kMonth)) == "none");
  CHECK(Sum("999998-12-31", D(1, TimeUnit::kDay)) == "999999-01-01");
  for (const int64_t amount : {kMost, kLeast, kMost - 86400, kLeast + 1}) {
    CHECK(Sum("1970-01-01", Duration{0, amount}) == "none");
    CHECK(Sum("1969", Duration{0, amount}) == "none");
    CHECK(Sum("-999999", Duration{amount, 0}) == "none");
    CHECK(Sum("2024..", Duration{amount, 0}) == "none");
  }
}

TEST_CASE("the difference of two times goes from start to start") {
  const auto difference = [](std::string_view later, std::string_view earlier) {
    const auto result = Difference(T(later), T(earlier));
    return result.has_value() ? ToString(*result) : "none";
  };
  CHECK(difference("2024-11-29", "2024-05-14") == "199 days");
  CHECK(difference("2024-05-14", "2024-11-29") == "-199 days");
  CHECK(difference("2025", "2024") == "366 days");
  CHECK(difference("2024-06-19T10:30Z", "2024-06-19") == "10 hours 30 minutes");
  CHECK(difference("2024-06-19T10:30+09:00", "2024-06-19T10:30Z") == "-9 hours");
  CHECK(difference("2024-05-14..", "2024-05-13..2030") == "1 day");
  CHECK(difference("..2024", "2024") == "none");
  CHECK(difference("2024", "..2024") == "none");
  CHECK(difference("2024", "2024-01-01") == "0 seconds");
}

TEST_CASE("durations compare by length, exactly") {
  CHECK(CompareDurations(D(7, TimeUnit::kDay), D(1, TimeUnit::kWeek)) == 0);
  CHECK(CompareDurations(D(12, TimeUnit::kMonth), D(1, TimeUnit::kYear)) == 0);
  CHECK(CompareDurations(D(30, TimeUnit::kDay), D(1, TimeUnit::kMonth)) < 0);
  CHECK(CompareDurations(D(31, TimeUnit::kDay), D(1, TimeUnit::kMonth)) > 0);
  CHECK(CompareDurations(D(4800, TimeUnit::kMonth), D(146097, TimeUnit::kDay)) == 0);
  CHECK(CompareDurations(D(-1, TimeUnit::kYear), D(0, TimeUnit::kDay)) < 0);
  CHECK(CompareDurations(Duration{kMost, 0}, Duration{kMost - 1, 2629747}) < 0);
  CHECK(CompareDurations(Duration{kMost, kMost}, Duration{kMost, kMost - 1}) > 0);
}

TEST_CASE("durations are shown in the units of the language") {
  CHECK(ToString(Duration{}) == "0 seconds");
  CHECK(ToString(D(30, TimeUnit::kDay)) == "30 days");
  CHECK(ToString(D(1, TimeUnit::kDay)) == "1 day");
  CHECK(ToString(D(18, TimeUnit::kMonth)) == "1 year 6 months");
  CHECK(ToString(Duration{2, 3 * 86400 + 4 * 3600 + 60 + 1}) ==
        "2 months 3 days 4 hours 1 minute 1 second");
  CHECK(ToString(D(-25, TimeUnit::kHour)) == "-1 day -1 hour");
}

}  // namespace
}  // namespace annals

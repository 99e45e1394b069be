// Times: the calendar, what is read and refused, intervals, parts.
#include "storage/model/time.h"

#include <catch2/catch.hpp>

#include "tests/unit/model/random_times.h"

namespace annals {
namespace {

constexpr int64_t kDay = 86400;

Time T(std::string_view text) {
  auto time = Time::Parse(text);
  INFO(text);
  REQUIRE(time.ok());
  return *time;
}

std::string Shown(const std::optional<Time>& time) { return time ? time->ToString() : "none"; }

TEST_CASE("every day of 2,000 years follows the day before it") {
  int64_t day = DaysFromCivil(-700, 1, 1);
  for (int64_t year = -700; year <= 1300; ++year) {
    for (int month = 1; month <= 12; ++month) {
      for (int of_month = 1; of_month <= DaysInMonth(year, month); ++of_month, ++day) {
        int64_t y = 0;
        int m = 0, d = 0;
        CivilFromDays(day, &y, &m, &d);
        if (DaysFromCivil(year, month, of_month) != day || y != year || m != month ||
            d != of_month) {
          FAIL(year << "-" << month << "-" << of_month << " is not day " << day);
        }
      }
    }
  }
  CHECK(DaysFromCivil(1970, 1, 1) == 0);
  CHECK(DaysFromCivil(2000, 3, 1) == 11017);
  CHECK(DaysFromCivil(0, 3, 1) == -719468);
}

TEST_CASE("months have the days of the Gregorian calendar") {
  const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  for (int month = 1; month <= 12; ++month) CHECK(DaysInMonth(2023, month) == days[month - 1]);
  for (int64_t leap : {2024, 2000, 1600, 0, -4, -400, -2000}) CHECK(DaysInMonth(leap, 2) == 29);
  for (int64_t common : {2023, 1900, 2100, -1, -100, -300}) CHECK(DaysInMonth(common, 2) == 28);
}

TEST_CASE("what was written comes back as written") {
  for (const char* text : {"2024",
                           "0079",
                           "-0044",
                           "0000",
                           "12024",
                           "-999999",
                           "999999",
                           "2024-06",
                           "2024-06-19",
                           "-0044-03-15",
                           "2024-02-29",
                           "2000-02-29",
                           "2024-06-19T10:30",
                           "2024-06-19T00:00:00",
                           "2024-06-19T23:59:59Z",
                           "2024-06-19T10:30+09:00",
                           "2024-06-19T10:30:05-03:30",
                           "2024-06-19T10:30:05+00:00",
                           "2024-06-19T10:30+05:53",
                           "2024-05-14..2024-11-29",
                           "2024-05-14..",
                           "..2024",
                           "2024..2024",
                           "2024..2024-06",
                           "-0044..0014-08",
                           "2024-01-01T10:00..2024-01-01T11:00:30Z",
                           "..2024-06-19T10:30+14:00"}) {
    CHECK(Time::LooksLikeTime(text));
    CHECK(T(text).ToString() == text);
  }
}

TEST_CASE("random times come back as written and equal") {
  RandomTimes random(20240619);
  for (int i = 0; i < 20000; ++i) {
    const Time time = random.Any(i % 2 == 0 ? -999999 : 1900, i % 2 == 0 ? 999999 : 2100);
    const std::string text = time.ToString();
    const auto read = Time::Parse(text);
    if (!read.ok() || *read != time || read->ToString() != text) FAIL(text);
    if (time.first() > time.last()) FAIL(text << " ends before it starts");
  }
}

TEST_CASE("text that has no shape of a time is left to be a name") {
  for (const char* text : {"",
                           "..",
                           "...",
                           "24",
                           "123",
                           "-123",
                           "2024-6",
                           "2024-06-1",
                           "2024-06-19 10:30",
                           "2024-06-19T10",
                           "2024-06-19T10:30+9:00",
                           "2024-06-19T10:30z",
                           "2024-06-19T1030",
                           "2024/06",
                           "June 2024",
                           "2024 ",
                           " 2024",
                           "+2024",
                           "2024-",
                           "2024-06-",
                           "2024-06-19T",
                           "2024...2025",
                           "2024..2025..2026",
                           "2024-123",
                           "KN-23",
                           "9K720",
                           "--2024",
                           "2024-06-19Z",
                           "2024,5"}) {
    INFO("'" << text << "'");
    CHECK_FALSE(Time::LooksLikeTime(text));
    CHECK(Time::Parse(text).status().code() == absl::StatusCode::kInvalidArgument);
  }
}

TEST_CASE("a time's shape alone is not enough") {
  const struct {
    const char* text;
    const char* message;
  } kRows[] = {
      {"2023-02-29", "2023-02-29 is not a date: February 2023 has 28 days"},
      {"1900-02-29", "1900-02-29 is not a date: February 1900 has 28 days"},
      {"2024-04-31", "2024-04-31 is not a date: April 2024 has 30 days"},
      {"2024-01-00", "2024-01-00 is not a date: January 2024 has 31 days"},
      {"2024-13-45", "2024-13-45 is not a date: the month is not from 01 to 12"},
      {"2024-00", "2024-00 is not a date: the month is not from 01 to 12"},
      {"2024-06-19T24:00", "2024-06-19T24:00 is not a date: the hour is not from 00 to 23"},
      {"2024-06-19T10:60", "2024-06-19T10:60 is not a date: the minute is not from 00 to 59"},
      {"2016-12-31T23:59:60Z",
       "2016-12-31T23:59:60Z is not a date: the second is not from 00 to 59"},
      {"2024-06-19T10:30+14:01",
       "2024-06-19T10:30+14:01 is not a date: the zone is not from -14:00 to +14:00"},
      {"2024-06-19T10:30-00:00",
       "2024-06-19T10:30-00:00 is not a date: write the zone +00:00 or Z"},
      {"1234567", "1234567 is not a date: a year has at most 6 digits"},
      {"02024", "02024 is not a date: a year of more than 4 digits begins with no 0"},
      {"-0000", "-0000 is not a date: the year before 0001 is 0000"},
      {"2024..2023-02-29", "2023-02-29 is not a date: February 2023 has 28 days"},
      {"2024-06..2024-05", "the period 2024-06..2024-05 ends before it starts"},
      {"0044..-0044", "the period 0044..-0044 ends before it starts"},
  };
  for (const auto& row : kRows) {
    INFO(row.text);
    CHECK(Time::LooksLikeTime(row.text));
    CHECK(ToStd(Time::Parse(row.text).status().message()) == row.message);
  }
}

TEST_CASE("a bare year is recognised") {
  for (const char* text : {"2024", "0079", "-0044", "12024"}) CHECK(Time::LooksLikeBareYear(text));
  for (const char* text : {"2024-06", "2024..", "..2024", "24", ""}) {
    CHECK_FALSE(Time::LooksLikeBareYear(text));
  }
}

TEST_CASE("a time is the interval from its first second to its last") {
  const int64_t june19 = DaysFromCivil(2024, 6, 19) * kDay;
  const struct {
    const char* text;
    int64_t first, last;
  } kRows[] = {
      {"1970", 0, 365 * kDay - 1},
      {"2024", DaysFromCivil(2024, 1, 1) * kDay, DaysFromCivil(2025, 1, 1) * kDay - 1},
      {"2024-02", DaysFromCivil(2024, 2, 1) * kDay, DaysFromCivil(2024, 3, 1) * kDay - 1},
      {"2024-12", DaysFromCivil(2024, 12, 1) * kDay, DaysFromCivil(2025, 1, 1) * kDay - 1},
      {"2024-06-19", june19, june19 + kDay - 1},
      {"2024-06-19T10:30", june19 + 37800, june19 + 37859},
      {"2024-06-19T10:30:05", june19 + 37805, june19 + 37805},
      {"2024-06-19T10:30:05+09:00", june19 + 37805 - 32400, june19 + 37805 - 32400},
      {"2024-06-19T23:30-01:00", june19 + kDay + 1800, june19 + kDay + 1859},
      {"2024-06-19..", june19, Time::kOpenEnd},
      {"..2024-06-19", Time::kOpenStart, june19 + kDay - 1},
      {"2024-06-19..2024-06-20T12:00", june19, june19 + kDay + 43259},
  };
  for (const auto& row : kRows) {
    INFO(row.text);
    CHECK(T(row.text).first() == row.first);
    CHECK(T(row.text).last() == row.last);
  }
  CHECK(T("..2024").open_start());
  CHECK_FALSE(T("..2024").open_end());
  CHECK(T("2024..").open_end());
  CHECK(T("2024").is_date());
  CHECK(T("2024..2024").is_period());
}

TEST_CASE("equal means written alike") {
  CHECK(T("2024-06") == T("2024-06"));
  CHECK(T("2024-06") != T("2024-06-01..2024-06-30"));
  CHECK(T("2024-06") != T("2024-06..2024-06"));
  CHECK(T("2024-06-19T10:30Z") != T("2024-06-19T10:30+00:00"));
  CHECK(T("2024-06-19T10:30") != T("2024-06-19T10:30:00"));
}

TEST_CASE("the first and the last day or second of a time") {
  const struct {
    const char *text, *first, *last;
  } kRows[] = {
      {"2024", "2024-01-01", "2024-12-31"},
      {"2024-02", "2024-02-01", "2024-02-29"},
      {"-0044", "-0044-01-01", "-0044-12-31"},
      {"2024-06-19", "2024-06-19", "2024-06-19"},
      {"2024-06-19T10:30+09:00", "2024-06-19T10:30:00+09:00", "2024-06-19T10:30:59+09:00"},
      {"2024-05..2024-11-29", "2024-05-01", "2024-11-29"},
      {"2024-05-14..", "2024-05-14", "none"},
      {"..2023", "none", "2023-12-31"},
      {"2024..2024-06-19T10:30Z", "2024-01-01", "2024-06-19T10:30:59Z"},
  };
  for (const auto& row : kRows) {
    INFO(row.text);
    CHECK(Shown(T(row.text).First()) == row.first);
    CHECK(Shown(T(row.text).Last()) == row.last);
  }
}

TEST_CASE("year, month and day are known as far as the start is written") {
  const auto parts = [](std::string_view text) {
    std::string shown;
    const Time time = T(text);
    for (const auto& part : {time.YearNumber(), time.MonthNumber(), time.DayNumber()}) {
      shown += part.has_value() ? std::to_string(*part) + " " : "- ";
    }
    return shown;
  };
  CHECK(parts("2024") == "2024 - - ");
  CHECK(parts("2024-06") == "2024 6 - ");
  CHECK(parts("-0044-03-15") == "-44 3 15 ");
  CHECK(parts("2024-06-19T01:00+09:00") == "2024 6 19 ");
  CHECK(parts("2024-05-14..2025") == "2024 5 14 ");
  CHECK(parts("..2024") == "- - - ");
}

TEST_CASE("times are cut to coarser units, never to finer ones") {
  const auto cut = [](std::string_view text, TimeUnit unit) { return Shown(T(text).Trunc(unit)); };
  CHECK(cut("2024-06-19", TimeUnit::kMonth) == "2024-06");
  CHECK(cut("2024-06-19", TimeUnit::kYear) == "2024");
  CHECK(cut("2024-06-19T10:30:05Z", TimeUnit::kDay) == "2024-06-19");
  CHECK(cut("2024-06", TimeUnit::kMonth) == "2024-06");
  CHECK(cut("2024", TimeUnit::kMonth) == "none");
  CHECK(cut("2024-06", TimeUnit::kDay) == "none");
  CHECK(cut("2024-06-19", TimeUnit::kHour) == "none");
  CHECK(cut("2024-05-14..2024-11-29", TimeUnit::kMonth) == "2024-05");
  CHECK(cut("..2024", TimeUnit::kYear) == "none");
  CHECK(cut("2024-06-19", TimeUnit::kWeek) == "2024-06-17..2024-06-23");
  CHECK(cut("2024-06-17", TimeUnit::kWeek) == "2024-06-17..2024-06-23");
  CHECK(cut("2024-06-23", TimeUnit::kWeek) == "2024-06-17..2024-06-23");
  CHECK(cut("1969-12-28", TimeUnit::kWeek) == "1969-12-22..1969-12-28");
  CHECK(cut("2024-06", TimeUnit::kWeek) == "none");
}

TEST_CASE("times made of instants, days and years") {
  CHECK(Time::FromInstant(0).ToString() == "1970-01-01T00:00:00Z");
  CHECK(Time::FromInstant(-1).ToString() == "1969-12-31T23:59:59Z");
  CHECK(Time::FromInstant(-kDay).ToString() == "1969-12-31T00:00:00Z");
  CHECK(Time::FromInstant(1718793005).ToString() == "2024-06-19T10:30:05Z");
  CHECK(Time::FromDay(-1).ToString() == "1969-12-31");
  CHECK(Time().ToString() == "1970-01-01");
  CHECK(Time() == T("1970-01-01"));
  CHECK(Shown(Time::Year(79)) == "0079");
  CHECK(Shown(Time::Year(-999999)) == "-999999");
  CHECK(Shown(Time::Year(1000000)) == "none");
  CHECK_FALSE(Time::Period(std::nullopt, std::nullopt).ok());
}

}  // namespace
}  // namespace annals

// What is certainly and possibly so between two times.
#include <catch2/catch.hpp>

#include "storage/model/time.h"
#include "tests/unit/model/random_times.h"

namespace annals {
namespace {

Time T(std::string_view text) { return Time::Parse(text).value(); }

constexpr TimeOp kOps[] = {TimeOp::kBefore, TimeOp::kAfter, TimeOp::kIn, TimeOp::kOverlaps,
                           TimeOp::kEquals};

// One letter each for before, after, in, overlaps, equals: C certainly, p possibly, - never.
std::string Row(std::string_view left, std::string_view right) {
  std::string row;
  const Time a = T(left), b = T(right);
  for (const TimeOp op : kOps) row += Certainly(op, a, b) ? 'C' : Possibly(op, a, b) ? 'p' : '-';
  return row;
}

TEST_CASE("operators between dates and periods") {
  const struct {
    const char *left, *right, *expected;
  } kRows[] = {
      // dates apart
      {"2024-05", "2024-06", "C----"},
      {"2024-06", "2024-05", "-C---"},
      {"2024-06-19", "2024-06-20", "C----"},
      {"2024-06-19T10:30:05", "2024-06-19T10:30:06", "C----"},
      // a date within a coarser one
      {"2024-06-19", "2024-06", "ppCCp"},
      {"2024-06", "2024-06-15", "ppppp"},
      {"2024-06-01", "2024-06", "ppCCp"},
      // the same date: two moments of it may come in either order
      {"2024-06", "2024-06", "ppCCC"},
      {"2024-06-19T10:30:05Z", "2024-06-19T10:30:05Z", "--CCC"},
      {"2024-06-19T10:30:05Z", "2024-06-19T12:30:05+02:00", "--CCp"},
      // a date and a period
      {"2024-06-19", "2024-05-14..2024-11-29", "--CC-"},
      {"2024", "2024-05-14..2024-11-29", "pppp-"},
      {"2024-06-19", "2024-05-14..", "--CC-"},
      {"2024-05-13", "2024-05-14..", "C----"},
      {"2024-05", "2024-05-14..", "p-pp-"},
      {"2025", "..2024", "-C---"},
      // a period and a date: the period holds all along
      {"2024-05-14..2024-11-29", "2024", "ppCC-"},
      {"2024-05-14..2024-11-29", "2025", "C----"},
      {"2024-05-14..2024-11-29", "2024-11", "p--C-"},
      {"2024-05-14..2024-11-29", "2024-06", "---C-"},
      {"2024-05-14..", "2024-06-19", "---C-"},
      {"2024-05-14..", "2024-05-14", "---C-"},
      {"2024-05-14..", "2024-05", "-p-C-"},
      {"2024-05-15..", "2024-05-14", "-C---"},
      {"..2024", "2024-12", "---C-"},
      {"..2024-06", "2024", "p--C-"},
      {"..2024", "2025", "C----"},
      // periods
      {"2024..2025", "2026..2027", "C----"},
      {"2024..2025", "2025..2026", "---C-"},
      {"2024..2025", "2023..2026", "--CC-"},
      {"2024..2025", "2024..2025", "--CCC"},
      {"2024..2025", "2024-01-01..2025-12-31", "--CC-"},
      {"2024..", "2023..", "--CC-"},
      {"2023..", "2024..", "---C-"},
      {"..2024", "2025..", "C----"},
      {"..2024", "2024..", "---C-"},
      {"2024-06", "2024-06..2024-06", "--CC-"},
      {"2024-06..2024-06", "2024-06", "--CC-"},
  };
  for (const auto& row : kRows) {
    INFO(row.left << " and " << row.right);
    CHECK(Row(row.left, row.right) == row.expected);
  }
}

// The header's meaning, played through: a date is a moment of its interval, a period all of them.
bool Possible(TimeOp op, const Time& left, const Time& right, bool certainly) {
  constexpr int64_t kHour = 3600;
  const auto moments = [](const Time& time) {
    std::vector<std::pair<int64_t, int64_t>> choices;
    if (time.is_period()) return decltype(choices){{time.first(), time.last()}};
    for (int64_t at = time.first(); at <= time.last(); at += kHour) choices.emplace_back(at, at);
    if (choices.back().first != time.last()) choices.emplace_back(time.last(), time.last());
    return choices;
  };
  const bool window = op == TimeOp::kIn || op == TimeOp::kOverlaps;
  const auto rights =
      window ? decltype(moments(right)){{right.first(), right.last()}} : moments(right);
  for (const auto& [a, b] : moments(left)) {
    for (const auto& [c, d] : rights) {
      const bool holds = op == TimeOp::kBefore  ? b < c
                         : op == TimeOp::kAfter ? a > d
                         : op == TimeOp::kIn    ? c <= a && b <= d
                                                : a <= d && c <= b;
      if (holds != certainly) return !certainly;
    }
  }
  return certainly;
}

TEST_CASE("operators agree with every moment tried") {
  RandomTimes random(5);
  const auto time = [&random] {
    // Days and hours of one week, with their ends on the hour so that trying hours is exact.
    const int64_t day = DaysFromCivil(2024, 2, 26) + random.Between(0, 6);
    TimePoint point = *Time::FromDay(day).start(),
              later = *Time::FromDay(day + random.Between(0, 3)).start();
    if (random.Between(0, 2) == 0) {
      point.precision = later.precision = Precision::kSecond;
      point.second_of_day = static_cast<int>(random.Between(0, 3)) * 3600;
      later.second_of_day = 4 * 3600;
    }
    switch (random.Between(0, 4)) {
      case 0:
        return Time::Period(point, later).value();
      case 1:
        return Time::Period(point, std::nullopt).value();
      case 2:
        return Time::Period(std::nullopt, later).value();
      default:
        return Time::Date(point);
    }
  };
  for (int i = 0; i < 5000; ++i) {
    const Time a = time(), b = time();
    for (const TimeOp op : {TimeOp::kBefore, TimeOp::kAfter, TimeOp::kIn, TimeOp::kOverlaps}) {
      INFO(a.ToString() << " and " << b.ToString() << ", operator " << static_cast<int>(op));
      if (Possibly(op, a, b) != Possible(op, a, b, false)) FAIL("possibly");
      if (Certainly(op, a, b) != Possible(op, a, b, true)) FAIL("certainly");
    }
  }
}

TEST_CASE("what is certain is possible; before mirrors after; sharing an instant is mutual") {
  RandomTimes random(6);
  for (int i = 0; i < 30000; ++i) {
    const Time a = random.Any(2023, 2025), b = random.Any(2023, 2025);
    INFO(a.ToString() << " and " << b.ToString());
    for (const TimeOp op : kOps) {
      if (Certainly(op, a, b) && !Possibly(op, a, b)) FAIL("certain, not possible");
    }
    if (Certainly(TimeOp::kBefore, a, b) != Certainly(TimeOp::kAfter, b, a)) FAIL("certainly");
    if (Possibly(TimeOp::kBefore, a, b) != Possibly(TimeOp::kAfter, b, a)) FAIL("possibly");
    if (SharesInstant(a, b) != SharesInstant(b, a)) FAIL("sharing");
    if (SharesInstant(a, b) != Possibly(TimeOp::kOverlaps, a, b)) FAIL("overlaps");
    if (SharesInstant(a, b) ==
        (Certainly(TimeOp::kBefore, a, b) || Certainly(TimeOp::kAfter, a, b))) {
      FAIL("apart or sharing, never both");
    }
  }
}

TEST_CASE("times compare by start, then end, then text") {
  const char* kInOrder[] = {"..2023",
                            "..2024",
                            "-0044",
                            "2023",
                            "2024-01-01T00:00:00Z",
                            "2024-01-01",
                            "2024-01",
                            "2024",
                            "2024..2024",
                            "2024..2025",
                            "2024..",
                            "2024-01-02",
                            "2024-06-19T10:30:00Z",
                            "2024-06-19T12:30+02:00"};
  for (size_t i = 0; i < std::size(kInOrder); ++i) {
    for (size_t j = 0; j < std::size(kInOrder); ++j) {
      INFO(kInOrder[i] << " and " << kInOrder[j]);
      const int order = CompareTimes(T(kInOrder[i]), T(kInOrder[j]));
      CHECK((order < 0) == (i < j));
      CHECK((order == 0) == (i == j));
    }
  }
}

}  // namespace
}  // namespace annals

// Ids that hold a time: they come back, order by the start, and nothing else is taken for one.
#include <catch2/catch.hpp>
#include <vector>

#include "storage/model/time.h"
#include "tests/unit/model/random_times.h"

namespace annals {
namespace {

Time T(std::string_view text) { return Time::Parse(text).value(); }

int64_t StartDay(const Time& time) {
  const int64_t first = time.first();
  return first / 86400 - (first % 86400 < 0 ? 1 : 0);
}

TEST_CASE("the bits of a time's id are what the header draws; stored data depend on them") {
  const auto bits = [](std::string_view text) { return T(text).ToInlineId().value().bits(); };
  constexpr uint64_t kTime = uint64_t{3} << 60;
  constexpr uint64_t kBias = uint64_t{1} << 24;
  CHECK(bits("1970-01-01") == (kTime | kBias << 35 | 2));
  CHECK(bits("1970-01-02") == (kTime | (kBias + 1) << 35 | 2));
  CHECK(bits("1970") == (kTime | kBias << 35 | uint64_t{364} << 9 | 0));
  CHECK(bits("1970-02") == (kTime | (kBias + 31) << 35 | uint64_t{27} << 9 | 1));
  CHECK(bits("1970-01-01..1970-01-10") == (kTime | kBias << 35 | uint64_t{9} << 9 | 31));
  CHECK(bits("1970-01-01..") == (kTime | kBias << 35 | uint64_t{0x1ffffff} << 9 | 28));
  CHECK(bits("..1970-01-01") == (kTime | kBias << 9 | 19));
  CHECK(bits("1970-01-01T00:00:01Z") == (kTime | kBias << 35 | uint64_t{1} << 34 |
                                         uint64_t{1} << 17 | uint64_t{1} << 16 | 1u << 9));
  CHECK(bits("1970-01-01T00:01") == (kTime | kBias << 35 | uint64_t{1} << 34 | uint64_t{60} << 17));
  CHECK(bits("1970-01-01T00:00+09:00") ==
        (kTime | (kBias - 1) << 35 | uint64_t{1} << 34 | uint64_t{54000} << 17 | (36u + 58u) << 9));
}

TEST_CASE("plain days share all of their low bits") {
  const auto low = [](std::string_view text) {
    return T(text).ToInlineId()->bits() & ((uint64_t{1} << inline_time::kSubBits) - 1);
  };
  CHECK(low("2024-06-19") == low("-0044-03-15"));
  CHECK(low("2024-06-19") == low("9999-12-31"));
}

TEST_CASE("times that have no inline id go to the dictionary") {
  for (const char* text :
       {"2024-01-01T10:00..2024-01-01T11:00", "2024-01-01T10:00..", "..2024-01-01T10:00Z",
        "2024-06-19T10:30+05:53", "-999999", "999999", "0001..999999", "..999999-01-01"}) {
    INFO(text);
    CHECK_FALSE(T(text).ToInlineId().has_value());
  }
}

TEST_CASE("random times come back from their ids, with first and last read off the bits") {
  RandomTimes random(1);
  int inlined = 0;
  for (int i = 0; i < 20000; ++i) {
    const Time time = random.Any(i % 2 == 0 ? -40000 : 1900, i % 2 == 0 ? 40000 : 2100);
    const auto id = time.ToInlineId();
    if (!id.has_value()) continue;
    ++inlined;
    const auto read = Time::FromInlineId(*id);
    if (id->kind() != TermKind::kTime || !read.ok() || *read != time ||
        inline_time::FirstInstant(*id) != time.first() ||
        inline_time::LastInstant(*id) != time.last()) {
      FAIL(time.ToString());
    }
  }
  CHECK(inlined > 12000);
}

TEST_CASE("ids order by the day of the start, and day-grained ones by start, then end") {
  RandomTimes random(2);
  for (int i = 0; i < 50000; ++i) {
    const bool near = i % 2 == 0;
    const Time a = random.Any(near ? 2023 : -40000, near ? 2024 : 40000, i % 4 < 2);
    const Time b = random.Any(near ? 2023 : -40000, near ? 2024 : 40000, i % 4 < 2);
    const auto left = a.ToInlineId(), right = b.ToInlineId();
    if (!left.has_value() || !right.has_value()) continue;
    if ((a == b) != (*left == *right)) FAIL(a.ToString() << " and " << b.ToString());
    if (!(*left < *right)) continue;
    if (a.open_start() || b.open_start()) {
      if (!a.open_start()) FAIL(a.ToString() << " before the open " << b.ToString());
    } else if (StartDay(a) > StartDay(b)) {
      FAIL(a.ToString() << " sorts before " << b.ToString());
    }
    if (i % 4 < 2 && std::pair(a.first(), a.last()) > std::pair(b.first(), b.last())) {
      FAIL(a.ToString() << " sorts before " << b.ToString());
    }
  }
}

TEST_CASE("the lower bound of a day stands between the ids before it and those from it on") {
  RandomTimes random(3);
  for (int i = 0; i < 20000; ++i) {
    const Time time = random.Any(2023, 2024);
    const auto id = time.ToInlineId();
    if (!id.has_value() || time.open_start()) continue;
    const int64_t day = random.Between(DaysFromCivil(2022, 12, 1), DaysFromCivil(2025, 2, 1));
    if ((*id >= inline_time::LowerBound(day)) != (StartDay(time) >= day)) {
      FAIL(time.ToString() << " and day " << day);
    }
  }
  CHECK(inline_time::LowerBound(-100000000) <= *T("..0001").ToInlineId());
  CHECK(inline_time::LowerBound(100000000) > *T("40000-01-01..").ToInlineId());
  CHECK(*T("..9999").ToInlineId() < *T("-40000").ToInlineId());
}

// A block on disk may hold any bits: each is either an id that some written time has, or damage.
TEST_CASE("bits that no time has are refused") {
  const auto refused = [](uint64_t payload) {
    return Time::FromInlineId(TermId::Make(TermKind::kTime, payload)).status().code() ==
           absl::StatusCode::kDataLoss;
  };
  const auto day = T("2024-06-19").ToInlineId()->payload();
  const auto clock = T("2024-06-19T10:30Z").ToInlineId()->payload();
  CHECK(refused(0));
  CHECK(refused(TermId::kPayloadMask));
  CHECK(refused(day | 1 << 9));                     // a day of two days
  CHECK(refused((day & ~uint64_t{0x1ff}) | 3));     // no such form
  CHECK(refused((day & ~uint64_t{0x1ff}) | 1));     // a month that begins on the 19th
  CHECK(refused((day & ~uint64_t{0x1ff}) | 16));    // open at both ends
  CHECK(refused(day & ((uint64_t{1} << 35) - 1)));  // a day without a start
  CHECK(refused(clock | 1));                        // unused bits
  CHECK(refused(clock & ((uint64_t{1} << 35) - 1)));
  CHECK(refused(clock + (uint64_t{1} << 17)));      // a minute that begins at its second 1
  CHECK(refused(clock | uint64_t{0x1ffff} << 17));  // beyond the day
  CHECK(refused(clock | uint64_t{0x7f} << 9));      // a zone of +17:15

  RandomTimes random(4);
  for (int i = 0; i < 200000; ++i) {
    // All bits random, or those of a time with one turned over.
    TermId id = TermId::Make(TermKind::kTime, static_cast<uint64_t>(random.Between(0, INT64_MAX)));
    if (i % 2 == 0) {
      const auto written = random.Any(1900, 2100).ToInlineId();
      if (!written.has_value()) continue;
      id = TermId::FromBits(written->bits() ^ uint64_t{1} << random.Between(0, 59));
    }
    const auto time = Time::FromInlineId(id);
    if (!time.ok()) continue;
    const auto read = Time::Parse(time->ToString());
    if (!read.ok() || read->ToInlineId() != id) FAIL(id.bits() << " read as " << time->ToString());
  }
}

}  // namespace
}  // namespace annals

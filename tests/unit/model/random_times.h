// Random times of every written form, the same for the same seed.
#ifndef TESTS_UNIT_MODEL_RANDOM_TIMES_H_
#define TESTS_UNIT_MODEL_RANDOM_TIMES_H_

#include <cstdint>
#include <optional>
#include <random>

#include "storage/model/time.h"

namespace annals {

class RandomTimes {
 public:
  explicit RandomTimes(uint32_t seed) : random_(seed) {}

  int64_t Between(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random_);
  }

  TimePoint Point(int64_t first_year, int64_t last_year, bool day_grain = false) {
    TimePoint point;
    point.precision = static_cast<Precision>(Between(0, day_grain ? 2 : 4));
    point.year = Between(first_year, last_year);
    if (point.precision >= Precision::kMonth) point.month = static_cast<int>(Between(1, 12));
    if (point.precision >= Precision::kDay) {
      point.day = static_cast<int>(Between(1, DaysInMonth(point.year, point.month)));
    }
    if (point.precision < Precision::kMinute) return point;
    point.second_of_day = static_cast<int>(
        point.precision == Precision::kSecond ? Between(0, 86399) : Between(0, 1439) * 60);
    switch (Between(0, 3)) {
      case 0:
        break;
      case 1:
        point.zone_minutes = 0;
        point.zone_z = true;
        break;
      case 2:
        point.zone_minutes = static_cast<int>(Between(-56, 56)) * 15;
        break;
      default:
        point.zone_minutes = static_cast<int>(Between(-840, 840));
    }
    return point;
  }

  Time Any(int64_t first_year, int64_t last_year, bool day_grain = false) {
    while (true) {
      const TimePoint start = Point(first_year, last_year, day_grain);
      const int64_t form = Between(0, 4);
      if (form < 2) return Time::Date(start);
      const TimePoint end = Point(start.year, std::min(start.year + 30, last_year), day_grain);
      const auto period = form == 2   ? Time::Period(start, std::nullopt)
                          : form == 3 ? Time::Period(std::nullopt, end)
                                      : Time::Period(start, end);
      if (period.ok()) return *period;
    }
  }

 private:
  std::mt19937 random_;
};

}  // namespace annals

#endif  // TESTS_UNIT_MODEL_RANDOM_TIMES_H_

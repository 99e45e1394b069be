// Functions of times.
#include "absl/strings/str_cat.h"
#include "query/functions/tables.h"

namespace annals::functions {
namespace {

Term OrEmpty(const std::optional<Time>& time) { return time.has_value() ? Term(*time) : Term(); }
Term OrEmpty(const std::optional<int64_t>& number) {
  return number.has_value() ? Term(*number) : Term();
}

template <typename Result, std::optional<Result> (Time::*part)() const>
absl::StatusOr<Term> PartOf(Arguments arguments, EvaluationContext&) {
  const auto* time = arguments[0]->As<Time>();
  return time == nullptr ? Term() : OrEmpty((time->*part)());
}

std::optional<TimeUnit> TruncUnit(const Term& term) {
  const auto* text = term.As<Text>();
  const auto unit = text == nullptr ? std::nullopt : ParseTimeUnit(text->value);
  if (unit == TimeUnit::kDay || unit == TimeUnit::kWeek || unit == TimeUnit::kMonth ||
      unit == TimeUnit::kYear) {
    return unit;
  }
  return std::nullopt;
}

absl::StatusOr<Term> Trunc(Arguments arguments, EvaluationContext&) {
  const auto* time = arguments[0]->As<Time>();
  const auto unit = TruncUnit(*arguments[1]);
  return time == nullptr || !unit.has_value() ? Term() : OrEmpty(time->Trunc(*unit));
}

absl::Status CheckTrunc(Arguments constants) {
  if (constants[1] == nullptr || TruncUnit(*constants[1]).has_value()) return absl::OkStatus();
  return InvalidArgument(absl::StrCat("trunc: '", DisplayText(*constants[1]),
                                      "' is not a unit: write day, week, month or year"));
}

absl::StatusOr<Term> MakePeriod(Arguments arguments, EvaluationContext&) {
  const auto* first = arguments[0]->As<Time>();
  const auto* last = arguments[1]->As<Time>();
  if (first == nullptr || last == nullptr) return Term();
  const auto period = Time::Period(first->start(), last->end());
  return period.ok() ? Term(*period) : Term();
}

absl::StatusOr<Term> Today(Arguments, EvaluationContext& context) {
  return Term(Time::FromDay(DayOfInstant(context.now())));
}

absl::StatusOr<Term> Now(Arguments, EvaluationContext& context) {
  return Term(Time::FromInstant(context.now()));
}

constexpr auto kTimes = FunctionGroup::kTimes;
constexpr Function kRows[] = {
    {"start", kTimes, 1, 1, "time", "time", "Its first day or second; empty where it is open.",
     "start(2024-06)", "2024-06-01", false, PartOf<Time, &Time::First>, nullptr},
    {"end", kTimes, 1, 1, "time", "time", "Its last day or second; empty where it is open.",
     "end(2024-02)", "2024-02-29", false, PartOf<Time, &Time::Last>, nullptr},
    {"year", kTimes, 1, 1, "time", "integer", "The year in which it starts.",
     "year(2024-05-14..2024-11-29)", "2024", false, PartOf<int64_t, &Time::YearNumber>, nullptr},
    {"month", kTimes, 1, 1, "time", "integer",
     "The month in which it starts, from 1; empty if only the year is known.", "month(2024-06-19)",
     "6", false, PartOf<int64_t, &Time::MonthNumber>, nullptr},
    {"day", kTimes, 1, 1, "time", "integer",
     "The day of the month on which it starts; empty if only the month is known.",
     "day(2024-06-19)", "19", false, PartOf<int64_t, &Time::DayNumber>, nullptr},
    {"trunc", kTimes, 2, 2, "time, unit", "time",
     "The `day`, `week`, `month` or `year` in which it starts; empty if it is not known that "
     "precisely.",
     "trunc(2024-06-19, month)", "2024-06", false, Trunc, CheckTrunc},
    {"period", kTimes, 2, 2, "time, time", "time",
     "From the start of the first through the end of the second.", "period(2024-05-14, 2024-11-29)",
     "2024-05-14..2024-11-29", false, MakePeriod, nullptr},
    {"today", kTimes, 0, 0, "", "time", "The date, in UTC, when the question began.", "today()",
     "2025-01-31", false, Today, nullptr},
    {"now", kTimes, 0, 0, "", "time", "The second, in UTC, when the question began.", "now()",
     "2025-01-31T12:30:00Z", false, Now, nullptr},
};

}  // namespace

std::span<const Function> TimeFunctions() { return kRows; }

}  // namespace annals::functions

// Functions of numbers.
#include "query/functions/arithmetic.h"
#include "query/functions/tables.h"

namespace annals::functions {
namespace {

Term OrEmpty(const std::optional<Number>& number) {
  return number.has_value() ? Term(*number) : Term();
}

absl::StatusOr<Term> Abs(Arguments arguments, EvaluationContext&) {
  const Term& value = *arguments[0];
  if (const auto* duration = value.As<Duration>()) {
    return CompareDurations(*duration, Duration{}) < 0 ? Negate(value) : value;
  }
  if (!value.is_number()) return Term();
  return CompareNumbers(*value.AsNumber(), Number(int64_t{0})) < 0 ? Negate(value) : value;
}

absl::StatusOr<Term> Round(Arguments arguments, EvaluationContext&) {
  const auto number = arguments[0]->AsNumber();
  if (!number.has_value()) return Term();
  if (arguments.size() == 1) return OrEmpty(RoundNumber(Rounding::kNearest, *number));
  const auto* places = arguments[1]->As<int64_t>();
  if (places == nullptr || *places < 0 || *places > 18) return Term();
  return OrEmpty(RoundNumber(*number, static_cast<int>(*places)));
}

absl::StatusOr<Term> Floor(Arguments arguments, EvaluationContext&) {
  const auto number = arguments[0]->AsNumber();
  return number.has_value() ? OrEmpty(RoundNumber(Rounding::kDown, *number)) : Term();
}

absl::StatusOr<Term> Ceil(Arguments arguments, EvaluationContext&) {
  const auto number = arguments[0]->AsNumber();
  return number.has_value() ? OrEmpty(RoundNumber(Rounding::kUp, *number)) : Term();
}

constexpr Function kRows[] = {
    {"abs", FunctionGroup::kNumbers, 1, 1, "number", "number",
     "Without its sign; of a duration too.", "abs(-3.5)", "3.5", false, Abs, nullptr},
    {"round", FunctionGroup::kNumbers, 1, 2, "number[, places]", "number",
     "To the nearest whole number, or to up to 18 places; halves away from zero.", "round(2.5)",
     "3", false, Round, nullptr},
    {"floor", FunctionGroup::kNumbers, 1, 1, "number", "number", "Down to a whole number.",
     "floor(-2.5)", "-3", false, Floor, nullptr},
    {"ceil", FunctionGroup::kNumbers, 1, 1, "number", "number", "Up to a whole number.",
     "ceil(2.1)", "3", false, Ceil, nullptr},
};

}  // namespace

std::span<const Function> NumberFunctions() { return kRows; }

}  // namespace annals::functions

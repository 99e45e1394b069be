#include "query/functions/arithmetic.h"

#include <optional>

namespace annals::functions {
namespace {

template <typename T>
Term OrEmpty(const std::optional<T>& value) {
  return value.has_value() ? Term(*value) : Term();
}

Term CalculateDurations(NumberOp op, const Duration& left, const Duration& right) {
  if (op == NumberOp::kAdd) return OrEmpty(Add(left, right));
  if (op == NumberOp::kSubtract) {
    const auto negated = Negate(right);
    return negated.has_value() ? OrEmpty(Add(left, *negated)) : Term();
  }
  if (op != NumberOp::kDivide) return Term();
  if (left.months == 0 && right.months == 0) {
    return OrEmpty(annals::Calculate(op, Number(left.seconds), Number(right.seconds)));
  }
  if (left.seconds == 0 && right.seconds == 0) {
    return OrEmpty(annals::Calculate(op, Number(left.months), Number(right.months)));
  }
  return Term();
}

Term ShiftTime(NumberOp op, const Time& time, const Duration& duration) {
  if (op == NumberOp::kAdd) return OrEmpty(Add(time, duration));
  if (op != NumberOp::kSubtract) return Term();
  const auto negated = annals::Negate(duration);
  return negated.has_value() ? OrEmpty(Add(time, *negated)) : Term();
}

}  // namespace

Term Calculate(NumberOp op, const Term& left, const Term& right) {
  if (left.is_number() && right.is_number()) {
    return OrEmpty(annals::Calculate(op, *left.AsNumber(), *right.AsNumber()));
  }
  const auto* left_time = left.As<Time>();
  const auto* right_time = right.As<Time>();
  const auto* left_duration = left.As<Duration>();
  const auto* right_duration = right.As<Duration>();
  if (left_time != nullptr && right_time != nullptr) {
    return op == NumberOp::kSubtract ? OrEmpty(Difference(*left_time, *right_time)) : Term();
  }
  if (left_time != nullptr && right_duration != nullptr) {
    return ShiftTime(op, *left_time, *right_duration);
  }
  if (left_duration != nullptr && right_time != nullptr && op == NumberOp::kAdd) {
    return ShiftTime(op, *right_time, *left_duration);
  }
  if (left_duration != nullptr && right_duration != nullptr) {
    return CalculateDurations(op, *left_duration, *right_duration);
  }
  if (op != NumberOp::kMultiply) return Term();
  const auto* duration = left_duration != nullptr ? left_duration : right_duration;
  const auto* factor = left_duration != nullptr ? right.As<int64_t>() : left.As<int64_t>();
  if (duration == nullptr || factor == nullptr) return Term();
  return OrEmpty(Multiply(*duration, *factor));
}

Term Negate(const Term& operand) {
  if (operand.is_number()) {
    return Calculate(NumberOp::kSubtract, Term(int64_t{0}), operand);
  }
  if (const auto* duration = operand.As<Duration>()) return OrEmpty(annals::Negate(*duration));
  return Term();
}

}  // namespace annals::functions

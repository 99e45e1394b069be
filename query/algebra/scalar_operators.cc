#include "query/algebra/scalar_operators.h"

namespace annals::algebra {

bool Fulfils(CompareOp op, std::partial_ordering ordering) {
  switch (op) {
    case CompareOp::kEqual:
      return ordering == 0;
    case CompareOp::kNotEqual:
      return ordering != 0;
    case CompareOp::kLess:
      return ordering < 0;
    case CompareOp::kLessOrEqual:
      return ordering <= 0;
    case CompareOp::kGreater:
      return ordering > 0;
    case CompareOp::kGreaterOrEqual:
      return ordering >= 0;
  }
  return false;
}

bool Compare(CompareOp op, const Term& left, const Term& right) {
  if (left.is_undefined() || right.is_undefined()) return false;
  if (op == CompareOp::kEqual) return EqualValues(left, right);
  if (op == CompareOp::kNotEqual) return !EqualValues(left, right);
  return Fulfils(op, CompareValues(left, right));
}

TimeOp ToTimeOp(TimeOperator op) {
  switch (op) {
    case TimeOperator::kBefore:
      return TimeOp::kBefore;
    case TimeOperator::kAfter:
      return TimeOp::kAfter;
    case TimeOperator::kIn:
      return TimeOp::kIn;
    case TimeOperator::kOverlaps:
      return TimeOp::kOverlaps;
    case TimeOperator::kEquals:
      return TimeOp::kEquals;
  }
  return TimeOp::kEquals;
}

NumberOp ToNumberOp(ArithmeticOp op) {
  switch (op) {
    case ArithmeticOp::kAdd:
      return NumberOp::kAdd;
    case ArithmeticOp::kSubtract:
      return NumberOp::kSubtract;
    case ArithmeticOp::kMultiply:
      return NumberOp::kMultiply;
    case ArithmeticOp::kDivide:
      return NumberOp::kDivide;
    case ArithmeticOp::kModulo:
      return NumberOp::kModulo;
  }
  return NumberOp::kAdd;
}

}  // namespace annals::algebra

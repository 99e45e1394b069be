#include "storage/model/number.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "storage/base/text.h"

namespace annals {
namespace {

__extension__ using Wide = __int128;

constexpr int kMostDigits = 36;
constexpr int kQuotientPlaces = 18;

// mantissa / 10^scale
struct Exact {
  Wide mantissa = 0;
  int scale = 0;
};

bool WideProduct(Wide a, Wide b, Wide* result) { return !__builtin_mul_overflow(a, b, result); }

bool Rescale(Exact* value, int scale) {
  while (value->scale < scale) {
    if (!WideProduct(value->mantissa, 10, &value->mantissa)) return false;
    ++value->scale;
  }
  return true;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::optional<Exact> ExactOf(const Number& number) {
  if (const auto* integer = std::get_if<int64_t>(&number)) return Exact{*integer, 0};
  const auto* decimal = std::get_if<Decimal>(&number);
  if (decimal == nullptr) return std::nullopt;
  Exact exact;
  int digits = 0;
  bool point = false, negative = false;
  for (char c : decimal->text) {
    if (c == '-') {
      negative = true;
    } else if (c == '.') {
      point = true;
    } else if (IsDigit(c)) {
      if (digits > 0 || c != '0') ++digits;
      if (digits > kMostDigits) return std::nullopt;
      exact.mantissa = exact.mantissa * 10 + (c - '0');
      if (point) ++exact.scale;
      if (exact.scale > kMostDigits) return std::nullopt;
    }
  }
  if (negative) exact.mantissa = -exact.mantissa;
  return exact;
}

std::string WideText(Wide value) {
  if (value == 0) return "0";
  std::string digits;
  const bool negative = value < 0;
  while (value != 0) {
    const auto digit = static_cast<int>(value % 10);
    digits.insert(digits.begin(), static_cast<char>('0' + (digit < 0 ? -digit : digit)));
    value /= 10;
  }
  return negative ? "-" + digits : digits;
}

// Whole values become integers where they fit; the scale is kept otherwise.
Number NumberOf(Exact exact, bool drop_zeros) {
  while (exact.scale > 0 && exact.mantissa % 10 == 0 && drop_zeros) {
    exact.mantissa /= 10;
    --exact.scale;
  }
  if (exact.scale == 0 && exact.mantissa >= INT64_MIN && exact.mantissa <= INT64_MAX) {
    return static_cast<int64_t>(exact.mantissa);
  }
  std::string text = WideText(exact.mantissa < 0 ? -exact.mantissa : exact.mantissa);
  if (exact.scale > 0) {
    const auto scale = static_cast<size_t>(exact.scale);
    if (text.size() <= scale) text.insert(0, scale + 1 - text.size(), '0');
    text.insert(text.size() - scale, ".");
  }
  return Decimal{exact.mantissa < 0 ? "-" + text : text};
}

// The digits of an integer or a decimal apart: no zeros in front of `whole` or behind `fraction`.
struct Parts {
  bool negative = false;
  std::string whole, fraction;
};

Parts PartsOf(const Number& number) {
  const std::string text = NumberToText(number);
  Parts parts;
  const size_t point = std::min(text.find('.'), text.size());
  parts.negative = text[0] == '-';
  parts.whole = text.substr(parts.negative ? 1 : 0, point - (parts.negative ? 1 : 0));
  parts.whole.erase(0, parts.whole.find_first_not_of('0'));
  if (point < text.size()) parts.fraction = text.substr(point + 1);
  parts.fraction.erase(parts.fraction.find_last_not_of('0') + 1);
  if (parts.whole.empty() && parts.fraction.empty()) parts.negative = false;
  return parts;
}

// Digit by digit: for numbers of any length.
std::partial_ordering CompareDigits(const Number& a, const Number& b) {
  const Parts left = PartsOf(a), right = PartsOf(b);
  if (left.negative != right.negative)
    return left.negative ? std::partial_ordering::less : std::partial_ordering::greater;
  int order = left.whole.size() != right.whole.size()
                  ? (left.whole.size() < right.whole.size() ? -1 : 1)
                  : left.whole.compare(right.whole);
  if (order == 0) order = left.fraction.compare(right.fraction);
  return left.negative ? 0 <=> order : order <=> 0;
}

std::optional<Number> Finite(double value) {
  if (!std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<Number> CalculateDoubles(NumberOp op, double a, double b) {
  switch (op) {
    case NumberOp::kAdd:
      return Finite(a + b);
    case NumberOp::kSubtract:
      return Finite(a - b);
    case NumberOp::kMultiply:
      return Finite(a * b);
    case NumberOp::kDivide:
      return Finite(a / b);
    case NumberOp::kModulo:
      return Finite(std::fmod(a, b));
  }
  return std::nullopt;
}

std::optional<Number> Divide(Exact a, Exact b) {
  // Scales equal: the quotient of the mantissas is the quotient of the values.
  const bool negative = (a.mantissa < 0) != (b.mantissa < 0);
  Wide remainder = a.mantissa < 0 ? -a.mantissa : a.mantissa;
  const Wide divisor = b.mantissa < 0 ? -b.mantissa : b.mantissa;
  Exact quotient{remainder / divisor, 0};
  remainder %= divisor;
  while (remainder != 0 && quotient.scale < kQuotientPlaces) {
    Wide next_remainder = 0, next = 0;
    if (!WideProduct(remainder, 10, &next_remainder) ||
        !WideProduct(quotient.mantissa, 10, &next)) {
      break;
    }
    quotient.mantissa = next + next_remainder / divisor;
    remainder = next_remainder % divisor;
    ++quotient.scale;
  }
  if (remainder >= divisor - remainder) ++quotient.mantissa;  // halves away from zero
  if (negative) quotient.mantissa = -quotient.mantissa;
  return NumberOf(quotient, true);
}

}  // namespace

std::optional<Number> ParseNumberText(std::string_view text) {
  size_t i = text.starts_with('-') ? 1 : 0;
  const size_t whole = i;
  while (i < text.size() && IsDigit(text[i])) ++i;
  if (i == whole || (text[whole] == '0' && i - whole > 1)) return std::nullopt;
  bool decimal = false, exponent = false;
  if (i + 1 < text.size() && text[i] == '.' && IsDigit(text[i + 1])) {
    decimal = true;
    for (++i; i < text.size() && IsDigit(text[i]);) ++i;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    const size_t digits = i;
    while (i < text.size() && IsDigit(text[i])) ++i;
    if (i == digits) return std::nullopt;
    exponent = true;
  }
  if (i != text.size()) return std::nullopt;
  if (exponent) {
    double value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    if (result.ec != std::errc() || !std::isfinite(value)) return std::nullopt;
    return Number(value);
  }
  if (!decimal) {
    int64_t value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    if (result.ec == std::errc()) {
      if (value == 0 && text[0] == '-') return std::nullopt;  // "-0" would not come back
      return Number(value);
    }
  }
  return Number(Decimal{std::string(text)});
}

std::string NumberToText(const Number& number) {
  if (const auto* integer = std::get_if<int64_t>(&number)) return std::to_string(*integer);
  if (const auto* decimal = std::get_if<Decimal>(&number)) return decimal->text;
  return DoubleToText(std::get<double>(number));
}

double ToDouble(const Number& number) {
  if (const auto* integer = std::get_if<int64_t>(&number)) return static_cast<double>(*integer);
  if (const auto* decimal = std::get_if<Decimal>(&number)) {
    double value = 0;
    const std::string& text = decimal->text;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    if (result.ec != std::errc::result_out_of_range) return value;
    // Below the smallest double, or (hundreds of digits before the point) above the largest.
    if (text.starts_with("0.") || text.starts_with("-0.")) return 0;
    return text[0] == '-' ? -HUGE_VAL : HUGE_VAL;
  }
  return std::get<double>(number);
}

std::partial_ordering CompareNumbers(const Number& a, const Number& b) {
  if (const auto* left = std::get_if<int64_t>(&a)) {
    if (const auto* right = std::get_if<int64_t>(&b)) return *left <=> *right;
  }
  std::optional<Exact> left = ExactOf(a), right = ExactOf(b);
  if (left.has_value() && right.has_value()) {
    const int scale = std::max(left->scale, right->scale);
    if (Rescale(&*left, scale) && Rescale(&*right, scale)) {
      return left->mantissa < right->mantissa   ? std::partial_ordering::less
             : left->mantissa > right->mantissa ? std::partial_ordering::greater
                                                : std::partial_ordering::equivalent;
    }
  }
  if (!std::holds_alternative<double>(a) && !std::holds_alternative<double>(b)) {
    return CompareDigits(a, b);
  }
  return ToDouble(a) <=> ToDouble(b);
}

std::optional<Number> Calculate(NumberOp op, const Number& a, const Number& b) {
  std::optional<Exact> left = ExactOf(a), right = ExactOf(b);
  const bool divides = op == NumberOp::kDivide || op == NumberOp::kModulo;
  if (divides && ToDouble(b) == 0) return std::nullopt;
  if (!left.has_value() || !right.has_value()) {
    return CalculateDoubles(op, ToDouble(a), ToDouble(b));
  }
  Exact result;
  bool exact = true;
  if (op == NumberOp::kMultiply) {
    exact = WideProduct(left->mantissa, right->mantissa, &result.mantissa);
    result.scale = left->scale + right->scale;
  } else {
    const int scale = std::max(left->scale, right->scale);
    exact = Rescale(&*left, scale) && Rescale(&*right, scale);
    result.scale = scale;
    if (exact && op == NumberOp::kDivide) return Divide(*left, *right);
    if (exact && op == NumberOp::kModulo) {
      result.mantissa = left->mantissa % right->mantissa;
    } else if (exact && op == NumberOp::kAdd) {
      exact = !__builtin_add_overflow(left->mantissa, right->mantissa, &result.mantissa);
    } else if (exact) {
      exact = !__builtin_sub_overflow(left->mantissa, right->mantissa, &result.mantissa);
    }
  }
  if (!exact || result.scale > kMostDigits) {
    return CalculateDoubles(op, ToDouble(a), ToDouble(b));
  }
  return NumberOf(result, false);
}

std::optional<Number> RoundNumber(Rounding rounding, const Number& number) {
  if (std::holds_alternative<int64_t>(number)) return number;
  if (std::optional<Exact> exact = ExactOf(number)) {
    while (exact->scale > 0) {
      // Only the last step may round: earlier ones would round twice, so remember what was cut.
      Wide unit = 1;
      for (int i = 0; i < exact->scale; ++i) unit *= 10;
      const Wide whole = exact->mantissa / unit, rest = exact->mantissa % unit;
      Wide step = 0;
      if (rounding == Rounding::kDown) step = rest < 0 ? -1 : 0;
      if (rounding == Rounding::kUp) step = rest > 0 ? 1 : 0;
      if (rounding == Rounding::kNearest) {
        const Wide magnitude = rest < 0 ? -rest : rest;
        step = magnitude * 2 >= unit ? (rest < 0 ? -1 : 1) : 0;
      }
      exact = Exact{whole + step, 0};
    }
    return NumberOf(*exact, false);
  }
  const double value = ToDouble(number);
  const double rounded = rounding == Rounding::kDown ? std::floor(value)
                         : rounding == Rounding::kUp ? std::ceil(value)
                                                     : std::round(value);
  if (std::fabs(rounded) < 9e18) return Number(static_cast<int64_t>(rounded));
  return Finite(rounded);
}

std::optional<Number> RoundNumber(const Number& number, int places) {
  if (places < 0 || places > kQuotientPlaces) return std::nullopt;
  int64_t unit = 1;
  for (int i = 0; i < places; ++i) unit *= 10;
  const auto scaled = Calculate(NumberOp::kMultiply, number, Number(unit));
  if (!scaled.has_value()) return std::nullopt;
  const auto whole = RoundNumber(Rounding::kNearest, *scaled);
  if (!whole.has_value()) return std::nullopt;
  const auto result = Calculate(NumberOp::kDivide, *whole, Number(unit));
  if (result.has_value() && std::holds_alternative<double>(number)) return ToDouble(*result);
  return result;
}

}  // namespace annals

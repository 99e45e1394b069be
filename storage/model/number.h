// Exact decimals, and arithmetic over integers, decimals and doubles.
#ifndef STORAGE_MODEL_NUMBER_H_
#define STORAGE_MODEL_NUMBER_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace annals {

// A decimal as it was written ("3.50" is not "3.5" as a term, but equal as a value).
struct Decimal {
  std::string text;
  friend bool operator==(const Decimal&, const Decimal&) = default;
};

using Number = std::variant<int64_t, Decimal, double>;

// integer = [ "-" ] digits without leading zeros; decimal = integer "." digits; double = either
// with an exponent. An integer beyond 64 bits is a decimal without a point. Nullopt if `text` is
// not all a number, as `007`, `+5`, `.5`.
std::optional<Number> ParseNumberText(std::string_view text);

std::string NumberToText(const Number& number);
double ToDouble(const Number& number);
// By value; exact between integers and decimals, as doubles where one is a double. Unordered with
// NaN.
std::partial_ordering CompareNumbers(const Number& a, const Number& b);

enum class NumberOp { kAdd, kSubtract, kMultiply, kDivide, kModulo };
// Integers and decimals stay exact: an integer result that overflows 64 bits, and a quotient that
// is not whole, become decimals (a quotient of up to 18 places, trailing zeros dropped). With a
// double the result is a double. Nullopt: division by zero, a result out of range or not finite.
std::optional<Number> Calculate(NumberOp op, const Number& a, const Number& b);

enum class Rounding { kNearest, kDown, kUp };  // nearest: halves away from zero
// To a whole number: an integer where it fits.
std::optional<Number> RoundNumber(Rounding rounding, const Number& number);
// To `places` digits after the point (0 to 18).
std::optional<Number> RoundNumber(const Number& number, int places);

}  // namespace annals

#endif  // STORAGE_MODEL_NUMBER_H_

// Numbers: what is one, exact arithmetic, comparison, rounding.
#include "storage/model/number.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <random>

namespace annals {
namespace {

Number N(std::string_view text) {
  const auto number = ParseNumberText(text);
  INFO(text);
  REQUIRE(number.has_value());
  return *number;
}

// The kind and the text: i, d or f.
std::string Shown(const std::optional<Number>& number) {
  if (!number.has_value()) return "none";
  return "idf"[number->index()] + (":" + NumberToText(*number));
}

TEST_CASE("integers, decimals and doubles are told apart by how they are written") {
  CHECK(Shown(N("11000")) == "i:11000");
  CHECK(Shown(N("0")) == "i:0");
  CHECK(Shown(N("-3.5")) == "d:-3.5");
  CHECK(Shown(N("3.50")) == "d:3.50");
  CHECK(Shown(N("0.5")) == "d:0.5");
  CHECK(Shown(N("1.2e6")) == "f:1.2e6");
  CHECK(std::get<double>(N("-2E-3")) == -0.002);
  CHECK(Shown(N("9223372036854775807")) == "i:9223372036854775807");
  CHECK(Shown(N("-9223372036854775808")) == "i:-9223372036854775808");
  CHECK(Shown(N("9223372036854775808")) == "d:9223372036854775808");
  for (const char* text :
       {"",      "-",    "+5",    "007", "00", "-0",  ".5",    "5.",  "1.e5", "1e",    "1e+", "e5",
        "1.2.3", "0x10", "1,000", " 1",  "1 ", "--1", "1e999", "nan", "inf",  "1_000", "٣"}) {
    INFO("'" << text << "'");
    CHECK_FALSE(ParseNumberText(text).has_value());
  }
}

TEST_CASE("numbers compare by value whatever they are written as") {
  // Each is below the next, and equal to those in its own row.
  const std::vector<std::vector<const char*>> kRows = {
      {"-1e300"},
      {"-99999999999999999999999999999999999999999.5"},
      {"-9223372036854775809"},
      {"-9223372036854775808"},
      {"-2.5", "-2.50", "-2.5e0"},
      {"-2", "-2.0"},
      {"-0.0000000000000000000000000000000000000000001"},
      {"0", "0.0", "-0.0", "0e0", "-0.0000000000000000000000000000000000000000000"},
      {"0.00000000000000000000000000000000000000000010"},
      {"0.1", "0.10"},
      {"0.10000000000000000000000000000000000000000001"},
      {"1", "1.0", "1e0", "1.00000000000000000000000000000000000000000000"},
      {"2.5"},
      {"10"},
      {"9007199254740993"},
      {"9223372036854775807"},
      {"9223372036854775807.5"},
      {"9223372036854775808"},
      {"123456789012345678901234567890123456789012345"},
      {"123456789012345678901234567890123456789012345.1"},
      {"1e300"},
      {"1" /* and 400 zeros, below */},
  };
  const std::string huge = "1" + std::string(400, '0');
  for (size_t i = 0; i < kRows.size(); ++i) {
    for (size_t j = 0; j < kRows.size(); ++j) {
      for (const char* a : kRows[i]) {
        for (const char* b : kRows[j]) {
          const std::string left = i + 1 == kRows.size() ? huge : a;
          const std::string right = j + 1 == kRows.size() ? huge : b;
          const auto order = CompareNumbers(N(left), N(right));
          INFO(left << " and " << right);
          CHECK((order < 0) == (i < j));
          CHECK((order == 0) == (i == j));
        }
      }
    }
  }
}

TEST_CASE("long decimals compare alike by digits and by arithmetic") {
  std::mt19937 random(1);
  for (int i = 0; i < 20000; ++i) {
    const auto text = [&](bool padded) {
      std::string digits = random() % 2 == 0 ? "-" : "";
      digits += std::to_string(random() % 30) + "." + std::to_string(random() % 30);
      // The same value in more digits than 128 bits hold.
      return padded ? digits + std::string(40, '0') : digits;
    };
    const std::string a = text(false), b = text(false), zeros(40, '0');
    if (CompareNumbers(N(a), N(b)) != CompareNumbers(N(a + zeros), N(b))) FAIL(a << " and " << b);
    if (CompareNumbers(N(a), N(b)) != CompareNumbers(N(a), N(b + zeros))) FAIL(a << " and " << b);
  }
}

TEST_CASE("arithmetic on integers and decimals is exact") {
  const struct {
    const char* a;
    NumberOp op;
    const char *b, *result;
  } kRows[] = {
      {"1", NumberOp::kAdd, "2", "i:3"},
      {"0.1", NumberOp::kAdd, "0.2", "d:0.3"},
      {"1.50", NumberOp::kAdd, "1.5", "d:3.00"},
      {"1", NumberOp::kSubtract, "1.5", "d:-0.5"},
      {"9223372036854775807", NumberOp::kAdd, "1", "d:9223372036854775808"},
      {"-9223372036854775808", NumberOp::kSubtract, "1", "d:-9223372036854775809"},
      {"9223372036854775808", NumberOp::kSubtract, "1", "i:9223372036854775807"},
      {"4294967296", NumberOp::kMultiply, "4294967296", "d:18446744073709551616"},
      {"-1.5", NumberOp::kMultiply, "1.5", "d:-2.25"},
      {"6", NumberOp::kDivide, "2", "i:3"},
      {"7", NumberOp::kDivide, "2", "d:3.5"},
      {"-7", NumberOp::kDivide, "2", "d:-3.5"},
      {"1", NumberOp::kDivide, "3", "d:0.333333333333333333"},
      {"2", NumberOp::kDivide, "3", "d:0.666666666666666667"},
      {"-2", NumberOp::kDivide, "3", "d:-0.666666666666666667"},
      {"1.5", NumberOp::kDivide, "0.5", "i:3"},
      {"7", NumberOp::kModulo, "3", "i:1"},
      {"-7", NumberOp::kModulo, "3", "i:-1"},
      {"5.5", NumberOp::kModulo, "2", "d:1.5"},
      {"1", NumberOp::kDivide, "0", "none"},
      {"1", NumberOp::kModulo, "0.0", "none"},
      {"1", NumberOp::kDivide, "0e0", "none"},
      {"1", NumberOp::kAdd, "5e-1", "f:1.5e0"},
      {"1e300", NumberOp::kMultiply, "1e300", "none"},
  };
  for (const auto& row : kRows) {
    INFO(row.a << " op " << static_cast<int>(row.op) << " " << row.b);
    CHECK(Shown(Calculate(row.op, N(row.a), N(row.b))) == row.result);
  }
}

TEST_CASE("a quotient too long for 128 bits is still near") {
  const Number a = N("100000000000000000000000000000000001"), b = N("7.0000000000000000000000001");
  const auto quotient = Calculate(NumberOp::kDivide, a, b);
  REQUIRE(quotient.has_value());
  CHECK(ToDouble(*quotient) == Approx(1e35 / 7).epsilon(1e-12));
  const auto small =
      Calculate(NumberOp::kDivide, N("1"), N("300000000000000000000000000000000000"));
  REQUIRE(small.has_value());
  CHECK(ToDouble(*small) == Approx(0).margin(1e-17));
}

TEST_CASE("sums, products and quotients of small decimals agree with integers") {
  std::mt19937 random(2);
  const auto pick = [&] { return static_cast<int64_t>(random() % 20001) - 10000; };
  const auto cents = [](int64_t value) {
    return *Calculate(NumberOp::kDivide, Number(value), Number(int64_t{100}));
  };
  for (int i = 0; i < 20000; ++i) {
    const int64_t a = pick(), b = pick();
    const auto equal = [](const std::optional<Number>& left, const Number& right) {
      return left.has_value() && CompareNumbers(*left, right) == 0;
    };
    if (!equal(Calculate(NumberOp::kAdd, cents(a), cents(b)), cents(a + b))) FAIL(a << " + " << b);
    if (!equal(Calculate(NumberOp::kSubtract, cents(a), cents(b)), cents(a - b)))
      FAIL(a << "-" << b);
    if (!equal(Calculate(NumberOp::kMultiply, cents(a), Number(b)), cents(a * b)))
      FAIL(a << "*" << b);
    if (b != 0) {
      if (!equal(Calculate(NumberOp::kDivide, Number(a * b), Number(b)), Number(a)))
        FAIL(a << "/" << b);
      if (!equal(Calculate(NumberOp::kModulo, Number(a), Number(b)), Number(a % b)))
        FAIL(a << "%" << b);
    }
    if ((CompareNumbers(cents(a), cents(b)) < 0) != (a < b)) FAIL(a << " < " << b);
  }
}

TEST_CASE("rounding to whole numbers") {
  const struct {
    const char *number, *nearest, *down, *up;
  } kRows[] = {
      {"7", "i:7", "i:7", "i:7"},
      {"2.5", "i:3", "i:2", "i:3"},
      {"-2.5", "i:-3", "i:-3", "i:-2"},
      {"2.49", "i:2", "i:2", "i:3"},
      {"-0.4", "i:0", "i:-1", "i:0"},
      {"3.000", "i:3", "i:3", "i:3"},
      {"9223372036854775807.5", "d:9223372036854775808", "i:9223372036854775807",
       "d:9223372036854775808"},
      {"2.5e0", "i:3", "i:2", "i:3"},
      {"-2.5e0", "i:-3", "i:-3", "i:-2"},
      {"1e300", "f:1e300", "f:1e300", "f:1e300"},
  };
  for (const auto& row : kRows) {
    INFO(row.number);
    CHECK(Shown(RoundNumber(Rounding::kNearest, N(row.number))) == row.nearest);
    CHECK(Shown(RoundNumber(Rounding::kDown, N(row.number))) == row.down);
    CHECK(Shown(RoundNumber(Rounding::kUp, N(row.number))) == row.up);
  }
}

TEST_CASE("rounding to places") {
  CHECK(Shown(RoundNumber(N("2.345"), 2)) == "d:2.35");
  CHECK(Shown(RoundNumber(N("-2.345"), 2)) == "d:-2.35");
  CHECK(Shown(RoundNumber(N("2.999"), 2)) == "i:3");
  CHECK(Shown(RoundNumber(N("5"), 2)) == "i:5");
  CHECK(Shown(RoundNumber(N("2.345"), 0)) == "i:2");
  CHECK(Shown(RoundNumber(N("2.25e0"), 1)) == "f:2.3e0");
  CHECK(Shown(RoundNumber(N("2"), 19)) == "none");
  CHECK(Shown(RoundNumber(N("2"), -1)) == "none");
}

TEST_CASE("decimals beyond the range of doubles do not turn into 0") {
  CHECK(std::isinf(ToDouble(N("1" + std::string(400, '0')))));
  CHECK(ToDouble(N("-1" + std::string(400, '0'))) == -HUGE_VAL);
  CHECK(ToDouble(N("0." + std::string(400, '0') + "1")) == 0);
  CHECK(Shown(Calculate(NumberOp::kMultiply, N("1" + std::string(400, '0')), N("2"))) == "none");
}

}  // namespace
}  // namespace annals

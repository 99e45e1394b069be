// The grammar itself: no rule loops without consuming, and matching takes steps in proportion to
// the text, also where several rules begin alike.
#include "query/native/grammar.h"

#include <catch2/catch.hpp>
#include <string>
#include <tao/pegtl/contrib/analyze.hpp>

namespace annals::native {
namespace {

namespace pegtl = tao::pegtl;

template <typename Rule>
struct CountingControl : pegtl::normal<Rule> {
  template <typename Input>
  static void start(const Input&, size_t& steps) noexcept {
    ++steps;
  }
};

// How many rules are tried on the first statement of a text, well-formed or not.
size_t Steps(const std::string& text) {
  pegtl::memory_input<pegtl::tracking_mode::lazy, pegtl::eol::lf_crlf> input(text, "");
  size_t steps = 0;
  try {
    pegtl::parse<grammar::next_statement, pegtl::nothing, CountingControl>(input, steps);
  } catch (const pegtl::parse_error&) {
    // A fault ends the count.
  }
  return steps;
}

std::string Repeat(const std::string& text, size_t times) {
  std::string result;
  for (size_t i = 0; i < times; ++i) result += text;
  return result;
}

// Four times the text may cost no more than five times the steps.
void CheckLinear(const std::string& before, const std::string& repeated, const std::string& after,
                 size_t times) {
  INFO(before << repeated << after);
  const size_t some = Steps(before + Repeat(repeated, times) + after);
  const size_t more = Steps(before + Repeat(repeated, 4 * times) + after);
  CHECK(more <= 5 * some);
  CHECK(more > 2 * some);
}

TEST_CASE("no rule of the grammar can loop") {
  CHECK(pegtl::analyze<grammar::next_statement>(1) == 0);
}

TEST_CASE("long texts cost steps in proportion to their length") {
  CheckLinear("from (s) {", "(a b (c), d, e f, 2024-05..) {k: v, w: _}\n", "}", 100);
  CheckLinear("add ", "(a, b, c) ", "", 100);
  CheckLinear("(a, b, c)", " and (a, b, ?x, 2024)", "", 100);
  CheckLinear("(a, b, c)", " or ?x = 1", "", 100);
  CheckLinear("find 1", " + 20240101", "", 100);
  CheckLinear("find ?x", " or not ?y and year(?t) = 3", "", 100);
  CheckLinear("?x in (1", ", 2024-05 b", ")", 100);
  CheckLinear("(a, b", "/c d|e", ", f)", 100);
  CheckLinear("(", "a b(c) ", ", d, e)", 100);
  CheckLinear("(a, b, `", "``", "`)", 1000);
  CheckLinear("(a, b, \"", "\\u0041x", "\")", 1000);
  CheckLinear("?x = ", "1", "", 1000);
  CheckLinear("?x = ", "1", " days", 1000);
  CheckLinear("?x = 2024-", "01-", "", 1000);
  CheckLinear("", "a", "", 1000);
  CheckLinear("", " -- comment\n", "(a, b, c)", 1000);
  CheckLinear("", ";", "", 1000);
}

TEST_CASE("nesting costs steps in proportion to its depth, closed or not") {
  for (const std::string& closed : {std::string(), std::string("x")}) {
    const bool all = closed.empty();
    const auto check = [&](const std::string& before, const std::string& open,
                           const std::string& inner, const std::string& close) {
      INFO(before << open << inner << close);
      const size_t some = Steps(before + Repeat(open, 20) + inner + Repeat(all ? close : "", 20));
      const size_t more = Steps(before + Repeat(open, 80) + inner + Repeat(all ? close : "", 80));
      CHECK(more <= 5 * some);
    };
    check("?x = ", "(", "1", ")");
    check("find ", "(", "1 + 1", ")");
    check("find ", "abs(", "1", ")");
    check("find ", "not ", "true", "");
    check("find ", "- ", "1", "");
    check("", "not ", "(a, b, c)", "");
    check("", "optional { ", "(a, b, c)", "}");
    check("", "{", "(a, b, c)", "}");
    check("", "{ find 1 where ", "(a, b, c)", "}");
    check("find ", "exists {", "(a, b, c)", "}");
    check("find ", "exists { 1 = ", "1", "}");
    check("(a, ", "(", "b", ")");
    check("(a, ", "^(!", "b", ")");
    check("(a ", "(", "b", ")");
    check("(a, b ", "(", "b", ")");
    check("(a, b, c) {k ", "(", "b", ")");
    check("(a ", "(b, ", "c", ")");
  }
}

}  // namespace
}  // namespace annals::native

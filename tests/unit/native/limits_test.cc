// Hostile sizes: nesting is refused in good order, and what is long but flat is parsed and freed
// without a deep recursion.
#include <catch2/catch.hpp>
#include <string>

#include "query/native/dump.h"
#include "query/native/parser.h"

namespace annals::native {
namespace {

std::string Repeat(const std::string& text, size_t times) {
  std::string result;
  result.reserve(text.size() * times);
  for (size_t i = 0; i < times; ++i) result += text;
  return result;
}

void CheckTooDeep(const std::string& source) {
  INFO(source.substr(0, 40));
  const SourceText text(source);
  const auto statements = ParseScript(text);
  REQUIRE_FALSE(statements.ok());
  CHECK(statements.status().code() == absl::StatusCode::kInvalidArgument);
  const std::string message(ToStd(statements.status().message()));
  CHECK(message.find("nested") != std::string::npos);
  CHECK(message.find('^') != std::string::npos);
}

TEST_CASE("deep nesting is refused") {
  constexpr size_t kMany = 100000;
  for (const bool closed : {false, true}) {
    const auto check = [&](const std::string& before, const std::string& open,
                           const std::string& inner, const std::string& close) {
      CheckTooDeep(before + Repeat(open, kMany) + inner + Repeat(closed ? close : "", kMany));
    };
    check("?x = ", "(", "1", ")");
    check("find ", "(", "1", ")");
    check("find ", "abs(", "1", ")");
    check("find ", "not ", "?x", "");
    check("find ", "- ", "1", "");
    check("?x = ", "-(", "1", ")");
    check("", "not ", "(a, b, c)", "");
    check("", "optional ", "(a, b, c)", "");
    check("", "{", "(a, b, c)", "}");
    check("", "{ find 1 where ", "(a, b, c)", "}");
    check("find ", "exists {", "(a, b, c)", "}");
    check("(a, ", "(", "b", ")");
    check("(a, ", "!", "b", "");
    check("(a, ", "^", "b", "");
    check("(a ", "(", "b", ")");
    check("(a, b, c) {k ", "(", "b", ")");
    check("?x in (a ", "(", "b", ")");
    check("describe (a", "(", "b", ")");
  }
}

TEST_CASE("nesting that people write is not refused") {
  for (const std::string& source : {"?x = " + Repeat("(", 50) + "1" + Repeat(")", 50),
                                    Repeat("{", 90) + "(a, b, c)" + Repeat("}", 90),
                                    "(a, " + Repeat("(", 90) + "b" + Repeat(")", 90) + ", c)",
                                    "(a" + Repeat("(", 90) + "b" + Repeat(")", 90) + ", b, c)"}) {
    INFO(source);
    const SourceText text(source);
    CHECK(ParseScript(text).ok());
  }
}

// Parsed, dumped and freed.
void CheckLong(const std::string& before, const std::string& part, const std::string& after,
               size_t times = 1000) {
  const std::string source = before + Repeat(part, times) + after;
  INFO(source.substr(0, 60));
  const SourceText text(source);
  const auto statements = ParseScript(text);
  REQUIRE(statements.ok());
  REQUIRE(statements->size() == 1);
  CHECK(DumpAst(statements->front()).size() > times);
}

TEST_CASE("what is long but flat is parsed") {
  // More parts than a recursion over them would survive.
  CheckLong("(a,b,c)", "or(a,b,c)", "", 50000);
  CheckLong("(a,b", "/b", ",c)", 50000);
  CheckLong("(a,b,c)", "and(a,b,c)", "");
  CheckLong("(a,b,c)", " and ?x=1", "");
  CheckLong("(a,b", "|b", ",c)");
  CheckLong("?x in (1", ",1", ")");
  CheckLong("from (s) {", "(a,b,c)", "}");
  CheckLong("add (a,b,c)", "(a,b,c)", "");
  CheckLong("find ?x", ",?x", "");
  CheckLong("find concat(?x", ",?x", ")");
  CheckLong("(a, b, c) {k: v", ",k: v", "}");
  CheckLong("alias (a) \"b\"", ",\"b\"", "");
  CheckLong("(a", " b(c)", ", d, e)");
}

TEST_CASE("an expression of very many operands is refused, not recursed over") {
  for (const std::string& part : {std::string("+1"), std::string(" or ?x"), std::string("*?x")}) {
    const std::string source = "find ?x" + Repeat(part, 20000);
    const SourceText text(source);
    const auto statements = ParseScript(text);
    REQUIRE_FALSE(statements.ok());
    CHECK(std::string(ToStd(statements.status().message())).find("operands") != std::string::npos);
    const std::string fine = "find ?x" + Repeat(part, 500);
    const SourceText fine_text(fine);
    CHECK(ParseScript(fine_text).ok());
  }
}

TEST_CASE("many statements are read one after the other") {
  const std::string source = Repeat("add (a, b, c, 2024) {k: v} from (s); -- note\n", 5000);
  const SourceText text(source);
  size_t offset = 0;
  size_t count = 0;
  while (true) {
    const auto statement = ParseNext(text, &offset);
    REQUIRE(statement.ok());
    if (!statement->has_value()) break;
    ++count;
  }
  CHECK(count == 5000);
  CHECK(offset == source.size());
}

}  // namespace
}  // namespace annals::native

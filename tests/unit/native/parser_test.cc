// What the trees of the case files don't show: spans, reading on after a fault, and whether a text
// is complete.
#include "query/native/parser.h"

#include <catch2/catch.hpp>
#include <string>
#include <variant>

#include "query/native/dump.h"

namespace annals::native {
namespace {

Statement Parse(const SourceText& text) {
  auto statements = ParseScript(text);
  REQUIRE(statements.ok());
  REQUIRE(statements->size() == 1);
  return std::move(statements->front());
}

TEST_CASE("spans cover what was written, without white space around it") {
  const SourceText text(
      " find ?who , year( ?t ) as y where  (?who, met /^`K``` , Kim  Jong-un , 2024-11 ) "
      "{ place :  New  York } from ( Some source )  as ?f  and ?t  before 2024 + 3 days ; ");
  const Statement statement = Parse(text);
  const Find& find = std::get<Ask>(statement.node).question;
  CHECK(text.Slice(find.items[0].span) == "?who");
  CHECK(text.Slice(find.items[1].span) == "year( ?t ) as y");
  const auto& call = std::get<ExprCall>(find.items[1].value.node);
  CHECK(text.Slice(find.items[1].value.span) == "year( ?t )");
  CHECK(text.Slice(call.name_span) == "year");
  CHECK(text.Slice(call.arguments[0].span) == "?t");

  const auto& parts = std::get<FormulaAnd>(find.where->node).parts;
  const auto& pattern = std::get<Pattern>(parts[0].node);
  CHECK(text.Slice(pattern.tuple) == "(?who, met /^`K``` , Kim  Jong-un , 2024-11 )");
  CHECK(text.Slice(pattern.span).starts_with("(?who"));
  CHECK(text.Slice(pattern.span).ends_with("as ?f"));
  CHECK(text.Slice(pattern.predicate.span) == "met /^`K```");
  CHECK(text.Slice(pattern.object.span) == "Kim  Jong-un");
  CHECK(pattern.object.text == "Kim Jong-un");
  CHECK(text.Slice(pattern.time->span) == "2024-11");
  CHECK(pattern.qualifiers[0].key.text == "place");
  CHECK(text.Slice(pattern.qualifiers[0].value.span) == "New  York");
  CHECK(text.Slice(pattern.source->span) == "Some source");
  CHECK(text.Slice(pattern.fact->span) == "?f");

  const auto& condition = std::get<FormulaCondition>(parts[1].node).condition;
  const auto& binary = std::get<ExprBinary>(condition.node);
  CHECK(text.Slice(condition.span) == "?t  before 2024 + 3 days");
  CHECK(text.Slice(binary.op_span) == "before");
  CHECK(text.Slice(binary.right->span) == "2024 + 3 days");
  CHECK(text.Slice(std::get<ExprBinary>(binary.right->node).right->span) == "3 days");
  CHECK(text.Slice(statement.span).starts_with("find"));
  CHECK(text.Slice(statement.span).ends_with("days"));
}

TEST_CASE("spans of the second statement count from the text's begin") {
  const SourceText text("(a, b, c);\n describe (Kim)");
  const auto statements = ParseScript(text);
  REQUIRE(statements.ok());
  REQUIRE(statements->size() == 2);
  CHECK(text.Slice((*statements)[0].span) == "(a, b, c)");
  CHECK(text.Slice((*statements)[1].span) == "describe (Kim)");
  CHECK(text.Slice(std::get<Describe>((*statements)[1].node).entity.span) == "Kim");
}

// The trees of all statements that can be read, with "error" in place of each fault.
std::string ReadAll(const std::string& source) {
  const SourceText text(source);
  std::string result;
  size_t offset = 0;
  while (true) {
    const size_t before = offset;
    const auto statement = ParseNext(text, &offset);
    if (statement.ok() && !statement->has_value()) return result;
    REQUIRE(offset > before);
    REQUIRE(offset <= source.size());
    result += statement.ok() ? DumpAst(**statement) : "error";
    result += "\n";
  }
}

TEST_CASE("after a fault reading goes on behind the next semicolon") {
  const std::string begin = "(begin)\n";
  CHECK(ReadAll("") == "");
  CHECK(ReadAll(" ; ; -- nothing\n;") == "");
  CHECK(ReadAll("begin;begin") == begin + begin);
  CHECK(ReadAll("(a b); begin") == "error\n" + begin);
  CHECK(ReadAll("begin; (a, b, c; d); begin") == begin + "error\nerror\n" + begin);
  CHECK(ReadAll("add (a, b \"x;y\"); begin") == "error\n" + begin);
  CHECK(ReadAll("add (a b) -- c; d\n; begin") == "error\n" + begin);
  CHECK(ReadAll("add (a b), `x;y`; begin") == "error\n" + begin);
  CHECK(ReadAll("(a, b, c, 2024-13); begin") == "error\n" + begin);
  CHECK(ReadAll("(a, b, c) {k: v} {k: v}; begin") == "error\n" + begin);
  CHECK(ReadAll("(a, b, \"open) ; \nbegin; begin") == "error\n" + begin);
  CHECK(ReadAll("findx ?x; begin") == "error\n" + begin);
  CHECK(ReadAll("find") == "error\n");
}

TEST_CASE("a text is incomplete where more could be typed") {
  for (const char* text :
       {"(a, b, c)", "(a, b,", "(a", "find ?x", "find ?x\nwhere", "begin; (a, b, c) and",
        "from (s) {\n(a, b, c)", "add (a, b, c) -- note", "(a, b, c) {place:", "find ?x where ("}) {
    INFO(text);
    CHECK(IsIncomplete(text));
  }
  for (const char* text : {"", "  \n", "-- only a comment", "begin;", "(a, b, c);", "(a, b c);",
                           "findx ?x;", "(a, b, c) x", "begin; -- more", "(a, b, c)) "}) {
    INFO(text);
    CHECK_FALSE(IsIncomplete(text));
  }
}

TEST_CASE("a named file and its line stand in the message") {
  const SourceText text("begin;\n\n  add (a b);", "facts.annals", 10);
  const auto statements = ParseScript(text);
  REQUIRE_FALSE(statements.ok());
  CHECK(ToStd(statements.status().message()).starts_with("facts.annals:12:11: expected ','"));
}

}  // namespace
}  // namespace annals::native

// What the trees of the case files don't show: spans, reading on after a fault, and whether a text
// is complete.
#include "query/native/parser.h"

#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

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

// What the parts of a statement hold, or its fault, and where reading goes on.
std::string ReadParts(const SourceText& text, size_t* parts) {
  size_t offset = 0;
  StatementParts reader(text, &offset);
  std::vector<Pattern> facts;
  std::string source;
  for (*parts = 0;; ++*parts) {
    absl::StatusOr<std::optional<Statement>> part = reader.Next();
    if (!part.ok()) return std::string(part.status().message()) + std::to_string(offset);
    if (!part->has_value()) break;
    auto* const block = std::get_if<FromBlock>(&(**part).node);
    if (block != nullptr) source = block->source.text;
    for (Pattern& fact : block ? block->facts : std::get<Add>((**part).node).facts) {
      facts.push_back(std::move(fact));
    }
  }
  Statement whole{Add{std::move(facts)}, {}};
  if (source.empty()) return DumpAst(whole) + std::to_string(offset);
  FromBlock block;
  block.source.text = source;
  block.facts = std::move(std::get<Add>(whole.node).facts);
  return DumpAst(Statement{std::move(block), {}}) + std::to_string(offset);
}

std::string ReadWhole(const SourceText& text) {
  size_t offset = 0;
  const auto statement = ParseNext(text, &offset);
  return (statement.ok() ? DumpAst(**statement) : std::string(statement.status().message())) +
         std::to_string(offset);
}

TEST_CASE("a statement in parts says what it says as a whole, and has the same faults") {
  std::string many;
  for (int i = 0; i < 6000; ++i) {
    many += "(a" + std::to_string(i) + ", b, \"; (\") {k: v} from (s) -- ; (\n";
  }
  constexpr std::pair<const char*, const char*> kAround[] = {
      {"add ", ";"},
      {"add ", ""},
      {"add ", ", (a, b, c); (d)"},
      {"add ", " }; (d)"},
      {"add ", " (a, b c); (d)"},
      {"add ", " (a, b, \"\\q\") (x, y, z); (d)"},
      {"add ", " from (s) {k: v} {k: v}; (d)"},
      {"from (x) {", "};"},
      {"from (x) { ", " }"},
      {"from (x) {", "; (d)"},
      {"from (x) {", " x }; (d)"},
      {"from (x) {", " (a, \";\", c) (d, \";\") }; (d)"},
      {"from (x) ", ";"},
      {"from x {", "};"}};
  for (const std::string& some : {std::string(), std::string("(a, b, c)"), many}) {
    for (const auto& [before, after] : kAround) {
      const std::string statement = before + some + after;
      const SourceText text(statement);
      REQUIRE(StatementParts::BeginsAt(statement, 0));
      size_t parts = 0;
      INFO(before << some.substr(0, 60) << after);
      const std::string whole = ReadWhole(text);
      CHECK(ReadParts(text, &parts) == whole);
      if (some.size() > 200000 && whole.starts_with("(")) CHECK(parts > 3);
    }
  }
  CHECK_FALSE(StatementParts::BeginsAt("alias (a) \"b\";", 0));
  CHECK_FALSE(StatementParts::BeginsAt("added (a)", 0));
  CHECK_FALSE(StatementParts::BeginsAt("add\u00e9 (a)", 0));
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

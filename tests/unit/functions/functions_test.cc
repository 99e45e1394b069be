// The function table: every row's example gives what it says, and the edges of each function.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "query/functions/arithmetic.h"
#include "query/functions/function.h"

namespace annals::functions {
namespace {

class SampleContext : public EvaluationContext {
 public:
  absl::StatusOr<std::optional<FactTerms>> GetFact(uint64_t number) override {
    if (number != 7) return std::optional<FactTerms>();
    return FactTerms{Name{"Andriy Belousov"}, Name{"met"}, Name{"Kim Jong-un"},
                     *Time::Parse("2024-11-29")};
  }
  absl::StatusOr<std::vector<Term>> SourcesOf(uint64_t) override {
    return std::vector<Term>{Name{"Izvestia"}, Name{"ArmyInform"}};
  }
  absl::StatusOr<std::vector<Term>> QualifiersOf(uint64_t, std::string_view name) override {
    REQUIRE(name == "confidence");
    return std::vector<Term>{*ParseNumber("0.95"), *ParseNumber("0.9")};
  }
  int64_t now() const override { return 1738326600; }  // 2025-01-31T12:30:00Z
  const std::string& base_iri() const override { return base_; }

 private:
  std::string base_ = "http://example.org/";
};

// Calls, written as in a question: names and constants only.
class Evaluator {
 public:
  explicit Evaluator(std::string_view text) : rest_(text) {}
  Term Evaluate() {
    Term term = Next();
    INFO("left over: " << rest_);
    REQUIRE(rest_.empty());
    return term;
  }

 private:
  bool Take(char c) {
    while (rest_.starts_with(' ')) rest_.remove_prefix(1);
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string Until(std::string_view ends) {
    const size_t end = std::min(rest_.find_first_of(ends), rest_.size());
    std::string text(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return text;
  }
  Term Next() {
    if (Take('"')) {
      Text text{"", ""};
      while (!rest_.starts_with('"')) {
        if (rest_.starts_with('\\')) rest_.remove_prefix(1);
        text.value += rest_.front();
        rest_.remove_prefix(1);
      }
      Take('"');
      if (Take('@')) text.language = Until(",) ");
      return text;
    }
    if (Take('`')) {
      const std::string name = Until("`");
      Take('`');
      return Name{name};
    }
    if (Take('?')) {
      Until(",)");
      return FactRef{7};
    }
    const std::string word = Until("(,)");
    if (!Take('(')) {
      auto term = ParseBareTerm(word);
      REQUIRE(term.ok());
      const auto* name = term->As<Name>();
      return name != nullptr ? Term(Text{name->text, ""}) : *term;  // a unit
    }
    std::vector<Term> arguments;
    while (!Take(')')) {
      arguments.push_back(Next());
      Take(',');
    }
    std::vector<const Term*> pointers;
    for (const Term& argument : arguments) pointers.push_back(&argument);
    const Function* function = FindFunction(word);
    INFO(word);
    REQUIRE(function != nullptr);
    REQUIRE(!WrongArgumentCount(*function, arguments.size()).has_value());
    auto result = Call(*function, pointers, context_);
    REQUIRE(result.ok());
    return *result;
  }

  std::string_view rest_;
  SampleContext context_;
};

std::string Evaluate(std::string_view text) {
  const Term term = Evaluator(text).Evaluate();
  return term.is_undefined() ? "" : LanguageText(term);
}

TEST_CASE("every example gives its result") {
  std::set<std::string_view> names;
  for (const Function& function : Functions()) {
    INFO(function.example);
    CHECK(names.insert(function.name).second);
    CHECK(function.example.find(std::string(function.name) + "(") != std::string_view::npos);
    CHECK(Evaluate(function.example) == function.example_result);
    CHECK(FindFunction(function.name)->name == function.name);
  }
  for (const char* name :
       {"length",  "lower",     "upper",     "contains",   "starts_with", "ends_with",  "matches",
        "replace", "substr",    "concat",    "split_part", "abs",         "round",      "floor",
        "ceil",    "name",      "iri",       "lang",       "datatype",    "text",       "number",
        "is_name", "is_text",   "is_number", "is_time",    "bound",       "coalesce",   "if",
        "subject", "predicate", "object",    "time",       "sources",     "confidence", "start",
        "end",     "year",      "month",     "day",        "trunc",       "period",     "today",
        "now"}) {
    CHECK(names.count(name) == 1);
  }
}

TEST_CASE("edges") {
  struct Case {
    const char* call;
    const char* result;
  };
  const Case cases[] = {
      {"length(12)", ""},
      {"length(`Kim`)", ""},
      {"length(\"\")", "0"},
      {"length(\"e\u0301\")", "2"},
      {"upper(\"київ\"@uk)", "\"КИЇВ\"@uk"},
      {"lower(\"ΟΔΟΣ\")", "\"οδος\""},
      {"contains(\"a\", \"\")", "true"},
      {"contains(`a`, \"a\")", ""},
      {"starts_with(\"a\", \"ab\")", "false"},
      {"ends_with(\"ab\", \"b\")", "true"},
      {"matches(\"Kim\", \"(\")", ""},
      {"matches(\"Kim\", \"(?i)KIM$\")", "true"},
      {"replace(\"Kim Jong-un\", \"(\\\\w+)-(\\\\w+)\", \"\\\\2-\\\\1\")", "\"Kim un-Jong\""},
      {"replace(\"Kim\", \"i\", \"\\\\3\")", ""},
      {"substr(\"Чен Ин\", 5)", "\"Ин\""},
      {"substr(\"Чен\", 4)", "\"\""},
      {"substr(\"Чен\", 9, 2)", "\"\""},
      {"substr(\"Чен\", 0)", ""},
      {"substr(\"Чен\", 2, 100)", "\"ен\""},
      {"concat(\"a\", `b c`, 2024-06)", "\"ab c2024-06\""},
      {"concat(\"a\", number(\"x\"))", ""},
      {"split_part(\"a,b\", \",\", 3)", ""},
      {"split_part(\"a,b\", \",\", 0)", ""},
      {"split_part(\"a,,b\", \",\", 2)", "\"\""},
      {"abs(\"3\")", ""},
      {"abs(-9223372036854775808)", "9223372036854775808"},
      {"round(-2.5)", "-3"},
      {"round(2.345, 2)", "2.35"},
      {"round(2.345, 99)", ""},
      {"floor(2.9)", "2"},
      {"ceil(-2.9)", "-2"},
      {"name(\"Kim\")", ""},
      {"iri(`Kim Jong-un`)", "<http://example.org/Kim%20Jong-un>"},
      {"iri(\"no iri\")", ""},
      {"text(iri(\"urn:a\"))", "\"urn:a\""},
      {"lang(\"a\")", "\"\""},
      {"datatype(2024-06)", "<http://www.w3.org/2001/XMLSchema#gYearMonth>"},
      {"datatype(`Kim`)", ""},
      {"text(`Kim`)", "\"Kim\""},
      {"number(\" 3.50 \")", "3.50"},
      {"number(\"3 apples\")", ""},
      {"number(true)", ""},
      {"is_number(number(\"x\"))", "false"},
      {"is_time(2024)", "false"},
      {"bound(1)", "true"},
      {"coalesce(number(\"x\"))", ""},
      {"if(number(\"x\"), 1, 2)", "2"},
      {"if(5, 1, 2)", "2"},
      {"start(..2024)", ""},
      {"end(2024-05-14..)", ""},
      {"start(2024-06-19T10:30)", "2024-06-19T10:30:00"},
      {"year(12)", ""},
      {"month(2024-05..)", "5"},
      {"trunc(2024-06-19, year)", "2024"},
      {"trunc(2024-06-19, hour)", ""},
      {"period(2024-11, 2024-05)", ""},
      {"period(2024-05.., ..2024-11)", "2024-05..2024-11"},
      {"period(..2024, 2025..)", ""},
      {"subject(12)", ""},
      {"sources(?f)", "ArmyInform, Izvestia"},
  };
  for (const Case& one : cases) {
    INFO(one.call);
    CHECK(Evaluate(one.call) == one.result);
  }
}

TEST_CASE("arithmetic") {
  const auto term = [](std::string_view text) {
    if (text == "30 days") return Term(*MakeDuration(30, TimeUnit::kDay));
    if (text == "1 month") return Term(*MakeDuration(1, TimeUnit::kMonth));
    if (text == "empty") return Term();
    return *ParseBareTerm(text);
  };
  struct Case {
    const char* left;
    NumberOp op;
    const char* right;
    const char* result;
  };
  const Case cases[] = {
      {"7", NumberOp::kDivide, "2", "3.5"},
      {"8", NumberOp::kDivide, "2", "4"},
      {"1", NumberOp::kDivide, "0", ""},
      {"-7", NumberOp::kModulo, "2", "-1"},
      {"9223372036854775807", NumberOp::kAdd, "1", "9223372036854775808"},
      {"0.1", NumberOp::kAdd, "0.2", "0.3"},
      {"1", NumberOp::kAdd, "Kim", ""},
      {"empty", NumberOp::kAdd, "1", ""},
      {"2024-03-01", NumberOp::kSubtract, "2024-02-01", "29 days"},
      {"2024-01-31", NumberOp::kAdd, "1 month", "2024-02-29"},
      {"30 days", NumberOp::kAdd, "2024-01-01", "2024-01-31"},
      {"30 days", NumberOp::kSubtract, "2024-01-01", ""},
      {"2024-01-31", NumberOp::kSubtract, "30 days", "2024-01-01"},
      {"30 days", NumberOp::kMultiply, "2", "60 days"},
      {"2", NumberOp::kMultiply, "1 month", "2 months"},
      {"30 days", NumberOp::kDivide, "30 days", "1"},
      {"30 days", NumberOp::kDivide, "1 month", ""},
      {"2024-01", NumberOp::kAdd, "2024-01", ""},
      {"2024-01-31", NumberOp::kAdd, "1", ""},
  };
  for (const Case& one : cases) {
    INFO(one.left << " " << static_cast<int>(one.op) << " " << one.right);
    CHECK(DisplayText(Calculate(one.op, term(one.left), term(one.right))) == one.result);
  }
  CHECK(DisplayText(Negate(term("3.5"))) == "-3.5");
  CHECK(DisplayText(Negate(term("30 days"))) == "-30 days");
  CHECK(Negate(term("Kim")).is_undefined());
}

TEST_CASE("wrong counts and constants are messages") {
  CHECK(WrongArgumentCount(*FindFunction("round"), 3) ==
        "round takes 1 or 2 arguments: round(number[, places])");
  CHECK(WrongArgumentCount(*FindFunction("if"), 1) ==
        "if takes 3 arguments: if(condition, value, value)");
  CHECK(WrongArgumentCount(*FindFunction("now"), 1) == "now takes no arguments: now()");
  CHECK(WrongArgumentCount(*FindFunction("concat"), 0) ==
        "concat takes at least 1 argument: concat(value, ...)");
  CHECK(!WrongArgumentCount(*FindFunction("concat"), 9).has_value());

  const Term open(Text{"a(b", ""}), group(Text{"(a)", ""}), second(Text{"\\2", ""});
  const Function& matches = *FindFunction("matches");
  const Function& replace = *FindFunction("replace");
  const Function& trunc = *FindFunction("trunc");
  CHECK(matches.check(std::vector<const Term*>{nullptr, &open}).message() ==
        "matches: the pattern can't be read: missing ): a(b");
  CHECK(matches.check(std::vector<const Term*>{&open, nullptr}).ok());
  CHECK(!replace.check(std::vector<const Term*>{nullptr, &group, &second}).ok());
  CHECK(replace.check(std::vector<const Term*>{nullptr, nullptr, &second}).ok());
  CHECK(trunc.check(std::vector<const Term*>{nullptr, &open}).message() ==
        "trunc: 'a(b' is not a unit: write day, week, month or year");
}

TEST_CASE("the nearest name") {
  CHECK(FindFunction("lenght") == nullptr);
  CHECK(NearestFunction("lenght")->name == "length");
  CHECK(NearestFunction("Contains")->name == "contains");
  CHECK(NearestFunction("startswith")->name == "starts_with");
  CHECK(NearestFunction("completely_different") == nullptr);
}

// ANNALS_REWRITE=1 writes the page.
TEST_CASE("docs/functions.md is the table") {
  const std::string path = std::string(ANNALS_DOCS_DIR) + "/functions.md";
  const std::string page = FunctionsMarkdown();
  if (std::getenv("ANNALS_REWRITE") != nullptr) std::ofstream(path) << page;
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  CHECK(text.str() == page);
}

}  // namespace
}  // namespace annals::functions

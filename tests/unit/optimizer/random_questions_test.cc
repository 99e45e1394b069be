// Random questions over random facts: whatever the passes do, the rows stay those that the plan
// as translated has by its definition, and so are those that the operators give.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <random>
#include <set>

#include "query/algebra/build.h"
#include "query/exec/operator.h"
#include "query/exec/result.h"
#include "tests/unit/exec/reference.h"
#include "tests/unit/optimizer/questions.h"

namespace annals::optimizer {
namespace {

using exec::RowText;
using Words = std::vector<std::string>;

class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) { Fill(); }

  const MemoryView& view() const { return view_; }

  std::string Question() {
    if (Chance(25)) return Formula(2) + Modifiers();
    if (Chance(30)) return Grouped();
    return "find " + Shown() + " where " + Formula(2) + Modifiers();
  }

 private:
  size_t Below(size_t end) { return std::uniform_int_distribution<size_t>(0, end - 1)(random_); }
  bool Chance(int percent) { return static_cast<int>(Below(100)) < percent; }
  std::string Pick(const Words& from) { return from[Below(from.size())]; }

  void Fill() {
    for (const char* name : {"Ada", "Bo", "Cy", "Di", "is", "symmetric", "Paper", "Post"}) {
      view_.NameId(name);
    }
    if (Chance(70)) view_.Add("met, is, symmetric");
    std::set<std::string> told;
    const size_t facts = 4 + Below(20);
    for (size_t i = 0; i < facts; ++i) {
      std::string fact = Entity() + ", " + Predicate() + ", " +
                         (Chance(75) ? Entity() : Pick({"1", "2", "2024", "2024-06"}));
      if (Chance(60)) fact += ", " + Date();
      if (!told.insert(fact).second) continue;
      const uint64_t number = view_.Add(fact);
      if (!Chance(30)) continue;
      const Term key = Name{"place"};
      const Term place = Name{Entity()};
      view_.source().Add(Term(FactRef{number}), key, place, Term(),
                         {Chance(50) ? Term(Name{"Paper"}) : Term()});
    }
  }
  std::string Entity() { return Pick({"Ada", "Bo", "Cy", "Di"}); }
  std::string Predicate() { return Pick({"met", "knows", "visited"}); }
  std::string Date() {
    return Pick({"2023", "2024", "2024-06", "2024-06-19", "2024-07-01", "2024-05..", "..2024-06-18",
                 "2023..2024-01"});
  }
  std::string Variable() { return Pick({"?a", "?b", "?c"}); }
  std::string Slot(bool object) {
    if (Chance(60)) return Variable();
    if (Chance(15)) return "_";
    return object && Chance(15) ? Pick({"1", "2024-06", "Nobody"}) : Entity();
  }

  std::string Pattern() {
    std::string text = "(" + Slot(false) + ", " + (Chance(85) ? Predicate() : Pick({"?p", "_"})) +
                       ", " + Slot(true);
    if (Chance(50)) text += ", " + (Chance(60) ? Pick({"?t", "?u"}) : Chance(30) ? "_" : Date());
    text += ")";
    if (Chance(12)) text += " {place: " + Slot(true) + "}";
    if (Chance(10)) text += " from " + Pick({"?s", "_", "(Paper)"});
    if (Chance(10)) text += " as ?f";
    return text;
  }
  std::string Condition() {
    switch (Below(12)) {
      case 11:
        return "bound(" + Variable() + ")";
      case 9:
        return Pick({"?u", "?t"}) + " - " + Pick({"?t", "?u"}) + Pick({" <= ", " > ", " = "}) +
               Pick({"30 days", "1 month", "0 days"});
      case 10:
        return Pick({"?t", "possibly ?t", "?t + 20 days"}) +
               Pick({" before ", " after ", " in ", " overlaps "}) + "?u";
      case 0:
        return Variable() + " = `" + Entity() + "`";
      case 1:
        return Variable() + " != " + Variable();
      case 2:
        return Variable() + " in (" + Entity() + ", " + Entity() + ")";
      case 3:
        return Pick({"?t", "?u"}) + Pick({" before ", " after ", " in ", " overlaps "}) + Date();
      case 4:
        return "possibly ?t " + Pick({"before ", "after ", "equals "}) + Date();
      case 5:
        return Pick({"?t", "?u"}) + Pick({" < ", " >= ", " = "}) +
               Pick({"2024", "2024-06", "2023"});
      case 6:
        return "true = (bound(" + Variable() + ") or ?t > 2023 and not " + Variable() + " = 1)";
      case 7:
        return "year(?t) " + Pick({"= ", "< ", ">= "}) + Pick({"2023", "2024", "1 + 2023"});
      default:
        return "not true = (" + Variable() + " = " + Variable() + " or 1 > 2)";
    }
  }
  std::string Formula(int depth) {
    // Most bind what conditions and columns read.
    Words parts = {Chance(70) ? "(?a, " + Predicate() + ", ?b, ?t)" : Pattern()};
    if (Chance(25)) parts.push_back("(?b, " + Predicate() + ", ?c)");
    if (Chance(15)) parts = Circle();
    if (Chance(8)) {
      parts.push_back("(?b, " + Predicate() + ", ?c, ?u) and ?u after ?t" +
                      (Chance(70) ? " and ?u - ?t <= 40 days" : ""));
    }
    const size_t more = Below(3);
    for (size_t i = 0; i < more; ++i) parts.push_back(Part(depth));
    if (Chance(40)) parts.push_back(Condition());
    if (Chance(10)) parts.push_back("let ?x = " + Pick({"?a", "year(?t)", "1 + 1"}));
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : " and ") + part;
    return text;
  }
  Words Circle() {
    const auto pattern = [&](const std::string& from, const std::string& to) {
      const std::string time = Chance(70) ? "" : ", " + Pick({"?t", "?u", "_"});
      return "(" + from + ", " + (Chance(80) ? Predicate() : Pick({"?p", "_"})) + ", " + to + time +
             ")";
    };
    if (Chance(70)) return {pattern("?a", "?b"), pattern("?b", "?c"), pattern("?c", "?a")};
    return {pattern("?a", "?b"), pattern("?b", "?c"), pattern("?c", "?d"), pattern("?d", "?a")};
  }
  std::string Part(int depth) {
    if (depth <= 0 || Chance(45)) return Pattern();
    switch (Below(5)) {
      case 0:
        return "optional { " + Formula(depth - 1) + " }";
      case 1:
        return "not { " + Formula(depth - 1) + " }";
      case 2:
        return "{ " + Formula(depth - 1) + " or " + Formula(depth - 1) + " }";
      case 3:
        return "{ find ?a, ?t where " + Formula(depth - 1) + " }";
      default:
        return "{ " + Formula(depth - 1) + " }";
    }
  }
  std::string Shown() {
    return Pick({"?a", "?b", "?a, ?b", "?a, ?t", "?a, ?b, ?c", "?t", "?a, year(?t) as y",
                 "?b, 1 + 1 as two"});
  }
  std::string Grouped() {
    const std::string shown =
        Pick({"count(*) as n", "?a, count(*) as n", "?b, count(distinct ?a) as n, min(?t) as m",
              "max(?t) as n", "?a, count(?t) as n, max(?b) as m", "list(distinct ?a) as n"});
    std::string text = "find " + shown + " where " + Formula(2);
    if (Chance(20) && shown.find(" n") != std::string::npos) text += " having ?n > 1";
    return text;
  }
  // A limit needs an order that leaves no choice.
  std::string Modifiers() {
    if (Chance(80)) return "";
    return Chance(50) ? " order by ?a" : " order by ?a limit 2 with ties";
  }

  std::mt19937 random_;
  MemoryView view_;
};

Words Columns(const native::Question& question) {
  Words columns;
  for (const auto& column : question.columns) columns.push_back(column.variable);
  return columns;
}

Words Sorted(Words rows) {
  std::sort(rows.begin(), rows.end());
  return rows;
}

Words ByDefinition(const algebra::Plan& plan, const Words& columns, const MemoryView& view) {
  Words rows;
  for (const auto& row : exec::EvaluateByDefinition(plan, view.source())) {
    rows.push_back(RowText(row, columns));
  }
  return Sorted(std::move(rows));
}

Words ByOperators(const algebra::Plan& plan, const Words& columns, const MemoryView& view,
                  size_t batch_rows) {
  exec::Context context(view.source(), exec::Limits(), batch_rows);
  auto root = exec::MakeOperator(plan, context);
  REQUIRE(root.ok());
  exec::ResultReader reader(std::move(*root), context);
  std::vector<size_t> places;
  for (const auto& column : columns) {
    const auto& variables = reader.variables();
    const auto found = std::find(variables.begin(), variables.end(), column);
    REQUIRE(found != variables.end());
    places.push_back(static_cast<size_t>(found - variables.begin()));
  }
  Words rows;
  while (true) {
    const auto more = reader.Next();
    INFO(more.status());
    REQUIRE(more.ok());
    if (!*more) return Sorted(std::move(rows));
    for (size_t row = 0; row < reader.rows(); ++row) {
      std::vector<Term> terms;
      for (const size_t place : places) terms.push_back(reader.term(row, place));
      rows.push_back(RowText(terms));
    }
  }
}

TEST_CASE("random questions have the same rows whatever passes run") {
  const char* effort = std::getenv("ANNALS_TEST_EFFORT");
  const int rounds = 2500 * (effort == nullptr ? 100 : std::max(1, std::atoi(effort))) / 100;
  size_t asked = 0, rows_seen = 0;
  std::set<std::string> fired;
  for (int round = 0; round < rounds; ++round) {
    Generator generator(static_cast<uint32_t>(round));
    const MemoryView& view = generator.view();
    const std::string text = generator.Question();
    auto question = ToQuestion(text, view);
    if (!question.ok()) {
      // Such as a condition on a variable that nothing binds.
      INFO(text << "\n" << question.status());
      REQUIRE(question.status().code() == absl::StatusCode::kInvalidArgument);
      continue;
    }
    const algebra::PlanPtr plan = std::move(question->plan);
    const Words columns = Columns(*question);
    const Words expected = ByDefinition(*plan, columns, view);
    ++asked;
    rows_seen += expected.size();
    std::vector<Options> ways = {Options{view}};
    ways.back().now = 0;
    // One pass alone and one pass missing, in turn.
    const std::string chosen(Passes()[static_cast<size_t>(round) % Passes().size()].name);
    ways.push_back(Only(view, {chosen}));
    ways.push_back(Options{view, {chosen}});
    for (const Options& options : ways) {
      Report report;
      auto optimized = Optimize(algebra::ClonePlan(*plan), options, &report);
      INFO("seed " << round << ", " << chosen << "\n" << text << "\n" << Dump(*plan, view));
      INFO(optimized.status());
      REQUIRE(optimized.ok());
      INFO(Dump(**optimized, view));
      REQUIRE(algebra::VariablesOf(**optimized) == algebra::VariablesOf(*plan));
      REQUIRE(ByDefinition(**optimized, columns, view) == expected);
      REQUIRE(ByOperators(**optimized, columns, view, round % 2 == 0 ? 1 : 2048) == expected);
      fired.insert(report.fired.begin(), report.fired.end());
    }
  }
  CHECK(asked > static_cast<size_t>(rounds) / 2);
  CHECK(rows_seen > static_cast<size_t>(rounds) / 2);
  // Two need more rows than the stores here have, of one the reference knows no chains.
  const std::set<std::string_view> not_here = {"early_distinct", "first_times", "path_lengths"};
  if (rounds < 2500) return;
  for (const PassInfo& pass : Passes()) {
    INFO(pass.name);
    CHECK((fired.contains(std::string(pass.name)) || not_here.contains(pass.name)));
  }
}

}  // namespace
}  // namespace annals::optimizer

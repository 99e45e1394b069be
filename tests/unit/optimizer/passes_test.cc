// What each pass does to the plan of a question, and what it must leave alone: passes.txt. With
// ANNALS_REWRITE set in the environment the file is rewritten with what comes out.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <set>
#include <sstream>

#include "query/algebra/build.h"
#include "tests/unit/native/case_file.h"
#include "tests/unit/optimizer/questions.h"

namespace annals::optimizer {
namespace {

MemoryView Sample() {
  MemoryView view;
  view.Add("Ada, met, Bo, 2024-06-19");
  view.Add("Bo, met, Cy, 2023");
  view.Add("Cy, visited, Oslo, 2024-07-01");
  view.Add("Ada, citizen of, Norway");
  view.Add("Bo, citizen of, Norway");
  view.Add("Oslo, part of, Norway");
  view.Add("Ada, liked, Bo");
  view.Add("Ada, liked, Cy");
  for (int year = 2010; year < 2030; ++year) {
    view.Add("Ada, observed, Oslo, " + std::to_string(year) + "-03-01");
  }
  view.Add("Bo, praised, Ada, 2020");
  view.Pretend("praised", 60000, 400, 500, 9000);
  view.Pretend("observed", 100000, 400, 500);
  view.Pretend("met", 5000, 400, 500);
  view.Pretend("visited", 100, 60, 20);
  view.Pretend("citizen of", 1000, 1000, 50);
  view.Pretend("liked", 40000, 300, 30);
  return view;
}

TEST_CASE("passes rewrite these plans") {
  const MemoryView view = Sample();
  std::string trailer;
  std::vector<native::Case> cases = native::ReadCases(ANNALS_PASSES_CASES, &trailer);
  REQUIRE(cases.size() > 30);
  std::set<std::string> seen;
  for (native::Case& one : cases) {
    INFO("passes.txt:" << one.line << "\n" << one.input);
    std::istringstream words(one.command);
    std::set<std::string> passes;
    for (std::string pass; words >> pass;) passes.insert(pass);
    std::string outcome = After(passes, one.input, view);
    outcome.pop_back();
    seen.insert(passes.begin(), passes.end());
    if (std::getenv("ANNALS_REWRITE") != nullptr) {
      one.expected = outcome;
    } else {
      CHECK(outcome == one.expected);
    }
  }
  if (std::getenv("ANNALS_REWRITE") != nullptr) {
    native::WriteCases(ANNALS_PASSES_CASES, cases, trailer);
  }
  for (const PassInfo& pass : Passes()) {
    INFO(pass.name);
    CHECK(seen.contains(std::string(pass.name)));
    CHECK_FALSE(pass.description.empty());
  }
  CHECK(seen.size() == Passes().size());
}

TEST_CASE("the question's clock narrows scans") {
  const MemoryView view = Sample();
  Options options{view};
  options.now = Time::Parse("2024-07-15")->first();
  const auto plan =
      Optimize(ToPlan("(?a, met, ?b, ?t) and ?t after today() - 30 days", view), options);
  REQUIRE(plan.ok());
  CHECK(Dump(**plan, view) ==
        "filter ?t after 2024-06-15\n"
        "  scan (?a, met, ?b, ?t sharing 2024-06-16..)\n");
}

TEST_CASE("what is nested deeper than anyone writes runs as written") {
  const MemoryView view = Sample();
  algebra::PlanPtr plan = algebra::MakePlan(algebra::Unit{});
  for (int i = 0; i < 3000; ++i) {
    plan = algebra::MakePlan(algebra::Filter{std::move(plan), {}});
  }
  Report report;
  CHECK(Optimize(std::move(plan), Options{view}, &report).ok());
  CHECK(report.fired.empty());
}

TEST_CASE("a join of many inputs is ordered") {
  const MemoryView view = Sample();
  std::string text;
  for (int i = 0; i < 14; ++i) {
    const std::string a = "?x" + std::to_string(i), b = "?x" + std::to_string(i + 1);
    text += "(" + a + ", met, " + b + ") and ";
  }
  const auto plan =
      Optimize(ToPlan(text + "(?x14, visited, Oslo)", view), Only(view, {"join_order"}));
  REQUIRE(plan.ok());
  const std::string dump = Dump(**plan, view);
  const size_t first = dump.find("scan");
  CHECK(dump.substr(first, dump.find('\n', first) - first) == "scan (?x14, visited, Oslo)");
  // Along the chain, never all with all.
  CHECK(dump.find("(?x13, met, ?x14)") < dump.find("(?x12, met, ?x13)"));
  CHECK(dump.find("(?x1, met, ?x2)") < dump.find("(?x0, met, ?x1)"));
}

}  // namespace
}  // namespace annals::optimizer

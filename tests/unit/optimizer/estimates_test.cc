// What plans are expected to give, on statistics that are known.
#include <catch2/catch.hpp>

#include "query/optimizer/cardinality.h"
#include "tests/unit/optimizer/questions.h"

namespace annals::optimizer {
namespace {

// 100 people; p0 to p9 met all of p0..p9 on ten days of June 2024; each is a citizen of a country.
MemoryView People() {
  MemoryView view;
  for (int a = 0; a < 10; ++a) {
    for (int b = 0; b < 10; ++b) {
      view.Add("p" + std::to_string(a) + ", met, p" + std::to_string(b) + ", 2024-06-1" +
               std::to_string(b));
    }
  }
  for (int a = 0; a < 100; ++a) {
    view.Add("p" + std::to_string(a) + ", citizen of, country " + std::to_string(a % 4));
  }
  view.Add("p0, holds office, Minister, 2020..");
  return view;
}

double Rows(const std::string& text, const MemoryView& view) {
  auto plan = Optimize(ToPlan(text, view), Only(view, {"drop_distincts", "merge_joins"}));
  REQUIRE(plan.ok());
  Estimator estimator(view);
  const auto estimate = estimator.Of(**plan);
  REQUIRE(estimate.ok());
  return estimate->rows;
}

TEST_CASE("counts below constants are exact") {
  const MemoryView view = People();
  CHECK(Rows("(?a, met, ?b, ?t)", view) == 100);
  CHECK(Rows("(p1, met, ?b, ?t)", view) == 10);
  CHECK(Rows("(?a, met, p1, ?t)", view) == 10);
  CHECK(Rows("(p1, ?p, ?b) as ?f", view) == 11);
  CHECK(Rows("(?a, ?p, p2) as ?f", view) == 10);
  CHECK(Rows("(p1, ?p, p2) as ?f", view) == 1);
  CHECK(Rows("(?a, ?p, ?b) as ?f", view) == 201);
  CHECK(Rows("(p1, met, p2) as ?f", view) == 1);
  CHECK(Rows("(p1, met, Minister) as ?f", view) == 0);
}

TEST_CASE("a window counts the facts that start in it") {
  const MemoryView view = People();
  CHECK(Rows("(?a, met, ?b, 2024-06-13) as ?f", view) == 10);
  CHECK(Rows("(?a, holds office, ?b, 2024-06-13) as ?f", view) == Approx(0.05));
  CHECK(Rows("(?a, met, ?b, 2024) as ?f", view) == 100);
  CHECK(Rows("(?a, met, ?b, 2023) as ?f", view) == 0);
  CHECK(Rows("(?a, citizen of, ?b, _) as ?f", view) == 0);
}

TEST_CASE("times without a start or an end may be in any window") {
  MemoryView view;
  for (int i = 0; i < 200; ++i) view.Add("s" + std::to_string(i) + ", p, o, ..2030");
  for (int i = 0; i < 100; ++i) view.Add("s" + std::to_string(i) + ", q, o, 2020..2030");
  view.Add("a, r, b, 2024-01-01T10:00:00");
  CHECK(Rows("(?x, p, ?y, 2024) as ?f", view) == Approx(0.05 * 200));
  CHECK(Rows("(?x, q, ?y, 2024) as ?f", view) == Approx(0.05 * 100));
  CHECK(Rows("(?x, r, ?y, ?t) and ?t after 2024..", view) < 1);
}

TEST_CASE("a window over all predicates counts as that over the commonest") {
  const MemoryView view = People();
  CHECK(Rows("(?a, ?p, ?b, 2024-06-13) as ?f", view) == Approx(201 / 10.0));
  CHECK(Rows("(p1, ?p, ?b, 2024-06-13) as ?f", view) == Approx(11 / 10.0));
  CHECK(Rows("(?a, ?p, ?b, 2023) as ?f", view) == Approx(201 / 100.0));
  CHECK(Rows("(?a, ?p, ?b, 2023)", MemoryView()) == 0);
}

TEST_CASE("a join divides by the greater number of values") {
  const MemoryView view = People();
  // 100 meetings of 10 people, 100 people with a country each.
  CHECK(Rows("(?a, met, ?b, ?t) and (?a, citizen of, ?c) as ?f", view) == Approx(100));
  CHECK(Rows("(?a, met, p1, ?t) and (?a, met, p2, ?u)", view) == Approx(10));
  // All with all.
  CHECK(Rows("(p1, met, ?b, ?t) and (p2, met, ?d, ?u)", view) == Approx(100));
}

TEST_CASE("distinct rows are at most the product of the values") {
  MemoryView view = People();
  CHECK(Rows("find ?a where (?a, met, ?b, ?t)", view) == 10);
  CHECK(Rows("find ?a, count(*) as n where (?a, met, ?b, ?t)", view) == 10);
  CHECK(Rows("find count(*) as n where (?a, met, ?b, ?t)", view) == 1);
  CHECK(Rows("(?a, met, ?b, ?t) limit 7", view) == 7);
  CHECK(Rows("(?a, met, ?b, ?t) limit 7 offset 98", view) == 2);
}

TEST_CASE("every node is annotated") {
  const MemoryView view = People();
  Options options = Only(view, {});
  options.estimates = true;
  const auto plan = Optimize(ToPlan("(?a, met, p1, ?t) and ?a != `p2`", view), options);
  REQUIRE(plan.ok());
  CHECK(Dump(**plan, view) ==
        "distinct  ~9 rows\n"
        "  filter ?a != p2  ~9 rows\n"
        "    scan (?a, met, p1, ?t)  ~10 rows\n");
}

}  // namespace
}  // namespace annals::optimizer

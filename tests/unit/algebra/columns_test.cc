// The columns of plans, and which of them are never empty.
#include <catch2/catch.hpp>

#include "query/algebra/build.h"

namespace annals::algebra {
namespace {

using Variables = std::vector<Variable>;

PlanPtr ScanOf(const Variable& a, const Variable& b, const Variable& time = "",
               bool dated = false) {
  Scan scan;
  scan.subject = {Slot::Kind::kVariable, a, TermId()};
  scan.object = {Slot::Kind::kVariable, b, TermId()};
  if (!time.empty()) scan.time = {Slot::Kind::kVariable, time, TermId()};
  scan.dated = dated;
  return MakePlan(std::move(scan));
}
std::vector<PlanPtr> Two(PlanPtr a, PlanPtr b) {
  std::vector<PlanPtr> plans;
  plans.push_back(std::move(a));
  plans.push_back(std::move(b));
  return plans;
}

void CheckColumns(const PlanPtr& plan, const Variables& all, const Variables& certain) {
  CHECK(VariablesOf(*plan) == all);
  CHECK(CertainVariablesOf(*plan) == certain);
}

TEST_CASE("columns of a scan are its variables, in the order of the slots") {
  CheckColumns(ScanOf("b", "a"), {"b", "a"}, {"b", "a"});
  CheckColumns(ScanOf("a", "a"), {"a"}, {"a"});
  CheckColumns(ScanOf("a", "b", "t", true), {"a", "b", "t"}, {"a", "b", "t"});
  // A fact may have no time.
  CheckColumns(ScanOf("a", "b", "t", false), {"a", "b", "t"}, {"a", "b"});
}

TEST_CASE("joins fill, left joins may not") {
  CheckColumns(MakePlan(Join{Two(ScanOf("a", "b", "t"), ScanOf("b", "t"))}), {"a", "b", "t"},
               {"a", "b", "t"});
  CheckColumns(MakePlan(LeftJoin{ScanOf("a", "b"), ScanOf("b", "c"), {}, 0}), {"a", "b", "c"},
               {"a", "b"});
  CheckColumns(MakePlan(SemiJoin{ScanOf("a", "b"), ScanOf("b", "c"), {}, 0}), {"a", "b"},
               {"a", "b"});
  CheckColumns(MakePlan(AntiJoin{ScanOf("a", "b"), ScanOf("b", "c"), {}, 0}), {"a", "b"},
               {"a", "b"});
}

TEST_CASE("in a union only what all branches have is certain") {
  CheckColumns(MakePlan(Union{Two(ScanOf("a", "b"), ScanOf("b", "c"))}), {"a", "b", "c"}, {"b"});
}

TEST_CASE("values are certain where no row is empty") {
  CheckColumns(MakePlan(Values{{"a", "b"}, {{Term(true), Term(true)}, {Term(), Term(true)}}}),
               {"a", "b"}, {"b"});
}

TEST_CASE("computed columns may be empty, constants and copies of certain columns are not") {
  CheckColumns(MakePlan(Extend{ScanOf("a", "b"), "x", MakeVariable("b")}), {"a", "b", "x"},
               {"a", "b", "x"});
  std::vector<ExpressionPtr> arguments;
  arguments.push_back(MakeVariable("b"));
  CheckColumns(MakePlan(Extend{ScanOf("a", "b"), "x",
                               MakeExpression(CallExpr{"year", std::move(arguments)})}),
               {"a", "b", "x"}, {"a", "b"});
  CheckColumns(
      MakePlan(Extend{ScanOf("a", "b"), "x", MakeConstant(Term(true), TermId::Boolean(true))}),
      {"a", "b", "x"}, {"a", "b", "x"});
}

TEST_CASE("groups have their keys and results; counts are never empty") {
  std::vector<Aggregate> aggregates;
  aggregates.push_back({AggregateFunction::kCount, false, MakeVariable("b"), nullptr, "n"});
  aggregates.push_back({AggregateFunction::kMax, false, MakeVariable("b"), nullptr, "m"});
  CheckColumns(MakePlan(Group{ScanOf("a", "b"), {"a"}, std::move(aggregates)}), {"a", "n", "m"},
               {"a", "n"});
}

TEST_CASE("a projection names its columns, also those that are not there") {
  CheckColumns(MakePlan(Project{ScanOf("a", "b"), {"b", "z"}}), {"b", "z"}, {"b"});
  CheckColumns(MakePlan(OuterRef{1, {"a"}}), {"a"}, {});
  CheckColumns(MakePlan(Empty{{"a"}}), {"a"}, {"a"});
}

}  // namespace
}  // namespace annals::algebra

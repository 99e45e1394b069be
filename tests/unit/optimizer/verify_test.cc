// Plans that are none are found out.
#include "query/optimizer/verify.h"

#include <catch2/catch.hpp>

#include "query/algebra/build.h"

namespace annals::optimizer {
namespace {

using algebra::MakePlan;
using algebra::PlanPtr;

PlanPtr ScanOf(const char* variable) {
  algebra::Scan scan;
  scan.subject.kind = algebra::Slot::Kind::kVariable;
  scan.subject.variable = variable;
  return MakePlan(std::move(scan));
}

std::vector<PlanPtr> List(PlanPtr first, PlanPtr second = nullptr) {
  std::vector<PlanPtr> plans;
  plans.push_back(std::move(first));
  if (second != nullptr) plans.push_back(std::move(second));
  return plans;
}

TEST_CASE("sound plans pass") {
  CHECK(VerifyPlan(*MakePlan(algebra::Join{List(ScanOf("a"), ScanOf("b"))})).ok());
  CHECK(VerifyPlan(*MakePlan(algebra::Sort{ScanOf("a"), {{"a", false}}})).ok());
  algebra::AntiJoin anti{ScanOf("a"), nullptr, {}, 3};
  anti.right = MakePlan(algebra::Join{List(MakePlan(algebra::OuterRef{3, {"a"}}), ScanOf("a"))});
  CHECK(VerifyPlan(*MakePlan(std::move(anti))).ok());
}

TEST_CASE("each broken rule is named") {
  const auto message = [](const PlanPtr& plan) {
    const absl::Status status = VerifyPlan(*plan);
    CHECK((status.ok() || status.code() == absl::StatusCode::kInternal));
    return std::string(status.message());
  };
  CHECK(message(MakePlan(algebra::Join{List(ScanOf("a"))})) ==
        "the plan is not sound: a join has fewer than two children");
  CHECK(message(MakePlan(algebra::Union{})) == "the plan is not sound: a union has no children");
  CHECK(message(MakePlan(algebra::Distinct{nullptr})) ==
        "the plan is not sound: a child is missing");
  CHECK(message(MakePlan(algebra::Values{{"a", "b"}, {{Term(true)}}})) ==
        "the plan is not sound: a row of values doesn't fit the columns");
  CHECK(message(MakePlan(algebra::Sort{ScanOf("a"), {{"b", false}}})) ==
        "the plan is not sound: it sorts by ?b, which is no column");
  CHECK(message(MakePlan(algebra::Group{ScanOf("a"), {"b"}, {}})) ==
        "the plan is not sound: it groups by what is no column");
  // Fed on the wrong side.
  algebra::AntiJoin anti{MakePlan(algebra::OuterRef{3, {"a"}}), ScanOf("a"), {}, 3};
  CHECK(message(MakePlan(std::move(anti))) == "the plan is not sound: nothing feeds outer #3");
}

}  // namespace
}  // namespace annals::optimizer

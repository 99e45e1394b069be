// Bounds that conditions set on times: no time for which a condition is true lies outside.
#include "query/optimizer/time_bounds.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "query/algebra/build.h"

namespace annals::optimizer {
namespace {

using algebra::ExpressionPtr;
using algebra::MakeExpression;
using algebra::TimeOperator;

ExpressionPtr Constant(std::string_view text) {
  return algebra::MakeConstant(Term(*Time::Parse(text)), TermId());
}

const std::vector<std::string> kTimes = {"2023",
                                         "2024",
                                         "2024-06",
                                         "2024-06-19",
                                         "2024-06-20",
                                         "2024-05-14..",
                                         "..2024-06-18",
                                         "2023..2024-01",
                                         "2024-06-19T10:30",
                                         "2024-06-19T10:30:05+09:00",
                                         "-0044-03-15",
                                         "..2022"};

bool SharesInstantWith(const TimeWindow& window, const Time& time) {
  return time.first() <= window.last && window.first <= time.last();
}

TEST_CASE("times for which a worded operator holds share an instant with the window") {
  const TimeOperator operators[] = {TimeOperator::kBefore, TimeOperator::kAfter, TimeOperator::kIn,
                                    TimeOperator::kOverlaps, TimeOperator::kEquals};
  const TimeOp meanings[] = {TimeOp::kBefore, TimeOp::kAfter, TimeOp::kIn, TimeOp::kOverlaps,
                             TimeOp::kEquals};
  size_t held = 0;
  for (size_t op = 0; op < std::size(operators); ++op) {
    for (const std::string& fixed : kTimes) {
      for (const bool possibly : {false, true}) {
        for (const bool mirrored : {false, true}) {
          ExpressionPtr left = algebra::MakeVariable("t"), right = Constant(fixed);
          if (mirrored) std::swap(left, right);
          const auto condition = MakeExpression(
              algebra::TimeExpr{operators[op], possibly, std::move(left), std::move(right)});
          const auto bounds = BoundsOf(*condition, "t");
          const TimeWindow window = WindowOf(bounds.value_or(TimeBounds{}));
          for (const std::string& text : kTimes) {
            Time a = *Time::Parse(text), b = *Time::Parse(fixed);
            if (mirrored) std::swap(a, b);
            const bool holds =
                possibly ? Possibly(meanings[op], a, b) : Certainly(meanings[op], a, b);
            if (!holds) continue;
            ++held;
            INFO(text << " and " << fixed << ", operator " << op << (possibly ? " possibly" : "")
                      << (mirrored ? " mirrored" : ""));
            CHECK(SharesInstantWith(window, *Time::Parse(text)));
          }
        }
      }
    }
  }
  CHECK(held > 300);
}

TEST_CASE("times for which a comparison holds share an instant with the window") {
  size_t held = 0;
  for (int op = 0; op < 6; ++op) {
    for (const std::string& fixed : kTimes) {
      const auto condition = MakeExpression(algebra::CompareExpr{
          static_cast<algebra::CompareOp>(op), algebra::MakeVariable("t"), Constant(fixed)});
      const auto bounds = BoundsOf(*condition, "t");
      const TimeWindow window = WindowOf(bounds.value_or(TimeBounds{}));
      for (const std::string& text : kTimes) {
        const auto order = CompareValues(Term(*Time::Parse(text)), Term(*Time::Parse(fixed)));
        const bool holds[] = {order == 0, order != 0, order<0, order <= 0, order> 0, order >= 0};
        if (!holds[op]) continue;
        ++held;
        INFO(text << " and " << fixed << ", operator " << op);
        CHECK(SharesInstantWith(window, *Time::Parse(text)));
      }
    }
  }
  CHECK(held > 300);
}

std::string BoundsText(const ExpressionPtr& condition) {
  const auto bounds = BoundsOf(*condition, "t");
  if (!bounds.has_value()) return "none";
  const auto text = [](int64_t at) {
    if (at == Time::kOpenStart || at == Time::kOpenEnd) return std::string();
    return Time::FromInstant(at).ToString();
  };
  return text(bounds->ends_from) + ".." + text(bounds->starts_by);
}

ExpressionPtr Compare(algebra::CompareOp op, ExpressionPtr left, ExpressionPtr right) {
  return MakeExpression(algebra::CompareExpr{op, std::move(left), std::move(right)});
}

ExpressionPtr YearOf(const char* variable) {
  algebra::CallExpr call{"year", {}};
  call.arguments.push_back(algebra::MakeVariable(variable));
  return MakeExpression(std::move(call));
}

TEST_CASE("bounds of comparisons are narrow") {
  using algebra::CompareOp;
  const auto year = [] { return algebra::MakeConstant(Term(int64_t{2024}), TermId()); };
  CHECK(BoundsText(Compare(CompareOp::kLess, algebra::MakeVariable("t"), Constant("2024-06"))) ==
        "..2024-06-01T00:00:00Z");
  CHECK(BoundsText(Compare(CompareOp::kLess, Constant("2024-06"), algebra::MakeVariable("t"))) ==
        "2024-06-01T00:00:00Z..");
  CHECK(BoundsText(Compare(CompareOp::kEqual, algebra::MakeVariable("t"), year())) ==
        "2024-01-01T00:00:00Z..2024-12-31T23:59:59Z");
  CHECK(BoundsText(Compare(CompareOp::kNotEqual, algebra::MakeVariable("t"), year())) == "none");
  CHECK(BoundsText(Compare(CompareOp::kEqual, algebra::MakeVariable("u"), year())) == "none");
  // A written date may be a day off in UTC.
  CHECK(BoundsText(Compare(CompareOp::kEqual, YearOf("t"), year())) ==
        "2023-12-31T00:00:00Z..2025-01-01T23:59:59Z");
  CHECK(BoundsText(Compare(CompareOp::kGreater, YearOf("t"), year())) == "2023-12-31T00:00:00Z..");
}

TEST_CASE("bounds of connectives") {
  using algebra::CompareOp;
  const auto after = [](const char* time) {
    return Compare(CompareOp::kGreater, algebra::MakeVariable("t"), Constant(time));
  };
  const auto before = [](const char* time) {
    return Compare(CompareOp::kLess, algebra::MakeVariable("t"), Constant(time));
  };
  std::vector<ExpressionPtr> operands;
  operands.push_back(after("2024-01"));
  operands.push_back(before("2024-06"));
  CHECK(BoundsText(MakeExpression(algebra::AndExpr{std::move(operands)})) ==
        "2024-01-01T00:00:00Z..2024-06-01T00:00:00Z");
  operands.clear();
  operands.push_back(after("2024-01"));
  operands.push_back(after("2024-06"));
  CHECK(BoundsText(MakeExpression(algebra::OrExpr{std::move(operands)})) ==
        "2024-01-01T00:00:00Z..");
  // One side says nothing of the time.
  operands.clear();
  operands.push_back(after("2024-01"));
  operands.push_back(algebra::MakeVariable("a"));
  CHECK(BoundsText(MakeExpression(algebra::OrExpr{std::move(operands)})) == "none");
  CHECK(BoundsText(MakeExpression(algebra::NotExpr{after("2024-01")})) == "none");
}

TEST_CASE("bounds of a list span its times and skip what is none") {
  algebra::InExpr in{algebra::MakeVariable("t"), {}};
  in.list.push_back(Constant("2024-06"));
  in.list.push_back(algebra::MakeConstant(Term(int64_t{2022}), TermId()));
  in.list.push_back(algebra::MakeConstant(Term(Name{"Ada"}), TermId()));
  CHECK(BoundsText(MakeExpression(std::move(in))) == "2022-01-01T00:00:00Z..2024-06-30T23:59:59Z");
}

TEST_CASE("bounds that cross are one instant that such a time spans") {
  // `?t overlaps 2020 and ?t overlaps 2022` holds for 2019..2023.
  const TimeBounds bounds = Both({Time::Year(2020)->first(), Time::Year(2020)->last()},
                                 {Time::Year(2022)->first(), Time::Year(2022)->last()});
  const TimeWindow window = WindowOf(bounds);
  CHECK(window.first <= window.last);
  CHECK(SharesInstantWith(window, *Time::Parse("2019..2023")));
  CHECK_FALSE(SharesInstantWith(window, *Time::Parse("2022..2023")));
}

}  // namespace
}  // namespace annals::optimizer

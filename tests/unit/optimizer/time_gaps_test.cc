// Gaps that conditions set between two times: none is wider than the times for which they are true.
#include "query/optimizer/time_gaps.h"

#include <catch2/catch.hpp>
#include <random>

#include "query/algebra/build.h"
#include "query/functions/arithmetic.h"
#include "tests/unit/model/random_times.h"

namespace annals::optimizer {
namespace {

using algebra::ArithmeticOp;
using algebra::CompareOp;
using algebra::ExpressionPtr;
using algebra::MakeExpression;
using algebra::TimeOperator;

struct Row {
  Time t, u;
};

ExpressionPtr Read(const char* name) { return algebra::MakeVariable(name); }
ExpressionPtr Length(int64_t amount, TimeUnit unit) {
  return algebra::MakeConstant(Term(*MakeDuration(amount, unit)), TermId());
}
ExpressionPtr Calculated(ArithmeticOp op, ExpressionPtr left, ExpressionPtr right) {
  return MakeExpression(algebra::ArithmeticExpr{op, std::move(left), std::move(right)});
}

Term Value(const algebra::Expression& expression, const Row& row) {
  if (const auto* read = std::get_if<algebra::VariableExpr>(&expression.node)) {
    return Term(read->name == "t" ? row.t : row.u);
  }
  if (const auto* constant = std::get_if<algebra::ConstantExpr>(&expression.node)) {
    return constant->term;
  }
  if (const auto* call = std::get_if<algebra::CallExpr>(&expression.node)) {
    const Term of = Value(*call->arguments[0], row);
    const auto* time = of.As<Time>();
    if (time == nullptr) return Term();
    const auto part = call->function == "start" ? time->First() : time->Last();
    return part.has_value() ? Term(*part) : Term();
  }
  const auto& node = std::get<algebra::ArithmeticExpr>(expression.node);
  return functions::Calculate(node.op == ArithmeticOp::kAdd ? NumberOp::kAdd : NumberOp::kSubtract,
                              Value(*node.left, row), Value(*node.right, row));
}

bool Holds(const algebra::Expression& condition, const Row& row) {
  if (const auto* time = std::get_if<algebra::TimeExpr>(&condition.node)) {
    const Term left = Value(*time->left, row), right = Value(*time->right, row);
    if (left.As<Time>() == nullptr || right.As<Time>() == nullptr) return false;
    const auto op = static_cast<TimeOp>(time->op);
    return time->possibly ? Possibly(op, *left.As<Time>(), *right.As<Time>())
                          : Certainly(op, *left.As<Time>(), *right.As<Time>());
  }
  const auto& node = std::get<algebra::CompareExpr>(condition.node);
  const Term left = Value(*node.left, row), right = Value(*node.right, row);
  int order = 0;
  if (left.As<Time>() != nullptr && right.As<Time>() != nullptr) {
    order = CompareTimes(*left.As<Time>(), *right.As<Time>());
  } else if (left.As<Duration>() != nullptr && right.As<Duration>() != nullptr) {
    order = CompareDurations(*left.As<Duration>(), *right.As<Duration>());
  } else {
    return false;
  }
  switch (node.op) {
    case CompareOp::kEqual:
      return order == 0;
    case CompareOp::kNotEqual:
      return order != 0;
    case CompareOp::kLess:
      return order < 0;
    case CompareOp::kLessOrEqual:
      return order <= 0;
    case CompareOp::kGreater:
      return order > 0;
    case CompareOp::kGreaterOrEqual:
      return order >= 0;
  }
  return false;
}

bool Fulfils(const algebra::TimeGap& gap, const Row& row) {
  const Time& earlier = gap.earlier == "t" ? row.t : row.u;
  const Time& later = gap.later == "t" ? row.t : row.u;
  const int64_t from = gap.from_end ? earlier.last() : earlier.first();
  const int64_t to = gap.to_end ? later.last() : later.first();
  if (from == Time::kOpenStart || to == Time::kOpenEnd) return true;
  if (from == Time::kOpenEnd || to == Time::kOpenStart) return false;
  return to - from >= gap.seconds;
}

class Conditions {
 public:
  explicit Conditions(uint32_t seed) : random_(seed) {}

  ExpressionPtr Next() {
    const bool mirrored = Below(2) == 0;
    if (Below(2) == 0) {
      ExpressionPtr left = Operand("u", 2), right = Operand("t", 2);
      if (mirrored) left.swap(right);
      if (Below(4) == 0) {
        return MakeExpression(algebra::CompareExpr{static_cast<CompareOp>(Below(6)),
                                                   std::move(left), std::move(right)});
      }
      return MakeExpression(algebra::TimeExpr{static_cast<TimeOperator>(Below(5)), Below(2) == 0,
                                              std::move(left), std::move(right)});
    }
    ExpressionPtr left = Calculated(ArithmeticOp::kSubtract, Operand("u", 1), Operand("t", 1));
    ExpressionPtr right = RandomLength();
    if (mirrored) left.swap(right);
    return MakeExpression(
        algebra::CompareExpr{static_cast<CompareOp>(Below(6)), std::move(left), std::move(right)});
  }

 private:
  int64_t Below(int64_t end) { return std::uniform_int_distribution<int64_t>(0, end - 1)(random_); }
  ExpressionPtr RandomLength() { return Length(Below(80) - 30, static_cast<TimeUnit>(Below(7))); }
  ExpressionPtr Operand(const char* name, int depth) {
    if (depth == 0 || Below(2) == 0) return Read(name);
    if (Below(2) == 0) {
      std::vector<ExpressionPtr> arguments;
      arguments.push_back(Operand(name, depth - 1));
      return MakeExpression(
          algebra::CallExpr{Below(2) == 0 ? "start" : "end", std::move(arguments)});
    }
    const bool back = Below(2) == 0;
    return Calculated(back ? ArithmeticOp::kSubtract : ArithmeticOp::kAdd, Operand(name, depth - 1),
                      RandomLength());
  }

  std::mt19937 random_;
};

TEST_CASE("times for which a condition holds are as far apart as its gaps say") {
  Conditions conditions(7);
  RandomTimes times(11);
  size_t held = 0, gaps_seen = 0;
  for (int round = 0; round < 4000; ++round) {
    const ExpressionPtr condition = conditions.Next();
    const auto gaps = GapsOf(*condition);
    gaps_seen += gaps.size();
    for (int i = 0; i < 20; ++i) {
      const Row row = {times.Any(2023, 2024), times.Any(2023, 2024)};
      if (!Holds(*condition, row)) continue;
      ++held;
      for (const algebra::TimeGap& gap : gaps) {
        INFO(row.t.ToString() << " and " << row.u.ToString() << ": " << gap.earlier << " "
                              << gap.from_end << " " << gap.later << " " << gap.to_end << " "
                              << gap.seconds);
        REQUIRE(Fulfils(gap, row));
      }
    }
  }
  CHECK(held > 20000);
  CHECK(gaps_seen > 4000);
}

TEST_CASE("a difference beside days is that many days") {
  std::vector<ExpressionPtr> conditions;
  conditions.push_back(
      MakeExpression(algebra::TimeExpr{TimeOperator::kAfter, false, Read("u"), Read("t")}));
  conditions.push_back(MakeExpression(algebra::CompareExpr{
      CompareOp::kLessOrEqual, Calculated(ArithmeticOp::kSubtract, Read("u"), Read("t")),
      Length(30, TimeUnit::kDay)}));
  const auto gaps = GapsOf(conditions);
  REQUIRE(gaps.size() == 2);
  CHECK((gaps[0].earlier == "t" && gaps[0].from_end && !gaps[0].to_end && gaps[0].seconds == 1));
  CHECK((gaps[1].earlier == "u" && !gaps[1].from_end && !gaps[1].to_end));
  CHECK(gaps[1].seconds == -30 * 86400);
}

TEST_CASE("what is not between two times has no gaps") {
  CHECK(
      GapsOf(*MakeExpression(algebra::TimeExpr{TimeOperator::kAfter, false, Read("u"), Read("u")}))
          .empty());
  CHECK(GapsOf(*MakeExpression(algebra::CompareExpr{CompareOp::kNotEqual, Read("u"), Read("t")}))
            .empty());
  CHECK(GapsOf(*MakeExpression(algebra::NotExpr{MakeExpression(
                   algebra::TimeExpr{TimeOperator::kAfter, false, Read("u"), Read("t")})}))
            .empty());
}

}  // namespace
}  // namespace annals::optimizer

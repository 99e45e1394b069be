#include "query/optimizer/time_bounds.h"

#include <algorithm>

#include "query/optimizer/rewrite.h"

namespace annals::optimizer {
namespace {

using algebra::CompareOp;
using algebra::Expression;
using algebra::ExpressionPtr;
using algebra::TimeOperator;
using algebra::Variable;

bool Reads(const ExpressionPtr& expression, const Variable& variable) {
  const auto* read = std::get_if<algebra::VariableExpr>(&expression->node);
  return read != nullptr && read->name == variable;
}

// A constant that is a time; beside a comparison an integer is a year.
std::optional<Time> TimeOf(const ExpressionPtr& expression, bool years) {
  const auto* constant = std::get_if<algebra::ConstantExpr>(&expression->node);
  if (constant == nullptr) return std::nullopt;
  if (const auto* time = constant->term.As<Time>()) return *time;
  const auto* year = years ? constant->term.As<int64_t>() : nullptr;
  return year == nullptr ? std::nullopt : Time::Year(*year);
}

TimeBounds Sharing(const Time& time) { return {time.first(), time.last()}; }

// The first instant before or after; open ends stay.
int64_t Before(int64_t instant) { return instant == Time::kOpenStart ? instant : instant - 1; }
int64_t After(int64_t instant) { return instant == Time::kOpenEnd ? instant : instant + 1; }

// Certainly: all of the variable's time is before the constant's first instant. Possibly: its
// first instant is before the constant's last.
TimeBounds OfTimeOperator(TimeOperator op, bool possibly, const Time& time) {
  TimeBounds bounds;
  switch (op) {
    case TimeOperator::kBefore:
      bounds.starts_by = Before(possibly ? time.last() : time.first());
      return bounds;
    case TimeOperator::kAfter:
      bounds.ends_from = After(possibly ? time.first() : time.last());
      return bounds;
    case TimeOperator::kIn:
    case TimeOperator::kOverlaps:
    case TimeOperator::kEquals:
      return Sharing(time);
  }
  return bounds;
}

// Comparisons go by the start, then the end.
std::optional<TimeBounds> OfComparison(CompareOp op, const Time& time) {
  TimeBounds bounds;
  switch (op) {
    case CompareOp::kEqual:
      return Sharing(time);
    case CompareOp::kNotEqual:
      return std::nullopt;
    case CompareOp::kLess:
    case CompareOp::kLessOrEqual:
      bounds.starts_by = time.first();
      return bounds;
    case CompareOp::kGreater:
    case CompareOp::kGreaterOrEqual:
      bounds.ends_from = time.first();
      return bounds;
  }
  return std::nullopt;
}

// year(?t) and trunc(?t, unit) go by the written start, a zone put aside: a day more either way.
std::optional<TimeBounds> OfStartIn(CompareOp op, const Time& time) {
  const auto less = [](int64_t at) {
    return at < Time::kOpenStart + kSecondsPerDay ? at : at - kSecondsPerDay;
  };
  const auto more = [](int64_t at) {
    return at > Time::kOpenEnd - kSecondsPerDay ? at : at + kSecondsPerDay;
  };
  TimeBounds bounds;
  if (op == CompareOp::kNotEqual) return std::nullopt;
  if (op != CompareOp::kGreater && op != CompareOp::kGreaterOrEqual) {
    bounds.starts_by = more(time.last());
  }
  if (op != CompareOp::kLess && op != CompareOp::kLessOrEqual) {
    bounds.ends_from = less(time.first());
  }
  return bounds;
}

bool IsStartOf(const ExpressionPtr& expression, const Variable& variable) {
  const auto* call = std::get_if<algebra::CallExpr>(&expression->node);
  if (call == nullptr || call->arguments.empty() || !Reads(call->arguments[0], variable)) {
    return false;
  }
  return (call->function == "year" && call->arguments.size() == 1) ||
         (call->function == "trunc" && call->arguments.size() == 2);
}

struct BoundsVisitor {
  const Variable& variable;
  using Result = std::optional<TimeBounds>;

  Result operator()(const algebra::ConstantExpr&) const { return std::nullopt; }
  Result operator()(const algebra::VariableExpr&) const { return std::nullopt; }
  Result operator()(const algebra::NotExpr&) const { return std::nullopt; }
  Result operator()(const algebra::ArithmeticExpr&) const { return std::nullopt; }
  Result operator()(const algebra::NegateExpr&) const { return std::nullopt; }
  Result operator()(const algebra::CallExpr&) const { return std::nullopt; }
  Result operator()(const algebra::ExistsExpr&) const { return std::nullopt; }
  Result operator()(const algebra::AndExpr& node) const {
    Result all;
    for (const ExpressionPtr& operand : node.operands) {
      const Result one = BoundsOf(*operand, variable);
      if (one.has_value()) all = all.has_value() ? Both(*all, *one) : *one;
    }
    return all;
  }
  Result operator()(const algebra::OrExpr& node) const {
    Result any;
    for (const ExpressionPtr& operand : node.operands) {
      const Result one = BoundsOf(*operand, variable);
      if (!one.has_value()) return std::nullopt;
      any = any.has_value() ? Either(*any, *one) : *one;
    }
    return any;
  }
  Result operator()(const algebra::CompareExpr& node) const {
    for (const bool mirrored : {false, true}) {
      const ExpressionPtr& value = mirrored ? node.right : node.left;
      const auto time = TimeOf(mirrored ? node.left : node.right, true);
      if (!time.has_value()) continue;
      const CompareOp op = mirrored ? Mirror(node.op) : node.op;
      if (Reads(value, variable)) return OfComparison(op, *time);
      if (IsStartOf(value, variable)) return OfStartIn(op, *time);
    }
    return std::nullopt;
  }
  Result operator()(const algebra::TimeExpr& node) const {
    for (const bool mirrored : {false, true}) {
      const ExpressionPtr& value = mirrored ? node.right : node.left;
      const auto time = TimeOf(mirrored ? node.left : node.right, false);
      if (!time.has_value() || !Reads(value, variable)) continue;
      return OfTimeOperator(mirrored ? Mirror(node.op) : node.op, node.possibly, *time);
    }
    return std::nullopt;
  }
  // Items of other kinds equal no time.
  Result operator()(const algebra::InExpr& node) const {
    if (!Reads(node.value, variable)) return std::nullopt;
    Result any;
    for (const ExpressionPtr& item : node.list) {
      if (!std::holds_alternative<algebra::ConstantExpr>(item->node)) return std::nullopt;
      const auto time = TimeOf(item, true);
      if (!time.has_value()) continue;
      any = any.has_value() ? Either(*any, Sharing(*time)) : Sharing(*time);
    }
    return any;
  }
};

}  // namespace

TimeBounds Both(const TimeBounds& a, const TimeBounds& b) {
  return {std::max(a.ends_from, b.ends_from), std::min(a.starts_by, b.starts_by)};
}

TimeBounds Either(const TimeBounds& a, const TimeBounds& b) {
  return {std::min(a.ends_from, b.ends_from), std::max(a.starts_by, b.starts_by)};
}

// Bounds that cross mean a time that spans the gap between them.
TimeWindow WindowOf(const TimeBounds& bounds) {
  if (bounds.ends_from <= bounds.starts_by) return {bounds.ends_from, bounds.starts_by};
  return {bounds.starts_by, bounds.starts_by};
}

TimeBounds BoundsOf(const TimeWindow& window) { return {window.first, window.last}; }

std::optional<TimeBounds> BoundsOf(const Expression& condition, const Variable& variable) {
  const auto bounds = std::visit(BoundsVisitor{variable}, condition.node);
  return bounds.has_value() && bounds->is_bound() ? bounds : std::nullopt;
}

}  // namespace annals::optimizer

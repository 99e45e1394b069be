#include "query/optimizer/time_gaps.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "query/optimizer/rewrite.h"

namespace annals::optimizer {
namespace {

using algebra::ArithmeticOp;
using algebra::CompareOp;
using algebra::Expression;
using algebra::ExpressionPtr;
using algebra::TimeGap;
using algebra::TimeOperator;
using algebra::Variable;
using Gaps = std::vector<TimeGap>;

constexpr int64_t kSecondsPerMonth = 2629746;  // as durations are compared
constexpr int64_t kFewestDaysOfMonth = 28, kMostDaysOfMonth = 31;
// Longer than any span of time: such a gap says nothing.
constexpr int64_t kMostMonths = 1'000'000;
constexpr int64_t kMostSeconds = kMostMonths * kSecondsPerMonth;

// An instant, counted from the start or the end of the variable's time.
struct Instant {
  bool from_end = false;
  int64_t seconds = 0;
};

// A time that is worked out from a variable's: its first and last instant are between these.
struct Operand {
  Variable variable;
  Instant least_first, most_first, least_last, most_last;
};

struct Shift {
  int64_t least = 0, most = 0;  // seconds
};

std::optional<Duration> DurationOf(const ExpressionPtr& expression) {
  const auto* constant = std::get_if<algebra::ConstantExpr>(&expression->node);
  const auto* duration = constant == nullptr ? nullptr : constant->term.As<Duration>();
  if (duration == nullptr) return std::nullopt;
  const auto within = [](int64_t amount, int64_t most) {
    return -most <= amount && amount <= most;
  };
  const bool sensible =
      within(duration->months, kMostMonths) && within(duration->seconds, kMostSeconds);
  return sensible ? std::optional(*duration) : std::nullopt;
}

// A date keeps its precision where it can, so that its ends may move by up to a day more or less.
Shift ShiftBy(const Duration& duration, bool back) {
  const int64_t months = back ? -duration.months : duration.months;
  const int64_t seconds = back ? -duration.seconds : duration.seconds;
  const int64_t shorter = months * kFewestDaysOfMonth * kSecondsPerDay;
  const int64_t longer = months * kMostDaysOfMonth * kSecondsPerDay;
  const int64_t slack = kSecondsPerDay * (months == 0 ? 1 : 4);
  return {std::min(shorter, longer) + seconds - slack, std::max(shorter, longer) + seconds + slack};
}

void ShiftOperand(const Shift& shift, Operand* operand) {
  operand->least_first.seconds += shift.least;
  operand->most_first.seconds += shift.most;
  // A month that is shifted by days becomes one.
  operand->least_last = operand->least_first;
  operand->most_last.seconds += shift.most;
}

std::optional<Operand> OperandOf(const Expression& expression);

std::optional<Operand> ShiftedOperand(const algebra::ArithmeticExpr& node) {
  const bool back = node.op == ArithmeticOp::kSubtract;
  if (!back && node.op != ArithmeticOp::kAdd) return std::nullopt;
  auto duration = DurationOf(node.right);
  const bool mirrored = !duration.has_value() && !back;
  if (mirrored) duration = DurationOf(node.left);
  if (!duration.has_value()) return std::nullopt;
  auto operand = OperandOf(mirrored ? *node.right : *node.left);
  if (operand.has_value()) ShiftOperand(ShiftBy(*duration, back), &*operand);
  return operand;
}

// start(?t) and end(?t) are a day or a second.
std::optional<Operand> PartOperand(const algebra::CallExpr& node) {
  const bool start = node.function == "start";
  if ((!start && node.function != "end") || node.arguments.size() != 1) return std::nullopt;
  auto operand = OperandOf(*node.arguments[0]);
  if (!operand.has_value()) return std::nullopt;
  if (start) {
    operand->least_last = operand->least_first;
    operand->most_last = operand->most_first;
    operand->most_last.seconds += kSecondsPerDay;
  } else {
    operand->most_first = operand->most_last;
    operand->least_first = operand->least_last;
    operand->least_first.seconds -= kSecondsPerDay;
  }
  return operand;
}

std::optional<Operand> OperandOf(const Expression& expression) {
  if (const auto* read = std::get_if<algebra::VariableExpr>(&expression.node)) {
    return Operand{read->name, {false}, {false}, {true}, {true}};
  }
  if (const auto* shifted = std::get_if<algebra::ArithmeticExpr>(&expression.node)) {
    return ShiftedOperand(*shifted);
  }
  if (const auto* call = std::get_if<algebra::CallExpr>(&expression.node)) {
    return PartOperand(*call);
  }
  return std::nullopt;
}

class GapCollector {
 public:
  Gaps Take() { return std::move(gaps_); }

  // x.least + seconds <= y.most
  void AtLeast(const Operand& x, Instant least, int64_t seconds, const Operand& y, Instant most) {
    const int64_t gap = seconds + least.seconds - most.seconds;
    if (x.variable == y.variable) return;
    gaps_.push_back({x.variable, least.from_end, y.variable, most.from_end, gap});
  }
  // x certainly, or possibly, before y.
  void Before(const Operand& x, const Operand& y, bool possibly) {
    AtLeast(x, possibly ? x.least_first : x.least_last, 1, y,
            possibly ? y.most_last : y.most_first);
  }
  void Shares(const Operand& x, const Operand& y) {
    AtLeast(x, x.least_first, 0, y, y.most_last);
    AtLeast(y, y.least_first, 0, x, x.most_last);
  }

  void Time(TimeOperator op, bool possibly, const Operand& left, const Operand& right) {
    switch (op) {
      case TimeOperator::kBefore:
        Before(left, right, possibly);
        return;
      case TimeOperator::kAfter:
        Before(right, left, possibly);
        return;
      case TimeOperator::kIn:
      case TimeOperator::kEquals:
        Shares(left, right);
        if (possibly) return;
        AtLeast(right, right.least_first, 0, left, left.most_first);
        AtLeast(left, left.least_last, 0, right, right.most_last);
        return;
      case TimeOperator::kOverlaps:
        Shares(left, right);
        return;
    }
  }

  // Times are compared by their start first.
  void Compare(CompareOp op, const Operand& left, const Operand& right) {
    if (op == CompareOp::kLess || op == CompareOp::kLessOrEqual || op == CompareOp::kEqual) {
      AtLeast(left, left.least_first, 0, right, right.most_first);
    }
    if (op == CompareOp::kGreater || op == CompareOp::kGreaterOrEqual || op == CompareOp::kEqual) {
      AtLeast(right, right.least_first, 0, left, left.most_first);
    }
  }

  // left - right, from start to start, beside a duration.
  void CompareDifference(CompareOp op, const Operand& left, const Operand& right,
                         const Duration& duration) {
    const int64_t length = duration.months * kSecondsPerMonth + duration.seconds;
    if (op == CompareOp::kLess || op == CompareOp::kLessOrEqual || op == CompareOp::kEqual) {
      AtLeast(left, left.least_first, -length, right, right.most_first);
    }
    if (op == CompareOp::kGreater || op == CompareOp::kGreaterOrEqual || op == CompareOp::kEqual) {
      AtLeast(right, right.least_first, length, left, left.most_first);
    }
  }

 private:
  Gaps gaps_;
};

void CollectComparison(const algebra::CompareExpr& node, GapCollector* gaps) {
  for (const bool mirrored : {false, true}) {
    const auto duration = DurationOf(mirrored ? node.left : node.right);
    if (!duration.has_value()) continue;
    const Expression& other = mirrored ? *node.right : *node.left;
    const auto* difference = std::get_if<algebra::ArithmeticExpr>(&other.node);
    if (difference == nullptr || difference->op != ArithmeticOp::kSubtract) return;
    const auto left = OperandOf(*difference->left), right = OperandOf(*difference->right);
    if (!left.has_value() || !right.has_value()) return;
    gaps->CompareDifference(mirrored ? Mirror(node.op) : node.op, *left, *right, *duration);
    return;
  }
  const auto left = OperandOf(*node.left), right = OperandOf(*node.right);
  if (left.has_value() && right.has_value()) gaps->Compare(node.op, *left, *right);
}

void Collect(const Expression& condition, GapCollector* gaps) {
  if (const auto* all = std::get_if<algebra::AndExpr>(&condition.node)) {
    for (const ExpressionPtr& operand : all->operands) Collect(*operand, gaps);
  } else if (const auto* compare = std::get_if<algebra::CompareExpr>(&condition.node)) {
    CollectComparison(*compare, gaps);
  } else if (const auto* time = std::get_if<algebra::TimeExpr>(&condition.node)) {
    const auto left = OperandOf(*time->left), right = OperandOf(*time->right);
    if (left.has_value() && right.has_value()) {
      gaps->Time(time->op, time->possibly, *left, *right);
    }
  }
}

}  // namespace

Gaps GapsOf(const Expression& condition) {
  GapCollector gaps;
  Collect(condition, &gaps);
  return gaps.Take();
}

Gaps GapsOf(const std::vector<ExpressionPtr>& conditions) {
  GapCollector gaps;
  for (const ExpressionPtr& condition : conditions) Collect(*condition, &gaps);
  return gaps.Take();
}

}  // namespace annals::optimizer

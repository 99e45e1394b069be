// Expressions of the naive evaluator.
#include <algorithm>

#include "query/native/scope.h"
#include "tests/oracle/naive.h"

namespace annals::oracle {

using native::BinaryOp;
using native::TermExpr;

namespace {

Term Truth(bool value) { return Term(value); }

bool IsTrue(const Term& term) { return term.As<bool>() != nullptr && *term.As<bool>(); }

Term Arithmetic(BinaryOp op, const Term& left, const Term& right) {
  const auto a = left.AsNumber(), b = right.AsNumber();
  if (a.has_value() && b.has_value()) {
    const auto result = Calculate(
        static_cast<NumberOp>(static_cast<int>(op) - static_cast<int>(BinaryOp::kAdd)), *a, *b);
    return result.has_value() ? Term(*result) : Term();
  }
  const Time* time = left.As<Time>();
  const Duration* duration = right.As<Duration>();
  if (time != nullptr && right.As<Time>() != nullptr && op == BinaryOp::kSubtract) {
    const auto difference = Difference(*time, *right.As<Time>());
    return difference.has_value() ? Term(*difference) : Term();
  }
  if (time != nullptr && duration != nullptr &&
      (op == BinaryOp::kAdd || op == BinaryOp::kSubtract)) {
    const auto amount = op == BinaryOp::kAdd ? std::optional(*duration) : Negate(*duration);
    const auto moved = amount.has_value() ? Add(*time, *amount) : std::nullopt;
    return moved.has_value() ? Term(*moved) : Term();
  }
  return Term();
}

bool Compare(BinaryOp op, const Term& left, const Term& right) {
  if (left.is_undefined() || right.is_undefined()) return false;
  if (op == BinaryOp::kEqual) return EqualValues(left, right);
  if (op == BinaryOp::kNotEqual) return !EqualValues(left, right);
  const std::partial_ordering order = CompareValues(left, right);
  if (order == std::partial_ordering::unordered) return false;
  switch (op) {
    case BinaryOp::kLess:
      return order < 0;
    case BinaryOp::kLessOrEqual:
      return order <= 0;
    case BinaryOp::kGreater:
      return order > 0;
    default:
      return order >= 0;
  }
}

// A bare year beside a worded operator is a time.
std::optional<Term> YearConstant(const native::Expr& expr) {
  const auto* term = std::get_if<native::ExprTerm>(&expr.node);
  if (term == nullptr || term->term.kind != TermExpr::Kind::kWord ||
      !Time::LooksLikeBareYear(term->term.text)) {
    return std::nullopt;
  }
  return Term(*Time::Parse(term->term.text));
}

}  // namespace

bool Naive::True(const native::Expr& expr, const Binding& row) const {
  return IsTrue(Value(expr, row, nullptr));
}

bool Naive::InList(const Term& value, const std::vector<TermExpr>& list, const Binding& row) const {
  for (const TermExpr& item : list) {
    Term candidate;
    if (item.kind == TermExpr::Kind::kVariable) {
      const auto found = row.find(item.text);
      if (found != row.end()) candidate = found->second;
    } else {
      candidate = Constant(item, false, false);
    }
    if (value.is_undefined() || candidate.is_undefined()) continue;
    if (EqualValues(value, candidate)) return true;
    const Time* time = value.As<Time>();
    if (time == nullptr) continue;
    std::optional<Time> window;
    if (candidate.As<Time>() != nullptr) window = *candidate.As<Time>();
    if (candidate.As<int64_t>() != nullptr) window = Time::Year(*candidate.As<int64_t>());
    if (window.has_value() && Certainly(TimeOp::kIn, *time, *window)) return true;
  }
  return false;
}

Term Naive::Binary(const native::ExprBinary& binary, bool possibly, const Binding& row,
                   const Bindings* group) const {
  if (binary.op == BinaryOp::kAnd) {
    return Truth(IsTrue(Value(*binary.left, row, group)) &&
                 IsTrue(Value(*binary.right, row, group)));
  }
  if (binary.op == BinaryOp::kOr) {
    return Truth(IsTrue(Value(*binary.left, row, group)) ||
                 IsTrue(Value(*binary.right, row, group)));
  }
  const bool worded = binary.op >= BinaryOp::kBefore && binary.op <= BinaryOp::kEquals;
  Term left = Value(*binary.left, row, group), right = Value(*binary.right, row, group);
  if (worded) {
    if (const auto year = YearConstant(*binary.left)) left = *year;
    if (const auto year = YearConstant(*binary.right)) right = *year;
    if (left.As<Time>() == nullptr || right.As<Time>() == nullptr) return Truth(false);
    const auto op =
        static_cast<TimeOp>(static_cast<int>(binary.op) - static_cast<int>(BinaryOp::kBefore));
    return Truth(possibly ? Possibly(op, *left.As<Time>(), *right.As<Time>())
                          : Certainly(op, *left.As<Time>(), *right.As<Time>()));
  }
  if (binary.op >= BinaryOp::kAdd) return Arithmetic(binary.op, left, right);
  return Truth(Compare(binary.op, left, right));
}

Term Naive::Aggregate(const native::ExprCall& call, const Bindings& group) const {
  if (call.star) return Term(static_cast<int64_t>(group.size()));
  std::vector<Term> values;
  for (const Binding& row : group) {
    Term value = Value(call.arguments[0], row, nullptr);
    if (value.is_undefined()) continue;
    if (call.distinct && std::find(values.begin(), values.end(), value) != values.end()) continue;
    values.push_back(std::move(value));
  }
  if (call.name == "count") return Term(static_cast<int64_t>(values.size()));
  std::sort(values.begin(), values.end(),
            [](const Term& a, const Term& b) { return CompareForOrder(a, b) < 0; });
  if (call.name == "list") return values.empty() ? Term() : Term(Term::Value(TermList(values)));
  if (call.name == "min") return values.empty() ? Term() : values.front();
  if (call.name == "max") return values.empty() ? Term() : values.back();
  Number sum = int64_t{0};
  int64_t numbers = 0;
  for (const Term& value : values) {
    if (!value.is_number()) continue;
    sum = *Calculate(NumberOp::kAdd, sum, *value.AsNumber());
    ++numbers;
  }
  if (call.name == "sum") return Term(sum);
  if (numbers == 0) return Term();
  return Term(*Calculate(NumberOp::kDivide, sum, Number(numbers)));
}

Term Naive::Call(const native::ExprCall& call, const Binding& row, const Bindings* group) const {
  if (native::IsAggregate(call.name)) return Aggregate(call, *group);
  const auto argument = [&](size_t i) { return Value(call.arguments[i], row, group); };
  if (call.name == "bound") return Truth(!argument(0).is_undefined());
  if (call.name == "length") {
    const Term value = argument(0);
    const auto* list = value.As<TermList>();
    return list == nullptr ? Term() : Term(static_cast<int64_t>(list->size()));
  }
  if (call.name == "coalesce") {
    for (size_t i = 0; i < call.arguments.size(); ++i) {
      if (Term value = argument(i); !value.is_undefined()) return value;
    }
    return Term();
  }
  if (call.name == "if") return argument(IsTrue(argument(0)) ? 1 : 2);
  const Term first = argument(0);
  if (call.name == "name") {
    return first.As<Name>() == nullptr ? Term() : Term(Text{first.As<Name>()->text, ""});
  }
  if (call.name == "is_name")
    return first.is_undefined() ? Term() : Truth(first.As<Name>() != nullptr);
  if (call.name == "is_time")
    return first.is_undefined() ? Term() : Truth(first.As<Time>() != nullptr);
  if (call.name == "year") {
    if (first.As<Time>() == nullptr) return Term();
    const auto year = first.As<Time>()->YearNumber();
    return year.has_value() ? Term(*year) : Term();
  }
  if (call.name == "end") {
    const auto end = first.As<Time>() == nullptr ? std::nullopt : first.As<Time>()->Last();
    return end.has_value() ? Term(*end) : Term();
  }
  if (call.name == "period") {
    const Term last = Value(call.arguments[1], row, group);
    if (first.As<Time>() == nullptr || last.As<Time>() == nullptr) return Term();
    const auto period = Time::Period(first.As<Time>()->start(), last.As<Time>()->end());
    return period.ok() ? Term(*period) : Term();
  }
  return Term();
}

Term Naive::Value(const native::Expr& expr, const Binding& row, const Bindings* group) const {
  if (const auto* term = std::get_if<native::ExprTerm>(&expr.node)) {
    if (term->term.kind != TermExpr::Kind::kVariable) return Constant(term->term, false, false);
    const auto found = row.find(term->term.text);
    return found == row.end() ? Term() : found->second;
  }
  if (const auto* duration = std::get_if<native::ExprDuration>(&expr.node)) {
    return Term(*MakeDuration(std::stoll(duration->amount), *ParseTimeUnit(duration->unit)));
  }
  if (const auto* inverted = std::get_if<native::ExprNot>(&expr.node)) {
    return Truth(!IsTrue(Value(*inverted->operand, row, group)));
  }
  if (const auto* binary = std::get_if<native::ExprBinary>(&expr.node)) {
    return Binary(*binary, false, row, group);
  }
  if (const auto* possible = std::get_if<native::ExprPossibly>(&expr.node)) {
    return Binary(std::get<native::ExprBinary>(possible->operand->node), true, row, group);
  }
  if (const auto* list = std::get_if<native::ExprInList>(&expr.node)) {
    return Truth(InList(Value(*list->value, row, group), list->list, row));
  }
  if (const auto* call = std::get_if<native::ExprCall>(&expr.node)) return Call(*call, row, group);
  if (const auto* negated = std::get_if<native::ExprNegate>(&expr.node)) {
    return Arithmetic(BinaryOp::kSubtract, Term(int64_t{0}), Value(*negated->operand, row, group));
  }
  if (const auto* exists = std::get_if<native::ExprExists>(&expr.node)) {
    return Truth(Exists(*exists->formula, row));
  }
  return Term();
}

}  // namespace annals::oracle

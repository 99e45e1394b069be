#include "query/optimizer/rewrite.h"

#include <algorithm>

namespace annals::optimizer {

using algebra::AddVariables;
using algebra::Contains;
using algebra::Expression;
using algebra::ExpressionPtr;
using algebra::Plan;
using algebra::PlanPtr;
using algebra::Variable;

void VisitBottomUp(PlanPtr* plan, const std::function<void(PlanPtr*)>& visit) {
  ForEachChild(**plan, [&](PlanPtr& child) { VisitBottomUp(&child, visit); });
  visit(plan);
}

algebra::CompareOp Mirror(algebra::CompareOp op) {
  using algebra::CompareOp;
  switch (op) {
    case CompareOp::kLess:
      return CompareOp::kGreater;
    case CompareOp::kLessOrEqual:
      return CompareOp::kGreaterOrEqual;
    case CompareOp::kGreater:
      return CompareOp::kLess;
    case CompareOp::kGreaterOrEqual:
      return CompareOp::kLessOrEqual;
    case CompareOp::kEqual:
    case CompareOp::kNotEqual:
      break;
  }
  return op;
}

algebra::TimeOperator Mirror(algebra::TimeOperator op) {
  using algebra::TimeOperator;
  if (op == TimeOperator::kBefore) return TimeOperator::kAfter;
  return op == TimeOperator::kAfter ? TimeOperator::kBefore : op;
}

bool HoldsExists(const Expression& expression) {
  if (std::holds_alternative<algebra::ExistsExpr>(expression.node)) return true;
  bool found = false;
  ForEachOperand(expression, [&](const ExpressionPtr& operand) { found |= HoldsExists(*operand); });
  return found;
}

namespace {

void Replace(const Variable& variable, const algebra::ConstantExpr& constant,
             ExpressionPtr* expression) {
  if (const auto* read = std::get_if<algebra::VariableExpr>(&(*expression)->node)) {
    if (read->name == variable) *expression = algebra::MakeExpression(constant);
    return;
  }
  ForEachOperand(**expression,
                 [&](ExpressionPtr& operand) { Replace(variable, constant, &operand); });
}

void CollectOuter(const Expression& expression, Variables* variables) {
  if (const auto* exists = std::get_if<algebra::ExistsExpr>(&expression.node)) {
    const Variables fed = OuterVariables(*exists->plan, exists->outer);
    AddVariables(algebra::RowVariables(*exists, fed), variables);
  }
  ForEachOperand(expression,
                 [&](const ExpressionPtr& operand) { CollectOuter(*operand, variables); });
}

void FindOuter(const Plan& plan, int number, Variables* variables);

void FindOuter(const Expression& expression, int number, Variables* variables) {
  if (const auto* exists = std::get_if<algebra::ExistsExpr>(&expression.node)) {
    FindOuter(*exists->plan, number, variables);
  }
  ForEachOperand(expression,
                 [&](const ExpressionPtr& operand) { FindOuter(*operand, number, variables); });
}

void FindOuter(const Plan& plan, int number, Variables* variables) {
  if (const auto* outer = std::get_if<algebra::OuterRef>(&plan.node)) {
    if (outer->number == number) AddVariables(outer->variables, variables);
  }
  ForEachExpression(plan, [&](const ExpressionPtr& expression, bool) {
    FindOuter(*expression, number, variables);
  });
  ForEachChild(plan, [&](const PlanPtr& child) { FindOuter(*child, number, variables); });
}

}  // namespace

bool ReplaceVariable(const Variable& variable, const algebra::ConstantExpr& constant,
                     ExpressionPtr* expression) {
  if (!Contains(ReadBy(**expression), variable)) return true;
  if (HoldsExists(**expression)) return false;
  Replace(variable, constant, expression);
  return true;
}

Variables ReadBy(const Expression& expression) {
  Variables variables = algebra::VariablesOf(expression);
  CollectOuter(expression, &variables);
  return variables;
}

Variables OuterVariables(const Plan& plan, int number) {
  Variables variables;
  if (number != 0) FindOuter(plan, number, &variables);
  return variables;
}

bool Intersects(const Variables& a, const Variables& b) {
  return std::any_of(a.begin(), a.end(), [&](const Variable& v) { return Contains(b, v); });
}

bool IsSubset(const Variables& part, const Variables& whole) {
  return std::all_of(part.begin(), part.end(),
                     [&](const Variable& v) { return Contains(whole, v); });
}

Variables Intersection(const Variables& a, const Variables& b) {
  Variables both;
  for (const Variable& variable : a) {
    if (Contains(b, variable)) both.push_back(variable);
  }
  return both;
}

bool IsSettled(const Variable& variable, const Plan& by, const Variables& others) {
  if (!Contains(others, variable)) return true;
  return Contains(algebra::CertainVariablesOf(by), variable);
}

bool AreSettled(const Variables& variables, const Plan& by, const Variables& others) {
  return std::all_of(variables.begin(), variables.end(),
                     [&](const Variable& v) { return IsSettled(v, by, others); });
}

size_t Depth(const Plan& plan, size_t limit) {
  if (limit <= 1) return limit;
  size_t deepest = 0;
  ForEachChild(
      plan, [&](const PlanPtr& child) { deepest = std::max(deepest, Depth(*child, limit - 1)); });
  return deepest + 1;
}

const algebra::Slot& SlotOf(const algebra::Scan& scan, Column column) {
  switch (column) {
    case Column::kSubject:
      return scan.subject;
    case Column::kPredicate:
      return scan.predicate;
    case Column::kObject:
      return scan.object;
    case Column::kTime:
      return scan.time;
    case Column::kFact:
      return scan.fact;
    case Column::kSource:
    case Column::kTransaction:
      break;
  }
  return scan.source;
}

}  // namespace annals::optimizer

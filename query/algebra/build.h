// Smart constructors of plans and expressions: they drop what has no effect and flatten what nests,
// so that passes stay small.
#ifndef QUERY_ALGEBRA_BUILD_H_
#define QUERY_ALGEBRA_BUILD_H_

#include <string>
#include <utility>
#include <vector>

#include "query/algebra/plan.h"

namespace annals::algebra {

template <typename T>
PlanPtr MakePlan(T node) {
  auto plan = std::make_unique<Plan>();
  plan->node = std::move(node);
  return plan;
}
template <typename T>
ExpressionPtr MakeExpression(T node) {
  auto expression = std::make_unique<Expression>();
  expression->node = std::move(node);
  return expression;
}

// Flattens joins in joins, drops Units, and is Empty if a child is.
PlanPtr MakeJoin(std::vector<PlanPtr> children);
// Flattens unions in unions and drops Empty children (their columns stay, as empty ones).
PlanPtr MakeUnion(std::vector<PlanPtr> children);
// Merges with a filter below; without conditions the child itself.
PlanPtr MakeFilter(PlanPtr child, std::vector<ExpressionPtr> conditions);
// Distinct of what is distinct already is that.
PlanPtr MakeDistinct(PlanPtr child);
// A projection to the very columns of the child is the child.
PlanPtr MakeProject(PlanPtr child, std::vector<Variable> variables);

ExpressionPtr MakeVariable(Variable name);
ExpressionPtr MakeConstant(Term term, TermId id);

PlanPtr ClonePlan(const Plan& plan);
ExpressionPtr CloneExpression(const Expression& expression);

// Variables that an expression reads, each once, in order of appearance; those that an exists
// shares with the row too.
std::vector<Variable> VariablesOf(const Expression& expression);

// What an exists reads of a row, where it reads these of its columns and those beside them.
std::vector<Variable> RowVariables(const ExistsExpr& exists, const std::vector<Variable>& read);

bool Contains(const std::vector<Variable>& variables, const Variable& variable);
// Appends those that are not there yet.
void AddVariables(const std::vector<Variable>& more, std::vector<Variable>* variables);

}  // namespace annals::algebra

#endif  // QUERY_ALGEBRA_BUILD_H_

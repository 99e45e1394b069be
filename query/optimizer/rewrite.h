// What passes share: walking plans and expressions, and who decides a variable's value.
#ifndef QUERY_OPTIMIZER_REWRITE_H_
#define QUERY_OPTIMIZER_REWRITE_H_

#include <functional>
#include <type_traits>
#include <vector>

#include "query/algebra/build.h"
#include "query/algebra/plan.h"

namespace annals::optimizer {

using Variables = std::vector<algebra::Variable>;

// The plans right below a node, left to right; not those inside expressions. `node` may be const.
template <typename P, typename F>
void ForEachChild(P& plan, F&& visit) {
  std::visit(
      [&](auto& node) {
        if constexpr (requires { node.children; }) {
          for (auto& child : node.children) visit(child);
        } else if constexpr (requires {
                               node.left;
                               node.right;
                             }) {
          visit(node.left);
          visit(node.right);
        } else if constexpr (requires { node.child; }) {
          visit(node.child);
        }
      },
      plan.node);
}

// The expressions of a node itself. `visit` gets the pointer and whether it is a condition, where
// only being true counts.
template <typename P, typename F>
void ForEachExpression(P& plan, F&& visit) {
  std::visit(
      [&](auto& node) {
        using T = std::decay_t<decltype(node)>;
        if constexpr (requires { node.conditions; }) {
          for (auto& condition : node.conditions) visit(condition, true);
        } else if constexpr (std::is_same_v<T, algebra::Extend>) {
          visit(node.expression, false);
        } else if constexpr (std::is_same_v<T, algebra::Group>) {
          for (auto& aggregate : node.aggregates) {
            if (aggregate.argument != nullptr) visit(aggregate.argument, false);
            if (aggregate.by != nullptr) visit(aggregate.by, false);
          }
        }
      },
      plan.node);
}

// The operands of an expression, left to right; not the plan of an exists.
template <typename E, typename F>
void ForEachOperand(E& expression, F&& visit) {
  std::visit(
      [&](auto& node) {
        using T = std::decay_t<decltype(node)>;
        if constexpr (requires { node.operands; }) {
          for (auto& operand : node.operands) visit(operand);
        } else if constexpr (requires {
                               node.left;
                               node.right;
                             }) {
          visit(node.left);
          visit(node.right);
        } else if constexpr (requires { node.operand; }) {
          visit(node.operand);
        } else if constexpr (std::is_same_v<T, algebra::InExpr>) {
          visit(node.value);
          for (auto& item : node.list) visit(item);
        } else if constexpr (std::is_same_v<T, algebra::CallExpr>) {
          for (auto& argument : node.arguments) visit(argument);
        }
      },
      expression.node);
}

// All nodes, children before parents.
void VisitBottomUp(algebra::PlanPtr* plan, const std::function<void(algebra::PlanPtr*)>& visit);

// The operator that holds with its sides swapped.
algebra::CompareOp Mirror(algebra::CompareOp op);
algebra::TimeOperator Mirror(algebra::TimeOperator op);

bool HoldsExists(const algebra::Expression& expression);
// Puts a constant in the variable's place, also among the variables an exists shares if `plan` of
// it doesn't name it; false (and nothing is changed) if an exists reads the variable.
bool ReplaceVariable(const algebra::Variable& variable, const algebra::ConstantExpr& constant,
                     algebra::ExpressionPtr* expression);

// Variables that a node's conditions or expression read, an exists' OuterRef included.
Variables ReadBy(const algebra::Expression& expression);
// The variables of the OuterRef with this number somewhere in the plan; none if there is none.
Variables OuterVariables(const algebra::Plan& plan, int number);

bool Intersects(const Variables& a, const Variables& b);
bool IsSubset(const Variables& part, const Variables& whole);
Variables Intersection(const Variables& a, const Variables& b);

// In a join of inputs with these columns, whether the value of `variable` in the result is that of
// the input: it is never empty there, or the others lack the column.
bool IsSettled(const algebra::Variable& variable, const algebra::Plan& by, const Variables& others);
bool AreSettled(const Variables& variables, const algebra::Plan& by, const Variables& others);

// What a pattern has in the place of a column; of a transaction nothing can be said, nor is it
// asked.
const algebra::Slot& SlotOf(const algebra::Scan& scan, Column column);

// Nodes on the longest way down, counted up to `limit`.
size_t Depth(const algebra::Plan& plan, size_t limit);

}  // namespace annals::optimizer

#endif  // QUERY_OPTIMIZER_REWRITE_H_

// path_lengths: where of a shortest chain only its length is asked, no chain is made.
#include <algorithm>

#include "query/optimizer/passes.h"
#include "query/optimizer/rewrite.h"

namespace annals::optimizer {
namespace {

using algebra::PlanPtr;
using algebra::Variable;

const Variable* VariableRead(const algebra::Expression& expression) {
  const auto* variable = std::get_if<algebra::VariableExpr>(&expression.node);
  return variable == nullptr ? nullptr : &variable->name;
}

bool IsLengthOf(const Variable& chain, const algebra::Expression& expression) {
  const auto* call = std::get_if<algebra::CallExpr>(&expression.node);
  if (call == nullptr || call->function != "length" || call->arguments.size() != 1) return false;
  const Variable* read = VariableRead(*call->arguments[0]);
  return read != nullptr && *read == chain;
}

// Is the chain read in it for nothing but its length?
bool AsksLengthOnly(const Variable& chain, const algebra::Expression& expression) {
  if (IsLengthOf(chain, expression)) return true;
  if (!algebra::Contains(ReadBy(expression), chain)) return true;
  if (VariableRead(expression) != nullptr || HoldsExists(expression)) return false;
  bool only = true;
  ForEachOperand(expression, [&](const algebra::ExpressionPtr& operand) {
    only = only && AsksLengthOnly(chain, *operand);
  });
  return only;
}

void ReplaceLengths(const Variable& chain, const Variable& length,
                    algebra::ExpressionPtr* expression) {
  if (IsLengthOf(chain, **expression)) {
    *expression = algebra::MakeVariable(length);
    return;
  }
  ForEachOperand(**expression,
                 [&](algebra::ExpressionPtr& operand) { ReplaceLengths(chain, length, &operand); });
}

// A node that gives no chain on, and the filters and extensions between it and a path.
struct Reach {
  std::vector<algebra::Plan*> nodes;
  algebra::Path* path = nullptr;
};
Reach ReachBelow(algebra::Plan* top) {
  Reach reach;
  PlanPtr* child = nullptr;
  if (auto* group = std::get_if<algebra::Group>(&top->node)) child = &group->child;
  if (auto* project = std::get_if<algebra::Project>(&top->node)) child = &project->child;
  reach.nodes.push_back(top);
  while (child != nullptr) {
    algebra::Plan* const plan = child->get();
    child = nullptr;
    reach.path = std::get_if<algebra::Path>(&plan->node);
    if (reach.path != nullptr) return reach;
    if (auto* filter = std::get_if<algebra::Filter>(&plan->node)) child = &filter->child;
    if (auto* extend = std::get_if<algebra::Extend>(&plan->node)) child = &extend->child;
    reach.nodes.push_back(plan);
  }
  return reach;
}

bool AskLengths(algebra::Plan* top) {
  const Reach reach = ReachBelow(top);
  if (reach.path == nullptr || !reach.path->chain.has_value()) return false;
  const Variable chain = *reach.path->chain;
  if (algebra::Contains(algebra::VariablesOf(*top), chain)) return false;
  const Variable length = ".length of " + chain;
  bool only = true;
  for (const algebra::Plan* node : reach.nodes) {
    ForEachExpression(*node, [&](const algebra::ExpressionPtr& expression, bool) {
      only = only && AsksLengthOnly(chain, *expression);
    });
    const auto* extend = std::get_if<algebra::Extend>(&node->node);
    only = only && (extend == nullptr || extend->variable != chain);
  }
  if (!only) return false;
  for (algebra::Plan* node : reach.nodes) {
    ForEachExpression(*node, [&](algebra::ExpressionPtr& expression, bool) {
      ReplaceLengths(chain, length, &expression);
    });
  }
  reach.path->chain.reset();
  reach.path->length = length;
  return true;
}

}  // namespace

absl::StatusOr<bool> PathLengths(PlanPtr* plan, PassContext&) {
  bool changed = false;
  VisitBottomUp(plan, [&](PlanPtr* node) { changed |= AskLengths(node->get()); });
  return changed;
}

}  // namespace annals::optimizer

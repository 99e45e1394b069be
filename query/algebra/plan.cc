#include "query/algebra/plan.h"

#include <algorithm>

#include "query/algebra/build.h"

namespace annals::algebra {
namespace {

void AddSlot(const Slot& slot, std::vector<Variable>* variables) {
  if (slot.kind != Slot::Kind::kVariable || Contains(*variables, slot.variable)) return;
  variables->push_back(slot.variable);
}

// With `certain`, only columns that are never empty.
struct ColumnsVisitor {
  bool certain;
  std::vector<Variable> Of(const PlanPtr& plan) const {
    return certain ? CertainVariablesOf(*plan) : VariablesOf(*plan);
  }

  std::vector<Variable> operator()(const Unit&) const { return {}; }
  std::vector<Variable> operator()(const Empty& node) const { return node.variables; }
  std::vector<Variable> operator()(const Values& node) const {
    if (!certain) return node.variables;
    std::vector<Variable> result;
    for (size_t i = 0; i < node.variables.size(); ++i) {
      const bool always = std::none_of(node.rows.begin(), node.rows.end(),
                                       [i](const auto& row) { return row[i].is_undefined(); });
      if (always) result.push_back(node.variables[i]);
    }
    return result;
  }
  std::vector<Variable> operator()(const Scan& node) const {
    std::vector<Variable> result;
    AddSlot(node.subject, &result);
    AddSlot(node.predicate, &result);
    AddSlot(node.object, &result);
    // A time slot without `dated` may be empty.
    if (!certain || node.dated) AddSlot(node.time, &result);
    AddSlot(node.fact, &result);
    AddSlot(node.source, &result);
    if (!node.count.empty()) AddVariables({node.count}, &result);
    return result;
  }
  std::vector<Variable> operator()(const Path& node) const {
    std::vector<Variable> result;
    AddSlot(node.from, &result);
    AddSlot(node.to, &result);
    if (node.chain.has_value()) AddVariables({*node.chain}, &result);
    if (node.length.has_value()) AddVariables({*node.length}, &result);
    return result;
  }
  std::vector<Variable> operator()(const Join& node) const {
    std::vector<Variable> result;
    for (const PlanPtr& child : node.children) AddVariables(Of(child), &result);
    return result;
  }
  std::vector<Variable> operator()(const MultiwayJoin& node) const {
    return {node.variables.begin(), node.variables.begin() + static_cast<ptrdiff_t>(node.shown)};
  }
  std::vector<Variable> operator()(const LeftJoin& node) const {
    std::vector<Variable> result = Of(node.left);
    if (!certain) AddVariables(Of(node.right), &result);
    return result;
  }
  std::vector<Variable> operator()(const SemiJoin& node) const { return Of(node.left); }
  std::vector<Variable> operator()(const AntiJoin& node) const { return Of(node.left); }
  std::vector<Variable> operator()(const OuterRef& node) const {
    return certain ? node.certain : node.variables;
  }
  std::vector<Variable> operator()(const Union& node) const {
    std::vector<Variable> result = Of(node.children[0]);
    for (size_t i = 1; i < node.children.size(); ++i) {
      const std::vector<Variable> other = Of(node.children[i]);
      if (certain) {
        std::erase_if(result, [&](const Variable& v) { return !Contains(other, v); });
      } else {
        AddVariables(other, &result);
      }
    }
    return result;
  }
  std::vector<Variable> operator()(const Filter& node) const { return Of(node.child); }
  std::vector<Variable> operator()(const Extend& node) const {
    std::vector<Variable> result = Of(node.child);
    const auto* copied = std::get_if<VariableExpr>(&node.expression->node);
    const bool full = std::holds_alternative<ConstantExpr>(node.expression->node) ||
                      (copied != nullptr && Contains(result, copied->name));
    if (!certain || full) AddVariables({node.variable}, &result);
    return result;
  }
  std::vector<Variable> operator()(const Group& node) const {
    if (certain) {
      std::vector<Variable> result = Of(node.child);
      std::erase_if(result, [&](const Variable& v) { return !Contains(node.keys, v); });
      for (const Aggregate& aggregate : node.aggregates) {
        if (aggregate.function == AggregateFunction::kCountRows ||
            aggregate.function == AggregateFunction::kCount) {
          AddVariables({aggregate.result}, &result);
        }
      }
      return result;
    }
    std::vector<Variable> result = node.keys;
    for (const Aggregate& aggregate : node.aggregates) AddVariables({aggregate.result}, &result);
    return result;
  }
  std::vector<Variable> operator()(const Project& node) const {
    if (!certain) return node.variables;
    std::vector<Variable> result = Of(node.child);
    std::erase_if(result, [&](const Variable& v) { return !Contains(node.variables, v); });
    return result;
  }
  std::vector<Variable> operator()(const Distinct& node) const { return Of(node.child); }
  std::vector<Variable> operator()(const Coalesce& node) const { return Of(node.child); }
  std::vector<Variable> operator()(const Sort& node) const { return Of(node.child); }
  std::vector<Variable> operator()(const Limit& node) const { return Of(node.child); }
};

}  // namespace

std::vector<Variable> VariablesOf(const Plan& plan) {
  return std::visit(ColumnsVisitor{false}, plan.node);
}

std::vector<Variable> CertainVariablesOf(const Plan& plan) {
  return std::visit(ColumnsVisitor{true}, plan.node);
}

}  // namespace annals::algebra

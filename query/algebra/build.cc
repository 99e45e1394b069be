#include "query/algebra/build.h"

#include <algorithm>

namespace annals::algebra {
namespace {

std::vector<ExpressionPtr> CloneAll(const std::vector<ExpressionPtr>& expressions) {
  std::vector<ExpressionPtr> result;
  for (const auto& expression : expressions) result.push_back(CloneExpression(*expression));
  return result;
}

std::vector<PlanPtr> CloneAll(const std::vector<PlanPtr>& plans) {
  std::vector<PlanPtr> result;
  for (const auto& plan : plans) result.push_back(ClonePlan(*plan));
  return result;
}

ExpressionPtr CloneOrNull(const ExpressionPtr& expression) {
  return expression == nullptr ? nullptr : CloneExpression(*expression);
}

struct PlanCloner {
  PlanPtr operator()(const Unit& node) const { return MakePlan(node); }
  PlanPtr operator()(const Empty& node) const { return MakePlan(node); }
  PlanPtr operator()(const Values& node) const { return MakePlan(node); }
  PlanPtr operator()(const Scan& node) const { return MakePlan(node); }
  PlanPtr operator()(const Path& node) const { return MakePlan(node); }
  PlanPtr operator()(const OuterRef& node) const { return MakePlan(node); }
  PlanPtr operator()(const Join& node) const {
    return MakePlan(Join{CloneAll(node.children), node.gaps});
  }
  PlanPtr operator()(const MultiwayJoin& node) const {
    return MakePlan(MultiwayJoin{CloneAll(node.children), node.variables, node.shown});
  }
  PlanPtr operator()(const Union& node) const { return MakePlan(Union{CloneAll(node.children)}); }
  PlanPtr operator()(const LeftJoin& node) const { return Binary(node); }
  PlanPtr operator()(const SemiJoin& node) const { return Binary(node); }
  PlanPtr operator()(const AntiJoin& node) const { return Binary(node); }
  PlanPtr operator()(const Filter& node) const {
    return MakePlan(Filter{ClonePlan(*node.child), CloneAll(node.conditions)});
  }
  PlanPtr operator()(const Extend& node) const {
    return MakePlan(
        Extend{ClonePlan(*node.child), node.variable, CloneExpression(*node.expression)});
  }
  PlanPtr operator()(const Group& node) const {
    std::vector<Aggregate> aggregates;
    for (const Aggregate& aggregate : node.aggregates) {
      aggregates.push_back({aggregate.function, aggregate.distinct, CloneOrNull(aggregate.argument),
                            CloneOrNull(aggregate.by), aggregate.result});
    }
    return MakePlan(Group{ClonePlan(*node.child), node.keys, std::move(aggregates)});
  }
  PlanPtr operator()(const Project& node) const {
    return MakePlan(Project{ClonePlan(*node.child), node.variables});
  }
  PlanPtr operator()(const Distinct& node) const {
    return MakePlan(Distinct{ClonePlan(*node.child), node.may_stop});
  }
  PlanPtr operator()(const Coalesce& node) const {
    return MakePlan(Coalesce{ClonePlan(*node.child), node.time});
  }
  PlanPtr operator()(const Sort& node) const {
    return MakePlan(Sort{ClonePlan(*node.child), node.keys});
  }
  PlanPtr operator()(const Limit& node) const {
    return MakePlan(
        Limit{ClonePlan(*node.child), node.limit, node.offset, node.with_ties, node.keys});
  }
  template <typename T>
  PlanPtr Binary(const T& node) const {
    return MakePlan(T{ClonePlan(*node.left), ClonePlan(*node.right), CloneAll(node.conditions),
                      node.outer, node.gaps});
  }
};

struct ExpressionCloner {
  ExpressionPtr operator()(const ConstantExpr& node) const { return MakeExpression(node); }
  ExpressionPtr operator()(const VariableExpr& node) const { return MakeExpression(node); }
  ExpressionPtr operator()(const AndExpr& node) const {
    return MakeExpression(AndExpr{CloneAll(node.operands)});
  }
  ExpressionPtr operator()(const OrExpr& node) const {
    return MakeExpression(OrExpr{CloneAll(node.operands)});
  }
  ExpressionPtr operator()(const NotExpr& node) const {
    return MakeExpression(NotExpr{CloneExpression(*node.operand)});
  }
  ExpressionPtr operator()(const CompareExpr& node) const {
    return MakeExpression(
        CompareExpr{node.op, CloneExpression(*node.left), CloneExpression(*node.right)});
  }
  ExpressionPtr operator()(const ArithmeticExpr& node) const {
    return MakeExpression(
        ArithmeticExpr{node.op, CloneExpression(*node.left), CloneExpression(*node.right)});
  }
  ExpressionPtr operator()(const NegateExpr& node) const {
    return MakeExpression(NegateExpr{CloneExpression(*node.operand)});
  }
  ExpressionPtr operator()(const TimeExpr& node) const {
    return MakeExpression(TimeExpr{node.op, node.possibly, CloneExpression(*node.left),
                                   CloneExpression(*node.right)});
  }
  ExpressionPtr operator()(const InExpr& node) const {
    return MakeExpression(InExpr{CloneExpression(*node.value), CloneAll(node.list)});
  }
  ExpressionPtr operator()(const CallExpr& node) const {
    return MakeExpression(CallExpr{node.function, CloneAll(node.arguments)});
  }
  ExpressionPtr operator()(const ExistsExpr& node) const {
    return MakeExpression(ExistsExpr{ClonePlan(*node.plan), node.shared, node.outer, node.beside});
  }
};

class VariableCollector {
 public:
  explicit VariableCollector(std::vector<Variable>* variables) : variables_(variables) {}
  void Collect(const Expression& expression) { std::visit(*this, expression.node); }

  void operator()(const ConstantExpr&) {}
  void operator()(const VariableExpr& node) { AddVariables({node.name}, variables_); }
  void operator()(const AndExpr& node) { All(node.operands); }
  void operator()(const OrExpr& node) { All(node.operands); }
  void operator()(const NotExpr& node) { Collect(*node.operand); }
  void operator()(const CompareExpr& node) { Both(node); }
  void operator()(const ArithmeticExpr& node) { Both(node); }
  void operator()(const NegateExpr& node) { Collect(*node.operand); }
  void operator()(const TimeExpr& node) { Both(node); }
  void operator()(const InExpr& node) {
    Collect(*node.value);
    All(node.list);
  }
  void operator()(const CallExpr& node) { All(node.arguments); }
  void operator()(const ExistsExpr& node) {
    AddVariables(RowVariables(node, node.shared), variables_);
  }

 private:
  void All(const std::vector<ExpressionPtr>& expressions) {
    for (const auto& operand : expressions) Collect(*operand);
  }
  template <typename T>
  void Both(const T& node) {
    Collect(*node.left);
    Collect(*node.right);
  }
  std::vector<Variable>* variables_;
};

}  // namespace

std::vector<Variable> RowVariables(const ExistsExpr& exists, const std::vector<Variable>& read) {
  std::vector<Variable> variables;
  for (const Variable& variable : read) {
    const auto beside = std::find_if(exists.beside.begin(), exists.beside.end(),
                                     [&](const Beside& b) { return b.name == variable; });
    AddVariables({beside == exists.beside.end() ? variable : beside->of}, &variables);
  }
  return variables;
}

PlanPtr MakeJoin(std::vector<PlanPtr> children) {
  std::vector<PlanPtr> flat;
  std::vector<Variable> variables;
  std::vector<TimeGap> gaps;
  bool empty = false;
  for (PlanPtr& child : children) {
    AddVariables(VariablesOf(*child), &variables);
    if (auto* join = std::get_if<Join>(&child->node)) {
      for (PlanPtr& inner : join->children) flat.push_back(std::move(inner));
      gaps.insert(gaps.end(), join->gaps.begin(), join->gaps.end());
    } else if (std::holds_alternative<Empty>(child->node)) {
      empty = true;
    } else if (!std::holds_alternative<Unit>(child->node)) {
      flat.push_back(std::move(child));
    }
  }
  if (empty) return MakePlan(Empty{std::move(variables)});
  if (flat.empty()) return MakePlan(Unit{});
  if (flat.size() == 1) return std::move(flat[0]);
  return MakePlan(Join{std::move(flat), std::move(gaps)});
}

PlanPtr MakeUnion(std::vector<PlanPtr> children) {
  std::vector<PlanPtr> flat;
  std::vector<Variable> variables;
  for (PlanPtr& child : children) {
    AddVariables(VariablesOf(*child), &variables);
    if (auto* inner = std::get_if<Union>(&child->node)) {
      for (PlanPtr& part : inner->children) flat.push_back(std::move(part));
    } else if (!std::holds_alternative<Empty>(child->node)) {
      flat.push_back(std::move(child));
    }
  }
  if (flat.empty()) return MakePlan(Empty{std::move(variables)});
  if (flat.size() == 1) return MakeProject(std::move(flat[0]), std::move(variables));
  PlanPtr result = MakePlan(Union{std::move(flat)});
  return MakeProject(std::move(result), std::move(variables));
}

PlanPtr MakeFilter(PlanPtr child, std::vector<ExpressionPtr> conditions) {
  if (conditions.empty() || std::holds_alternative<Empty>(child->node)) return child;
  if (auto* filter = std::get_if<Filter>(&child->node)) {
    for (ExpressionPtr& condition : conditions) filter->conditions.push_back(std::move(condition));
    return child;
  }
  return MakePlan(Filter{std::move(child), std::move(conditions)});
}

PlanPtr MakeDistinct(PlanPtr child) {
  if (auto* distinct = std::get_if<Distinct>(&child->node)) {
    distinct->may_stop = false;
    return child;
  }
  if (std::holds_alternative<Unit>(child->node) || std::holds_alternative<Empty>(child->node) ||
      std::holds_alternative<Group>(child->node) ||
      std::holds_alternative<MultiwayJoin>(child->node)) {
    return child;
  }
  return MakePlan(Distinct{std::move(child)});
}

PlanPtr MakeProject(PlanPtr child, std::vector<Variable> variables) {
  if (VariablesOf(*child) == variables) return child;
  if (std::holds_alternative<Empty>(child->node)) return MakePlan(Empty{std::move(variables)});
  return MakePlan(Project{std::move(child), std::move(variables)});
}

ExpressionPtr MakeVariable(Variable name) { return MakeExpression(VariableExpr{std::move(name)}); }
ExpressionPtr MakeConstant(Term term, TermId id) {
  return MakeExpression(ConstantExpr{std::move(term), id});
}

PlanPtr ClonePlan(const Plan& plan) {
  PlanPtr copy = std::visit(PlanCloner{}, plan.node);
  copy->estimated_rows = plan.estimated_rows;
  return copy;
}

ExpressionPtr CloneExpression(const Expression& expression) {
  return std::visit(ExpressionCloner{}, expression.node);
}

std::vector<Variable> VariablesOf(const Expression& expression) {
  std::vector<Variable> variables;
  VariableCollector(&variables).Collect(expression);
  return variables;
}

bool Contains(const std::vector<Variable>& variables, const Variable& variable) {
  return std::find(variables.begin(), variables.end(), variable) != variables.end();
}

void AddVariables(const std::vector<Variable>& more, std::vector<Variable>* variables) {
  for (const Variable& variable : more) {
    if (!Contains(*variables, variable)) variables->push_back(variable);
  }
}

}  // namespace annals::algebra

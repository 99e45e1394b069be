// bind_constants: `?x = name` and `?x in (names)` become values that join, and a value that is
// alone goes into the patterns in its variable's place.
#include <algorithm>
#include <optional>

#include "query/optimizer/passes.h"
#include "query/optimizer/rewrite.h"

namespace annals::optimizer {
namespace {

using algebra::ConstantExpr;
using algebra::Contains;
using algebra::Expression;
using algebra::ExpressionPtr;
using algebra::MakePlan;
using algebra::PlanPtr;
using algebra::Scan;
using algebra::Slot;
using algebra::Values;
using algebra::Variable;

// Of these alone equal values are the same term.
const ConstantExpr* EntityOf(const ExpressionPtr& expression) {
  const auto* constant = std::get_if<ConstantExpr>(&expression->node);
  if (constant == nullptr) return nullptr;
  const bool entity = constant->term.As<Name>() != nullptr || constant->term.As<Iri>() != nullptr;
  return entity ? constant : nullptr;
}

const Variable* VariableIn(const ExpressionPtr& expression) {
  const auto* variable = std::get_if<algebra::VariableExpr>(&expression->node);
  return variable == nullptr ? nullptr : &variable->name;
}

// The values that the condition lets through, if it is of that kind.
std::optional<Values> ValuesOf(const Expression& condition) {
  const Variable* variable = nullptr;
  std::vector<const ConstantExpr*> entities;
  if (const auto* compare = std::get_if<algebra::CompareExpr>(&condition.node)) {
    if (compare->op != algebra::CompareOp::kEqual) return std::nullopt;
    const bool left = VariableIn(compare->left) != nullptr;
    variable = VariableIn(left ? compare->left : compare->right);
    entities.push_back(EntityOf(left ? compare->right : compare->left));
  } else if (const auto* list = std::get_if<algebra::InExpr>(&condition.node)) {
    variable = VariableIn(list->value);
    for (const ExpressionPtr& item : list->list) entities.push_back(EntityOf(item));
  }
  if (variable == nullptr) return std::nullopt;
  Values values{{*variable}, {}};
  for (const ConstantExpr* entity : entities) {
    if (entity == nullptr) return std::nullopt;
    std::vector<Term> row = {entity->term};
    // What the store doesn't know no row has.
    const bool known = !entity->id.is_undefined();
    if (known && std::find(values.rows.begin(), values.rows.end(), row) == values.rows.end()) {
      values.rows.push_back(std::move(row));
    }
  }
  return values;
}

// Takes from a filter the conditions that are values; the filter is its child if none are left.
std::vector<PlanPtr> TakeValues(PlanPtr* node) {
  std::vector<PlanPtr> taken;
  auto* filter = std::get_if<algebra::Filter>(&(*node)->node);
  if (filter == nullptr) return taken;
  const Variables certain = algebra::CertainVariablesOf(*filter->child);
  std::vector<ExpressionPtr> rest;
  for (ExpressionPtr& condition : filter->conditions) {
    std::optional<Values> values = ValuesOf(*condition);
    if (values.has_value() && Contains(certain, values->variables[0])) {
      taken.push_back(MakePlan(std::move(*values)));
    } else {
      rest.push_back(std::move(condition));
    }
  }
  *node = algebra::MakeFilter(std::move(filter->child), std::move(rest));
  return taken;
}

class JoinBinder {
 public:
  explicit JoinBinder(const GraphView& view) : view_(view) {}

  absl::StatusOr<bool> Bind(PlanPtr* node) {
    auto* join = std::get_if<algebra::Join>(&(*node)->node);
    if (join == nullptr) return false;
    bool changed = false;
    for (size_t i = 0; i < join->children.size(); ++i) {
      const auto* values = std::get_if<Values>(&join->children[i]->node);
      if (values == nullptr || values->rows.size() != 1) continue;
      if (values->variables.size() != 1 || values->rows[0][0].is_undefined()) continue;
      const Variable variable = values->variables[0];
      const Term term = values->rows[0][0];
      ANNALS_ASSIGN_OR_RETURN(const TermId id, view_.Find(term));
      if (id.is_undefined()) continue;
      changed |= BindOne(join, i, variable, {term, id});
    }
    if (!bound_.empty()) Finish(node);
    return changed;
  }

 private:
  bool BindOne(algebra::Join* join, size_t values, const Variable& variable,
               const ConstantExpr& constant) {
    bool changed = false, used_elsewhere = false;
    for (size_t i = 0; i < join->children.size(); ++i) {
      PlanPtr& child = join->children[i];
      if (i == values || !Contains(algebra::VariablesOf(*child), variable)) continue;
      if (Substitute(&child, variable, constant)) {
        changed = true;
      } else {
        used_elsewhere = true;
      }
    }
    // Where nothing joins on it any more it is a column that is the same everywhere.
    if (changed && !used_elsewhere) {
      join->children[values] = MakePlan(algebra::Unit{});
      bound_.emplace_back(variable, constant);
    }
    return changed;
  }

  static bool Substitute(PlanPtr* child, const Variable& variable, const ConstantExpr& constant) {
    auto* filter = std::get_if<algebra::Filter>(&(*child)->node);
    auto* scan = std::get_if<Scan>(filter == nullptr ? &(*child)->node : &filter->child->node);
    if (scan == nullptr) return false;
    // An empty value agrees with the constant, an empty time doesn't equal it.
    if (scan->time.kind == Slot::Kind::kVariable && scan->time.variable == variable) return false;
    if (filter != nullptr) {
      const bool exists = std::any_of(filter->conditions.begin(), filter->conditions.end(),
                                      [&](const ExpressionPtr& c) {
                                        return HoldsExists(*c) && Contains(ReadBy(*c), variable);
                                      });
      if (exists) return false;
      for (ExpressionPtr& condition : filter->conditions) {
        ReplaceVariable(variable, constant, &condition);
      }
    }
    for (Slot* slot :
         {&scan->subject, &scan->predicate, &scan->object, &scan->fact, &scan->source}) {
      if (slot->kind != Slot::Kind::kVariable || slot->variable != variable) continue;
      *slot = Slot{Slot::Kind::kConstant, "", constant.id};
    }
    return true;
  }

  void Finish(PlanPtr* node) {
    PlanPtr plan = algebra::MakeJoin(std::move(std::get<algebra::Join>((*node)->node).children));
    for (auto& [variable, constant] : bound_) {
      plan = MakePlan(
          algebra::Extend{std::move(plan), variable, algebra::MakeExpression(std::move(constant))});
    }
    *node = std::move(plan);
  }

  const GraphView& view_;
  std::vector<std::pair<Variable, ConstantExpr>> bound_;
};

class ConstantBinder {
 public:
  explicit ConstantBinder(const GraphView& view) : view_(view) {}
  bool changed() const { return changed_; }

  // The conditions of a filter below a join become inputs of that join.
  absl::Status Bind(PlanPtr* node, bool below_join) {
    const bool is_join = std::holds_alternative<algebra::Join>((*node)->node);
    absl::Status status;
    ForEachChild(**node, [&](PlanPtr& child) {
      if (status.ok()) status = Bind(&child, is_join);
    });
    ANNALS_RETURN_IF_ERROR(status);
    std::vector<PlanPtr> inputs;
    if (auto* join = std::get_if<algebra::Join>(&(*node)->node)) {
      for (PlanPtr& child : join->children) Append(TakeValues(&child), &inputs);
    } else if (!below_join) {
      inputs = TakeValues(node);
    }
    if (!inputs.empty()) {
      changed_ = true;
      inputs.push_back(std::move(*node));
      *node = algebra::MakeJoin(std::move(inputs));
    }
    ANNALS_ASSIGN_OR_RETURN(const bool bound, JoinBinder(view_).Bind(node));
    changed_ |= bound;
    return absl::OkStatus();
  }

 private:
  static void Append(std::vector<PlanPtr> more, std::vector<PlanPtr>* plans) {
    for (PlanPtr& plan : more) plans->push_back(std::move(plan));
  }

  const GraphView& view_;
  bool changed_ = false;
};

}  // namespace

absl::StatusOr<bool> BindConstants(PlanPtr* plan, PassContext& context) {
  ConstantBinder binder(context.view);
  ANNALS_RETURN_IF_ERROR(binder.Bind(plan, false));
  return binder.changed();
}

}  // namespace annals::optimizer

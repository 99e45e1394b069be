// fold_constants: what no row changes is computed once, and conditions are taken apart.
#include <algorithm>

#include "query/algebra/scalar_operators.h"
#include "query/functions/arithmetic.h"
#include "query/functions/function.h"
#include "query/optimizer/passes.h"
#include "query/optimizer/rewrite.h"

namespace annals::optimizer {
namespace {

using algebra::Expression;
using algebra::ExpressionPtr;
using algebra::MakeExpression;

// A clock and a base; facts are left to the run.
class ConstantContext : public functions::EvaluationContext {
 public:
  explicit ConstantContext(const PassContext& context) : context_(context) {}
  absl::StatusOr<std::optional<functions::FactTerms>> GetFact(uint64_t) override {
    return Internal("a function of facts was folded");
  }
  absl::StatusOr<std::vector<Term>> SourcesOf(uint64_t) override {
    return Internal("a function of facts was folded");
  }
  absl::StatusOr<std::vector<Term>> QualifiersOf(uint64_t, std::string_view) override {
    return Internal("a function of facts was folded");
  }
  int64_t now() const override { return context_.now.value_or(0); }
  const std::string& base_iri() const override { return context_.view.base_iri(); }

 private:
  const PassContext& context_;
};

const Term* ConstantOf(const ExpressionPtr& expression) {
  const auto* constant = std::get_if<algebra::ConstantExpr>(&expression->node);
  return constant == nullptr ? nullptr : &constant->term;
}

bool IsTrue(const Term& term) {
  const auto* value = term.As<bool>();
  return value != nullptr && *value;
}

// Its value is true or false on every row.
bool IsTest(const Expression& expression) {
  return std::visit(
      [](const auto& node) {
        using T = std::decay_t<decltype(node)>;
        if constexpr (std::is_same_v<T, algebra::ConstantExpr>) {
          return node.term.template As<bool>() != nullptr;
        } else {
          return std::is_same_v<T, algebra::AndExpr> || std::is_same_v<T, algebra::OrExpr> ||
                 std::is_same_v<T, algebra::NotExpr> || std::is_same_v<T, algebra::CompareExpr> ||
                 std::is_same_v<T, algebra::TimeExpr> || std::is_same_v<T, algebra::InExpr> ||
                 std::is_same_v<T, algebra::ExistsExpr>;
        }
      },
      expression.node);
}

class Folder {
 public:
  explicit Folder(PassContext& context) : context_(context), constants_(context) {}
  bool changed() const { return changed_; }

  // `condition`: only being true counts.
  absl::Status Fold(ExpressionPtr* expression, bool condition) {
    const bool tests = std::holds_alternative<algebra::AndExpr>((*expression)->node) ||
                       std::holds_alternative<algebra::OrExpr>((*expression)->node) ||
                       std::holds_alternative<algebra::NotExpr>((*expression)->node);
    absl::Status status;
    ForEachOperand(**expression, [&](ExpressionPtr& operand) {
      if (status.ok()) status = Fold(&operand, tests);
    });
    ANNALS_RETURN_IF_ERROR(status);
    return std::visit([&](auto& node) { return Node(node, expression, condition); },
                      (*expression)->node);
  }

 private:
  // An empty value stays computed: as a constant it would look like a column that is never empty.
  absl::Status Replace(ExpressionPtr* expression, Term value) {
    if (value.is_undefined() || value.As<TermList>() != nullptr) return absl::OkStatus();
    TermId id;
    if (value.As<Duration>() == nullptr) {
      ANNALS_ASSIGN_OR_RETURN(id, context_.view.Find(value));
    }
    *expression = algebra::MakeConstant(std::move(value), id);
    changed_ = true;
    return absl::OkStatus();
  }
  void Become(ExpressionPtr* expression, ExpressionPtr other) {
    *expression = std::move(other);
    changed_ = true;
  }

  absl::Status Node(algebra::ConstantExpr&, ExpressionPtr*, bool) { return absl::OkStatus(); }
  absl::Status Node(algebra::VariableExpr&, ExpressionPtr*, bool) { return absl::OkStatus(); }
  absl::Status Node(algebra::InExpr&, ExpressionPtr*, bool) { return absl::OkStatus(); }
  absl::Status Node(algebra::ExistsExpr&, ExpressionPtr*, bool) { return absl::OkStatus(); }

  // Operands that decide nothing go; those of the same kind are taken in.
  template <typename T>
  absl::Status Connective(T& node, ExpressionPtr* expression, bool condition, bool decides) {
    std::vector<ExpressionPtr> operands;
    for (ExpressionPtr& operand : node.operands) {
      if (const Term* constant = ConstantOf(operand)) {
        if (IsTrue(*constant) == decides) return Replace(expression, Term(decides));
        changed_ = true;
      } else if (auto* inner = std::get_if<T>(&operand->node)) {
        for (ExpressionPtr& part : inner->operands) operands.push_back(std::move(part));
        changed_ = true;
      } else {
        operands.push_back(std::move(operand));
      }
    }
    if (operands.empty()) return Replace(expression, Term(!decides));
    if (operands.size() == 1 && (condition || IsTest(*operands[0]))) {
      Become(expression, std::move(operands[0]));
    } else {
      node.operands = std::move(operands);
    }
    return absl::OkStatus();
  }
  absl::Status Node(algebra::AndExpr& node, ExpressionPtr* expression, bool condition) {
    return Connective(node, expression, condition, false);
  }
  absl::Status Node(algebra::OrExpr& node, ExpressionPtr* expression, bool condition) {
    return Connective(node, expression, condition, true);
  }

  absl::Status Node(algebra::NotExpr& node, ExpressionPtr* expression, bool condition) {
    if (const Term* constant = ConstantOf(node.operand)) {
      return Replace(expression, Term(!IsTrue(*constant)));
    }
    if (auto* inner = std::get_if<algebra::NotExpr>(&node.operand->node)) {
      if (condition || IsTest(*inner->operand)) {
        Become(expression, ExpressionPtr(std::move(inner->operand)));
      }
      return absl::OkStatus();
    }
    // not (a or b) is two conditions, each of which may go its own way.
    if (auto* either = std::get_if<algebra::OrExpr>(&node.operand->node)) {
      algebra::AndExpr both;
      for (ExpressionPtr& operand : either->operands) {
        both.operands.push_back(MakeExpression(algebra::NotExpr{std::move(operand)}));
      }
      Become(expression, MakeExpression(std::move(both)));
      return Fold(expression, condition);
    }
    return absl::OkStatus();
  }

  absl::Status Node(algebra::CompareExpr& node, ExpressionPtr* expression, bool) {
    const Term* left = ConstantOf(node.left);
    const Term* right = ConstantOf(node.right);
    if (left == nullptr || right == nullptr) return absl::OkStatus();
    return Replace(expression, Term(algebra::Compare(node.op, *left, *right)));
  }
  absl::Status Node(algebra::TimeExpr& node, ExpressionPtr* expression, bool) {
    const Term* left = ConstantOf(node.left);
    const Term* right = ConstantOf(node.right);
    if (left == nullptr || right == nullptr) return absl::OkStatus();
    const auto* a = left->As<Time>();
    const auto* b = right->As<Time>();
    const TimeOp op = algebra::ToTimeOp(node.op);
    const bool holds = a != nullptr && b != nullptr &&
                       (node.possibly ? Possibly(op, *a, *b) : Certainly(op, *a, *b));
    return Replace(expression, Term(holds));
  }
  absl::Status Node(algebra::ArithmeticExpr& node, ExpressionPtr* expression, bool) {
    const Term* left = ConstantOf(node.left);
    const Term* right = ConstantOf(node.right);
    if (left == nullptr || right == nullptr) return absl::OkStatus();
    return Replace(expression, functions::Calculate(algebra::ToNumberOp(node.op), *left, *right));
  }
  absl::Status Node(algebra::NegateExpr& node, ExpressionPtr* expression, bool) {
    const Term* operand = ConstantOf(node.operand);
    return operand == nullptr ? absl::OkStatus() : Replace(expression, functions::Negate(*operand));
  }
  absl::Status Node(algebra::CallExpr& node, ExpressionPtr* expression, bool) {
    const functions::Function* function = functions::FindFunction(node.function);
    if (function == nullptr || function->group == functions::FunctionGroup::kFacts) {
      return absl::OkStatus();
    }
    const bool clock = node.function == "now" || node.function == "today";
    if (clock && !context_.now.has_value()) return absl::OkStatus();
    std::vector<const Term*> arguments;
    for (const ExpressionPtr& argument : node.arguments) {
      arguments.push_back(ConstantOf(argument));
      if (arguments.back() == nullptr || arguments.back()->As<FactRef>() != nullptr) {
        return absl::OkStatus();
      }
    }
    ANNALS_ASSIGN_OR_RETURN(Term value, functions::Call(*function, arguments, constants_));
    return Replace(expression, std::move(value));
  }

  PassContext& context_;
  ConstantContext constants_;
  bool changed_ = false;
};

// Conditions joined by `and` become several; true ones go. False: one of them is never true.
bool Split(std::vector<ExpressionPtr>* conditions, bool* changed) {
  std::vector<ExpressionPtr> split;
  for (ExpressionPtr& condition : *conditions) {
    if (const Term* constant = ConstantOf(condition)) {
      if (!IsTrue(*constant)) return false;
      *changed = true;
    } else if (auto* both = std::get_if<algebra::AndExpr>(&condition->node)) {
      *changed = true;
      for (ExpressionPtr& part : both->operands) split.push_back(std::move(part));
    } else {
      split.push_back(std::move(condition));
    }
  }
  *conditions = std::move(split);
  return true;
}

}  // namespace

absl::StatusOr<bool> FoldConstants(algebra::PlanPtr* plan, PassContext& context) {
  Folder folder(context);
  absl::Status status;
  bool changed = false;
  VisitBottomUp(plan, [&](algebra::PlanPtr* node) {
    ForEachExpression(**node, [&](ExpressionPtr& expression, bool condition) {
      if (status.ok()) status = folder.Fold(&expression, condition);
    });
    if (!status.ok()) return;
    if (auto* filter = std::get_if<algebra::Filter>(&(*node)->node)) {
      if (!Split(&filter->conditions, &changed)) {
        *node = algebra::MakePlan(algebra::Empty{algebra::VariablesOf(**node)});
        changed = true;
      } else if (filter->conditions.empty()) {
        *node = algebra::PlanPtr(std::move(filter->child));
      }
    } else if (auto* left = std::get_if<algebra::LeftJoin>(&(*node)->node)) {
      // A condition that is never true stays: the right side gives nothing.
      if (!Split(&left->conditions, &changed)) {
        left->right = algebra::MakePlan(algebra::Empty{algebra::VariablesOf(*left->right)});
        left->conditions.clear();
        changed = true;
      }
    } else if (auto* semi = std::get_if<algebra::SemiJoin>(&(*node)->node)) {
      if (!Split(&semi->conditions, &changed)) {
        *node = algebra::MakePlan(algebra::Empty{algebra::VariablesOf(**node)});
        changed = true;
      }
    } else if (auto* anti = std::get_if<algebra::AntiJoin>(&(*node)->node)) {
      if (!Split(&anti->conditions, &changed)) {
        *node = algebra::PlanPtr(std::move(anti->left));
        changed = true;
      }
    }
  });
  ANNALS_RETURN_IF_ERROR(status);
  return changed || folder.changed();
}

}  // namespace annals::optimizer

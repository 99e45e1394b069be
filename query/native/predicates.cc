#include "query/native/predicates.h"

namespace annals::native {
namespace {

// Walks a formula with all that is in it.
struct Walk {
  std::vector<PredicateUse>* uses;
  bool positive = true;
  bool repeated = false;

  Walk Negative() const { return {uses, false, repeated}; }

  // --- Formulas
  void In(const Formula& formula) const { std::visit(*this, formula.node); }
  void In(const std::vector<Formula>& parts) const {
    for (const Formula& part : parts) In(part);
  }
  void operator()(const Pattern& node) const { In(node.predicate); }
  void operator()(const FormulaAnd& node) const { In(node.parts); }
  void operator()(const FormulaOr& node) const { In(node.parts); }
  void operator()(const FormulaNot& node) const { Negative().In(*node.formula); }
  void operator()(const FormulaOptional& node) const { Negative().In(*node.formula); }
  void operator()(const FormulaGroup& node) const { In(*node.formula); }
  void operator()(const FormulaCondition& node) const { In(node.condition); }
  void operator()(const FormulaLet& node) const { In(node.value); }
  void operator()(const FormulaFind& node) const { Negative().In(*node.find); }
  void operator()(const FormulaShortest& node) const {
    Walk{uses, false, true}.In(node.pattern->predicate);
  }
  void operator()(const FormulaCoalesced& node) const {
    Walk{uses, false, repeated}.In(node.pattern->predicate);
  }
  void operator()(const FormulaEvery& node) const { In(node.window); }
  void In(const Find& find) const {
    if (find.where.has_value()) In(*find.where);
    for (const FindItem& item : find.items) In(item.value);
    if (find.having.has_value()) In(*find.having);
  }

  // --- Paths
  void In(const Path& path) const { std::visit(*this, path.node); }
  void operator()(const PathStep& node) const { uses->push_back({&node.term, positive, repeated}); }
  void operator()(const PathInverse& node) const { In(*node.path); }
  void operator()(const PathSequence& node) const {
    for (const Path& part : node.parts) In(part);
  }
  void operator()(const PathAlternative& node) const {
    for (const Path& part : node.parts) In(part);
  }
  void operator()(const PathRepeat& node) const { Walk{uses, positive, true}.In(*node.path); }
  // Any but these: that may be all the others.
  void operator()(const PathNegated&) const { uses->push_back({&kAny, false, repeated}); }

  // --- Expressions
  void In(const Expr& expr) const { std::visit(*this, expr.node); }
  void operator()(const ExprTerm&) const {}
  void operator()(const ExprDuration&) const {}
  void operator()(const ExprNot& node) const { In(*node.operand); }
  void operator()(const ExprNegate& node) const { In(*node.operand); }
  void operator()(const ExprBinary& node) const {
    In(*node.left);
    In(*node.right);
  }
  void operator()(const ExprPossibly& node) const { In(*node.operand); }
  void operator()(const ExprInList& node) const { In(*node.value); }
  void operator()(const ExprCall& node) const {
    for (const Expr& argument : node.arguments) In(argument);
    if (node.by != nullptr) In(*node.by);
  }
  void operator()(const ExprExists& node) const { Negative().In(*node.formula); }

  static const TermExpr kAny;
};

const TermExpr Walk::kAny = [] {
  TermExpr any;
  any.kind = TermExpr::Kind::kAnything;
  return any;
}();

}  // namespace

std::vector<PredicateUse> PredicatesOf(const Formula& formula) {
  std::vector<PredicateUse> uses;
  Walk{&uses}.In(formula);
  return uses;
}

std::vector<PredicateUse> PredicatesOf(const Find& find) {
  std::vector<PredicateUse> uses;
  Walk{&uses}.In(find);
  return uses;
}

}  // namespace annals::native

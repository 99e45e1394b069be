#include "query/native/scope.h"

#include <algorithm>

namespace annals::native {
namespace {

void AddUse(const VariableUse& use, std::vector<VariableUse>* uses) {
  const bool known = std::any_of(uses->begin(), uses->end(),
                                 [&](const VariableUse& other) { return other.name == use.name; });
  if (!known) uses->push_back(use);
}

void AddTerm(const TermExpr& term, std::vector<VariableUse>* uses) {
  if (term.kind == TermExpr::Kind::kVariable) AddUse({term.text, term.span}, uses);
}

void Subtract(const std::vector<VariableUse>& bound, std::vector<VariableUse>* uses) {
  std::erase_if(*uses, [&](const VariableUse& use) {
    return std::any_of(bound.begin(), bound.end(),
                       [&](const VariableUse& other) { return other.name == use.name; });
  });
}

void BindPath(const Path& path, std::vector<VariableUse>* uses) {
  struct Visitor {
    std::vector<VariableUse>* uses;
    void operator()(const PathStep& node) const { AddTerm(node.term, uses); }
    void operator()(const PathInverse& node) const { BindPath(*node.path, uses); }
    void operator()(const PathSequence& node) const { All(node.parts); }
    void operator()(const PathAlternative& node) const { All(node.parts); }
    void operator()(const PathRepeat& node) const { BindPath(*node.path, uses); }
    void operator()(const PathNegated& node) const { BindPath(*node.path, uses); }
    void All(const std::vector<Path>& parts) const {
      for (const Path& part : parts) BindPath(part, uses);
    }
  };
  std::visit(Visitor{uses}, path.node);
}

void BindPattern(const Pattern& pattern, std::vector<VariableUse>* uses) {
  std::vector<VariableUse> found;
  AddTerm(pattern.subject, &found);
  BindPath(pattern.predicate, &found);
  AddTerm(pattern.object, &found);
  if (pattern.time.has_value()) AddTerm(*pattern.time, &found);
  for (const Qualifier& qualifier : pattern.qualifiers) {
    AddTerm(qualifier.key, &found);
    AddTerm(qualifier.value, &found);
  }
  if (pattern.source.has_value()) AddTerm(*pattern.source, &found);
  if (pattern.fact.has_value()) AddTerm(*pattern.fact, &found);
  // Braces, `from` and `as` stand in any order.
  std::sort(found.begin(), found.end(),
            [](const VariableUse& a, const VariableUse& b) { return a.span.begin < b.span.begin; });
  for (const VariableUse& use : found) AddUse(use, uses);
}

void Bind(const Formula& formula, std::vector<VariableUse>* uses, bool lists = true);

struct BindVisitor {
  std::vector<VariableUse>* uses;
  bool lists = true;
  void operator()(const Pattern& node) const { BindPattern(node, uses); }
  void operator()(const FormulaAnd& node) const { All(node.parts); }
  void operator()(const FormulaOr& node) const { All(node.parts); }
  void operator()(const FormulaNot&) const {}
  void operator()(const FormulaOptional& node) const { Bind(*node.formula, uses, lists); }
  void operator()(const FormulaGroup& node) const { Bind(*node.formula, uses, lists); }
  void operator()(const FormulaCondition&) const {}  // see Bind
  void operator()(const FormulaLet& node) const { AddTerm(node.variable, uses); }
  void operator()(const FormulaFind& node) const {
    for (const FindItem& item : node.find->items) AddUse({item.name, item.span}, uses);
  }
  void operator()(const FormulaShortest& node) const {
    BindPattern(*node.pattern, uses);
    AddTerm(node.variable, uses);
  }
  void operator()(const FormulaCoalesced& node) const { BindPattern(*node.pattern, uses); }
  void operator()(const FormulaEvery& node) const { AddTerm(node.variable, uses); }
  void All(const std::vector<Formula>& parts) const {
    for (const Formula& part : parts) Bind(part, uses, lists);
  }
};

void Bind(const Formula& formula, std::vector<VariableUse>* uses, bool lists) {
  if (const TermExpr* listed = ListedVariable(formula); listed != nullptr && lists) {
    AddTerm(*listed, uses);
  }
  std::visit(BindVisitor{uses, lists}, formula.node);
}

void NameAll(const Formula& formula, std::vector<VariableUse>* uses);

struct ReadVisitor {
  std::vector<VariableUse>* uses;
  bool all_of_exists = false;  // not only what it needs
  void Read(const Expr& expr) const { std::visit(*this, expr.node); }

  void operator()(const ExprTerm& node) const { AddTerm(node.term, uses); }
  void operator()(const ExprDuration&) const {}
  void operator()(const ExprNot& node) const { Read(*node.operand); }
  void operator()(const ExprNegate& node) const { Read(*node.operand); }
  void operator()(const ExprBinary& node) const {
    Read(*node.left);
    Read(*node.right);
  }
  void operator()(const ExprPossibly& node) const { Read(*node.operand); }
  void operator()(const ExprInList& node) const {
    Read(*node.value);
    for (const TermExpr& term : node.list) AddTerm(term, uses);
  }
  void operator()(const ExprCall& node) const {
    for (const Expr& argument : node.arguments) Read(argument);
    if (node.by != nullptr) Read(*node.by);
  }
  void operator()(const ExprExists& node) const {
    if (all_of_exists) return NameAll(*node.formula, uses);
    for (const VariableUse& use : NeededVariables(*node.formula)) AddUse(use, uses);
  }
};

void Read(const Expr& expr, std::vector<VariableUse>* uses) { ReadVisitor{uses}.Read(expr); }

void Need(const Formula& formula, std::vector<VariableUse>* uses);

struct NeedVisitor {
  std::vector<VariableUse>* uses;
  void operator()(const Pattern&) const {}
  void operator()(const FormulaAnd& node) const {
    for (const Formula& part : node.parts) Need(part, uses);
  }
  void operator()(const FormulaOr& node) const {
    // A branch sees what it binds itself.
    for (const Formula& part : node.parts) {
      for (const VariableUse& use : NeededVariables(part)) AddUse(use, uses);
    }
  }
  void operator()(const FormulaNot& node) const { Inner(*node.formula); }
  void operator()(const FormulaOptional& node) const { Inner(*node.formula); }
  void operator()(const FormulaGroup& node) const { Inner(*node.formula); }
  void operator()(const FormulaCondition& node) const { Read(node.condition, uses); }
  void operator()(const FormulaLet& node) const { Read(node.value, uses); }
  void operator()(const FormulaFind&) const {}
  void operator()(const FormulaShortest&) const {}
  void operator()(const FormulaCoalesced&) const {}
  void operator()(const FormulaEvery& node) const { Read(node.window, uses); }
  void Inner(const Formula& formula) const {
    for (const VariableUse& use : NeededVariables(formula)) AddUse(use, uses);
  }
};

void Need(const Formula& formula, std::vector<VariableUse>* uses) {
  std::visit(NeedVisitor{uses}, formula.node);
}

// Every variable that the formula names, as written; what only a `not` names is among them.
struct NameVisitor {
  std::vector<VariableUse>* uses;
  void operator()(const Pattern& node) const { BindPattern(node, uses); }
  void operator()(const FormulaAnd& node) const { All(node.parts); }
  void operator()(const FormulaOr& node) const { All(node.parts); }
  void operator()(const FormulaNot& node) const { Inner(*node.formula); }
  void operator()(const FormulaOptional& node) const { Inner(*node.formula); }
  void operator()(const FormulaGroup& node) const { Inner(*node.formula); }
  void operator()(const FormulaCondition& node) const {
    ReadVisitor{uses, true}.Read(node.condition);
  }
  void operator()(const FormulaLet& node) const {
    AddTerm(node.variable, uses);
    ReadVisitor{uses, true}.Read(node.value);
  }
  template <typename T>
  void operator()(const T& node) const {
    BindVisitor{uses}(node);
  }
  void Inner(const Formula& formula) const { std::visit(*this, formula.node); }
  void All(const std::vector<Formula>& parts) const {
    for (const Formula& part : parts) Inner(part);
  }
};

void NameAll(const Formula& formula, std::vector<VariableUse>* uses) {
  std::visit(NameVisitor{uses}, formula.node);
}

// What is read of outside a group: see VariablesReadBy.
struct ReadByVisitor {
  std::vector<VariableUse>* uses;
  void operator()(const FormulaAnd& node) const {
    std::vector<VariableUse> read, bound;
    for (const Formula& part : node.parts) {
      std::visit(ReadByVisitor{&read}, part.node);
      if (BindsAlways(part)) Bind(part, &bound);
    }
    Subtract(bound, &read);
    for (const VariableUse& use : read) AddUse(use, uses);
  }
  void operator()(const FormulaOr& node) const {
    for (const Formula& part : node.parts) std::visit(*this, part.node);
  }
  void operator()(const FormulaNot& node) const { NameAll(*node.formula, uses); }
  void operator()(const FormulaOptional& node) const { NameAll(*node.formula, uses); }
  void operator()(const FormulaGroup& node) const { std::visit(*this, node.formula->node); }
  void operator()(const FormulaCondition& node) const {
    ReadVisitor{uses, true}.Read(node.condition);
  }
  void operator()(const FormulaLet& node) const { ReadVisitor{uses, true}.Read(node.value); }
  template <typename T>
  void operator()(const T&) const {}

  // Does every row of it have all of its variables, whatever stands beside it? A list binds only
  // what nothing else does.
  static bool BindsAlways(const Formula& part) {
    return ListedVariable(part) == nullptr && !std::holds_alternative<FormulaOptional>(part.node) &&
           !std::holds_alternative<FormulaOr>(part.node) &&
           !std::holds_alternative<FormulaGroup>(part.node);
  }
};

struct PathCounter {
  size_t operator()(const PathStep&) const { return 1; }
  size_t operator()(const PathInverse& node) const { return Count(*node.path); }
  size_t operator()(const PathSequence& node) const { return All(node.parts); }
  size_t operator()(const PathAlternative& node) const { return All(node.parts); }
  size_t operator()(const PathRepeat& node) const { return Count(*node.path); }
  size_t operator()(const PathNegated& node) const { return Count(*node.path); }
  static size_t Count(const Path& path) { return std::visit(PathCounter{}, path.node); }
  static size_t All(const std::vector<Path>& parts) {
    size_t count = 0;
    for (const Path& part : parts) count += Count(part);
    return count;
  }
};

struct PartCounter {
  size_t operator()(const Pattern& node) const {
    return PathCounter::Count(node.predicate) + node.qualifiers.size();
  }
  size_t operator()(const FormulaAnd& node) const { return All(node.parts); }
  size_t operator()(const FormulaOr& node) const { return All(node.parts); }
  size_t operator()(const FormulaNot& node) const { return CountParts(*node.formula); }
  size_t operator()(const FormulaOptional& node) const { return CountParts(*node.formula); }
  size_t operator()(const FormulaGroup& node) const { return CountParts(*node.formula); }
  size_t operator()(const FormulaFind& node) const {
    return node.find->where.has_value() ? CountParts(*node.find->where) : 1;
  }
  template <typename T>
  size_t operator()(const T&) const {
    return 1;
  }
  static size_t All(const std::vector<Formula>& parts) {
    size_t count = 0;
    for (const Formula& part : parts) count += CountParts(part);
    return count;
  }
};

struct AggregateVisitor {
  bool operator()(const ExprTerm&) const { return false; }
  bool operator()(const ExprDuration&) const { return false; }
  bool operator()(const ExprNot& node) const { return HoldsAggregate(*node.operand); }
  bool operator()(const ExprNegate& node) const { return HoldsAggregate(*node.operand); }
  bool operator()(const ExprBinary& node) const {
    return HoldsAggregate(*node.left) || HoldsAggregate(*node.right);
  }
  bool operator()(const ExprPossibly& node) const { return HoldsAggregate(*node.operand); }
  bool operator()(const ExprInList& node) const { return HoldsAggregate(*node.value); }
  bool operator()(const ExprCall& node) const {
    return IsAggregate(node.name) || std::any_of(node.arguments.begin(), node.arguments.end(),
                                                 [](const Expr& e) { return HoldsAggregate(e); });
  }
  bool operator()(const ExprExists&) const { return false; }
};

}  // namespace

std::vector<VariableUse> BoundVariables(const Formula& formula) {
  std::vector<VariableUse> uses, named, bound;
  Bind(formula, &uses);
  std::visit(NameVisitor{&named}, formula.node);
  for (const VariableUse& name : named) {
    for (const VariableUse& use : uses) {
      if (use.name == name.name) bound.push_back(use);
    }
  }
  return bound;
}

std::vector<VariableUse> BoundBesidesLists(const Formula& formula) {
  std::vector<VariableUse> uses;
  Bind(formula, &uses, /*lists=*/false);
  return uses;
}

std::vector<VariableUse> NeededVariables(const Formula& formula) {
  std::vector<VariableUse> uses;
  Need(formula, &uses);
  Subtract(BoundVariables(formula), &uses);
  return uses;
}

std::vector<VariableUse> VariablesReadBy(const Formula& formula) {
  std::vector<VariableUse> uses = NeededVariables(formula);
  std::visit(ReadByVisitor{&uses}, formula.node);
  return uses;
}

std::vector<VariableUse> VariablesOf(const Expr& expr) {
  std::vector<VariableUse> uses;
  Read(expr, &uses);
  return uses;
}

std::vector<VariableUse> VariablesSeenBy(const Expr& expr) {
  std::vector<VariableUse> uses;
  ReadVisitor{&uses, true}.Read(expr);
  return uses;
}

size_t CountParts(const Formula& formula) { return std::visit(PartCounter{}, formula.node); }

bool HoldsAggregate(const Expr& expr) { return std::visit(AggregateVisitor{}, expr.node); }

bool IsAggregate(const std::string& function) {
  static constexpr std::string_view kAggregates[] = {"count", "sum",  "avg",   "min",
                                                     "max",   "list", "first", "last"};
  return std::find(std::begin(kAggregates), std::end(kAggregates), function) !=
         std::end(kAggregates);
}

const TermExpr* ListedVariable(const Formula& formula) {
  const auto* condition = std::get_if<FormulaCondition>(&formula.node);
  if (condition == nullptr) return nullptr;
  const auto* list = std::get_if<ExprInList>(&condition->condition.node);
  if (list == nullptr) return nullptr;
  const auto* value = std::get_if<ExprTerm>(&list->value->node);
  if (value == nullptr || value->term.kind != TermExpr::Kind::kVariable) return nullptr;
  const bool constants =
      std::none_of(list->list.begin(), list->list.end(), [](const TermExpr& term) {
        return term.kind == TermExpr::Kind::kVariable || term.kind == TermExpr::Kind::kAnything;
      });
  return constants ? &value->term : nullptr;
}

std::vector<const Formula*> PartsOf(const Formula& formula) {
  std::vector<const Formula*> parts;
  if (const auto* conjunction = std::get_if<FormulaAnd>(&formula.node)) {
    for (const Formula& part : conjunction->parts) parts.push_back(&part);
  } else {
    parts.push_back(&formula);
  }
  return parts;
}

}  // namespace annals::native

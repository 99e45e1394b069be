// Formulas of the naive evaluator: groups, their parts in the order of the language's meaning.
#include <algorithm>

#include "query/native/scope.h"
#include "tests/oracle/naive.h"

namespace annals::oracle {

using native::Formula;
using native::Pattern;
using native::TermExpr;

namespace {

// The two together, if they agree; an empty value agrees with all.
std::optional<Binding> Merge(const Binding& a, const Binding& b) {
  Binding merged = a;
  for (const auto& [name, value] : b) {
    Term& mine = merged[name];
    if (mine.is_undefined()) {
      mine = value;
    } else if (!value.is_undefined() && !(mine == value)) {
      return std::nullopt;
    }
  }
  return merged;
}

// Does the formula read what one of the others binds?
bool ReadsAny(const native::Formula& formula, const std::vector<const native::Formula*>& others) {
  const auto needs = native::VariablesReadBy(formula);
  return std::any_of(others.begin(), others.end(), [&](const native::Formula* other) {
    const auto bound = native::BoundVariables(*other);
    return std::any_of(bound.begin(), bound.end(), [&](const auto& use) {
      return std::any_of(needs.begin(), needs.end(),
                         [&](const auto& need) { return need.name == use.name; });
    });
  });
}

const Formula& Inner(const Formula& formula) {
  const Formula* inner = &formula;
  while (const auto* group = std::get_if<native::FormulaGroup>(&inner->node)) {
    inner = group->formula.get();
  }
  return *inner;
}

// The parts of a group by what they do.
struct Parts {
  std::vector<const Formula*> joined, listed, optionals, lets, tests;
};

Parts Sorted(const std::vector<const Formula*>& parts) {
  Parts sorted;
  for (const Formula* part : parts) {
    if (std::holds_alternative<native::FormulaOptional>(part->node)) {
      sorted.optionals.push_back(part);
    } else if (std::holds_alternative<native::FormulaLet>(part->node)) {
      sorted.lets.push_back(part);
    } else if (std::holds_alternative<native::FormulaCondition>(part->node)) {
      (native::ListedVariable(*part) != nullptr ? sorted.listed : sorted.tests).push_back(part);
    } else if (std::holds_alternative<native::FormulaNot>(part->node)) {
      sorted.tests.push_back(part);
    } else {
      sorted.joined.push_back(part);
    }
  }
  // A let that reads another comes after it.
  std::stable_sort(sorted.lets.begin(), sorted.lets.end(), [](const Formula* a, const Formula* b) {
    const std::string& name = std::get<native::FormulaLet>(a->node).variable.text;
    const auto uses = native::VariablesOf(std::get<native::FormulaLet>(b->node).value);
    return std::any_of(uses.begin(), uses.end(), [&](const auto& use) { return use.name == name; });
  });
  return sorted;
}

std::vector<Binding> Joined(const std::vector<Binding>& left, const std::vector<Binding>& right) {
  std::vector<Binding> rows;
  for (const Binding& row : left) {
    for (const Binding& other : right) {
      if (auto merged = Merge(row, other)) rows.push_back(std::move(*merged));
    }
  }
  return rows;
}

// What a row's group sees: the row, and outside where that is empty.
Binding VisibleFrom(const Binding& row, const Binding& outside) {
  Binding visible = outside;
  for (const auto& [name, value] : row) {
    if (!value.is_undefined()) visible[name] = value;
  }
  return visible;
}

}  // namespace

Naive::Bindings Naive::EvaluateJoined(const Formula& part, const Binding& outside) const {
  if (const auto* pattern = std::get_if<Pattern>(&part.node)) return Match(*pattern);
  if (const auto* shortest = std::get_if<native::FormulaShortest>(&part.node)) {
    return MatchChains(*shortest->pattern, true, shortest->in_time_order, shortest->variable.text);
  }
  if (const auto* find = std::get_if<native::FormulaFind>(&part.node)) {
    return Subquestion(*find->find);
  }
  return Evaluate(part, outside);
}

// `and` distributes over `or`: where a nested group reads what its siblings bind, each of its
// branches has them.
std::optional<Naive::Bindings> Naive::EvaluateDistributed(const std::vector<const Formula*>& parts,
                                                          const Binding& outside,
                                                          const Names& bound) const {
  for (const Formula* part : Sorted(parts).joined) {
    std::vector<const Formula*> siblings = parts;
    const auto at = siblings.erase(std::find(siblings.begin(), siblings.end(), part));
    const auto place = at - siblings.begin();
    const Formula& inner = Inner(*part);
    if (!ReadsAny(inner, siblings)) continue;
    Bindings rows;
    const auto evaluate = [&](const Formula& branch) {
      std::vector<const Formula*> all = siblings;
      const std::vector<const Formula*> inside = native::PartsOf(branch);
      all.insert(all.begin() + place, inside.begin(), inside.end());
      for (Binding& row : EvaluateGroup(all, outside, bound)) rows.push_back(std::move(row));
    };
    if (const auto* either = std::get_if<native::FormulaOr>(&inner.node)) {
      for (const Formula& branch : either->parts) evaluate(branch);
    } else {
      evaluate(inner);
    }
    return Distinct(std::move(rows));
  }
  return std::nullopt;
}

Naive::Bindings Naive::WithOptional(const Bindings& rows, const Formula& inner,
                                    const Binding& outside) const {
  Bindings result;
  for (const Binding& row : rows) {
    const Binding visible = VisibleFrom(row, outside);
    bool matched = false;
    for (const Binding& other : Evaluate(inner, visible)) {
      if (!Merge(visible, other).has_value()) continue;
      result.push_back(*Merge(row, other));
      matched = true;
    }
    if (!matched) result.push_back(row);
  }
  return result;
}

bool Naive::Passes(const Formula& test, const Binding& visible) const {
  if (const auto* condition = std::get_if<native::FormulaCondition>(&test.node)) {
    return True(condition->condition, visible);
  }
  const Formula& inner = *std::get<native::FormulaNot>(test.node).formula;
  if (const auto* negated = std::get_if<native::FormulaCondition>(&inner.node)) {
    return !True(negated->condition, visible);
  }
  return !Exists(inner, visible);
}

Naive::Bindings Naive::EvaluateGroup(const std::vector<const Formula*>& parts,
                                     const Binding& outside, const Names& taken) const {
  // `?x in (...)` binds where nothing else of the group does.
  Names bound = taken, besides_lists = taken;
  for (const Formula* part : parts) {
    for (const auto& use : native::BoundBesidesLists(*part)) besides_lists.insert(use.name);
    if (native::ListedVariable(*part) != nullptr) continue;
    for (const auto& use : native::BoundVariables(*part)) bound.insert(use.name);
  }
  if (auto rows = EvaluateDistributed(parts, outside, besides_lists)) return *std::move(rows);
  Parts sorted = Sorted(parts);
  Bindings rows = {Binding()};
  for (const Formula* part : sorted.joined) rows = Joined(rows, EvaluateJoined(*part, outside));
  for (const Formula* part : sorted.listed) {
    const std::string& name = native::ListedVariable(*part)->text;
    if (!bound.insert(name).second) {
      sorted.tests.push_back(part);
      continue;
    }
    const auto& condition = std::get<native::FormulaCondition>(part->node).condition;
    Bindings values;
    for (const TermExpr& item : std::get<native::ExprInList>(condition.node).list) {
      values.push_back({{name, Constant(item, false, false)}});
    }
    rows = Joined(rows, Distinct(std::move(values)));
  }
  for (const Formula* part : sorted.optionals) {
    rows = WithOptional(rows, *std::get<native::FormulaOptional>(part->node).formula, outside);
  }
  for (const Formula* part : sorted.lets) {
    const auto& let = std::get<native::FormulaLet>(part->node);
    for (Binding& row : rows) {
      row[let.variable.text] = Value(let.value, VisibleFrom(row, outside), nullptr);
    }
  }
  std::erase_if(rows, [&](const Binding& row) {
    const Binding visible = VisibleFrom(row, outside);
    return !std::all_of(sorted.tests.begin(), sorted.tests.end(),
                        [&](const Formula* test) { return Passes(*test, visible); });
  });
  return Distinct(std::move(rows));
}

bool Naive::Exists(const Formula& formula, const Binding& row) const {
  const Bindings rows = Evaluate(formula, row);
  return std::any_of(rows.begin(), rows.end(),
                     [&](const Binding& other) { return Merge(row, other).has_value(); });
}

Naive::Bindings Naive::Evaluate(const Formula& formula, const Binding& outside) const {
  const Formula& inner = Inner(formula);
  const auto* either = std::get_if<native::FormulaOr>(&inner.node);
  if (either == nullptr) return EvaluateGroup(native::PartsOf(inner), outside);
  Bindings result;
  for (const Formula& branch : either->parts) {
    for (Binding& binding : EvaluateGroup(native::PartsOf(branch), outside)) {
      result.push_back(std::move(binding));
    }
  }
  return Distinct(std::move(result));
}

}  // namespace annals::oracle

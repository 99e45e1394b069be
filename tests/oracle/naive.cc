#include "tests/oracle/naive.h"

#include <algorithm>

#include "query/native/scope.h"
#include "query/native/terms.h"

namespace annals::oracle {

using native::Formula;
using native::Pattern;
using native::TermExpr;

namespace {

bool SameTime(const std::optional<Time>& a, const std::optional<Time>& b) { return a == b; }

const Term& ValueOf(const Binding& binding, const std::string& name) {
  static const Term kEmpty;
  const auto found = binding.find(name);
  return found == binding.end() ? kEmpty : found->second;
}

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

std::vector<Binding> Distinct(std::vector<Binding> bindings) {
  std::vector<Binding> result;
  std::set<std::string> seen;
  for (Binding& binding : bindings) {
    std::string key;
    for (const auto& [name, value] : binding) {
      if (value.is_undefined()) continue;
      const std::string unique = UniqueKey(value);
      key += name + '=' + std::to_string(unique.size()) + ':' + unique + ';';
    }
    if (seen.insert(key).second) result.push_back(std::move(binding));
  }
  return result;
}

const Formula& Inner(const Formula& formula) {
  const Formula* inner = &formula;
  while (const auto* group = std::get_if<native::FormulaGroup>(&inner->node)) {
    inner = group->formula.get();
  }
  return *inner;
}

}  // namespace

uint64_t World::Tell(const Term& subject, const Term& predicate, const Term& object,
                     const std::optional<Time>& time, const std::string& source) {
  for (NaiveFact& fact : facts) {
    if (fact.subject == subject && fact.predicate == predicate && fact.object == object &&
        SameTime(fact.time, time)) {
      fact.sources.insert(source);
      return fact.number;
    }
  }
  facts.push_back({next_number, subject, predicate, object, time, {source}});
  return next_number++;
}

void World::Remove(uint64_t number) {
  std::erase_if(facts, [&](const NaiveFact& fact) { return fact.number == number; });
  std::vector<uint64_t> about;
  for (const NaiveFact& fact : facts) {
    const auto* reference = fact.subject.As<FactRef>();
    if (reference != nullptr && reference->number == number) about.push_back(fact.number);
  }
  for (uint64_t qualifier : about) Remove(qualifier);
}

const NaiveFact* World::Find(uint64_t number) const {
  for (const NaiveFact& fact : facts) {
    if (fact.number == number) return &fact;
  }
  return nullptr;
}

Term Naive::Constant(const TermExpr& expr, bool name_place, bool date_place) const {
  Term term;
  switch (expr.kind) {
    case TermExpr::Kind::kString:
      return Term(Text{expr.text, expr.language});
    case TermExpr::Kind::kQuotedName:
      term = Term(Name{expr.text});
      break;
    default:
      if (date_place && Time::LooksLikeBareYear(expr.text)) return Term(*Time::Parse(expr.text));
      term = name_place ? Term(Name{expr.text}) : *ParseBareTerm(expr.text);
  }
  if (const auto* name = term.As<Name>()) {
    const auto alias = world_.aliases.find(name->text);
    if (alias != world_.aliases.end()) return Term(Name{alias->second});
  }
  return term;
}

bool Naive::Bind(const TermExpr& expr, const Term& value, bool name_place, Binding* binding) const {
  if (expr.kind == TermExpr::Kind::kAnything) return true;
  if (expr.kind != TermExpr::Kind::kVariable) return Constant(expr, name_place, false) == value;
  const auto [place, fresh] = binding->emplace(expr.text, value);
  return fresh || place->second == value;
}

bool Naive::MatchFact(const Pattern& pattern, const NaiveFact& fact, bool mirrored,
                      Bindings* out) const {
  Binding binding;
  const auto& predicate = std::get<native::PathStep>(pattern.predicate.node).term;
  if (!Bind(pattern.subject, mirrored ? fact.object : fact.subject, true, &binding) ||
      !Bind(predicate, fact.predicate, true, &binding) ||
      !Bind(pattern.object, mirrored ? fact.subject : fact.object, false, &binding)) {
    return false;
  }
  if (pattern.time.has_value()) {
    if (!fact.time.has_value()) return false;
    if (pattern.time->kind == TermExpr::Kind::kVariable) {
      if (!Bind(*pattern.time, Term(*fact.time), false, &binding)) return false;
    } else if (pattern.time->kind == TermExpr::Kind::kWord &&
               !SharesInstant(*Time::Parse(pattern.time->text), *fact.time)) {
      return false;
    }
  }
  if (pattern.fact.has_value() &&
      !Bind(*pattern.fact, Term(FactRef{fact.number}), false, &binding)) {
    return false;
  }
  // One binding for each source and each choice of qualifiers, all from that source.
  std::vector<std::optional<std::string>> sources = {std::nullopt};
  if (pattern.source.has_value()) {
    sources.clear();
    for (const std::string& source : fact.sources) {
      if (!source.empty()) sources.emplace_back(source);
    }
  }
  for (const auto& source : sources) {
    Binding with_source = binding;
    if (source.has_value() && !Bind(*pattern.source, Term(Name{*source}), true, &with_source)) {
      continue;
    }
    Bindings choices = {with_source};
    for (const native::Qualifier& qualifier : pattern.qualifiers) {
      Bindings next;
      for (const Binding& choice : choices) {
        for (const NaiveFact& about : world_.facts) {
          const auto* reference = about.subject.As<FactRef>();
          if (reference == nullptr || reference->number != fact.number) continue;
          if (source.has_value() && about.sources.count(*source) == 0) continue;
          Binding extended = choice;
          TermExpr value = qualifier.value;
          const bool date = native::PlaceOfQualifier(qualifier.key) == native::Place::kDate;
          if (!Bind(qualifier.key, about.predicate, true, &extended)) continue;
          if (value.kind == TermExpr::Kind::kWord) {
            if (!(Constant(value, false, date) == about.object)) continue;
          } else if (!Bind(value, about.object, false, &extended)) {
            continue;
          }
          next.push_back(std::move(extended));
        }
      }
      choices = std::move(next);
    }
    for (Binding& choice : choices) out->push_back(std::move(choice));
  }
  return true;
}

Naive::Bindings Naive::Match(const Pattern& pattern) const {
  Bindings result;
  for (const NaiveFact& fact : world_.facts) {
    MatchFact(pattern, fact, false, &result);
    const auto* predicate = fact.predicate.As<Name>();
    if (predicate != nullptr && world_.symmetric.count(predicate->text) > 0) {
      MatchFact(pattern, fact, true, &result);
    }
  }
  return Distinct(std::move(result));
}

Naive::Bindings Naive::Subquestion(const native::Find& find) const {
  const Answer answer = Ask(find);
  Bindings result;
  for (const std::vector<Term>& row : answer.rows) {
    Binding& binding = result.emplace_back();
    for (size_t i = 0; i < row.size(); ++i) binding[answer.columns[i]] = row[i];
  }
  return result;
}

Naive::Bindings Naive::EvaluateJoined(const Formula& part, const Binding& outside) const {
  if (const auto* pattern = std::get_if<Pattern>(&part.node)) return Match(*pattern);
  if (const auto* find = std::get_if<native::FormulaFind>(&part.node)) {
    return Subquestion(*find->find);
  }
  return Evaluate(part, outside);
}

Naive::Bindings Naive::EvaluateGroup(const std::vector<const Formula*>& parts,
                                     const Binding& outside) const {
  std::vector<const Formula*> first, needy, optionals, lets, tests;
  std::vector<const Formula*> listed;
  for (const Formula* part : parts) {
    if (std::holds_alternative<native::FormulaOptional>(part->node)) {
      optionals.push_back(part);
    } else if (std::holds_alternative<native::FormulaLet>(part->node)) {
      lets.push_back(part);
    } else if (std::holds_alternative<native::FormulaCondition>(part->node)) {
      (native::ListedVariable(*part) != nullptr ? listed : tests).push_back(part);
    } else if (std::holds_alternative<native::FormulaNot>(part->node)) {
      tests.push_back(part);
    } else {
      (native::NeededVariables(Inner(*part)).empty() ? first : needy).push_back(part);
    }
  }
  // `?x in (...)` binds where nothing else of the group does.
  std::set<std::string> bound;
  for (const Formula* part : parts) {
    if (native::ListedVariable(*part) != nullptr) continue;
    for (const auto& use : native::BoundVariables(*part)) bound.insert(use.name);
  }
  Bindings rows = {Binding()};
  const auto join = [&](const Bindings& with) {
    Bindings next;
    for (const Binding& row : rows) {
      for (const Binding& other : with) {
        if (auto merged = Merge(row, other)) next.push_back(std::move(*merged));
      }
    }
    rows = std::move(next);
  };
  for (const Formula* part : first) join(EvaluateJoined(*part, outside));
  for (const Formula* part : listed) {
    const std::string& name = native::ListedVariable(*part)->text;
    if (bound.count(name) > 0) {
      tests.push_back(part);
      continue;
    }
    bound.insert(name);
    const auto& list =
        std::get<native::ExprInList>(std::get<native::FormulaCondition>(part->node).condition.node);
    Bindings values;
    for (const TermExpr& item : list.list) values.push_back({{name, Constant(item, false, false)}});
    join(Distinct(std::move(values)));
  }
  // `and` distributes over `or`: a nested group that needs its siblings is evaluated for each row.
  for (const Formula* part : needy) {
    Bindings next;
    for (const Binding& row : rows) {
      Binding visible = outside;
      for (const auto& [name, value] : row) visible[name] = value;
      for (const Binding& other : EvaluateJoined(*part, visible)) {
        if (auto merged = Merge(row, other)) next.push_back(std::move(*merged));
      }
    }
    rows = std::move(next);
  }
  const auto visible_with = [&](const Binding& row) {
    Binding visible = outside;
    for (const auto& [name, value] : row) visible[name] = value;
    return visible;
  };
  for (const Formula* part : optionals) {
    const Formula& inner = *std::get<native::FormulaOptional>(part->node).formula;
    Bindings next;
    for (const Binding& row : rows) {
      bool matched = false;
      for (const Binding& other : Evaluate(inner, visible_with(row))) {
        if (auto merged = Merge(row, other)) {
          next.push_back(std::move(*merged));
          matched = true;
        }
      }
      if (!matched) next.push_back(row);
    }
    rows = std::move(next);
  }
  for (const Formula* part : lets) {
    const auto& let = std::get<native::FormulaLet>(part->node);
    for (Binding& row : rows) row[let.variable.text] = Value(let.value, visible_with(row), nullptr);
  }
  Bindings kept;
  for (const Binding& row : rows) {
    const Binding visible = visible_with(row);
    const bool passes = std::all_of(tests.begin(), tests.end(), [&](const Formula* part) {
      if (const auto* condition = std::get_if<native::FormulaCondition>(&part->node)) {
        return True(condition->condition, visible);
      }
      const Formula& inner = *std::get<native::FormulaNot>(part->node).formula;
      if (const auto* negated = std::get_if<native::FormulaCondition>(&inner.node)) {
        return !True(negated->condition, visible);
      }
      const Bindings found = Evaluate(inner, visible);
      return std::none_of(found.begin(), found.end(),
                          [&](const Binding& other) { return Merge(row, other).has_value(); });
    });
    if (passes) kept.push_back(row);
  }
  return Distinct(std::move(kept));
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

Answer Naive::Ask(const native::Find& find) const {
  Answer answer;
  Bindings rows = {Binding()};
  std::vector<std::string> variables;
  if (find.where.has_value()) {
    for (const auto& use : native::BoundVariables(*find.where)) variables.push_back(use.name);
    rows = Evaluate(*find.where, {});
    for (Binding& row : rows) {
      for (const std::string& name : variables) row.emplace(name, Term());
    }
    rows = Distinct(std::move(rows));
  }
  std::vector<std::pair<Binding, std::vector<Term>>> shown;  // with the columns by name
  if (!find.is_find) {
    answer.columns = variables;
    for (const Binding& row : rows) {
      std::vector<Term> values;
      for (const std::string& name : variables) values.push_back(ValueOf(row, name));
      shown.emplace_back(row, std::move(values));
    }
    answer.yes = !rows.empty();
  } else {
    bool grouped = find.having.has_value() && native::HoldsAggregate(*find.having);
    bool keyed = false;
    for (const native::FindItem& item : find.items) {
      answer.columns.push_back(item.name);
      (native::HoldsAggregate(item.value) ? grouped : keyed) = true;
    }
    std::vector<std::pair<std::vector<Term>, Bindings>> groups;
    for (const Binding& row : rows) {
      std::vector<Term> keys;
      for (const native::FindItem& item : find.items) {
        keys.push_back(native::HoldsAggregate(item.value) ? Term()
                                                          : Value(item.value, row, nullptr));
      }
      const auto same = std::find_if(groups.begin(), groups.end(),
                                     [&](const auto& group) { return group.first == keys; });
      if (same == groups.end()) {
        groups.emplace_back(std::move(keys), Bindings{row});
      } else {
        same->second.push_back(row);
      }
    }
    if (grouped && !keyed && groups.empty()) {
      groups.emplace_back(std::vector<Term>(find.items.size()), Bindings());
    }
    for (auto& [keys, members] : groups) {
      Binding named;
      for (size_t i = 0; i < find.items.size(); ++i) {
        if (native::HoldsAggregate(find.items[i].value)) {
          keys[i] = Value(find.items[i].value, {}, &members);
        }
        named[find.items[i].name] = keys[i];
      }
      if (find.having.has_value()) {
        const Term kept = Value(*find.having, named, &members);
        if (kept.As<bool>() == nullptr || !*kept.As<bool>()) continue;
      }
      shown.emplace_back(named, keys);
    }
  }
  std::stable_sort(shown.begin(), shown.end(), [&](const auto& a, const auto& b) {
    for (const native::OrderKey& key : find.order) {
      const auto& term = std::get<native::ExprTerm>(key.value.node).term;
      const int order = CompareForOrder(ValueOf(a.first, term.text), ValueOf(b.first, term.text));
      if (order != 0) return key.descending ? order > 0 : order < 0;
    }
    return false;
  });
  const size_t offset = find.offset.has_value() ? std::stoull(find.offset->value.text) : 0;
  size_t end = shown.size();
  if (find.limit.has_value()) {
    end = std::min<size_t>(end, offset + std::stoull(find.limit->value.text));
    const auto tied = [&](size_t i) {
      return std::all_of(find.order.begin(), find.order.end(), [&](const native::OrderKey& key) {
        const auto& term = std::get<native::ExprTerm>(key.value.node).term;
        return CompareForOrder(ValueOf(shown[i].first, term.text),
                               ValueOf(shown[end - 1].first, term.text)) == 0;
      });
    };
    if (find.with_ties && end > 0 && end > offset) {
      size_t more = end;
      while (more < shown.size() && tied(more)) ++more;
      end = more;
    }
  }
  for (size_t i = offset; i < end; ++i) answer.rows.push_back(std::move(shown[i].second));
  return answer;
}

}  // namespace annals::oracle

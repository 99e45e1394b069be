#include "tests/oracle/naive.h"

#include <algorithm>
#include <iterator>

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

bool IsSymmetric(const World& world, const NaiveFact& fact) {
  const auto* predicate = fact.predicate.As<Name>();
  return predicate != nullptr && world.symmetric.count(predicate->text) > 0;
}

bool IsOneStep(const native::Path& path) {
  if (const auto* inverse = std::get_if<native::PathInverse>(&path.node)) {
    return IsOneStep(*inverse->path);
  }
  if (const auto* ways = std::get_if<native::PathAlternative>(&path.node)) {
    return std::all_of(ways->parts.begin(), ways->parts.end(), IsOneStep);
  }
  return std::holds_alternative<native::PathStep>(path.node) ||
         std::holds_alternative<native::PathNegated>(path.node);
}

// Predicates after `!`, with whether they stand after a `^`.
void Listed(const native::Path& path, bool backward,
            std::vector<std::pair<std::string, bool>>* listed) {
  if (const auto* inverse = std::get_if<native::PathInverse>(&path.node)) {
    Listed(*inverse->path, !backward, listed);
  } else if (const auto* ways = std::get_if<native::PathAlternative>(&path.node)) {
    for (const native::Path& way : ways->parts) Listed(way, backward, listed);
  } else {
    listed->emplace_back(std::get<native::PathStep>(path.node).term.text, backward);
  }
}

bool FitsNegated(const World&, const native::PathNegated& path, const NaiveFact& fact,
                 bool backward) {
  std::vector<std::pair<std::string, bool>> listed;
  Listed(*path.path, false, &listed);
  bool any = false, other = true;
  for (const auto& [name, is_backward] : listed) {
    if (is_backward != backward) continue;
    any = true;
    other &= !(fact.predicate == Term(Name{name}));
  }
  return any && other;
}

// What matters of a chain of facts to what comes before and after it.
struct Chain {
  std::vector<uint64_t> facts;
  int64_t latest_start = INT64_MIN, earliest_end = INT64_MAX;

  bool ComesBefore(const Chain& other) const {
    if (facts.size() != other.facts.size()) return facts.size() < other.facts.size();
    return facts < other.facts;
  }
  // Whatever the other one can be part of, this one can, and is not the worse choice.
  bool IsNoWorse(const Chain& other) const {
    return !other.ComesBefore(*this) && latest_start <= other.latest_start &&
           earliest_end >= other.earliest_end;
  }
};
using Chains = std::map<std::pair<std::string, std::string>, std::vector<Chain>>;

// The chains of a path between all ends, put together from those of its parts.
struct ChainMaker {
  const World& world;
  const Pattern& pattern;
  bool shortest, ordered;
  const std::map<std::string, Term>& terms;

  static bool Add(const std::pair<std::string, std::string>& ends, const Chain& chain,
                  Chains* chains) {
    std::vector<Chain>& known = (*chains)[ends];
    for (const Chain& other : known) {
      if (other.IsNoWorse(chain)) return false;
    }
    std::erase_if(known, [&](const Chain& other) { return chain.IsNoWorse(other); });
    known.push_back(chain);
    return true;
  }
  static bool AddAll(const Chains& more, Chains* chains) {
    bool changed = false;
    for (const auto& [ends, some] : more) {
      for (const Chain& chain : some) changed |= Add(ends, chain, chains);
    }
    return changed;
  }
  static Chains Then(const Chains& first, const Chains& second) {
    Chains result;
    for (const auto& [begin, before] : first) {
      for (const auto& [end, after] : second) {
        if (begin.second != end.first) continue;
        for (const Chain& a : before) {
          for (const Chain& b : after) {
            if (a.latest_start > b.earliest_end) continue;
            Chain both = a;
            both.facts.insert(both.facts.end(), b.facts.begin(), b.facts.end());
            both.latest_start = std::max(a.latest_start, b.latest_start);
            both.earliest_end = std::min(a.earliest_end, b.earliest_end);
            Add({begin.first, end.second}, both, &result);
          }
        }
      }
    }
    return result;
  }

  Chains Of(const native::Path& path) const {
    if (const auto* inverse = std::get_if<native::PathInverse>(&path.node)) {
      return Inverse(*inverse->path);
    }
    if (const auto* ways = std::get_if<native::PathAlternative>(&path.node)) {
      Chains result;
      for (const native::Path& way : ways->parts) AddAll(Of(way), &result);
      return result;
    }
    if (const auto* sequence = std::get_if<native::PathSequence>(&path.node)) {
      Chains result = Of(sequence->parts[0]);
      for (size_t i = 1; i < sequence->parts.size(); ++i)
        result = Then(result, Of(sequence->parts[i]));
      return result;
    }
    if (const auto* repeat = std::get_if<native::PathRepeat>(&path.node)) {
      return Repeated(Of(*repeat->path), *repeat);
    }
    return Steps(path, false);
  }

  // ^(a/b) is ^b/^a: the facts of a chain keep the order in which it passes them.
  Chains Inverse(const native::Path& path) const {
    if (const auto* inverse = std::get_if<native::PathInverse>(&path.node)) {
      return Of(*inverse->path);
    }
    if (const auto* ways = std::get_if<native::PathAlternative>(&path.node)) {
      Chains result;
      for (const native::Path& way : ways->parts) AddAll(Inverse(way), &result);
      return result;
    }
    if (const auto* sequence = std::get_if<native::PathSequence>(&path.node)) {
      Chains result = Inverse(sequence->parts.back());
      for (size_t i = sequence->parts.size() - 1; i-- > 0;) {
        result = Then(result, Inverse(sequence->parts[i]));
      }
      return result;
    }
    if (const auto* repeat = std::get_if<native::PathRepeat>(&path.node)) {
      return Repeated(Inverse(*repeat->path), *repeat);
    }
    return Steps(path, true);
  }

  Chains Repeated(const Chains& once, const native::PathRepeat& repeat) const {
    Chains power;
    for (const auto& [key, term] : terms) Add({key, key}, Chain(), &power);
    for (uint64_t i = 0; i < repeat.least; ++i) power = Then(power, once);
    Chains result = power;
    for (uint64_t i = repeat.least; !repeat.most.has_value() || i < *repeat.most; ++i) {
      power = Then(power, once);
      if (!AddAll(power, &result) && !repeat.most.has_value()) break;
    }
    return result;
  }

  Chains Steps(const native::Path& path, bool inverse) const {
    Chains result;
    const auto* plain = std::get_if<native::PathStep>(&path.node);
    const auto* negated = std::get_if<native::PathNegated>(&path.node);
    for (const NaiveFact& fact : world.facts) {
      if (!InTime(fact)) continue;
      Chain chain;
      // Of a plain path only the ends count.
      if (shortest) chain.facts = {fact.number};
      if (ordered) {
        chain.latest_start = fact.time->first();
        chain.earliest_end = fact.time->last();
      }
      for (const bool backward : {false, true}) {
        if (plain != nullptr) {
          const bool fits = plain->term.kind == TermExpr::Kind::kAnything ||
                            fact.predicate == Term(Name{plain->term.text});
          if (backward || !fits) continue;
        } else if (!FitsNegated(world, *negated, fact, backward)) {
          continue;
        }
        const std::string subject = UniqueKey(fact.subject), object = UniqueKey(fact.object);
        const bool turned = backward != inverse;
        const bool both = IsSymmetric(world, fact);
        if (!turned || both) Add({subject, object}, chain, &result);
        if (turned || both) Add({object, subject}, chain, &result);
      }
    }
    return result;
  }

  bool InTime(const NaiveFact& fact) const {
    if ((pattern.time.has_value() || ordered) && !fact.time.has_value()) return false;
    return !pattern.time.has_value() || pattern.time->kind != TermExpr::Kind::kWord ||
           SharesInstant(*Time::Parse(pattern.time->text), *fact.time);
  }
};

}  // namespace

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

// Without a predicate any fits.
bool Naive::MatchFact(const Pattern& pattern, const TermExpr* predicate, const NaiveFact& fact,
                      bool mirrored, Bindings* out) const {
  Binding binding;
  if (!Bind(pattern.subject, mirrored ? fact.object : fact.subject, true, &binding) ||
      (predicate != nullptr && !Bind(*predicate, fact.predicate, true, &binding)) ||
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

// A path of exactly one step.
void Naive::MatchStep(const Pattern& pattern, const native::Path& step, bool inverse,
                      Bindings* out) const {
  if (const auto* inner = std::get_if<native::PathInverse>(&step.node)) {
    return MatchStep(pattern, *inner->path, !inverse, out);
  }
  if (const auto* ways = std::get_if<native::PathAlternative>(&step.node)) {
    for (const native::Path& way : ways->parts) MatchStep(pattern, way, inverse, out);
    return;
  }
  const auto* plain = std::get_if<native::PathStep>(&step.node);
  const auto* negated = std::get_if<native::PathNegated>(&step.node);
  for (const NaiveFact& fact : world_.facts) {
    for (const bool mirrored : {false, true}) {
      if (mirrored && !IsSymmetric(world_, fact)) continue;
      // `!^a` goes backwards.
      for (const bool backward : {false, true}) {
        if (negated == nullptr ? backward : !FitsNegated(world_, *negated, fact, backward))
          continue;
        MatchFact(pattern, plain == nullptr ? nullptr : &plain->term, fact,
                  (mirrored != inverse) != backward, out);
      }
    }
  }
}

Naive::Bindings Naive::Match(const Pattern& pattern) const {
  if (!IsOneStep(pattern.predicate)) return MatchChains(pattern, false, false, "");
  Bindings result;
  MatchStep(pattern, pattern.predicate, false, &result);
  return Distinct(std::move(result));
}

// The identity of the terms that are in facts, and of constant ends, is a chain of no facts.
Naive::Bindings Naive::MatchChains(const Pattern& pattern, bool shortest, bool ordered,
                                   const std::string& variable) const {
  std::map<std::string, Term> terms;
  for (const NaiveFact& fact : world_.facts) {
    for (const Term* term : {&fact.subject, &fact.object}) terms[UniqueKey(*term)] = *term;
  }
  for (const bool subject : {true, false}) {
    const TermExpr& end = subject ? pattern.subject : pattern.object;
    if (end.kind == TermExpr::Kind::kAnything || end.kind == TermExpr::Kind::kVariable) continue;
    const Term term = Constant(end, subject, false);
    const auto* name = term.As<Name>();
    // The only name that nothing may have.
    if (name == nullptr || name->text != "Kim") terms[UniqueKey(term)] = term;
  }
  ChainMaker maker{world_, pattern, shortest, ordered, terms};
  Bindings result;
  for (const auto& [ends, chains] : maker.Of(pattern.predicate)) {
    Binding binding;
    if (!Bind(pattern.subject, terms[ends.first], true, &binding) ||
        !Bind(pattern.object, terms[ends.second], false, &binding)) {
      continue;
    }
    if (shortest) {
      const Chain* best = nullptr;
      for (const Chain& chain : chains) {
        if (best == nullptr || chain.ComesBefore(*best)) best = &chain;
      }
      TermList facts;
      for (const uint64_t fact : best->facts) facts.push_back(Term(FactRef{fact}));
      binding[variable] = Term(Term::Value(std::move(facts)));
    }
    result.push_back(std::move(binding));
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

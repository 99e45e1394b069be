#include "tests/unit/exec/reference.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "query/functions/arithmetic.h"
#include "query/functions/function.h"

namespace annals::exec {
namespace {

using algebra::AggregateFunction;
using algebra::Plan;

Term ValueOf(const ReferenceRow& row, const std::string& variable) {
  const auto found = row.find(variable);
  return found == row.end() ? Term() : found->second;
}

void Set(ReferenceRow* row, const std::string& variable, const Term& value) {
  if (!value.is_undefined()) (*row)[variable] = value;
}

bool Agree(const ReferenceRow& a, const ReferenceRow& b) {
  return std::all_of(a.begin(), a.end(), [&](const auto& entry) {
    const auto found = b.find(entry.first);
    return found == b.end() || found->second == entry.second;
  });
}

ReferenceRow Merged(ReferenceRow a, const ReferenceRow& b) {
  a.insert(b.begin(), b.end());
  return a;
}

class SampleFunctions : public functions::EvaluationContext {
 public:
  explicit SampleFunctions(const MemorySource& source) : source_(source) {}
  absl::StatusOr<std::optional<functions::FactTerms>> GetFact(uint64_t number) override {
    const auto fact = *source_.GetFact(number);
    if (!fact) return std::optional<functions::FactTerms>();
    return functions::FactTerms{source_.TermOf(fact->subject), source_.TermOf(fact->predicate),
                                source_.TermOf(fact->object), source_.TermOf(fact->time)};
  }
  absl::StatusOr<std::vector<Term>> SourcesOf(uint64_t fact) override {
    std::vector<Term> terms;
    const std::vector<TermId> sources = source_.SourcesOf(fact).value();
    for (const TermId id : sources) {
      if (!id.is_undefined()) terms.push_back(source_.TermOf(id));
    }
    return terms;
  }
  absl::StatusOr<std::vector<Term>> QualifiersOf(uint64_t, std::string_view) override {
    return std::vector<Term>();
  }
  int64_t now() const override { return 0; }
  const std::string& base_iri() const override { return source_.base_iri(); }

 private:
  const MemorySource& source_;
};

class Evaluation {
 public:
  explicit Evaluation(const MemorySource& source) : source_(source), functions_(source) {}

  ReferenceRows Rows(const Plan& plan) {
    return std::visit([this](const auto& node) { return One(node); }, plan.node);
  }

 private:
  static bool Slot(const algebra::Slot& slot, TermId id, std::map<std::string, TermId>* row) {
    if (slot.kind == algebra::Slot::Kind::kAny) return true;
    if (slot.kind == algebra::Slot::Kind::kConstant) return slot.id == id;
    return row->emplace(slot.variable, id).first->second == id;
  }

  ReferenceRows One(const algebra::Unit&) { return {{}}; }
  ReferenceRows One(const algebra::Empty&) { return {}; }
  ReferenceRows One(const algebra::Values& node) {
    ReferenceRows rows;
    for (const auto& values : node.rows) {
      auto& row = rows.emplace_back();
      for (size_t i = 0; i < values.size(); ++i) Set(&row, node.variables[i], values[i]);
    }
    return rows;
  }
  ReferenceRows One(const algebra::Scan& node) {
    ReferenceRows rows;
    std::set<uint64_t> seen;
    for (const auto& [fact, source] : source_.assertions()) {
      if (!node.with_source && !seen.insert(fact.number).second) continue;
      if (node.with_source && source.is_undefined()) continue;
      if ((node.dated || node.window) && fact.time.is_undefined()) continue;
      if (node.window) {
        const Term time = source_.TermOf(fact.time);
        if (time.As<Time>()->first() > node.window->last ||
            time.As<Time>()->last() < node.window->first) {
          continue;
        }
      }
      std::map<std::string, TermId> row;
      if (Slot(node.subject, fact.subject, &row) && Slot(node.predicate, fact.predicate, &row) &&
          Slot(node.object, fact.object, &row) && Slot(node.time, fact.time, &row) &&
          Slot(node.fact, TermId::Fact(fact.number), &row) &&
          (!node.with_source || Slot(node.source, source, &row))) {
        auto& terms = rows.emplace_back();
        for (const auto& [variable, id] : row) Set(&terms, variable, source_.TermOf(id));
      }
    }
    return rows;
  }
  // What follows from a place of the path and a term, until nothing new does. No chains.
  ReferenceRows One(const algebra::Path& node) {
    std::set<TermId> nodes;
    for (const auto& [fact, source] : source_.assertions()) {
      nodes.insert(fact.subject);
      nodes.insert(fact.object);
    }
    std::set<std::tuple<TermId, TermId, uint32_t>> known;
    for (const TermId start : nodes) known.emplace(start, start, 0);
    for (const algebra::Slot* slot : {&node.from, &node.to}) {
      if (slot->kind == algebra::Slot::Kind::kConstant) known.emplace(slot->id, slot->id, 0);
    }
    for (size_t before = 0; before != known.size();) {
      before = known.size();
      const auto all = known;
      for (const auto& [start, at, place] : all) {
        for (const uint32_t next : node.places[place].next) {
          for (const TermId to : Followed(node, node.places[next], at)) {
            known.emplace(start, to, next);
          }
        }
      }
    }
    std::set<std::pair<TermId, TermId>> pairs;
    for (const auto& [start, end, place] : known) {
      if (node.places[place].last) pairs.emplace(start, end);
    }
    ReferenceRows rows;
    for (const auto& [from, to] : pairs) {
      std::map<std::string, TermId> row;
      if (!Slot(node.from, from, &row) || !Slot(node.to, to, &row)) continue;
      auto& terms = rows.emplace_back();
      for (const auto& [variable, id] : row) Set(&terms, variable, source_.TermOf(id));
    }
    return rows;
  }
  std::set<TermId> Followed(const algebra::Path& path, const algebra::PathPlace& place,
                            TermId end) {
    std::set<TermId> ends;
    for (const auto& [fact, source] : source_.assertions()) {
      if ((path.dated || path.window) && fact.time.is_undefined()) continue;
      if (path.window) {
        const Term time = source_.TermOf(fact.time);
        if (time.As<Time>()->first() > path.window->last ||
            time.As<Time>()->last() < path.window->first) {
          continue;
        }
      }
      for (const algebra::PathWay& way : place.ways) {
        if (way.predicate.has_value() && *way.predicate != fact.predicate) continue;
        if (std::count(way.except.begin(), way.except.end(), fact.predicate) > 0) continue;
        if ((way.backward ? fact.object : fact.subject) != end) continue;
        ends.insert(way.backward ? fact.subject : fact.object);
      }
    }
    return ends;
  }
  ReferenceRows One(const algebra::Join& node) { return Joined(node.children); }
  ReferenceRows Joined(const std::vector<algebra::PlanPtr>& children) {
    ReferenceRows rows = {{}};
    for (const auto& child : children) {
      ReferenceRows next;
      for (const auto& right : Rows(*child)) {
        for (const auto& left : rows) {
          if (Agree(left, right)) next.push_back(Merged(left, right));
        }
      }
      rows.swap(next);
    }
    return rows;
  }
  ReferenceRows One(const algebra::MultiwayJoin& node) {
    ReferenceRows distinct;
    for (const ReferenceRow& row : Joined(node.children)) {
      ReferenceRow shown;
      for (size_t i = 0; i < node.shown; ++i) {
        Set(&shown, node.variables[i], ValueOf(row, node.variables[i]));
      }
      if (std::find(distinct.begin(), distinct.end(), shown) == distinct.end()) {
        distinct.push_back(std::move(shown));
      }
    }
    return distinct;
  }

  // For each left row the right rows that agree and fulfil the conditions, merged with it.
  template <typename Node>
  std::vector<std::pair<ReferenceRow, ReferenceRows>> Matches(const Node& node) {
    const ReferenceRows left = Rows(*node.left);
    if (node.outer != 0) outers_[node.outer] = left;
    const ReferenceRows right = Rows(*node.right);
    std::vector<std::pair<ReferenceRow, ReferenceRows>> matches;
    for (const auto& a : left) {
      auto& entry = matches.emplace_back(a, ReferenceRows());
      for (const auto& b : right) {
        if (!Agree(a, b)) continue;
        const ReferenceRow merged = Merged(a, b);
        if (AllTrue(node.conditions, merged)) entry.second.push_back(merged);
      }
    }
    return matches;
  }
  ReferenceRows One(const algebra::LeftJoin& node) {
    ReferenceRows rows;
    for (const auto& [left, merged] : Matches(node)) {
      if (merged.empty()) rows.push_back(left);
      rows.insert(rows.end(), merged.begin(), merged.end());
    }
    return rows;
  }
  ReferenceRows One(const algebra::SemiJoin& node) {
    ReferenceRows rows;
    for (const auto& [left, merged] : Matches(node)) {
      if (!merged.empty()) rows.push_back(left);
    }
    return rows;
  }
  ReferenceRows One(const algebra::AntiJoin& node) {
    ReferenceRows rows;
    for (const auto& [left, merged] : Matches(node)) {
      if (merged.empty()) rows.push_back(left);
    }
    return rows;
  }
  ReferenceRows One(const algebra::OuterRef& node) {
    ReferenceRows rows;
    for (const auto& outer : outers_.at(node.number)) {
      ReferenceRow row;
      for (const auto& variable : node.variables) Set(&row, variable, ValueOf(outer, variable));
      if (std::find(rows.begin(), rows.end(), row) == rows.end()) rows.push_back(row);
    }
    return rows;
  }
  ReferenceRows One(const algebra::Union& node) {
    ReferenceRows rows;
    for (const auto& child : node.children) {
      const ReferenceRows more = Rows(*child);
      rows.insert(rows.end(), more.begin(), more.end());
    }
    return rows;
  }
  ReferenceRows One(const algebra::Filter& node) {
    ReferenceRows rows = Rows(*node.child);
    std::erase_if(rows, [&](const auto& row) { return !AllTrue(node.conditions, row); });
    return rows;
  }
  ReferenceRows One(const algebra::Extend& node) {
    ReferenceRows rows = Rows(*node.child);
    for (auto& row : rows) Set(&row, node.variable, Value(*node.expression, row));
    return rows;
  }
  ReferenceRows One(const algebra::Project& node) {
    ReferenceRows rows;
    for (const auto& row : Rows(*node.child)) {
      auto& kept = rows.emplace_back();
      for (const auto& variable : node.variables) Set(&kept, variable, ValueOf(row, variable));
    }
    return rows;
  }
  // Each pair that can be one is made one until there is none; nothing of the operator's order.
  ReferenceRows One(const algebra::Coalesce& node) {
    ReferenceRows rows = Rows(*node.child);
    const auto one = [&](const ReferenceRow& a, const ReferenceRow& b) -> std::optional<Term> {
      for (const auto& [variable, value] : a) {
        if (variable != node.time && !(ValueOf(b, variable) == value)) return std::nullopt;
      }
      const Term x = ValueOf(a, node.time), y = ValueOf(b, node.time);
      const Time *s = x.As<Time>(), *t = y.As<Time>();
      if (s == nullptr || t == nullptr || !s->is_period() || !t->is_period()) return std::nullopt;
      if (s->first() > t->first()) return std::nullopt;
      const bool apart = s->last() != Time::kOpenEnd && t->first() > s->last() + 1;
      if (apart) return std::nullopt;
      if (t->last() <= s->last()) return x;
      if (t->first() == s->first()) return y;
      return Term(*Time::Period(s->start(), t->end()));
    };
    for (bool changed = true; changed;) {
      changed = false;
      for (size_t i = 0; i < rows.size() && !changed; ++i) {
        for (size_t j = 0; j < rows.size() && !changed; ++j) {
          const auto whole = i == j ? std::nullopt : one(rows[i], rows[j]);
          if (!whole.has_value()) continue;
          Set(&rows[i], node.time, *whole);
          rows.erase(rows.begin() + static_cast<ptrdiff_t>(j));
          changed = true;
        }
      }
    }
    return rows;
  }
  ReferenceRows One(const algebra::Distinct& node) {
    ReferenceRows rows;
    for (const auto& row : Rows(*node.child)) {
      if (std::find(rows.begin(), rows.end(), row) == rows.end()) rows.push_back(row);
    }
    return rows;
  }

  static int Compare(const std::vector<algebra::SortKey>& keys, const ReferenceRow& a,
                     const ReferenceRow& b) {
    for (const auto& key : keys) {
      const int order = CompareForOrder(ValueOf(a, key.variable), ValueOf(b, key.variable));
      if (order != 0) return key.descending ? -order : order;
    }
    return 0;
  }
  ReferenceRows One(const algebra::Sort& node) {
    ReferenceRows rows = Rows(*node.child);
    std::stable_sort(rows.begin(), rows.end(),
                     [&](const auto& a, const auto& b) { return Compare(node.keys, a, b) < 0; });
    return rows;
  }
  ReferenceRows One(const algebra::Limit& node) {
    const ReferenceRows rows = Rows(*node.child);
    ReferenceRows kept;
    for (size_t i = node.offset; i < rows.size(); ++i) {
      const bool inside = !node.limit || kept.size() < *node.limit;
      const bool tie = !inside && node.with_ties && !node.keys.empty() && !kept.empty() &&
                       Compare(node.keys, kept.back(), rows[i]) == 0;
      if (!inside && !tie) break;
      kept.push_back(rows[i]);
    }
    return kept;
  }

  ReferenceRows One(const algebra::Group& node) {
    std::vector<std::pair<ReferenceRow, ReferenceRows>> groups;
    if (node.keys.empty()) groups.emplace_back();
    for (const auto& row : Rows(*node.child)) {
      ReferenceRow key;
      for (const auto& variable : node.keys) Set(&key, variable, ValueOf(row, variable));
      auto found = std::find_if(groups.begin(), groups.end(),
                                [&](const auto& group) { return group.first == key; });
      if (found == groups.end()) found = groups.insert(groups.end(), {key, {}});
      found->second.push_back(row);
    }
    ReferenceRows rows;
    for (const auto& [key, members] : groups) {
      auto& row = rows.emplace_back(key);
      for (const auto& aggregate : node.aggregates) {
        Set(&row, aggregate.result, AggregateOf(aggregate, members));
      }
    }
    return rows;
  }

  Term AggregateOf(const algebra::Aggregate& aggregate, const ReferenceRows& rows) {
    if (aggregate.function == AggregateFunction::kCountRows) {
      return Term(static_cast<int64_t>(rows.size()));
    }
    std::vector<Term> values, keys;
    for (const auto& row : rows) {
      const Term value = Value(*aggregate.argument, row);
      const Term key = aggregate.by == nullptr ? value : Value(*aggregate.by, row);
      if (value.is_undefined() || key.is_undefined()) continue;
      if (aggregate.distinct && std::find(values.begin(), values.end(), value) != values.end()) {
        continue;
      }
      values.push_back(value);
      keys.push_back(key);
    }
    std::vector<size_t> order(values.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
      const int by = CompareForOrder(keys[a], keys[b]);
      return by != 0 ? by < 0 : CompareForOrder(values[a], values[b]) < 0;
    });
    switch (aggregate.function) {
      case AggregateFunction::kCountRows:
      case AggregateFunction::kCount:
        return Term(static_cast<int64_t>(values.size()));
      case AggregateFunction::kMin:
      case AggregateFunction::kFirst:
        return values.empty() ? Term() : values[order.front()];
      case AggregateFunction::kMax:
      case AggregateFunction::kLast:
        return values.empty() ? Term() : values[order.back()];
      case AggregateFunction::kList: {
        TermList list;
        for (const size_t i : order) list.push_back(values[i]);
        return list.empty() ? Term() : Term(Term::Value(list));
      }
      case AggregateFunction::kSum:
      case AggregateFunction::kAvg:
        return SumOf(values, aggregate.function == AggregateFunction::kAvg);
    }
    return Term();
  }

  // Of the numbers; of the durations where there are no numbers.
  static Term SumOf(const std::vector<Term>& values, bool average) {
    Term sum(int64_t{0});
    std::optional<Term> duration;
    int64_t count = 0, durations = 0;
    for (const Term& value : values) {
      if (value.As<Duration>() != nullptr) {
        duration = duration ? functions::Calculate(NumberOp::kAdd, *duration, value) : value;
        ++durations;
      }
      if (!value.is_number()) continue;
      sum = functions::Calculate(NumberOp::kAdd, sum, value);
      ++count;
    }
    if (count > 0 || !duration) {
      return average ? functions::Calculate(NumberOp::kDivide, sum, Term(count)) : sum;
    }
    const auto* whole = duration->As<Duration>();
    if (!average || whole == nullptr) return *duration;
    if (whole->months != 0 && whole->seconds != 0) return Term();
    return Term(Duration{whole->months / durations, whole->seconds / durations});
  }

  bool IsTrue(const algebra::Expression& expression, const ReferenceRow& row) {
    const Term term = Value(expression, row);
    const auto* value = term.As<bool>();
    return value != nullptr && *value;
  }
  bool AllTrue(const std::vector<algebra::ExpressionPtr>& conditions, const ReferenceRow& row) {
    return std::all_of(conditions.begin(), conditions.end(),
                       [&](const auto& condition) { return IsTrue(*condition, row); });
  }

  Term Value(const algebra::Expression& expression, const ReferenceRow& row) {
    return std::visit([&](const auto& node) { return ValueOne(node, row); }, expression.node);
  }
  Term ValueOne(const algebra::ConstantExpr& node, const ReferenceRow&) { return node.term; }
  Term ValueOne(const algebra::VariableExpr& node, const ReferenceRow& row) {
    return ValueOf(row, node.name);
  }
  Term ValueOne(const algebra::AndExpr& node, const ReferenceRow& row) {
    return AllTrue(node.operands, row);
  }
  Term ValueOne(const algebra::OrExpr& node, const ReferenceRow& row) {
    return std::any_of(node.operands.begin(), node.operands.end(),
                       [&](const auto& operand) { return IsTrue(*operand, row); });
  }
  Term ValueOne(const algebra::NotExpr& node, const ReferenceRow& row) {
    return !IsTrue(*node.operand, row);
  }
  Term ValueOne(const algebra::CompareExpr& node, const ReferenceRow& row) {
    const Term left = Value(*node.left, row), right = Value(*node.right, row);
    if (left.is_undefined() || right.is_undefined()) return false;
    const auto order = CompareValues(left, right);
    switch (node.op) {
      case algebra::CompareOp::kEqual:
        return EqualValues(left, right);
      case algebra::CompareOp::kNotEqual:
        return !EqualValues(left, right);
      case algebra::CompareOp::kLess:
        return order < 0;
      case algebra::CompareOp::kLessOrEqual:
        return order <= 0;
      case algebra::CompareOp::kGreater:
        return order > 0;
      case algebra::CompareOp::kGreaterOrEqual:
        return order >= 0;
    }
    return false;
  }
  Term ValueOne(const algebra::ArithmeticExpr& node, const ReferenceRow& row) {
    static constexpr NumberOp kOps[] = {NumberOp::kAdd, NumberOp::kSubtract, NumberOp::kMultiply,
                                        NumberOp::kDivide, NumberOp::kModulo};
    return functions::Calculate(kOps[static_cast<int>(node.op)], Value(*node.left, row),
                                Value(*node.right, row));
  }
  Term ValueOne(const algebra::NegateExpr& node, const ReferenceRow& row) {
    return functions::Negate(Value(*node.operand, row));
  }
  Term ValueOne(const algebra::TimeExpr& node, const ReferenceRow& row) {
    static constexpr TimeOp kOps[] = {TimeOp::kBefore, TimeOp::kAfter, TimeOp::kIn,
                                      TimeOp::kOverlaps, TimeOp::kEquals};
    const Term left = Value(*node.left, row), right = Value(*node.right, row);
    const auto *a = left.As<Time>(), *b = right.As<Time>();
    if (a == nullptr || b == nullptr) return false;
    const TimeOp op = kOps[static_cast<int>(node.op)];
    return node.possibly ? Possibly(op, *a, *b) : Certainly(op, *a, *b);
  }
  Term ValueOne(const algebra::InExpr& node, const ReferenceRow& row) {
    const Term value = Value(*node.value, row);
    for (const auto& expression : node.list) {
      const Term item = Value(*expression, row);
      if (EqualValues(value, item)) return true;
      std::optional<Time> window;
      if (const auto* time = item.As<Time>()) window = *time;
      if (const auto* year = item.As<int64_t>()) window = Time::Year(*year);
      const auto* time = value.As<Time>();
      if (time != nullptr && window && Certainly(TimeOp::kIn, *time, *window)) return true;
    }
    return false;
  }
  Term ValueOne(const algebra::CallExpr& node, const ReferenceRow& row) {
    std::vector<Term> values;
    std::vector<const Term*> arguments;
    for (const auto& argument : node.arguments) values.push_back(Value(*argument, row));
    for (const Term& value : values) arguments.push_back(&value);
    return *functions::Call(*functions::FindFunction(node.function), arguments, functions_);
  }
  Term ValueOne(const algebra::ExistsExpr& node, ReferenceRow row) {
    for (const algebra::Beside& beside : node.beside) {
      const Term& value = ValueOf(row, beside.of);
      Set(&row, beside.name, beside.is_copy ? value : Term(!value.is_undefined()));
    }
    if (node.outer != 0) outers_[node.outer] = {row};
    ReferenceRow own;
    for (const auto& variable : node.shared) Set(&own, variable, ValueOf(row, variable));
    for (const auto& found : Rows(*node.plan)) {
      ReferenceRow theirs;
      for (const auto& variable : node.shared) Set(&theirs, variable, ValueOf(found, variable));
      if (Agree(own, theirs)) return true;
    }
    return false;
  }

  const MemorySource& source_;
  SampleFunctions functions_;
  std::map<int, ReferenceRows> outers_;
};

}  // namespace

ReferenceRows EvaluateByDefinition(const Plan& plan, const MemorySource& source) {
  return Evaluation(source).Rows(plan);
}

std::string RowText(const std::vector<Term>& row) {
  std::string text;
  for (const Term& term : row) {
    text += term.is_undefined() ? "-" : LanguageText(term);
    text += " | ";
  }
  return text;
}

std::string RowText(const ReferenceRow& row, const std::vector<std::string>& columns) {
  std::vector<Term> terms;
  for (const auto& column : columns) terms.push_back(ValueOf(row, column));
  return RowText(terms);
}

}  // namespace annals::exec

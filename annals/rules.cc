#include "annals/rules.h"

#include <algorithm>
#include <functional>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "query/exec/result.h"
#include "query/native/parser.h"
#include "query/native/scope.h"
#include "query/native/terms.h"
#include "query/native/translate.h"
#include "query/native/validate.h"
#include "storage/base/text.h"
#include "storage/graph/overlay.h"

namespace annals {
namespace {

using native::Place;
using native::PredicateUse;
using native::TermExpr;

// Facts of stores have smaller numbers.
constexpr uint64_t kFirstDerived = uint64_t{1} << 56;
// Ids of predicates that stand in for what a round has derived; no term has them.
constexpr uint64_t kFirstStandIn = uint64_t{1} << 57;

// Nothing of the store is hidden.
class NothingHidden : public Overlay {
 public:
  absl::StatusOr<bool> HidesFact(uint64_t) const override { return false; }
  absl::StatusOr<bool> HidesAssertion(uint64_t, TermId, std::optional<uint64_t>) const override {
    return false;
  }
  const std::vector<Assertion>* hidden() const override { return &none_; }

 private:
  const std::vector<Assertion> none_ = {};
};

absl::StatusOr<StoredRule> ParseRule(TermId predicate, const std::string& text) {
  StoredRule stored{text, {}, {}, predicate};
  const SourceText source(text, "rule");
  ANNALS_ASSIGN_OR_RETURN(std::vector<native::Statement> script, native::ParseScript(source));
  for (native::Statement& statement : script) {
    if (const auto* prefix = std::get_if<native::PrefixDecl>(&statement.node)) {
      stored.prefixes[prefix->prefix] = prefix->iri;
    } else if (auto* rule = std::get_if<native::Rule>(&statement.node)) {
      stored.rule = std::move(*rule);
      return stored;
    }
  }
  return DataLoss(absl::StrCat("a stored rule holds no rule: ", text));
}

// (?a, p, ?c) if (?a, p, ?b) and (?b, p, ?c)
StoredRule TransitiveRule(TermId predicate, const Term& term) {
  const auto* iri = term.As<Iri>();
  TermExpr name;
  name.kind = iri != nullptr ? TermExpr::Kind::kIri : TermExpr::Kind::kQuotedName;
  name.text = iri != nullptr ? iri->text : DisplayText(term);
  const auto pattern = [&](const char* from, const char* to) {
    native::Pattern made;
    made.subject.kind = made.object.kind = TermExpr::Kind::kVariable;
    made.subject.text = from;
    made.object.text = to;
    made.predicate.node = native::PathStep{name};
    return made;
  };
  StoredRule stored{absl::StrCat(DisplayText(term), " is transitive"), {}, {}, predicate};
  stored.rule.head = pattern("a", "c");
  native::FormulaAnd body;
  body.parts.push_back({pattern("a", "b"), {}});
  body.parts.push_back({pattern("b", "c"), {}});
  stored.rule.body.node = std::move(body);
  return stored;
}

// The rules of the store and those that `is: transitive` stands for.
absl::StatusOr<std::vector<StoredRule>> AllRules(const GraphView& view,
                                                 const Declarations& declared) {
  ANNALS_ASSIGN_OR_RETURN(std::vector<StoredRule> rules, ReadRules(view));
  for (StoredRule& rule : rules) rule.predicate = declared.Canonical(rule.predicate);
  for (const TermId predicate : declared.transitive) {
    ANNALS_ASSIGN_OR_RETURN(const Term term, view.Get(predicate));
    rules.push_back(TransitiveRule(predicate, term));
  }
  return rules;
}

// The predicate that a step names; undefined if the store has none.
absl::StatusOr<TermId> PredicateOf(const TermExpr& step, const SourceText& text,
                                   const native::Prefixes& prefixes,
                                   const native::ParameterValues& parameters,
                                   const GraphView& view) {
  const native::TermReader reader{text, prefixes, parameters};
  ANNALS_ASSIGN_OR_RETURN(const Term term, reader.Read(step, Place::kName));
  std::vector<std::string> notes;
  native::NameResolver resolver(view, text, true, &notes);
  ANNALS_ASSIGN_OR_RETURN(const native::Resolved resolved, resolver.Resolve(term, step.span));
  return resolved.id;
}

struct Edge {
  TermId from, to;
  bool positive;
  Span span;  // in the text of the rule
};

// Which predicates with rules the predicates with rules read.
class Graph {
 public:
  Graph(const GraphView& view, const Declarations& declared) : view_(view), declared_(declared) {}

  // All heads first.
  void AddHead(TermId predicate) { heads_.insert(predicate); }
  absl::Status AddBody(TermId head, const native::Rule& rule, const SourceText& text,
                       const native::Prefixes& prefixes,
                       const native::ParameterValues& parameters) {
    for (const PredicateUse& use : native::PredicatesOf(rule.body)) {
      ANNALS_ASSIGN_OR_RETURN(const TermId predicate,
                              PredicateOf(*use.term, text, prefixes, parameters, view_));
      for (const TermId read : Reads(predicate)) {
        edges_.push_back({head, read, use.positive, use.term->span});
      }
    }
    return absl::OkStatus();
  }

  // The predicates with rules whose facts count as facts of this one.
  std::vector<TermId> Reads(TermId predicate) const {
    std::vector<TermId> reads;
    if (predicate.is_undefined()) return reads;
    for (const Declarations::Way& way : declared_.WaysOf(predicate)) {
      const bool known = std::find(reads.begin(), reads.end(), way.predicate) != reads.end();
      if (heads_.contains(way.predicate) && !known) reads.push_back(way.predicate);
    }
    return reads;
  }
  const std::set<TermId>& heads() const { return heads_; }
  const std::vector<Edge>& edges() const { return edges_; }

  std::set<TermId> ReachableFrom(TermId from) const {
    std::set<TermId> reached;
    std::vector<TermId> open = {from};
    while (!open.empty()) {
      const TermId predicate = open.back();
      open.pop_back();
      for (const Edge& edge : edges_) {
        if (edge.from == predicate && reached.insert(edge.to).second) open.push_back(edge.to);
      }
    }
    return reached;
  }

  // An edge by which a predicate needs its own absence.
  const Edge* Unstratified() const {
    for (const Edge& edge : edges_) {
      if (edge.positive) continue;
      if (edge.to == edge.from || ReachableFrom(edge.to).contains(edge.from)) return &edge;
    }
    return nullptr;
  }

 private:
  const GraphView& view_;
  const Declarations& declared_;
  std::set<TermId> heads_;
  std::vector<Edge> edges_;
};

// New values made from what a rule derives itself could be made without end.
absl::Status CheckEnds(const native::Rule& rule, const SourceText& text) {
  for (const native::Formula* part : native::PartsOf(rule.body)) {
    const auto* let = std::get_if<native::FormulaLet>(&part->node);
    if (let == nullptr) continue;
    for (const TermExpr* term : {&rule.head.subject, &rule.head.object}) {
      if (term->kind != TermExpr::Kind::kVariable || term->text != let->variable.text) continue;
      return text.Error(let->variable.span,
                        "this rule reads what it derives, so that new values would be computed "
                        "from new values without end; expected a value that a pattern finds");
    }
  }
  return absl::OkStatus();
}

class Deriver {
 public:
  Deriver(QuestionContext context, std::shared_ptr<const Declarations> declared)
      : context_(std::move(context)),
        base_(context_.view),
        declared_(std::move(declared)),
        held_before_(context_.held_bytes == nullptr ? 0 : *context_.held_bytes) {
    context_.held_bytes = std::make_shared<uint64_t>(held_before_);  // see Account
  }

  absl::StatusOr<std::shared_ptr<Derivations>> Run(const std::vector<StoredRule>& rules,
                                                   const Graph& graph,
                                                   const std::set<TermId>& needed) {
    std::set<TermId> left = needed;
    while (!left.empty()) {
      const std::set<TermId> stratum = NextStratum(graph, left);
      std::vector<const StoredRule*> bodies;
      for (const StoredRule& rule : rules) {
        if (stratum.contains(rule.predicate)) bodies.push_back(&rule);
      }
      ANNALS_RETURN_IF_ERROR(Fixpoint(bodies, stratum));
      for (const TermId predicate : stratum) left.erase(predicate);
    }
    auto result = std::make_shared<Derivations>();
    result->base = base_;
    ANNALS_RETURN_IF_ERROR(ShowWith({}));
    result->view = context_.view;
    result->by_fact = std::move(derivations_);
    result->bytes = view_bytes_ + derivation_bytes_;
    return result;
  }

 private:
  // One that reads nothing that is left but itself: a predicate with those that read one another.
  static std::set<TermId> NextStratum(const Graph& graph, const std::set<TermId>& left) {
    for (const TermId predicate : left) {
      std::set<TermId> stratum = {predicate};
      bool reads_others = false;
      for (const TermId read : graph.ReachableFrom(predicate)) {
        if (!left.contains(read) || read == predicate) continue;
        if (graph.ReachableFrom(read).contains(predicate)) {
          stratum.insert(read);
        } else {
          reads_others = true;
        }
      }
      if (!reads_others) return stratum;
    }
    return left;
  }

  // Makes what was derived, and `more`, the context's view.
  absl::Status ShowWith(const std::vector<Assertion>& more) {
    context_.view = base_;  // the view before may go
    view_bytes_ = 0;
    const size_t count = facts_.size() + more.size();
    ANNALS_RETURN_IF_ERROR(Account(more.capacity() * sizeof(Assertion) +
                                   count * (kAddedBytes + kAddingBytes) +
                                   terms_.size() * kTermBytes));
    std::vector<Assertion> all;
    all.reserve(count);
    all.insert(all.end(), facts_.begin(), facts_.end());
    all.insert(all.end(), more.begin(), more.end());
    ANNALS_ASSIGN_OR_RETURN(
        context_.view,
        MakeOverlayView(base_, std::make_unique<NothingHidden>(), std::move(all), terms_,
                        [this] { return exec::CheckTime(context_.limits); }));
    view_bytes_ = count * kAddedBytes + terms_.size() * kTermBytes;
    return Account(0);
  }

  // Bytes that what is derived takes here and in the view.
  uint64_t held() const {
    return facts_.capacity() * sizeof(Assertion) + derivation_bytes_ + view_bytes_ + rows_bytes_ +
           SlotsOf(times_) + SlotsOf(seen_) + SlotsOf(same_as_) + terms_.size() * kTermBytes;
  }
  template <typename Table>
  static uint64_t SlotsOf(const Table& table) {
    return table.capacity() * (sizeof(typename Table::value_type) + 1);
  }
  // What the table's slots take anew if it grows with the next entry.
  template <typename Table>
  static uint64_t GrowthOf(const Table& table) {
    const bool grows = table.size() + 1 > table.capacity() - table.capacity() / 8;
    return grows ? (2 * table.capacity() + 1) * (sizeof(typename Table::value_type) + 1) : 0;
  }

  // Counts what is held against the question's limit, in the runs of bodies as well; so many bytes
  // are needed besides.
  absl::Status Account(uint64_t more) {
    *context_.held_bytes = held_before_ + held();
    if (*context_.held_bytes + more <= context_.limits.memory_bytes) return absl::OkStatus();
    return ResourceExhausted("the rules derive more facts than the memory limit allows");
  }

  absl::Status Fixpoint(const std::vector<const StoredRule*>& rules,
                        const std::set<TermId>& stratum) {
    size_t begin = facts_.size();
    ANNALS_RETURN_IF_ERROR(ShowWith({}));
    // Of each rule, the steps of its body: the same in every round.
    std::vector<std::vector<native::FactUse>> steps;
    for (const StoredRule* rule : rules) {
      ANNALS_RETURN_IF_ERROR(RunBody(*rule, std::nullopt, &steps.emplace_back()));
    }
    while (facts_.size() > begin) {
      {
        ANNALS_ASSIGN_OR_RETURN(const std::vector<Assertion> fresh, StandIns(begin, stratum));
        begin = facts_.size();
        ANNALS_RETURN_IF_ERROR(ShowWith(fresh));
      }
      for (size_t i = 0; i < rules.size(); ++i) {
        for (size_t step = 0; step < steps[i].size(); ++step) {
          const auto stand_in = stand_ins_.find(steps[i][step].predicate);
          if (stand_in == stand_ins_.end()) continue;
          std::vector<native::FactUse> same;
          ANNALS_RETURN_IF_ERROR(
              RunBody(*rules[i], native::StandIn{step, stand_in->second}, &same));
        }
      }
    }
    return absl::OkStatus();
  }

  // What the last round derived, under a predicate of its own for each that it counts as.
  absl::StatusOr<std::vector<Assertion>> StandIns(size_t begin, const std::set<TermId>& stratum) {
    std::vector<Assertion> rows;
    same_as_.clear();  // those of the round before are gone
    std::vector<TermId> readers(stratum.begin(), stratum.end());
    for (const TermId predicate : declared_->WithWays()) readers.push_back(predicate);
    std::sort(readers.begin(), readers.end());
    readers.erase(std::unique(readers.begin(), readers.end()), readers.end());
    for (const TermId reader : readers) {
      for (const Declarations::Way& way : declared_->WaysOf(reader)) {
        if (!stratum.contains(way.predicate)) continue;
        const TermId id = stand_ins_
                              .try_emplace(reader, TermId::Make(TermKind::kName,
                                                                kFirstStandIn + stand_ins_.size()))
                              .first->second;
        ANNALS_RETURN_IF_ERROR(exec::CheckTime(context_.limits));
        ANNALS_RETURN_IF_ERROR(Grow(facts_.size() - begin, &rows));
        for (size_t i = begin; i < facts_.size(); ++i) {
          if (facts_[i].predicate != way.predicate) continue;
          ANNALS_RETURN_IF_ERROR(Account(rows.capacity() * sizeof(Assertion) + GrowthOf(same_as_)));
          Assertion row = facts_[i];
          row.predicate = id;
          if (way.reversed) std::swap(row.subject, row.object);
          // The overlay knows a fact by its number; this one has another, and the same parts.
          row.fact = TermId::Fact(kFirstDerived + next_number_++);
          same_as_[row.fact.payload()] = facts_[i].fact.payload();
          rows.push_back(row);
        }
      }
    }
    return rows;
  }

  // Derives what the body finds; `steps` are those of the body.
  absl::Status RunBody(const StoredRule& rule, std::optional<native::StandIn> stand_in,
                       std::vector<native::FactUse>* steps) {
    const SourceText text(rule.text, "rule");
    const native::TranslateOptions options{*context_.view, text,  rule.prefixes,
                                           parameters_,    steps, stand_in};
    ANNALS_ASSIGN_OR_RETURN(native::Question question,
                            native::TranslateFormula(rule.rule.body, options));
    ANNALS_ASSIGN_OR_RETURN(const FormulaRows rows, RunPlan(std::move(question.plan), context_));
    std::vector<size_t> fact_columns;
    for (size_t i = 0; i < rows.variables.size(); ++i) {
      const bool is_fact = std::any_of(steps->begin(), steps->end(), [&](const auto& step) {
        return step.variable == rows.variables[i];
      });
      if (is_fact) fact_columns.push_back(i);
    }
    ANNALS_ASSIGN_OR_RETURN(const Head head, MakeHead(rule, rows.variables));
    const auto rule_text = std::make_shared<const std::string>(rule.text);
    rows_bytes_ = rows.bytes + rows.added.size() * kTermBytes;
    constexpr size_t kRowsBetweenChecks = 1024;
    for (size_t i = 0; i < rows.rows.size(); ++i) {
      if (i % kRowsBetweenChecks == 0) ANNALS_RETURN_IF_ERROR(exec::CheckTime(context_.limits));
      ANNALS_RETURN_IF_ERROR(
          Derive(rule.predicate, rule_text, head, rows, rows.rows[i], fact_columns));
    }
    rows_bytes_ = 0;
    return absl::OkStatus();
  }

  // A place of the head: a column of the body's rows or a constant.
  struct HeadPlace {
    std::optional<size_t> column;
    TermId id;
  };
  struct Head {
    HeadPlace subject, object;
    std::optional<HeadPlace> time;
  };

  absl::StatusOr<Head> MakeHead(const StoredRule& rule, const std::vector<std::string>& variables) {
    Head head;
    const native::Pattern& pattern = rule.rule.head;
    ANNALS_ASSIGN_OR_RETURN(head.subject,
                            MakePlace(rule, pattern.subject, Place::kName, variables));
    ANNALS_ASSIGN_OR_RETURN(head.object,
                            MakePlace(rule, pattern.object, Place::kObject, variables));
    if (pattern.time.has_value()) {
      ANNALS_ASSIGN_OR_RETURN(head.time, MakePlace(rule, *pattern.time, Place::kTime, variables));
    }
    return head;
  }

  absl::StatusOr<HeadPlace> MakePlace(const StoredRule& rule, const TermExpr& term, Place place,
                                      const std::vector<std::string>& variables) {
    HeadPlace result;
    if (term.kind == TermExpr::Kind::kVariable) {
      for (size_t i = 0; i < variables.size(); ++i) {
        if (variables[i] == term.text) result.column = i;
      }
      return result;
    }
    const SourceText text(rule.text, "rule");
    const native::TermReader reader{text, rule.prefixes, parameters_};
    ANNALS_ASSIGN_OR_RETURN(const Term value, reader.Read(term, place));
    std::vector<std::string> notes;
    native::NameResolver resolver(*context_.view, text, true, &notes);
    ANNALS_ASSIGN_OR_RETURN(const native::Resolved resolved, resolver.Resolve(value, term.span));
    result.id = resolved.id;
    if (result.id.is_undefined()) {
      ANNALS_ASSIGN_OR_RETURN(result.id, terms_.Intern(value, *base_));
    }
    return result;
  }

  absl::StatusOr<TermId> ValueOf(const HeadPlace& place, const FormulaRows& rows,
                                 const std::vector<TermId>& row) {
    if (!place.column.has_value()) return place.id;
    const TermId id = row[*place.column];
    const Term* const computed = rows.added.Get(id);
    return computed == nullptr ? id : terms_.Intern(*computed, *base_);
  }

  absl::Status Derive(TermId predicate, const std::shared_ptr<const std::string>& rule,
                      const Head& head, const FormulaRows& rows, const std::vector<TermId>& row,
                      const std::vector<size_t>& fact_columns) {
    Assertion fact;
    fact.predicate = predicate;
    ANNALS_ASSIGN_OR_RETURN(fact.subject, ValueOf(head.subject, rows, row));
    ANNALS_ASSIGN_OR_RETURN(fact.object, ValueOf(head.object, rows, row));
    // What a branch does not bind derives nothing; texts and numbers are no subjects.
    if (fact.subject.is_undefined() || fact.object.is_undefined()) return absl::OkStatus();
    std::vector<uint64_t> parts;
    for (const size_t column : fact_columns) {
      if (row[column].is_undefined()) continue;
      uint64_t number = row[column].payload();
      if (const auto same = same_as_.find(number); same != same_as_.end()) number = same->second;
      parts.push_back(number);
    }
    if (head.time.has_value()) {
      ANNALS_ASSIGN_OR_RETURN(fact.time, ValueOf(*head.time, rows, row));
      const bool is_time =
          fact.time.kind() == TermKind::kTime || fact.time.kind() == TermKind::kDictionaryTime;
      if (!is_time) return absl::OkStatus();
    } else {
      ANNALS_ASSIGN_OR_RETURN(const std::optional<TermId> time, CommonTimeOf(parts));
      if (!time.has_value()) return absl::OkStatus();
      fact.time = *time;
    }
    ANNALS_RETURN_IF_ERROR(Account(GrowthOf(seen_) + GrowthOf(times_)));
    if (!seen_.insert(std::tuple(fact.subject, fact.predicate, fact.object, fact.time)).second) {
      return absl::OkStatus();
    }
    ANNALS_ASSIGN_OR_RETURN(const std::optional<Fact> told,
                            base_->FindFact(fact.subject, fact.predicate, fact.object, fact.time));
    if (told.has_value()) return absl::OkStatus();
    const uint64_t number = kFirstDerived + next_number_++;
    fact.fact = TermId::Fact(number);
    times_[number] = fact.time;
    derivation_bytes_ += kDerivationBytes + parts.capacity() * sizeof(uint64_t);
    derivations_[number] = {rule, std::move(parts)};
    ANNALS_RETURN_IF_ERROR(Grow(1, &facts_));
    facts_.push_back(fact);
    return absl::OkStatus();
  }

  // Makes room for so many more, where both copies are allowed for a moment.
  absl::Status Grow(size_t more, std::vector<Assertion>* facts) {
    const size_t size = facts->size() + more;
    if (size <= facts->capacity()) return absl::OkStatus();
    const size_t capacity = std::max(size, facts->capacity() + facts->capacity() / 2);
    ANNALS_RETURN_IF_ERROR(Account(capacity * sizeof(Assertion)));
    facts->reserve(capacity);
    return absl::OkStatus();
  }

  // Undefined: all are undated; nullopt: they share no instant.
  absl::StatusOr<std::optional<TermId>> CommonTimeOf(const std::vector<uint64_t>& parts) {
    TermId common;
    for (const uint64_t part : parts) {
      ANNALS_ASSIGN_OR_RETURN(const TermId time, TimeOf(part));
      if (time.is_undefined() || time == common) continue;
      if (common.is_undefined()) {
        common = time;
        continue;
      }
      ANNALS_ASSIGN_OR_RETURN(const Term a, TermOf(common));
      ANNALS_ASSIGN_OR_RETURN(const Term b, TermOf(time));
      const std::optional<Time> both = CommonTime(*a.As<Time>(), *b.As<Time>());
      if (!both.has_value()) return std::optional<TermId>();
      ANNALS_ASSIGN_OR_RETURN(common, terms_.Intern(Term(*both), *base_));
    }
    return std::optional(common);
  }
  absl::StatusOr<Term> TermOf(TermId id) const {
    if (const Term* const term = terms_.Get(id)) return *term;
    return base_->Get(id);
  }
  absl::StatusOr<TermId> TimeOf(uint64_t fact) {
    if (const auto known = times_.find(fact); known != times_.end()) return known->second;
    ANNALS_ASSIGN_OR_RETURN(const std::optional<Fact> told, base_->GetFact(fact));
    if (!told.has_value()) return DataLoss("a fact that a rule was derived from is not there");
    times_[fact] = told->time;
    return told->time;
  }

  QuestionContext context_;  // its view: with all that was derived before the round
  const std::shared_ptr<const GraphView> base_;
  const std::shared_ptr<const Declarations> declared_;
  const native::ParameterValues parameters_;
  std::vector<Assertion> facts_;  // derived so far
  AddedTerms terms_;
  std::map<uint64_t, Derivation> derivations_;
  absl::flat_hash_map<uint64_t, TermId> times_;
  absl::flat_hash_set<std::tuple<TermId, TermId, TermId, TermId>> seen_;
  std::map<TermId, TermId> stand_ins_;               // by the predicate that they stand in for
  absl::flat_hash_map<uint64_t, uint64_t> same_as_;  // facts that stand in, and what for
  uint64_t next_number_ = 0;

  // An entry of derivations_ with its parts' allocation, and a computed term with its key.
  static constexpr uint64_t kDerivationBytes = 120, kTermBytes = 280;
  const uint64_t held_before_;
  uint64_t derivation_bytes_ = 0, view_bytes_ = 0;
  uint64_t rows_bytes_ = 0;  // of a body, while they are read
};

// What the rules of these heads derive, and those that they read. `graph` has all heads.
absl::StatusOr<std::shared_ptr<const Derivations>> Derive(
    const QuestionContext& context, const std::shared_ptr<const Declarations>& declared,
    Graph graph, const std::set<TermId>& asked) {
  ANNALS_ASSIGN_OR_RETURN(const std::vector<StoredRule> rules, AllRules(*context.view, *declared));
  const native::ParameterValues none;
  for (const StoredRule& rule : rules) {
    const SourceText text(rule.text, "rule");
    ANNALS_RETURN_IF_ERROR(graph.AddBody(rule.predicate, rule.rule, text, rule.prefixes, none));
  }
  // Rules of files are told without looking at those that are there.
  if (graph.Unstratified() != nullptr) {
    return InvalidArgument(
        "the rules of this database rest on the absence of what they derive; 'show rules;' lists "
        "them, and 'drop rule (predicate);' drops those of a predicate");
  }
  std::set<TermId> needed = asked;
  for (const TermId predicate : asked) {
    for (const TermId read : graph.ReachableFrom(predicate)) needed.insert(read);
  }
  ANNALS_ASSIGN_OR_RETURN(const std::shared_ptr<Derivations> derived,
                          Deriver(context, declared).Run(rules, graph, needed));
  derived->asked = asked;
  return std::shared_ptr<const Derivations>(derived);
}

}  // namespace

absl::StatusOr<std::vector<StoredRule>> ReadRules(const GraphView& view) {
  ANNALS_ASSIGN_OR_RETURN(const std::shared_ptr<const Declarations> declared, view.Declared());
  std::vector<StoredRule> rules;
  for (const auto& [predicate, text] : declared->rules) {
    ANNALS_ASSIGN_OR_RETURN(const Term term, view.Get(text));
    const auto* value = term.As<Text>();
    // Other facts may be called so.
    if (value == nullptr || value->value.find("rule") == std::string::npos) continue;
    ANNALS_ASSIGN_OR_RETURN(StoredRule rule, ParseRule(predicate, value->value));
    rules.push_back(std::move(rule));
  }
  std::sort(rules.begin(), rules.end(), [](const StoredRule& a, const StoredRule& b) {
    return std::pair(a.predicate, a.text) < std::pair(b.predicate, b.text);
  });
  return rules;
}

absl::StatusOr<QuestionContext> WithDerived(const std::vector<PredicateUse>& uses,
                                            QuestionContext context) {
  ANNALS_ASSIGN_OR_RETURN(const std::shared_ptr<const Declarations> declared,
                          context.view->Declared());
  if (!declared->derives()) return context;
  Graph graph(*context.view, *declared);
  for (const auto& [predicate, text] : declared->rules) {
    graph.AddHead(declared->Canonical(predicate));
  }
  for (const TermId predicate : declared->transitive) graph.AddHead(predicate);
  std::set<TermId> asked;
  for (const PredicateUse& use : uses) {
    if (use.term->kind == TermExpr::Kind::kVariable ||
        use.term->kind == TermExpr::Kind::kAnything) {
      asked = graph.heads();
      break;
    }
    ANNALS_ASSIGN_OR_RETURN(
        const TermId predicate,
        PredicateOf(*use.term, context.text, context.prefixes, context.parameters, *context.view));
    for (const TermId read : graph.Reads(predicate)) asked.insert(read);
  }
  if (asked.empty()) return context;
  KeptViews* const kept = context.kept;
  const bool is_kept = kept != nullptr && kept->derived != nullptr &&
                       kept->derived->base == context.view && kept->derived->asked == asked;
  std::shared_ptr<const Derivations> derived;
  if (is_kept) {
    derived = kept->derived;
  } else {
    ANNALS_ASSIGN_OR_RETURN(derived, Derive(context, declared, std::move(graph), asked));
    if (kept != nullptr) kept->derived = derived;
  }
  context.view = derived->view;
  if (context.held_bytes != nullptr) *context.held_bytes += derived->bytes;
  context.derived = std::move(derived);
  return context;
}

absl::Status CheckNewRule(const native::Rule& rule, const QuestionContext& context) {
  const GraphView& view = *context.view;
  // What is wrong with the body as a question is wrong with it here, but for names not yet known.
  ANNALS_RETURN_IF_ERROR(native::TranslateFormula(
                             rule.body, {view, context.text, context.prefixes, context.parameters})
                             .status());
  ANNALS_ASSIGN_OR_RETURN(const std::shared_ptr<const Declarations> declared, view.Declared());
  ANNALS_ASSIGN_OR_RETURN(const std::vector<StoredRule> rules, AllRules(view, *declared));
  const TermExpr& step = std::get<native::PathStep>(rule.head.predicate.node).term;
  ANNALS_ASSIGN_OR_RETURN(const TermId head, PredicateOf(step, context.text, context.prefixes,
                                                         context.parameters, view));
  Graph graph(view, *declared);
  graph.AddHead(head);
  for (const StoredRule& other : rules) graph.AddHead(other.predicate);
  ANNALS_RETURN_IF_ERROR(
      graph.AddBody(head, rule, context.text, context.prefixes, context.parameters));
  const native::ParameterValues none;
  for (const StoredRule& other : rules) {
    const SourceText text(other.text, "rule");
    ANNALS_RETURN_IF_ERROR(graph.AddBody(other.predicate, other.rule, text, other.prefixes, none));
  }
  if (graph.ReachableFrom(head).contains(head)) {
    ANNALS_RETURN_IF_ERROR(CheckEnds(rule, context.text));
  }
  const Edge* const edge = graph.Unstratified();
  if (edge == nullptr) return absl::OkStatus();
  const Span span = edge->from == head ? edge->span : step.span;
  return context.text.Error(
      span, "a rule can't rest on the absence of what it derives, not through other rules either",
      "inside 'not', 'optional', 'exists' and questions a rule reads only what others derive "
      "without it");
}

}  // namespace annals

#include "annals/tell.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "annals/rules.h"
#include "annals/tables.h"
#include "datasets/io/entity_names.h"
#include "query/native/validate.h"
#include "storage/base/text.h"

namespace annals {

using native::Pattern;
using native::Place;
using native::TermExpr;

namespace {

// Says about one fact what is said about another, and what is said about that.
absl::Status CopyQualifiers(uint64_t from, uint64_t to, WriteTransaction& transaction) {
  const std::shared_ptr<const GraphView> view = transaction.view();
  struct Copy {
    uint64_t from, to;
  };
  std::vector<Copy> copies = {{from, to}};
  for (size_t next = 0; next < copies.size(); ++next) {
    const Copy about = copies[next];
    ScanSpec spec;
    spec.prefix = {TermId::Fact(about.from)};
    spec.output = {Column::kPredicate, Column::kObject, Column::kTime, Column::kFact};
    std::vector<Fact> said;
    ANNALS_RETURN_IF_ERROR(ForEachRow(*view, spec, [&](const auto& columns, size_t i) {
      said.push_back({TermId::Fact(about.to), columns[0][i], columns[1][i], columns[2][i],
                      columns[3][i].payload()});
      return absl::OkStatus();
    }));
    for (const Fact& one : said) {
      ANNALS_ASSIGN_OR_RETURN(const std::vector<TermId> sources, view->SourcesOf(one.number));
      AddResult copied;
      for (const TermId source : sources) {
        ANNALS_ASSIGN_OR_RETURN(
            copied, transaction.Add(one.subject, one.predicate, one.object, one.time, source));
      }
      copies.push_back({one.number, copied.fact});
    }
  }
  return absl::OkStatus();
}

}  // namespace

Teller::Teller(WriteTransaction& transaction, bool alone, const SourceText& text,
               const native::Prefixes& prefixes, const native::ParameterValues& parameters,
               std::string blank_prefix)
    : transaction_(transaction),
      alone_(alone),
      text_(text),
      reader_{text, prefixes, parameters},
      blank_prefix_(std::move(blank_prefix)) {}

absl::StatusOr<Term> Teller::ReadTerm(const TermExpr& expr, Place place) const {
  ANNALS_ASSIGN_OR_RETURN(Term term, reader_.Read(expr, place));
  if (term.is_undefined()) return text_.Error(expr.span, "this parameter is empty");
  if (const auto* iri = term.As<Iri>()) {
    if (auto name = IriToName(transaction_.view()->base_iri(), iri->text)) return Term(Name{*name});
  }
  if (const auto* node = term.As<BlankNode>()) {
    return Term(Term::Value(BlankNode{blank_prefix_ + node->label}));
  }
  return term;
}

// The entity that a name means when telling; nullopt: none.
absl::StatusOr<std::optional<TermId>> Teller::Entity(const std::string& name, Span span) const {
  ANNALS_ASSIGN_OR_RETURN(const std::vector<NameMatch> matches,
                          transaction_.view()->ResolveName(name, /*loose=*/false));
  if (matches.empty()) return std::nullopt;
  for (const NameMatch& match : matches) {
    if (match.entity == matches[0].entity) continue;
    std::string candidates;
    for (const NameMatch& candidate : matches) {
      ANNALS_ASSIGN_OR_RETURN(const Term term, transaction_.view()->Get(candidate.entity));
      absl::StrAppend(&candidates, candidates.empty() ? "" : ", ", "'",
                      native::TermForMessage(term), "'");
    }
    return text_.Error(span, absl::StrCat("'", EscapeForDisplay(name), "' may be any of ",
                                          candidates, "; write the name itself"));
  }
  return matches[0].entity;
}

absl::StatusOr<TermId> Teller::InternName(const std::string& name, Span span) {
  ANNALS_ASSIGN_OR_RETURN(const std::optional<TermId> entity, Entity(name, span));
  if (entity.has_value()) return *entity;
  const std::string_view spelling = name;
  ANNALS_ASSIGN_OR_RETURN(std::vector<std::string> looks_like,
                          datasets::LookAlikeNotes(*transaction_.view(), {&spelling, 1}, 1));
  for (std::string& note : looks_like) notes_.push_back(std::move(note));
  const size_t colon = name.find(':');
  if (colon != std::string::npos && colon > 0 && colon + 1 < name.size() &&
      name.find(' ') == std::string::npos) {
    notes_.push_back(absl::StrCat("'", EscapeForDisplay(name), "' is told as a name: no prefix '",
                                  name.substr(0, colon), ":' is declared"));
  }
  return transaction_.Intern(Term(Name{name}));
}

absl::StatusOr<TermId> Teller::Intern(const TermExpr& expr, Place place) {
  ANNALS_ASSIGN_OR_RETURN(const Term term, ReadTerm(expr, place));
  if (const auto* name = term.As<Name>()) return InternName(name->text, expr.span);
  return transaction_.Intern(term);
}

absl::StatusOr<const SeenFacts*> Teller::Seen() {
  if (!seen_.has_value()) {
    ANNALS_ASSIGN_OR_RETURN(seen_, SeenFacts::Read(*transaction_.view()));
  }
  return &*seen_;
}

absl::StatusOr<AddResult> Teller::Add(const Fact& fact, TermId source) {
  ANNALS_ASSIGN_OR_RETURN(const SeenFacts* const seen, Seen());
  return AddUnlessSeen(transaction_, *seen, fact, source, nullptr);
}

absl::Status Teller::TellQualifiers(const std::vector<native::Qualifier>& qualifiers, TermId of,
                                    TermId source) {
  for (const native::Qualifier& qualifier : qualifiers) {
    ANNALS_ASSIGN_OR_RETURN(const TermId key, Intern(qualifier.key, Place::kName));
    ANNALS_ASSIGN_OR_RETURN(const TermId value,
                            Intern(qualifier.value, native::PlaceOfQualifier(qualifier.key)));
    ANNALS_RETURN_IF_ERROR(Add({of, key, value, TermId()}, source).status());
  }
  return absl::OkStatus();
}

absl::Status Teller::TellFacts(const std::vector<Pattern>& facts, TermId block_source,
                               Counts* counts) {
  for (const Pattern& fact : facts) {
    ANNALS_ASSIGN_OR_RETURN(const TermExpr* predicate, native::CheckFact(fact, text_));
    ANNALS_ASSIGN_OR_RETURN(const TermId subject, Intern(fact.subject, Place::kName));
    ANNALS_ASSIGN_OR_RETURN(const TermId verb, Intern(*predicate, Place::kName));
    ANNALS_ASSIGN_OR_RETURN(const TermId object, Intern(fact.object, Place::kObject));
    TermId time, source = block_source;
    if (fact.time.has_value()) {
      ANNALS_ASSIGN_OR_RETURN(time, Intern(*fact.time, Place::kTime));
    }
    if (fact.source.has_value()) {
      ANNALS_ASSIGN_OR_RETURN(source, Intern(*fact.source, Place::kName));
    }
    ANNALS_ASSIGN_OR_RETURN(const AddResult result, Add({subject, verb, object, time}, source));
    ANNALS_RETURN_IF_ERROR(TellQualifiers(fact.qualifiers, TermId::Fact(result.fact), source));
    if (result.new_fact) {
      ++counts->added;
    } else if (result.new_assertion && !source.is_undefined()) {
      ++counts->gained_source;
    } else {
      ++counts->known;
    }
  }
  return absl::OkStatus();
}

Told Teller::Finish(const Counts& counts) {
  std::string message = Count(counts.added, "fact") + " added";
  if (counts.gained_source > 0) {
    absl::StrAppend(&message, "; ", Count(counts.gained_source, "known fact"), " gained a source");
  }
  if (counts.known > 0) {
    absl::StrAppend(&message, "; ", counts.known, counts.known == 1 ? " was" : " were", " known");
  }
  return {std::move(message), std::move(notes_)};
}

absl::StatusOr<Told> Teller::Tell(const native::Add& statement) {
  Counts counts;
  ANNALS_RETURN_IF_ERROR(TellFacts(statement.facts, TermId(), &counts));
  return Finish(counts);
}

absl::StatusOr<Told> Teller::Tell(const native::FromBlock& statement) {
  Counts counts;
  ANNALS_ASSIGN_OR_RETURN(const TermId source, Intern(statement.source, Place::kName));
  ANNALS_RETURN_IF_ERROR(TellFacts(statement.facts, source, &counts));
  return Finish(counts);
}

absl::StatusOr<Told> Teller::Tell(const native::SourceDecl& statement) {
  ANNALS_ASSIGN_OR_RETURN(const TermId source, Intern(statement.source, Place::kName));
  ANNALS_ASSIGN_OR_RETURN(const TermId is, InternName(std::string(kIsPredicate), {}));
  ANNALS_ASSIGN_OR_RETURN(const TermId kind, InternName(std::string(kSourceClass), {}));
  ANNALS_RETURN_IF_ERROR(Add({source, is, kind, TermId()}, TermId()).status());
  ANNALS_RETURN_IF_ERROR(TellQualifiers(statement.qualifiers, source, TermId()));
  return Told{"1 source declared", std::move(notes_)};
}

absl::StatusOr<Told> Teller::Tell(const native::PredicateDecl& statement) {
  ANNALS_RETURN_IF_ERROR(native::CheckPredicateDecl(statement, text_));
  ANNALS_ASSIGN_OR_RETURN(const TermId predicate, Intern(statement.predicate, Place::kName));
  ANNALS_RETURN_IF_ERROR(TellQualifiers(statement.qualifiers, predicate, TermId()));
  return Told{"1 predicate declared", std::move(notes_)};
}

absl::StatusOr<Told> Teller::Tell(const native::AliasDecl& statement) {
  ANNALS_ASSIGN_OR_RETURN(const TermId entity, Intern(statement.entity, Place::kName));
  ANNALS_ASSIGN_OR_RETURN(const TermId alias, InternName(std::string(kAliasPredicate), {}));
  uint64_t added = 0;
  for (const TermExpr& spelling : statement.texts) {
    ANNALS_ASSIGN_OR_RETURN(const Term text, reader_.Read(spelling, Place::kObject));
    if (text.As<Text>() == nullptr || spelling.text.empty()) {
      return text_.Error(spelling.span, "expected a spelling in quotes, as \"Kim Jong Un\"");
    }
    ANNALS_ASSIGN_OR_RETURN(const TermId other,
                            transaction_.view()->Find(Term(Name{spelling.text})));
    if (!other.is_undefined() && other != entity) {
      ANNALS_ASSIGN_OR_RETURN(const Term name, transaction_.view()->Get(entity));
      return native::AliasIsEntity(spelling, name, text_);
    }
    ANNALS_ASSIGN_OR_RETURN(const TermId id, transaction_.Intern(text));
    ANNALS_ASSIGN_OR_RETURN(const AddResult result, Add({entity, alias, id, TermId()}, TermId()));
    if (result.new_fact) ++added;
  }
  return Told{Count(added, "alias", "aliases") + " added", std::move(notes_)};
}

absl::StatusOr<TermId> Teller::Known(const TermExpr& expr, Place place,
                                     const Bindings& bindings) const {
  if (expr.kind == TermExpr::Kind::kVariable) {
    const auto bound = bindings.find(expr.text);
    if (bound == bindings.end()) {
      return text_.Error(expr.span, absl::StrCat("nothing binds ?", expr.text,
                                                 "; expected 'where' with a pattern that does"));
    }
    return bound->second;
  }
  if (expr.kind == TermExpr::Kind::kAnything) {
    return text_.Error(expr.span,
                       "expected an exact name or value; to remove several facts write "
                       "remove (?x, ...) where (?x, ...)");
  }
  ANNALS_ASSIGN_OR_RETURN(const Term term, ReadTerm(expr, place));
  if (const auto* name = term.As<Name>()) {
    ANNALS_ASSIGN_OR_RETURN(const std::optional<TermId> entity, Entity(name->text, expr.span));
    return entity.value_or(TermId());
  }
  return transaction_.view()->Find(term);
}

absl::StatusOr<std::vector<Fact>> Teller::FindTold(const Pattern& fact, const Bindings& bindings) {
  const auto* step = std::get_if<native::PathStep>(&fact.predicate.node);
  if (step == nullptr) {
    return text_.Error(fact.predicate.span, "a fact to be removed has one predicate, not a path");
  }
  ANNALS_ASSIGN_OR_RETURN(const SeenFacts* const seen, Seen());
  Fact wanted;
  ANNALS_ASSIGN_OR_RETURN(wanted.predicate, Known(step->term, Place::kName, bindings));
  for (const auto& [expr, place, id] : {std::tuple(&fact.subject, Place::kName, &wanted.subject),
                                        std::tuple(&fact.object, Place::kObject, &wanted.object)}) {
    ANNALS_ASSIGN_OR_RETURN(*id, Known(*expr, place, bindings));
    // What says that two are one is about each of them, by its own name.
    if (!seen->IsMapping(wanted.predicate) || expr->kind == TermExpr::Kind::kVariable) continue;
    ANNALS_ASSIGN_OR_RETURN(const Term term, ReadTerm(*expr, place));
    ANNALS_ASSIGN_OR_RETURN(const TermId own, transaction_.view()->Find(term));
    if (!own.is_undefined()) *id = own;
  }
  std::vector<Fact> found;
  if (fact.time.has_value()) {
    ANNALS_ASSIGN_OR_RETURN(wanted.time, Known(*fact.time, Place::kTime, bindings));
    if (wanted.time.is_undefined()) return found;
  }
  if (wanted.subject.is_undefined() || wanted.predicate.is_undefined() ||
      wanted.object.is_undefined()) {
    return found;
  }
  const auto view = transaction_.view();
  ANNALS_ASSIGN_OR_RETURN(found, seen->FactsSeenAs(*view, wanted));
  if (!found.empty()) return found;
  ANNALS_ASSIGN_OR_RETURN(const std::shared_ptr<const Declarations> declared, view->Declared());
  if (!declared->IsSymmetric(declared->Canonical(wanted.predicate))) return found;
  std::swap(wanted.subject, wanted.object);
  return seen->FactsSeenAs(*view, wanted);
}

absl::StatusOr<bool> Teller::TakeBack(const std::vector<Fact>& facts,
                                      const std::optional<TermExpr>& source,
                                      const Bindings& bindings, std::vector<Removal>* removals) {
  if (!source.has_value()) {
    for (const Fact& fact : facts) removals->push_back({fact.number, std::nullopt});
    return !facts.empty();
  }
  ANNALS_ASSIGN_OR_RETURN(const TermId known, Known(*source, Place::kName, bindings));
  if (known.is_undefined()) return false;
  ANNALS_ASSIGN_OR_RETURN(const SeenFacts* const seen, Seen());
  ANNALS_ASSIGN_OR_RETURN(const std::vector<Removal> tellings,
                          seen->TellingsBy(*transaction_.view(), facts, known));
  removals->insert(removals->end(), tellings.begin(), tellings.end());
  return !tellings.empty();
}

absl::Status Teller::FindQualifiers(const Pattern& fact, const Bindings& bindings, uint64_t number,
                                    ToRemove* found_all) {
  ANNALS_ASSIGN_OR_RETURN(const SeenFacts* const seen, Seen());
  for (const native::Qualifier& qualifier : fact.qualifiers) {
    ANNALS_ASSIGN_OR_RETURN(const TermId key, Known(qualifier.key, Place::kName, bindings));
    ANNALS_ASSIGN_OR_RETURN(
        const TermId value,
        Known(qualifier.value, native::PlaceOfQualifier(qualifier.key), bindings));
    if (key.is_undefined() || value.is_undefined()) continue;
    ANNALS_ASSIGN_OR_RETURN(
        const std::vector<Fact> found,
        seen->FactsSeenAs(*transaction_.view(), {TermId::Fact(number), key, value, TermId()}));
    ANNALS_ASSIGN_OR_RETURN(const bool any,
                            TakeBack(found, fact.source, bindings, &found_all->removals.tellings));
    if (any) found_all->qualifiers.insert(found.front().number);
  }
  return absl::OkStatus();
}

absl::Status Teller::KeepQualifiers(const ToRemove::Losing& losing) {
  std::vector<uint64_t> going;
  std::optional<uint64_t> staying;
  for (const Fact& fact : losing.facts) {
    ANNALS_ASSIGN_OR_RETURN(const std::vector<TermId> sources,
                            transaction_.view()->SourcesOf(fact.number));
    const bool goes = std::all_of(sources.begin(), sources.end(), [&](TermId source) {
      return losing.tellings.contains({fact.number, source.bits()});
    });
    if (goes) {
      going.push_back(fact.number);
    } else {
      staying = fact.number;
    }
  }
  if (!staying.has_value()) return absl::OkStatus();
  for (const uint64_t fact : going) {
    ANNALS_RETURN_IF_ERROR(CopyQualifiers(fact, *staying, transaction_));
  }
  return absl::OkStatus();
}

absl::Status Teller::FindToRemove(const Pattern& fact, const Bindings& bindings, ToRemove* found) {
  if (fact.fact.has_value()) {
    return text_.Error(fact.fact->span, "'as' belongs to questions; expected a fact");
  }
  ANNALS_ASSIGN_OR_RETURN(const std::vector<Fact> facts, FindTold(fact, bindings));
  if (facts.empty()) return absl::OkStatus();
  if (!fact.qualifiers.empty()) {
    return FindQualifiers(fact, bindings, facts.front().number, found);
  }
  std::vector<Removal> removals;
  ANNALS_ASSIGN_OR_RETURN(const bool any, TakeBack(facts, fact.source, bindings, &removals));
  std::vector<Removal>& all = found->removals.tellings;
  all.insert(all.end(), removals.begin(), removals.end());
  if (!any || !fact.source.has_value()) return absl::OkStatus();
  if (facts.size() > 1) {
    ToRemove::Losing& losing = found->losing[facts.front().number];
    losing.facts = facts;
    for (const Removal& telling : removals) {
      losing.tellings.emplace(telling.fact, telling.source->bits());
    }
  }
  ANNALS_ASSIGN_OR_RETURN(const TermId source, Known(*fact.source, Place::kName, bindings));
  ANNALS_ASSIGN_OR_RETURN(const SeenFacts* const seen, Seen());
  found->sources.emplace(facts.front().number, seen->Canonical(source).bits());
  return absl::OkStatus();
}

absl::StatusOr<Told> Teller::Tell(const native::Rule& statement, Span span,
                                  const QuestionContext& context) {
  ANNALS_RETURN_IF_ERROR(native::CheckRule(statement, text_));
  const native::Pattern& head = statement.head;
  const TermExpr& step = std::get<native::PathStep>(head.predicate.node).term;
  ANNALS_ASSIGN_OR_RETURN(const TermId predicate, Intern(step, Place::kName));
  if (head.subject.kind != TermExpr::Kind::kVariable) {
    ANNALS_RETURN_IF_ERROR(Intern(head.subject, Place::kName).status());
  }
  if (head.object.kind != TermExpr::Kind::kVariable) {
    ANNALS_RETURN_IF_ERROR(Intern(head.object, Place::kObject).status());
  }
  ANNALS_RETURN_IF_ERROR(CheckNewRule(statement, context));
  ANNALS_ASSIGN_OR_RETURN(const TermId rule, InternName(std::string(kRule), {}));
  const std::string text = native::RuleText(text_.Slice(span), context.prefixes);
  ANNALS_ASSIGN_OR_RETURN(const TermId id, transaction_.Intern(Term(Text{text, ""})));
  ANNALS_ASSIGN_OR_RETURN(const AddResult result, Add({predicate, rule, id, TermId()}, TermId()));
  return Told{result.new_fact ? "1 rule added" : "0 rules added; 1 was known", std::move(notes_)};
}

absl::StatusOr<Told> Teller::Tell(const native::DropRule& statement) {
  const auto view = transaction_.view();
  ANNALS_ASSIGN_OR_RETURN(const TermId predicate, Known(statement.predicate, Place::kName, {}));
  ANNALS_ASSIGN_OR_RETURN(const std::shared_ptr<const Declarations> declared, view->Declared());
  ANNALS_ASSIGN_OR_RETURN(const TermId rule, view->Find(Term(Name{std::string(kRule)})));
  uint64_t dropped = 0;
  for (const auto& [of, text] : declared->rules) {
    if (declared->Canonical(of) != predicate) continue;
    ANNALS_ASSIGN_OR_RETURN(const std::optional<Fact> fact,
                            view->FindFact(of, rule, text, TermId()));
    if (!fact.has_value()) continue;
    ANNALS_ASSIGN_OR_RETURN(const uint64_t gone, transaction_.Remove(fact->number, std::nullopt));
    dropped += gone;
  }
  if (dropped == 0) {
    return text_.Error(statement.predicate.span,
                       "no rule derives this; 'show rules;' lists those that there are");
  }
  return Told{Count(dropped, "rule") + " dropped", std::move(notes_)};
}

absl::StatusOr<TermId> Teller::Named(const TermExpr& expr) const {
  ANNALS_ASSIGN_OR_RETURN(const Term term, ReadTerm(expr, Place::kName));
  ANNALS_ASSIGN_OR_RETURN(const TermId id, transaction_.view()->Find(term));
  if (!id.is_undefined()) return id;
  return text_.Error(expr.span,
                     absl::StrCat("no entity is called '", native::TermForMessage(term), "'"));
}

absl::StatusOr<Told> Teller::Tell(const native::Merge& statement) {
  ANNALS_ASSIGN_OR_RETURN(const TermId from, Named(statement.from));
  ANNALS_ASSIGN_OR_RETURN(const TermId named, Named(statement.into));
  const auto view = transaction_.view();
  ANNALS_ASSIGN_OR_RETURN(const std::shared_ptr<const Declarations> declared, view->Declared());
  const TermId into = declared->Canonical(named);
  const TermId now = declared->Canonical(from);
  ANNALS_ASSIGN_OR_RETURN(const Term name, view->Get(into));
  const std::string text = native::TermForMessage(name);
  if (now == into && now != from) return Told{"they are one already", std::move(notes_)};
  if (now == into) {
    return text_.Error(statement.into.span,
                       absl::StrCat("'", text, "' can't be merged into itself; expected another"));
  }
  if (now != from) {
    ANNALS_ASSIGN_OR_RETURN(const Term other, view->Get(now));
    return text_.Error(statement.from.span,
                       absl::StrCat("this is merged into '", native::TermForMessage(other),
                                    "' already; unmerge it first, or merge that one"));
  }
  ANNALS_ASSIGN_OR_RETURN(const TermId merged, InternName(std::string(kMergedInto), {}));
  ANNALS_RETURN_IF_ERROR(transaction_.Add(from, merged, into, TermId(), TermId()).status());
  return Told{absl::StrCat("merged into ", text), std::move(notes_)};
}

absl::StatusOr<Told> Teller::Tell(const native::Unmerge& statement) {
  ANNALS_ASSIGN_OR_RETURN(const TermId entity, Named(statement.entity));
  const auto view = transaction_.view();
  ANNALS_ASSIGN_OR_RETURN(const std::shared_ptr<const Declarations> declared, view->Declared());
  ANNALS_ASSIGN_OR_RETURN(const TermId merged, view->Find(Term(Name{std::string(kMergedInto)})));
  for (const auto& [from, into] : declared->merged) {
    if (from != entity) continue;
    ANNALS_ASSIGN_OR_RETURN(const std::optional<Fact> fact,
                            view->FindFact(from, merged, into, TermId()));
    if (!fact.has_value()) continue;
    ANNALS_RETURN_IF_ERROR(transaction_.Remove(fact->number, std::nullopt).status());
    ANNALS_ASSIGN_OR_RETURN(const Term name, view->Get(into));
    return Told{absl::StrCat("no longer merged into ", native::TermForMessage(name)),
                std::move(notes_)};
  }
  return text_.Error(statement.entity.span,
                     "this is not merged into anything; expected the name that 'merge' named first",
                     "(?x, merged into, ?y); lists what is merged");
}

absl::StatusOr<uint64_t> Teller::TakeBack(const Removals& removals,
                                          const QuestionContext& context) {
  const auto check = [&] { return CheckLimits(context.limits); };
  if (!alone_) return transaction_.RemoveAll(removals, check);
  const bool limited = context.limits.memory_bytes != UINT64_MAX;
  committed_ = true;
  return transaction_.RemoveAllAndCommit(removals,
                                         {check, limited ? context.limits.memory_bytes : 0});
}

absl::StatusOr<Told> Teller::Tell(const native::Withdraw& statement,
                                  const QuestionContext& context) {
  ANNALS_ASSIGN_OR_RETURN(const TermId known, Known(statement.source, Place::kName, {}));
  if (known.is_undefined()) {
    return text_.Error(statement.source.span,
                       "there is no source of this name; 'show sources;' lists them");
  }
  ANNALS_ASSIGN_OR_RETURN(const SeenFacts* const seen, Seen());
  const std::shared_ptr<const GraphView> view = transaction_.view();
  constexpr uint64_t kRowsBetweenChecks = 4096;
  const Removals removals{{}, seen->IdsOf(known)};
  uint64_t facts = 0, rows = 0;
  absl::flat_hash_set<uint64_t> counted;  // where some may be seen as one
  for (const TermId source : removals.sources) {
    ScanSpec spec;
    spec.permutation = Permutation::kSource;
    spec.prefix = {source};
    spec.output = {Column::kSubject, Column::kPredicate, Column::kObject, Column::kTime,
                   Column::kFact};
    const auto count = [&](const auto& columns, size_t i) -> absl::Status {
      if (rows++ % kRowsBetweenChecks == 0) {
        ANNALS_RETURN_IF_ERROR(CheckLimits(context.limits));
      }
      const Fact fact{columns[0][i], columns[1][i], columns[2][i], columns[3][i],
                      columns[4][i].payload()};
      if (fact.subject.kind() == TermKind::kFact) return absl::OkStatus();
      if (!seen->merges()) {
        ++facts;
        return absl::OkStatus();
      }
      ANNALS_ASSIGN_OR_RETURN(const uint64_t number, seen->NumberOf(*view, fact));
      facts += counted.insert(number).second;
      return absl::OkStatus();
    };
    ANNALS_RETURN_IF_ERROR(ForEachRow(*view, spec, count));
  }
  ANNALS_ASSIGN_OR_RETURN(const uint64_t gone, TakeBack(removals, context));
  std::string message = Count(facts, "fact");
  absl::StrAppend(&message, facts == 1 ? " loses" : " lose", " this source; ", gone,
                  " of them had no other and ", gone == 1 ? "is" : "are", " gone");
  return Told{std::move(message), std::move(notes_)};
}

absl::StatusOr<Told> Teller::Tell(const native::Remove& statement, const QuestionContext& context) {
  ToRemove found;
  if (!statement.where.has_value()) {
    for (const Pattern& fact : statement.facts) {
      ANNALS_RETURN_IF_ERROR(FindToRemove(fact, {}, &found));
    }
  } else {
    ANNALS_ASSIGN_OR_RETURN(FormulaRows rows, RunFormula(*statement.where, context));
    for (std::string& note : rows.notes) notes_.push_back(std::move(note));
    for (const std::vector<TermId>& row : rows.rows) {
      ANNALS_RETURN_IF_ERROR(CheckLimits(context.limits));
      Bindings bindings;
      for (size_t i = 0; i < row.size(); ++i) bindings[rows.variables[i]] = row[i];
      for (const Pattern& fact : statement.facts) {
        ANNALS_RETURN_IF_ERROR(FindToRemove(fact, bindings, &found));
      }
    }
  }
  for (const auto& [number, losing] : found.losing) {
    ANNALS_RETURN_IF_ERROR(KeepQualifiers(losing));
  }
  ANNALS_ASSIGN_OR_RETURN(const uint64_t gone, TakeBack(found.removals, context));
  std::string message = Count(gone, "fact") + " removed";
  if (!found.sources.empty())
    absl::StrAppend(&message, "; ", Count(found.sources.size(), "source"), " taken from facts");
  if (!found.qualifiers.empty())
    absl::StrAppend(&message, "; ", Count(found.qualifiers.size(), "qualifier"), " removed");
  return Told{std::move(message), std::move(notes_)};
}

}  // namespace annals

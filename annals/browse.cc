#include "annals/browse.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "annals/fact_table.h"
#include "annals/rules.h"
#include "annals/tables.h"
#include "storage/base/text.h"

namespace annals {
namespace {

// The facts of an entity, some twice; of a qualifier the fact that it is about.
absl::StatusOr<std::vector<Fact>> FactsOf(TermId entity, const GraphView& view,
                                          TableLimits& limits) {
  std::vector<Fact> facts;
  for (Permutation permutation : {Permutation::kSpo, Permutation::kOsp}) {
    ScanSpec spec;
    spec.permutation = permutation;
    spec.prefix = {entity};
    spec.output = {Column::kSubject, Column::kPredicate, Column::kObject, Column::kTime,
                   Column::kFact};
    const auto add = [&](const auto& columns, size_t i) -> absl::Status {
      if (i == 0) ANNALS_RETURN_IF_ERROR(limits.Keep(facts.capacity() * sizeof(Fact)));
      Fact fact{columns[0][i], columns[1][i], columns[2][i], columns[3][i],
                columns[4][i].payload()};
      while (fact.subject.kind() == TermKind::kFact) {
        ANNALS_ASSIGN_OR_RETURN(const std::optional<Fact> of, view.GetFact(fact.subject.payload()));
        if (!of.has_value()) return DataLoss("a qualifier is about a fact that is not there");
        fact = *of;
      }
      facts.push_back(fact);
      return absl::OkStatus();
    };
    ANNALS_RETURN_IF_ERROR(ForEachRow(view, spec, add));
  }
  return facts;
}

// Drops those whose time shares no instant with the window.
absl::Status KeepInside(const Time& window, const GraphView& view, const TableLimits& limits,
                        std::vector<Fact>* facts) {
  constexpr size_t kFactsBetweenChecks = 1024;
  size_t kept = 0, seen = 0;
  for (const Fact& fact : *facts) {
    if (seen++ % kFactsBetweenChecks == 0) ANNALS_RETURN_IF_ERROR(limits.Check());
    ANNALS_ASSIGN_OR_RETURN(const Term time, view.Get(fact.time));
    if (SharesInstant(window, *time.As<Time>())) (*facts)[kept++] = fact;
  }
  facts->resize(kept);
  return absl::OkStatus();
}

// What is declared of a predicate, as it is written in a declaration.
absl::StatusOr<Term> DeclarationsText(TermId predicate, const Declarations& declared,
                                      const GraphView& view) {
  std::vector<std::string> said;
  if (declared.IsSymmetric(predicate)) said.emplace_back("symmetric");
  if (declared.IsTransitive(predicate)) said.emplace_back("transitive");
  if (declared.IsSingle(predicate)) said.emplace_back("single");
  const auto name = [&](std::string_view kind, TermId other) -> absl::Status {
    ANNALS_ASSIGN_OR_RETURN(const Term term, view.Get(other));
    said.push_back(absl::StrCat(ToAbsl(kind), " ", DisplayText(term)));
    return absl::OkStatus();
  };
  for (const auto& [p, q] : declared.inverse) {
    if (p == predicate) ANNALS_RETURN_IF_ERROR(name(kInverseOf, q));
    if (q == predicate && p != q) ANNALS_RETURN_IF_ERROR(name(kInverseOf, p));
  }
  for (const auto& [p, q] : declared.implies) {
    if (p == predicate) ANNALS_RETURN_IF_ERROR(name(kImplies, q));
  }
  return said.empty() ? Term() : Term(Text{absl::StrJoin(said, ", "), ""});
}

// A day, which is what spans are read by; empty where open.
Term DayOf(int64_t instant) {
  if (instant == Time::kOpenStart || instant == Time::kOpenEnd) return Term();
  return Term(Time::FromDay(DayOfInstant(instant)));
}

absl::StatusOr<Rows> ShowPredicates(const QuestionContext& context) {
  const GraphView& view = *context.view;
  ANNALS_ASSIGN_OR_RETURN(const std::vector<PredicateStatistics> statistics, view.Predicates());
  ANNALS_ASSIGN_OR_RETURN(const std::shared_ptr<const Declarations> declared, view.Declared());
  std::vector<std::vector<Term>> rows;
  for (const PredicateStatistics& one : statistics) {
    if (one.facts == 0) continue;
    ANNALS_ASSIGN_OR_RETURN(Term predicate, view.Get(one.predicate));
    ANNALS_ASSIGN_OR_RETURN(Term said, DeclarationsText(one.predicate, *declared, view));
    rows.push_back({std::move(predicate), Term(static_cast<int64_t>(one.facts)),
                    one.dated_facts == 0 ? Term() : DayOf(one.first_instant),
                    one.dated_facts == 0 ? Term() : DayOf(one.last_instant), std::move(said)});
  }
  std::sort(rows.begin(), rows.end(),
            [](const auto& a, const auto& b) { return CompareRows(a, b, 1) < 0; });
  return MakeTableRows({"predicate", "facts", "first", "last", "declared"}, std::move(rows), {},
                       context);
}

absl::StatusOr<Rows> ShowSources(const QuestionContext& context) {
  const GraphView& view = *context.view;
  std::map<TermId, int64_t> counts;
  ANNALS_ASSIGN_OR_RETURN(const TermId is, view.Find(Term(Name{std::string(kIsPredicate)})));
  ANNALS_ASSIGN_OR_RETURN(const TermId kind, view.Find(Term(Name{std::string(kSourceClass)})));
  if (!is.is_undefined() && !kind.is_undefined()) {
    ScanSpec declared;
    declared.permutation = Permutation::kPos;
    declared.prefix = {is, kind};
    declared.output = {Column::kSubject};
    ANNALS_RETURN_IF_ERROR(ForEachRow(view, declared, [&](const auto& columns, size_t i) {
      counts[columns[0][i]];
      return absl::OkStatus();
    }));
  }
  ScanSpec told;
  told.permutation = Permutation::kSource;
  told.output = {Column::kSource, Column::kSubject};
  ANNALS_RETURN_IF_ERROR(ForEachRow(view, told, [&](const auto& columns, size_t i) {
    // Qualifiers are counted with the facts that they are about.
    counts[columns[0][i]] += columns[1][i].kind() == TermKind::kFact ? 0 : 1;
    return absl::OkStatus();
  }));
  std::vector<std::vector<Term>> rows;
  for (const auto& [id, facts] : counts) {
    ANNALS_ASSIGN_OR_RETURN(Term name, view.Get(id));
    std::vector<Term> row = {std::move(name), Term(facts)};
    for (std::string_view property : {"publisher", "published", "language"}) {
      ANNALS_ASSIGN_OR_RETURN(Term value, PropertyOf(id, property, view));
      row.push_back(std::move(value));
    }
    rows.push_back(std::move(row));
  }
  std::sort(rows.begin(), rows.end(),
            [](const auto& a, const auto& b) { return CompareRows(a, b, 1) < 0; });
  return MakeTableRows({"source", "facts", "publisher", "published", "language"}, std::move(rows),
                       {}, context);
}

absl::StatusOr<Rows> ShowAliases(const QuestionContext& context) {
  const GraphView& view = *context.view;
  std::vector<std::vector<Term>> rows;
  ANNALS_ASSIGN_OR_RETURN(const TermId alias, view.Find(Term(Name{std::string(kAliasPredicate)})));
  if (!alias.is_undefined()) {
    ScanSpec spec;
    spec.permutation = Permutation::kPos;
    spec.prefix = {alias};
    spec.output = {Column::kSubject, Column::kObject};
    ANNALS_RETURN_IF_ERROR(
        ForEachRow(view, spec, [&](const auto& columns, size_t i) -> absl::Status {
          ANNALS_ASSIGN_OR_RETURN(Term entity, view.Get(columns[0][i]));
          ANNALS_ASSIGN_OR_RETURN(Term spelling, view.Get(columns[1][i]));
          const Text* text = spelling.As<Text>();
          Term language =
              text == nullptr || text->language.empty() ? Term() : Term(Text{text->language, ""});
          rows.push_back({std::move(entity), std::move(spelling), std::move(language)});
          return absl::OkStatus();
        }));
  }
  std::sort(rows.begin(), rows.end(),
            [](const auto& a, const auto& b) { return CompareRows(a, b, 2) < 0; });
  return MakeTableRows({"name", "alias", "language"}, std::move(rows), {}, context);
}

absl::StatusOr<Rows> ShowRules(const QuestionContext& context) {
  ANNALS_ASSIGN_OR_RETURN(const std::vector<StoredRule> rules, ReadRules(*context.view));
  std::vector<std::vector<Term>> rows;
  for (const StoredRule& rule : rules) {
    ANNALS_ASSIGN_OR_RETURN(Term predicate, context.view->Get(rule.predicate));
    rows.push_back({std::move(predicate), Term(Text{rule.text, ""})});
  }
  std::sort(rows.begin(), rows.end(),
            [](const auto& a, const auto& b) { return CompareRows(a, b, 2) < 0; });
  return MakeTableRows({"predicate", "rule"}, std::move(rows), {}, context);
}

}  // namespace

absl::StatusOr<Rows> DescribeEntity(const native::Describe& statement,
                                    const QuestionContext& context) {
  std::vector<std::string> notes;
  ANNALS_ASSIGN_OR_RETURN(const std::optional<TermId> entity,
                          FindEntity(statement.entity, context, &notes));
  auto limits = std::make_unique<TableLimits>(context);
  std::vector<Fact> facts;
  if (entity.has_value()) {
    ANNALS_ASSIGN_OR_RETURN(facts, FactsOf(*entity, *context.view, *limits));
  }
  return MakeFactTable(std::move(facts), std::move(notes), std::move(limits), context);
}

absl::StatusOr<Rows> ShowTimeline(const native::Timeline& statement,
                                  const QuestionContext& context) {
  std::vector<std::string> notes;
  ANNALS_ASSIGN_OR_RETURN(const std::optional<TermId> entity,
                          FindEntity(statement.entity, context, &notes));
  std::optional<Time> window;
  if (statement.time.has_value() && statement.time->kind != native::TermExpr::Kind::kAnything) {
    const native::TermReader reader{context.text, context.prefixes, context.parameters};
    ANNALS_ASSIGN_OR_RETURN(const Term term, reader.Read(*statement.time, native::Place::kTime));
    window = *term.As<Time>();
  }
  auto limits = std::make_unique<TableLimits>(context);
  std::vector<Fact> facts;
  if (entity.has_value()) {
    ANNALS_ASSIGN_OR_RETURN(facts, FactsOf(*entity, *context.view, *limits));
    std::erase_if(facts, [](const Fact& fact) { return fact.time.is_undefined(); });
    if (window.has_value()) {
      ANNALS_RETURN_IF_ERROR(KeepInside(*window, *context.view, *limits, &facts));
    }
  }
  return MakeFactTable(std::move(facts), std::move(notes), std::move(limits), context);
}

absl::StatusOr<Rows> ShowList(const native::Show& statement, const QuestionContext& context) {
  if (statement.what == "predicates") return ShowPredicates(context);
  if (statement.what == "sources") return ShowSources(context);
  if (statement.what == "aliases") return ShowAliases(context);
  if (statement.what == "rules") {
    return ShowRules(context);
  }
  return context.text.Error(statement.what_span,
                            absl::StrCat("can't show '", statement.what,
                                         "'; expected predicates, sources, aliases or rules"));
}

}  // namespace annals

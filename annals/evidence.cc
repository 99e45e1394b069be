#include "annals/evidence.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "annals/check_facts.h"
#include "annals/tables.h"
#include "query/exec/vocabulary.h"
#include "query/native/terms.h"
#include "storage/base/text.h"
#include "storage/graph/history.h"
#include "storage/graph/seen_facts.h"

namespace annals {
namespace {

using native::Place;
using native::TermExpr;

// The id of what stands in one place; undefined where the store has nothing of the kind.
absl::StatusOr<TermId> Constant(const TermExpr& expr, Place place, const QuestionContext& context,
                                std::vector<std::string>* notes) {
  if (expr.kind == TermExpr::Kind::kVariable || expr.kind == TermExpr::Kind::kAnything) {
    return context.text.Error(expr.span,
                              "history is that of one fact; expected a name or value here");
  }
  return FindTerm(expr, place, context, notes);
}

// When a transaction committed; empty if it has not yet.
absl::StatusOr<Term> TimeOf(uint64_t transaction, const GraphView& view) {
  const absl::StatusOr<int64_t> seconds = view.TransactionTime(transaction);
  if (absl::IsNotFound(seconds.status())) return Term();
  if (!seconds.ok()) return seconds.status();
  return Term(Time::FromInstant(*seconds));
}

// Every telling of a fact, by any name of its entities and either way round if it is symmetric, by
// the transactions that told them.
absl::StatusOr<std::vector<Telling>> TellingsOf(TermId subject, TermId predicate, TermId object,
                                                const GraphView& view) {
  ANNALS_ASSIGN_OR_RETURN(const SeenFacts seen, SeenFacts::Read(view));
  ANNALS_ASSIGN_OR_RETURN(const std::shared_ptr<const Declarations> declared, view.Declared());
  const TermId one = seen.Canonical(predicate);
  std::vector<Telling> tellings;
  for (const Declarations::Way& way : declared->WaysOf(one)) {
    if (way.predicate != one) continue;
    if (way.reversed && seen.Canonical(subject) == seen.Canonical(object)) continue;
    for (const Fact& fact : seen.AsTold({way.reversed ? object : subject, predicate,
                                         way.reversed ? subject : object, TermId()})) {
      ANNALS_ASSIGN_OR_RETURN(const std::vector<Telling> told,
                              HistoryOf(view, fact.subject, fact.predicate, fact.object));
      tellings.insert(tellings.end(), told.begin(), told.end());
    }
  }
  std::stable_sort(tellings.begin(), tellings.end(), [](const Telling& a, const Telling& b) {
    return std::pair(a.added, a.fact.number) < std::pair(b.added, b.fact.number);
  });
  return tellings;
}

struct Held {
  TermId subject, object;
  Term time;
  uint64_t fact = 0;
};

// The facts of a predicate, by subject and time.
absl::StatusOr<std::vector<Held>> ReadHeld(TermId predicate, const GraphView& view,
                                           TableLimits& limits) {
  std::vector<Held> held;
  ScanSpec spec;
  spec.permutation = Permutation::kPos;
  spec.prefix = {predicate};
  spec.output = {Column::kSubject, Column::kObject, Column::kTime, Column::kFact};
  const auto add = [&](const auto& columns, size_t i) -> absl::Status {
    if (i == 0) ANNALS_RETURN_IF_ERROR(limits.Keep(held.capacity() * sizeof(Held)));
    ANNALS_ASSIGN_OR_RETURN(Term time, view.Get(columns[2][i]));
    held.push_back({columns[0][i], columns[1][i], std::move(time), columns[3][i].payload()});
    return absl::OkStatus();
  };
  ANNALS_RETURN_IF_ERROR(ForEachRow(view, spec, add));
  std::stable_sort(held.begin(), held.end(), [](const Held& a, const Held& b) {
    if (a.subject != b.subject) return a.subject < b.subject;
    return CompareForOrder(a.time, b.time) < 0;
  });
  return held;
}

// A row for each pair: subject, and of each fact object, time and sources.
absl::StatusOr<std::vector<std::vector<Term>>> ConflictsAmong(const std::vector<Held>& held,
                                                              const GraphView& view,
                                                              TableLimits& limits) {
  constexpr uint64_t kPairsBetweenChecks = 1024;
  std::vector<std::vector<Term>> rows;
  uint64_t bytes = held.capacity() * sizeof(Held), pairs = 0;
  for (size_t i = 0; i < held.size(); ++i) {
    for (size_t j = i + 1; j < held.size() && held[j].subject == held[i].subject; ++j) {
      if (++pairs % kPairsBetweenChecks == 0) ANNALS_RETURN_IF_ERROR(limits.Keep(bytes));
      if (held[i].object == held[j].object || !HoldAtOnce(held[i].time, held[j].time)) continue;
      ANNALS_ASSIGN_OR_RETURN(Term subject, view.Get(held[i].subject));
      std::vector<Term> row = {std::move(subject)};
      for (const Held* one : {&held[i], &held[j]}) {
        ANNALS_ASSIGN_OR_RETURN(Term object, view.Get(one->object));
        ANNALS_ASSIGN_OR_RETURN(Term sources, SourceList(one->fact, view));
        row.push_back(std::move(object));
        row.push_back(one->time);
        row.push_back(std::move(sources));
      }
      bytes += sizeof(row) + sizeof(Term) * row.capacity();
      for (const Term& term : row) bytes += exec::BytesOfTerm(term) - sizeof(Term);
      rows.push_back(std::move(row));
      ANNALS_RETURN_IF_ERROR(limits.CheckRows(rows.size()));
    }
  }
  return rows;
}

}  // namespace

absl::StatusOr<Rows> ShowHistory(const native::History& statement, const QuestionContext& context) {
  const native::Pattern& pattern = statement.pattern;
  const GraphView& view = *context.view;
  const auto* step = std::get_if<native::PathStep>(&pattern.predicate.node);
  if (step == nullptr) {
    return context.text.Error(pattern.predicate.span,
                              "history is that of one fact; expected one predicate, not a path");
  }
  std::vector<std::string> notes;
  ANNALS_ASSIGN_OR_RETURN(const TermId subject,
                          Constant(pattern.subject, Place::kName, context, &notes));
  ANNALS_ASSIGN_OR_RETURN(const TermId predicate,
                          Constant(step->term, Place::kName, context, &notes));
  ANNALS_ASSIGN_OR_RETURN(const TermId object,
                          Constant(pattern.object, Place::kObject, context, &notes));
  std::optional<TermId> time;
  if (pattern.time.has_value() && pattern.time->kind != TermExpr::Kind::kAnything) {
    ANNALS_ASSIGN_OR_RETURN(time, Constant(*pattern.time, Place::kTime, context, &notes));
  }
  std::vector<Telling> tellings;
  if (!subject.is_undefined() && !predicate.is_undefined() && !object.is_undefined()) {
    ANNALS_ASSIGN_OR_RETURN(tellings, TellingsOf(subject, predicate, object, view));
  }
  std::vector<std::vector<Term>> rows;
  for (const Telling& telling : tellings) {
    if (time.has_value() && telling.fact.time != *time) continue;
    const Fact& fact = telling.fact;
    std::vector<TermId> ids = {fact.subject, fact.predicate, fact.object, fact.time,
                               telling.source};
    std::vector<Term> row;
    ANNALS_RETURN_IF_ERROR(view.GetBatch(ids, &row));
    ANNALS_ASSIGN_OR_RETURN(Term added, TimeOf(telling.added, view));
    row.push_back(std::move(added));
    Term removed;
    if (telling.removed.has_value()) {
      ANNALS_ASSIGN_OR_RETURN(removed, TimeOf(*telling.removed, view));
    }
    row.push_back(std::move(removed));
    rows.push_back(std::move(row));
  }
  return MakeTableRows({"subject", "predicate", "object", "time", "source", "added", "removed"},
                       std::move(rows), std::move(notes), context);
}

absl::StatusOr<Rows> ShowConflicts(const native::Conflicts& statement,
                                   const QuestionContext& context) {
  const GraphView& view = *context.view;
  std::vector<std::string> notes;
  ANNALS_ASSIGN_OR_RETURN(const std::optional<TermId> predicate,
                          FindEntity(statement.predicate, context, &notes));
  ANNALS_ASSIGN_OR_RETURN(const std::shared_ptr<const Declarations> declared, view.Declared());
  if (predicate.has_value() && !declared->IsSingle(*predicate)) {
    const std::string& name = statement.predicate.text;
    return context.text.Error(
        statement.predicate.span,
        absl::StrCat("'", name, "' may have several values at a time, so that none conflict"),
        absl::StrCat("if it has one value at a time, declare it: predicate (", name,
                     ") {is: single};"));
  }
  TableLimits limits(context);
  std::vector<std::vector<Term>> rows;
  if (predicate.has_value()) {
    ANNALS_ASSIGN_OR_RETURN(const std::vector<Held> held, ReadHeld(*predicate, view, limits));
    ANNALS_ASSIGN_OR_RETURN(rows, ConflictsAmong(held, view, limits));
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return CompareRows(a, b, 7) < 0; });
  return MakeTableRows(
      {"subject", "object", "time", "sources", "other object", "other time", "other sources"},
      std::move(rows), std::move(notes), context);
}

}  // namespace annals

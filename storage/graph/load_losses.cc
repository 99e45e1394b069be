#include "storage/graph/load_losses.h"

#include <algorithm>

#include "storage/graph/for_each_row.h"
#include "storage/graph/names.h"
#include "storage/graph/replacing_load.h"

namespace annals {
namespace {
constexpr uint64_t kRowsBetweenChecks = 1024;
}  // namespace

absl::Status FindExact(const StoredView& view, LossOptions* options) {
  options->exact = FactSet(view.meta().last_fact);
  FactSet seen(view.meta().last_fact);
  ScanSpec spec;
  spec.permutation = Permutation::kSource;
  spec.output = {Column::kFact, Column::kSubject};
  uint64_t rows = 0;
  const auto visit = [&](const auto& columns, size_t i) -> absl::Status {
    if (rows++ % kRowsBetweenChecks == 0 && options->check) {
      ANNALS_RETURN_IF_ERROR(options->check());
    }
    const uint64_t fact = columns[0][i].payload();
    (seen.Has(fact) ? options->exact : seen).Add(fact);
    const TermId subject = columns[1][i];
    if (subject.kind() == TermKind::kFact) options->exact.Add(subject.payload());
    return absl::OkStatus();
  };
  for (const TermId source : options->sources) {
    spec.prefix = {source};
    ANNALS_RETURN_IF_ERROR(ForEachRow(view, spec, visit));
  }
  return absl::OkStatus();
}

LoadLosses::LoadLosses(const LoadMatch& match, const StoredView& view, const LossOptions& options)
    : match_(match),
      view_(view),
      options_(options),
      rows_(view.meta().last_fact,
            [this](uint64_t fact, TermId source) { return !IsTold(fact, source); }),
      history_(options.database, view.meta().transaction + 1, options.history_bytes) {}

absl::StatusOr<std::unique_ptr<LoadLosses>> LoadLosses::Find(LoadMatch& match,
                                                             const StoredView& view,
                                                             const LossOptions& options) {
  std::unique_ptr<LoadLosses> losses(new LoadLosses(match, view, options));
  ANNALS_ASSIGN_OR_RETURN(losses->seen_, SeenFacts::Read(view));
  ANNALS_RETURN_IF_ERROR(losses->FindTellings(&match.result));
  ANNALS_RETURN_IF_ERROR(losses->FindRest(&match.result));
  return losses;
}

// What isn't replaced counts as told.
bool LoadLosses::IsTold(uint64_t fact, TermId source) const {
  const auto& sources = options_.sources;
  const auto at = std::lower_bound(sources.begin(), sources.end(), source);
  if (at == sources.end() || *at != source) return true;
  // What only one of them tells it tells in the load too if any of them does.
  if (!options_.exact.Has(fact)) return match_.kept.Has(fact);
  return std::binary_search(match_.told.begin(), match_.told.end(),
                            LoadMatch::Telling{fact, source.bits()});
}

absl::Status LoadLosses::FindTellings(BulkLoad::Result* result) {
  const LostSearch search{view_,
                          options_.sources,
                          seen_,
                          [this](uint64_t fact, TermId source) { return IsTold(fact, source); },
                          options_.check,
                          [this](uint64_t fact, TermId source) {
                            rows_.Lose(fact);
                            if (!removals_.has_value()) return;
                            if (removals_->size() < options_.few) {
                              removals_->push_back({fact, source});
                            } else {
                              removals_.reset();
                            }
                          }};
  return FindLost(search, result);
}

absl::Status LoadLosses::FindRest(BulkLoad::Result* result) {
  FactSet gaining(view_.meta().last_fact);
  RowLog<7>::Reader known(match_.known);
  for (uint64_t left = match_.known.size(); left > 0;) {
    ANNALS_ASSIGN_OR_RETURN(const auto rows, known.Next());
    for (const CodeRow<7>& row : rows) gaining.Add(uint64_t{row[0]} << 32 | row[1]);
    left -= rows.size();
  }
  ANNALS_ASSIGN_OR_RETURN(const TermId alias, view_.Find(Term(Name{std::string(kAliasPredicate)})));
  std::vector<Fact> merged;  // that go, if others may be seen as the same
  const auto goes = [&](const Fact& fact) -> absl::Status {
    if (fact.predicate == alias) aliases_.push_back(fact);
    if (fact.subject.kind() == TermKind::kFact) return absl::OkStatus();
    ANNALS_ASSIGN_OR_RETURN(const bool may_be, seen_.MayBeSeenAsOther(view_, fact));
    result->gone_facts += !may_be;
    if (!may_be) return absl::OkStatus();
    ANNALS_ASSIGN_OR_RETURN(const uint64_t number, seen_.NumberOf(view_, fact));
    if (!match_.told_anew.Has(number)) merged.push_back(fact);
    return absl::OkStatus();
  };
  ANNALS_RETURN_IF_ERROR(
      rows_.Complete({view_, gaining, options_.check,
                      [this](const Assertion& telling) { return history_.Add(telling); }, goes}));
  ANNALS_ASSIGN_OR_RETURN(const uint64_t whole, seen_.CountWhole(view_, merged));
  result->gone_facts += whole;
  return absl::OkStatus();
}

// Does another fact give the entity this spelling?
absl::StatusOr<bool> LoadLosses::HasOtherAlias(const Fact& fact,
                                               const std::string& spelling) const {
  bool other = false;
  ScanSpec spec;
  spec.prefix = {fact.subject, fact.predicate};
  spec.output = {Column::kObject, Column::kFact};
  ANNALS_RETURN_IF_ERROR(
      ForEachRow(view_, spec, [&](const auto& columns, size_t i) -> absl::Status {
        if (other || rows_.HasFact(columns[1][i].payload())) return absl::OkStatus();
        ANNALS_ASSIGN_OR_RETURN(const Term term, view_.Get(columns[0][i]));
        const Text* const text = term.As<Text>();
        other = text != nullptr && text->value == spelling;
        return absl::OkStatus();
      }));
  return other;
}

absl::Status LoadLosses::RemoveAliases(kv::Batch& batch) const {
  for (const Fact& fact : aliases_) {
    ANNALS_ASSIGN_OR_RETURN(const Term object, view_.Get(fact.object));
    const Text* const text = object.As<Text>();
    if (text == nullptr) continue;
    ANNALS_ASSIGN_OR_RETURN(const bool other, HasOtherAlias(fact, text->value));
    if (!other) RemoveAlias(batch, text->value, fact.subject);
  }
  return absl::OkStatus();
}

}  // namespace annals

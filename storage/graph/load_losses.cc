#include "storage/graph/load_losses.h"

#include <algorithm>

#include "storage/graph/for_each_row.h"
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
    if (rows++ % kRowsBetweenChecks == 0 && options->taking_back.check) {
      ANNALS_RETURN_IF_ERROR(options->taking_back.check());
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
      taken_back_(
          view, [this](uint64_t fact, TermId source) { return !IsTold(fact, source); },
          options.taking_back) {}

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
                          options_.taking_back.check,
                          [this](uint64_t fact, TermId source) {
                            taken_back_.Lose(fact);
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
  ANNALS_RETURN_IF_ERROR(taken_back_.Complete(
      gaining, seen_, [this](uint64_t fact) { return match_.told_anew.Has(fact); }));
  result->gone_facts = taken_back_.gone_facts();
  return absl::OkStatus();
}

}  // namespace annals

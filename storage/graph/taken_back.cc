#include "storage/graph/taken_back.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "storage/graph/for_each_row.h"
#include "storage/graph/names.h"

namespace annals {
namespace {

// Sorting the rows of the history that are in memory can't be stopped half-way: so many take half a
// second.
constexpr uint64_t kMostHistoryBytes = uint64_t{64} << 20;

uint64_t HistoryBytes(uint64_t memory_bytes) {
  return std::min(memory_bytes / 16, kMostHistoryBytes);
}

}  // namespace

TakenBack::TakenBack(const StoredView& view, RemovedRows::IsLost is_lost, TakingBackOptions options)
    : view_(view),
      options_(std::move(options)),
      rows_(view.meta().last_fact, std::move(is_lost)),
      history_(options_.database, view.meta().transaction + 1,
               HistoryBytes(options_.memory_bytes)) {}

absl::Status TakenBack::Complete(const FactSet& gaining, const SeenFacts& seen,
                                 const std::function<bool(uint64_t fact)>& told_anew) {
  ANNALS_ASSIGN_OR_RETURN(const TermId alias, view_.Find(Term(Name{std::string(kAliasPredicate)})));
  std::vector<Fact> merged;  // that go, if others may be seen as the same
  const auto goes = [&](const Fact& fact) -> absl::Status {
    if (fact.predicate == alias) aliases_.push_back(fact);
    if (fact.subject.kind() == TermKind::kFact) return absl::OkStatus();
    ANNALS_ASSIGN_OR_RETURN(const bool may_be, seen.MayBeSeenAsOther(view_, fact));
    gone_facts_ += !may_be;
    if (!may_be) return absl::OkStatus();
    ANNALS_ASSIGN_OR_RETURN(const uint64_t number, seen.NumberOf(view_, fact));
    if (!told_anew || !told_anew(number)) merged.push_back(fact);
    return absl::OkStatus();
  };
  ANNALS_RETURN_IF_ERROR(
      rows_.Complete({view_, gaining, options_.check,
                      [this](const Assertion& telling) { return history_.Add(telling); }, goes}));
  ANNALS_ASSIGN_OR_RETURN(const uint64_t whole, seen.CountWhole(view_, merged));
  gone_facts_ += whole;
  return absl::OkStatus();
}

// Does another fact give the entity this spelling?
absl::StatusOr<bool> TakenBack::HasOtherAlias(const Fact& fact, const std::string& spelling) const {
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

absl::Status TakenBack::RemoveAliases(kv::Batch& batch) const {
  constexpr size_t kAliasesBetweenChecks = 64;
  size_t seen = 0;
  for (const Fact& fact : aliases_) {
    if (seen++ % kAliasesBetweenChecks == 0 && options_.check) {
      ANNALS_RETURN_IF_ERROR(options_.check());
    }
    ANNALS_ASSIGN_OR_RETURN(const Term object, view_.Get(fact.object));
    const Text* const text = object.As<Text>();
    if (text == nullptr) continue;
    ANNALS_ASSIGN_OR_RETURN(const bool other, HasOtherAlias(fact, text->value));
    if (!other) RemoveAlias(batch, text->value, fact.subject);
  }
  return absl::OkStatus();
}

}  // namespace annals

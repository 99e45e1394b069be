#include "storage/graph/removed_rows.h"

#include <string>

#include "storage/graph/for_each_row.h"
#include "storage/graph/names.h"

namespace annals {
namespace {

absl::Status WriteHistory(const RemovalPlan& plan, uint64_t transaction, kv::Batch& batch) {
  for (const Assertion& telling : plan.tellings) {
    const HistoryRow row = HistoryRowOf(telling, transaction);
    batch.Put(row.key, row.value);
  }
  return absl::OkStatus();
}

// Does another fact give the entity this spelling?
absl::StatusOr<bool> HasOtherAlias(const StoredView& view, const RemovedRows& removed,
                                   const Fact& fact, const std::string& spelling) {
  bool other = false;
  ScanSpec spec;
  spec.prefix = {fact.subject, fact.predicate};
  spec.output = {Column::kObject, Column::kFact};
  ANNALS_RETURN_IF_ERROR(ForEachRow(view, spec, [&](const auto& columns, size_t i) -> absl::Status {
    if (other || removed.HasFact(columns[1][i].payload())) return absl::OkStatus();
    ANNALS_ASSIGN_OR_RETURN(const Term term, view.Get(columns[0][i]));
    const Text* const text = term.As<Text>();
    other = text != nullptr && text->value == spelling;
    return absl::OkStatus();
  }));
  return other;
}

}  // namespace

RemovedRows::RemovedRows(const RemovalPlan& plan, uint64_t last_fact)
    : gone_(last_fact + 1), lose_(last_fact + 1) {
  for (const Fact& fact : plan.facts) gone_.at(fact.number) = true;
  tellings_.reserve(plan.tellings.size());
  for (const Assertion& telling : plan.tellings) {
    lose_.at(telling.fact.payload()) = true;
    tellings_.emplace(telling.fact.payload(), telling.source.bits());
  }
}

size_t RemovedRows::TakeOut(Permutation permutation, size_t rows,
                            std::vector<std::vector<TermId>>* columns) const {
  const bool by_telling = permutation == Permutation::kFact || permutation == Permutation::kSource;
  const auto fact_at = static_cast<size_t>(PlaceOf(permutation, Column::kFact));
  const int source_at = PlaceOf(permutation, Column::kSource);
  size_t kept = 0;
  for (size_t row = 0; row < rows; ++row) {
    const uint64_t fact = (*columns)[fact_at][row].payload();
    const bool goes =
        by_telling
            ? fact < lose_.size() && lose_[fact] &&
                  tellings_.contains({fact, (*columns)[static_cast<size_t>(source_at)][row].bits()})
            : HasFact(fact);
    if (goes) continue;
    if (kept < row) {
      for (std::vector<TermId>& column : *columns) column[kept] = column[row];
    }
    ++kept;
  }
  for (std::vector<TermId>& column : *columns) column.resize(kept);
  return kept;
}

absl::Status WriteRemoval(const RemovalPlan& plan, const RemovedRows& removed,
                          const StoredView& view, uint64_t transaction, kv::Batch& batch) {
  ANNALS_RETURN_IF_ERROR(WriteHistory(plan, transaction, batch));
  ANNALS_ASSIGN_OR_RETURN(const TermId alias, view.Find(Term(Name{std::string(kAliasPredicate)})));
  if (alias.is_undefined()) return absl::OkStatus();
  for (const Fact& fact : plan.facts) {
    if (fact.predicate != alias) continue;
    ANNALS_ASSIGN_OR_RETURN(const Term object, view.Get(fact.object));
    const Text* const text = object.As<Text>();
    if (text == nullptr) continue;
    ANNALS_ASSIGN_OR_RETURN(const bool other, HasOtherAlias(view, removed, fact, text->value));
    if (!other) RemoveAlias(batch, text->value, fact.subject);
  }
  return absl::OkStatus();
}

}  // namespace annals

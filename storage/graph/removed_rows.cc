#include "storage/graph/removed_rows.h"

#include <array>

#include "storage/graph/row_sweep.h"

namespace annals {

class RemovedRows::Completer {
 public:
  Completer(RemovedRows& rows, const Completion& completion)
      : rows_(rows), completion_(completion), last_(completion.view.meta().last_fact) {}

  absl::Status Run() {
    ANNALS_ASSIGN_OR_RETURN(FactSet gone, TakeBack(rows_.lose_));
    while (gone.Next(0) != 0) {
      ANNALS_ASSIGN_OR_RETURN(const FactSet about, FindAbout(gone));
      ANNALS_ASSIGN_OR_RETURN(gone, TakeBack(about));
    }
    return absl::OkStatus();
  }

 private:
  static constexpr size_t kStepsBetweenChecks = 256;

  absl::Status CheckNowAndThen() {
    return steps_++ % kStepsBetweenChecks == 0 && completion_.check ? completion_.check()
                                                                    : absl::OkStatus();
  }

  // Those of the facts that have no telling left.
  absl::StatusOr<FactSet> TakeBack(const FactSet& facts) {
    FactSet gone(last_);
    RowSweep tellings(completion_.view, Permutation::kFact,
                      {Column::kSource, Column::kSubject, Column::kPredicate, Column::kObject,
                       Column::kTime, Column::kTransaction});
    for (uint64_t fact = facts.Next(0); fact != 0; fact = facts.Next(fact + 1)) {
      ANNALS_RETURN_IF_ERROR(CheckNowAndThen());
      ANNALS_ASSIGN_OR_RETURN(const bool goes, TakeBackTellings(fact, tellings));
      if (goes) gone.Add(fact);
    }
    return gone;
  }

  absl::StatusOr<bool> TakeBackTellings(uint64_t fact, RowSweep& tellings) {
    const bool all = rows_.all_.Has(fact), some = rows_.lose_.Has(fact);
    Assertion row;
    row.fact = TermId::Fact(fact);
    bool told = false, stays = completion_.gaining.Has(fact);
    ANNALS_RETURN_IF_ERROR(tellings.To(std::array{row.fact}));
    while (true) {
      ANNALS_ASSIGN_OR_RETURN(const size_t count, tellings.Next());
      if (count == 0) break;
      told = true;
      for (size_t i = 0; i < count; ++i) {
        row = {tellings.At(1, i), tellings.At(2, i), tellings.At(3, i), tellings.At(4, i),
               row.fact,          tellings.At(0, i), tellings.At(5, i)};
        const bool lost = some && rows_.is_lost_(fact, row.source);
        if (!all && !lost) stays = true;
        // What a fact loses of itself was taken back before all of it is.
        if (all ? !lost : lost) ANNALS_RETURN_IF_ERROR(completion_.telling(row));
      }
    }
    if (!told || stays) return false;
    rows_.gone_.Add(fact);
    ANNALS_RETURN_IF_ERROR(
        completion_.fact({row.subject, row.predicate, row.object, row.time, fact}));
    return true;
  }

  // The facts about these that are still there: they lose all tellings.
  absl::StatusOr<FactSet> FindAbout(const FactSet& facts) {
    FactSet found(last_);
    RowSweep about(completion_.view, Permutation::kSpo, {Column::kFact});
    for (uint64_t fact = facts.Next(0); fact != 0; fact = facts.Next(fact + 1)) {
      ANNALS_RETURN_IF_ERROR(CheckNowAndThen());
      ANNALS_RETURN_IF_ERROR(about.To(std::array{TermId::Fact(fact)}));
      while (true) {
        ANNALS_ASSIGN_OR_RETURN(const size_t count, about.Next());
        if (count == 0) break;
        for (size_t i = 0; i < count; ++i) {
          const uint64_t qualifier = about.At(0, i).payload();
          if (rows_.gone_.Has(qualifier) || rows_.all_.Has(qualifier)) continue;
          rows_.all_.Add(qualifier);
          found.Add(qualifier);
        }
      }
    }
    return found;
  }

  RemovedRows& rows_;
  const Completion& completion_;
  const uint64_t last_;
  size_t steps_ = 0;
};

absl::Status RemovedRows::Complete(const Completion& completion) {
  return Completer(*this, completion).Run();
}

size_t RemovedRows::TakeOut(Permutation permutation, size_t rows,
                            std::vector<std::vector<TermId>>* columns) const {
  const bool by_telling = permutation == Permutation::kFact || permutation == Permutation::kSource;
  const auto fact_at = static_cast<size_t>(PlaceOf(permutation, Column::kFact));
  const int source_at = PlaceOf(permutation, Column::kSource);
  size_t kept = 0;
  for (size_t row = 0; row < rows; ++row) {
    const uint64_t fact = (*columns)[fact_at][row].payload();
    const bool goes = by_telling ? HasTelling(fact, (*columns)[static_cast<size_t>(source_at)][row])
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

}  // namespace annals

#include "storage/graph/large_removal.h"

#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "storage/graph/bulk_load.h"
#include "storage/graph/fold.h"
#include "storage/graph/for_each_row.h"
#include "storage/graph/taken_back.h"

namespace annals {
namespace {

constexpr uint64_t kReadBetweenChecks = 1024;

class LargeRemoval {
 public:
  // All that is given must outlive it.
  LargeRemoval(const StoredView& view, const Removals& removals, TakingBackOptions options)
      : view_(view),
        removals_(removals),
        check_(options.check),
        sources_(removals.sources),
        taken_back_(
            view, [this](uint64_t fact, TermId source) { return IsLost(fact, source); },
            std::move(options)) {
    std::sort(sources_.begin(), sources_.end());
  }

  absl::Status Find() {
    ANNALS_RETURN_IF_ERROR(SortTellings());
    for (const Removal& telling : tellings_) taken_back_.Lose(telling.fact);
    for (const TermId source : sources_) ANNALS_RETURN_IF_ERROR(LoseAllOf(source));
    ANNALS_ASSIGN_OR_RETURN(const SeenFacts seen, SeenFacts::Read(view_));
    return taken_back_.Complete(FactSet(0), seen, nullptr);
  }

  TakenBack& taken_back() { return taken_back_; }

 private:
  static bool Before(const Removal& a, const Removal& b) {
    return std::tie(a.fact, a.source) < std::tie(b.fact, b.source);
  }

  absl::Status CheckNowAndThen() {
    return steps_++ % kReadBetweenChecks == 0 && check_ ? check_() : absl::OkStatus();
  }

  // What the store has, by fact. A removal from all sources comes first of its fact's.
  absl::Status SortTellings() {
    tellings_.reserve(removals_.tellings.size());
    for (const Removal& telling : removals_.tellings) {
      ANNALS_RETURN_IF_ERROR(CheckNowAndThen());
      if (telling.fact <= view_.meta().last_fact) tellings_.push_back(telling);
    }
    std::sort(tellings_.begin(), tellings_.end(), Before);
    return absl::OkStatus();
  }

  absl::Status LoseAllOf(TermId source) {
    ScanSpec spec;
    spec.permutation = Permutation::kSource;
    spec.prefix = {source};
    spec.output = {Column::kFact};
    return ForEachRow(view_, spec, [&](const auto& columns, size_t i) -> absl::Status {
      taken_back_.Lose(columns[0][i].payload());
      return CheckNowAndThen();
    });
  }

  bool IsLost(uint64_t fact, TermId source) const {
    if (std::binary_search(sources_.begin(), sources_.end(), source)) return true;
    const auto first =
        std::lower_bound(tellings_.begin(), tellings_.end(), Removal{fact, std::nullopt}, Before);
    if (first == tellings_.end() || first->fact != fact) return false;
    return !first->source.has_value() ||
           std::binary_search(first, tellings_.end(), Removal{fact, source}, Before);
  }

  const StoredView& view_;
  const Removals& removals_;
  const std::function<absl::Status()> check_;
  std::vector<Removal> tellings_;
  std::vector<TermId> sources_;
  TakenBack taken_back_;
  uint64_t steps_ = 0;
};

}  // namespace

absl::StatusOr<uint64_t> RemoveByGeneration(StoreCore& core, const Removals& removals,
                                            const RemovalOptions& options) {
  const std::shared_ptr<const StoredView> view = core.view();
  LargeRemoval removal(*view, removals,
                       {core.kv().path(), LoadMemory(options.memory_bytes), options.check});
  ANNALS_RETURN_IF_ERROR(removal.Find());
  TakenBack& lost = removal.taken_back();
  if (lost.tellings() == 0) return 0;
  GenerationInput input;
  input.meta = view->meta();
  ++input.meta.transaction;
  input.lost = &lost;
  if (options.check) input.progress = [&options](uint64_t) { return options.check(); };
  ANNALS_RETURN_IF_ERROR(WriteGeneration(core, input));
  return lost.gone_facts();
}

}  // namespace annals

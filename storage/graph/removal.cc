#include "storage/graph/removal.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "storage/base/coding.h"
#include "storage/graph/for_each_row.h"
#include "storage/graph/row_sweep.h"
#include "storage/kv/keys.h"

namespace annals {
namespace {

constexpr size_t kStepsBetweenChecks = 256;

// A telling that a fact is to lose, by fact.
struct WantedTelling {
  static constexpr uint64_t kEverySource = UINT64_MAX;  // no id

  uint64_t fact = 0;
  uint64_t source = kEverySource;
  friend auto operator<=>(const WantedTelling&, const WantedTelling&) = default;
};

class Planner {
 public:
  Planner(const StoredView& view, const std::function<absl::Status()>& check)
      : view_(view), check_(check) {}

  absl::StatusOr<RemovalPlan> Run(const Removals& removals) {
    ANNALS_ASSIGN_OR_RETURN(std::vector<WantedTelling> wanted, WantedOf(removals));
    // What was said about a fact goes with it, and what was said about that.
    while (!wanted.empty()) {
      const size_t before = plan_.facts.size();
      std::sort(wanted.begin(), wanted.end());
      for (size_t begin = 0, end = 0; begin < wanted.size(); begin = end) {
        ANNALS_RETURN_IF_ERROR(CheckNowAndThen());
        while (end < wanted.size() && wanted[end].fact == wanted[begin].fact) ++end;
        ANNALS_RETURN_IF_ERROR(TakeBack(std::span(wanted).subspan(begin, end - begin)));
      }
      tellings_.reset();
      ANNALS_ASSIGN_OR_RETURN(wanted, FindQualifiers(before));
    }
    ANNALS_RETURN_IF_ERROR(CountDistinct());
    ANNALS_RETURN_IF_ERROR(CountSources());
    return std::move(plan_);
  }

 private:
  absl::Status CheckNowAndThen() {
    return steps_++ % kStepsBetweenChecks == 0 && check_ ? check_() : absl::OkStatus();
  }

  absl::StatusOr<std::vector<WantedTelling>> WantedOf(const Removals& removals) {
    std::vector<WantedTelling> wanted;
    for (const Removal& removal : removals.tellings) {
      wanted.push_back(
          {removal.fact, removal.source ? removal.source->bits() : WantedTelling::kEverySource});
    }
    ScanSpec spec;
    spec.permutation = Permutation::kSource;
    spec.output = {Column::kFact};
    for (const TermId source : removals.sources) {
      spec.prefix = {source};
      ANNALS_RETURN_IF_ERROR(
          ForEachRow(view_, spec, [&](const auto& columns, size_t i) -> absl::Status {
            wanted.push_back({columns[0][i].payload(), source.bits()});
            return CheckNowAndThen();
          }));
    }
    return wanted;
  }

  // Of one fact. Called by ascending fact between two resets of tellings_.
  absl::Status TakeBack(std::span<const WantedTelling> wanted) {
    const uint64_t number = wanted[0].fact;
    const bool every = wanted.back().source == WantedTelling::kEverySource;
    if (!tellings_) {
      tellings_.emplace(view_, Permutation::kFact,
                        std::vector<Column>{Column::kSource, Column::kSubject, Column::kPredicate,
                                            Column::kObject, Column::kTime, Column::kTransaction});
    }
    Assertion row;
    row.fact = TermId::Fact(number);
    size_t told = 0;
    size_t left = 0;
    ANNALS_RETURN_IF_ERROR(tellings_->To(std::array{row.fact}));
    while (true) {
      ANNALS_ASSIGN_OR_RETURN(const size_t count, tellings_->Next());
      if (count == 0) break;
      for (size_t i = 0; i < count; ++i, ++told) {
        const TermId source = tellings_->At(0, i);
        row = {tellings_->At(1, i),
               tellings_->At(2, i),
               tellings_->At(3, i),
               tellings_->At(4, i),
               row.fact,
               source,
               tellings_->At(5, i)};
        const WantedTelling telling{number, source.bits()};
        if (!every && !std::binary_search(wanted.begin(), wanted.end(), telling) &&
            !taken_.contains({number, source.bits()})) {
          ++left;
          continue;
        }
        if (taken_.insert({number, source.bits()}).second) plan_.tellings.push_back(row);
      }
    }
    if (told > 0 && left == 0 && gone_.insert(number).second) {
      plan_.facts.push_back({row.subject, row.predicate, row.object, row.time, number});
    }
    return absl::OkStatus();
  }

  // What is said about the facts that go, from the one at `begin` on.
  absl::StatusOr<std::vector<WantedTelling>> FindQualifiers(size_t begin) {
    std::vector<WantedTelling> wanted;
    std::vector<uint64_t> numbers;
    for (size_t i = begin; i < plan_.facts.size(); ++i) numbers.push_back(plan_.facts[i].number);
    std::sort(numbers.begin(), numbers.end());
    RowSweep about(view_, Permutation::kSpo, {Column::kFact});
    for (const uint64_t number : numbers) {
      ANNALS_RETURN_IF_ERROR(CheckNowAndThen());
      ANNALS_RETURN_IF_ERROR(about.To(std::array{TermId::Fact(number)}));
      while (true) {
        ANNALS_ASSIGN_OR_RETURN(const size_t count, about.Next());
        if (count == 0) break;
        for (size_t i = 0; i < count; ++i) {
          const uint64_t qualifier = about.At(0, i).payload();
          if (!gone_.contains(qualifier)) wanted.push_back({qualifier});
        }
      }
    }
    return wanted;
  }

  // Calls `visit(key)` for each of the sorted keys that the permutation has no further rows of.
  template <size_t N, typename Visit>
  absl::Status ForEachUsedUp(Permutation permutation, std::vector<std::array<TermId, N>> keys,
                             const Visit& visit) {
    std::sort(keys.begin(), keys.end());
    RowSweep sweep(view_, permutation, {});
    for (size_t begin = 0, end = 0; begin < keys.size(); begin = end) {
      ANNALS_RETURN_IF_ERROR(CheckNowAndThen());
      while (end < keys.size() && keys[end] == keys[begin]) ++end;
      ANNALS_RETURN_IF_ERROR(sweep.To(keys[begin]));
      const size_t goes = end - begin;
      size_t found = 0;
      while (found <= goes) {
        ANNALS_ASSIGN_OR_RETURN(const size_t count, sweep.Next(goes + 1 - found));
        if (count == 0) break;
        found += count;
      }
      if (found <= goes) visit(keys[begin]);
    }
    return absl::OkStatus();
  }

  absl::Status CountDistinct() {
    std::vector<std::array<TermId, 2>> subjects, objects;
    for (const Fact& fact : plan_.facts) {
      subjects.push_back({fact.subject, fact.predicate});
      objects.push_back({fact.predicate, fact.object});
    }
    ANNALS_RETURN_IF_ERROR(
        ForEachUsedUp<2>(Permutation::kSpo, std::move(subjects),
                         [&](const auto& key) { ++plan_.distinct[key[1].bits()].subjects; }));
    return ForEachUsedUp<2>(Permutation::kPos, std::move(objects),
                            [&](const auto& key) { ++plan_.distinct[key[0].bits()].objects; });
  }

  absl::Status CountSources() {
    std::vector<std::array<TermId, 1>> sources;
    for (const Assertion& telling : plan_.tellings) {
      if (!telling.source.is_undefined()) sources.push_back({telling.source});
    }
    return ForEachUsedUp<1>(Permutation::kSource, std::move(sources),
                            [&](const auto&) { ++plan_.sources; });
  }

  const StoredView& view_;
  const std::function<absl::Status()>& check_;
  RemovalPlan plan_;
  std::optional<RowSweep> tellings_;
  absl::flat_hash_set<std::pair<uint64_t, uint64_t>> taken_;  // fact, source
  absl::flat_hash_set<uint64_t> gone_;
  size_t steps_ = 0;
};

}  // namespace

absl::StatusOr<RemovalPlan> PlanRemoval(const StoredView& view, const Removals& removals,
                                        const std::function<absl::Status()>& check) {
  return Planner(view, check).Run(removals);
}

HistoryRow HistoryRowOf(const Assertion& telling, uint64_t transaction) {
  HistoryRow row;
  row.key.push_back(kv::kHistoryPrefix);
  for (const TermId id : {telling.subject, telling.predicate, telling.object, telling.time,
                          telling.fact, telling.source}) {
    PutFixed64(&row.key, id.bits());
  }
  PutFixed64(&row.key, transaction);
  PutFixed64(&row.value, static_cast<uint64_t>(telling.transaction.integer()));
  return row;
}

}  // namespace annals

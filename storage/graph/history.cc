#include "storage/graph/history.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "storage/base/coding.h"
#include "storage/graph/for_each_row.h"
#include "storage/graph/graph_view.h"
#include "storage/graph/overlay.h"
#include "storage/kv/keys.h"
#include "storage/model/time.h"

namespace annals {
namespace {

absl::StatusOr<const StoredView*> Stored(const GraphView& view) {
  const auto* stored = dynamic_cast<const StoredView*>(&view);
  if (stored == nullptr) return Internal("the past of a view that is not a store's");
  return stored;
}

absl::StatusOr<Telling> ParseTakenBack(std::string_view key, std::string_view value) {
  key.remove_prefix(1);
  std::array<uint64_t, 7> fields;
  uint64_t added = 0;
  bool whole = GetFixed64(&value, &added);
  for (uint64_t& field : fields) whole = whole && GetFixed64(&key, &field);
  if (!whole || !key.empty()) return DataLoss("a row of the history is damaged");
  Telling telling;
  telling.fact = {TermId::FromBits(fields[0]), TermId::FromBits(fields[1]),
                  TermId::FromBits(fields[2]), TermId::FromBits(fields[3]),
                  TermId::FromBits(fields[4]).payload()};
  telling.source = TermId::FromBits(fields[5]);
  telling.added = added;
  telling.removed = fields[6];
  return telling;
}

// Calls `visit(telling)` for every telling that was taken back, below a prefix of (subject,
// predicate, object). Passes over what a load that was cut off has left.
template <typename Visit>
absl::Status ForEachTakenBack(const StoredView& view, std::span<const TermId> prefix,
                              const Visit& visit) {
  std::string begin(1, kv::kHistoryPrefix);
  for (const TermId id : prefix) PutFixed64(&begin, id.bits());
  const std::unique_ptr<kv::Iterator> row = view.kv().NewIterator();
  for (row->Seek(begin); row->Valid() && row->key().starts_with(begin); row->Next()) {
    ANNALS_ASSIGN_OR_RETURN(const Telling telling, ParseTakenBack(row->key(), row->value()));
    if (*telling.removed > view.meta().transaction) continue;
    visit(telling);
  }
  return row->status();
}

// What the store knew once: the facts numbered by then that are still there, and those that have
// gone since. A fact that goes and comes back has another number.
class AsOf : public Overlay {
 public:
  AsOf(std::shared_ptr<const GraphView> now, uint64_t transaction, uint64_t last_fact)
      : now_(std::move(now)), transaction_(transaction), last_fact_(last_fact) {}

  absl::StatusOr<bool> HidesFact(uint64_t fact) const override { return fact > last_fact_; }
  absl::StatusOr<bool> HidesAssertion(uint64_t fact, TermId source,
                                      std::optional<uint64_t> transaction) const override {
    if (!transaction.has_value()) {
      ScanSpec spec;
      spec.permutation = Permutation::kFact;
      spec.prefix = {TermId::Fact(fact), source};
      spec.output = {Column::kTransaction};
      ANNALS_RETURN_IF_ERROR(
          ForEachRow(*now_, spec, [&](const auto& columns, size_t i) -> absl::Status {
            transaction = static_cast<uint64_t>(columns[0][i].integer());
            return absl::OkStatus();
          }));
    }
    return transaction.value_or(0) > transaction_;
  }

 private:
  const std::shared_ptr<const GraphView> now_;
  const uint64_t transaction_;
  const uint64_t last_fact_;
};

absl::StatusOr<std::shared_ptr<const GraphView>> MakeAsOf(std::shared_ptr<const GraphView> now,
                                                          int64_t instant) {
  ANNALS_ASSIGN_OR_RETURN(const StoredView* const stored, Stored(*now));
  // The last transaction that committed by then; times never go back. Transactions under way are
  // not committed.
  uint64_t low = 0, high = stored->last_transaction();
  TransactionRow row;
  while (low < high) {
    const uint64_t middle = low + (high - low + 1) / 2;
    ANNALS_ASSIGN_OR_RETURN(const TransactionRow candidate, stored->TransactionRowOf(middle));
    if (candidate.seconds <= instant) {
      low = middle;
      row = candidate;
    } else {
      high = middle - 1;
    }
  }
  std::vector<Assertion> gone;
  ANNALS_RETURN_IF_ERROR(ForEachTakenBack(*stored, {}, [&](const Telling& telling) {
    if (telling.added > low || *telling.removed <= low) return;
    gone.push_back({telling.fact.subject, telling.fact.predicate, telling.fact.object,
                    telling.fact.time, TermId::Fact(telling.fact.number), telling.source,
                    TermId::Integer(static_cast<int64_t>(telling.added))});
  }));
  auto overlay = std::make_unique<AsOf>(now, low, row.last_fact);
  return MakeOverlayView(std::move(now), std::move(overlay), std::move(gone));
}

// What the sources say that were out by some time.
class PublishedBy : public Overlay {
 public:
  absl::StatusOr<bool> HidesFact(uint64_t fact) const override {
    return !said_.contains(fact) && !cards_.contains(fact);
  }
  absl::StatusOr<bool> HidesAssertion(uint64_t fact, TermId source,
                                      std::optional<uint64_t>) const override {
    return source.is_undefined() ? !cards_.contains(fact) : !sources_.contains(source);
  }

  absl::Status Read(const GraphView& now, int64_t instant) {
    ANNALS_ASSIGN_OR_RETURN(const TermId published, now.Find(Term(Name{"published"})));
    if (published.is_undefined()) return absl::OkStatus();
    std::vector<std::pair<TermId, TermId>> dates;
    ScanSpec spec;
    spec.permutation = Permutation::kPos;
    spec.prefix = {published};
    spec.output = {Column::kSubject, Column::kObject};
    ANNALS_RETURN_IF_ERROR(ForEachRow(now, spec, [&](const auto& columns, size_t i) {
      dates.emplace_back(columns[0][i], columns[1][i]);
      return absl::OkStatus();
    }));
    for (const auto& [source, id] : dates) {
      ANNALS_ASSIGN_OR_RETURN(const Term term, now.Get(id));
      const Time* const date = term.As<Time>();
      if (date == nullptr) continue;
      (date->last() <= instant ? sources_ : late_).insert(source);
    }
    // Of two dates the later counts: it was certainly out by then.
    for (const TermId source : late_) sources_.erase(source);
    for (const TermId source : sources_) ANNALS_RETURN_IF_ERROR(ReadSource(now, source));
    return absl::OkStatus();
  }

 private:
  absl::Status ReadSource(const GraphView& now, TermId source) {
    ScanSpec said;
    said.permutation = Permutation::kSource;
    said.prefix = {source};
    said.output = {Column::kFact};
    ANNALS_RETURN_IF_ERROR(ForEachRow(now, said, [&](const auto& columns, size_t i) {
      said_.insert(columns[0][i].payload());
      return absl::OkStatus();
    }));
    ScanSpec card;
    card.permutation = Permutation::kSpo;
    card.prefix = {source};
    card.output = {Column::kFact};
    return ForEachRow(now, card, [&](const auto& columns, size_t i) -> absl::Status {
      const uint64_t fact = columns[0][i].payload();
      ANNALS_ASSIGN_OR_RETURN(const std::vector<TermId> sources, now.SourcesOf(fact));
      const bool bare =
          std::any_of(sources.begin(), sources.end(), [](TermId id) { return id.is_undefined(); });
      if (bare) cards_.insert(fact);
      return absl::OkStatus();
    });
  }

  absl::flat_hash_set<TermId> sources_, late_;
  absl::flat_hash_set<uint64_t> said_;   // facts that one of the sources gives
  absl::flat_hash_set<uint64_t> cards_;  // facts about one of the sources, told without a source
};

}  // namespace

absl::StatusOr<std::vector<Telling>> HistoryOf(const GraphView& view, TermId subject,
                                               TermId predicate, TermId object) {
  ANNALS_ASSIGN_OR_RETURN(const StoredView* const stored, Stored(view));
  const std::array<TermId, 3> prefix = {subject, predicate, object};
  std::vector<Telling> tellings;
  ANNALS_RETURN_IF_ERROR(ForEachTakenBack(
      *stored, prefix, [&](const Telling& telling) { tellings.push_back(telling); }));
  ScanSpec spec;
  spec.prefix.assign(prefix.begin(), prefix.end());
  spec.output = {Column::kTime, Column::kFact};
  ANNALS_RETURN_IF_ERROR(ForEachRow(view, spec, [&](const auto& columns, size_t i) -> absl::Status {
    const Fact fact{subject, predicate, object, columns[0][i], columns[1][i].payload()};
    ANNALS_ASSIGN_OR_RETURN(const std::vector<StoredView::Told> told,
                            stored->Tellings(fact.number));
    for (const StoredView::Told& one : told) {
      tellings.push_back({fact, one.source, one.transaction, std::nullopt});
    }
    return absl::OkStatus();
  }));
  std::sort(tellings.begin(), tellings.end(), [](const Telling& a, const Telling& b) {
    return std::pair(a.added, a.fact.number) < std::pair(b.added, b.fact.number);
  });
  return tellings;
}

absl::StatusOr<std::shared_ptr<const GraphView>> MakePastView(std::shared_ptr<const GraphView> now,
                                                              const PastOptions& options) {
  if (options.as_of.has_value()) {
    ANNALS_ASSIGN_OR_RETURN(now, MakeAsOf(std::move(now), *options.as_of));
  }
  if (options.published_by.has_value()) {
    auto overlay = std::make_unique<PublishedBy>();
    ANNALS_RETURN_IF_ERROR(overlay->Read(*now, *options.published_by));
    ANNALS_ASSIGN_OR_RETURN(now, MakeOverlayView(std::move(now), std::move(overlay), {}));
  }
  return now;
}

}  // namespace annals

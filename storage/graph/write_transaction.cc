// WriteTransaction: rows into the delta of every permutation, counts, history, names.
#include <algorithm>
#include <chrono>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "storage/base/coding.h"
#include "storage/graph/dictionary.h"
#include "storage/graph/fold.h"
#include "storage/graph/large_removal.h"
#include "storage/graph/names.h"
#include "storage/graph/relation.h"
#include "storage/graph/removal.h"
#include "storage/graph/seen_facts.h"
#include "storage/graph/store_core.h"
#include "storage/kv/keys.h"
#include "storage/model/time.h"

namespace annals {
namespace {

constexpr size_t kRemovalsBetweenChecks = 256;
// Sorting so many takes some hundredths of a second.
constexpr size_t kRemovedTogether = 1 << 16;

bool IsTime(TermId id) {
  return id.kind() == TermKind::kTime || id.kind() == TermKind::kDictionaryTime;
}

class Transaction : public WriteTransaction {
 public:
  Transaction(std::shared_ptr<StoreCore> core, StoreCore::WriterGuard guard)
      : core_(std::move(core)),
        guard_(std::move(guard)),
        base_(core_->view()),
        kv_(core_->kv().NewTransaction()),
        state_(std::make_shared<ViewState>()) {
    state_->meta = base_->meta();
    state_->meta.transaction++;
    state_->base_iri = base_->base_iri();
    view_ = MakeTransactionView(kv_->view(), state_, base_);
  }

  std::shared_ptr<const GraphView> view() const override { return view_.view; }

  absl::StatusOr<TermId> Intern(const Term& term) override {
    ANNALS_RETURN_IF_ERROR(CheckOpen());
    ANNALS_ASSIGN_OR_RETURN(TermId id, view_.view->Find(term));
    if (!id.is_undefined() || term.is_undefined()) return id;
    ANNALS_ASSIGN_OR_RETURN(id, AddTerm(*kv_, term, &state_->meta));
    changed_ = true;
    if (const Name* const name = term.As<Name>()) {
      ANNALS_RETURN_IF_ERROR(AddName(*kv_, name->text, id, /*alias=*/false));
    }
    return id;
  }

  absl::StatusOr<AddResult> Add(TermId subject, TermId predicate, TermId object, TermId time,
                                TermId source) override {
    ANNALS_RETURN_IF_ERROR(CheckOpen());
    for (const TermId id : {subject, predicate, object}) {
      if (id.is_undefined() || id.kind() == TermKind::kLocal) {
        return InvalidArgument("a fact needs a subject, a predicate and an object");
      }
    }
    if (!time.is_undefined() && !IsTime(time)) {
      return InvalidArgument("a fact's time is not a time");
    }
    if (source.kind() == TermKind::kLocal) return InvalidArgument("a fact's source is not stored");
    Assertion row{subject, predicate, object, time, {}, source, {}};
    row.transaction = TermId::Integer(static_cast<int64_t>(state_->meta.transaction));
    AddResult result;
    ANNALS_ASSIGN_OR_RETURN(const std::optional<Fact> known,
                            view_.view->FindFact(subject, predicate, object, time));
    result.new_fact = !known.has_value();
    result.fact = known ? known->number : ++state_->meta.last_fact;
    row.fact = TermId::Fact(result.fact);
    if (known) {
      ANNALS_ASSIGN_OR_RETURN(const bool told, Exists(Permutation::kFact, {row.fact, source}));
      if (told) return result;
    } else {
      ANNALS_RETURN_IF_ERROR(AddFact(row));
    }
    result.new_assertion = true;
    ANNALS_RETURN_IF_ERROR(AddAssertion(row));
    return result;
  }

  absl::StatusOr<uint64_t> Remove(uint64_t fact, std::optional<TermId> source) override {
    return RemoveAll({{{fact, source}}, {}}, nullptr);
  }

  absl::StatusOr<uint64_t> RemoveAll(const Removals& removals,
                                     const std::function<absl::Status()>& check) override {
    ANNALS_RETURN_IF_ERROR(CheckOpen());
    ANNALS_ASSIGN_OR_RETURN(const RemovalPlan plan, PlanRemoval(*view_.view, removals, check));
    return Apply(plan, check);
  }

  absl::StatusOr<uint64_t> RemoveAllAndCommit(const Removals& removals,
                                              const RemovalOptions& options) override {
    ANNALS_RETURN_IF_ERROR(CheckOpen());
    const uint64_t many = changed_ ? UINT64_MAX : RowsForGeneration(*core_);
    ANNALS_ASSIGN_OR_RETURN(const uint64_t tellings, CountTellings(removals));
    if (tellings < many) {
      ANNALS_ASSIGN_OR_RETURN(const RemovalPlan plan,
                              PlanRemoval(*view_.view, removals, options.check));
      // What was said about the facts goes too.
      if (plan.tellings.size() < many) {
        ANNALS_ASSIGN_OR_RETURN(const uint64_t gone, Apply(plan, options.check));
        ANNALS_RETURN_IF_ERROR(Commit());
        return gone;
      }
    }
    over_ = true;
    const StoreCore::WriterGuard guard = std::move(guard_);
    return RemoveByGeneration(*core_, removals, options);
  }

  void SetSavePoint() override {
    kv_->SetSavePoint();
    saved_ = {state_->meta, state_->statistics, changed_};
  }

  absl::Status RollbackToSavePoint() override {
    ANNALS_RETURN_IF_ERROR(CheckOpen());
    view_.forget_iterators();
    ANNALS_RETURN_IF_ERROR(kv_->RollbackToSavePoint());
    state_->meta = saved_.meta;
    state_->statistics = saved_.statistics;
    changed_ = saved_.changed;
    alias_predicate_ = TermId();
    known_.clear();
    return absl::OkStatus();
  }

  absl::Status Commit() override {
    ANNALS_RETURN_IF_ERROR(CheckOpen());
    over_ = true;
    // Given back when this function ends, whatever comes of it.
    const StoreCore::WriterGuard guard = std::move(guard_);
    if (!changed_) return absl::OkStatus();
    ANNALS_RETURN_IF_ERROR(WriteCounts());
    ANNALS_RETURN_IF_ERROR(core_->kv().Commit(*kv_));
    const Meta meta = state_->meta;
    core_->Publish(meta, state_->base_iri);
    const StoreOptions& options = core_->options();
    if (meta.delta_facts >= options.fold_rows &&
        static_cast<double>(meta.delta_facts) >=
            options.fold_fraction * static_cast<double>(meta.base_rows[0])) {
      // The transaction is on disk. An error here turns the store read-only, which says so to the
      // next that writes.
      WriteGeneration(*core_, {.meta = meta,
                               .rows = {},
                               .terms = {},
                               .lost = nullptr,
                               .also = {},
                               .threads = 0,
                               .progress = {}})
          .IgnoreError();
    }
    return absl::OkStatus();
  }

 private:
  absl::Status CheckOpen() const {
    return over_ ? Internal("a transaction was used after its commit") : absl::OkStatus();
  }

  // At least so many as there are, of the facts that are named.
  absl::StatusOr<uint64_t> CountTellings(const Removals& removals) const {
    uint64_t tellings = removals.tellings.size();
    ScanSpec spec;
    spec.permutation = Permutation::kSource;
    for (const TermId source : removals.sources) {
      spec.prefix = {source};
      ANNALS_ASSIGN_OR_RETURN(const uint64_t told, view_.view->CountRows(spec));
      tellings += told;
    }
    return tellings;
  }

  // All was read for the plan before the first row is deleted: an iterator passes over deleted rows
  // one by one.
  absl::StatusOr<uint64_t> Apply(const RemovalPlan& plan,
                                 const std::function<absl::Status()>& check) {
    ANNALS_ASSIGN_OR_RETURN(const SeenFacts seen, SeenFacts::Read(*view_.view));
    ANNALS_ASSIGN_OR_RETURN(const uint64_t gone, seen.CountWhole(*view_.view, plan.facts));
    known_.clear();
    const std::span tellings(plan.tellings);
    for (size_t at = 0; at < tellings.size(); at += kRemovedTogether) {
      const auto some = tellings.subspan(at, std::min(kRemovedTogether, tellings.size() - at));
      ANNALS_RETURN_IF_ERROR(RemoveAssertions({some.begin(), some.end()}, check));
    }
    state_->meta.sources -= plan.sources;
    std::vector<Assertion> rows;
    for (const Fact& fact : plan.facts) {
      rows.push_back({fact.subject,
                      fact.predicate,
                      fact.object,
                      fact.time,
                      TermId::Fact(fact.number),
                      {},
                      {}});
      if (rows.size() < kRemovedTogether && &fact != &plan.facts.back()) continue;
      ANNALS_RETURN_IF_ERROR(RemoveFacts(rows, check));
      rows.clear();
    }
    for (const auto& [predicate, lost] : plan.distinct) {
      ANNALS_ASSIGN_OR_RETURN(PredicateRow* const statistics,
                              StatisticsOf(TermId::FromBits(predicate)));
      statistics->numbers.distinct_subjects -= lost.subjects;
      statistics->numbers.distinct_objects -= lost.objects;
    }
    return gone;
  }

  absl::StatusOr<bool> Exists(Permutation permutation, std::vector<TermId> prefix) const {
    ANNALS_ASSIGN_OR_RETURN(const std::unique_ptr<RowScan> scan,
                            view_.view->Scan({.permutation = permutation,
                                              .prefix = std::move(prefix),
                                              .low = {},
                                              .high = {},
                                              .window = {},
                                              .output = {}}));
    ANNALS_ASSIGN_OR_RETURN(const size_t count, scan->Next({}, 1));
    return count > 0;
  }

  // Has the permutation a row that begins with these (one, if `second` is undefined)? It will have
  // one from now on. What this transaction took away is passed over row by row in a search, so it
  // is done once for what many facts have.
  absl::StatusOr<bool> WasKnown(Permutation permutation, TermId first, TermId second) {
    const auto [entry, is_new] = known_.emplace(permutation, first.bits(), second.bits());
    if (!is_new) return true;
    std::vector<TermId> prefix = {first};
    if (!second.is_undefined()) prefix.push_back(second);
    auto found = Exists(permutation, std::move(prefix));
    if (!found.ok()) known_.erase(entry);
    return found;
  }

  // A row that the base may hold: then the delta only forgets that it was removed.
  absl::Status PutRow(Permutation permutation, const Assertion& assertion, bool may_be_in_base) {
    const std::string key =
        kv::DeltaKey(RelationOf(permutation), RowOf(permutation, assertion).span());
    if (may_be_in_base) {
      std::string mark;
      ANNALS_ASSIGN_OR_RETURN(const bool found, kv_->view()->Get(key, &mark));
      if (found && mark[0] == kv::kRemoved) {
        kv_->Delete(key);
        CountDelta(permutation, -1);
        return absl::OkStatus();
      }
    }
    kv_->Put(key, std::string_view(&kv::kAdded, 1));
    CountDelta(permutation, +1);
    return absl::OkStatus();
  }

  absl::Status RemoveRow(Permutation permutation, const Assertion& assertion) {
    const std::string key =
        kv::DeltaKey(RelationOf(permutation), RowOf(permutation, assertion).span());
    std::string mark;
    ANNALS_ASSIGN_OR_RETURN(const bool found, kv_->view()->Get(key, &mark));
    if (found) {
      kv_->Delete(key);
    } else {
      kv_->Put(key, std::string_view(&kv::kRemoved, 1));
    }
    CountDelta(permutation, found ? -1 : +1);
    return absl::OkStatus();
  }

  void CountDelta(Permutation permutation, int change) {
    Meta& meta = state_->meta;
    const auto step = static_cast<uint64_t>(static_cast<int64_t>(change));
    if (permutation == Permutation::kSpo) meta.delta_facts += step;
    meta.delta_rows += step;
  }

  absl::StatusOr<PredicateRow*> StatisticsOf(TermId predicate) {
    const auto known = state_->statistics.find(predicate.bits());
    if (known != state_->statistics.end()) return &known->second;
    ANNALS_ASSIGN_OR_RETURN(PredicateRow row, view_.view->PredicateRowOf(predicate));
    return &state_->statistics.emplace(predicate.bits(), std::move(row)).first->second;
  }

  absl::Status AddFact(const Assertion& row) {
    changed_ = true;
    Meta& meta = state_->meta;
    ANNALS_ASSIGN_OR_RETURN(const bool subject_known,
                            WasKnown(Permutation::kSpo, row.subject, row.predicate));
    ANNALS_ASSIGN_OR_RETURN(const bool object_known,
                            WasKnown(Permutation::kPos, row.predicate, row.object));
    for (const Permutation permutation :
         {Permutation::kSpo, Permutation::kPos, Permutation::kOsp, Permutation::kPts}) {
      ANNALS_RETURN_IF_ERROR(PutRow(permutation, row, false));
    }
    ANNALS_ASSIGN_OR_RETURN(PredicateRow* const statistics, StatisticsOf(row.predicate));
    if (statistics->numbers.facts == 0) ++meta.predicates;
    statistics->AddFact(subject_known, object_known);
    if (row.time.kind() == TermKind::kTime) {
      statistics->AddInlineTime(row.time);
    } else if (!row.time.is_undefined()) {
      ANNALS_ASSIGN_OR_RETURN(const Term term, view_.view->Get(row.time));
      const Time* const time = term.As<Time>();
      if (time == nullptr) return DataLoss("a time in the dictionary is damaged");
      statistics->AddInstants(time->first(), time->last());
    }
    ++meta.facts;
    return ChangeAlias(row, /*add=*/true);
  }

  absl::Status AddAssertion(const Assertion& row) {
    changed_ = true;
    if (!row.source.is_undefined()) {
      ANNALS_ASSIGN_OR_RETURN(const bool known, WasKnown(Permutation::kSource, row.source, {}));
      if (!known) ++state_->meta.sources;
      ANNALS_RETURN_IF_ERROR(PutRow(Permutation::kSource, row, true));
    }
    ++state_->meta.assertions;
    return PutRow(Permutation::kFact, row, false);
  }

  // Of many rows those of a permutation side by side: what the batch's index is asked for next is
  // near what it was asked for before, which is several times as fast.
  absl::Status RemoveRows(Permutation permutation, std::vector<Assertion>& rows,
                          const std::function<absl::Status()>& check) {
    if (check) ANNALS_RETURN_IF_ERROR(check());
    std::sort(rows.begin(), rows.end(), [&](const Assertion& a, const Assertion& b) {
      return CompareRows(RowOf(permutation, a).span(), RowOf(permutation, b).span()) < 0;
    });
    size_t steps = 0;
    for (const Assertion& row : rows) {
      if (++steps % kRemovalsBetweenChecks == 0 && check) ANNALS_RETURN_IF_ERROR(check());
      ANNALS_RETURN_IF_ERROR(RemoveRow(permutation, row));
    }
    return absl::OkStatus();
  }

  absl::Status RemoveAssertions(std::vector<Assertion> rows,
                                const std::function<absl::Status()>& check) {
    changed_ = true;
    Meta& meta = state_->meta;
    ANNALS_RETURN_IF_ERROR(RemoveRows(Permutation::kFact, rows, check));
    meta.assertions -= rows.size();
    // What this transaction itself has told was never there for anyone.
    std::vector<HistoryRow> history;
    for (const Assertion& row : rows) {
      const auto added = static_cast<uint64_t>(row.transaction.integer());
      if (added != meta.transaction) history.push_back(HistoryRowOf(row, meta.transaction));
    }
    std::sort(history.begin(), history.end(),
              [](const HistoryRow& a, const HistoryRow& b) { return a.key < b.key; });
    for (const HistoryRow& row : history) kv_->Put(row.key, row.value);
    std::erase_if(rows, [](const Assertion& row) { return row.source.is_undefined(); });
    return RemoveRows(Permutation::kSource, rows, check);
  }

  absl::Status RemoveFacts(std::vector<Assertion>& rows,
                           const std::function<absl::Status()>& check) {
    Meta& meta = state_->meta;
    for (const Permutation permutation :
         {Permutation::kPos, Permutation::kOsp, Permutation::kPts, Permutation::kSpo}) {
      ANNALS_RETURN_IF_ERROR(RemoveRows(permutation, rows, check));
    }
    size_t steps = 0;
    for (const Assertion& row : rows) {
      if (++steps % kRemovalsBetweenChecks == 0 && check) ANNALS_RETURN_IF_ERROR(check());
      ANNALS_ASSIGN_OR_RETURN(PredicateRow* const statistics, StatisticsOf(row.predicate));
      PredicateStatistics& numbers = statistics->numbers;
      statistics->RemoveFact(/*subject_known=*/true, /*object_known=*/true);
      numbers.dated_facts -= !row.time.is_undefined();
      if (numbers.facts == 0) --meta.predicates;
      --meta.facts;
      ANNALS_RETURN_IF_ERROR(ChangeAlias(row, /*add=*/false));
    }
    return absl::OkStatus();
  }

  // A spelling comes with the first fact (entity, alias, text), whatever its time or language, and
  // goes with the last.
  absl::Status ChangeAlias(const Assertion& row, bool add) {
    if (row.object.kind() != TermKind::kText && row.object.kind() != TermKind::kLanguageText) {
      return absl::OkStatus();
    }
    if (alias_predicate_.is_undefined()) {
      ANNALS_ASSIGN_OR_RETURN(alias_predicate_,
                              view_.view->Find(Term(Name{std::string(kAliasPredicate)})));
    }
    if (row.predicate != alias_predicate_) return absl::OkStatus();
    ANNALS_ASSIGN_OR_RETURN(const Term object, view_.view->Get(row.object));
    const Text* const text = object.As<Text>();
    if (text == nullptr) return absl::OkStatus();
    if (add) return AddName(*kv_, text->value, row.subject, /*alias=*/true);
    ANNALS_ASSIGN_OR_RETURN(const bool left, HasAlias(row.subject, text->value));
    if (!left) RemoveAlias(*kv_, text->value, row.subject);
    return absl::OkStatus();
  }

  absl::StatusOr<bool> HasAlias(TermId entity, const std::string& spelling) const {
    ANNALS_ASSIGN_OR_RETURN(const std::unique_ptr<RowScan> scan,
                            view_.view->Scan({.permutation = Permutation::kSpo,
                                              .prefix = {entity, alias_predicate_},
                                              .low = {},
                                              .high = {},
                                              .window = {},
                                              .output = {Column::kObject}}));
    std::vector<TermId> batch;
    while (true) {
      ANNALS_ASSIGN_OR_RETURN(const size_t count, scan->Next({&batch, 1}, 64));
      if (count == 0) return false;
      for (const TermId id : batch) {
        ANNALS_ASSIGN_OR_RETURN(const Term term, view_.view->Get(id));
        const Text* const text = term.As<Text>();
        if (text != nullptr && text->value == spelling) return true;
      }
    }
  }

  absl::Status WriteCounts() {
    const Meta& meta = state_->meta;
    kv_->Put(kv::kMetaKey, meta.Encode());
    if (meta.transaction == 1) kv_->Put(kv::kBaseKey, state_->base_iri);
    ANNALS_ASSIGN_OR_RETURN(const std::string committed,
                            TransactionValue(*base_, core_->options(), meta.last_fact));
    kv_->Put(kv::NumberKey(kv::kTransactionPrefix, meta.transaction), committed);
    for (const auto& [predicate, row] : state_->statistics) {
      const std::string key = kv::NumberKey(kv::kStatisticsPrefix, predicate);
      if (row.numbers.facts > 0) {
        kv_->Put(key, row.Encode());
      } else {
        kv_->Delete(key);
      }
    }
    return absl::OkStatus();
  }

  struct Saved {
    Meta meta;
    absl::flat_hash_map<uint64_t, PredicateRow> statistics;
    bool changed = false;
  };

  const std::shared_ptr<StoreCore> core_;
  StoreCore::WriterGuard guard_;
  const std::shared_ptr<const StoredView> base_;
  const std::unique_ptr<kv::Transaction> kv_;
  const std::shared_ptr<ViewState> state_;
  TransactionView view_;
  Saved saved_;
  TermId alias_predicate_;  // undefined until it is known
  // Beginnings of rows that are there, of those that were asked for.
  absl::flat_hash_set<std::tuple<Permutation, uint64_t, uint64_t>> known_;
  bool changed_ = false;
  bool over_ = false;
};

}  // namespace

absl::StatusOr<std::string> TransactionValue(const StoredView& before, const StoreOptions& options,
                                             uint64_t last_fact) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  int64_t seconds = options.clock ? options.clock()
                                  : std::chrono::duration_cast<std::chrono::seconds>(now).count();
  // Transactions stay in the order of their times though the clock be set back.
  if (before.meta().transaction > 0) {
    ANNALS_ASSIGN_OR_RETURN(const int64_t last, before.TransactionTime(before.meta().transaction));
    seconds = std::max(seconds, last);
  }
  std::string value;
  PutFixed64(&value, static_cast<uint64_t>(seconds));
  PutFixed64(&value, last_fact);
  return value;
}

std::unique_ptr<WriteTransaction> MakeWriteTransaction(std::shared_ptr<StoreCore> core,
                                                       StoreCore::WriterGuard guard) {
  return std::make_unique<Transaction>(std::move(core), std::move(guard));
}

}  // namespace annals

#include "storage/graph/graph_view.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "storage/base/coding.h"
#include "storage/graph/dictionary.h"
#include "storage/graph/names.h"
#include "storage/graph/relation.h"
#include "storage/kv/keys.h"

namespace annals {
namespace {

// Names that were looked up, as questions ask for the same ones again and again.
//
// Threads: any.
class NameCache {
 public:
  std::optional<std::vector<NameMatch>> Find(std::string_view name, bool loose) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = matches_[loose].find(ToAbsl(name));
    if (found == matches_[loose].end()) return std::nullopt;
    return found->second;
  }
  void Keep(std::string_view name, bool loose, const std::vector<NameMatch>& matches) {
    if (name.size() > kLongestName) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    if (matches_[loose].size() >= kMostNames) matches_[loose].clear();
    matches_[loose].emplace(std::string(name), matches);
  }

 private:
  static constexpr size_t kMostNames = 1024;
  static constexpr size_t kLongestName = 256;  // bytes

  mutable std::mutex mutex_;
  absl::flat_hash_map<std::string, std::vector<NameMatch>> matches_[2];  // exactly, loosely
};

// Statistics that were read, as every question about a predicate looks at them several times.
//
// Threads: any.
class PredicateRowCache {
 public:
  std::optional<PredicateRow> Find(TermId predicate) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = rows_.find(predicate.bits());
    if (found == rows_.end()) return std::nullopt;
    return found->second;
  }
  void Keep(const PredicateRow& row) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (rows_.size() >= kMostRows) rows_.clear();
    rows_.insert_or_assign(row.numbers.predicate.bits(), row);
  }

 private:
  static constexpr size_t kMostRows = 4096;

  mutable std::mutex mutex_;
  absl::flat_hash_map<uint64_t, PredicateRow> rows_;
};

class View : public StoredView, public std::enable_shared_from_this<View> {
 public:
  View(std::shared_ptr<const kv::View> kv, std::shared_ptr<const ViewState> state,
       std::shared_ptr<const StoredView> base)
      : kv_(kv),
        state_(std::move(state)),
        base_(std::move(base)),
        pool_(kv),
        dictionary_(View::base_pool(), pool_, state_->meta),
        names_(pool_, dictionary_, state_->meta) {}

  void ForgetIterators() { pool_.Forget(); }

  // StoredView, ScanSource
  const kv::View& kv() const override { return *kv_; }
  const Meta& meta() const override { return state_->meta; }
  const IteratorPool& base_pool() const override {
    return base_ == nullptr ? pool_ : base_->base_pool();
  }
  const IteratorPool& delta_pool() const override { return pool_; }
  absl::StatusOr<Term> TermOf(TermId id) const override { return dictionary_.Get(id); }

  absl::StatusOr<PredicateRow> PredicateRowOf(TermId predicate) const override {
    const auto changed = state_->statistics.find(predicate.bits());
    if (changed != state_->statistics.end()) return changed->second;
    // Below a transaction's view they may change.
    if (base_ != nullptr) return ReadPredicateRow(predicate);
    if (const auto known = predicate_rows_.Find(predicate)) return *known;
    ANNALS_ASSIGN_OR_RETURN(const PredicateRow row, ReadPredicateRow(predicate));
    predicate_rows_.Keep(row);
    return row;
  }

  absl::StatusOr<std::vector<Told>> Tellings(uint64_t fact) const override {
    ANNALS_ASSIGN_OR_RETURN(const auto columns,
                            ReadAll({.permutation = Permutation::kFact,
                                     .prefix = {TermId::Fact(fact)},
                                     .low = {},
                                     .high = {},
                                     .window = {},
                                     .output = {Column::kSource, Column::kTransaction}}));
    std::vector<Told> told;
    for (size_t i = 0; i < columns[0].size(); ++i) {
      told.push_back({columns[0][i], static_cast<uint64_t>(columns[1][i].integer())});
    }
    return told;
  }

  // GraphView
  absl::StatusOr<TermId> Find(const Term& term) const override { return dictionary_.Find(term); }
  absl::StatusOr<Term> Get(TermId id) const override { return dictionary_.Get(id); }
  absl::Status GetBatch(std::span<const TermId> ids, std::vector<Term>* out) const override {
    return dictionary_.GetBatch(ids, out);
  }

  absl::StatusOr<std::unique_ptr<RowScan>> Scan(const ScanSpec& spec) const override {
    return MakeRowScan(shared_from_this(), spec);
  }

  absl::StatusOr<std::unique_ptr<ScanSplitter>> Split(const ScanSpec& spec,
                                                      uint64_t rows) const override {
    if (base_ != nullptr) return std::unique_ptr<ScanSplitter>();  // a transaction is one thread's
    return MakeScanSplitter(shared_from_this(), spec, rows);
  }

  std::unique_ptr<RowSampler> Sampler(Permutation permutation) const override {
    return MakeRowSampler(shared_from_this(), permutation);
  }
  NumberCache* kept_numbers() const override { return base_ == nullptr ? &kept_numbers_ : nullptr; }

  absl::StatusOr<uint64_t> CountRows(const ScanSpec& spec) const override {
    // The commonest counts are kept, and need no walk over the delta.
    if (!spec.low && !spec.high) {
      const bool by_fact =
          spec.permutation != Permutation::kFact && spec.permutation != Permutation::kSource;
      if (spec.prefix.empty() && by_fact) return meta().facts;
      if (spec.prefix.empty() && spec.permutation == Permutation::kFact) return meta().assertions;
      if (spec.prefix.size() == 1 &&
          (spec.permutation == Permutation::kPos || spec.permutation == Permutation::kPts)) {
        ANNALS_ASSIGN_OR_RETURN(const PredicateRow row, PredicateRowOf(spec.prefix[0]));
        return row.numbers.facts;
      }
    }
    return CountScanRows(*this, spec);
  }

  absl::StatusOr<std::optional<Fact>> FindFact(TermId subject, TermId predicate, TermId object,
                                               TermId time) const override {
    ANNALS_ASSIGN_OR_RETURN(const auto columns,
                            ReadAll({.permutation = Permutation::kSpo,
                                     .prefix = {subject, predicate, object, time},
                                     .low = {},
                                     .high = {},
                                     .window = {},
                                     .output = {Column::kFact}}));
    if (columns[0].empty()) return std::nullopt;
    return Fact{subject, predicate, object, time, columns[0][0].payload()};
  }

  absl::StatusOr<std::optional<Fact>> GetFact(uint64_t number) const override {
    ANNALS_ASSIGN_OR_RETURN(const auto columns,
                            ReadAll({.permutation = Permutation::kFact,
                                     .prefix = {TermId::Fact(number)},
                                     .low = {},
                                     .high = {},
                                     .window = {},
                                     .output = {Column::kSubject, Column::kPredicate,
                                                Column::kObject, Column::kTime}}));
    if (columns[0].empty()) return std::nullopt;
    return Fact{columns[0][0], columns[1][0], columns[2][0], columns[3][0], number};
  }

  absl::StatusOr<std::vector<TermId>> SourcesOf(uint64_t fact) const override {
    ANNALS_ASSIGN_OR_RETURN(const std::vector<Told> told, Tellings(fact));
    std::vector<TermId> sources;
    for (const Told& each : told) sources.push_back(each.source);
    return sources;
  }

  absl::StatusOr<std::vector<NameMatch>> ResolveName(std::string_view name,
                                                     bool loose) const override {
    // A transaction's view changes as it tells.
    if (base_ != nullptr) return LookUpName(name, loose);
    if (auto known = resolved_.Find(name, loose)) return *std::move(known);
    ANNALS_ASSIGN_OR_RETURN(std::vector<NameMatch> matches, LookUpName(name, loose));
    resolved_.Keep(name, loose, matches);
    return matches;
  }
  absl::Status ResolveNames(std::span<const std::string_view> names, bool loose, size_t threads,
                            std::vector<NameMeaning>* meanings) const override {
    if (base_ != nullptr) threads = 1;  // a transaction is one thread's
    ANNALS_RETURN_IF_ERROR(names_.ResolveNames(names, loose, threads, meanings));
    if (std::none_of(meanings->begin(), meanings->end(),
                     [](const NameMeaning& meaning) { return meaning.entities > 0; })) {
      return absl::OkStatus();
    }
    ANNALS_ASSIGN_OR_RETURN(const bool merges, HasMerges());
    if (!merges) return absl::OkStatus();
    ANNALS_ASSIGN_OR_RETURN(const std::shared_ptr<const Declarations> declared, Declared());
    for (NameMeaning& meaning : *meanings) {
      if (meaning.entities > 0) TakeCanonical(*declared, &meaning);
    }
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<NameMatch>> NearestNames(std::string_view name,
                                                      size_t limit) const override {
    return names_.NearestNames(name, limit);
  }
  absl::StatusOr<std::vector<std::string>> NamesWithPrefix(std::string_view prefix,
                                                           size_t limit) const override {
    return names_.NamesWithPrefix(prefix, limit);
  }

  absl::StatusOr<std::vector<PredicateStatistics>> Predicates() const override {
    std::vector<PredicateStatistics> all;
    const std::unique_ptr<kv::Iterator> row = kv_->NewIterator();
    for (row->Seek(kv::PrefixBegin(kv::kStatisticsPrefix));
         row->Valid() && row->key().starts_with(kv::kStatisticsPrefix); row->Next()) {
      std::string_view key = row->key().substr(1);
      uint64_t bits = 0;
      if (!GetFixed64(&key, &bits) || !key.empty()) {
        return DataLoss("the key of a predicate's statistics is damaged");
      }
      if (state_->statistics.contains(bits)) continue;
      ANNALS_ASSIGN_OR_RETURN(const PredicateRow decoded,
                              PredicateRow::Decode(TermId::FromBits(bits), row->value()));
      all.push_back(decoded.numbers);
    }
    ANNALS_RETURN_IF_ERROR(row->status());
    for (const auto& [bits, changed] : state_->statistics) {
      if (changed.numbers.facts > 0) all.push_back(changed.numbers);
    }
    std::sort(all.begin(), all.end(),
              [](const auto& a, const auto& b) { return a.predicate < b.predicate; });
    return all;
  }

  absl::StatusOr<PredicateStatistics> StatisticsOf(TermId predicate) const override {
    ANNALS_ASSIGN_OR_RETURN(const PredicateRow row, PredicateRowOf(predicate));
    return row.numbers;
  }

  absl::StatusOr<GraphStatistics> Statistics() const override {
    const Meta& m = meta();
    GraphStatistics statistics;
    statistics.facts = m.facts;
    statistics.assertions = m.assertions;
    statistics.terms = m.last_term;
    statistics.predicates = m.predicates;
    statistics.sources = m.sources;
    statistics.delta_rows = m.delta_facts;
    statistics.generation = m.generation;
    if (state_->disk_bytes) statistics.disk_bytes = state_->disk_bytes();
    return statistics;
  }

  absl::StatusOr<std::shared_ptr<const Declarations>> Declared() const override {
    // A transaction's view changes as it tells.
    const bool keeps = base_ == nullptr;
    const std::lock_guard<std::mutex> lock(declared_mutex_);
    if (keeps && declared_ != nullptr) return declared_;
    ANNALS_ASSIGN_OR_RETURN(Declarations declared, ReadDeclarations(*this));
    auto shared = std::make_shared<const Declarations>(std::move(declared));
    if (keeps) declared_ = shared;
    return shared;
  }

  absl::StatusOr<int64_t> TransactionTime(uint64_t transaction) const override {
    ANNALS_ASSIGN_OR_RETURN(const TransactionRow row, TransactionRowOf(transaction));
    return row.seconds;
  }
  uint64_t last_transaction() const override {
    return base_ == nullptr ? meta().transaction : base_->last_transaction();
  }
  absl::StatusOr<TransactionRow> TransactionRowOf(uint64_t transaction) const override {
    std::string value;
    ANNALS_ASSIGN_OR_RETURN(const bool found,
                            kv_->Get(kv::NumberKey(kv::kTransactionPrefix, transaction), &value));
    if (!found) return NotFound("there is no transaction " + std::to_string(transaction));
    std::string_view rest = value;
    TransactionRow row;
    uint64_t seconds = 0;
    if (!GetFixed64(&rest, &seconds) || !GetFixed64(&rest, &row.last_fact) || !rest.empty()) {
      return DataLoss("the row of a transaction is damaged");
    }
    row.seconds = static_cast<int64_t>(seconds);
    return row;
  }

  const std::string& base_iri() const override { return state_->base_iri; }

 private:
  absl::StatusOr<PredicateRow> ReadPredicateRow(TermId predicate) const {
    std::string value;
    ANNALS_ASSIGN_OR_RETURN(
        const bool found, kv_->Get(kv::NumberKey(kv::kStatisticsPrefix, predicate.bits()), &value));
    if (found) return PredicateRow::Decode(predicate, value);
    PredicateRow none;
    none.numbers.predicate = predicate;
    return none;
  }

  absl::StatusOr<std::vector<NameMatch>> LookUpName(std::string_view name, bool loose) const {
    ANNALS_ASSIGN_OR_RETURN(std::vector<NameMatch> matches, names_.ResolveName(name, loose));
    if (matches.empty()) return matches;
    ANNALS_ASSIGN_OR_RETURN(const bool merges, HasMerges());
    if (!merges) return matches;
    ANNALS_ASSIGN_OR_RETURN(const std::shared_ptr<const Declarations> declared, Declared());
    for (NameMatch& match : matches) TakeCanonical(*declared, &match);
    return matches;
  }

  // The entity that it is merged into.
  template <typename Match>
  static void TakeCanonical(const Declarations& declared, Match* match) {
    const TermId one = declared.Canonical(match->entity);
    if (one == match->entity) return;
    // The old name is an alias now.
    if (match->rank == NameRank::kExact) match->rank = NameRank::kAlias;
    match->entity = one;
  }

  // Without reading all declarations, which a transaction's view does not keep.
  absl::StatusOr<bool> HasMerges() const {
    if (base_ == nullptr) {
      ANNALS_ASSIGN_OR_RETURN(const std::shared_ptr<const Declarations> declared, Declared());
      return !declared->merged.empty();
    }
    ANNALS_ASSIGN_OR_RETURN(const TermId merged,
                            dictionary_.Find(Term(Name{std::string(kMergedInto)})));
    return !merged.is_undefined();
  }

  // All rows of a scan that has few.
  absl::StatusOr<std::vector<std::vector<TermId>>> ReadAll(const ScanSpec& spec) const {
    ANNALS_ASSIGN_OR_RETURN(const std::unique_ptr<RowScan> scan, Scan(spec));
    std::vector<std::vector<TermId>> all(spec.output.size());
    std::vector<std::vector<TermId>> batch(spec.output.size());
    for (size_t rows = 4;; rows = 256) {
      ANNALS_ASSIGN_OR_RETURN(const size_t count, scan->Next(batch, rows));
      for (size_t i = 0; i < all.size(); ++i) {
        all[i].insert(all[i].end(), batch[i].begin(), batch[i].end());
      }
      if (count < rows) return all;
    }
  }

  const std::shared_ptr<const kv::View> kv_;
  const std::shared_ptr<const ViewState> state_;
  const std::shared_ptr<const StoredView> base_;
  IteratorPool pool_;
  const Dictionary dictionary_;
  const NamesIndex names_;
  mutable std::mutex declared_mutex_;
  mutable std::shared_ptr<const Declarations> declared_;
  mutable NameCache resolved_;
  mutable PredicateRowCache predicate_rows_;
  mutable NumberCache kept_numbers_;
};

}  // namespace

std::shared_ptr<const StoredView> MakeStoredView(std::shared_ptr<const kv::View> kv,
                                                 ViewState state) {
  return std::make_shared<View>(std::move(kv), std::make_shared<ViewState>(std::move(state)),
                                nullptr);
}

TransactionView MakeTransactionView(std::shared_ptr<const kv::View> kv,
                                    std::shared_ptr<const ViewState> state,
                                    std::shared_ptr<const StoredView> base) {
  auto view = std::make_shared<View>(std::move(kv), std::move(state), std::move(base));
  return {view, [view] { view->ForgetIterators(); }};
}

}  // namespace annals

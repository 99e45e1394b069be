#include "storage/graph/overlay.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "storage/model/time.h"

namespace annals {
namespace {

constexpr size_t kBatch = 2048;

bool OfAssertions(Permutation permutation) {
  return permutation == Permutation::kFact || permutation == Permutation::kSource;
}

// Rows added, of one permutation in its order.
class AddedRows {
 public:
  AddedRows(Permutation permutation, const std::vector<Assertion>& assertions) {
    for (const Assertion& assertion : assertions) rows_.push_back(RowOf(permutation, assertion));
    std::sort(rows_.begin(), rows_.end(),
              [](const Row& a, const Row& b) { return CompareRows(a.span(), b.span()) < 0; });
  }
  const std::vector<Row>& rows() const { return rows_; }

 private:
  std::vector<Row> rows_;
};

class OverlayScan : public RowScan {
 public:
  // `base` gives all columns of the permutation.
  OverlayScan(const ScanSpec& spec, std::unique_ptr<RowScan> base,
              std::shared_ptr<const GraphView> view, const Overlay& overlay,
              const std::vector<Row>& added)
      : spec_(spec),
        base_(std::move(base)),
        view_(std::move(view)),
        overlay_(overlay),
        added_(added),
        columns_(ColumnsOf(spec.permutation)),
        batch_(columns_.size()) {
    for (const Column column : spec.output) {
      places_.push_back(static_cast<size_t>(PlaceOf(spec.permutation, column)));
    }
    SeekAdded(spec.prefix);
  }

  absl::Status Seek(std::span<const TermId> prefix) override {
    spec_.prefix.assign(prefix.begin(), prefix.end());
    SeekAdded(prefix);
    rows_ = row_ = 0;
    ended_ = false;
    return base_->Seek(prefix);
  }

  absl::Status SkipTo(TermId value) override {
    const size_t column = spec_.prefix.size();
    while (row_ < rows_ && batch_[column][row_] < value) ++row_;
    while (next_ < end_ && TermId::FromBits(added_[next_].values[column]) < value) ++next_;
    // Rows read ahead stay; the base is moved only when there are none.
    return row_ < rows_ || ended_ ? absl::OkStatus() : base_->SkipTo(value);
  }

  absl::StatusOr<size_t> Next(std::span<std::vector<TermId>> columns, size_t max_rows) override {
    for (std::vector<TermId>& column : columns) column.clear();
    size_t count = 0;
    Row row;
    row.size = columns_.size();
    while (count < max_rows) {
      ANNALS_RETURN_IF_ERROR(Refill());
      const bool has_base = row_ < rows_;
      if (has_base) {
        for (size_t i = 0; i < columns_.size(); ++i) row.values[i] = batch_[i][row_].bits();
      }
      if (next_ < end_ && (!has_base || CompareRows(added_[next_].span(), row.span()) <= 0)) {
        const Row& added = added_[next_++];
        ANNALS_ASSIGN_OR_RETURN(const bool fits, Fits(added));
        if (fits) Emit(added, columns), ++count;
        continue;
      }
      if (!has_base) break;
      ++row_;
      ANNALS_ASSIGN_OR_RETURN(const bool hidden, Hidden(row));
      if (!hidden) Emit(row, columns), ++count;
    }
    return count;
  }

 private:
  absl::Status Refill() {
    if (row_ < rows_ || ended_) return absl::OkStatus();
    ANNALS_ASSIGN_OR_RETURN(rows_, base_->Next(batch_, kBatch));
    row_ = 0;
    ended_ = rows_ == 0;
    return absl::OkStatus();
  }

  void Emit(const Row& row, std::span<std::vector<TermId>> columns) const {
    for (size_t i = 0; i < places_.size(); ++i) {
      columns[i].push_back(TermId::FromBits(row.values[places_[i]]));
    }
  }

  TermId ValueOf(const Row& row, Column column) const {
    const int place = PlaceOf(spec_.permutation, column);
    return place < 0 ? TermId() : TermId::FromBits(row.values[static_cast<size_t>(place)]);
  }

  absl::StatusOr<bool> Hidden(const Row& row) const {
    const uint64_t fact = ValueOf(row, Column::kFact).payload();
    ANNALS_ASSIGN_OR_RETURN(const bool hidden, overlay_.HidesFact(fact));
    if (hidden || !OfAssertions(spec_.permutation)) return hidden;
    std::optional<uint64_t> transaction;
    if (spec_.permutation == Permutation::kFact) {
      transaction = static_cast<uint64_t>(ValueOf(row, Column::kTransaction).integer());
    }
    return overlay_.HidesAssertion(fact, ValueOf(row, Column::kSource), transaction);
  }

  // An added row in the range: does its time, too, fit?
  absl::StatusOr<bool> Fits(const Row& row) const {
    if (!spec_.dated_only && !spec_.window.has_value()) return true;
    const TermId time = ValueOf(row, Column::kTime);
    if (time.is_undefined()) return false;
    if (!spec_.window.has_value()) return true;
    ANNALS_ASSIGN_OR_RETURN(const Term term, view_->Get(time));
    const Time* const value = term.As<Time>();
    if (value == nullptr) return DataLoss("a time in the dictionary is damaged");
    return value->first() <= spec_.window->last && value->last() >= spec_.window->first;
  }

  void SeekAdded(std::span<const TermId> prefix) {
    Row low, high;
    for (const TermId id : prefix) low.values[low.size++] = id.bits();
    high = low;
    if (low.size < columns_.size()) {
      if (spec_.low) low.values[low.size++] = spec_.low->bits();
      if (spec_.high) high.values[high.size++] = spec_.high->bits();
    }
    const auto first = std::partition_point(added_.begin(), added_.end(), [&](const Row& row) {
      return CompareRows(row.span(), low.span()) < 0;
    });
    const auto last = std::partition_point(first, added_.end(), [&](const Row& row) {
      return CompareRows(row.span(), high.span()) <= 0;
    });
    next_ = static_cast<size_t>(first - added_.begin());
    end_ = static_cast<size_t>(last - added_.begin());
  }

  ScanSpec spec_;
  const std::unique_ptr<RowScan> base_;
  const std::shared_ptr<const GraphView> view_;
  const Overlay& overlay_;  // of the view
  const std::vector<Row>& added_;
  const std::span<const Column> columns_;
  std::vector<size_t> places_;
  std::vector<std::vector<TermId>> batch_;  // of the base
  size_t rows_ = 0, row_ = 0;
  bool ended_ = false;
  size_t next_ = 0, end_ = 0;  // of the added rows in the range
};

class OverlayView : public GraphView, public std::enable_shared_from_this<OverlayView> {
 public:
  OverlayView(std::shared_ptr<const GraphView> base, std::unique_ptr<const Overlay> overlay,
              std::vector<Assertion> added, const std::vector<Assertion>& added_facts)
      : base_(std::move(base)), overlay_(std::move(overlay)) {
    for (const Assertion& fact : added_facts) {
      facts_[fact.fact.payload()] = {fact.subject, fact.predicate, fact.object, fact.time,
                                     fact.fact.payload()};
    }
    std::vector<Assertion> with_source = added;
    std::erase_if(with_source, [](const Assertion& row) { return row.source.is_undefined(); });
    for (const Permutation permutation : kPermutations) {
      const std::vector<Assertion>& rows = permutation == Permutation::kSource ? with_source
                                           : permutation == Permutation::kFact ? added
                                                                               : added_facts;
      added_.emplace_back(permutation, rows);
    }
  }

  absl::StatusOr<TermId> Find(const Term& term) const override { return base_->Find(term); }
  absl::StatusOr<Term> Get(TermId id) const override { return base_->Get(id); }
  absl::Status GetBatch(std::span<const TermId> ids, std::vector<Term>* out) const override {
    return base_->GetBatch(ids, out);
  }

  absl::StatusOr<std::unique_ptr<RowScan>> Scan(const ScanSpec& spec) const override {
    ScanSpec whole = spec;
    const std::span<const Column> columns = ColumnsOf(spec.permutation);
    whole.output.assign(columns.begin(), columns.end());
    ANNALS_ASSIGN_OR_RETURN(std::unique_ptr<RowScan> base, base_->Scan(whole));
    return std::make_unique<OverlayScan>(
        spec, std::move(base), shared_from_this(), *overlay_,
        added_[static_cast<size_t>(RelationOf(spec.permutation)) - 1].rows());
  }

  // Exact, so the rows are read.
  absl::StatusOr<uint64_t> CountRows(const ScanSpec& spec) const override {
    ScanSpec bare = spec;
    bare.window.reset();
    bare.dated_only = false;
    bare.output = {Column::kFact};
    ANNALS_ASSIGN_OR_RETURN(const std::unique_ptr<RowScan> scan, Scan(bare));
    std::vector<TermId> facts;
    uint64_t count = 0;
    while (true) {
      ANNALS_ASSIGN_OR_RETURN(const size_t rows, scan->Next({&facts, 1}, kBatch));
      if (rows == 0) return count;
      count += rows;
    }
  }

  absl::StatusOr<std::optional<Fact>> FindFact(TermId subject, TermId predicate, TermId object,
                                               TermId time) const override {
    ScanSpec spec;
    spec.prefix = {subject, predicate, object, time};
    spec.output = {Column::kFact};
    ANNALS_ASSIGN_OR_RETURN(const std::unique_ptr<RowScan> scan, Scan(spec));
    std::vector<TermId> facts;
    ANNALS_ASSIGN_OR_RETURN(const size_t rows, scan->Next({&facts, 1}, 1));
    if (rows == 0) return std::nullopt;
    return Fact{subject, predicate, object, time, facts[0].payload()};
  }

  absl::StatusOr<std::optional<Fact>> GetFact(uint64_t number) const override {
    if (const auto added = facts_.find(number); added != facts_.end()) return added->second;
    ANNALS_ASSIGN_OR_RETURN(const bool hidden, overlay_->HidesFact(number));
    if (hidden) return std::nullopt;
    return base_->GetFact(number);
  }

  absl::StatusOr<std::vector<TermId>> SourcesOf(uint64_t fact) const override {
    ScanSpec spec;
    spec.permutation = Permutation::kFact;
    spec.prefix = {TermId::Fact(fact)};
    spec.output = {Column::kSource};
    ANNALS_ASSIGN_OR_RETURN(const std::unique_ptr<RowScan> scan, Scan(spec));
    std::vector<TermId> all, batch;
    while (true) {
      ANNALS_ASSIGN_OR_RETURN(const size_t rows, scan->Next({&batch, 1}, kBatch));
      if (rows == 0) return all;
      all.insert(all.end(), batch.begin(), batch.end());
    }
  }

  absl::StatusOr<std::vector<NameMatch>> ResolveName(std::string_view name,
                                                     bool loose) const override {
    return base_->ResolveName(name, loose);
  }
  absl::StatusOr<std::vector<NameMatch>> NearestNames(std::string_view name,
                                                      size_t limit) const override {
    return base_->NearestNames(name, limit);
  }
  absl::StatusOr<std::vector<std::string>> NamesWithPrefix(std::string_view prefix,
                                                           size_t limit) const override {
    return base_->NamesWithPrefix(prefix, limit);
  }
  absl::StatusOr<std::vector<PredicateStatistics>> Predicates() const override {
    return base_->Predicates();
  }
  absl::StatusOr<PredicateStatistics> StatisticsOf(TermId predicate) const override {
    return base_->StatisticsOf(predicate);
  }
  absl::StatusOr<GraphStatistics> Statistics() const override { return base_->Statistics(); }
  absl::StatusOr<std::shared_ptr<const Declarations>> Declared() const override {
    return base_->Declared();
  }
  absl::StatusOr<int64_t> TransactionTime(uint64_t transaction) const override {
    return base_->TransactionTime(transaction);
  }
  const std::string& base_iri() const override { return base_->base_iri(); }

 private:
  const std::shared_ptr<const GraphView> base_;
  const std::unique_ptr<const Overlay> overlay_;
  std::vector<AddedRows> added_;    // by relation number - 1
  std::map<uint64_t, Fact> facts_;  // added
};

}  // namespace

absl::StatusOr<std::shared_ptr<const GraphView>> MakeOverlayView(
    std::shared_ptr<const GraphView> base, std::unique_ptr<const Overlay> overlay,
    std::vector<Assertion> added) {
  std::map<uint64_t, Assertion> facts;
  for (const Assertion& assertion : added) {
    const uint64_t number = assertion.fact.payload();
    if (facts.contains(number)) continue;
    ANNALS_ASSIGN_OR_RETURN(const bool hidden, overlay->HidesFact(number));
    if (!hidden) {
      ANNALS_ASSIGN_OR_RETURN(const std::optional<Fact> shown, base->GetFact(number));
      if (shown.has_value()) continue;
    }
    facts[number] = assertion;
  }
  std::vector<Assertion> added_facts;
  for (const auto& [number, fact] : facts) added_facts.push_back(fact);
  return std::make_shared<OverlayView>(std::move(base), std::move(overlay), std::move(added),
                                       added_facts);
}

}  // namespace annals

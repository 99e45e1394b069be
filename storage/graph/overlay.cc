#include "storage/graph/overlay.h"

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>
#include <utility>

#include "storage/graph/for_each_row.h"
#include "storage/model/time.h"

namespace annals {
namespace {

constexpr size_t kBatch = 2048;
// Numbers of the dictionary are dense from 1.
constexpr uint64_t kFirstAdded = uint64_t{1} << 56;

bool OfAssertions(Permutation permutation) {
  return permutation == Permutation::kFact || permutation == Permutation::kSource;
}

using Check = std::function<absl::Status()>;  // may be empty

constexpr size_t kSortedBetweenChecks = 1 << 14;

absl::Status Call(const Check& check) { return check == nullptr ? absl::OkStatus() : check(); }

// Sorts pieces, then merges them.
template <typename Less>
absl::Status SortPlaces(std::vector<uint32_t>* places, const Less& less, const Check& check) {
  const size_t size = places->size();
  const auto at = [](std::vector<uint32_t>& in, size_t place) {
    return in.begin() + static_cast<ptrdiff_t>(place);
  };
  for (size_t begin = 0; begin < size; begin += kSortedBetweenChecks) {
    ANNALS_RETURN_IF_ERROR(Call(check));
    std::sort(at(*places, begin), at(*places, std::min(size, begin + kSortedBetweenChecks)), less);
  }
  if (size <= kSortedBetweenChecks) return absl::OkStatus();
  std::vector<uint32_t> merged(size);
  for (size_t width = kSortedBetweenChecks; width < size; width *= 2) {
    for (size_t begin = 0; begin < size; begin += 2 * width) {
      ANNALS_RETURN_IF_ERROR(Call(check));
      const size_t middle = std::min(size, begin + width);
      const size_t end = std::min(size, middle + width);
      std::merge(at(*places, begin), at(*places, middle), at(*places, middle), at(*places, end),
                 at(merged, begin), less);
    }
    places->swap(merged);
  }
  return absl::OkStatus();
}

// Rows of one permutation in its order, as places in assertions that outlive this.
class SortedRows {
 public:
  // Of the assertions in these places.
  static absl::StatusOr<SortedRows> Make(Permutation permutation, const std::vector<Assertion>& of,
                                         std::vector<uint32_t> places, const Check& check) {
    {
      std::vector<Row> rows;  // by place
      rows.reserve(of.size());
      for (const Assertion& assertion : of) rows.push_back(RowOf(permutation, assertion));
      const auto less = [&rows](uint32_t a, uint32_t b) {
        return CompareRows(rows[a].span(), rows[b].span()) < 0;
      };
      ANNALS_RETURN_IF_ERROR(SortPlaces(&places, less, check));
    }
    return SortedRows(permutation, of, std::move(places));
  }

  Row operator[](size_t i) const { return RowOf(permutation_, of_[places_[i]]); }
  TermId Value(size_t i, size_t column) const {
    return of_[places_[i]].Get(ColumnsOf(permutation_)[column]);
  }

  struct Range {
    size_t begin = 0, end = 0;
    size_t size() const { return end - begin; }
  };
  // Of a scan, its window and dated_only left out.
  Range Below(const ScanSpec& spec) const {
    Row low, high;
    for (const TermId id : spec.prefix) low.values[low.size++] = id.bits();
    high = low;
    if (low.size < ColumnsOf(spec.permutation).size()) {
      if (spec.low) low.values[low.size++] = spec.low->bits();
      if (spec.high) high.values[high.size++] = spec.high->bits();
    }
    const auto first = std::partition_point(
        places_.begin(), places_.end(), [&](uint32_t place) { return Compare(place, low) < 0; });
    const auto last = std::partition_point(
        first, places_.end(), [&](uint32_t place) { return Compare(place, high) <= 0; });
    return {static_cast<size_t>(first - places_.begin()),
            static_cast<size_t>(last - places_.begin())};
  }

 private:
  SortedRows(Permutation permutation, const std::vector<Assertion>& of,
             std::vector<uint32_t> places)
      : permutation_(permutation), of_(of.data()), places_(std::move(places)) {}

  // As CompareRows.
  int Compare(uint32_t place, const Row& row) const {
    const std::span<const Column> columns = ColumnsOf(permutation_);
    for (size_t i = 0; i < row.size; ++i) {
      const uint64_t value = of_[place].Get(columns[i]).bits();
      if (value != row.values[i]) return value < row.values[i] ? -1 : 1;
    }
    return 0;
  }

  Permutation permutation_;
  const Assertion* of_;
  std::vector<uint32_t> places_;
};

class OverlayScan : public RowScan {
 public:
  // `hidden` is null where it is not known.
  OverlayScan(const ScanSpec& spec, std::shared_ptr<const GraphView> base,
              std::shared_ptr<const GraphView> view, const Overlay& overlay,
              const SortedRows& added, const SortedRows* hidden)
      : spec_(spec),
        base_view_(std::move(base)),
        view_(std::move(view)),
        overlay_(overlay),
        added_(added),
        hidden_(hidden),
        columns_(ColumnsOf(spec.permutation)),
        batch_(columns_.size()) {
    for (const Column column : spec.output) {
      places_.push_back(static_cast<size_t>(PlaceOf(spec.permutation, column)));
    }
  }

  absl::Status Start() { return Seek(spec_.prefix); }

  absl::Status Seek(std::span<const TermId> prefix) override {
    const std::vector<TermId> wanted(prefix.begin(), prefix.end());
    spec_.prefix = wanted;
    const SortedRows::Range added = added_.Below(spec_);
    next_ = added.begin;
    end_ = added.end;
    rows_ = row_ = 0;
    ended_ = false;
    untouched_ = next_ == end_ && hidden_ != nullptr && hidden_->Below(spec_).size() == 0;
    std::unique_ptr<RowScan>& scan = untouched_ ? direct_ : whole_;
    if (scan != nullptr) return scan->Seek(wanted);
    ScanSpec spec = spec_;
    if (!untouched_) spec.output.assign(columns_.begin(), columns_.end());
    ANNALS_ASSIGN_OR_RETURN(scan, base_view_->Scan(spec));
    return absl::OkStatus();
  }

  absl::Status SkipTo(TermId value) override {
    if (untouched_) return direct_->SkipTo(value);
    const size_t column = spec_.prefix.size();
    while (row_ < rows_ && batch_[column][row_] < value) ++row_;
    while (next_ < end_ && added_.Value(next_, column) < value) ++next_;
    // Rows read ahead stay; the base is moved only when there are none.
    return row_ < rows_ || ended_ ? absl::OkStatus() : whole_->SkipTo(value);
  }

  absl::StatusOr<size_t> Next(std::span<std::vector<TermId>> columns, size_t max_rows) override {
    if (untouched_) return direct_->Next(columns, max_rows);
    return ReadMerged(columns, max_rows);
  }

  absl::StatusOr<size_t> NextRuns(std::span<std::vector<TermId>> columns, size_t max_rows,
                                  std::vector<uint64_t>* counts) override {
    if (untouched_) return direct_->NextRuns(columns, max_rows, counts);
    ANNALS_ASSIGN_OR_RETURN(const size_t rows, ReadMerged(columns, max_rows));
    counts->assign(rows, 1);
    return rows;
  }

 private:
  absl::StatusOr<size_t> ReadMerged(std::span<std::vector<TermId>> columns, size_t max_rows) {
    for (std::vector<TermId>& column : columns) column.clear();
    size_t count = 0;
    Row row, added;
    row.size = columns_.size();
    size_t present = SIZE_MAX;  // that `added` holds
    while (count < max_rows) {
      ANNALS_RETURN_IF_ERROR(Refill());
      const bool has_base = row_ < rows_;
      if (has_base) {
        for (size_t i = 0; i < columns_.size(); ++i) row.values[i] = batch_[i][row_].bits();
      }
      if (next_ < end_ && present != next_) {
        added = added_[next_];
        present = next_;
      }
      if (next_ < end_ && (!has_base || CompareRows(added.span(), row.span()) <= 0)) {
        ++next_;
        ANNALS_ASSIGN_OR_RETURN(const bool fits, Fits(added));
        if (fits) Emit(added, columns), ++count;
        continue;
      }
      if (!has_base) break;
      ++row_;
      ANNALS_ASSIGN_OR_RETURN(const bool is_hidden, Hidden(row));
      if (!is_hidden) Emit(row, columns), ++count;
    }
    return count;
  }

  absl::Status Refill() {
    if (row_ < rows_ || ended_) return absl::OkStatus();
    ANNALS_ASSIGN_OR_RETURN(rows_, whole_->Next(batch_, kBatch));
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

  ScanSpec spec_;
  const std::shared_ptr<const GraphView> base_view_;
  const std::shared_ptr<const GraphView> view_;
  const Overlay& overlay_;  // of the view, as are the rows
  const SortedRows& added_;
  const SortedRows* const hidden_;
  const std::span<const Column> columns_;
  std::vector<size_t> places_;
  std::unique_ptr<RowScan> direct_;  // where the range has no rows added or hidden
  std::unique_ptr<RowScan> whole_;   // elsewhere: all columns
  bool untouched_ = false;
  std::vector<std::vector<TermId>> batch_;  // of whole_
  size_t rows_ = 0, row_ = 0;
  bool ended_ = false;
  size_t next_ = 0, end_ = 0;  // of the added rows in the range
};

// Of every permutation: those of facts have one row a fact, the assertions in these places.
absl::StatusOr<std::vector<SortedRows>> RowsOfAll(const std::vector<Assertion>& assertions,
                                                  const std::vector<uint32_t>& facts,
                                                  const Check& check) {
  std::vector<uint32_t> all(assertions.size()), with_source;
  std::iota(all.begin(), all.end(), 0u);
  for (const uint32_t place : all) {
    if (!assertions[place].source.is_undefined()) with_source.push_back(place);
  }
  std::vector<SortedRows> rows;
  for (const Permutation permutation : kPermutations) {
    const std::vector<uint32_t>& places = permutation == Permutation::kSource ? with_source
                                          : permutation == Permutation::kFact ? all
                                                                              : facts;
    ANNALS_ASSIGN_OR_RETURN(SortedRows sorted,
                            SortedRows::Make(permutation, assertions, places, check));
    rows.push_back(std::move(sorted));
  }
  return rows;
}

// Of each fact the place of one assertion, in the order of their numbers.
std::vector<uint32_t> FactsOf(const std::vector<Assertion>& assertions) {
  const auto number = [&assertions](uint32_t place) { return assertions[place].fact; };
  std::vector<uint32_t> places(assertions.size());
  std::iota(places.begin(), places.end(), 0u);
  const auto less = [&](uint32_t a, uint32_t b) { return number(a) < number(b); };
  // What rules derive is numbered as it comes.
  if (!std::is_sorted(places.begin(), places.end(), less)) {
    std::sort(places.begin(), places.end(), less);
  }
  const auto same = [&](uint32_t a, uint32_t b) { return number(a) == number(b); };
  places.erase(std::unique(places.begin(), places.end(), same), places.end());
  return places;
}

class OverlayView : public GraphView, public std::enable_shared_from_this<OverlayView> {
 public:
  OverlayView(std::shared_ptr<const GraphView> base, std::unique_ptr<const Overlay> overlay,
              std::vector<Assertion> added, AddedTerms terms)
      : base_(std::move(base)),
        overlay_(std::move(overlay)),
        assertions_(std::move(added)),
        terms_(std::move(terms)) {}

  // Before it is read.
  absl::Status Sort(const Check& check) {
    ANNALS_RETURN_IF_ERROR(FindFacts(check));
    ANNALS_ASSIGN_OR_RETURN(added_, RowsOfAll(assertions_, facts_, check));
    const std::vector<Assertion>* const hidden = overlay_->hidden();
    if (hidden == nullptr) return absl::OkStatus();
    ANNALS_ASSIGN_OR_RETURN(hidden_, RowsOfAll(*hidden, FactsOf(*hidden), check));
    return absl::OkStatus();
  }

  absl::StatusOr<TermId> Find(const Term& term) const override {
    if (const TermId id = terms_.Find(term); !id.is_undefined()) return id;
    return base_->Find(term);
  }
  absl::StatusOr<Term> Get(TermId id) const override {
    if (const Term* const term = terms_.Get(id)) return *term;
    return base_->Get(id);
  }
  absl::Status GetBatch(std::span<const TermId> ids, std::vector<Term>* out) const override {
    if (terms_.empty()) return base_->GetBatch(ids, out);
    std::vector<TermId> known(ids.begin(), ids.end());
    for (TermId& id : known) {
      if (terms_.Get(id) != nullptr) id = TermId();
    }
    ANNALS_RETURN_IF_ERROR(base_->GetBatch(known, out));
    for (size_t i = 0; i < ids.size(); ++i) {
      if (const Term* const term = terms_.Get(ids[i])) (*out)[i] = *term;
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<RowScan>> Scan(const ScanSpec& spec) const override {
    const size_t place = RelationOf(spec.permutation) - size_t{1};
    auto scan =
        std::make_unique<OverlayScan>(spec, base_, shared_from_this(), *overlay_, added_[place],
                                      hidden_.has_value() ? &(*hidden_)[place] : nullptr);
    ANNALS_RETURN_IF_ERROR(scan->Start());
    return scan;
  }

  // Ranges that are read from below, as they are there.
  absl::StatusOr<std::unique_ptr<ScanSplitter>> Split(const ScanSpec& spec,
                                                      uint64_t rows) const override {
    const size_t place = RelationOf(spec.permutation) - size_t{1};
    const bool untouched = hidden_.has_value() && (*hidden_)[place].Below(spec).size() == 0 &&
                           added_[place].Below(spec).size() == 0;
    if (!untouched) return std::unique_ptr<ScanSplitter>();
    return base_->Split(spec, rows);
  }

  // Estimates are of the state below, as are the statistics.
  std::unique_ptr<RowSampler> Sampler(Permutation permutation) const override {
    return base_->Sampler(permutation);
  }
  NumberCache* kept_numbers() const override { return base_->kept_numbers(); }

  // Exact: what is hidden and not known beforehand is found by reading the rows.
  absl::StatusOr<uint64_t> CountRows(const ScanSpec& spec) const override {
    ScanSpec bare = spec;
    bare.window.reset();
    bare.dated_only = false;
    bare.output = {Column::kFact};
    if (hidden_.has_value()) {
      const size_t place = RelationOf(spec.permutation) - size_t{1};
      ANNALS_ASSIGN_OR_RETURN(const uint64_t rows, base_->CountRows(bare));
      return rows - (*hidden_)[place].Below(bare).size() + added_[place].Below(bare).size();
    }
    uint64_t count = 0;
    ANNALS_RETURN_IF_ERROR(ForEachRow(*this, bare, [&](const auto&, size_t) {
      ++count;
      return absl::OkStatus();
    }));
    return count;
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
    const auto added = std::partition_point(facts_.begin(), facts_.end(), [&](uint32_t place) {
      return assertions_[place].fact.payload() < number;
    });
    if (added != facts_.end() && assertions_[*added].fact.payload() == number) {
      const Assertion& fact = assertions_[*added];
      return Fact{fact.subject, fact.predicate, fact.object, fact.time, number};
    }
    ANNALS_ASSIGN_OR_RETURN(const bool hidden, overlay_->HidesFact(number));
    if (hidden) return std::nullopt;
    return base_->GetFact(number);
  }

  absl::StatusOr<std::vector<TermId>> SourcesOf(uint64_t fact) const override {
    ScanSpec spec;
    spec.permutation = Permutation::kFact;
    spec.prefix = {TermId::Fact(fact)};
    spec.output = {Column::kSource};
    std::vector<TermId> all;
    ANNALS_RETURN_IF_ERROR(ForEachRow(*this, spec, [&](const auto& columns, size_t i) {
      all.push_back(columns[0][i]);
      return absl::OkStatus();
    }));
    return all;
  }

  absl::StatusOr<std::vector<NameMatch>> ResolveName(std::string_view name,
                                                     bool loose) const override {
    return base_->ResolveName(name, loose);
  }
  absl::Status ResolveNames(std::span<const std::string_view> names, bool loose, size_t threads,
                            std::vector<NameMeaning>* meanings) const override {
    return base_->ResolveNames(names, loose, threads, meanings);
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
  // Those that the base has and shows are not added.
  absl::Status FindFacts(const Check& check) {
    constexpr size_t kFoundBetweenChecks = 4096;
    facts_ = FactsOf(assertions_);
    size_t kept = 0;
    for (size_t i = 0; i < facts_.size(); ++i) {
      if (i % kFoundBetweenChecks == 0) ANNALS_RETURN_IF_ERROR(Call(check));
      const uint64_t number = assertions_[facts_[i]].fact.payload();
      ANNALS_ASSIGN_OR_RETURN(const bool hidden, overlay_->HidesFact(number));
      if (!hidden) {
        ANNALS_ASSIGN_OR_RETURN(const std::optional<Fact> shown, base_->GetFact(number));
        if (shown.has_value()) continue;
      }
      facts_[kept++] = facts_[i];
    }
    facts_.resize(kept);
    return absl::OkStatus();
  }

  const std::shared_ptr<const GraphView> base_;
  const std::unique_ptr<const Overlay> overlay_;
  const std::vector<Assertion> assertions_;        // added
  std::vector<uint32_t> facts_;                    // one of them for each fact added, by its number
  std::vector<SortedRows> added_;                  // by relation number - 1
  std::optional<std::vector<SortedRows>> hidden_;  // the same, where it is known
  const AddedTerms terms_;
};

}  // namespace

absl::StatusOr<TermId> AddedTerms::Intern(const Term& term, const GraphView& view) {
  ANNALS_ASSIGN_OR_RETURN(TermId id, view.Find(term));
  if (!id.is_undefined()) return id;
  TermId& added = ids_[UniqueKey(term)];
  if (added.is_undefined()) {
    terms_.push_back(term);
    added = TermId::Make(KindOf(term), kFirstAdded + terms_.size() - 1);
  }
  return added;
}

const Term* AddedTerms::Get(TermId id) const {
  const bool may_be = id.in_dictionary() || id.kind() == TermKind::kLocal;
  if (!may_be || id.payload() < kFirstAdded) return nullptr;
  const uint64_t place = id.payload() - kFirstAdded;
  return place < terms_.size() ? &terms_[place] : nullptr;
}

TermId AddedTerms::Find(const Term& term) const {
  if (terms_.empty()) return TermId();
  const auto found = ids_.find(UniqueKey(term));
  return found == ids_.end() ? TermId() : found->second;
}

absl::StatusOr<std::shared_ptr<const GraphView>> MakeOverlayView(
    std::shared_ptr<const GraphView> base, std::unique_ptr<const Overlay> overlay,
    std::vector<Assertion> added, AddedTerms terms, const Check& check) {
  const auto view = std::make_shared<OverlayView>(std::move(base), std::move(overlay),
                                                  std::move(added), std::move(terms));
  ANNALS_RETURN_IF_ERROR(view->Sort(check));
  return std::shared_ptr<const GraphView>(view);
}

}  // namespace annals

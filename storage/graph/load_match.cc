#include "storage/graph/load_match.h"

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <tuple>
#include <utility>

#include "storage/graph/sort_rows.h"

namespace annals {
namespace {

// Does the store have rows below ascending prefixes of a permutation? Stays in the block.
class Prober {
 public:
  Prober(const StoredView& view, Permutation permutation, size_t prefix, Column output)
      : view_(view) {
    spec_.permutation = permutation;
    spec_.prefix.resize(prefix);
    spec_.output = {output};
  }

  // The output of the first row; undefined if there is none.
  absl::StatusOr<TermId> Find(std::span<const TermId> prefix) {
    if (scan_ == nullptr) {
      spec_.prefix.assign(prefix.begin(), prefix.end());
      ANNALS_ASSIGN_OR_RETURN(scan_, view_.Scan(spec_));
    } else {
      ANNALS_RETURN_IF_ERROR(scan_->Seek(prefix));
    }
    ANNALS_ASSIGN_OR_RETURN(const size_t count, scan_->Next({&out_, 1}, 1));
    return count == 0 ? TermId() : out_[0];
  }

 private:
  const StoredView& view_;
  ScanSpec spec_;
  std::unique_ptr<RowScan> scan_;
  std::vector<TermId> out_;
};

using Spot = std::array<TermId, 4>;  // subject, predicate, object, time

// Rows of ids by columns, with the place of each in the load.
struct SpotColumns {
  std::array<std::vector<uint64_t>, 4> columns;
  std::vector<uint32_t> places;

  void Add(const Spot& spot, uint32_t place) {
    for (size_t i = 0; i < columns.size(); ++i) columns[i].push_back(spot[i].bits());
    places.push_back(place);
  }
  Spot At(uint32_t row) const {
    Spot spot;
    for (size_t i = 0; i < columns.size(); ++i) spot[i] = TermId::FromBits(columns[i][row]);
    return spot;
  }
  std::vector<uint32_t> Order() const {
    return SortedOrder(std::array<SortColumn, 4>{columns[0], columns[1], columns[2], columns[3]});
  }
};

class Matcher {
 public:
  Matcher(const LoadContent& content, const StoredView& view)
      : content_(content),
        view_(view),
        next_fact_(view.meta().last_fact + 1),
        numbers_(content.facts().size()) {}

  absl::StatusOr<LoadMatch> Run() {
    ANNALS_RETURN_IF_ERROR(content_.status());
    if (content_.facts().size() > std::numeric_limits<uint32_t>::max()) {
      return ResourceExhausted("a load has more than 4 billion facts; split it");
    }
    ANNALS_RETURN_IF_ERROR(MatchTerms());
    for (std::vector<uint32_t>& level : Levels()) ANNALS_RETURN_IF_ERROR(MatchFacts(level));
    ANNALS_RETURN_IF_ERROR(MatchAssertions());
    SortNewFacts();
    return std::move(match_);
  }

 private:
  absl::Status MatchTerms() {
    const std::vector<TermKey>& terms = content_.terms();
    ids_.resize(terms.size());
    std::vector<uint32_t> order = content_.ToldTerms();
    if (view_.meta().last_term > 0) {
      std::sort(order.begin(), order.end(),
                [&](uint32_t a, uint32_t b) { return terms[a].hash < terms[b].hash; });
      std::vector<TermKey> keys;
      for (const uint32_t place : order) keys.push_back(terms[place]);
      std::vector<TermId> found;
      const Dictionary dictionary(view_.base_pool(), view_.delta_pool(), view_.meta());
      ANNALS_RETURN_IF_ERROR(dictionary.FindKeys(keys, &found));
      for (size_t i = 0; i < order.size(); ++i) ids_[order[i]] = found[i];
      std::erase_if(order, [&](uint32_t place) { return !ids_[place].is_undefined(); });
    }
    std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
      return std::tie(terms[a].kind, terms[a].key) < std::tie(terms[b].kind, terms[b].key);
    });
    uint64_t number = view_.meta().last_term;
    for (const uint32_t place : order) {
      ids_[place] = TermId::Make(terms[place].kind, ++number);
      match_.new_terms.push_back(terms[place]);
      match_.result.new_names += terms[place].kind == TermKind::kName;
    }
    return absl::OkStatus();
  }

  // Facts before the facts about them.
  std::vector<std::vector<uint32_t>> Levels() const {
    const auto& facts = content_.facts();
    std::vector<std::vector<uint32_t>> levels(1);
    std::vector<uint32_t> level_of(facts.size(), 0);
    for (uint32_t place = 0; place < facts.size(); ++place) {
      uint32_t& level = level_of[place];
      for (const auto handle : {facts[place].subject, facts[place].object}) {
        if (LoadContent::IsFact(handle)) {
          level = std::max(level, level_of[LoadContent::FactPlace(handle)] + 1);
        }
      }
      if (level >= levels.size()) levels.resize(level + 1);
      levels[level].push_back(place);
    }
    return levels;
  }

  TermId IdOf(LoadContent::Handle handle) const {
    if (LoadContent::IsFact(handle)) return TermId::Fact(numbers_[LoadContent::FactPlace(handle)]);
    if (LoadContent::IsTerm(handle)) return ids_[LoadContent::TermPlace(handle)];
    return TermId::FromBits(handle);
  }

  // Can the store hold what has this term?
  bool IsKnown(TermId id) const {
    if (id.kind() == TermKind::kFact) return id.payload() <= view_.meta().last_fact;
    return !id.in_dictionary() || id.payload() <= view_.meta().last_term;
  }

  absl::Status MatchFacts(const std::vector<uint32_t>& level) {
    SpotColumns rows;
    for (const uint32_t place : level) {
      const LoadContent::Told& told = content_.facts()[place];
      const Spot spot = {IdOf(told.subject), IdOf(told.predicate), IdOf(told.object),
                         IdOf(told.time)};
      if (spot[0].is_undefined() || spot[1].is_undefined() || spot[2].is_undefined()) {
        return InvalidArgument("a fact needs a subject, a predicate and an object");
      }
      rows.Add(spot, place);
      match_.result.read += !LoadContent::IsQualifier(told);
    }
    Prober prober(view_, Permutation::kSpo, 4, Column::kFact);
    std::optional<Spot> last;
    uint64_t number = 0;
    for (const uint32_t row : rows.Order()) {
      const Spot spot = rows.At(row);
      if (spot != last) {
        ANNALS_ASSIGN_OR_RETURN(number, MatchFact(spot, prober));
        last = spot;
      }
      numbers_[rows.places[row]] = number;
    }
    return absl::OkStatus();
  }

  // The number of a fact, a new one if the store lacks it.
  absl::StatusOr<uint64_t> MatchFact(const Spot& spot, Prober& prober) {
    if (view_.meta().facts > 0 &&
        std::all_of(spot.begin(), spot.end(), [&](TermId id) { return IsKnown(id); })) {
      ANNALS_ASSIGN_OR_RETURN(const TermId known, prober.Find(spot));
      if (!known.is_undefined()) return known.payload();
    }
    match_.result.new_facts += spot[0].kind() != TermKind::kFact;
    match_.new_facts.push_back({spot[0], spot[1], spot[2], spot[3], next_fact_});
    return next_fact_++;
  }

  // Each level's are in order; together they aren't, if there are facts about facts.
  void SortNewFacts() {
    SpotColumns rows;
    for (const Fact& fact : match_.new_facts) {
      rows.Add({fact.subject, fact.predicate, fact.object, fact.time}, 0);
    }
    std::vector<Fact> sorted;
    sorted.reserve(match_.new_facts.size());
    for (const uint32_t row : rows.Order()) sorted.push_back(match_.new_facts[row]);
    match_.new_facts = std::move(sorted);
  }

  absl::Status MatchAssertions() {
    const auto& facts = content_.facts();
    std::vector<uint64_t> sources(facts.size());
    for (size_t place = 0; place < facts.size(); ++place) {
      sources[place] = IdOf(facts[place].source).bits();
    }
    Prober prober(view_, Permutation::kFact, 2, Column::kFact);
    uint64_t last_fact = 0;
    uint64_t last_source = 0;
    for (const uint32_t place : SortedOrder(std::array<SortColumn, 2>{numbers_, sources})) {
      if (numbers_[place] == last_fact && sources[place] == last_source) continue;
      last_fact = numbers_[place];
      last_source = sources[place];
      ANNALS_RETURN_IF_ERROR(MatchAssertion(place, TermId::FromBits(last_source), prober));
    }
    return absl::OkStatus();
  }

  // Called by ascending fact and source.
  absl::Status MatchAssertion(uint32_t place, TermId source, Prober& prober) {
    const TermId fact = TermId::Fact(numbers_[place]);
    if (IsKnown(fact) && IsKnown(source)) {
      ANNALS_ASSIGN_OR_RETURN(const TermId known, prober.Find(std::array{fact, source}));
      if (!known.is_undefined()) return absl::OkStatus();
    }
    const LoadContent::Told& told = content_.facts()[place];
    auto& assertions = match_.new_assertions;
    match_.result.changed = true;
    match_.result.new_assertions +=
        !LoadContent::IsQualifier(told) && (assertions.empty() || assertions.back().fact != fact);
    assertions.push_back({IdOf(told.subject), IdOf(told.predicate), IdOf(told.object),
                          IdOf(told.time), fact, source,
                          TermId::Integer(static_cast<int64_t>(view_.meta().transaction) + 1)});
    return absl::OkStatus();
  }

  const LoadContent& content_;
  const StoredView& view_;
  uint64_t next_fact_;
  LoadMatch match_;
  std::vector<TermId> ids_;        // of the content's terms
  std::vector<uint64_t> numbers_;  // of its facts
};

Assertion WithoutSource(const Fact& fact) {
  return {fact.subject, fact.predicate, fact.object, fact.time, TermId::Fact(fact.number), {}, {}};
}
const Assertion& AsAssertion(const Assertion& assertion) { return assertion; }

// The columns of a permutation, its rows sorted by the `leading` ones. Further columns are in order
// already, given the order of `items`.
template <typename Item, typename ToAssertion>
RowColumns ColumnsSortedBy(size_t leading, Permutation permutation, const std::vector<Item>& items,
                           ToAssertion to_assertion) {
  const std::span<const Column> columns = ColumnsOf(permutation);
  RowColumns unsorted(columns.size());
  for (size_t c = 0; c < columns.size(); ++c) {
    unsorted[c].reserve(items.size());
    for (const Item& item : items) {
      const Assertion& row = to_assertion(item);
      if (permutation == Permutation::kSource && row.source.is_undefined()) continue;
      unsorted[c].push_back(row.Get(columns[c]).bits());
    }
  }
  if (leading == 0) return unsorted;
  const std::vector<SortColumn> keys(unsorted.begin(),
                                     unsorted.begin() + static_cast<std::ptrdiff_t>(leading));
  const std::vector<uint32_t> order = SortedOrder(keys);
  RowColumns sorted(columns.size());
  for (size_t c = 0; c < columns.size(); ++c) {
    sorted[c].reserve(order.size());
    for (const uint32_t row : order) sorted[c].push_back(unsorted[c][row]);
  }
  return sorted;
}

}  // namespace

absl::StatusOr<LoadMatch> MatchLoad(const LoadContent& content, const StoredView& view) {
  return Matcher(content, view).Run();
}

RowColumns RowsOfLoad(const LoadMatch& match, Permutation permutation) {
  const auto of_facts = [&](size_t leading) {
    return ColumnsSortedBy(leading, permutation, match.new_facts, WithoutSource);
  };
  switch (permutation) {
    case Permutation::kSpo:
      return of_facts(0);
    case Permutation::kPos:
    case Permutation::kPts:
      return of_facts(2);
    case Permutation::kOsp:
      return of_facts(1);
    case Permutation::kFact:
      return ColumnsSortedBy(0, permutation, match.new_assertions, AsAssertion);
    case Permutation::kSource:
      return ColumnsSortedBy(5, permutation, match.new_assertions, AsAssertion);
  }
  return {};
}

}  // namespace annals

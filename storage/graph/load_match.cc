#include "storage/graph/load_match.h"

#include <algorithm>
#include <array>
#include <memory>
#include <numeric>
#include <span>
#include <tuple>
#include <utility>

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

// A told fact by ids.
struct Row {
  std::array<TermId, 4> spot;  // subject, predicate, object, time
  uint32_t place;              // in the content
  bool operator<(const Row& other) const {
    return std::tie(spot, place) < std::tie(other.spot, other.place);
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
    std::sort(match_.new_facts.begin(), match_.new_facts.end(), [](const Fact& a, const Fact& b) {
      return std::tie(a.subject, a.predicate, a.object, a.time) <
             std::tie(b.subject, b.predicate, b.object, b.time);
    });
    return std::move(match_);
  }

 private:
  absl::Status MatchTerms() {
    const std::vector<TermKey>& terms = content_.terms();
    ids_.resize(terms.size());
    std::vector<uint32_t> order(terms.size());
    std::iota(order.begin(), order.end(), 0u);
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
    std::vector<Row> rows;
    rows.reserve(level.size());
    for (const uint32_t place : level) {
      const LoadContent::Told& told = content_.facts()[place];
      rows.push_back(
          {{IdOf(told.subject), IdOf(told.predicate), IdOf(told.object), IdOf(told.time)}, place});
      const auto& spot = rows.back().spot;
      if (spot[0].is_undefined() || spot[1].is_undefined() || spot[2].is_undefined()) {
        return InvalidArgument("a fact needs a subject, a predicate and an object");
      }
      match_.result.read += !LoadContent::IsQualifier(told);
    }
    std::sort(rows.begin(), rows.end());
    Prober prober(view_, Permutation::kSpo, 4, Column::kFact);
    for (size_t i = 0; i < rows.size(); ++i) {
      if (i > 0 && rows[i].spot == rows[i - 1].spot) {
        numbers_[rows[i].place] = numbers_[rows[i - 1].place];
        continue;
      }
      ANNALS_ASSIGN_OR_RETURN(numbers_[rows[i].place], MatchFact(rows[i], prober));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<uint64_t> MatchFact(const Row& row, Prober& prober) {
    if (view_.meta().facts > 0 &&
        std::all_of(row.spot.begin(), row.spot.end(), [&](TermId id) { return IsKnown(id); })) {
      ANNALS_ASSIGN_OR_RETURN(const TermId known, prober.Find(row.spot));
      if (!known.is_undefined()) return known.payload();
    }
    match_.result.new_facts += row.spot[0].kind() != TermKind::kFact;
    match_.new_facts.push_back({row.spot[0], row.spot[1], row.spot[2], row.spot[3], next_fact_});
    return next_fact_++;
  }

  absl::Status MatchAssertions() {
    const auto& facts = content_.facts();
    const TermId transaction = TermId::Integer(static_cast<int64_t>(view_.meta().transaction) + 1);
    struct Telling {
      uint64_t fact;
      TermId source;
      uint32_t place;
    };
    std::vector<Telling> tellings;
    tellings.reserve(facts.size());
    for (uint32_t place = 0; place < facts.size(); ++place) {
      tellings.push_back({numbers_[place], IdOf(facts[place].source), place});
    }
    const auto same_as = [](const Telling& a) { return std::tie(a.fact, a.source); };
    std::sort(tellings.begin(), tellings.end(),
              [&](const Telling& a, const Telling& b) { return same_as(a) < same_as(b); });
    tellings.erase(
        std::unique(tellings.begin(), tellings.end(),
                    [&](const Telling& a, const Telling& b) { return same_as(a) == same_as(b); }),
        tellings.end());
    Prober prober(view_, Permutation::kFact, 2, Column::kFact);
    uint64_t last_gained = 0;
    for (const Telling& telling : tellings) {
      const TermId fact = TermId::Fact(telling.fact);
      if (telling.fact <= view_.meta().last_fact && IsKnown(telling.source)) {
        const std::array prefix = {fact, telling.source};
        ANNALS_ASSIGN_OR_RETURN(const TermId known, prober.Find(prefix));
        if (!known.is_undefined()) continue;
      }
      const LoadContent::Told& told = facts[telling.place];
      match_.new_assertions.push_back({IdOf(told.subject), IdOf(told.predicate), IdOf(told.object),
                                       IdOf(told.time), fact, telling.source, transaction});
      match_.result.changed = true;
      match_.result.new_assertions +=
          telling.fact != last_gained && !LoadContent::IsQualifier(told);
      last_gained = telling.fact;
    }
    return absl::OkStatus();
  }

  const LoadContent& content_;
  const StoredView& view_;
  uint64_t next_fact_;
  LoadMatch match_;
  std::vector<TermId> ids_;        // of the content's terms
  std::vector<uint64_t> numbers_;  // of its facts
};

template <size_t kWidth>
RowColumns SortedColumns(std::vector<std::array<uint64_t, kWidth>> rows) {
  std::sort(rows.begin(), rows.end());
  RowColumns columns(kWidth);
  for (size_t i = 0; i < kWidth; ++i) {
    columns[i].reserve(rows.size());
    for (const auto& row : rows) columns[i].push_back(row[i]);
  }
  return columns;
}

// The rows of a permutation of kWidth columns, of those assertions that have one in it.
template <size_t kWidth>
RowColumns AssertionRows(const LoadMatch& match, Permutation permutation) {
  std::vector<std::array<uint64_t, kWidth>> rows;
  rows.reserve(match.new_assertions.size());
  for (const Assertion& assertion : match.new_assertions) {
    if (permutation == Permutation::kSource && assertion.source.is_undefined()) continue;
    const annals::Row row = RowOf(permutation, assertion);
    std::copy_n(row.values.begin(), kWidth, rows.emplace_back().begin());
  }
  return SortedColumns(std::move(rows));
}

RowColumns FactRows(const LoadMatch& match, Permutation permutation) {
  std::vector<std::array<uint64_t, 5>> rows;
  rows.reserve(match.new_facts.size());
  for (const Fact& fact : match.new_facts) {
    const annals::Row row = RowOf(
        permutation,
        {fact.subject, fact.predicate, fact.object, fact.time, TermId::Fact(fact.number), {}, {}});
    std::copy_n(row.values.begin(), 5, rows.emplace_back().begin());
  }
  return SortedColumns(std::move(rows));
}

}  // namespace

absl::StatusOr<LoadMatch> MatchLoad(const LoadContent& content, const StoredView& view) {
  return Matcher(content, view).Run();
}

RowColumns RowsOfLoad(const LoadMatch& match, Permutation permutation) {
  switch (permutation) {
    case Permutation::kSpo:
    case Permutation::kPos:
    case Permutation::kOsp:
    case Permutation::kPts:
      return FactRows(match, permutation);
    case Permutation::kFact:
      return AssertionRows<7>(match, permutation);
    case Permutation::kSource:
      return AssertionRows<6>(match, permutation);
  }
  return {};
}

}  // namespace annals

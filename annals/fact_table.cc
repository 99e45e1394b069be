#include "annals/fact_table.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "query/exec/vocabulary.h"

namespace annals {
namespace {

// What is said of facts: (fact, source), or (fact, key, value); by fact.
template <size_t width>
using Said = std::vector<std::array<TermId, width>>;

template <size_t width>
std::span<const std::array<TermId, width>> Of(const Said<width>& said, TermId fact) {
  const auto first = std::lower_bound(said.begin(), said.end(), fact,
                                      [](const auto& row, TermId id) { return row[0] < id; });
  auto last = first;
  while (last != said.end() && (*last)[0] == fact) ++last;
  return {first, last};
}

class FactTable : public TermRows {
 public:
  FactTable(std::vector<Fact> facts, std::shared_ptr<const GraphView> view,
            std::unique_ptr<TableLimits> limits)
      : view_(std::move(view)), limits_(std::move(limits)), facts_(std::move(facts)) {}

  absl::Status Prepare() {
    std::sort(facts_.begin(), facts_.end(),
              [](const Fact& a, const Fact& b) { return a.number < b.number; });
    facts_.erase(std::unique(facts_.begin(), facts_.end(),
                             [](const Fact& a, const Fact& b) { return a.number == b.number; }),
                 facts_.end());
    ANNALS_RETURN_IF_ERROR(limits_->CheckRows(facts_.size()));
    // Beside each other, many are read at once.
    constexpr uint64_t kMany = 64, kApart = 64;
    together_ = facts_.size() >= kMany &&
                (facts_.back().number - facts_.front().number) / facts_.size() < kApart;
    if (together_) {
      ANNALS_RETURN_IF_ERROR(
          ReadSaid(Permutation::kFact, {Column::kFact, Column::kSource}, &told_));
      ANNALS_RETURN_IF_ERROR(ReadSaid(
          Permutation::kSpo, {Column::kSubject, Column::kPredicate, Column::kObject}, &qualified_));
    }
    return Sort();
  }

  absl::StatusOr<bool> Next(std::vector<Term>* row) override {
    if (next_ == facts_.size()) return false;
    if (at_ == batch_.size()) ANNALS_RETURN_IF_ERROR(ReadBatch());
    *row = std::move(batch_[at_++]);
    ++next_;
    return true;
  }

 private:
  static constexpr size_t kBatch = 1024;
  static constexpr size_t kTermsAtOnce = 256;

  // Accounts for what is kept, and `more`.
  absl::Status Keep(uint64_t more = 0) {
    return limits_->Keep(facts_.capacity() * sizeof(Fact) + told_.capacity() * sizeof(told_[0]) +
                         qualified_.capacity() * sizeof(qualified_[0]) + more);
  }

  template <size_t width>
  absl::Status ReadSaid(Permutation permutation, std::vector<Column> columns, Said<width>* said) {
    ScanSpec spec;
    spec.permutation = permutation;
    spec.low = TermId::Fact(facts_.front().number);
    spec.high = TermId::Fact(facts_.back().number);
    spec.output = std::move(columns);
    auto fact = facts_.begin();
    return ForEachRow(*view_, spec, [&](const auto& row, size_t i) -> absl::Status {
      if (i == 0) ANNALS_RETURN_IF_ERROR(Keep());
      while (fact != facts_.end() && fact->number < row[0][i].payload()) ++fact;
      if (fact == facts_.end() || fact->number != row[0][i].payload()) return absl::OkStatus();
      if (row[1][i].is_undefined()) return absl::OkStatus();  // told without a source
      auto& one = said->emplace_back();
      for (size_t k = 0; k < width; ++k) one[k] = row[k][i];
      return absl::OkStatus();
    });
  }

  // By time, subject, predicate and object: each term is read and ranked once.
  absl::Status Sort() {
    std::vector<TermId> ids;
    ids.reserve(facts_.size() * 4);
    for (const Fact& fact : facts_) {
      for (TermId id : {fact.time, fact.subject, fact.predicate, fact.object}) ids.push_back(id);
    }
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    std::vector<Term> terms;
    uint64_t bytes = ids.capacity() * (sizeof(TermId) + sizeof(Term) + 2 * sizeof(uint32_t));
    ANNALS_RETURN_IF_ERROR(Keep(bytes));
    terms.reserve(ids.size());
    for (size_t begin = 0; begin < ids.size(); begin += kTermsAtOnce) {
      const size_t count = std::min(kTermsAtOnce, ids.size() - begin);
      std::vector<Term> some;
      ANNALS_RETURN_IF_ERROR(view_->GetBatch(std::span(ids).subspan(begin, count), &some));
      for (Term& term : some) {
        bytes += exec::BytesOfTerm(term) - sizeof(Term);
        terms.push_back(std::move(term));
      }
      ANNALS_RETURN_IF_ERROR(Keep(bytes));
    }
    std::vector<uint32_t> order(ids.size()), ranks(ids.size());
    for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(),
              [&](uint32_t a, uint32_t b) { return CompareForOrder(terms[a], terms[b]) < 0; });
    for (size_t i = 1; i < order.size(); ++i) {
      const bool same = CompareForOrder(terms[order[i - 1]], terms[order[i]]) == 0;
      ranks[order[i]] = ranks[order[i - 1]] + (same ? 0 : 1);
    }
    ANNALS_RETURN_IF_ERROR(limits_->Check());
    const auto rank = [&](TermId id) {
      return ranks[static_cast<size_t>(std::lower_bound(ids.begin(), ids.end(), id) - ids.begin())];
    };
    std::vector<std::pair<std::array<uint32_t, 4>, Fact>> keyed;
    ANNALS_RETURN_IF_ERROR(Keep(bytes + facts_.size() * sizeof(keyed[0])));
    keyed.reserve(facts_.size());
    for (const Fact& fact : facts_) {
      keyed.push_back(
          {{rank(fact.time), rank(fact.subject), rank(fact.predicate), rank(fact.object)}, fact});
    }
    std::stable_sort(keyed.begin(), keyed.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (size_t i = 0; i < keyed.size(); ++i) facts_[i] = keyed[i].second;
    return Keep();
  }

  absl::Status ReadBatch() {
    ANNALS_RETURN_IF_ERROR(limits_->Check());
    const size_t rows = std::min(kBatch, facts_.size() - next_);
    std::vector<TermId> ids;
    for (const Fact& fact : std::span(facts_).subspan(next_, rows)) {
      for (TermId id : {fact.time, fact.subject, fact.predicate, fact.object}) ids.push_back(id);
    }
    std::vector<Term> terms;
    ANNALS_RETURN_IF_ERROR(view_->GetBatch(ids, &terms));
    batch_.clear();
    at_ = 0;
    for (size_t i = 0; i < rows; ++i) {
      std::vector<Term>& row = batch_.emplace_back();
      for (size_t k = 0; k < 4; ++k) row.push_back(std::move(terms[4 * i + k]));
      const uint64_t number = facts_[next_ + i].number;
      const TermId fact = TermId::Fact(number);
      if (!together_) {
        ANNALS_ASSIGN_OR_RETURN(row.emplace_back(), QualifiersText(number, *view_));
        ANNALS_ASSIGN_OR_RETURN(row.emplace_back(), SourceList(number, *view_));
        continue;
      }
      std::vector<std::pair<TermId, TermId>> qualifiers;
      for (const auto& [of, key, value] : Of(qualified_, fact)) qualifiers.emplace_back(key, value);
      ANNALS_ASSIGN_OR_RETURN(row.emplace_back(), QualifiersText(qualifiers, *view_));
      std::vector<TermId> sources;
      for (const auto& [of, source] : Of(told_, fact)) sources.push_back(source);
      ANNALS_ASSIGN_OR_RETURN(row.emplace_back(), SourceList(sources, *view_));
    }
    return absl::OkStatus();
  }

  const std::shared_ptr<const GraphView> view_;
  const std::unique_ptr<TableLimits> limits_;
  std::vector<Fact> facts_;
  bool together_ = false;  // what is said of all of them was read at once:
  Said<2> told_;
  Said<3> qualified_;
  std::vector<std::vector<Term>> batch_;
  size_t at_ = 0;    // in the batch
  size_t next_ = 0;  // of facts_, the next row's
};

}  // namespace

absl::StatusOr<Rows> MakeFactTable(std::vector<Fact> facts, std::vector<std::string> notes,
                                   std::unique_ptr<TableLimits> limits,
                                   const QuestionContext& context) {
  auto table = std::make_unique<FactTable>(std::move(facts), context.view, std::move(limits));
  ANNALS_RETURN_IF_ERROR(table->Prepare());
  return MakeTableRows({"time", "subject", "predicate", "object", "qualifiers", "sources"},
                       std::move(table), std::move(notes), context);
}

}  // namespace annals

#include "storage/graph/merges.h"

#include <array>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "storage/graph/for_each_row.h"
#include "storage/graph/overlay.h"

namespace annals {
namespace {

// Facts as they were told.
class Replaced : public Overlay {
 public:
  explicit Replaced(std::vector<Assertion> told) : told_(std::move(told)) {
    for (const Assertion& row : told_) facts_.insert(row.fact.payload());
  }
  absl::StatusOr<bool> HidesFact(uint64_t fact) const override { return facts_.contains(fact); }
  absl::StatusOr<bool> HidesAssertion(uint64_t, TermId, std::optional<uint64_t>) const override {
    return false;
  }
  const std::vector<Assertion>* hidden() const override { return &told_; }

 private:
  const std::vector<Assertion> told_;
  std::set<uint64_t> facts_;
};

// The numbers of the facts below a prefix.
absl::Status AddFacts(const GraphView& view, Permutation permutation, TermId id,
                      std::set<uint64_t>* facts) {
  ScanSpec spec;
  spec.permutation = permutation;
  spec.prefix = {id};
  spec.output = {Column::kFact};
  return ForEachRow(view, spec, [&](const auto& columns, size_t i) {
    facts->insert(columns[0][i].payload());
    return absl::OkStatus();
  });
}

absl::Status AddAssertions(const GraphView& view, uint64_t fact, std::vector<Assertion>* rows) {
  ScanSpec spec;
  spec.permutation = Permutation::kFact;
  spec.prefix = {TermId::Fact(fact)};
  spec.output = {Column::kSubject, Column::kPredicate, Column::kObject,
                 Column::kTime,    Column::kSource,    Column::kTransaction};
  return ForEachRow(view, spec, [&](const auto& columns, size_t i) {
    rows->push_back({columns[0][i], columns[1][i], columns[2][i], columns[3][i], TermId::Fact(fact),
                     columns[4][i], columns[5][i]});
    return absl::OkStatus();
  });
}

}  // namespace

absl::StatusOr<std::shared_ptr<const GraphView>> MakeMergedView(
    std::shared_ptr<const GraphView> base) {
  ANNALS_ASSIGN_OR_RETURN(const std::shared_ptr<const Declarations> declared, base->Declared());
  if (declared->merged.empty()) return base;
  std::set<uint64_t> facts;
  for (const auto& [from, into] : declared->merged) {
    for (const Permutation permutation :
         {Permutation::kSpo, Permutation::kPos, Permutation::kOsp, Permutation::kSource}) {
      ANNALS_RETURN_IF_ERROR(AddFacts(*base, permutation, from, &facts));
    }
  }
  ANNALS_ASSIGN_OR_RETURN(const TermId merged_into,
                          base->Find(Term(Name{std::string(kMergedInto)})));
  // Facts that are alike once their entities are one are one fact, the first that was told; what
  // was said about the others is said about it.
  std::vector<Assertion> told, merged;
  std::map<std::array<TermId, 4>, uint64_t> numbers;
  std::map<uint64_t, uint64_t> same_as;
  std::set<std::pair<uint64_t, TermId>> tellings;
  std::set<uint64_t> done;
  std::vector<uint64_t> open(facts.begin(), facts.end());
  for (size_t next = 0; next < open.size(); ++next) {
    const uint64_t fact = open[next];
    if (!done.insert(fact).second) continue;
    std::vector<Assertion> rows;
    ANNALS_RETURN_IF_ERROR(AddAssertions(*base, fact, &rows));
    // What says that two are one is about both.
    if (rows.empty() || rows[0].predicate == merged_into) continue;
    told.insert(told.end(), rows.begin(), rows.end());
    for (Assertion& row : rows) {
      for (TermId* id : {&row.subject, &row.predicate, &row.object, &row.source}) {
        *id = declared->Canonical(*id);
      }
      const auto about = row.subject.kind() == TermKind::kFact ? same_as.find(row.subject.payload())
                                                               : same_as.end();
      if (about != same_as.end()) row.subject = TermId::Fact(about->second);
    }
    const std::array<TermId, 4> key = {rows[0].subject, rows[0].predicate, rows[0].object,
                                       rows[0].time};
    auto [number, is_new] = numbers.try_emplace(key, fact);
    if (is_new) {
      ANNALS_ASSIGN_OR_RETURN(const std::optional<Fact> known,
                              base->FindFact(key[0], key[1], key[2], key[3]));
      // One that is not touched itself stands for all.
      if (known.has_value() && known->number != fact && !facts.contains(known->number)) {
        number->second = known->number;
        ANNALS_ASSIGN_OR_RETURN(const std::vector<TermId> sources, base->SourcesOf(known->number));
        for (const TermId source : sources) tellings.emplace(known->number, source);
      }
    }
    if (number->second != fact) {
      same_as[fact] = number->second;
      std::set<uint64_t> qualifiers;
      ANNALS_RETURN_IF_ERROR(AddFacts(*base, Permutation::kSpo, TermId::Fact(fact), &qualifiers));
      // Those that were touched before are made again, now about the other.
      for (const uint64_t qualifier : qualifiers) {
        if (!done.contains(qualifier)) open.push_back(qualifier);
      }
    }
    for (Assertion row : rows) {
      row.fact = TermId::Fact(number->second);
      if (tellings.emplace(number->second, row.source).second) merged.push_back(row);
    }
  }
  return MakeOverlayView(std::move(base), std::make_unique<Replaced>(std::move(told)),
                         std::move(merged));
}

}  // namespace annals

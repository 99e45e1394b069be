#include "storage/graph/merges.h"

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "storage/graph/overlay.h"

namespace annals {
namespace {

constexpr size_t kBatch = 2048;

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
  ANNALS_ASSIGN_OR_RETURN(const std::unique_ptr<RowScan> scan, view.Scan(spec));
  std::vector<TermId> numbers;
  while (true) {
    ANNALS_ASSIGN_OR_RETURN(const size_t rows, scan->Next({&numbers, 1}, kBatch));
    if (rows == 0) return absl::OkStatus();
    for (const TermId number : numbers) facts->insert(number.payload());
  }
}

absl::Status AddAssertions(const GraphView& view, uint64_t fact, std::vector<Assertion>* rows) {
  ScanSpec spec;
  spec.permutation = Permutation::kFact;
  spec.prefix = {TermId::Fact(fact)};
  spec.output = {Column::kSubject, Column::kPredicate, Column::kObject,
                 Column::kTime,    Column::kSource,    Column::kTransaction};
  ANNALS_ASSIGN_OR_RETURN(const std::unique_ptr<RowScan> scan, view.Scan(spec));
  std::vector<std::vector<TermId>> columns(spec.output.size());
  while (true) {
    ANNALS_ASSIGN_OR_RETURN(const size_t count, scan->Next(columns, kBatch));
    if (count == 0) return absl::OkStatus();
    for (size_t i = 0; i < count; ++i) {
      rows->push_back({columns[0][i], columns[1][i], columns[2][i], columns[3][i],
                       TermId::Fact(fact), columns[4][i], columns[5][i]});
    }
  }
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
  std::vector<Assertion> told, merged;
  for (const uint64_t fact : facts) {
    const size_t before = told.size();
    ANNALS_RETURN_IF_ERROR(AddAssertions(*base, fact, &told));
    // What says that they are one is about both.
    if (told.size() > before && told[before].predicate == merged_into) told.resize(before);
  }
  for (Assertion row : told) {
    for (TermId* id : {&row.subject, &row.predicate, &row.object, &row.source}) {
      *id = declared->Canonical(*id);
    }
    merged.push_back(row);
  }
  return MakeOverlayView(std::move(base), std::make_unique<Replaced>(std::move(told)),
                         std::move(merged));
}

}  // namespace annals

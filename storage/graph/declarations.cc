#include "storage/graph/declarations.h"

#include <algorithm>
#include <memory>

#include "storage/graph/view.h"

namespace annals {
namespace {

constexpr size_t kBatch = 256;

absl::StatusOr<TermId> FindName(const GraphView& view, std::string_view name) {
  return view.Find(Term(Name{std::string(name)}));
}

// The subjects and objects of a predicate's facts, of those with this object if it is given.
absl::StatusOr<std::vector<std::pair<TermId, TermId>>> PairsOf(const GraphView& view,
                                                               std::vector<TermId> prefix) {
  std::vector<std::pair<TermId, TermId>> pairs;
  for (const TermId id : prefix) {
    if (id.is_undefined()) return pairs;
  }
  ScanSpec spec;
  spec.permutation = Permutation::kPos;
  spec.prefix = std::move(prefix);
  spec.output = {Column::kSubject, Column::kObject};
  ANNALS_ASSIGN_OR_RETURN(const std::unique_ptr<RowScan> scan, view.Scan(spec));
  std::vector<std::vector<TermId>> columns(2);
  while (true) {
    ANNALS_ASSIGN_OR_RETURN(const size_t rows, scan->Next(columns, kBatch));
    if (rows == 0) break;
    for (size_t i = 0; i < rows; ++i) pairs.emplace_back(columns[0][i], columns[1][i]);
  }
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  return pairs;
}

bool Has(const std::vector<TermId>& sorted, TermId id) {
  return std::binary_search(sorted.begin(), sorted.end(), id);
}

}  // namespace

std::vector<Declarations::Way> Declarations::WaysOf(TermId predicate) const {
  std::vector<Way> ways = {{predicate, false}};
  const auto add = [&](Way way) {
    if (std::find(ways.begin(), ways.end(), way) == ways.end()) ways.push_back(way);
  };
  for (size_t i = 0; i < ways.size(); ++i) {
    const Way way = ways[i];
    if (IsSymmetric(way.predicate)) add({way.predicate, !way.reversed});
    for (const auto& [p, q] : inverse) {
      if (way.predicate == p) add({q, !way.reversed});
      if (way.predicate == q) add({p, !way.reversed});
    }
    for (const auto& [p, q] : implies) {
      if (way.predicate == q) add({p, way.reversed});
    }
  }
  return ways;
}

std::vector<TermId> Declarations::WithWays() const {
  std::vector<TermId> all = symmetric;
  for (const auto& [p, q] : inverse) {
    all.push_back(p);
    all.push_back(q);
  }
  for (const auto& [p, q] : implies) all.push_back(q);
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

bool Declarations::IsSymmetric(TermId predicate) const { return Has(symmetric, predicate); }
bool Declarations::IsTransitive(TermId predicate) const { return Has(transitive, predicate); }
bool Declarations::IsSingle(TermId predicate) const { return Has(single, predicate); }

absl::StatusOr<Declarations> ReadDeclarations(const GraphView& view) {
  Declarations declared;
  ANNALS_ASSIGN_OR_RETURN(const TermId is, FindName(view, kIsPredicate));
  const std::pair<std::string_view, std::vector<TermId>*> kinds[] = {
      {kSymmetric, &declared.symmetric},
      {kTransitive, &declared.transitive},
      {kSingle, &declared.single}};
  for (const auto& [kind, predicates] : kinds) {
    ANNALS_ASSIGN_OR_RETURN(const TermId id, FindName(view, kind));
    ANNALS_ASSIGN_OR_RETURN(const auto pairs, PairsOf(view, {is, id}));
    for (const auto& pair : pairs) predicates->push_back(pair.first);
  }
  ANNALS_ASSIGN_OR_RETURN(const TermId inverse, FindName(view, kInverseOf));
  ANNALS_ASSIGN_OR_RETURN(declared.inverse, PairsOf(view, {inverse}));
  ANNALS_ASSIGN_OR_RETURN(const TermId implies, FindName(view, kImplies));
  ANNALS_ASSIGN_OR_RETURN(declared.implies, PairsOf(view, {implies}));
  return declared;
}

}  // namespace annals

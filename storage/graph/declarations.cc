#include "storage/graph/declarations.h"

#include <algorithm>

#include "storage/graph/for_each_row.h"
#include "storage/graph/view.h"

namespace annals {
namespace {

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
  ANNALS_RETURN_IF_ERROR(ForEachRow(view, spec, [&](const auto& columns, size_t i) {
    pairs.emplace_back(columns[0][i], columns[1][i]);
    return absl::OkStatus();
  }));
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  return pairs;
}

bool Has(const std::vector<TermId>& sorted, TermId id) {
  return std::binary_search(sorted.begin(), sorted.end(), id);
}

}  // namespace

// Breadth first from the predicate itself, with the reason and the way before of each.
struct Declarations::Search {
  struct Step {
    Way way;
    size_t before;
    Reason reason;
  };
  std::vector<Step> steps;

  void Add(Way way, size_t before, Reason reason) {
    const bool known =
        std::any_of(steps.begin(), steps.end(), [&](const Step& step) { return step.way == way; });
    if (!known) steps.push_back({way, before, reason});
  }
};

Declarations::Search Declarations::SearchFrom(TermId predicate) const {
  Search search;
  search.steps.push_back({{predicate, false}, 0, {}});
  for (size_t i = 0; i < search.steps.size(); ++i) {
    const Way way = search.steps[i].way;
    if (IsSymmetric(way.predicate)) {
      search.Add({way.predicate, !way.reversed}, i, {way.predicate, kSymmetric, TermId()});
    }
    for (const auto& [p, q] : inverse) {
      if (way.predicate == p) search.Add({q, !way.reversed}, i, {p, kInverseOf, q});
      if (way.predicate == q) search.Add({p, !way.reversed}, i, {p, kInverseOf, q});
    }
    for (const auto& [p, q] : implies) {
      if (way.predicate == q) search.Add({p, way.reversed}, i, {p, kImplies, q});
    }
  }
  return search;
}

std::vector<Declarations::Way> Declarations::WaysOf(TermId predicate) const {
  std::vector<Way> ways;
  for (const Search::Step& step : SearchFrom(predicate).steps) ways.push_back(step.way);
  return ways;
}

std::vector<Declarations::Reason> Declarations::ReasonsFor(TermId predicate, Way way) const {
  const Search search = SearchFrom(predicate);
  size_t at = 0;
  while (at < search.steps.size() && search.steps[at].way != way) ++at;
  std::vector<Reason> reasons;
  for (; at > 0 && at < search.steps.size(); at = search.steps[at].before) {
    reasons.push_back(search.steps[at].reason);
  }
  return reasons;
}

TermId Declarations::Canonical(TermId id) const {
  // A chain of merges has no cycle; facts told by hand may make one.
  for (size_t i = 0; i < merged.size(); ++i) {
    const auto found = std::lower_bound(merged.begin(), merged.end(), std::pair(id, TermId()));
    if (found == merged.end() || found->first != id) return id;
    id = found->second;
  }
  return id;
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
  ANNALS_ASSIGN_OR_RETURN(const TermId merged, FindName(view, kMergedInto));
  ANNALS_ASSIGN_OR_RETURN(declared.merged, PairsOf(view, {merged}));
  ANNALS_ASSIGN_OR_RETURN(const TermId rule, FindName(view, kRule));
  ANNALS_ASSIGN_OR_RETURN(declared.rules, PairsOf(view, {rule}));
  if (declared.merged.empty()) return declared;
  // What was declared of a merged predicate is declared of the one.
  for (auto* predicates : {&declared.symmetric, &declared.transitive, &declared.single}) {
    for (TermId& id : *predicates) id = declared.Canonical(id);
    std::sort(predicates->begin(), predicates->end());
  }
  for (auto* pairs : {&declared.inverse, &declared.implies}) {
    for (auto& [p, q] : *pairs) {
      p = declared.Canonical(p);
      q = declared.Canonical(q);
    }
  }
  return declared;
}

}  // namespace annals

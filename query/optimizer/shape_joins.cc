// semi_joins, early_distinct, early_filters and first_row: joins, once their inputs are in order,
// broken where something is worth doing before the next input is joined.
#include <algorithm>

#include "query/optimizer/demand.h"
#include "query/optimizer/passes.h"
#include "query/optimizer/rewrite.h"

namespace annals::optimizer {
namespace {

using algebra::AddVariables;
using algebra::Join;
using algebra::MakePlan;
using algebra::PlanPtr;

// A semi join keeps its right side, so that side may be this much larger than what it tests.
constexpr double kKeptForEachTested = 4;
constexpr double kSmall = 1000;         // rows that are cheap to keep whatever else
constexpr double kRepeatsEnough = 1.2;  // rows on the right for each value tested

constexpr double kDistinctFrom = 500;     // rows from which dropping repeats pays
constexpr double kDistinctSaves = 3;      // at least this many rows become one
constexpr double kDistinctSavesScan = 8;  // of one scan, whose order is lost
// Where a join leaves columns out, more rows repeat than is estimated: frequent values have more
// ways to each other. Where even that many are not expected, the operator finds out.
constexpr double kDistinctSavesLess = 1.2;

// The columns of the inputs from `from` on, and what is demanded.
Variables NeededAfter(const Join& join, size_t from, const Demand& demand) {
  Variables needed = demand.columns;
  for (size_t i = from; i < join.children.size(); ++i) {
    AddVariables(algebra::VariablesOf(*join.children[i]), &needed);
  }
  return needed;
}

// May the input `k` only test the rows of those before it?
absl::StatusOr<bool> OnlyTests(const Join& join, size_t k, const Demand& demand,
                               const Estimate& before, Estimator& estimator) {
  const algebra::Plan& input = *join.children[k];
  const Variables columns = algebra::VariablesOf(input);
  Variables certain, seen;
  for (size_t i = 0; i < k; ++i) {
    AddVariables(algebra::CertainVariablesOf(*join.children[i]), &certain);
    AddVariables(algebra::VariablesOf(*join.children[i]), &seen);
  }
  const Variables shared = Intersection(columns, seen);
  if (shared.empty() || !IsSubset(shared, certain)) return false;
  if (!IsSubset(Intersection(columns, NeededAfter(join, k + 1, demand)), certain)) return false;
  ANNALS_ASSIGN_OR_RETURN(const Estimate estimate, estimator.Of(input));
  const double values = std::max(estimate.DistinctRows(shared), 1.0);
  if (estimate.rows < values * kRepeatsEnough) return false;
  return estimate.rows <= std::max(kSmall, before.rows * kKeptForEachTested);
}

// The inputs so far as one plan.
PlanPtr Joined(std::vector<PlanPtr> inputs) { return algebra::MakeJoin(std::move(inputs)); }

absl::StatusOr<bool> SemiJoinsIn(PlanPtr* node, const Demand& demand, Estimator& estimator) {
  auto& join = std::get<Join>((*node)->node);
  std::vector<bool> tests(join.children.size(), false);
  std::vector<Estimate> estimates;
  for (const PlanPtr& child : join.children) {
    ANNALS_ASSIGN_OR_RETURN(estimates.emplace_back(), estimator.Of(*child));
  }
  std::vector<const Estimate*> before = {&estimates[0]};
  bool any = false;
  for (size_t k = 1; k < join.children.size(); ++k) {
    ANNALS_ASSIGN_OR_RETURN(const bool only,
                            OnlyTests(join, k, demand, EstimateJoin(before), estimator));
    tests[k] = only;
    any |= only;
    before.push_back(&estimates[k]);
  }
  if (!any) return false;
  std::vector<PlanPtr> inputs;
  for (size_t k = 0; k < tests.size(); ++k) {
    if (!tests[k]) {
      inputs.push_back(std::move(join.children[k]));
      continue;
    }
    PlanPtr left = Joined(std::move(inputs));
    inputs.clear();
    inputs.push_back(
        MakePlan(algebra::SemiJoin{std::move(left), std::move(join.children[k]), {}, 0}));
  }
  *node = Joined(std::move(inputs));
  return true;
}

absl::StatusOr<bool> DistinctsIn(PlanPtr* node, const Demand& demand, Estimator& estimator) {
  auto& join = std::get<Join>((*node)->node);
  std::vector<PlanPtr> inputs;
  Estimate so_far;
  bool changed = false, as_written = true;
  const size_t count = join.children.size();
  for (size_t k = 0; k + 1 < count; ++k) {
    ANNALS_ASSIGN_OR_RETURN(const Estimate next, estimator.Of(*join.children[k]));
    so_far = k == 0 ? next : EstimateJoin({&so_far, &next});
    inputs.push_back(std::move(join.children[k]));
    if (k > 0 && as_written) {
      ANNALS_ASSIGN_OR_RETURN(so_far, estimator.OfJoin(inputs));
    }
    Variables columns;
    for (const PlanPtr& input : inputs) AddVariables(algebra::VariablesOf(*input), &columns);
    const Variables needed = Intersection(columns, NeededAfter(join, k + 1, demand));
    const double rows = std::max(so_far.DistinctRows(needed), 1.0);
    const double saves = inputs.size() == 1               ? kDistinctSavesScan
                         : needed.size() < columns.size() ? kDistinctSavesLess
                                                          : kDistinctSaves;
    const bool pays = rows * saves <= so_far.rows;
    const bool may_pay = inputs.size() > 1 && needed.size() < columns.size();
    if (so_far.rows < kDistinctFrom || (!pays && !may_pay)) continue;
    if (std::holds_alternative<algebra::Distinct>(inputs[0]->node) && inputs.size() == 1) continue;
    PlanPtr joined = algebra::MakeProject(Joined(std::move(inputs)), needed);
    inputs.clear();
    inputs.push_back(pays ? algebra::MakeDistinct(std::move(joined))
                          : MakePlan(algebra::Distinct{std::move(joined), true}));
    if (pays) so_far.SetRows(rows);
    changed = true;
    as_written = false;
  }
  inputs.push_back(std::move(join.children.back()));
  *node = Joined(std::move(inputs));
  return changed;
}

// Rewrites every join of which only the set of rows matters.
template <typename F>
absl::StatusOr<bool> InSets(PlanPtr* plan, F&& rewrite) {
  bool changed = false;
  if (!HoldsNode<Join>(**plan)) return changed;
  absl::Status status;
  VisitTopDown(plan, RootDemand(**plan), [&](PlanPtr* node, const Demand& demand) {
    if (!status.ok() || demand.duplicates || !std::holds_alternative<Join>((*node)->node)) return;
    absl::StatusOr<bool> rewritten = rewrite(node, demand);
    if (rewritten.ok()) {
      changed |= *rewritten;
    } else {
      status = rewritten.status();
    }
  });
  ANNALS_RETURN_IF_ERROR(status);
  return changed;
}

// The least number of first inputs that decide what the condition reads; all where none less do.
size_t DecidedBy(const Join& join, const Variables& reads) {
  Variables certain, seen;
  for (size_t k = 0; k < join.children.size(); ++k) {
    AddVariables(algebra::CertainVariablesOf(*join.children[k]), &certain);
    AddVariables(algebra::VariablesOf(*join.children[k]), &seen);
    const Variables later = NeededAfter(join, k + 1, {});
    const bool decided = std::all_of(reads.begin(), reads.end(), [&](const auto& variable) {
      return algebra::Contains(certain, variable) ||
             (algebra::Contains(seen, variable) && !algebra::Contains(later, variable));
    });
    if (decided) return k + 1;
  }
  return join.children.size();
}

bool FiltersIn(PlanPtr* node) {
  auto* filter = std::get_if<algebra::Filter>(&(*node)->node);
  auto* join = filter == nullptr ? nullptr : std::get_if<Join>(&filter->child->node);
  if (join == nullptr) return false;
  const size_t count = join->children.size();
  std::vector<std::vector<algebra::ExpressionPtr>> after(count);
  bool early = false;
  for (algebra::ExpressionPtr& condition : filter->conditions) {
    const Variables reads = ReadBy(*condition);
    // A first input alone has been given its conditions before.
    const size_t inputs = reads.empty() ? count : std::max<size_t>(DecidedBy(*join, reads), 2);
    early |= inputs < count;
    after[inputs - 1].push_back(std::move(condition));
  }
  if (!early) {
    filter->conditions = std::move(after[count - 1]);
    return false;
  }
  std::vector<PlanPtr> inputs;
  for (size_t k = 0; k < count; ++k) {
    inputs.push_back(std::move(join->children[k]));
    if (after[k].empty() || k + 1 == count) continue;
    PlanPtr joined = algebra::MakeFilter(Joined(std::move(inputs)), std::move(after[k]));
    inputs.clear();
    inputs.push_back(std::move(joined));
  }
  *node = algebra::MakeFilter(Joined(std::move(inputs)), std::move(after[count - 1]));
  return true;
}

}  // namespace

absl::StatusOr<bool> MakeSemiJoins(PlanPtr* plan, PassContext& context) {
  return InSets(plan, [&](PlanPtr* node, const Demand& demand) {
    return SemiJoinsIn(node, demand, context.estimator);
  });
}

absl::StatusOr<bool> DistinctEarly(PlanPtr* plan, PassContext& context) {
  return InSets(plan, [&](PlanPtr* node, const Demand& demand) {
    return DistinctsIn(node, demand, context.estimator);
  });
}

absl::StatusOr<bool> FilterEarly(PlanPtr* plan, PassContext&) {
  bool changed = false;
  VisitBottomUp(plan, [&](PlanPtr* node) { changed |= FiltersIn(node); });
  return changed;
}

absl::StatusOr<bool> StopAtFirstRow(PlanPtr* plan, PassContext&) {
  bool changed = false;
  VisitBottomUp(plan, [&](PlanPtr* node) {
    auto* distinct = std::get_if<algebra::Distinct>(&(*node)->node);
    if (distinct == nullptr || !algebra::VariablesOf(*distinct->child).empty()) return;
    PlanPtr child = std::move(distinct->child);
    *node = MakePlan(algebra::Limit{std::move(child), 1, 0, false, {}});
    changed = true;
  });
  return changed;
}

}  // namespace annals::optimizer

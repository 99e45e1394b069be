// merge_repeats: a scan gives rows that are equal as one where nobody counts them, and with their
// number where only the counts are asked. Permutations keep such rows together, as runs.
#include "query/optimizer/merge_repeats.h"

#include <algorithm>

#include "query/optimizer/demand.h"
#include "query/optimizer/keys.h"
#include "query/optimizer/passes.h"
#include "query/optimizer/rewrite.h"

namespace annals::optimizer {
namespace {

using algebra::AggregateFunction;
using algebra::PlanPtr;
using algebra::Scan;
using algebra::Slot;
using algebra::Variable;

constexpr char kCount[] = ".facts";

// Are the columns in this order the constants, then the variables, then those that nobody reads? By
// predicate and time there are runs of times below each predicate, too.
bool HasRuns(const Scan& scan, Permutation permutation) {
  const bool passes_predicates = permutation == Permutation::kPts &&
                                 scan.predicate.kind == Slot::Kind::kAny &&
                                 scan.time.kind == Slot::Kind::kVariable;
  constexpr Slot::Kind kOrder[] = {Slot::Kind::kConstant, Slot::Kind::kVariable, Slot::Kind::kAny};
  size_t stage = 0;
  for (const Column column : ColumnsOf(permutation)) {
    if (passes_predicates && column == Column::kPredicate) continue;
    const Slot::Kind kind = SlotOf(scan, column).kind;
    while (stage < std::size(kOrder) && kOrder[stage] != kind) ++stage;
    if (stage == std::size(kOrder)) return false;
  }
  return true;
}

// The pattern whose rows the nodes between take one by one; null if there is more to it.
Scan* PatternBelow(algebra::Plan* plan) {
  return std::visit(
      [](auto& node) -> Scan* {
        using T = std::decay_t<decltype(node)>;
        if constexpr (std::is_same_v<T, Scan>) return &node;
        if constexpr (std::is_same_v<T, algebra::Filter> || std::is_same_v<T, algebra::Extend> ||
                      std::is_same_v<T, algebra::Project>) {
          return PatternBelow(node.child.get());
        }
        return nullptr;
      },
      plan->node);
}

// Lets a column through to where the pattern's rows are taken.
void Show(const Variable& column, algebra::Plan* plan) {
  if (auto* project = std::get_if<algebra::Project>(&plan->node)) {
    project->variables.push_back(column);
  }
  ForEachChild(*plan, [&](PlanPtr& child) { Show(column, child.get()); });
}

// Rows count as often as the facts that they stand for.
bool CountRuns(algebra::Group* group) {
  Scan* const scan = PatternBelow(group->child.get());
  if (scan == nullptr || !CanMergeRepeats(*scan) || KeyOf(*group->child).has_value()) return false;
  const Variables certain = algebra::CertainVariablesOf(*group->child);
  std::vector<algebra::Aggregate*> counts;
  for (algebra::Aggregate& aggregate : group->aggregates) {
    if (CountsRows(aggregate, certain)) {
      counts.push_back(&aggregate);
    } else if (!IgnoresRepeats(aggregate)) {
      return false;
    }
  }
  if (counts.empty()) return false;
  // All of a range is counted without being read.
  const bool known = group->keys.empty() && counts.size() == group->aggregates.size() &&
                     std::holds_alternative<Scan>(group->child->node) && !scan->dated &&
                     !scan->window.has_value();
  if (known) return false;
  scan->merges_repeats = true;
  scan->count = kCount;
  Show(scan->count, group->child.get());
  for (algebra::Aggregate* count : counts) {
    count->function = AggregateFunction::kCountRows;
    count->distinct = false;
    count->argument = algebra::MakeVariable(scan->count);
  }
  return true;
}

}  // namespace

bool CanMergeRepeats(const Scan& scan) {
  if (scan.with_source || scan.fact.kind != Slot::Kind::kAny || !scan.count.empty()) return false;
  constexpr Permutation kPermutations[] = {Permutation::kSpo, Permutation::kPos, Permutation::kOsp,
                                           Permutation::kPts};
  return std::any_of(std::begin(kPermutations), std::end(kPermutations),
                     [&](Permutation permutation) { return HasRuns(scan, permutation); });
}

absl::StatusOr<bool> MergeRepeats(PlanPtr* plan, PassContext&) {
  bool changed = false;
  VisitTopDown(plan, RootDemand(**plan), [&](PlanPtr* node, const Demand& demand) {
    if (auto* group = std::get_if<algebra::Group>(&(*node)->node)) changed |= CountRuns(group);
    auto* scan = std::get_if<Scan>(&(*node)->node);
    if (scan == nullptr || demand.duplicates || !CanMergeRepeats(*scan)) return;
    if (KeyOf(**node).has_value()) return;
    scan->merges_repeats = true;
    changed = true;
  });
  return changed;
}

}  // namespace annals::optimizer

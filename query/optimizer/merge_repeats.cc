// merge_repeats: a scan gives rows that are equal as one where nobody counts them, and with their
// number where only the counts are asked. Permutations keep such rows together, as runs.
#include "query/optimizer/merge_repeats.h"

#include <algorithm>
#include <utility>

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
// Of each pair of a subject and an object; with fewer, rows are as fast as runs.
constexpr double kLeastRepeats = 2;

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

// No fact or source is asked for, nor a number of facts yet.
bool HoldsFactsOnly(const Scan& scan) {
  return !scan.with_source && scan.fact.kind == Slot::Kind::kAny && scan.count.empty();
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
        if constexpr (std::is_same_v<T, algebra::SemiJoin> ||
                      std::is_same_v<T, algebra::AntiJoin>) {
          return PatternBelow(node.left.get());
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
  bool first = true;  // of a semi join's sides only the left gives rows on
  ForEachChild(*plan, [&](PlanPtr& child) {
    if (std::exchange(first, false)) Show(column, child.get());
  });
}

absl::StatusOr<bool> MergesRepeats(const Scan& scan, const GraphView& view) {
  if (CanMergeRepeats(scan)) return true;
  ANNALS_ASSIGN_OR_RETURN(const std::optional<double> pairs, PairsOf(scan, view));
  return pairs.has_value();
}

// Rows count as often as the facts that they stand for.
absl::StatusOr<bool> CountRuns(algebra::Group* group, const GraphView& view) {
  Scan* const scan = PatternBelow(group->child.get());
  if (scan == nullptr || KeyOf(*group->child).has_value()) return false;
  ANNALS_ASSIGN_OR_RETURN(const bool merges, MergesRepeats(*scan, view));
  if (!merges) return false;
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
  if (!HoldsFactsOnly(scan)) return false;
  constexpr Permutation kPermutations[] = {Permutation::kSpo, Permutation::kPos, Permutation::kOsp,
                                           Permutation::kPts};
  return std::any_of(std::begin(kPermutations), std::end(kPermutations),
                     [&](Permutation permutation) { return HasRuns(scan, permutation); });
}

absl::StatusOr<std::optional<double>> PairsOf(const Scan& scan, const GraphView& view) {
  const bool subjects = HoldsFactsOnly(scan) && scan.predicate.kind == Slot::Kind::kConstant &&
                        scan.subject.kind == Slot::Kind::kVariable &&
                        scan.object.kind == Slot::Kind::kAny &&
                        scan.time.kind == Slot::Kind::kAny && !scan.window.has_value();
  if (!subjects) return std::optional<double>();
  ANNALS_ASSIGN_OR_RETURN(const PredicateStatistics statistics,
                          view.StatisticsOf(scan.predicate.id));
  const auto counted = static_cast<double>(statistics.counted_facts);
  const auto pairs = static_cast<double>(statistics.subject_object_pairs);
  if (pairs == 0 || counted < pairs * kLeastRepeats) return std::optional<double>();
  return static_cast<double>(statistics.facts) * pairs / counted;
}

absl::StatusOr<bool> MergeRepeats(PlanPtr* plan, PassContext& context) {
  bool changed = false;
  absl::Status status;
  VisitTopDown(plan, RootDemand(**plan), [&](PlanPtr* node, const Demand& demand) {
    const auto merge = [&]() -> absl::StatusOr<bool> {
      if (auto* group = std::get_if<algebra::Group>(&(*node)->node)) {
        return CountRuns(group, context.view);
      }
      auto* scan = std::get_if<Scan>(&(*node)->node);
      if (scan == nullptr || demand.duplicates || KeyOf(**node).has_value()) return false;
      ANNALS_ASSIGN_OR_RETURN(const bool merges, MergesRepeats(*scan, context.view));
      if (merges) scan->merges_repeats = true;
      return merges;
    };
    if (!status.ok()) return;
    const absl::StatusOr<bool> merged = merge();
    status = merged.status();
    changed |= merged.ok() && *merged;
  });
  ANNALS_RETURN_IF_ERROR(status);
  return changed;
}

}  // namespace annals::optimizer

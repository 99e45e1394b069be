// first_times: where facts are sorted by their time and only the first rows are wanted, the scan is
// told between which times these are. The days on which the facts of a predicate start are counted
// from block boundaries, so that no other facts are read.
#include <algorithm>

#include "query/optimizer/passes.h"
#include "query/optimizer/rewrite.h"
#include "storage/model/time.h"

namespace annals::optimizer {
namespace {

using algebra::Scan;
using algebra::Slot;

// Sorting fewer rows costs less than counting.
constexpr uint64_t kLeastFacts = 4 * 4096;
// What is read should be a small part of the facts.
constexpr uint64_t kLeastShare = 8;

constexpr int64_t kFirstDay = -inline_time::kDayBias, kLastDay = inline_time::kDayBias - 1;

// Every dated fact of one predicate gives a row: none is left out or comes twice.
bool GivesEachFact(const Scan& scan) {
  const auto is_free = [](const Slot& slot) { return slot.kind != Slot::Kind::kConstant; };
  // The predicate that a parameter gives may be another one when the plan is run again.
  const bool one_predicate =
      scan.predicate.kind == Slot::Kind::kConstant && scan.predicate.variable.empty();
  if (!one_predicate || !scan.dated || scan.window.has_value() || scan.with_source) return false;
  if (!is_free(scan.subject) || !is_free(scan.object) || !is_free(scan.fact)) return false;
  Variables variables;
  size_t slots = 0;
  for (const Slot* slot : {&scan.subject, &scan.object, &scan.time, &scan.fact}) {
    if (slot->kind != Slot::Kind::kVariable) continue;
    algebra::AddVariables({slot->variable}, &variables);
    ++slots;
  }
  return variables.size() == slots;
}

// The scan whose time the rows are sorted by first, with nothing between but a choice of columns.
Scan* SortedByTime(const algebra::Sort& sort) {
  algebra::Plan* plan = sort.child.get();
  while (auto* project = std::get_if<algebra::Project>(&plan->node)) plan = project->child.get();
  auto* scan = std::get_if<Scan>(&plan->node);
  const bool by_time = scan != nullptr && scan->time.kind == Slot::Kind::kVariable &&
                       scan->time.variable == sort.keys[0].variable &&
                       algebra::Contains(algebra::VariablesOf(*sort.child), scan->time.variable);
  return by_time && GivesEachFact(*scan) ? scan : nullptr;
}

// Facts of the predicate that start within these days.
absl::StatusOr<uint64_t> FactsBetween(TermId predicate, int64_t first, int64_t last,
                                      const GraphView& view) {
  ScanSpec spec;
  spec.permutation = Permutation::kPts;
  spec.prefix = {predicate};
  spec.low = inline_time::LowerBound(first);
  spec.high = last >= kLastDay ? TermId::Make(TermKind::kTime, TermId::kPayloadMask)
                               : TermId::FromBits(inline_time::LowerBound(last + 1).bits() - 1);
  return view.CountRows(spec);
}

// Narrows [first, last] from its other end to the fewest days on which `rows` facts start.
absl::Status Narrow(TermId predicate, uint64_t rows, bool from_last, int64_t* first, int64_t* last,
                    const GraphView& view) {
  int64_t low = *first, high = *last;
  while (low < high) {
    const int64_t middle = low + (high - low) / 2 + (from_last ? (high - low) % 2 : 0);
    ANNALS_ASSIGN_OR_RETURN(const uint64_t facts,
                            from_last ? FactsBetween(predicate, middle, *last, view)
                                      : FactsBetween(predicate, *first, middle, view));
    const bool enough = facts >= rows;
    (enough == from_last ? low : high) = enough ? middle : middle + (from_last ? -1 : 1);
  }
  (from_last ? *first : *last) = low;
  return absl::OkStatus();
}

absl::StatusOr<bool> TellFirstTimes(const algebra::Limit& limit, PassContext& context) {
  auto* sort = std::get_if<algebra::Sort>(&limit.child->node);
  if (sort == nullptr || sort->keys.empty() || !limit.limit.has_value()) return false;
  Scan* scan = SortedByTime(*sort);
  if (scan == nullptr || *limit.limit == 0) return false;
  ANNALS_ASSIGN_OR_RETURN(const PredicateStatistics known,
                          context.view.StatisticsOf(scan->predicate.id));
  const uint64_t most = known.dated_facts / kLeastShare;
  if (known.dated_facts < kLeastFacts || *limit.limit > most || limit.offset > most) return false;
  const uint64_t rows = *limit.limit + limit.offset;
  if (rows > most) return false;
  const auto day = [](int64_t instant) {
    return std::clamp(DayOfInstant(instant), kFirstDay, kLastDay);
  };
  int64_t first = day(known.first_instant), last = day(known.last_instant);
  // Exact, where the statistics may be behind.
  ANNALS_ASSIGN_OR_RETURN(const uint64_t counted,
                          FactsBetween(scan->predicate.id, first, last, context.view));
  if (counted < rows) return false;
  const bool latest = sort->keys[0].descending;
  ANNALS_RETURN_IF_ERROR(Narrow(scan->predicate.id, rows, latest, &first, &last, context.view));
  scan->window = latest ? TimeWindow{first * kSecondsPerDay, Time::kOpenEnd}
                        : TimeWindow{Time::kOpenStart, (last + 1) * kSecondsPerDay - 1};
  return true;
}

}  // namespace

absl::StatusOr<bool> ScanFirstTimes(algebra::PlanPtr* plan, PassContext& context) {
  bool changed = false;
  absl::Status status;
  VisitBottomUp(plan, [&](algebra::PlanPtr* node) {
    const auto* limit = std::get_if<algebra::Limit>(&(*node)->node);
    if (limit == nullptr || !status.ok()) return;
    const absl::StatusOr<bool> told = TellFirstTimes(*limit, context);
    status = told.status();
    changed |= told.ok() && *told;
  });
  ANNALS_RETURN_IF_ERROR(status);
  return changed;
}

}  // namespace annals::optimizer

#include "query/exec/scan_plan.h"

#include <algorithm>
#include <array>

#include "query/algebra/build.h"

namespace annals::exec {
namespace {

using algebra::Slot;

std::span<const Column> OrderOf(Permutation permutation) { return ColumnsOf(permutation); }

const Slot* SlotOf(const algebra::Scan& scan, Column column) {
  switch (column) {
    case Column::kSubject:
      return &scan.subject;
    case Column::kPredicate:
      return &scan.predicate;
    case Column::kObject:
      return &scan.object;
    case Column::kTime:
      return &scan.time;
    case Column::kFact:
      return &scan.fact;
    case Column::kSource:
      return scan.with_source ? &scan.source : nullptr;
    case Column::kTransaction:
      return nullptr;
  }
  return nullptr;
}

constexpr Column kSlots[] = {Column::kSubject, Column::kPredicate, Column::kObject,
                             Column::kTime,    Column::kFact,      Column::kSource};

class Planner {
 public:
  Planner(const algebra::Scan& scan, const Variables& probes, const algebra::Variable& sort_first)
      : scan_(scan), probes_(probes), sort_first_(sort_first) {}

  ScanPlan Plan() {
    Permutation best = Candidates().front();
    for (const Permutation candidate : Candidates()) {
      if (Score(candidate) > Score(best)) best = candidate;
    }
    plan_.spec.permutation = best;
    plan_.spec.window = scan_.window;
    plan_.spec.dated_only = scan_.dated;
    MakePrefix();
    plan_.reads_runs = CanReadRuns(best);
    plan_.count = scan_.count;
    MakeOutput();
    MakeTests();
    MakeOrder();
    return std::move(plan_);
  }

 private:
  // The first is best where scores are equal.
  std::vector<Permutation> Candidates() const {
    const bool by_fact = IsGiven(Column::kFact);
    if (by_fact) return {Permutation::kFact};
    if (scan_.with_source) return {Permutation::kSource};
    return {Permutation::kSpo, Permutation::kPos, Permutation::kOsp, Permutation::kPts};
  }

  bool IsProbe(const Slot& slot) const {
    return slot.kind == Slot::Kind::kVariable && algebra::Contains(probes_, slot.variable);
  }
  bool IsGiven(Column column) const {
    const Slot* slot = SlotOf(scan_, column);
    return slot != nullptr && (slot->kind == Slot::Kind::kConstant || IsProbe(*slot));
  }

  size_t PrefixLength(Permutation permutation) const {
    size_t length = 0;
    for (const Column column : OrderOf(permutation)) {
      if (!IsGiven(column)) break;
      ++length;
    }
    return length;
  }

  int Score(Permutation permutation) const {
    const size_t prefix = PrefixLength(permutation);
    const auto order = OrderOf(permutation);
    int score = static_cast<int>(prefix) * 100;
    // Below a predicate a window is a range; else the blocks of each predicate outside are skipped.
    if (permutation == Permutation::kPts && scan_.window.has_value() && prefix <= 1) {
      score += prefix == 1 ? 20 : 5;
    }
    if (!sort_first_.empty() && prefix < order.size()) {
      const Slot* next = SlotOf(scan_, order[prefix]);
      if (next != nullptr && next->kind == Slot::Kind::kVariable && next->variable == sort_first_) {
        score += 10;
      }
    }
    // By predicate and time is next best for times: there are few predicates.
    if (CanReadRuns(permutation)) score += PassesPredicates(permutation) ? 2 : 3;
    return score;
  }

  // Times below each predicate, whatever it is.
  bool PassesPredicates(Permutation permutation) const {
    return permutation == Permutation::kPts && scan_.predicate.kind == Slot::Kind::kAny &&
           scan_.time.kind == Slot::Kind::kVariable;
  }

  // Subjects of a predicate, whatever the object: those of one stand together.
  bool ReadsSubjectsOnly(Permutation permutation) const {
    return permutation == Permutation::kPos && PrefixLength(permutation) == 1 &&
           scan_.subject.kind == Slot::Kind::kVariable && scan_.object.kind == Slot::Kind::kAny &&
           scan_.time.kind == Slot::Kind::kAny && scan_.fact.kind == Slot::Kind::kAny;
  }

  // Are the variables the first columns after the prefix, so that equal rows follow each other?
  bool CanReadRuns(Permutation permutation) const {
    if (!scan_.merges_repeats || permutation == Permutation::kFact) return false;
    if (ReadsSubjectsOnly(permutation)) return true;
    bool leading = true;
    for (const Column column : OrderOf(permutation).subspan(PrefixLength(permutation))) {
      const Slot* slot = SlotOf(scan_, column);
      const bool read = (slot != nullptr && slot->kind != Slot::Kind::kAny) ||
                        (column == Column::kPredicate && PassesPredicates(permutation));
      if (read && !leading) return false;
      leading = leading && read;
    }
    return true;
  }

  void MakePrefix() {
    const auto order = OrderOf(plan_.spec.permutation);
    for (size_t i = 0; i < PrefixLength(plan_.spec.permutation); ++i) {
      const Slot& slot = *SlotOf(scan_, order[i]);
      if (slot.kind == Slot::Kind::kConstant) {
        plan_.spec.prefix.push_back(slot.id);
      } else {
        plan_.spec.prefix.emplace_back();
        plan_.probes.push_back({slot.variable, i});
      }
    }
  }

  bool InPrefix(Column column) const {
    const auto order = OrderOf(plan_.spec.permutation).first(plan_.spec.prefix.size());
    return std::find(order.begin(), order.end(), column) != order.end();
  }

  size_t Output(Column column) {
    auto& output = plan_.spec.output;
    const auto found = std::find(output.begin(), output.end(), column);
    if (found != output.end()) return static_cast<size_t>(found - output.begin());
    output.push_back(column);
    return output.size() - 1;
  }

  void MakeOutput() {
    for (const Column column : kSlots) {
      const Slot* slot = SlotOf(scan_, column);
      if (slot == nullptr || slot->kind != Slot::Kind::kVariable) continue;
      if (algebra::Contains(plan_.variables, slot->variable)) continue;
      plan_.variables.push_back(slot->variable);
      Output(column);
    }
  }

  void MakeTests() {
    for (const Column column : kSlots) {
      const Slot* slot = SlotOf(scan_, column);
      if (slot == nullptr) continue;
      if (slot->kind == Slot::Kind::kConstant && !InPrefix(column)) {
        plan_.equal_constants.emplace_back(Output(column), slot->id);
      }
      if (slot->kind == Slot::Kind::kVariable) {
        const size_t first = PositionOf(plan_.variables, slot->variable);
        const size_t own = Output(column);
        if (own != first) plan_.equal_columns.emplace_back(first, own);
      }
    }
    const bool by_assertion = plan_.spec.permutation == Permutation::kFact;
    if (scan_.with_source && by_assertion && scan_.source.kind != Slot::Kind::kConstant) {
      plan_.defined.push_back(Output(Column::kSource));
    }
    if (!scan_.with_source && by_assertion) plan_.new_fact = Output(Column::kFact);
    // Some column must be read to count rows.
    if (plan_.spec.output.empty() && !plan_.reads_runs) Output(Column::kPredicate);
  }

  void MakeOrder() {
    const auto order = OrderOf(plan_.spec.permutation);
    for (size_t i = plan_.spec.prefix.size(); i < order.size(); ++i) {
      const Slot* slot = SlotOf(scan_, order[i]);
      if (slot != nullptr && slot->kind == Slot::Kind::kConstant) continue;  // the same everywhere
      if (slot == nullptr || slot->kind != Slot::Kind::kVariable) break;
      if (!algebra::Contains(plan_.sorted_by, slot->variable)) {
        plan_.sorted_by.push_back(slot->variable);
      }
    }
  }

  const algebra::Scan& scan_;
  const Variables& probes_;
  const algebra::Variable& sort_first_;
  ScanPlan plan_;
};

bool Passes(const ScanPlan& plan, const std::vector<std::vector<TermId>>& columns, size_t row,
            TermId* last_fact) {
  for (const auto& [column, value] : plan.equal_constants) {
    if (columns[column][row] != value) return false;
  }
  for (const auto& [a, b] : plan.equal_columns) {
    if (columns[a][row] != columns[b][row]) return false;
  }
  for (const size_t column : plan.defined) {
    if (columns[column][row].is_undefined()) return false;
  }
  if (plan.new_fact.has_value()) {
    const TermId fact = columns[*plan.new_fact][row];
    if (fact == *last_fact) return false;
    *last_fact = fact;
  }
  return true;
}

}  // namespace

size_t TestRows(const ScanPlan& plan, size_t rows, std::vector<std::vector<TermId>>* columns,
                TermId* last_fact) {
  size_t kept = 0;
  for (size_t row = 0; row < rows; ++row) {
    if (!Passes(plan, *columns, row, last_fact)) continue;
    if (kept != row) {
      for (auto& column : *columns) column[kept] = column[row];
    }
    ++kept;
  }
  for (auto& column : *columns) column.resize(kept);
  return kept;
}

ScanPlan PlanScan(const algebra::Scan& scan, const Variables& probes,
                  const algebra::Variable& sort_first) {
  return Planner(scan, probes, sort_first).Plan();
}

algebra::Scan WithoutSource(const algebra::Scan& scan, const algebra::Variable& fact) {
  algebra::Scan rest = scan;
  rest.source = Slot();
  rest.with_source = false;
  if (rest.fact.kind == Slot::Kind::kAny) {
    rest.fact.kind = Slot::Kind::kVariable;
    rest.fact.variable = fact;
  }
  return rest;
}

algebra::Scan SourcesOfFact(const algebra::Scan& scan, const algebra::Variable& fact) {
  algebra::Scan sources;
  sources.fact = scan.fact;
  if (sources.fact.kind == Slot::Kind::kAny) {
    sources.fact.kind = Slot::Kind::kVariable;
    sources.fact.variable = fact;
  }
  sources.source = scan.source;
  sources.with_source = true;
  return sources;
}

}  // namespace annals::exec

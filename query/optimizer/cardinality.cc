#include "query/optimizer/cardinality.h"

#include <algorithm>
#include <cmath>

#include "query/optimizer/rewrite.h"
#include "query/optimizer/time_gaps.h"
#include "storage/model/time.h"

namespace annals::optimizer {
namespace {

using algebra::Slot;
using algebra::Variable;

// Guesses where nothing is known.
constexpr double kOuterRows = 100;
constexpr double kComparison = 0.3;
constexpr double kEquality = 0.1;
constexpr double kOtherCondition = 0.5;
constexpr double kSameFrequent = 0.5;     // of values frequent in two inputs, the same ones
constexpr double kOneTime = 0.01;         // facts that have one exact time
constexpr double kSelfEqual = 0.1;        // facts with the same term in two places
constexpr double kStillLasting = 0.05;    // facts from before a window that reach into it
constexpr double kReachedFacts = 10;      // facts that a path leads over for each of its first ones
constexpr double kAntiJoinAtLeast = 0.1;  // of the left rows
constexpr double kSampledAntiJoinAtLeast = 0.01;  // the same, where a sample has been looked at
// Days that inline times have, and more than anyone writes.
constexpr int64_t kFirstDay = -(int64_t{1} << 23), kLastDay = int64_t{1} << 23;
constexpr double kMostShown = 1e15;  // products of guesses beyond mean nothing

bool IsConstant(const Slot& slot) { return slot.kind == Slot::Kind::kConstant; }
bool IsVariable(const Slot& slot) { return slot.kind == Slot::Kind::kVariable; }

double Selectivity(const algebra::Expression& condition, const Estimate& rows);

const Variable* ReadVariable(const algebra::ExpressionPtr& expression) {
  const auto* variable = std::get_if<algebra::VariableExpr>(&expression->node);
  return variable == nullptr ? nullptr : &variable->name;
}

double EqualityWith(const algebra::ExpressionPtr& left, const algebra::ExpressionPtr& right,
                    const Estimate& rows) {
  const Variable* a = ReadVariable(left);
  const Variable* b = ReadVariable(right);
  if (a == nullptr && b == nullptr) return kEquality;
  double distinct = 1;
  if (a != nullptr) distinct = std::max(distinct, rows.DistinctOf(*a));
  if (b != nullptr) distinct = std::max(distinct, rows.DistinctOf(*b));
  return 1 / distinct;
}

struct SelectivityVisitor {
  const Estimate& rows;

  double operator()(const algebra::ConstantExpr&) const { return kOtherCondition; }
  double operator()(const algebra::VariableExpr&) const { return kOtherCondition; }
  double operator()(const algebra::AndExpr& node) const {
    double all = 1;
    for (const auto& operand : node.operands) all *= Selectivity(*operand, rows);
    return all;
  }
  double operator()(const algebra::OrExpr& node) const {
    double none = 1;
    for (const auto& operand : node.operands) none *= 1 - Selectivity(*operand, rows);
    return 1 - none;
  }
  double operator()(const algebra::NotExpr& node) const {
    return 1 - Selectivity(*node.operand, rows);
  }
  double operator()(const algebra::CompareExpr& node) const {
    const double equal = EqualityWith(node.left, node.right, rows);
    if (node.op == algebra::CompareOp::kEqual) return equal;
    return node.op == algebra::CompareOp::kNotEqual ? 1 - equal : kComparison;
  }
  double operator()(const algebra::TimeExpr&) const { return kComparison; }
  double operator()(const algebra::InExpr& node) const {
    double any = 0;
    for (const auto& item : node.list) any += EqualityWith(node.value, item, rows);
    return std::min(any, 1.0);
  }
  double operator()(const algebra::ArithmeticExpr&) const { return kOtherCondition; }
  double operator()(const algebra::NegateExpr&) const { return kOtherCondition; }
  double operator()(const algebra::CallExpr&) const { return kOtherCondition; }
  double operator()(const algebra::ExistsExpr&) const { return kOtherCondition; }
};

double Selectivity(const algebra::Expression& condition, const Estimate& rows) {
  return std::clamp(std::visit(SelectivityVisitor{rows}, condition.node), 0.0, 1.0);
}

// What two times must be apart, at least and at most.
struct Window {
  Variable from, to;
  double least, most;  // seconds
};
std::vector<Window> WindowsOf(const std::vector<algebra::TimeGap>& gaps) {
  std::vector<Window> windows;
  for (const algebra::TimeGap& gap : gaps) {
    for (const algebra::TimeGap& back : gaps) {
      const bool both = gap.earlier == back.later && gap.later == back.earlier;
      const bool known = std::any_of(windows.begin(), windows.end(), [&](const Window& window) {
        return (window.from == gap.earlier && window.to == gap.later) ||
               (window.from == gap.later && window.to == gap.earlier);
      });
      if (!both || known) continue;
      windows.push_back({gap.earlier, gap.later, static_cast<double>(gap.seconds),
                         -static_cast<double>(back.seconds)});
    }
  }
  return windows;
}

// Of the days, those that a window leaves.
double SelectivityOf(const std::vector<Window>& windows, const Estimate& rows) {
  double all = 1;
  for (const Window& window : windows) {
    const double days = std::max(window.most - window.least, 0.0) / kSecondsPerDay + 1;
    all *= std::min(days / std::max(rows.DistinctOf(window.from), rows.DistinctOf(window.to)), 1.0);
  }
  return all;
}

double SelectivityOfGaps(const std::vector<algebra::TimeGap>& gaps, const Estimate& rows) {
  if (gaps.empty()) return 1;
  const std::vector<Window> windows = WindowsOf(gaps);
  return windows.empty() ? kComparison : SelectivityOf(windows, rows);
}

// Conditions that together say how near two times are let through about as much of the days as
// they leave; `near`: what is apart otherwise is left out already.
double SelectivityOfAll(const std::vector<algebra::ExpressionPtr>& conditions, const Estimate& rows,
                        bool near = false) {
  const std::vector<Window> windows = WindowsOf(GapsOf(conditions));
  double all = near ? 1 : SelectivityOf(windows, rows);
  for (const auto& condition : conditions) {
    const std::vector<algebra::TimeGap> gaps = GapsOf(*condition);
    if (near && !gaps.empty()) continue;
    const bool counted = std::any_of(windows.begin(), windows.end(), [&](const Window& window) {
      return !gaps.empty() && ((gaps[0].earlier == window.from && gaps[0].later == window.to) ||
                               (gaps[0].earlier == window.to && gaps[0].later == window.from));
    });
    if (!counted) all *= Selectivity(*condition, rows);
  }
  return all;
}

// Of the left rows, those that have a row on the right.
double Matched(const Estimate& left, const Estimate& right) {
  if (right.rows <= 0) return 0;
  double fraction = 1;
  for (const auto& [variable, values] : right.distinct) {
    const auto found = left.distinct.find(variable);
    if (found == left.distinct.end() || found->second <= 0) continue;
    fraction = std::min(fraction, values / found->second);
  }
  return std::min(fraction, 1.0);
}

}  // namespace

double Estimate::DistinctOf(const Variable& variable) const {
  const auto found = distinct.find(variable);
  return found == distinct.end() ? std::max(rows, 1.0) : found->second;
}

double Estimate::SkewOf(const Variable& variable) const {
  const auto found = skew.find(variable);
  return found == skew.end() ? 1 : found->second;
}

double Estimate::DistinctRows(const std::vector<Variable>& variables) const {
  double product = 1;
  std::vector<Variable> alone = variables;
  for (const Pairs& pair : pairs) {
    if (!algebra::Contains(alone, pair.a) || !algebra::Contains(alone, pair.b)) continue;
    std::erase_if(alone, [&](const Variable& one) { return one == pair.a || one == pair.b; });
    product *= std::max(std::min(pair.distinct, DistinctOf(pair.a) * DistinctOf(pair.b)), 1.0);
  }
  for (const Variable& variable : alone) product *= std::max(DistinctOf(variable), 1.0);
  return std::min(product, rows);
}

void Estimate::SetRows(double count) {
  rows = std::max(count, 0.0);
  for (auto& [variable, values] : distinct) values = std::min(values, std::max(rows, 1.0));
}

void Estimate::KeepDistinct(const std::vector<Variable>& variables) {
  SetRows(variables.empty() ? std::min(rows, 1.0) : DistinctRows(variables));
  if (variables.size() == 1) skew.erase(variables[0]);
}

// Values that are frequent on both sides give most of the rows, where they are the same ones: about
// half as many as if they all were. Columns after the first say less and less that is new: what
// agrees on one often agrees on the others.
double AgreeingPairs(std::vector<SharedColumn> columns) {
  std::vector<double> fractions;
  for (const SharedColumn& column : columns) {
    const double most = std::max({column.distinct[0], column.distinct[1], 1.0});
    const double even = 1 / most;
    double uneven = std::max(1.0, kSameFrequent * std::sqrt(column.skew[0] * column.skew[1]));
    // Of a side that has all values as often, those that are frequent on the other give all its
    // rows at most.
    for (const int side : {0, 1}) {
      const bool evenly = column.skew[side] <= 1;
      if (evenly) uneven = std::min(uneven, most / std::max(column.distinct[side], 1.0));
    }
    fractions.push_back(std::min(even * uneven, 1.0));
  }
  std::sort(fractions.begin(), fractions.end());
  double all = 1, weight = 1;
  for (const double fraction : fractions) {
    all *= std::pow(fraction, weight);
    weight /= 2;
  }
  return all;
}

SharedColumn Agreeing(const SharedColumn& column) {
  const double distinct = std::min(column.distinct[0], column.distinct[1]);
  const double skew = std::clamp(column.skew[0] * column.skew[1], 1.0, std::max(distinct, 1.0));
  return {{distinct, distinct}, {skew, skew}};
}

namespace {

Estimate JoinTwo(const Estimate& left, const Estimate& right) {
  Estimate result = left;
  std::vector<SharedColumn> shared;
  for (const auto& [variable, values] : right.distinct) {
    if (!left.distinct.contains(variable)) {
      result.distinct[variable] = values;
      result.skew[variable] = right.SkewOf(variable);
      continue;
    }
    shared.push_back({{std::max(left.DistinctOf(variable), 1.0), std::max(values, 1.0)},
                      {left.SkewOf(variable), right.SkewOf(variable)}});
    const SharedColumn agreeing = Agreeing(shared.back());
    result.distinct[variable] = agreeing.distinct[0];
    result.skew[variable] = agreeing.skew[0];
  }
  result.pairs.insert(result.pairs.end(), right.pairs.begin(), right.pairs.end());
  result.SetRows(left.rows * right.rows * AgreeingPairs(std::move(shared)));
  return result;
}

}  // namespace

Estimate EstimateJoin(const std::vector<const Estimate*>& inputs) {
  Estimate result;
  result.rows = 1;
  for (const Estimate* input : inputs) result = JoinTwo(result, *input);
  return result;
}

// Those that estimates need are kept with the view, which would look at its files for the others.
absl::StatusOr<GraphStatistics> Estimator::Statistics() {
  if (statistics_.has_value()) return *statistics_;
  constexpr std::pair<const char*, uint64_t GraphStatistics::*> kNeeded[] = {
      {"facts", &GraphStatistics::facts},
      {"assertions", &GraphStatistics::assertions},
      {"terms", &GraphStatistics::terms}};
  NumberCache* const kept = view_.kept_numbers();
  GraphStatistics statistics;
  bool known = kept != nullptr;
  for (const auto& [name, number] : kNeeded) {
    const std::optional<double> found = known ? kept->Find(name) : std::nullopt;
    known = found.has_value();
    if (known) statistics.*number = static_cast<uint64_t>(*found);
  }
  if (!known) {
    ANNALS_ASSIGN_OR_RETURN(statistics, view_.Statistics());
    for (const auto& [name, number] : kNeeded) {
      if (kept != nullptr) kept->Keep(name, static_cast<double>(statistics.*number));
    }
  }
  statistics_ = statistics;
  return statistics;
}

absl::StatusOr<PredicateStatistics> Estimator::StatisticsOf(TermId predicate) {
  const auto known = predicates_.find(predicate);
  if (known != predicates_.end()) return known->second;
  ANNALS_ASSIGN_OR_RETURN(PredicateStatistics statistics, view_.StatisticsOf(predicate));
  return predicates_.emplace(predicate, std::move(statistics)).first->second;
}

absl::StatusOr<double> Estimator::CountRows(Permutation permutation, std::vector<TermId> prefix,
                                            std::optional<TermId> low, std::optional<TermId> high) {
  std::vector<uint64_t> key = {static_cast<uint64_t>(permutation), prefix.size()};
  for (TermId id : prefix) key.push_back(id.bits());
  if (low.has_value()) key.push_back(low->bits());
  if (high.has_value()) key.push_back(high->bits());
  const auto known = counts_.find(key);
  if (known != counts_.end()) return known->second;
  ScanSpec spec;
  spec.permutation = permutation;
  spec.prefix = std::move(prefix);
  spec.low = low;
  spec.high = high;
  ANNALS_ASSIGN_OR_RETURN(const uint64_t rows, view_.CountRows(spec));
  return counts_.emplace(std::move(key), static_cast<double>(rows)).first->second;
}

// Facts (or with a constant source assertions) with the constants of the pattern.
absl::StatusOr<double> Estimator::FactsBelow(const algebra::Scan& scan) {
  const bool s = IsConstant(scan.subject), p = IsConstant(scan.predicate),
             o = IsConstant(scan.object);
  if (IsConstant(scan.fact)) return 1;
  if (scan.with_source && IsConstant(scan.source)) {
    std::vector<TermId> prefix = {scan.source.id};
    if (p) prefix.push_back(scan.predicate.id);
    if (p && s) prefix.push_back(scan.subject.id);
    if (p && s && o) prefix.push_back(scan.object.id);
    ANNALS_ASSIGN_OR_RETURN(double rows, CountRows(Permutation::kSource, prefix));
    if (o && !(p && s)) rows *= kEquality;
    if (s && !p) rows *= kEquality;
    return rows;
  }
  if (s && p && o) {
    return CountRows(Permutation::kSpo, {scan.subject.id, scan.predicate.id, scan.object.id});
  }
  if (s && p) return CountRows(Permutation::kSpo, {scan.subject.id, scan.predicate.id});
  if (p && o) return CountRows(Permutation::kPos, {scan.predicate.id, scan.object.id});
  if (s && o) return CountRows(Permutation::kOsp, {scan.object.id, scan.subject.id});
  if (s) return CountRows(Permutation::kSpo, {scan.subject.id});
  if (o) return CountRows(Permutation::kOsp, {scan.object.id});
  if (p) {
    ANNALS_ASSIGN_OR_RETURN(const PredicateStatistics statistics, StatisticsOf(scan.predicate.id));
    return static_cast<double>(statistics.facts);
  }
  ANNALS_ASSIGN_OR_RETURN(const GraphStatistics statistics, Statistics());
  return static_cast<double>(statistics.facts);
}

absl::StatusOr<TermId> Estimator::CommonestPredicate() {
  NumberCache* const kept = view_.kept_numbers();
  if (kept != nullptr) {
    const std::optional<double> kind = kept->Find("commonest predicate's kind");
    const std::optional<double> payload = kept->Find("commonest predicate");
    if (kind.has_value() && payload.has_value()) {
      return TermId::Make(static_cast<TermKind>(*kind), static_cast<uint64_t>(*payload));
    }
  }
  ANNALS_ASSIGN_OR_RETURN(const std::vector<PredicateStatistics> all, view_.Predicates());
  const auto most = std::max_element(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.dated_facts < b.dated_facts;
  });
  const TermId predicate = most == all.end() ? TermId() : most->predicate;
  if (kept != nullptr) {
    kept->Keep("commonest predicate's kind", static_cast<double>(predicate.kind()));
    kept->Keep("commonest predicate", static_cast<double>(predicate.payload()));
  }
  return predicate;
}

// Of a predicate, counted by the day on which they start.
absl::StatusOr<double> Estimator::FactsInWindow(const PredicateStatistics& of,
                                                const TimeWindow& window) {
  const auto starting = [&](TermId from, int64_t before_day) {
    const TermId end = inline_time::LowerBound(std::clamp(before_day, kFirstDay, kLastDay));
    return CountRows(Permutation::kPts, {of.predicate}, from, TermId::FromBits(end.bits() - 1));
  };
  const auto day = [](int64_t instant) {
    return std::clamp(DayOfInstant(instant), kFirstDay, kLastDay);
  };
  // Times without a start sort first.
  const TermId open = TermId::Make(TermKind::kTime, 0);
  ANNALS_ASSIGN_OR_RETURN(const double until, starting(open, day(window.last) + 1));
  if (window.first == Time::kOpenStart) return until;
  const TermId dated = TermId::FromBits(open.bits() + (uint64_t{1} << inline_time::kSubBits));
  ANNALS_ASSIGN_OR_RETURN(
      const double without_start,
      CountRows(Permutation::kPts, {of.predicate}, open, TermId::FromBits(dated.bits() - 1)));
  ANNALS_ASSIGN_OR_RETURN(const double before, starting(dated, day(window.first)));
  // None that starts so early that the longest would have ended.
  int64_t earliest = Time::kOpenStart;
  double ended = 0;
  if (of.longest <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) &&
      window.first != Time::kOpenEnd &&
      !__builtin_sub_overflow(window.first, static_cast<int64_t>(of.longest) + 1, &earliest)) {
    ANNALS_ASSIGN_OR_RETURN(ended, starting(dated, day(earliest) + 1));
  }
  const double lasting = kStillLasting * (before + without_start);
  return std::max(until - without_start - before, 0.0) +
         std::min(lasting, std::max(before - ended, 0.0) + without_start);
}

// Of those facts, the ones that the pattern's time lets through. Of all predicates as of the one
// that has the most facts.
absl::StatusOr<double> Estimator::DatedFraction(const algebra::Scan& scan) {
  const bool windowed = scan.window.has_value();
  if (IsConstant(scan.time)) return kOneTime;
  if (!windowed && !scan.dated) return 1;
  TermId predicate = scan.predicate.id;
  if (!IsConstant(scan.predicate)) {
    if (!windowed) return 1;
    ANNALS_ASSIGN_OR_RETURN(predicate, CommonestPredicate());
    if (predicate.is_undefined()) return 0;
  }
  ANNALS_ASSIGN_OR_RETURN(const PredicateStatistics statistics, StatisticsOf(predicate));
  const double facts = static_cast<double>(statistics.facts);
  if (facts <= 0) return 0;
  if (!windowed) return static_cast<double>(statistics.dated_facts) / facts;
  ANNALS_ASSIGN_OR_RETURN(double inside, FactsInWindow(statistics, *scan.window));
  if (!IsConstant(scan.predicate)) inside = std::max(inside, 1.0);
  return std::clamp(inside / facts, 0.0, 1.0);
}

absl::StatusOr<Estimate> Estimator::OfScan(const algebra::Scan& scan) {
  ANNALS_ASSIGN_OR_RETURN(const GraphStatistics all, Statistics());
  ANNALS_ASSIGN_OR_RETURN(double rows, FactsBelow(scan));
  ANNALS_ASSIGN_OR_RETURN(const double dated, DatedFraction(scan));
  rows *= dated;
  const double facts = std::max(static_cast<double>(all.facts), 1.0);
  if (scan.with_source && !IsConstant(scan.source)) {
    rows *= std::max(static_cast<double>(all.assertions) / facts, 0.0);
  }
  Estimate estimate;
  estimate.rows = rows;
  // No more different values than there are terms.
  double subjects = std::min(rows, std::max(static_cast<double>(all.terms), 1.0));
  double objects = subjects, times = rows;
  double subject_skew = 1, object_skew = 1, time_skew = 1;
  if (IsConstant(scan.predicate)) {
    ANNALS_ASSIGN_OR_RETURN(const PredicateStatistics statistics, StatisticsOf(scan.predicate.id));
    subjects = static_cast<double>(statistics.distinct_subjects);
    objects = static_cast<double>(statistics.distinct_objects);
    const double squared = std::max(std::pow(static_cast<double>(statistics.facts), 2), 1.0);
    const bool whole = !IsConstant(scan.subject) && !IsConstant(scan.object);
    if (whole) subject_skew = static_cast<double>(statistics.subject_squares) * subjects / squared;
    if (whole) object_skew = static_cast<double>(statistics.object_squares) * objects / squared;
    if (statistics.counted_facts > 0) {
      const double grown =
          static_cast<double>(statistics.facts) / static_cast<double>(statistics.counted_facts);
      const auto pairs = [&](const Slot& a, const Slot& b, uint64_t distinct) {
        const bool variables = IsVariable(a) && IsVariable(b) && a.variable != b.variable;
        if (!variables) return;
        estimate.pairs.push_back({a.variable, b.variable, static_cast<double>(distinct) * grown});
      };
      pairs(scan.subject, scan.object, statistics.subject_object_pairs);
      pairs(scan.subject, scan.time, statistics.subject_time_pairs);
      times = static_cast<double>(statistics.distinct_times);
      const double dated_squared =
          std::max(std::pow(static_cast<double>(statistics.dated_facts), 2), 1.0);
      if (whole) time_skew = static_cast<double>(statistics.time_squares) * times / dated_squared;
    } else if (statistics.first_instant > Time::kOpenStart &&
               statistics.last_instant < Time::kOpenEnd) {
      times = static_cast<double>(
          (statistics.last_instant - statistics.first_instant) / kSecondsPerDay + 1);
    }
  }
  const auto add = [&](const Slot& slot, double values, double skew = 1) {
    if (slot.kind != Slot::Kind::kVariable) return;
    estimate.skew[slot.variable] = std::max(skew, 1.0);
    const auto [entry, is_new] = estimate.distinct.try_emplace(slot.variable, values);
    if (is_new) return;
    entry->second = std::min(entry->second, values);
    rows *= kSelfEqual;
  };
  add(scan.subject, subjects, subject_skew);
  add(scan.predicate, static_cast<double>(all.predicates));
  add(scan.object, objects, object_skew);
  add(scan.time, times, time_skew);
  add(scan.fact, rows);
  add(scan.source, static_cast<double>(all.sources));
  estimate.SetRows(rows);
  for (auto& [variable, values] : estimate.distinct) values = std::max(values, 1.0);
  return estimate;
}

// The facts that the steps follow give what one step reaches; a few steps reach more, at most all
// objects.
absl::StatusOr<Estimate> Estimator::OfPath(const algebra::Path& path) {
  double facts = 0, starts = 0, ends = 0;
  for (const algebra::PathPlace& place : path.places) {
    for (const algebra::PathWay& way : place.ways) {
      algebra::Scan scan;
      scan.dated = path.dated;
      scan.window = path.window;
      if (way.predicate.has_value())
        scan.predicate = Slot{Slot::Kind::kConstant, "", *way.predicate};
      scan.subject = Slot{Slot::Kind::kVariable, "from", TermId()};
      scan.object = Slot{Slot::Kind::kVariable, "to", TermId()};
      ANNALS_ASSIGN_OR_RETURN(const Estimate step, OfScan(scan));
      facts += step.rows;
      starts += step.DistinctOf(way.backward ? "to" : "from");
      ends += step.DistinctOf(way.backward ? "from" : "to");
    }
  }
  if (path.may_be_empty()) {
    ANNALS_ASSIGN_OR_RETURN(const GraphStatistics all, Statistics());
    starts = ends = std::max(starts, static_cast<double>(all.terms));
  }
  const double reached =
      std::clamp(kReachedFacts * facts / std::max(starts, 1.0), 1.0, std::max(ends, 1.0));
  Estimate estimate;
  double rows = starts * reached;
  const bool from = IsConstant(path.from), to = IsConstant(path.to);
  if (from) rows = reached;
  if (to) rows = std::min(rows / std::max(ends, 1.0), starts);
  if (facts <= 0 && !path.may_be_empty()) rows = 0;
  estimate.rows = rows;
  if (path.from.kind == Slot::Kind::kVariable) estimate.distinct[path.from.variable] = starts;
  if (path.to.kind == Slot::Kind::kVariable) estimate.distinct[path.to.variable] = ends;
  if (path.chain.has_value()) estimate.distinct[*path.chain] = rows;
  estimate.SetRows(rows);
  for (auto& [variable, values] : estimate.distinct) values = std::max(values, 1.0);
  return estimate;
}

class Estimator::Visitor {
 public:
  explicit Visitor(Estimator& estimator) : estimator_(estimator) {}
  using Result = absl::StatusOr<Estimate>;

  Result operator()(const algebra::Unit&) const { return Rows(1); }
  Result operator()(const algebra::Empty&) const { return Rows(0); }
  Result operator()(const algebra::Values& node) const {
    Estimate estimate;
    estimate.rows = static_cast<double>(node.rows.size());
    for (const Variable& variable : node.variables) estimate.distinct[variable] = estimate.rows;
    return estimate;
  }
  Result operator()(const algebra::Scan& node) const { return estimator_.OfScan(node); }
  Result operator()(const algebra::Path& node) const { return estimator_.OfPath(node); }
  Result operator()(const algebra::OuterRef& node) const {
    const auto fed = estimator_.outer_rows_.find(node.number);
    Estimate estimate;
    estimate.rows = fed == estimator_.outer_rows_.end() ? kOuterRows : fed->second;
    for (const Variable& variable : node.variables) estimate.distinct[variable] = estimate.rows;
    return estimate;
  }
  Result operator()(const algebra::Join& node) const {
    return estimator_.OfJoin(node.children, node.gaps);
  }
  Result operator()(const algebra::MultiwayJoin& node) const {
    double rows = 0;
    ANNALS_ASSIGN_OR_RETURN(Estimate joined, estimator_.OfInputs(node.children, &rows));
    std::optional<double> sampled;
    if (JoinSampler::Pays(rows)) {
      ANNALS_ASSIGN_OR_RETURN(sampled, estimator_.SampledSet(node));
    }
    joined.SetRows(sampled.value_or(joined.rows));
    joined.SetRows(joined.DistinctRows(
        {node.variables.begin(), node.variables.begin() + static_cast<ptrdiff_t>(node.shown)}));
    return joined;
  }
  Result operator()(const algebra::LeftJoin& node) const {
    ANNALS_ASSIGN_OR_RETURN(const auto sides, Sides(node));
    Estimate joined = EstimateJoin({&sides.first, &sides.second});
    const double rows = joined.rows * SelectivityOfAll(node.conditions, joined);
    joined.rows = std::max(rows, sides.first.rows);
    ANNALS_ASSIGN_OR_RETURN(const auto pairs, Matches(node, sides, /*once=*/false));
    ANNALS_ASSIGN_OR_RETURN(const auto matched, Matches(node, sides, /*once=*/true));
    if (pairs.has_value() && matched.has_value()) {
      joined.rows = *pairs + std::max(sides.first.rows - *matched, 0.0);
    }
    for (const auto& [variable, values] : sides.first.distinct) joined.distinct[variable] = values;
    joined.SetRows(joined.rows);
    return joined;
  }
  Result operator()(const algebra::SemiJoin& node) const {
    ANNALS_ASSIGN_OR_RETURN(auto sides, Sides(node));
    const double rows = sides.first.rows * Matched(sides.first, sides.second);
    ANNALS_ASSIGN_OR_RETURN(const auto sampled, Matches(node, sides, /*once=*/true));
    sides.first.SetRows(std::min(sampled.value_or(rows), sides.first.rows));
    return std::move(sides.first);
  }
  Result operator()(const algebra::AntiJoin& node) const {
    ANNALS_ASSIGN_OR_RETURN(auto sides, Sides(node));
    const double rows = sides.first.rows;
    ANNALS_ASSIGN_OR_RETURN(const auto sampled, Matches(node, sides, /*once=*/true));
    sides.first.SetRows(
        sampled.has_value()
            ? std::max(rows - *sampled, rows * kSampledAntiJoinAtLeast)
            : rows * std::max(1 - Matched(sides.first, sides.second), kAntiJoinAtLeast));
    return std::move(sides.first);
  }
  Result operator()(const algebra::Union& node) const {
    Estimate sum;
    for (const auto& child : node.children) {
      ANNALS_ASSIGN_OR_RETURN(const Estimate part, estimator_.Of(*child));
      sum.rows += part.rows;
      for (const auto& [variable, values] : part.distinct) {
        double& known = sum.distinct[variable];
        known = std::max(known, values);
      }
    }
    return sum;
  }
  Result operator()(const algebra::Filter& node) const {
    ANNALS_ASSIGN_OR_RETURN(Estimate estimate, estimator_.Of(*node.child));
    const auto* join = std::get_if<algebra::Join>(&node.child->node);
    const bool near = join != nullptr && !join->gaps.empty();
    estimate.SetRows(estimate.rows * SelectivityOfAll(node.conditions, estimate, near));
    return estimate;
  }
  Result operator()(const algebra::Extend& node) const {
    ANNALS_ASSIGN_OR_RETURN(Estimate estimate, estimator_.Of(*node.child));
    const bool constant = std::holds_alternative<algebra::ConstantExpr>(node.expression->node);
    estimate.distinct[node.variable] = constant ? 1 : std::max(estimate.rows, 1.0);
    return estimate;
  }
  Result operator()(const algebra::Group& node) const {
    ANNALS_ASSIGN_OR_RETURN(Estimate estimate, estimator_.Of(*node.child));
    estimate.KeepDistinct(node.keys);
    if (node.keys.empty()) estimate.rows = 1;
    for (const auto& aggregate : node.aggregates) {
      estimate.distinct[aggregate.result] = estimate.rows;
    }
    return estimate;
  }
  Result operator()(const algebra::Project& node) const { return estimator_.Of(*node.child); }
  Result operator()(const algebra::Distinct& node) const {
    ANNALS_ASSIGN_OR_RETURN(Estimate estimate, estimator_.Of(*node.child));
    estimate.KeepDistinct(algebra::VariablesOf(*node.child));
    return estimate;
  }
  Result operator()(const algebra::Coalesce& node) const { return estimator_.Of(*node.child); }
  Result operator()(const algebra::Sort& node) const { return estimator_.Of(*node.child); }
  Result operator()(const algebra::Limit& node) const {
    ANNALS_ASSIGN_OR_RETURN(Estimate estimate, estimator_.Of(*node.child));
    double rows = std::max(estimate.rows - static_cast<double>(node.offset), 0.0);
    if (node.limit.has_value()) rows = std::min(rows, static_cast<double>(*node.limit));
    estimate.SetRows(rows);
    return estimate;
  }

 private:
  static Estimate Rows(double rows) {
    Estimate estimate;
    estimate.rows = rows;
    return estimate;
  }
  template <typename T>
  absl::StatusOr<std::optional<double>> Matches(const T& node,
                                                const std::pair<Estimate, Estimate>& sides,
                                                bool once) const {
    if (!JoinSampler::Pays(sides.first.rows + sides.second.rows)) return std::nullopt;
    return estimator_.SampledMatches(node, once);
  }
  template <typename T>
  absl::StatusOr<std::pair<Estimate, Estimate>> Sides(const T& node) const {
    ANNALS_ASSIGN_OR_RETURN(Estimate left, estimator_.Of(*node.left));
    if (node.outer != 0) {
      estimator_.outer_rows_[node.outer] =
          left.DistinctRows(OuterVariables(*node.right, node.outer));
    }
    ANNALS_ASSIGN_OR_RETURN(Estimate right, estimator_.Of(*node.right));
    return std::pair(std::move(left), std::move(right));
  }
  Estimator& estimator_;
};

absl::StatusOr<Estimate> Estimator::OfInputs(std::span<const algebra::PlanPtr> inputs,
                                             double* rows) {
  std::vector<Estimate> estimates;
  *rows = 0;
  for (const auto& input : inputs) {
    ANNALS_ASSIGN_OR_RETURN(estimates.emplace_back(), Of(*input));
    *rows += estimates.back().rows;
  }
  std::vector<const Estimate*> pointers;
  for (const Estimate& estimate : estimates) pointers.push_back(&estimate);
  return EstimateJoin(pointers);
}

absl::StatusOr<Estimate> Estimator::OfJoin(std::span<const algebra::PlanPtr> inputs,
                                           const std::vector<algebra::TimeGap>& gaps) {
  double rows = 0;
  ANNALS_ASSIGN_OR_RETURN(Estimate joined, OfInputs(inputs, &rows));
  std::optional<double> sampled;
  if (JoinSampler::Pays(rows)) {
    ANNALS_ASSIGN_OR_RETURN(sampled, SampledJoin(inputs, gaps));
  }
  joined.SetRows(sampled.value_or(joined.rows * SelectivityOfGaps(gaps, joined)));
  return joined;
}

absl::StatusOr<Estimate> Estimator::Of(const algebra::Plan& plan) {
  return std::visit(Visitor(*this), plan.node);
}

absl::Status Estimator::Annotate(algebra::Plan* plan) {
  ANNALS_ASSIGN_OR_RETURN(const Estimate estimate, Of(*plan));
  plan->estimated_rows = std::min(estimate.rows, kMostShown);
  absl::Status status;
  ForEachChild(*plan, [&](algebra::PlanPtr& child) {
    if (status.ok()) status = Annotate(child.get());
  });
  return status;
}

}  // namespace annals::optimizer

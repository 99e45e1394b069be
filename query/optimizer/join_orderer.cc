#include "query/optimizer/join_orderer.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>

namespace annals::optimizer {
namespace {

using algebra::Slot;

constexpr size_t kTryAllUpTo = 12;
// Samples are looked at in joins of so many inputs, for so many of them at once.
constexpr size_t kSampledUpTo = 6, kSampledTogether = 4;
// Variables that inputs share beyond this many are left out of the reckoning.
constexpr size_t kMostShared = 64;
constexpr double kMostRows = 1e100;  // products of many inputs stay numbers
// In units of a row that a scan gives.
constexpr double kProbe = 8;      // one look-up of an index join
constexpr double kKeptRow = 2;    // a row put into a hash table
constexpr double kJoinedRow = 1;  // a row of the result

// A scan, perhaps under a filter, can be probed by its subject, predicate, object or fact, a path
// followed from its ends.
Variables ProbesOf(const algebra::Plan& plan) {
  const auto* filter = std::get_if<algebra::Filter>(&plan.node);
  const algebra::Plan& inner = filter == nullptr ? plan : *filter->child;
  const auto* scan = std::get_if<algebra::Scan>(&inner.node);
  Variables probes;
  if (const auto* path = std::get_if<algebra::Path>(&inner.node)) {
    for (const Slot* slot : {&path->from, &path->to}) {
      if (slot->kind == Slot::Kind::kVariable) algebra::AddVariables({slot->variable}, &probes);
    }
  }
  if (scan == nullptr) return probes;
  for (const Slot* slot : {&scan->subject, &scan->predicate, &scan->object, &scan->fact}) {
    if (slot->kind == Slot::Kind::kVariable) algebra::AddVariables({slot->variable}, &probes);
  }
  return probes;
}

// Sets of inputs and of the variables that they share are bits; what a set of inputs gives doesn't
// depend on their order, so it is reckoned once for each set.
class Orderer {
 public:
  Orderer(const std::vector<JoinInput>& inputs, JoinSampler& sampler)
      : inputs_(inputs), sampler_(sampler) {
    NumberShared();
    for (const JoinInput& input : inputs_) {
      One& one = ones_.emplace_back();
      one.part.rows = input.estimate.rows;
      one.part.variables = BitsOf(input.columns);
      one.probes = BitsOf(input.probes);
      for (const algebra::Variable& variable : shared_) {
        one.part.distinct.push_back(std::max(input.estimate.DistinctOf(variable), 1.0));
        one.part.skew.push_back(input.estimate.SkewOf(variable));
      }
    }
  }

  absl::StatusOr<JoinOrder> Order() const {
    if (inputs_.size() > kTryAllUpTo) return Greedy();
    return TryAll();
  }

 private:
  // What some inputs joined give.
  struct Part {
    double rows = 0;
    uint64_t variables = 0;
    // Of each shared variable that is among `variables`.
    std::vector<double> distinct, skew;
  };
  struct One {
    Part part;
    uint64_t probes = 0;
  };

  void NumberShared() {
    Variables seen;
    for (const JoinInput& input : inputs_) {
      for (const algebra::Variable& variable : input.columns) {
        const bool again = algebra::Contains(seen, variable);
        if (again && shared_.size() < kMostShared) algebra::AddVariables({variable}, &shared_);
      }
      algebra::AddVariables(input.columns, &seen);
    }
  }

  uint64_t BitsOf(const Variables& variables) const {
    uint64_t bits = 0;
    for (size_t i = 0; i < shared_.size(); ++i) {
      if (algebra::Contains(variables, shared_[i])) bits |= uint64_t{1} << i;
    }
    return bits;
  }

  // As EstimateJoin.
  Part Joined(const Part& a, const Part& b) const {
    Part result;
    result.rows = a.rows * b.rows;
    result.variables = a.variables | b.variables;
    result.distinct.resize(shared_.size());
    result.skew.resize(shared_.size());
    std::vector<SharedColumn> shared;
    for (uint64_t rest = result.variables; rest != 0; rest &= rest - 1) {
      const auto i = static_cast<size_t>(std::countr_zero(rest));
      SharedColumn column = {{a.distinct[i], b.distinct[i]}, {a.skew[i], b.skew[i]}};
      if ((a.variables >> i & 1) == 0) {
        column = {{b.distinct[i], b.distinct[i]}, {b.skew[i], b.skew[i]}};
      } else if ((b.variables >> i & 1) != 0) {
        shared.push_back(column);
        column = Agreeing(column);
      }
      result.distinct[i] = column.distinct[0];
      result.skew[i] = column.skew[0];
    }
    result.rows = std::min(result.rows * AgreeingPairs(std::move(shared)), kMostRows);
    for (double& values : result.distinct) values = std::min(values, std::max(result.rows, 1.0));
    return result;
  }

  double StartCost(size_t first) const { return ones_[first].part.rows + inputs_[first].cost; }
  // Of joining one more input to what there is; `rows` come out.
  double StepCost(const Part& joined, size_t next, double rows) const {
    const One& one = ones_[next];
    const double kept = one.part.rows + std::min(joined.rows, one.part.rows) * kKeptRow;
    double step = kept + inputs_[next].cost;
    if ((joined.variables & one.part.variables) == 0) {
      step += joined.rows * one.part.rows;
    } else if ((joined.variables & one.probes) != 0) {
      step = std::min(step, joined.rows * kProbe);
    }
    return step + rows * kJoinedRow;
  }

  // Where a sample says how many rows a set of inputs gives, it knows better.
  absl::Status LookAtSample(size_t set, Part* part) const {
    const auto size = static_cast<size_t>(std::popcount(set));
    if (size < 2 || size > kSampledTogether || inputs_.size() > kSampledUpTo) {
      return absl::OkStatus();
    }
    std::vector<const SampledInput*> sampled;
    for (size_t i = 0; i < inputs_.size(); ++i) {
      if ((set >> i & 1) == 0) continue;
      if (!inputs_[i].sampled.has_value()) return absl::OkStatus();
      sampled.push_back(&*inputs_[i].sampled);
    }
    ANNALS_ASSIGN_OR_RETURN(const std::optional<double> rows, sampler_.Rows(sampled, {}));
    if (!rows.has_value()) return absl::OkStatus();
    part->rows = *rows;
    for (double& values : part->distinct) values = std::min(values, std::max(*rows, 1.0));
    return absl::OkStatus();
  }

  // The best way to each set of inputs.
  struct Best {
    double cost = std::numeric_limits<double>::infinity();
    size_t last = 0;
  };
  absl::StatusOr<JoinOrder> TryAll() const {
    const size_t sets = size_t{1} << inputs_.size();
    std::vector<Part> parts(sets);
    std::vector<Best> best(sets);
    for (size_t set = 1; set < sets; ++set) {
      const auto highest = static_cast<size_t>(std::bit_width(set) - 1);
      const size_t others = set ^ size_t { 1 } << highest;
      parts[set] = others == 0 ? ones_[highest].part : Joined(parts[others], ones_[highest].part);
      if (others == 0) best[set] = {StartCost(highest), highest};
      ANNALS_RETURN_IF_ERROR(LookAtSample(set, &parts[set]));
    }
    for (size_t set = 1; set < sets; ++set) {
      for (size_t i = 0; i < inputs_.size(); ++i) {
        const size_t with = set | size_t{1} << i;
        if (with == set) continue;
        const Best other{best[set].cost + StepCost(parts[set], i, parts[with].rows), i};
        if (IsBetter(other, best[with], with, best)) best[with] = other;
      }
    }
    return JoinOrder{InputsOf(best.back(), sets - 1, best), best.back().cost};
  }

  static std::vector<size_t> InputsOf(const Best& way, size_t set, const std::vector<Best>& best) {
    std::vector<size_t> inputs = {way.last};
    for (size_t rest = set ^ size_t{1} << way.last; rest != 0;) {
      inputs.push_back(best[rest].last);
      rest ^= size_t{1} << best[rest].last;
    }
    std::reverse(inputs.begin(), inputs.end());
    return inputs;
  }

  static bool IsBetter(const Best& a, const Best& b, size_t set, const std::vector<Best>& best) {
    constexpr double kClearly = 1 - 1e-9;  // not by rounding
    if (a.cost < b.cost * kClearly) return true;
    return a.cost * kClearly <= b.cost && InputsOf(a, set, best) < InputsOf(b, set, best);
  }

  JoinOrder Greedy() const {
    std::vector<size_t> left;
    for (size_t i = 0; i < inputs_.size(); ++i) left.push_back(i);
    const auto first = std::min_element(left.begin(), left.end(), [&](size_t a, size_t b) {
      return ones_[a].part.rows < ones_[b].part.rows;
    });
    JoinOrder order{{*first}, StartCost(*first)};
    Part joined = ones_[*first].part;
    left.erase(first);
    while (!left.empty()) {
      auto best = left.begin();
      Part next;
      double least = std::numeric_limits<double>::infinity();
      for (auto i = left.begin(); i != left.end(); ++i) {
        Part with = Joined(joined, ones_[*i].part);
        const double cost = StepCost(joined, *i, with.rows);
        if (cost >= least) continue;
        least = cost;
        next = std::move(with);
        best = i;
      }
      joined = std::move(next);
      order.cost += least;
      order.inputs.push_back(*best);
      left.erase(best);
    }
    return order;
  }

  const std::vector<JoinInput>& inputs_;
  JoinSampler& sampler_;
  Variables shared_;
  std::vector<One> ones_;
};

}  // namespace

absl::StatusOr<std::vector<JoinInput>> MakeJoinInputs(std::span<const algebra::PlanPtr> plans,
                                                      Estimator& estimator) {
  std::vector<JoinInput> inputs;
  double rows = 0;
  for (const algebra::PlanPtr& plan : plans) {
    ANNALS_ASSIGN_OR_RETURN(Estimate estimate, estimator.Of(*plan));
    rows += estimate.rows;
    inputs.push_back({std::move(estimate), algebra::VariablesOf(*plan), ProbesOf(*plan)});
  }
  if (!JoinSampler::Pays(rows)) return inputs;
  for (size_t i = 0; i < plans.size(); ++i) {
    ANNALS_ASSIGN_OR_RETURN(inputs[i].sampled, estimator.SampledOf(*plans[i]));
  }
  return inputs;
}

absl::StatusOr<JoinOrder> OrderOf(const std::vector<JoinInput>& inputs, Estimator& estimator) {
  return Orderer(inputs, estimator.sampler()).Order();
}

}  // namespace annals::optimizer

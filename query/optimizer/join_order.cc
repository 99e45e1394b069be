// join_order: the inputs of a join in the order in which joining them is expected to cost least,
// one after the other. Found by trying all orders of few inputs, greedily where there are many.
#include <algorithm>
#include <cstdint>
#include <limits>

#include "query/optimizer/passes.h"
#include "query/optimizer/rewrite.h"

namespace annals::optimizer {
namespace {

using algebra::PlanPtr;
using algebra::Slot;

constexpr size_t kTryAllUpTo = 10;
// In units of a row that a scan gives.
constexpr double kProbe = 8;      // one look-up of an index join
constexpr double kKeptRow = 2;    // a row put into a hash table
constexpr double kJoinedRow = 1;  // a row of the result

struct Input {
  Estimate estimate;
  Variables columns;
  Variables probes;  // columns by whose values it can be looked up
};

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

class Orderer {
 public:
  explicit Orderer(std::vector<Input> inputs) : inputs_(std::move(inputs)) {}

  std::vector<size_t> Order() const { return inputs_.size() <= kTryAllUpTo ? TryAll() : Greedy(); }

 private:
  // What has been joined.
  struct State {
    double cost = std::numeric_limits<double>::infinity();
    Estimate estimate;
    Variables columns;
    std::vector<size_t> order;
  };

  State Start(size_t first) const {
    const Input& input = inputs_[first];
    return {input.estimate.rows, input.estimate, input.columns, {first}};
  }

  State Add(const State& state, size_t next) const {
    const Input& input = inputs_[next];
    State result;
    result.estimate = EstimateJoin({&state.estimate, &input.estimate});
    const double rows = result.estimate.rows;
    const double kept =
        input.estimate.rows + std::min(state.estimate.rows, input.estimate.rows) * kKeptRow;
    double step = kept;
    if (!Intersects(state.columns, input.columns)) {
      step += state.estimate.rows * input.estimate.rows;
    } else if (Intersects(state.columns, input.probes)) {
      step = std::min(step, state.estimate.rows * kProbe);
    }
    result.cost = state.cost + step + rows * kJoinedRow;
    result.columns = state.columns;
    algebra::AddVariables(input.columns, &result.columns);
    result.order = state.order;
    result.order.push_back(next);
    return result;
  }

  // The best way to each set of inputs; as written where costs are equal.
  std::vector<size_t> TryAll() const {
    const size_t sets = size_t{1} << inputs_.size();
    std::vector<State> best(sets);
    for (size_t i = 0; i < inputs_.size(); ++i) best[size_t{1} << i] = Start(i);
    for (size_t set = 1; set < sets; ++set) {
      if (best[set].order.empty()) continue;
      for (size_t i = 0; i < inputs_.size(); ++i) {
        const size_t with = set | size_t{1} << i;
        if (with == set) continue;
        State state = Add(best[set], i);
        if (IsBetter(state, best[with])) best[with] = std::move(state);
      }
    }
    return best.back().order;
  }

  static bool IsBetter(const State& a, const State& b) {
    if (b.order.empty()) return true;
    constexpr double kClearly = 1 - 1e-9;  // not by rounding
    if (a.cost < b.cost * kClearly) return true;
    return a.cost * kClearly <= b.cost && a.order < b.order;
  }

  std::vector<size_t> Greedy() const {
    std::vector<size_t> left;
    for (size_t i = 0; i < inputs_.size(); ++i) left.push_back(i);
    const auto first = std::min_element(left.begin(), left.end(), [&](size_t a, size_t b) {
      return inputs_[a].estimate.rows < inputs_[b].estimate.rows;
    });
    State state = Start(*first);
    left.erase(first);
    while (!left.empty()) {
      auto best = left.begin();
      State next = Add(state, *best);
      for (auto i = left.begin() + 1; i != left.end(); ++i) {
        State other = Add(state, *i);
        if (other.cost >= next.cost) continue;
        next = std::move(other);
        best = i;
      }
      state = std::move(next);
      left.erase(best);
    }
    return state.order;
  }

  const std::vector<Input> inputs_;
};

absl::StatusOr<bool> OrderOne(algebra::Join* join, Estimator& estimator) {
  std::vector<Input> inputs;
  for (const PlanPtr& child : join->children) {
    ANNALS_ASSIGN_OR_RETURN(Estimate estimate, estimator.Of(*child));
    inputs.push_back({std::move(estimate), algebra::VariablesOf(*child), ProbesOf(*child)});
  }
  const std::vector<size_t> order = Orderer(std::move(inputs)).Order();
  if (std::is_sorted(order.begin(), order.end())) return false;
  std::vector<PlanPtr> children;
  for (size_t i : order) children.push_back(std::move(join->children[i]));
  join->children = std::move(children);
  return true;
}

}  // namespace

absl::StatusOr<bool> OrderJoins(PlanPtr* plan, PassContext& context) {
  bool changed = false;
  absl::Status status;
  VisitBottomUp(plan, [&](PlanPtr* node) {
    auto* join = std::get_if<algebra::Join>(&(*node)->node);
    if (join == nullptr || !status.ok()) return;
    auto ordered = OrderOne(join, context.estimator);
    if (ordered.ok()) {
      changed |= *ordered;
    } else {
      status = ordered.status();
    }
  });
  ANNALS_RETURN_IF_ERROR(status);
  return changed;
}

}  // namespace annals::optimizer

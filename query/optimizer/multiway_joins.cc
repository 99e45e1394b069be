// multiway_joins: patterns that form a circle, such as a triangle, are joined all at once where
// joining two of them first is expected to cost more. What comes out is a set, so this is done only
// where repeats don't count or can't be.
#include <algorithm>
#include <limits>

#include "query/optimizer/demand.h"
#include "query/optimizer/join_orderer.h"
#include "query/optimizer/keys.h"
#include "query/optimizer/passes.h"
#include "query/optimizer/rewrite.h"

namespace annals::optimizer {
namespace {

using algebra::AddVariables;
using algebra::Contains;
using algebra::PlanPtr;
using algebra::Variable;
using Indexes = std::vector<size_t>;

// In units of a row that a scan gives.
constexpr double kTrieRow = 2;  // a row sorted into a trie
constexpr double kLeap = 0.25;  // a value looked at
// Joins of two give more than is estimated where few values have most of the rows, and the larger
// they are the more so; all at once never looks at much more than there is.
constexpr double kSkew = 2;
constexpr size_t kFewestInputs = 3;

bool HoldsPath(const algebra::Plan& plan) {
  bool holds = std::holds_alternative<algebra::Path>(plan.node);
  ForEachChild(plan, [&](const PlanPtr& child) { holds |= HoldsPath(*child); });
  return holds;
}

// No value is ever empty, and reading it whole costs no more than its rows.
bool MayTakePart(const algebra::Plan& plan) {
  const Variables columns = algebra::VariablesOf(plan);
  return !columns.empty() && IsSubset(columns, algebra::CertainVariablesOf(plan)) &&
         !HoldsPath(plan);
}

struct Edge {
  size_t input;
  Variables variables;
};

// What is left when ears are taken off until there are none (M. Graham; C. Yu and M. Ozsoyoglu,
// 1979): no edges where the inputs form no circle.
std::vector<Edge> WithoutEars(std::vector<Edge> edges) {
  for (bool changed = true; changed;) {
    changed = false;
    for (Edge& edge : edges) {
      changed |= std::erase_if(edge.variables, [&](const Variable& variable) {
                   return std::none_of(edges.begin(), edges.end(), [&](const Edge& other) {
                     return other.input != edge.input && Contains(other.variables, variable);
                   });
                 }) > 0;
    }
    for (size_t i = 0; i < edges.size() && !changed; ++i) {
      const bool within = std::any_of(edges.begin(), edges.end(), [&](const Edge& other) {
        return other.input != edges[i].input && IsSubset(edges[i].variables, other.variables);
      });
      if (!within && !edges[i].variables.empty()) continue;
      edges.erase(edges.begin() + static_cast<ptrdiff_t>(i));
      changed = true;
    }
  }
  return edges;
}

// The inputs of one circle, in order; none if there is none.
Indexes FirstCircle(const std::vector<PlanPtr>& inputs) {
  std::vector<Edge> edges;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (MayTakePart(*inputs[i])) edges.push_back({i, algebra::VariablesOf(*inputs[i])});
  }
  edges = WithoutEars(std::move(edges));
  if (edges.empty()) return {};
  Indexes circle = {edges[0].input};
  Variables reached = edges[0].variables;
  for (bool grown = true; grown;) {
    grown = false;
    for (const Edge& edge : edges) {
      const bool known = std::find(circle.begin(), circle.end(), edge.input) != circle.end();
      if (known || !Intersects(edge.variables, reached)) continue;
      circle.push_back(edge.input);
      AddVariables(edge.variables, &reached);
      grown = true;
    }
  }
  std::sort(circle.begin(), circle.end());
  return circle;
}

// The order of the variables, and what it costs.
class VariableOrder {
 public:
  VariableOrder(const std::vector<JoinInput>& inputs, Variables shown, Variables hidden)
      : inputs_(inputs), shown_(std::move(shown)), hidden_(std::move(hidden)) {
    const Variables& first = shown_.empty() ? hidden_ : shown_;
    for (const Variable& variable : first) Try(variable);
  }

  const Variables& variables() const { return best_; }
  double cost() const { return cost_; }

 private:
  // Rows of an input over those of its columns that are in `variables`, each taken by itself: what
  // joins has more of the pairs that are frequent, and so more rows a pair than there are in the
  // mean.
  static double RowsOver(const JoinInput& input, const Variables& variables) {
    double rows = 1;
    for (const Variable& variable : Intersection(input.columns, variables)) {
      rows *= std::max(input.estimate.DistinctOf(variable), 1.0);
    }
    return std::max(std::min(rows, input.estimate.rows), 1.0);
  }

  // Rows of all inputs joined over these variables.
  double JoinedOver(const Variables& variables) const {
    std::vector<Estimate> parts;
    for (const JoinInput& input : inputs_) {
      Estimate& part = parts.emplace_back();
      part.rows = RowsOver(input, variables);
      for (const Variable& variable : Intersection(input.columns, variables)) {
        part.distinct[variable] = std::min(input.estimate.DistinctOf(variable), part.rows);
      }
    }
    std::vector<const Estimate*> pointers;
    for (const Estimate& part : parts) pointers.push_back(&part);
    return EstimateJoin(pointers).rows;
  }

  // Values looked at to find `next` for every row over `known`: as many as the input that has the
  // fewest gives.
  double Looks(const Variables& known, double rows, const Variable& next) const {
    Variables with = known;
    AddVariables({next}, &with);
    double least = std::numeric_limits<double>::infinity();
    for (const JoinInput& input : inputs_) {
      if (!Contains(input.columns, next)) continue;
      least = std::min(least, RowsOver(input, with) / RowsOver(input, known));
    }
    return std::max(rows, 1.0) * least;
  }

  // Goes on with what looks at least, what is shown first.
  void Try(const Variable& first) {
    Variables known;
    double rows = 1, looks = 0;
    Variable next = first;
    while (true) {
      looks += Looks(known, rows, next);
      known.push_back(next);
      rows = JoinedOver(known);
      const Variables& from = IsSubset(shown_, known) ? hidden_ : shown_;
      double least = std::numeric_limits<double>::infinity();
      next.clear();
      for (const Variable& variable : from) {
        if (Contains(known, variable)) continue;
        const double cost = Looks(known, rows, variable);
        if (!next.empty() && cost >= least) continue;
        least = cost;
        next = variable;
      }
      if (next.empty()) break;
    }
    const double cost = looks * kLeap;
    if (!best_.empty() && cost >= cost_) return;
    best_ = std::move(known);
    cost_ = cost;
  }

  const std::vector<JoinInput>& inputs_;
  const Variables shown_, hidden_;
  Variables best_;
  double cost_ = 0;
};

class Maker {
 public:
  Maker(std::vector<PlanPtr>* children, const Demand& demand, Estimator& estimator)
      : children_(*children), demand_(demand), estimator_(estimator) {}

  // Puts a multiway join in the place of the inputs of one circle; false if none is worth it.
  absl::StatusOr<bool> Make() {
    circle_ = FirstCircle(children_);
    if (circle_.size() < kFewestInputs) return false;
    ANNALS_ASSIGN_OR_RETURN(inputs_, MakeJoinInputs(children_, estimator_));
    AddWithin();
    if (!ChooseColumns()) return false;
    std::vector<JoinInput> taking_part;
    double cost = 0;
    for (const size_t input : circle_) {
      taking_part.push_back(inputs_[input]);
      Variables& columns = taking_part.back().columns;
      std::erase_if(columns, [&](const Variable& variable) { return !IsUsed(variable); });
      cost += inputs_[input].estimate.rows * (1 + kTrieRow);
    }
    const VariableOrder order(taking_part, shown_, hidden_);
    cost += order.cost();
    ANNALS_ASSIGN_OR_RETURN(const JoinOrder apart, OrderOf(inputs_, estimator_));
    if (cost >= apart.cost * kSkew) return false;
    ANNALS_ASSIGN_OR_RETURN(const std::vector<JoinInput> inputs,
                            WithCircleAsOne(taking_part, cost));
    ANNALS_ASSIGN_OR_RETURN(const JoinOrder together, OrderOf(inputs, estimator_));
    if (together.cost >= apart.cost * kSkew) return false;
    Replace(order.variables());
    return true;
  }

 private:
  // Other inputs whose variables the circle has all, where they are no larger than it.
  void AddWithin() {
    Variables variables;
    double largest = 0;
    for (const size_t input : circle_) {
      AddVariables(inputs_[input].columns, &variables);
      largest = std::max(largest, inputs_[input].estimate.rows);
    }
    for (size_t i = 0; i < children_.size(); ++i) {
      if (IsInCircle(i) || inputs_[i].estimate.rows > largest) continue;
      if (!MayTakePart(*children_[i]) || !IsSubset(inputs_[i].columns, variables)) continue;
      circle_.push_back(i);
    }
    std::sort(circle_.begin(), circle_.end());
  }

  bool IsInCircle(size_t input) const {
    return std::find(circle_.begin(), circle_.end(), input) != circle_.end();
  }
  bool IsUsed(const Variable& variable) const {
    return Contains(shown_, variable) || Contains(hidden_, variable);
  }

  // What is read elsewhere is shown; what else the inputs share is only sought. False if repeats
  // count and there may be some.
  bool ChooseColumns() {
    Variables read = demand_.columns, all, shared;
    for (size_t i = 0; i < children_.size(); ++i) {
      if (!IsInCircle(i)) {
        AddVariables(inputs_[i].columns, &read);
        continue;
      }
      AddVariables(Intersection(inputs_[i].columns, all), &shared);
      AddVariables(inputs_[i].columns, &all);
      if (demand_.duplicates && !KeyOf(*children_[i]).has_value()) return false;
    }
    for (const Variable& variable : all) {
      if (demand_.duplicates || Contains(read, variable)) {
        shown_.push_back(variable);
      } else if (Contains(shared, variable)) {
        hidden_.push_back(variable);
      }
    }
    return true;
  }

  absl::StatusOr<std::vector<JoinInput>> WithCircleAsOne(const std::vector<JoinInput>& circle,
                                                         double cost) const {
    std::vector<const Estimate*> estimates;
    std::vector<SampledInput> sampled;
    for (const JoinInput& input : circle) {
      estimates.push_back(&input.estimate);
      if (input.sampled.has_value()) sampled.push_back(AsSet(*input.sampled, input.columns));
    }
    JoinInput one;
    one.estimate = EstimateJoin(estimates);
    if (sampled.size() == circle.size()) {
      ANNALS_ASSIGN_OR_RETURN(const auto rows, estimator_.SampledRows(sampled));
      one.estimate.SetRows(rows.value_or(one.estimate.rows));
    }
    one.estimate.SetRows(one.estimate.DistinctRows(shown_));
    one.columns = shown_;
    one.cost = cost;
    std::vector<JoinInput> inputs = {std::move(one)};
    for (size_t i = 0; i < inputs_.size(); ++i) {
      if (!IsInCircle(i)) inputs.push_back(inputs_[i]);
    }
    return inputs;
  }

  void Replace(const Variables& variables) {
    algebra::MultiwayJoin join;
    join.variables = variables;
    join.shown = shown_.size();
    std::vector<PlanPtr> rest;
    for (size_t i = 0; i < children_.size(); ++i) {
      if (!IsInCircle(i)) {
        rest.push_back(std::move(children_[i]));
        continue;
      }
      Variables columns = inputs_[i].columns;
      std::erase_if(columns, [&](const Variable& variable) { return !IsUsed(variable); });
      join.children.push_back(algebra::MakeProject(std::move(children_[i]), std::move(columns)));
    }
    const auto place = rest.begin() + static_cast<ptrdiff_t>(circle_[0]);
    rest.insert(place, algebra::MakePlan(std::move(join)));
    children_ = std::move(rest);
  }

  std::vector<PlanPtr>& children_;
  const Demand& demand_;
  Estimator& estimator_;
  Indexes circle_;
  std::vector<JoinInput> inputs_;
  Variables shown_, hidden_;
};

}  // namespace

absl::StatusOr<bool> MakeMultiwayJoins(PlanPtr* plan, PassContext& context) {
  bool changed = false;
  absl::Status status;
  VisitTopDown(plan, RootDemand(**plan), [&](PlanPtr* node, const Demand& demand) {
    auto* join = std::get_if<algebra::Join>(&(*node)->node);
    if (join == nullptr || !status.ok()) return;
    while (true) {
      const auto made = Maker(&join->children, demand, context.estimator).Make();
      if (!made.ok()) status = made.status();
      if (!made.ok() || !*made) break;
      changed = true;
    }
    if (join->children.size() > 1) return;
    PlanPtr only = std::move(join->children[0]);
    *node = std::move(only);
  });
  ANNALS_RETURN_IF_ERROR(status);
  // What comes out may be distinct now.
  if (changed) ANNALS_RETURN_IF_ERROR(DropDistincts(plan, context).status());
  return changed;
}

}  // namespace annals::optimizer

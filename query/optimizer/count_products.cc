// count_products: what only counts the rows of a join counts those of its inputs first, by the
// columns that they share, and sums the products of the counts, where making the rows is expected
// to cost more. (Eager aggregation: W. Yan and P.-A. Larson, 1995.)
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "query/optimizer/demand.h"
#include "query/optimizer/join_orderer.h"
#include "query/optimizer/keys.h"
#include "query/optimizer/merge_repeats.h"
#include "query/optimizer/passes.h"
#include "query/optimizer/rewrite.h"

namespace annals::optimizer {
namespace {

using algebra::AddVariables;
using algebra::AggregateFunction;
using algebra::MakePlan;
using algebra::PlanPtr;
using algebra::Variable;

constexpr double kGroupedRow = 2;   // a row counted, in units of a row that a scan gives
constexpr double kRowOfRun = 0.1;   // the same of a run that is read as one; the run is a row, too
constexpr double kFewerRows = 1.5;  // rows of an input for each that is left
// Joins give more rows than is estimated where few values have most of them.
constexpr double kSkew = 1.5;

class Rewriter {
 public:
  Rewriter(algebra::Group* group, PassContext& context)
      : group_(*group), view_(context.view), estimator_(context.estimator) {
    auto* filter = std::get_if<algebra::Filter>(&group_.child->node);
    PlanPtr& inner = filter == nullptr ? group_.child : filter->child;
    join_ = std::get_if<algebra::Join>(&inner->node);
    read_ = group_.keys;
    if (filter == nullptr) return;
    for (const auto& condition : filter->conditions) AddVariables(ReadBy(*condition), &read_);
  }

  absl::StatusOr<bool> Rewrite() {
    if (join_ == nullptr || group_.aggregates.empty()) return false;
    const Variables certain = algebra::CertainVariablesOf(*group_.child);
    for (const auto& aggregate : group_.aggregates) {
      if (!CountsRows(aggregate, certain)) return false;
    }
    ANNALS_RETURN_IF_ERROR(MeetInputs());
    if (counted_.empty()) return false;
    ANNALS_ASSIGN_OR_RETURN(const double counted, Choose());
    ANNALS_ASSIGN_OR_RETURN(const JoinOrder rows, OrderOf(inputs_, estimator_));
    if (counted >= rows.cost * kSkew) return false;
    Replace();
    return true;
  }

 private:
  absl::Status MeetInputs() {
    ANNALS_ASSIGN_OR_RETURN(inputs_, MakeJoinInputs(join_->children, estimator_));
    for (size_t i = 0; i < join_->children.size(); ++i) {
      const algebra::Plan& child = *join_->children[i];
      const Estimate& estimate = inputs_[i].estimate;
      by_.push_back(NeededOf(i));
      const double rows = estimate.DistinctRows(by_[i]);
      const auto key = KeyOf(child);
      const bool may_repeat = !key.has_value() || !IsSubset(*key, by_[i]);
      // Without columns there would be a row, and so a group, even where there is nothing.
      const bool countable = (!by_[i].empty() || group_.keys.empty()) &&
                             IsSubset(by_[i], algebra::CertainVariablesOf(child));
      JoinInput& counted = as_counted_.emplace_back(inputs_[i]);
      if (!may_repeat || !countable || estimate.rows < rows * kFewerRows) continue;
      counted_.push_back(i);
      counted.estimate.KeepDistinct(by_[i]);
      if (counted.sampled && !by_[i].empty()) counted.sampled = AsSet(*counted.sampled, by_[i]);
      if (by_[i].empty()) counted.sampled.reset();
      counted.columns = by_[i];
      counted.probes.clear();
      ANNALS_ASSIGN_OR_RETURN(const double runs, RunsOf(child, estimate.rows, rows));
      counted.cost = runs < estimate.rows ? estimate.rows * kRowOfRun + runs * kGroupedRow
                                          : estimate.rows * (1 + kGroupedRow);
    }
    return absl::OkStatus();
  }

  // How many runs of equal rows a pattern is read by; else all of its rows.
  absl::StatusOr<double> RunsOf(const algebra::Plan& child, double rows, double distinct) const {
    const auto* scan = std::get_if<algebra::Scan>(&child.node);
    if (scan == nullptr) return rows;
    if (CanMergeRepeats(*scan)) return distinct;
    ANNALS_ASSIGN_OR_RETURN(const std::optional<double> pairs, PairsOf(*scan, view_));
    return std::min(rows, pairs.value_or(rows));
  }

  // Those columns of an input that another one has, or that are read above.
  Variables NeededOf(size_t input) const {
    Variables others = read_;
    for (size_t i = 0; i < join_->children.size(); ++i) {
      if (i != input) AddVariables(algebra::VariablesOf(*join_->children[i]), &others);
    }
    return Intersection(algebra::VariablesOf(*join_->children[input]), others);
  }

  absl::StatusOr<double> CostWith(const std::vector<size_t>& counted) const {
    std::vector<JoinInput> inputs = inputs_;
    for (const size_t input : counted) inputs[input] = as_counted_[input];
    ANNALS_ASSIGN_OR_RETURN(const JoinOrder order, OrderOf(inputs, estimator_));
    return order.cost;
  }

  // Leaves in counted_ what is best counted first, and returns what the join then costs.
  absl::StatusOr<double> Choose() {
    ANNALS_ASSIGN_OR_RETURN(double least, CostWith(counted_));
    while (counted_.size() > 1) {
      std::vector<size_t> best;
      for (size_t i = counted_.size(); i-- > 0;) {
        std::vector<size_t> others = counted_;
        others.erase(others.begin() + static_cast<ptrdiff_t>(i));
        ANNALS_ASSIGN_OR_RETURN(const double cost, CostWith(others));
        if (cost >= least) continue;
        least = cost;
        best = std::move(others);
      }
      if (best.empty()) break;
      counted_ = std::move(best);
    }
    return least;
  }

  void Replace() {
    std::vector<Variable> counts;
    for (const size_t input : counted_) {
      PlanPtr& child = join_->children[input];
      counts.push_back(absl::StrCat(".rows", input));
      algebra::Group count{std::move(child), by_[input], {}};
      count.aggregates.push_back(
          {AggregateFunction::kCountRows, false, nullptr, nullptr, counts.back()});
      child = MakePlan(std::move(count));
    }
    for (algebra::Aggregate& aggregate : group_.aggregates) {
      algebra::ExpressionPtr product = algebra::MakeVariable(counts[0]);
      for (size_t i = 1; i < counts.size(); ++i) {
        product = algebra::MakeExpression(
            algebra::ArithmeticExpr{algebra::ArithmeticOp::kMultiply, std::move(product),
                                    algebra::MakeVariable(counts[i])});
      }
      aggregate = {AggregateFunction::kSum, false, std::move(product), nullptr,
                   std::move(aggregate.result)};
    }
  }

  algebra::Group& group_;
  const GraphView& view_;
  Estimator& estimator_;
  algebra::Join* join_ = nullptr;
  Variables read_;  // above the join
  std::vector<JoinInput> inputs_, as_counted_;
  std::vector<Variables> by_;    // the columns by which each would be counted
  std::vector<size_t> counted_;  // inputs
};

}  // namespace

absl::StatusOr<bool> CountProducts(PlanPtr* plan, PassContext& context) {
  bool changed = false;
  absl::Status status;
  VisitBottomUp(plan, [&](PlanPtr* node) {
    auto* group = std::get_if<algebra::Group>(&(*node)->node);
    if (group == nullptr || !status.ok()) return;
    const auto rewritten = Rewriter(group, context).Rewrite();
    if (rewritten.ok()) {
      changed |= *rewritten;
    } else {
      status = rewritten.status();
    }
  });
  ANNALS_RETURN_IF_ERROR(status);
  return changed;
}

}  // namespace annals::optimizer

// Which plans samples can be looked up in, and what they say of joins.
#include <limits>

#include "query/optimizer/cardinality.h"
#include "query/optimizer/rewrite.h"
#include "query/optimizer/time_gaps.h"

namespace annals::optimizer {
namespace {
using Sampled = absl::StatusOr<std::optional<double>>;
}  // namespace

Sampled Estimator::SampledRows(const std::vector<SampledInput>& inputs,
                               const std::vector<algebra::TimeGap>& gaps) {
  std::vector<const SampledInput*> pointers;
  for (const SampledInput& input : inputs) pointers.push_back(&input);
  return sampler_.Rows(pointers, gaps);
}

absl::StatusOr<std::optional<SampledInput>> Estimator::SampledOf(const algebra::Plan& plan) {
  std::optional<SampledInput> input;
  if (const auto* scan = std::get_if<algebra::Scan>(&plan.node)) {
    double rows_a_time = std::numeric_limits<double>::infinity();
    if (scan->predicate.kind == algebra::Slot::Kind::kConstant) {
      ANNALS_ASSIGN_OR_RETURN(const PredicateStatistics numbers, StatisticsOf(scan->predicate.id));
      if (numbers.distinct_times > 0) {
        rows_a_time = static_cast<double>(numbers.counted_facts) /
                      static_cast<double>(numbers.distinct_times);
      }
    }
    ANNALS_ASSIGN_OR_RETURN(const Estimate estimate, OfScan(*scan));
    return MakeSampledInput(*scan, estimate.rows, rows_a_time);
  }
  if (const auto* filter = std::get_if<algebra::Filter>(&plan.node)) {
    ANNALS_ASSIGN_OR_RETURN(input, SampledOf(*filter->child));
    if (!input.has_value() || input->set.has_value()) return std::nullopt;
    ANNALS_ASSIGN_OR_RETURN(const Estimate estimate, Of(plan));
    input->rows = estimate.rows;
  } else if (const auto* project = std::get_if<algebra::Project>(&plan.node)) {
    return SampledOf(*project->child);
  } else if (const auto* distinct = std::get_if<algebra::Distinct>(&plan.node)) {
    ANNALS_ASSIGN_OR_RETURN(input, SampledOf(*distinct->child));
    if (input.has_value()) input = AsSet(*std::move(input), algebra::VariablesOf(plan));
  } else if (const auto* group = std::get_if<algebra::Group>(&plan.node)) {
    if (group->keys.empty()) return std::nullopt;
    ANNALS_ASSIGN_OR_RETURN(input, SampledOf(*group->child));
    if (input.has_value()) input = AsSet(*std::move(input), group->keys);
  }
  return input;
}

// Adds the patterns of which a plan is a join; false if it is more.
absl::StatusOr<bool> Estimator::AddSampled(const algebra::Plan& plan,
                                           std::vector<SampledInput>* inputs) {
  if (const auto* join = std::get_if<algebra::Join>(&plan.node)) {
    bool all = join->gaps.empty();
    for (const algebra::PlanPtr& child : join->children) {
      if (!all) break;
      ANNALS_ASSIGN_OR_RETURN(all, AddSampled(*child, inputs));
    }
    return all;
  }
  const auto* semi = std::get_if<algebra::SemiJoin>(&plan.node);
  if (semi != nullptr && semi->outer == 0 && semi->conditions.empty()) {
    ANNALS_ASSIGN_OR_RETURN(const bool left, AddSampled(*semi->left, inputs));
    ANNALS_ASSIGN_OR_RETURN(std::optional<SampledInput> right, SampledOf(*semi->right));
    if (!left || !right.has_value()) return false;
    inputs->push_back(AsSet(*std::move(right), Intersection(algebra::VariablesOf(*semi->left),
                                                            algebra::VariablesOf(*semi->right))));
    return true;
  }
  ANNALS_ASSIGN_OR_RETURN(std::optional<SampledInput> input, SampledOf(plan));
  if (input.has_value()) inputs->push_back(*std::move(input));
  return input.has_value();
}

Sampled Estimator::SampledJoin(std::span<const algebra::PlanPtr> inputs,
                               const std::vector<algebra::TimeGap>& gaps) {
  std::vector<SampledInput> sampled;
  for (const algebra::PlanPtr& input : inputs) {
    ANNALS_ASSIGN_OR_RETURN(const bool added, AddSampled(*input, &sampled));
    if (!added) return std::nullopt;
  }
  return SampledRows(sampled, gaps);
}

Sampled Estimator::SampledSet(const algebra::MultiwayJoin& join) {
  std::vector<SampledInput> sampled;
  for (const algebra::PlanPtr& child : join.children) {
    ANNALS_ASSIGN_OR_RETURN(std::optional<SampledInput> input, SampledOf(*child));
    if (!input.has_value()) return std::nullopt;
    sampled.push_back(AsSet(*std::move(input), algebra::VariablesOf(*child)));
  }
  return SampledRows(sampled);
}

template <typename T>
Sampled Estimator::MatchesOf(const T& join, bool once) {
  if (join.outer != 0) return std::nullopt;
  for (const auto& condition : join.conditions) {
    if (GapsOf(*condition).empty()) return std::nullopt;
  }
  std::vector<SampledInput> sampled;
  ANNALS_ASSIGN_OR_RETURN(const bool left, AddSampled(*join.left, &sampled));
  if (!left) return std::nullopt;
  ANNALS_ASSIGN_OR_RETURN(std::optional<SampledInput> right, SampledOf(*join.right));
  if (!right.has_value()) return std::nullopt;
  if (once) {
    right = AsSet(*std::move(right), Intersection(algebra::VariablesOf(*join.left),
                                                  algebra::VariablesOf(*join.right)));
  }
  sampled.push_back(*std::move(right));
  return SampledRows(sampled, GapsOf(join.conditions));
}

Sampled Estimator::SampledMatches(const algebra::LeftJoin& join, bool once) {
  return MatchesOf(join, once);
}
Sampled Estimator::SampledMatches(const algebra::SemiJoin& join, bool once) {
  return MatchesOf(join, once);
}
Sampled Estimator::SampledMatches(const algebra::AntiJoin& join, bool once) {
  return MatchesOf(join, once);
}

}  // namespace annals::optimizer

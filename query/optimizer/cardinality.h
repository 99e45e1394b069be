// How many rows a plan is expected to give, from the statistics of the store: counts below
// constants are read from block boundaries, distinct values of a predicate's subjects, objects and
// times are kept and how unevenly its facts are spread over them, joins of patterns are looked at
// in samples, and the rest is the usual arithmetic of columns that hardly depend on each other.
#ifndef QUERY_OPTIMIZER_CARDINALITY_H_
#define QUERY_OPTIMIZER_CARDINALITY_H_

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "query/algebra/plan.h"
#include "query/optimizer/join_sampler.h"
#include "storage/base/status.h"
#include "storage/graph/view.h"

namespace annals::optimizer {

struct Estimate {
  double rows = 0;
  // Distinct values of each column, at most `rows`; at least 1 where there are rows.
  absl::flat_hash_map<algebra::Variable, double> distinct;

  // How unevenly the rows are spread over a column's values: the rows of a row's value in the mean,
  // over those of a value in the mean. 1 where nothing is said.
  absl::flat_hash_map<algebra::Variable, double> skew;

  // Distinct values of two columns of a scan at once.
  struct Pairs {
    algebra::Variable a, b;
    double distinct;
  };
  std::vector<Pairs> pairs;

  double DistinctOf(const algebra::Variable& variable) const;
  double SkewOf(const algebra::Variable& variable) const;
  // Of the rows over these columns.
  double DistinctRows(const std::vector<algebra::Variable>& variables) const;
  void SetRows(double count);
  // One row for each that differs in these columns.
  void KeepDistinct(const std::vector<algebra::Variable>& variables);
};

// A column that two inputs share.
struct SharedColumn {
  double distinct[2];
  double skew[2];
};
// Of all pairs of rows those that agree on the columns.
double AgreeingPairs(std::vector<SharedColumn> columns);
// Of the rows in which such a column agrees.
SharedColumn Agreeing(const SharedColumn& column);

// Rows of the inputs joined, one after the other.
Estimate EstimateJoin(const std::vector<const Estimate*>& inputs);

// Remembers what it has looked up; for one question.
class Estimator {
 public:
  explicit Estimator(const GraphView& view) : view_(view), sampler_(view) {}

  // Storage errors only.
  absl::StatusOr<Estimate> Of(const algebra::Plan& plan);
  // Of some of a join's inputs joined.
  absl::StatusOr<Estimate> OfJoin(std::span<const algebra::PlanPtr> inputs,
                                  const std::vector<algebra::TimeGap>& gaps = {});
  // What samples need to know of an input of a join; none if it is more than a pattern.
  absl::StatusOr<std::optional<SampledInput>> SampledOf(const algebra::Plan& plan);
  // What a sample says of inputs joined; none if it can't say anything.
  absl::StatusOr<std::optional<double>> SampledRows(const std::vector<SampledInput>& inputs,
                                                    const std::vector<algebra::TimeGap>& gaps = {});
  JoinSampler& sampler() { return sampler_; }
  // Sets estimated_rows on every node.
  absl::Status Annotate(algebra::Plan* plan);

 private:
  class Visitor;
  absl::StatusOr<Estimate> OfScan(const algebra::Scan& scan);
  // Joined as columns that hardly depend on each other; `rows`: of all of them, added up.
  absl::StatusOr<Estimate> OfInputs(std::span<const algebra::PlanPtr> inputs, double* rows);
  absl::StatusOr<bool> AddSampled(const algebra::Plan& plan, std::vector<SampledInput>* inputs);
  absl::StatusOr<std::optional<double>> SampledJoin(std::span<const algebra::PlanPtr> inputs,
                                                    const std::vector<algebra::TimeGap>& gaps);
  absl::StatusOr<std::optional<double>> SampledSet(const algebra::MultiwayJoin& join);
  // Pairs of a left and a right row; `once`: left rows for which there is a right one.
  template <typename T>
  absl::StatusOr<std::optional<double>> MatchesOf(const T& join, bool once);
  absl::StatusOr<std::optional<double>> SampledMatches(const algebra::LeftJoin& join, bool once);
  absl::StatusOr<std::optional<double>> SampledMatches(const algebra::SemiJoin& join, bool once);
  absl::StatusOr<std::optional<double>> SampledMatches(const algebra::AntiJoin& join, bool once);
  absl::StatusOr<Estimate> OfPath(const algebra::Path& path);
  absl::StatusOr<double> FactsBelow(const algebra::Scan& scan);
  absl::StatusOr<TermId> CommonestPredicate();
  absl::StatusOr<double> FactsInWindow(const PredicateStatistics& of, const TimeWindow& window);
  absl::StatusOr<double> DatedFraction(const algebra::Scan& scan);
  absl::StatusOr<PredicateStatistics> StatisticsOf(TermId predicate);
  absl::StatusOr<GraphStatistics> Statistics();
  absl::StatusOr<double> CountRows(Permutation permutation, std::vector<TermId> prefix,
                                   std::optional<TermId> low = std::nullopt,
                                   std::optional<TermId> high = std::nullopt);

  const GraphView& view_;
  JoinSampler sampler_;
  std::optional<GraphStatistics> statistics_;
  std::map<TermId, PredicateStatistics> predicates_;
  std::map<std::vector<uint64_t>, double> counts_;
  std::map<int, double> outer_rows_;
};

}  // namespace annals::optimizer

#endif  // QUERY_OPTIMIZER_CARDINALITY_H_

// How many rows a join of patterns gives, seen in a sample: rows from all over the smallest pattern
// are looked up in the next, some of what is found there in the one after it, and so on, each row
// standing for as many as there were beside it. (Index-based join sampling: V. Leis, B. Radke,
// A. Gubichev, A. Kemper, T. Neumann, Cardinality Estimation Done Right, CIDR 2017; rows are
// weighted as in wander join: F. Li, B. Wu, K. Yi, Z. Zhao, SIGMOD 2016.)
//
// Samples depend on the data alone, so that the same question has the same plan. What is found is
// kept with the view.
#ifndef QUERY_OPTIMIZER_JOIN_SAMPLER_H_
#define QUERY_OPTIMIZER_JOIN_SAMPLER_H_

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "query/algebra/plan.h"
#include "storage/base/status.h"
#include "storage/graph/view.h"

namespace annals::optimizer {

// A pattern that takes part in a join.
struct SampledInput {
  algebra::Scan scan;
  double rows = 0;         // expected of it, with its conditions
  double rows_a_time = 0;  // of its predicate, in the mean
  // One row for each that differs in these columns; none: all rows.
  std::optional<std::vector<algebra::Variable>> set = std::nullopt;
  std::vector<algebra::Variable> variables = {};  // of the scan
  std::string key = {};                           // says which pattern it is, and which set
};

// None for a pattern that samples can't be looked up in.
std::optional<SampledInput> MakeSampledInput(const algebra::Scan& scan, double rows,
                                             double rows_a_time);
// The same as a set.
SampledInput AsSet(SampledInput input, std::vector<algebra::Variable> columns);

// For one question.
class JoinSampler {
 public:
  explicit JoinSampler(const GraphView& view);

  // May looking cost less than it spares, where the inputs have so many rows?
  static bool Pays(double rows);

  // Rows of the inputs joined in which the gaps hold. None where looking doesn't pay, where the
  // inputs are not linked by variables, or where too much of the view is not in packed blocks.
  absl::StatusOr<std::optional<double>> Rows(const std::vector<const SampledInput*>& inputs,
                                             const std::vector<algebra::TimeGap>& gaps);

 private:
  // Rows of some inputs joined, each with how many it stands for.
  struct Part {
    std::vector<algebra::Variable> variables;
    std::vector<std::vector<TermId>> columns;
    std::vector<double> weights;
    bool complete = true;  // these are all rows
    size_t hits = 0;       // look-ups that found something, of the step where they were fewest
    double rows() const;
  };
  class Probe;
  using Gaps = std::vector<algebra::TimeGap>;

  // False where it can't be done.
  absl::StatusOr<bool> Sample(const std::vector<const SampledInput*>& inputs, const Gaps& gaps,
                              size_t rows, Part* part);
  absl::StatusOr<bool> Start(const SampledInput& input, size_t rows, Part* part);
  absl::StatusOr<bool> Extend(const SampledInput& input, const Gaps& gaps, Part* part);
  absl::Status CountOnce(const SampledInput& input, const std::vector<algebra::Variable>& known,
                         size_t first, Part* part);
  absl::StatusOr<double> FractionOf(const SampledInput& input);
  absl::StatusOr<double> Look(Permutation permutation, const SampleSpec& spec, SampledRows* rows);

  const GraphView& view_;
  NumberCache own_;
  NumberCache& known_;
  std::map<Permutation, std::unique_ptr<RowSampler>> samplers_;
  std::map<std::string, Part> parts_;
  size_t looks_ = 0;
};

}  // namespace annals::optimizer

#endif  // QUERY_OPTIMIZER_JOIN_SAMPLER_H_

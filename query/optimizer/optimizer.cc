#include "query/optimizer/optimizer.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "query/optimizer/passes.h"
#include "query/optimizer/rewrite.h"
#include "query/optimizer/verify.h"

namespace annals::optimizer {
namespace {

using algebra::PlanPtr;

// Walks over plans recurse; what is nested deeper than anyone writes runs as it was written.
constexpr size_t kMostDepth = 500;

#ifdef NDEBUG
constexpr bool kVerify = false;
#else
constexpr bool kVerify = true;
#endif

struct Row {
  PassInfo info;
  Pass run;
};
// Rewrites that simplify come first; those that need an order of the inputs after join_order.
constexpr Row kRows[] = {
    {{"fold_constants", "computes once what no row changes, and takes conditions apart"},
     FoldConstants},
    {{"push_filters", "moves conditions down to the inputs that decide them"}, PushFilters},
    {{"merge_joins", "makes one join of joins in joins"}, MergeJoins},
    {{"bind_constants", "puts a name that a variable must equal into the patterns in its place"},
     BindConstants},
    {{"drop_empty", "drops what joins with nothing or adds nothing"}, DropEmpty},
    {{"push_time_conditions", "tells scans which times a condition can't mean"},
     PushTimeConditions},
    {{"drop_distincts", "drops a distinct of rows that can't repeat or whose repeats don't count"},
     DropDistincts},
    {{"drop_optionals", "drops optional parts of which nothing is read"}, DropOptionals},
    {{"prune_columns", "reads only the columns that are used"}, PruneColumns},
    {{"path_lengths",
      "finds how long a shortest chain is, not the chain, where only that is asked"},
     PathLengths},
    {{"count_products",
      "counts rows of a join's inputs and multiplies, where only counts are asked"},
     CountProducts},
    {{"multiway_joins", "joins patterns in a circle all at once, variable by variable"},
     MakeMultiwayJoins},
    {{"join_order", "joins first what leaves the fewest rows"}, OrderJoins},
    {{"semi_joins", "only tests for a match where nothing of it is read"}, MakeSemiJoins},
    {{"early_distinct", "drops repeated rows before the next join where that pays"}, DistinctEarly},
    {{"early_filters", "tests conditions as soon as what they read is joined"}, FilterEarly},
    {{"near_times", "joins only what is near in time where conditions say how near"},
     JoinNearTimes},
    {{"merge_repeats", "reads equal rows as one, with their number where rows are counted"},
     MergeRepeats},
    {{"first_times", "reads only the times of the first rows where facts are sorted by time"},
     ScanFirstTimes},
    {{"first_row", "stops at the first row where only its being there counts"}, StopAtFirstRow},
};

// `fed`: see VerifyPlan.
absl::StatusOr<PlanPtr> RunPasses(PlanPtr plan, const Options& options, Report* report, int fed);

absl::Status OptimizeExists(algebra::Expression* expression, const Options& options) {
  absl::Status status;
  if (auto* exists = std::get_if<algebra::ExistsExpr>(&expression->node)) {
    ANNALS_ASSIGN_OR_RETURN(exists->plan,
                            RunPasses(std::move(exists->plan), options, nullptr, exists->outer));
  }
  ForEachOperand(*expression, [&](algebra::ExpressionPtr& operand) {
    if (status.ok()) status = OptimizeExists(operand.get(), options);
  });
  return status;
}

// The plans of exists are questions of their own.
absl::Status OptimizeInside(PlanPtr* plan, const Options& options) {
  absl::Status status;
  VisitBottomUp(plan, [&](PlanPtr* node) {
    ForEachExpression(**node, [&](algebra::ExpressionPtr& expression, bool) {
      if (status.ok()) status = OptimizeExists(expression.get(), options);
    });
  });
  return status;
}

absl::Status Verify(const algebra::Plan& plan, const Variables& columns, std::string_view pass,
                    int fed) {
  const Variables now = algebra::VariablesOf(plan);
  if (now.size() != columns.size() || !IsSubset(columns, now)) {
    return Internal(absl::StrCat("the pass ", ToAbsl(pass), " changed the columns of a plan"));
  }
  const absl::Status status = VerifyPlan(plan, fed);
  if (status.ok()) return status;
  return Internal(absl::StrCat(ToAbsl(pass), ": ", status.message()));
}

absl::StatusOr<PlanPtr> RunPasses(PlanPtr plan, const Options& options, Report* report, int fed) {
  if (Depth(*plan, kMostDepth) >= kMostDepth) return plan;
  const Variables columns = algebra::VariablesOf(*plan);
  Estimator estimator(options.view);
  PassContext context{options.view, options.now, estimator};
  ANNALS_RETURN_IF_ERROR(OptimizeInside(&plan, options));
  for (const Row& row : kRows) {
    if (options.disabled.contains(row.info.name)) continue;
    ANNALS_ASSIGN_OR_RETURN(const bool changed, row.run(&plan, context));
    if (kVerify) ANNALS_RETURN_IF_ERROR(Verify(*plan, columns, row.info.name, fed));
    if (changed && report != nullptr) report->fired.push_back(row.info.name);
  }
  plan = algebra::MakeProject(std::move(plan), columns);
  if (options.estimates) ANNALS_RETURN_IF_ERROR(estimator.Annotate(plan.get()));
  return plan;
}

}  // namespace

std::span<const PassInfo> Passes() {
  static const auto infos = [] {
    std::array<PassInfo, std::size(kRows)> result;
    std::transform(std::begin(kRows), std::end(kRows), result.begin(),
                   [](const Row& row) { return row.info; });
    return result;
  }();
  return infos;
}

absl::StatusOr<PlanPtr> Optimize(PlanPtr plan, const Options& options, Report* report) {
  return RunPasses(std::move(plan), options, report, 0);
}

}  // namespace annals::optimizer

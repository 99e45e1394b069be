// The operators, one factory each. They take their inputs over; what `variables`, conditions and
// keys name must be columns of the inputs. Memory that they keep is reserved with the context.
#ifndef QUERY_EXEC_OPERATORS_H_
#define QUERY_EXEC_OPERATORS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "query/algebra/plan.h"
#include "query/exec/evaluator.h"
#include "query/exec/join_shape.h"
#include "query/exec/operator.h"
#include "query/exec/outer_relation.h"
#include "query/exec/scan_plan.h"

namespace annals::exec {

using OperatorPtr = std::unique_ptr<Operator>;
using Conditions = std::vector<std::unique_ptr<Evaluator>>;

// Conditions, and how they are made once more for a thread's context (null: they can't be). What
// they are made of must outlive the operators.
struct RowConditions {
  Conditions made;
  std::function<absl::StatusOr<Conditions>(Context& thread)> again;

  // For the work of a thread; the operator's own context, which asks once, takes those made.
  absl::StatusOr<Conditions> For(Context& thread, const Context& own) {
    if (&thread == &own) return std::move(made);
    return again(thread);
  }
};

// --- Sources of rows

OperatorPtr MakeScan(ScanPlan plan, Context& context);
// One row for each of `rows`; all have as many ids as there are variables.
OperatorPtr MakeRows(Variables variables, std::vector<std::vector<TermId>> rows, Context& context);
// One row: the number of rows that a scan with no tests of its own gives, in every column.
OperatorPtr MakeCountScan(ScanSpec spec, Variables variables, Context& context);
// The distinct rows of the outer relation, which must be filled before the first Next.
OperatorPtr MakeOuterRows(std::shared_ptr<const OuterRelation> relation, Context& context);

// Gives what `of` gives and counts it for this plan in the context's profile.
OperatorPtr MakeMeasured(OperatorPtr of, const algebra::Plan& plan, Context& context);

// The pairs of ends that a path links. Where `given` has a variable of the path, only its values
// are ends; it must be filled before the first Next, and may be null.
OperatorPtr MakePath(const algebra::Path& path, std::shared_ptr<const OuterRelation> given,
                     Context& context);

// See algebra::Coalesce.
OperatorPtr MakeCoalesce(OperatorPtr input, algebra::Variable time, Context& context);

// --- Joins. The result's columns are shape.variables.

// Whichever side ends first is kept. No order.
OperatorPtr MakeHashJoin(JoinShape shape, OperatorPtr left, OperatorPtr right, Context& context);
// Both sides must be sorted by the first key of the shape, which is never empty; the result is
// sorted by it, too. Each side skips what the other has passed.
OperatorPtr MakeMergeJoin(JoinShape shape, OperatorPtr left, OperatorPtr right, Context& context);
// Rows of `left` looked up in the scan of a pattern, probes in sorted order. `shape` joins the left
// with `probe.variables`; the probes' variables are never empty. If the left turns out to have too
// many rows for that to pay, `fallback` makes the join, of what is then given as left, instead.
// The result is sorted by `sorted_by` (nothing, or the first variable that the left is sorted by,
// which must be one of the probes'), which the fallback must fulfil as well.
using MakeFallbackJoin = std::function<absl::StatusOr<OperatorPtr>(OperatorPtr left)>;
OperatorPtr MakeIndexJoin(JoinShape shape, OperatorPtr left, ScanPlan probe, ScanSpec whole,
                          Variables sorted_by, MakeFallbackJoin fallback, Context& context);
// A probe costs about as much as reading this many rows in a scan and looking them up: little in a
// block that the probe before has come to, three times as much in another.
inline constexpr uint64_t kRowsPerProbe = 64;

// See algebra::MultiwayJoin. The inputs are read whole before the first row. Sorted by what is
// shown.
OperatorPtr MakeMultiwayJoin(std::vector<OperatorPtr> inputs, Variables variables, size_t shown,
                             Context& context);

// `branches` is a union of joins of MakeKeptRows(kept, ...) with the patterns. If the left turns
// out small it fills `kept`, and they give the rows; else `fallback` makes the join. No order.
struct KeptBatches {
  std::vector<Batch> batches;
};
OperatorPtr MakeKeptRows(std::shared_ptr<const KeptBatches> kept, Variables variables,
                         Variables sorted_by, Context& context);
OperatorPtr MakeBranchJoin(OperatorPtr left, std::vector<ScanSpec> patterns,
                           std::shared_ptr<KeptBatches> kept, OperatorPtr branches,
                           MakeFallbackJoin fallback, Context& context);

// The left is read whole into `kept` and `values`, then `joined` gives the rows: a join of
// MakeKeptRows(kept, ...) with what is worked out for the values.
OperatorPtr MakeGivenJoin(OperatorPtr left, std::shared_ptr<OuterRelation> values,
                          std::shared_ptr<KeptBatches> kept, OperatorPtr joined, Context& context);

// The right side of a left join, semijoin or antijoin.
struct RightSide {
  OperatorPtr rows;
  // If given, the left side is read whole first, and its distinct values fill it: `rows` read them.
  std::shared_ptr<OuterRelation> outer;

  // Another way to the rows that matter, where the left side turns out to be small beside these
  // patterns: its distinct values fill `outer`, and `rows` look them up. Columns as in `rows`
  // above.
  struct Lookup {
    std::vector<ScanSpec> patterns;
    std::shared_ptr<OuterRelation> outer;
    OperatorPtr rows;
  };
  std::optional<Lookup> lookup;
};
// The right side is kept. Conditions see shape.variables.
OperatorPtr MakeLeftJoin(JoinShape shape, OperatorPtr left, RightSide right,
                         RowConditions conditions, Context& context);
// Left rows that have (or, as an antijoin, lack) an agreeing row; in the left's order.
OperatorPtr MakeSemiJoin(bool anti, JoinShape shape, OperatorPtr left, RightSide right,
                         RowConditions conditions, Context& context);

// --- Row by row

OperatorPtr MakeUnionAll(Variables variables, std::vector<OperatorPtr> inputs, Context& context);
OperatorPtr MakeFilter(OperatorPtr input, RowConditions conditions, Context& context);
// In place of an existing column of that name, or after all others.
OperatorPtr MakeExtend(OperatorPtr input, algebra::Variable variable,
                       std::unique_ptr<Evaluator> expression, Context& context);
OperatorPtr MakeProject(OperatorPtr input, Variables variables);
OperatorPtr MakeLimit(OperatorPtr input, std::optional<uint64_t> limit, uint64_t offset,
                      const Variables& ties, Context& context);

// --- Whole inputs

// `may_stop`: see algebra::Distinct.
OperatorPtr MakeDistinct(OperatorPtr input, bool may_stop, Context& context);
// `most`: only that many first rows are wanted, and with `ties` those equal to the last on the
// keys.
OperatorPtr MakeSort(OperatorPtr input, std::vector<algebra::SortKey> keys,
                     std::optional<uint64_t> most, bool ties, Context& context);

struct AggregateColumn {
  algebra::AggregateFunction function;
  bool distinct;
  std::unique_ptr<Evaluator> argument;  // as in algebra::Aggregate
  std::unique_ptr<Evaluator> by;        // kFirst and kLast only
  algebra::Variable result;
};
OperatorPtr MakeGroup(OperatorPtr input, Variables keys, std::vector<AggregateColumn> aggregates,
                      Context& context);

}  // namespace annals::exec

#endif  // QUERY_EXEC_OPERATORS_H_

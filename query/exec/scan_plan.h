// Which permutation a pattern reads, below which prefix, and what is tested on each row.
#ifndef QUERY_EXEC_SCAN_PLAN_H_
#define QUERY_EXEC_SCAN_PLAN_H_

#include <cstddef>
#include <utility>
#include <vector>

#include "query/algebra/plan.h"
#include "query/exec/join_shape.h"
#include "storage/graph/view.h"

namespace annals::exec {

struct ScanPlan {
  // Its output is `variables` first, then columns that are only tested.
  ScanSpec spec;
  Variables variables;
  // With probes (an index join) spec.prefix has an undefined place for each of them.
  struct Probe {
    algebra::Variable variable;
    size_t prefix_place;
  };
  std::vector<Probe> probes;

  // Tests on rows, by position in spec.output.
  std::vector<std::pair<size_t, TermId>> equal_constants;
  std::vector<std::pair<size_t, size_t>> equal_columns;
  std::vector<size_t> defined;     // that must not be empty
  std::optional<size_t> new_fact;  // a column that must differ from the row before

  // Rows that are equal in `variables` follow each other and may be read as one (NextRuns).
  bool reads_runs = false;
  // A column after `variables`: the number of facts that a row stands for. Empty: none is asked.
  algebra::Variable count;

  // Order of the rows (below one prefix).
  Variables sorted_by;

  bool has_tests() const {
    return !equal_constants.empty() || !equal_columns.empty() || !defined.empty() ||
           new_fact.has_value();
  }
};

// Tests on rows as a scan gives them: those that pass are moved to the front, and how many they are
// returned. `last_fact` is the scan's, undefined at first.
size_t TestRows(const ScanPlan& plan, size_t rows, std::vector<std::vector<TermId>>* columns,
                TermId* last_fact);

// The best permutation for the pattern: the longest prefix of constants (and of `probes`, variables
// whose values will be given), then one whose order begins with `sort_first` (may be empty), then
// (predicate, time) for a window.
ScanPlan PlanScan(const algebra::Scan& scan, const Variables& probes = {},
                  const algebra::Variable& sort_first = {});

// The pattern without its source; `fact` is the variable of the fact, which joins it with
// SourcesOfFact.
algebra::Scan WithoutSource(const algebra::Scan& scan, const algebra::Variable& fact);
algebra::Scan SourcesOfFact(const algebra::Scan& scan, const algebra::Variable& fact);

}  // namespace annals::exec

#endif  // QUERY_EXEC_SCAN_PLAN_H_

// Plans into plans that give the same rows sooner: named passes, run in the order of a table.
#ifndef QUERY_OPTIMIZER_OPTIMIZER_H_
#define QUERY_OPTIMIZER_OPTIMIZER_H_

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query/algebra/plan.h"
#include "storage/base/status.h"
#include "storage/graph/view.h"

namespace annals::optimizer {

struct PassInfo {
  std::string_view name;
  std::string_view description;  // what it does, for `explain` and the documentation
};
// In the order in which they run.
std::span<const PassInfo> Passes();

struct Options {
  // Constants are looked up and statistics read here; must be what the plan will run on.
  const GraphView& view;
  // Names of passes to leave out. Names that no pass has are not noticed.
  std::set<std::string, std::less<>> disabled = {};
  // UTC seconds of the question's clock; without it today() and now() are left to the run, and
  // conditions on them don't narrow scans.
  std::optional<int64_t> now = std::nullopt;
  // Whether to set estimated_rows on every node (`explain`), which costs look-ups.
  bool estimates = false;
};

struct Report {
  // Names of the passes that changed the plan, in the order in which they ran.
  std::vector<std::string_view> fired;
};

// Gives the same columns in the same order and the same rows (in the same order where the plan
// sorts) as `plan`. `report` may be null. Fails with storage errors only; Internal if a pass breaks
// its promise, which debug builds check after every pass.
absl::StatusOr<algebra::PlanPtr> Optimize(algebra::PlanPtr plan, const Options& options,
                                          Report* report = nullptr);

}  // namespace annals::optimizer

#endif  // QUERY_OPTIMIZER_OPTIMIZER_H_

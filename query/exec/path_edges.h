// The facts that one step of a path may follow, by the end that it comes from: looked up as they
// are asked for and kept, or, once that has become dearer, read all at once.
#ifndef QUERY_EXEC_PATH_EDGES_H_
#define QUERY_EXEC_PATH_EDGES_H_

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "query/exec/operator.h"
#include "query/exec/scan_plan.h"

namespace annals::exec {

struct PathEdge {
  TermId to;
  // Of a chain only; the instants only in time order, else the widest.
  uint64_t fact = 0;
  int64_t first = INT64_MIN, last = INT64_MAX;
  friend bool operator==(const PathEdge&, const PathEdge&) = default;
};

class PathEdges {
 public:
  // From the ends where the way begins or, `backward`, from those to which it leads. Of all facts
  // that lead to the same there is one edge, `with_facts` that of the least number; in time order
  // each is one. `path` is read here.
  PathEdges(const algebra::PathWay& way, const algebra::Path& path, bool backward, bool with_facts,
            Context& context);

  // Of so many ends, or fewer, the edges will be asked for next.
  absl::Status Expect(size_t ends);
  // Ordered by `to`, then fact. Borrowed until the next call.
  absl::StatusOr<std::span<const PathEdge>> Of(TermId end);
  // Reads all, and adds the ends that have edges.
  absl::Status AddEnds(std::vector<TermId>* ends);

 private:
  struct Range {
    size_t begin = 0, end = 0;
    bool finished = false;
  };

  absl::Status CountProbes();
  absl::Status LookUp(TermId end);
  absl::Status ReadAll();
  // Appends the rows of a scan as edges, and to `ends`, if not null, where they come from.
  absl::Status Read(RowScan& scan, const ScanPlan& plan, std::vector<TermId>* ends);
  absl::Status AddRows(const std::vector<std::vector<TermId>>& columns, size_t rows,
                       const ScanPlan& plan, std::vector<TermId>* ends);
  // Puts edges that come from ends[i] beside those of the same end, which stay in their order.
  absl::Status GroupByEnd(const std::vector<TermId>& ends);
  // Sorts the edges of an end, and drops those that need not be there.
  void Finish(Range* range);
  absl::Status Reserve();

  Context& context_;
  const bool with_facts_, with_times_;
  std::vector<TermId> except_;
  algebra::Scan scan_;
  algebra::Variable from_, to_;
  ScanPlan probe_;
  std::unique_ptr<RowScan> probes_;
  uint64_t probes_made_ = 0;
  uint64_t most_probes_ = 0;  // 0: not known yet
  bool all_read_ = false;
  std::vector<PathEdge> edges_;
  absl::flat_hash_map<TermId, Range> ranges_;
  TermFetcher times_;
  Reservation reservation_;
};

}  // namespace annals::exec

#endif  // QUERY_EXEC_PATH_EDGES_H_

// The facts that one step of a path may follow, by the end that it comes from: looked up as they
// are asked for and kept, or, once that has become dearer, read all at once.
#ifndef QUERY_EXEC_PATH_EDGES_H_
#define QUERY_EXEC_PATH_EDGES_H_

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "query/exec/operator.h"
#include "query/exec/scan_plan.h"
#include "query/exec/term_pages.h"

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
  // With facts: ordered by `to`, then fact. Borrowed until the next call.
  absl::StatusOr<std::span<const PathEdge>> Of(TermId end);
  // Without facts: where the edges lead, in no order, some perhaps several times. Borrowed
  // likewise.
  absl::StatusOr<std::span<const TermId>> TargetsOf(TermId end);
  bool all_read() const { return all_read_; }
  // Reads all, and adds the ends that have edges.
  absl::Status AddEnds(std::vector<TermId>* ends);

 private:
  struct Range {
    size_t begin = 0, end = 0;
    bool finished = false;
  };

  // Looked up if need be; null: there are none.
  absl::StatusOr<const Range*> RangeOf(TermId end);
  absl::Status CountProbes();
  absl::Status LookUp(TermId end);
  absl::Status ReadAll();
  // Appends the rows of a scan as edges, and to `ends`, if not null, the numbers of the ends that
  // they come from.
  absl::Status Read(RowScan& scan, const ScanPlan& plan, std::vector<uint32_t>* ends);
  absl::Status AddRows(const std::vector<std::vector<TermId>>& columns, size_t rows,
                       const ScanPlan& plan, std::vector<uint32_t>* ends);
  // Puts edges that come from ends[i] beside those of the same end, which stay in their order.
  template <typename Edge>
  absl::Status GroupByEnd(const std::vector<uint32_t>& ends, std::vector<Edge>* edges);
  // Drops the edges of an end that need not be there; with facts sorts them.
  void Finish(Range* range);
  size_t edge_count() const { return edges_.size() + targets_.size(); }
  absl::Status Reserve();

  Context& context_;
  const bool with_facts_, with_times_;
  std::vector<TermId> except_;
  algebra::Scan scan_;
  algebra::Variable from_, to_;
  ScanPlan probe_;
  std::unique_ptr<RowScan> probes_;
  uint64_t probes_made_ = 0;
  uint64_t most_probes_ = 0;   // 0: not known yet
  uint64_t probed_ = 0;        // edges that probes gave
  size_t looked_up_from_ = 0;  // the first edge of the last probe
  uint64_t most_probed_ = 0;
  bool reads_runs_ = false;  // all at once
  TermSet met_;              // scratch
  bool all_read_ = false;
  std::vector<PathEdge> edges_;        // with facts
  std::vector<TermId> targets_;        // without
  TermNumbers ends_;                   // whose edges are here
  std::vector<Range> ranges_;          // of the edges, by the end's number
  std::vector<uint64_t> run_lengths_;  // scratch
  TermFetcher times_;
  Reservation reservation_;
};

}  // namespace annals::exec

#endif  // QUERY_EXEC_PATH_EDGES_H_

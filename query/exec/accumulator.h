// One aggregate of a Group, for all groups at once.
//
//   count(*)      rows
//   count(x)      values that are not empty
//   sum, avg      of numbers (exact on integers and decimals), or, where a group has no number, of
//                 durations; other values are passed over. The sum of nothing is 0, its mean empty
//   min, max      the first or last value in term order
//   list          the values in term order
//   first, last   the value whose `by` is first or last in term order; of several, the first or
//                 last value. Rows in which one of the two is empty are passed over
#ifndef QUERY_EXEC_ACCUMULATOR_H_
#define QUERY_EXEC_ACCUMULATOR_H_

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "query/exec/operators.h"

namespace annals::exec {

class Accumulator {
 public:
  virtual ~Accumulator() = default;
  // groups[i] is the group of row i; all are below `group_count`.
  virtual absl::Status Add(const Batch& batch, std::span<const uint32_t> groups,
                           size_t group_count) = 0;
  // Before the rows of another share (parallel.h) are added. From the first call on, what depends
  // on the order of the rows waits for MergeShare.
  virtual void BeginShare() {}
  // Adds what waits of the n-th share of `other`, an accumulator of the same aggregate; shares are
  // merged in their order. groups[i] is the group here of its group i.
  virtual absl::Status MergeShare(Accumulator& /*other*/, size_t /*n*/,
                                  std::span<const uint32_t> /*groups*/, size_t /*group_count*/) {
    return absl::OkStatus();
  }
  // Adds all the rest of it. Only where MergesAcrossThreads.
  virtual absl::Status Merge(Accumulator& other, std::span<const uint32_t> groups,
                             size_t group_count) = 0;
  // The value of each of the groups; once, at the end.
  virtual absl::Status Finish(size_t group_count, std::vector<TermId>* values) = 0;
  virtual uint64_t bytes() const = 0;
};

std::unique_ptr<Accumulator> MakeAccumulator(AggregateColumn aggregate, Context& context);

}  // namespace annals::exec

#endif  // QUERY_EXEC_ACCUMULATOR_H_

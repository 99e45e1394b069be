// What is known about a predicate, kept by every commit (the squares about, all else exactly) and
// counted anew by every fold.
//
//   key   'c' predicate:u64
//   value version:1 facts dated_facts distinct_subjects distinct_objects (varint64)
//         first_instant last_instant (ordered int64) longest (varint64)
//         subject_squares object_squares (varint64)
//         counted_facts distinct_times time_squares subject_object_pairs subject_time_pairs
//         (varint64)
//
// The version is 3. Rows of version 1 lack the squares, and are read as evenly spread; those and
// rows of version 2 lack what follows, and are read as never counted. Commits leave these five as
// they are: a reader takes them in proportion to the facts.
#ifndef STORAGE_GRAPH_STATISTICS_H_
#define STORAGE_GRAPH_STATISTICS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/base/status.h"
#include "storage/graph/view.h"

namespace annals {

struct PredicateRow {
  // Removals leave the instants and the longest time as they are: they are bounds.
  PredicateStatistics numbers;

  // Takes in an inline time of a fact.
  void AddInlineTime(TermId time);
  void AddInstants(int64_t first, int64_t last);

  // A fact that is added or removed; `known`: others have its subject (object) as well.
  void AddFact(bool subject_known, bool object_known);
  void RemoveFact(bool subject_known, bool object_known);

  std::string Encode() const;
  static absl::StatusOr<PredicateRow> Decode(TermId predicate, std::string_view bytes);
};

}  // namespace annals

#endif  // STORAGE_GRAPH_STATISTICS_H_

// What of a load is new to the store, found in sorted passes over both.
#ifndef STORAGE_GRAPH_LOAD_MATCH_H_
#define STORAGE_GRAPH_LOAD_MATCH_H_

#include <cstdint>
#include <vector>

#include "storage/base/status.h"
#include "storage/graph/fold.h"
#include "storage/graph/graph_view.h"
#include "storage/graph/load_content.h"
#include "storage/graph/relation.h"

namespace annals {

struct LoadMatch {
  BulkLoad::Result result;
  // Terms that the store lacks, by kind and key: their numbers go on from its last.
  std::vector<TermKey> new_terms;
  // By subject, predicate, object and time; numbers go on from the store's last.
  std::vector<Fact> new_facts;
  // By fact and source: of new facts and of known ones, with the transaction that is to tell them.
  std::vector<Assertion> new_assertions;
};

absl::StatusOr<LoadMatch> MatchLoad(const LoadContent& content, const StoredView& view);

// The new rows of a permutation.
RowColumns RowsOfLoad(const LoadMatch& match, Permutation permutation);

}  // namespace annals

#endif  // STORAGE_GRAPH_LOAD_MATCH_H_

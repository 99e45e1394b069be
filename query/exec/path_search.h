// The search that runs a path: from one end, breadth first, through the places of its automaton.
#ifndef QUERY_EXEC_PATH_SEARCH_H_
#define QUERY_EXEC_PATH_SEARCH_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "query/exec/operator.h"

namespace annals::exec {

struct Reached {
  TermId end;
  std::vector<uint64_t> chain;  // facts, from the path's beginning; empty unless it has a chain
  uint64_t length = 0;          // of the shortest chain
};

class PathSearch {
 public:
  virtual ~PathSearch() = default;
  // The other ends of chains of one fact or more, each once; with a `target` at most that. Where
  // the path may be empty, `start` itself is left to the caller.
  virtual absl::Status From(TermId start, std::optional<TermId> target,
                            std::vector<Reached>* reached) = 0;
  // Every end that a chain of one fact or more begins with, and perhaps others.
  virtual absl::Status AddStarts(std::vector<TermId>* starts) = 0;
};

// From the beginning of the path or, `backward`, from its end. `path` is read here only.
std::unique_ptr<PathSearch> MakePathSearch(const algebra::Path& path, bool backward,
                                           Context& context);

}  // namespace annals::exec

#endif  // QUERY_EXEC_PATH_SEARCH_H_

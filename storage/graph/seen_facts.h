// What merges make one: ids that are seen as one entity, and the facts, as they were told, that
// questions see as one fact. What is told, taken back and counted is so by the fact that is seen.
#ifndef STORAGE_GRAPH_SEEN_FACTS_H_
#define STORAGE_GRAPH_SEEN_FACTS_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "storage/base/status.h"
#include "storage/graph/declarations.h"
#include "storage/graph/store.h"
#include "storage/graph/view.h"
#include "storage/model/fact.h"

namespace annals {

class SeenFacts {
 public:
  // Nothing is merged.
  SeenFacts() = default;
  // The merges of `view`. It and the views given below are of a Store, and show what was told.
  static absl::StatusOr<SeenFacts> Read(const GraphView& view);

  bool merges() const { return !entities_.empty(); }
  // Is this the predicate by which entities are merged? Its facts are about both, each by itself.
  bool IsMapping(TermId predicate) const { return merges() && predicate == merged_into_; }
  TermId Canonical(TermId id) const { return IdsOf(id).front(); }
  // All ids that are seen as the same entity, the one that they are seen as first.
  std::vector<TermId> IdsOf(TermId id) const;

  // May other facts be seen as this one, by its entities or those of what it is about?
  absl::StatusOr<bool> MayBeSeenAsOther(const GraphView& view, const Fact& fact) const;
  // All that a fact may have been told as, there or not: by every name of its three terms.
  std::vector<Fact> AsTold(const Fact& fact) const;
  // The facts of the view that are seen as this one, itself included, by number. `fact` needs none.
  absl::StatusOr<std::vector<Fact>> FactsSeenAs(const GraphView& view, const Fact& fact) const;
  // A number that is the same for all facts of the view that are seen as this one, which is there.
  absl::StatusOr<uint64_t> NumberOf(const GraphView& view, const Fact& fact) const;
  // The number of a fact that merges what this one would, where that is one already; else 0.
  absl::StatusOr<uint64_t> MergedBy(const GraphView& view, const Fact& fact) const;
  // Which of the facts were told by a source, by what name, it having one or none (undefined).
  absl::StatusOr<std::vector<Removal>> TellingsBy(const GraphView& view,
                                                  const std::vector<Fact>& facts,
                                                  TermId source) const;
  // Of how many facts all that is seen as one is among these, which the view still has. Qualifiers
  // are not counted.
  absl::StatusOr<uint64_t> CountWhole(const GraphView& view, const std::vector<Fact>& facts) const;

 private:
  using Ids = std::shared_ptr<std::vector<TermId>>;
  absl::flat_hash_map<TermId, Ids> entities_;  // of those that are merged, and those they are now
  TermId merged_into_;
};

// Of tellings that are seen as one, there being any: the number of the fact that more is said about
// by who told them, `wanted` if it is told by one of them.
uint64_t NumberAmong(const std::vector<Removal>& tellings, uint64_t wanted);

// Tells a fact, whose number isn't looked at, of a source or none, by the names that its entities
// are seen under, unless tellings are seen as this one: then these are appended to `known` (it may
// be null), and the number is that of one of their facts. The result counts facts as they are seen.
absl::StatusOr<AddResult> AddUnlessSeen(WriteTransaction& transaction, const SeenFacts& seen,
                                        const Fact& fact, TermId source,
                                        std::vector<Removal>* known);

}  // namespace annals

#endif  // STORAGE_GRAPH_SEEN_FACTS_H_

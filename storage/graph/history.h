// The past of a store: what was told when, what was taken back when, and views of what the store
// knew at a time or of what the sources that were out by a time say.
#ifndef STORAGE_GRAPH_HISTORY_H_
#define STORAGE_GRAPH_HISTORY_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "storage/base/status.h"
#include "storage/graph/view.h"

namespace annals {

// One telling of a fact. Transactions are those of GraphView::TransactionTime; a telling of a
// transaction that is not committed yet has a number beyond the last.
struct Telling {
  Fact fact;
  TermId source;  // undefined: told without one
  uint64_t added = 0;
  std::optional<uint64_t> removed;  // none: it still stands
};

// Every telling of (subject, predicate, object), whatever its time, by the transaction that added
// it.
absl::StatusOr<std::vector<Telling>> HistoryOf(const GraphView& view, TermId subject,
                                               TermId predicate, TermId object);

struct PastOptions {
  // What the store knew at this instant: facts, qualifiers and sources. Names, declarations and
  // statistics stay those of now.
  std::optional<int64_t> as_of;
  // Only what sources say that were published by this instant: those whose `published` ends by
  // then. Facts without a source are not said by anyone, but for what is told of such a source.
  std::optional<int64_t> published_by;
};

// `now` is a view of a Store (its snapshot or a transaction's).
absl::StatusOr<std::shared_ptr<const GraphView>> MakePastView(std::shared_ptr<const GraphView> now,
                                                              const PastOptions& options);

}  // namespace annals

#endif  // STORAGE_GRAPH_HISTORY_H_

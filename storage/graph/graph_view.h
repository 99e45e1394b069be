// The GraphView over a kv::View: of a snapshot, or of a transaction's writes on top of one.
#ifndef STORAGE_GRAPH_GRAPH_VIEW_H_
#define STORAGE_GRAPH_GRAPH_VIEW_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "storage/graph/meta.h"
#include "storage/graph/row_scan.h"
#include "storage/graph/statistics.h"
#include "storage/graph/view.h"
#include "storage/kv/kv.h"

namespace annals {

// What is kept of a transaction: when it committed, in UTC seconds, and the last fact number then.
struct TransactionRow {
  int64_t seconds = 0;
  uint64_t last_fact = 0;
};

// What Annals' own parts see beyond the interface.
class StoredView : public GraphView, public ScanSource {
 public:
  virtual const kv::View& kv() const = 0;
  const Meta& meta() const override = 0;
  // Every assertion of a fact: its source and the transaction that told it.
  struct Told {
    TermId source;
    uint64_t transaction = 0;
  };
  virtual absl::StatusOr<std::vector<Told>> Tellings(uint64_t fact) const = 0;
  // The last that is committed; of a transaction's view the one before it.
  virtual uint64_t last_transaction() const = 0;
  virtual absl::StatusOr<TransactionRow> TransactionRowOf(uint64_t transaction) const = 0;
};

// What a view knows without reading. Of a transaction it changes under the view.
struct ViewState {
  Meta meta;
  std::string base_iri;
  // Rows that the transaction has changed, by the predicate's bits; facts = 0: the row is gone.
  absl::flat_hash_map<uint64_t, PredicateRow> statistics;
  // For Statistics(); unset: 0.
  std::function<uint64_t()> disk_bytes;
};

std::shared_ptr<const StoredView> MakeStoredView(std::shared_ptr<const kv::View> kv,
                                                 ViewState state);

// `base` is the view of the snapshot that the transaction stands on. After a rollback of `kv`'s
// writes, forget_iterators must be called before the view is read.
struct TransactionView {
  std::shared_ptr<const StoredView> view;
  std::function<void()> forget_iterators;
};
TransactionView MakeTransactionView(std::shared_ptr<const kv::View> kv,
                                    std::shared_ptr<const ViewState> state,
                                    std::shared_ptr<const StoredView> base);

}  // namespace annals

#endif  // STORAGE_GRAPH_GRAPH_VIEW_H_

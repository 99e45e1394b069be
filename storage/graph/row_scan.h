// Scans over a permutation: base blocks and delta rows merged, filtered by time, in batches.
#ifndef STORAGE_GRAPH_ROW_SCAN_H_
#define STORAGE_GRAPH_ROW_SCAN_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "storage/base/status.h"
#include "storage/graph/meta.h"
#include "storage/graph/statistics.h"
#include "storage/graph/view.h"
#include "storage/kv/kv.h"

namespace annals {

// Iterators that wait to be used again: making one costs as much as a look-up.
//
// Threads: any.
class IteratorPool {
 public:
  explicit IteratorPool(std::shared_ptr<const kv::View> view) : view_(std::move(view)) {}

  // An iterator on loan; back in the pool when this goes. The pool must outlive it.
  class Loan {
   public:
    Loan() = default;
    Loan(const IteratorPool* pool, std::unique_ptr<kv::Iterator> iterator, uint64_t epoch)
        : pool_(pool), iterator_(std::move(iterator)), epoch_(epoch) {}
    Loan(Loan&&) = default;
    Loan& operator=(Loan&&) = default;
    ~Loan() {
      if (iterator_ != nullptr) pool_->Return(std::move(iterator_), epoch_);
    }
    kv::Iterator* get() const { return iterator_.get(); }

   private:
    const IteratorPool* pool_ = nullptr;
    std::unique_ptr<kv::Iterator> iterator_;
    uint64_t epoch_ = 0;
  };
  Loan Take() const;
  // Iterators lent before are not taken back.
  void Forget();
  const kv::View& view() const { return *view_; }

 private:
  void Return(std::unique_ptr<kv::Iterator> iterator, uint64_t epoch) const;

  const std::shared_ptr<const kv::View> view_;
  mutable std::mutex mutex_;
  mutable uint64_t epoch_ = 0;
  mutable std::vector<std::unique_ptr<kv::Iterator>> free_;
};

// What a scan needs of its view.
class ScanSource {
 public:
  virtual ~ScanSource() = default;
  virtual const Meta& meta() const = 0;
  // Of what is in packed blocks, and of what changes.
  virtual const IteratorPool& base_pool() const = 0;
  virtual const IteratorPool& delta_pool() const = 0;
  virtual absl::StatusOr<PredicateRow> PredicateRowOf(TermId predicate) const = 0;
  virtual absl::StatusOr<Term> TermOf(TermId id) const = 0;
};

// The scan keeps `source` alive.
absl::StatusOr<std::unique_ptr<RowScan>> MakeRowScan(std::shared_ptr<const ScanSource> source,
                                                     const ScanSpec& spec);

// As GraphView::Split, cut at the ends of packed blocks; keeps `source` alive.
std::unique_ptr<ScanSplitter> MakeScanSplitter(std::shared_ptr<const ScanSource> source,
                                               const ScanSpec& spec, uint64_t rows);

// As GraphView::Sampler; keeps `source` alive.
std::unique_ptr<RowSampler> MakeRowSampler(std::shared_ptr<const ScanSource> source,
                                           Permutation permutation);

// As GraphView::CountRows.
absl::StatusOr<uint64_t> CountScanRows(const ScanSource& source, const ScanSpec& spec);

}  // namespace annals

#endif  // STORAGE_GRAPH_ROW_SCAN_H_

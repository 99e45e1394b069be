// The seam to storage: all that running a plan needs from it, so that another engine could be put
// under the same questions. Implemented over a GraphView by MakeGraphSource.
//
// Threads: any, where Split gives shares; else one at a time.
#ifndef QUERY_EXEC_QUAD_SOURCE_H_
#define QUERY_EXEC_QUAD_SOURCE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "storage/base/status.h"
#include "storage/graph/view.h"

namespace annals::exec {

class QuadSource {
 public:
  virtual ~QuadSource() = default;
  virtual absl::StatusOr<std::unique_ptr<RowScan>> Scan(const ScanSpec& spec) const = 0;
  virtual absl::StatusOr<uint64_t> CountRows(const ScanSpec& spec) const = 0;
  // As GraphView::Split.
  virtual absl::StatusOr<std::unique_ptr<ScanSplitter>> Split(const ScanSpec& /*spec*/,
                                                              uint64_t /*rows*/) const {
    return std::unique_ptr<ScanSplitter>();
  }
  virtual absl::StatusOr<TermId> Find(const Term& term) const = 0;
  virtual absl::Status GetBatch(std::span<const TermId> ids, std::vector<Term>* out) const = 0;
  virtual absl::StatusOr<std::optional<Fact>> GetFact(uint64_t number) const = 0;
  virtual absl::StatusOr<std::vector<TermId>> SourcesOf(uint64_t fact) const = 0;
  virtual const std::string& base_iri() const = 0;
};

// `view` must outlive the result.
std::unique_ptr<QuadSource> MakeGraphSource(const GraphView& view);

}  // namespace annals::exec

#endif  // QUERY_EXEC_QUAD_SOURCE_H_

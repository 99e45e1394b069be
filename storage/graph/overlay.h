// A view that differs from another by rows that are hidden and rows that are added: what the store
// knew at a time, what some sources say. All else (names, terms, statistics, declarations) is the
// base's.
#ifndef STORAGE_GRAPH_OVERLAY_H_
#define STORAGE_GRAPH_OVERLAY_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "storage/base/status.h"
#include "storage/graph/relation.h"
#include "storage/graph/view.h"

namespace annals {

class Overlay {
 public:
  virtual ~Overlay() = default;
  // Is this fact of the base not there?
  virtual absl::StatusOr<bool> HidesFact(uint64_t fact) const = 0;
  // Of a fact that may be there: is it not told by this source (undefined: by none)? Its
  // transaction where the scan has it.
  virtual absl::StatusOr<bool> HidesAssertion(uint64_t fact, TermId source,
                                              std::optional<uint64_t> transaction) const = 0;
};

// Assertions that are there besides; facts among them that the base has and `overlay` shows give
// rows of assertions only.
absl::StatusOr<std::shared_ptr<const GraphView>> MakeOverlayView(
    std::shared_ptr<const GraphView> base, std::unique_ptr<const Overlay> overlay,
    std::vector<Assertion> added);

}  // namespace annals

#endif  // STORAGE_GRAPH_OVERLAY_H_

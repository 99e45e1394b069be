// A view that differs from another by rows that are hidden and rows that are added: what the store
// knew at a time, what some sources say. All else (names, terms, statistics, declarations) is the
// base's.
#ifndef STORAGE_GRAPH_OVERLAY_H_
#define STORAGE_GRAPH_OVERLAY_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
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
  // All that it hides, where that is known; then ranges without such rows are read as they are.
  // Null: it may hide anything.
  virtual const std::vector<Assertion>* hidden() const { return nullptr; }
};

// Terms that the base lacks, under ids that no dictionary gives out.
class AddedTerms {
 public:
  // The id of a term of a view, a new one if it has none.
  absl::StatusOr<TermId> Intern(const Term& term, const GraphView& view);
  const Term* Get(TermId id) const;
  TermId Find(const Term& term) const;  // undefined if it is not one of these
  bool empty() const { return terms_.empty(); }
  size_t size() const { return terms_.size(); }

 private:
  std::vector<Term> terms_;
  std::map<std::string, TermId> ids_;  // by UniqueKey
};

// Assertions that are there besides; facts among them that the base has and `overlay` shows give
// rows of assertions only. `check`, if given, is called now and then, and its error is returned.
absl::StatusOr<std::shared_ptr<const GraphView>> MakeOverlayView(
    std::shared_ptr<const GraphView> base, std::unique_ptr<const Overlay> overlay,
    std::vector<Assertion> added, AddedTerms terms = {},
    const std::function<absl::Status()>& check = nullptr);

// What a view takes for each added assertion (an allocator's share and terms left out), and what
// it takes besides while it is made.
inline constexpr uint64_t kAddedBytes = sizeof(Assertion) + 7 * sizeof(uint32_t);
inline constexpr uint64_t kAddingBytes = sizeof(Row) + 2 * sizeof(uint32_t);

}  // namespace annals

#endif  // STORAGE_GRAPH_OVERLAY_H_

// The names index: every spelling of every entity, folded and in Latin letters, so that names are
// found whatever their case, spacing, accents or script.
//
//   'n' 'a' spelling:ordered-string entity:u64          an alias, exactly
//   'n' 'f' folded 0 entity:u64 kind:1 spelling         FoldName of a name ('1') or an alias ('2')
//   'n' 'l' latin 0 entity:u64 kind:1 spelling          LatinKey of it, if it is not all ASCII
//
// Values are empty. Folded and Latin keys hold no byte 0. A name itself is found by the dictionary.
#ifndef STORAGE_GRAPH_NAMES_H_
#define STORAGE_GRAPH_NAMES_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/status.h"
#include "storage/graph/dictionary.h"
#include "storage/graph/row_scan.h"
#include "storage/graph/view.h"
#include "storage/kv/kv.h"

namespace annals {

// Reads; cheap to make. The pool and the dictionary must outlive it.
//
// Threads: any.
class NamesIndex {
 public:
  NamesIndex(const IteratorPool& pool, const Dictionary& dictionary)
      : pool_(pool), dictionary_(dictionary) {}

  // As GraphView.
  absl::StatusOr<std::vector<NameMatch>> ResolveName(std::string_view name, bool loose) const;
  absl::StatusOr<std::vector<NameMatch>> NearestNames(std::string_view name, size_t limit) const;
  absl::StatusOr<std::vector<std::string>> NamesWithPrefix(std::string_view prefix,
                                                           size_t limit) const;

 private:
  absl::Status FindAlias(std::string_view spelling, std::vector<NameMatch>* matches) const;
  absl::Status FindFolded(std::string_view folded, std::vector<NameMatch>* matches) const;

  const IteratorPool& pool_;
  const Dictionary& dictionary_;
};

// Writes the rows of a spelling: of a new entity's name, or of an alias.
absl::Status AddName(kv::Transaction& transaction, std::string_view spelling, TermId entity,
                     bool alias);
absl::Status AddName(kv::Batch& batch, std::string_view spelling, TermId entity, bool alias);
// When the last fact that gives the entity this alias goes.
absl::Status RemoveAlias(kv::Transaction& transaction, std::string_view spelling, TermId entity);

}  // namespace annals

#endif  // STORAGE_GRAPH_NAMES_H_

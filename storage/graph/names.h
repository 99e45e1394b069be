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
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/status.h"
#include "storage/graph/dictionary.h"
#include "storage/graph/row_scan.h"
#include "storage/graph/view.h"
#include "storage/kv/kv.h"

namespace annals {

// Reads; cheap to make. What it is given must outlive it. Passes over rows of entities after
// meta.last_term: a load that was cut off has left them.
//
// Threads: any.
class NamesIndex {
 public:
  NamesIndex(const IteratorPool& pool, const Dictionary& dictionary, const Meta& meta)
      : pool_(pool), dictionary_(dictionary), meta_(meta) {}

  // As GraphView.
  absl::StatusOr<std::vector<NameMatch>> ResolveName(std::string_view name, bool loose) const;
  absl::Status ResolveNames(std::span<const std::string_view> names, bool loose, size_t threads,
                            std::vector<NameMeaning>* meanings) const;
  absl::StatusOr<std::vector<NameMatch>> NearestNames(std::string_view name, size_t limit) const;
  absl::StatusOr<std::vector<std::string>> NamesWithPrefix(std::string_view prefix,
                                                           size_t limit) const;

 private:
  absl::Status FindAlias(std::string_view spelling, std::vector<NameMatch>* matches) const;
  absl::Status FindFolded(std::string_view folded, std::vector<NameMatch>* matches) const;
  // Each fills in the meanings of names that are unknown so far.
  absl::Status FindEntities(std::span<const std::string_view> names, size_t threads,
                            std::vector<NameMeaning>* meanings) const;
  absl::Status FindAliases(std::span<const std::string_view> names,
                           std::vector<NameMeaning>* meanings) const;
  absl::Status FindAllFolded(std::span<const std::string_view> names, size_t threads,
                             std::vector<NameMeaning>* meanings) const;

  const IteratorPool& pool_;
  const Dictionary& dictionary_;
  const Meta& meta_;
};

// Writes the rows of a spelling: of a new entity's name, or of an alias.
absl::Status AddName(kv::Transaction& transaction, std::string_view spelling, TermId entity,
                     bool alias);
absl::Status AddName(kv::Batch& batch, std::string_view spelling, TermId entity, bool alias);
struct WriteNamesOptions {
  size_t threads = 1;
  uint64_t memory_bytes = 0;  // about, beyond which temporary files are used; 0: any
  std::string database;       // where these may be (kv::ScratchFile)
};
// Writes those of the names among new terms, numbered from `first_number` on, at once.
absl::Status WriteNames(std::span<const TermKey> terms, uint64_t first_number,
                        const WriteNamesOptions& options, kv::IngestionFile& file);
// Deletes what a load has left that was cut off: rows of entities after `last_term`.
absl::Status RemoveNamesAfter(kv::Store& kv, uint64_t last_term);
// When the last fact that gives the entity this alias goes.
void RemoveAlias(kv::Transaction& transaction, std::string_view spelling, TermId entity);
void RemoveAlias(kv::Batch& batch, std::string_view spelling, TermId entity);

}  // namespace annals

#endif  // STORAGE_GRAPH_NAMES_H_

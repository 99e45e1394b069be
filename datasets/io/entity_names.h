// Names in the data of a load as the entities that they mean: the one so named, else the one that
// has exactly that alias, in the store or in this load, else a new one.
#ifndef DATASETS_IO_ENTITY_NAMES_H_
#define DATASETS_IO_ENTITY_NAMES_H_

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/source_text.h"
#include "storage/base/status.h"
#include "storage/graph/store.h"

namespace annals::datasets {

class EntityNames {
 public:
  // `view` is the store before the load.
  EntityNames(const GraphView& view, BulkLoad& load);
  ~EntityNames();

  // Remembers the first error (an ambiguous alias, a damaged store): see status().
  BulkLoad::Handle Of(std::string_view name);
  // The same, but the name may be looked up later, with many others at once: then the load
  // replaces the handle by that of the entity. An error is remembered when Settle is called, or at
  // any call before, and `place`, where the reader met the name, with it.
  BulkLoad::Handle Later(std::string_view name, std::optional<Span> place = {});
  // Looks up what Later has put off. Gives back `reached`, how a file's reading ended, unless one
  // of these names has an error, which was met before that.
  absl::Status Settle(absl::Status reached);
  // What a handle that Later gave is replaced by, or itself.
  BulkLoad::Handle Settled(BulkLoad::Handle name);
  // An alias that this load declares, before any names are asked for.
  void Declare(std::string_view alias, std::string_view entity);

  // Is it an entity's own name, in the store or so far in this load?
  bool IsEntity(std::string_view name);

  const absl::Status& status() const;
  // Where the name stands that the status is about; none if Later was given none.
  const std::optional<Span>& fault() const;
  // Names that the store did not have, in order of appearance; they live as long as the load. Call
  // Settle before.
  std::vector<std::string_view> new_names() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// How the reading of a file ended, with the file's name if it was by an error of names.
absl::Status InFile(absl::Status ended, const EntityNames& names, const std::string& path);

// "new name 'Kim Jong Un' looks like 'Kim Jong-un'...", at most `limit` of them, for names that
// match a known entity when folded.
absl::StatusOr<std::vector<std::string>> LookAlikeNotes(const GraphView& view,
                                                        std::span<const std::string_view> new_names,
                                                        size_t limit);

}  // namespace annals::datasets

#endif  // DATASETS_IO_ENTITY_NAMES_H_

// Dataset files in the Annals language itself: declarations and facts, no questions.
#ifndef DATASETS_IO_ANNALS_FILE_H_
#define DATASETS_IO_ANNALS_FILE_H_

#include <optional>
#include <string>
#include <string_view>

#include "datasets/io/delimited.h"
#include "datasets/io/entity_names.h"
#include "storage/base/status.h"
#include "storage/graph/store.h"

namespace annals::datasets {

// Tells all of `text` (the file `path`) to `load`. `source`, if given, is the source of every fact
// that has no `from` of its own. Statements may come in any order: aliases hold for the whole file.
// Errors are InvalidArgument with file, line, column and a caret.
absl::Status ReadAnnalsFile(std::string_view text, const std::string& path,
                            const std::optional<std::string>& source, const GraphView& view,
                            const ProgressFunction& progress, EntityNames& names, BulkLoad& load);

}  // namespace annals::datasets

#endif  // DATASETS_IO_ANNALS_FILE_H_

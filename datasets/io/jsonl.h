// Dataset files of JSON lines: on each line one article with its facts, or one fact
// (docs/datasets.md, docs/article.schema.json).
#ifndef DATASETS_IO_JSONL_H_
#define DATASETS_IO_JSONL_H_

#include <memory>
#include <optional>
#include <string>

#include "datasets/io/delimited.h"
#include "datasets/io/entity_names.h"
#include "storage/base/status.h"
#include "storage/graph/store.h"

namespace annals::datasets {

// Tells all of `text` (the file `path`) to `load`. `source`, if given, is the source of the facts
// that stand alone on a line and name none. Lines may come in any order: aliases hold for the whole
// file. Errors are InvalidArgument with file, line, column and a caret.
absl::Status ReadJsonLines(std::string text, const std::string& path,
                           const std::optional<std::string>& source, const GraphView& view,
                           const ProgressFunction& progress, EntityNames& names, BulkLoad& load);

}  // namespace annals::datasets

#endif  // DATASETS_IO_JSONL_H_

// Readers of tables of facts: comma-separated (RFC 4180) and tab-separated files.
#ifndef DATASETS_IO_DELIMITED_H_
#define DATASETS_IO_DELIMITED_H_

#include <functional>
#include <string>

#include "datasets/io/columns.h"
#include "datasets/io/input.h"
#include "storage/base/status.h"
#include "storage/graph/store.h"

namespace annals::datasets {

enum class Delimiter { kComma, kTab };

// Called now and then with the facts read so far; an error ends the reading (a limit, Ctrl-C).
using ProgressFunction = std::function<absl::Status(uint64_t facts)>;

// Tells every row of `input` to `load`. Errors are InvalidArgument, with `path`, line and column
// and the line's text with a caret. Lines may end in LF, CRLF or CR; empty lines are passed over; a
// quoted CSV field may hold line ends; a tab-separated one is taken as it stands, quotes too.
absl::Status ReadDelimited(Input& input, const std::string& path, Delimiter delimiter,
                           const TableOptions& options, const ProgressFunction& progress,
                           EntityNames& names, BulkLoad& load);

}  // namespace annals::datasets

#endif  // DATASETS_IO_DELIMITED_H_

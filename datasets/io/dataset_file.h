// A file to be loaded, whatever its format, and the table of formats.
#ifndef DATASETS_IO_DATASET_FILE_H_
#define DATASETS_IO_DATASET_FILE_H_

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "datasets/io/columns.h"
#include "datasets/io/entity_names.h"
#include "datasets/io/input.h"
#include "storage/base/status.h"
#include "storage/graph/store.h"

namespace annals::datasets {

// Called now and then with the facts read so far; an error ends the reading (a limit, Ctrl-C).
using ProgressFunction = std::function<absl::Status(uint64_t facts)>;

// A record that can't be told: a row of a table, or a line.
struct Reject {
  std::string path;
  uint64_t line = 0, column = 0;  // of the fault
  std::string message;
  std::string_view record;  // of the file's text, only while it is given
};
// Takes what is passed over; an error ends the reading.
using RejectFunction = std::function<absl::Status(const Reject& reject)>;

// Of a fault that a SourceText of this name has told: its message says where. `line` is where it is
// if the message doesn't.
Reject RejectOf(const absl::Status& fault, const std::string& path, uint64_t line,
                std::string_view record);

// What a load reads from and tells to. All of it outlives the files.
struct LoadTarget {
  const GraphView& view;  // the store before the load
  EntityNames& names;
  BulkLoad& load;
  // If there is one, formats of records go on after a fault in one, of which nothing is told.
  const RejectFunction& reject;
  // What the load may keep in memory, 0 if nothing says so: readers take a small part of it.
  uint64_t memory_bytes = 0;
  // Says where temporary files may be (kv::ScratchFile).
  std::string database = ":memory:";
  OpenFunction open = nullptr;
  size_t files = 1;  // of the load

  // Longer texts of files don't stand in memory as a whole.
  uint64_t text_bytes() const;
};

// The calls are Declare, Tell and Check, each for all files of a load before the next, so that
// names mean the same in all of them. Errors are InvalidArgument with file, line, column and a
// caret, or those of the input.
class DatasetFile {
 public:
  virtual ~DatasetFile() = default;
  // Aliases, which must be known before names are looked up.
  virtual absl::Status Declare() { return absl::OkStatus(); }
  virtual absl::Status Tell(const ProgressFunction& progress) = 0;
  // What can be checked only when all is told.
  virtual absl::Status Check() { return absl::OkStatus(); }
};

struct DatasetFormat {
  std::string_view name;  // and the ending of files: "csv"
  std::string_view description;
  bool table;    // has columns
  bool records;  // a fault in one of them leaves the others readable
  std::unique_ptr<DatasetFile> (*make)(const std::string& path, const TableOptions& options,
                                       const LoadTarget& target);
};

std::span<const DatasetFormat> DatasetFormats();
// By a format's name, or by a file's: "events.csv.gz" is csv. Nothing if there is none.
const DatasetFormat* FindFormat(std::string_view name);
const DatasetFormat* FormatOfFile(std::string_view path);

std::unique_ptr<DatasetFile> MakeAnnalsFile(const std::string& path, const TableOptions& options,
                                            const LoadTarget& target);
std::unique_ptr<DatasetFile> MakeCsvFile(const std::string& path, const TableOptions& options,
                                         const LoadTarget& target);
std::unique_ptr<DatasetFile> MakeTsvFile(const std::string& path, const TableOptions& options,
                                         const LoadTarget& target);
std::unique_ptr<DatasetFile> MakeJsonLinesFile(const std::string& path, const TableOptions& options,
                                               const LoadTarget& target);
std::unique_ptr<DatasetFile> MakeNTriplesFile(const std::string& path, const TableOptions& options,
                                              const LoadTarget& target);
std::unique_ptr<DatasetFile> MakeNQuadsFile(const std::string& path, const TableOptions& options,
                                            const LoadTarget& target);
std::unique_ptr<DatasetFile> MakeTurtleFile(const std::string& path, const TableOptions& options,
                                            const LoadTarget& target);
std::unique_ptr<DatasetFile> MakeTrigFile(const std::string& path, const TableOptions& options,
                                          const LoadTarget& target);

// Longer files are read in pieces, or not at all.
inline constexpr uint64_t kLongestWhole = uint64_t{2} << 30;

}  // namespace annals::datasets

#endif  // DATASETS_IO_DATASET_FILE_H_

// A file that is written whole or not at all: beside its place first, then renamed.
#ifndef DATASETS_IO_OUTPUT_H_
#define DATASETS_IO_OUTPUT_H_

#include <memory>
#include <string>
#include <string_view>

#include "storage/base/status.h"

namespace annals::datasets {

class Output {
 public:
  virtual ~Output() = default;  // without Commit: nothing is left behind
  // Unavailable, with the path, where writing fails; so do all calls after it.
  virtual absl::Status Write(std::string_view bytes) = 0;
  // On disk when it returns OK; a file that stood there is replaced.
  virtual absl::Status Commit() = 0;
};

// Compressed where the path ends in .gz or .zst. A path that can't be written is an error at once.
absl::StatusOr<std::unique_ptr<Output>> OpenOutput(const std::string& path);

}  // namespace annals::datasets

#endif  // DATASETS_IO_OUTPUT_H_

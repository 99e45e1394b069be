// Bytes of a dataset file, plain, gzip or zstd, read in order with bounded memory.
#ifndef DATASETS_IO_INPUT_H_
#define DATASETS_IO_INPUT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "storage/base/status.h"

namespace annals::datasets {

class Input {
 public:
  virtual ~Input() = default;
  // Up to `size` bytes into `buffer`; 0 at the end. Cut or damaged gzip or zstd data is
  // InvalidArgument, a read that fails Unavailable; both name the file.
  virtual absl::StatusOr<size_t> Read(char* buffer, size_t size) = 0;
};

// The path that stands for standard input.
inline constexpr std::string_view kStandardInput = "-";

// Asked now and then while a pipe is waited for; an error ends the waiting.
using WaitFunction = std::function<absl::Status()>;

// A directory, or a file that is missing or not readable, is an error that says so. Whether the
// file is compressed is seen from its first bytes, not from its name.
absl::StatusOr<std::unique_ptr<Input>> OpenInput(const std::string& path, WaitFunction check);

// How a file of this path is opened: by OpenInput, or so that it gives other bytes.
using OpenFunction = std::function<absl::StatusOr<std::unique_ptr<Input>>(const std::string& path)>;

// InvalidArgument unless `text` is UTF-8 without NUL, naming the file and the byte's offset in it
// (`offset` is that of the text's first byte) and the line.
absl::Status CheckText(std::string_view text, const std::string& path, uint64_t offset,
                       uint64_t line);

// Says that the first bytes of a file are UTF-16, if they are or look so.
absl::Status CheckEncoding(std::string_view first_bytes, const std::string& path);

inline constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

}  // namespace annals::datasets

#endif  // DATASETS_IO_INPUT_H_

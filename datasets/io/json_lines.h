// The values of a text of JSON lines, parsed by several threads and given in order.
#ifndef DATASETS_IO_JSON_LINES_H_
#define DATASETS_IO_JSON_LINES_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "datasets/io/json_value.h"
#include "storage/base/status.h"

namespace annals::datasets {

struct JsonLine {
  std::string_view text;  // without its end
  uint64_t number = 0;    // from 1
  JsonValue value;
  std::optional<JsonFault> fault;  // then there is no value
};

// Calls `use`, never twice at once, for the lines that `wanted` takes; empty ones are passed over.
// An error of `use` ends the reading. `wanted` may be called from several threads at once.
// JsonReader::kPadding bytes behind `text` must be readable. `passed`, which may be unset, is told
// which lines won't be looked at again.
absl::Status ReadJsonLines(std::string_view text, size_t threads,
                           const std::function<bool(std::string_view line)>& wanted,
                           const std::function<absl::Status(const JsonLine& line)>& use,
                           const std::function<void(std::string_view lines)>& passed = nullptr);

}  // namespace annals::datasets

#endif  // DATASETS_IO_JSON_LINES_H_

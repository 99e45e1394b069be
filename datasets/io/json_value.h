// One JSON value as a tree that knows where in its line each part stands, for messages.
#ifndef DATASETS_IO_JSON_VALUE_H_
#define DATASETS_IO_JSON_VALUE_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/source_text.h"

namespace annals::datasets {

struct JsonMember;

struct JsonValue {
  enum class Kind { kNull, kBoolean, kNumber, kString, kArray, kObject };
  Kind kind = Kind::kNull;
  Span span;                        // in the line; of an array or object its first bracket
  std::string text;                 // of a string, unescaped; of a number or boolean as written
  std::vector<JsonValue> items;     // of an array
  std::vector<JsonMember> members;  // of an object, in order; no key stands there twice
};

struct JsonMember {
  std::string key;
  Span key_span;
  JsonValue value;
};

struct JsonFault {
  Span span;
  std::string message;
  std::string hint = {};
};

// Reads lines, one value each. Not for several threads.
class JsonReader {
 public:
  // Bytes that must be readable behind the text that is read.
  static constexpr size_t kPadding = 64;

  JsonReader();
  ~JsonReader();
  // All of `line` as one value; what is wrong with it, or nothing. kPadding bytes after it are
  // looked at and not used. `line` is UTF-8. Nesting has a limit.
  std::optional<JsonFault> Read(std::string_view line, JsonValue* value);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace annals::datasets

#endif  // DATASETS_IO_JSON_VALUE_H_

// Source text that a user wrote (a statement, a script, a data file), spans in it, and the
// messages that show a line of it with a caret under the fault.
#ifndef STORAGE_BASE_SOURCE_TEXT_H_
#define STORAGE_BASE_SOURCE_TEXT_H_

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace annals {

// Half-open byte range [begin, end) of a SourceText.
struct Span {
  size_t begin = 0;
  size_t end = 0;
  friend bool operator==(const Span&, const Span&) = default;
};

// The text is borrowed: it must outlive the object. `name` is the file's name, or empty for text
// typed at the shell or passed with -c. Threads: any number may read it.
class SourceText {
 public:
  explicit SourceText(std::string_view text, std::string name = "", size_t first_line = 1)
      : text_(text), name_(std::move(name)), first_line_(first_line) {}

  std::string_view text() const { return text_; }
  const std::string& name() const { return name_; }
  std::string_view Slice(Span span) const {
    return text_.substr(span.begin, span.end - span.begin);
  }

  struct Position {
    size_t line;        // from 1; LF, CRLF and a lone CR each end a line
    size_t column;      // from 1, in grapheme clusters, as an editor counts
    size_t line_begin;  // byte offsets of the line, without its terminator
    size_t line_end;
  };
  // A long text is read up to the line's end once; then only what is near the place.
  Position Locate(size_t offset) const;

  // InvalidArgument with this message (no colon or full stop at its end; `hint`, if any, becomes a
  // last line of its own):
  //     line 1, column 23: expected ',' after the subject          (typed text)
  //     facts.annals:1:23: expected ',' after the subject          (a named file)
  //      1 | find ?who where (?who met Kim)
  //        |                       ^
  //     hint: ...
  // Writers put "error: " before it. The caret's place counts terminal cells, so it stands right
  // under wide and combining characters; a span of several cells is underlined `^~~~`; a line
  // longer than the terminal is cut around the fault; control characters are shown escaped.
  absl::Status Error(Span span, std::string_view message, std::string_view hint = "") const;

 private:
  // A place from which lines and columns can be counted on.
  struct Mark {
    size_t offset = 0;  // no cluster goes across it
    size_t line = 0;    // line ends before it
    size_t line_begin = 0;
    size_t column = 0;  // clusters before it on its line
  };
  // Counts on to `to`.
  void MoveTo(size_t to, Mark* mark) const;
  // Sets the next mark, or learns that there is no more.
  void AddMark() const;

  std::string_view text_;
  std::string name_;
  size_t first_line_;
  mutable std::mutex mutex_;
  // Some thousand bytes apart, ascending; none in a short text.
  mutable std::vector<Mark> marks_;
  mutable bool all_marked_ = false;
};

}  // namespace annals

#endif  // STORAGE_BASE_SOURCE_TEXT_H_

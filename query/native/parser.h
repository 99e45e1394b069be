// Text to syntax trees. Errors are InvalidArgument with line, column and a caret; they say what was
// expected. Time and memory are linear in the text; nesting deeper than kDeepest is refused.
#ifndef QUERY_NATIVE_PARSER_H_
#define QUERY_NATIVE_PARSER_H_

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "query/native/ast.h"
#include "storage/base/source_text.h"
#include "storage/base/status.h"

namespace annals::native {

// Each brace, sign or `not` is a level; parentheses of an expression are two.
inline constexpr size_t kDeepest = 200;

// Parses the statement that begins at *offset and moves *offset past it and its `;`, also when it
// has a fault (then to where reading may go on: after the next `;`). Nullopt at the end of the
// text.
absl::StatusOr<std::optional<Statement>> ParseNext(const SourceText& text, size_t* offset);

// An `add` or a `from` block that may have any number of facts, in parts: each is a statement of
// that kind with some of the facts, so that memory is bounded.
class StatementParts {
 public:
  // Does such a statement begin there?
  static bool BeginsAt(std::string_view text, size_t begin);

  static constexpr size_t kPart = size_t{64} << 10;

  // Both outlive it. `*offset` is where it begins. A part ends with the fact that ends after so
  // many bytes of text.
  StatementParts(const SourceText& text, size_t* offset, size_t part_bytes = kPart)
      : text_(text), offset_(*offset), begin_(*offset), part_bytes_(part_bytes) {}

  // The next part; nullopt after the last. Moves the offset as ParseNext does, past the statement
  // with the last part or a fault.
  absl::StatusOr<std::optional<Statement>> Next();

 private:
  absl::Status Begin(std::vector<Pattern>* facts);
  absl::Status ReadFacts(std::vector<Pattern>* facts);

  const SourceText& text_;
  size_t& offset_;
  const size_t begin_, part_bytes_;
  std::optional<TermExpr> source_;  // of a block, once it has begun
  bool begun_ = false;
  bool ended_ = false;
};

// Behind white space, comments and `;`.
size_t StatementBegin(std::string_view text, size_t offset);

// From a statement's `begin` to behind the first `;` not before `at` that ends one, or the text's
// end, without parsing: it may err in what is no statement.
size_t SkipStatements(std::string_view text, size_t begin, size_t at);

absl::StatusOr<std::vector<Statement>> ParseScript(const SourceText& text);

// Does the text end inside a statement, so that more could be typed?
bool IsIncomplete(std::string_view text);

}  // namespace annals::native

#endif  // QUERY_NATIVE_PARSER_H_

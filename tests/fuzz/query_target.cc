#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "query/native/dump.h"
#include "query/native/parser.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/targets.h"

namespace annals::fuzz {

namespace {

using native::Statement;

std::vector<native::Pattern>& FactsOf(Statement& statement) {
  auto* const block = std::get_if<native::FromBlock>(&statement.node);
  return block != nullptr ? block->facts : std::get<native::Add>(statement.node).facts;
}

// An `add` or a `from` block says the same read in parts, or has a fault too.
void ExpectSameInParts(const SourceText& text, size_t begin, size_t end,
                       const absl::StatusOr<std::optional<Statement>>& whole) {
  size_t offset = begin;
  native::StatementParts parts(text, &offset, /*part_bytes=*/8);
  std::optional<Statement> all;
  absl::StatusOr<std::optional<Statement>> part;
  while ((part = parts.Next()).ok() && part->has_value()) {
    if (!all.has_value()) {
      all = std::move(**part);
      continue;
    }
    for (native::Pattern& fact : FactsOf(**part)) FactsOf(*all).push_back(std::move(fact));
  }
  Expect(part.ok() == whole.ok(), "parts of a statement have another fault");
  if (!whole.ok()) return ExpectNoDefect(part.status());
  Expect(all.has_value() && offset == end, "parts of a statement end elsewhere");
  Expect(native::DumpAst(*all) == native::DumpAst(**whole), "parts say something else");
}

}  // namespace

void ParseQuery(std::string_view bytes) {
  if (bytes.size() % 4 == 0) (void)native::IsIncomplete(bytes);
  const SourceText text(bytes);
  for (size_t offset = 0, before = 0;; before = offset) {
    const size_t begin = native::StatementBegin(bytes, offset);
    const auto statement = native::ParseNext(text, &offset);
    ExpectNoDefect(statement.status());
    Expect(offset <= bytes.size(), "parsing goes on behind the end");
    if (statement.ok() && !statement->has_value()) break;
    if (statement.ok()) (void)native::DumpAst(**statement);
    if (native::StatementParts::BeginsAt(bytes, begin)) {
      ExpectSameInParts(text, begin, offset, statement);
    }
    Expect(offset > before, "parsing does not go on");
  }
}

}  // namespace annals::fuzz

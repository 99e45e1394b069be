#include "query/native/dump.h"
#include "query/native/parser.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/targets.h"

namespace annals::fuzz {

void ParseQuery(std::string_view bytes) {
  if (bytes.size() % 4 == 0) (void)native::IsIncomplete(bytes);
  const SourceText text(bytes);
  for (size_t offset = 0, before = 0;; before = offset) {
    const auto statement = native::ParseNext(text, &offset);
    ExpectNoDefect(statement.status());
    Expect(offset <= bytes.size(), "parsing goes on behind the end");
    if (statement.ok() && !statement->has_value()) break;
    if (statement.ok()) (void)native::DumpAst(**statement);
    Expect(offset > before, "parsing does not go on");
  }
}

}  // namespace annals::fuzz

#include "query/results/writer.h"

namespace annals::results {

std::span<const FormatRow> Formats() {
  static constexpr FormatRow kFormats[] = {
      {"table", "aligned columns, for reading", MakeTableWriter},
      {"csv", "comma-separated values with a header (RFC 4180)", MakeCsvWriter},
      {"tsv", "tab-separated values with a header", MakeTsvWriter},
      {"json", "one line a statement: an array of objects, or true or false", MakeJsonWriter},
      {"jsonl", "one object a line", MakeJsonLinesWriter},
      {"markdown", "a Markdown table", MakeMarkdownWriter},
  };
  return kFormats;
}

}  // namespace annals::results

#include "datasets/io/dataset_file.h"

#include "absl/strings/numbers.h"
#include "storage/base/text.h"
#include "storage/graph/bulk_load.h"

namespace annals::datasets {
namespace {

constexpr DatasetFormat kFormats[] = {
    {"annals", "facts and declarations in the language", false, true, &MakeAnnalsFile},
    {"csv", "a table of facts, comma-separated (RFC 4180)", true, true, &MakeCsvFile},
    {"tsv", "a table of facts, tab-separated", true, true, &MakeTsvFile},
    {"jsonl", "articles with their facts, or facts, one a line", false, true, &MakeJsonLinesFile},
    {"nt", "RDF: N-Triples", false, true, &MakeNTriplesFile},
    {"nq", "RDF: N-Quads, whose graphs are sources", false, true, &MakeNQuadsFile},
    {"ttl", "RDF: Turtle", false, false, &MakeTurtleFile},
    {"trig", "RDF: TriG, whose graphs are sources", false, false, &MakeTrigFile},
};

constexpr std::string_view kCompressed[] = {".gz", ".zst"};

}  // namespace

uint64_t LoadTarget::text_bytes() const {
  constexpr uint64_t kLeast = 4096;
  const uint64_t of_all = (memory_bytes == 0 ? DefaultLoadMemory() : memory_bytes) / 8;
  return std::max(of_all / std::max<uint64_t>(files, 1), kLeast);
}

Reject RejectOf(const absl::Status& fault, const std::string& path, uint64_t line,
                std::string_view record) {
  std::string_view message = ToStd(fault.message());
  message = message.substr(0, message.find('\n'));
  Reject reject{path, line, 1, "", record};
  if (message.starts_with(path + ":")) message.remove_prefix(path.size() + 1);
  const size_t line_end = message.find(':');
  const size_t column_end = line_end == message.npos ? line_end : message.find(": ", line_end);
  uint64_t at_line = 0, at_column = 0;
  if (column_end != message.npos &&
      absl::SimpleAtoi(ToAbsl(message.substr(0, line_end)), &at_line) &&
      absl::SimpleAtoi(ToAbsl(message.substr(line_end + 1, column_end - line_end - 1)),
                       &at_column)) {
    reject.line = at_line;
    reject.column = at_column;
    message.remove_prefix(column_end + 1);
  }
  while (message.starts_with(' ')) message.remove_prefix(1);
  reject.message = message;
  return reject;
}

std::span<const DatasetFormat> DatasetFormats() { return kFormats; }

const DatasetFormat* FindFormat(std::string_view name) {
  for (const DatasetFormat& format : kFormats) {
    if (AsciiLower(name) == format.name) return &format;
  }
  return nullptr;
}

const DatasetFormat* FormatOfFile(std::string_view path) {
  for (std::string_view ending : kCompressed) {
    if (!AsciiLower(path).ends_with(ending)) continue;
    path.remove_suffix(ending.size());
    break;
  }
  const size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? nullptr : FindFormat(path.substr(dot + 1));
}

}  // namespace annals::datasets

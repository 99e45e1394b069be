#include "datasets/io/dataset_file.h"

#include "storage/base/text.h"

namespace annals::datasets {
namespace {

constexpr DatasetFormat kFormats[] = {
    {"annals", "facts and declarations in the language", false, false, &MakeAnnalsFile},
    {"csv", "a table of facts, comma-separated (RFC 4180)", true, true, &MakeCsvFile},
    {"tsv", "a table of facts, tab-separated", true, true, &MakeTsvFile},
    {"jsonl", "articles with their facts, or facts, one a line", false, true, &MakeJsonLinesFile},
    {"nt", "RDF: N-Triples", false, false, &MakeNTriplesFile},
    {"nq", "RDF: N-Quads, whose graphs are sources", false, false, &MakeNQuadsFile},
    {"ttl", "RDF: Turtle", false, false, &MakeTurtleFile},
    {"trig", "RDF: TriG, whose graphs are sources", false, false, &MakeTrigFile},
};

constexpr std::string_view kCompressed[] = {".gz", ".zst"};

}  // namespace

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

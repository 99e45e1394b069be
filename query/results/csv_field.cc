#include "query/results/csv_field.h"

namespace annals::results {
namespace {

bool NeedsQuotes(std::string_view field, bool text) {
  if (field.find_first_of(",\"\r\n") != std::string_view::npos) return true;
  if (!text) return false;
  if (field.empty() || field.front() == ' ' || field.back() == ' ') return true;
  return std::string_view("=+-@\t").find(field.front()) != std::string_view::npos;
}

}  // namespace

void AppendCsvField(std::string_view field, bool text, std::string* line) {
  if (!NeedsQuotes(field, text)) {
    *line += field;
    return;
  }
  *line += '"';
  for (char c : field) {
    if (c == '"') *line += '"';
    *line += c;
  }
  *line += '"';
}

}  // namespace annals::results

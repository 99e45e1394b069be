// A field of a CSV file, as all that write one do.
#ifndef QUERY_RESULTS_CSV_FIELD_H_
#define QUERY_RESULTS_CSV_FIELD_H_

#include <string>
#include <string_view>

namespace annals::results {

// With RFC 4180's quotes where need be. A text, other than a number, has them also where a
// spreadsheet would run it as a formula or trim it, and if it is empty, so that it differs from an
// empty value.
void AppendCsvField(std::string_view field, bool text, std::string* line);

}  // namespace annals::results

#endif  // QUERY_RESULTS_CSV_FIELD_H_

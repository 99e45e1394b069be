// Writers of answers: a table of formats, each a Writer that is given rows of cells and writes
// bytes to a sink.
#ifndef QUERY_RESULTS_WRITER_H_
#define QUERY_RESULTS_WRITER_H_

#include <cstddef>
#include <memory>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace annals::results {

// A value as writers need it.
struct Cell {
  enum class Kind { kEmpty, kNumber, kBoolean, kText, kList };
  Kind kind = Kind::kEmpty;
  std::string text;         // as displayed; of a list: its items joined by ", "
  std::vector<Cell> items;  // of a list
};

struct WriterOptions {
  size_t width = 0;       // of a table in terminal cells; 0: as wide as it gets
  bool terminal = false;  // escape what a terminal would obey
};

// Calls: Begin, Row for each row, End; or Answer alone for a yes/no question; or Text alone for
// text such as a plan. Errors of the stream are the caller's to look for.
class Writer {
 public:
  virtual ~Writer() = default;
  virtual void Begin(std::span<const std::string> columns) = 0;
  virtual void Row(std::span<const Cell> cells) = 0;
  virtual void End() = 0;
  virtual void Answer(bool yes) = 0;
  virtual void Text(std::string_view text) = 0;
};

struct FormatRow {
  std::string_view name;
  std::string_view description;
  std::unique_ptr<Writer> (*make)(std::ostream& out, const WriterOptions& options);
};

// In the order of annals::Format.
std::span<const FormatRow> Formats();

std::unique_ptr<Writer> MakeTableWriter(std::ostream& out, const WriterOptions& options);
std::unique_ptr<Writer> MakeMarkdownWriter(std::ostream& out, const WriterOptions& options);
std::unique_ptr<Writer> MakeCsvWriter(std::ostream& out, const WriterOptions& options);
std::unique_ptr<Writer> MakeTsvWriter(std::ostream& out, const WriterOptions& options);
std::unique_ptr<Writer> MakeJsonWriter(std::ostream& out, const WriterOptions& options);
std::unique_ptr<Writer> MakeJsonLinesWriter(std::ostream& out, const WriterOptions& options);

}  // namespace annals::results

#endif  // QUERY_RESULTS_WRITER_H_

// CSV and TSV.
#include <string>

#include "query/results/csv_field.h"
#include "query/results/writer.h"
#include "storage/base/text.h"

namespace annals::results {
namespace {

void AppendCsv(const Cell& cell, std::string* line) {
  if (cell.kind == Cell::Kind::kEmpty) return;
  const bool text = cell.kind == Cell::Kind::kText || cell.kind == Cell::Kind::kList;
  AppendCsvField(cell.text, text, line);
}

// A value can hold no tab and no line end in TSV: they are written as \t, \n and \r.
void AppendTsv(const Cell& cell, std::string* line) {
  for (char c : cell.text) {
    switch (c) {
      case '\t':
        *line += "\\t";
        break;
      case '\n':
        *line += "\\n";
        break;
      case '\r':
        *line += "\\r";
        break;
      default:
        *line += c;
    }
  }
}

class DelimitedWriter : public Writer {
 public:
  using AppendFunction = void (*)(const Cell&, std::string*);
  DelimitedWriter(std::ostream& out, const WriterOptions& options, char separator,
                  AppendFunction append)
      : out_(out), terminal_(options.terminal), separator_(separator), append_(append) {}

  void Begin(std::span<const std::string> columns) override {
    line_.clear();
    for (size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) line_ += separator_;
      Append(Cell{Cell::Kind::kText, columns[i], {}});
    }
    Flush();
  }
  void Row(std::span<const Cell> cells) override {
    line_.clear();
    for (size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) line_ += separator_;
      Append(cells[i]);
    }
    Flush();
  }
  void End() override {}
  void Answer(bool yes) override { out_ << "answer\n" << (yes ? "yes" : "no") << '\n'; }
  void Text(std::string_view text) override {
    out_ << (terminal_ ? EscapeLinesForDisplay(text) : std::string(text)) << '\n';
  }

 private:
  void Append(const Cell& cell) {
    if (terminal_) {
      append_(Cell{cell.kind, EscapeForDisplay(cell.text), {}}, &line_);
    } else {
      append_(cell, &line_);
    }
  }
  void Flush() {
    line_ += '\n';
    out_.write(line_.data(), static_cast<std::streamsize>(line_.size()));
  }

  std::ostream& out_;
  bool terminal_;
  char separator_;
  AppendFunction append_;
  std::string line_;
};

}  // namespace

std::unique_ptr<Writer> MakeCsvWriter(std::ostream& out, const WriterOptions& options) {
  return std::make_unique<DelimitedWriter>(out, options, ',', AppendCsv);
}

std::unique_ptr<Writer> MakeTsvWriter(std::ostream& out, const WriterOptions& options) {
  return std::make_unique<DelimitedWriter>(out, options, '\t', AppendTsv);
}

}  // namespace annals::results

// Aligned tables for reading, and Markdown tables: widths in terminal cells, so that Cyrillic, CJK
// and combining letters line up.
#include <algorithm>
#include <string>

#include "query/results/writer.h"
#include "storage/base/text.h"

namespace annals::results {
namespace {

// Rows whose widths are measured before the first is written; later rows are cut to these widths,
// so that an answer of any size is written in bounded memory.
constexpr size_t kMeasuredRows = 5000;
constexpr size_t kNarrowest = 8;

struct Field {
  std::string text;
  size_t width = 0;
  bool right = false;
};

std::string Spaces(size_t n) { return std::string(n, ' '); }

// Takes cells from the widest columns until the table fits.
void Fit(size_t available, std::vector<size_t>* widths) {
  size_t total = 0;
  for (size_t width : *widths) total += width;
  while (total > available) {
    const auto widest = std::max_element(widths->begin(), widths->end());
    if (*widest <= kNarrowest) return;
    size_t next = kNarrowest;
    for (size_t width : *widths) {
      if (width < *widest) next = std::max(next, width);
    }
    const size_t cut = std::max<size_t>(1, std::min(total - available, *widest - next));
    *widest -= cut;
    total -= cut;
  }
}

class TableWriter : public Writer {
 public:
  TableWriter(std::ostream& out, const WriterOptions& options) : out_(out), options_(options) {}

  void Begin(std::span<const std::string> columns) override {
    header_.clear();
    rows_.clear();
    widths_.assign(columns.size(), 0);
    laid_out_ = false;
    for (const std::string& column : columns) {
      header_.push_back(MakeField(Cell{Cell::Kind::kText, column, {}}));
    }
  }
  void Row(std::span<const Cell> cells) override {
    std::vector<Field> row;
    row.reserve(cells.size());
    for (const Cell& cell : cells) row.push_back(MakeField(cell));
    if (laid_out_) {
      WriteRow(row);
      return;
    }
    rows_.push_back(std::move(row));
    if (rows_.size() >= kMeasuredRows) LayOut();
  }
  void End() override {
    if (!laid_out_) LayOut();
  }
  void Answer(bool yes) override { out_ << (yes ? "yes\n" : "no\n"); }
  void Text(std::string_view text) override {
    out_ << (options_.terminal ? EscapeLinesForDisplay(text) : std::string(text)) << '\n';
  }

 private:
  Field MakeField(const Cell& cell) const {
    // A line end inside a value would break the table, on a terminal or not.
    Field field{EscapeForDisplay(cell.text), 0, cell.kind == Cell::Kind::kNumber};
    field.width = DisplayWidth(field.text);
    return field;
  }

  void LayOut() {
    laid_out_ = true;
    for (size_t i = 0; i < header_.size(); ++i) widths_[i] = std::max<size_t>(1, header_[i].width);
    for (const auto& row : rows_) {
      for (size_t i = 0; i < row.size(); ++i) widths_[i] = std::max(widths_[i], row[i].width);
    }
    if (options_.width > 0) {
      const size_t separators = widths_.empty() ? 0 : (widths_.size() - 1) * 3;
      Fit(options_.width > separators ? options_.width - separators : 1, &widths_);
    }
    WriteRow(header_);
    std::string rule;
    for (size_t i = 0; i < widths_.size(); ++i) {
      if (i > 0) rule += "-+-";
      rule += std::string(widths_[i], '-');
    }
    out_ << rule << '\n';
    for (const auto& row : rows_) WriteRow(row);
    rows_.clear();
  }

  void WriteRow(const std::vector<Field>& row) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      if (i > 0) line += " | ";
      std::string text = row[i].text;
      size_t width = row[i].width;
      if (width > widths_[i]) {
        text = std::string(PrefixOfWidth(text, widths_[i] - 1));
        width = DisplayWidth(text) + 1;
        text += "…";
      }
      const std::string padding = Spaces(widths_[i] - width);
      const bool last = i + 1 == row.size();
      line += row[i].right ? padding + text : last ? text : text + padding;
    }
    line += '\n';
    out_.write(line.data(), static_cast<std::streamsize>(line.size()));
  }

  std::ostream& out_;
  WriterOptions options_;
  std::vector<Field> header_;
  std::vector<std::vector<Field>> rows_;
  std::vector<size_t> widths_;
  bool laid_out_ = false;
};

class MarkdownWriter : public Writer {
 public:
  MarkdownWriter(std::ostream& out, bool terminal) : out_(out), terminal_(terminal) {}

  void Begin(std::span<const std::string> columns) override {
    std::string line = "|", rule = "|";
    for (const std::string& column : columns) {
      line += ' ' + Escape(column) + " |";
      rule += " --- |";
    }
    out_ << line << '\n' << rule << '\n';
  }
  void Row(std::span<const Cell> cells) override {
    std::string line = "|";
    for (const Cell& cell : cells) line += ' ' + Escape(cell.text) + " |";
    out_ << line << '\n';
  }
  void End() override {}
  void Answer(bool yes) override { out_ << (yes ? "yes\n" : "no\n"); }
  void Text(std::string_view text) override {
    out_ << "```\n" << (terminal_ ? EscapeLinesForDisplay(text) : std::string(text)) << "\n```\n";
  }

 private:
  static std::string Escape(const std::string& text) {
    std::string result;
    for (char c : EscapeForDisplay(text)) {
      if (c == '|' || c == '\\' || c == '<' || c == '*' || c == '_' || c == '`') result += '\\';
      result += c;
    }
    return result;
  }

  std::ostream& out_;
  bool terminal_;
};

}  // namespace

std::unique_ptr<Writer> MakeTableWriter(std::ostream& out, const WriterOptions& options) {
  return std::make_unique<TableWriter>(out, options);
}

std::unique_ptr<Writer> MakeMarkdownWriter(std::ostream& out, const WriterOptions& options) {
  return std::make_unique<MarkdownWriter>(out, options.terminal);
}

}  // namespace annals::results

// JSON (a line a statement) and JSON Lines (a line a row), RFC 8259. Texts are valid UTF-8 already.
#include <string>

#include "query/results/writer.h"

namespace annals::results {
namespace {

void AppendString(std::string_view text, std::string* out) {
  static constexpr char kHex[] = "0123456789abcdef";
  *out += '"';
  for (char c : text) {
    switch (c) {
      case '"':
        *out += "\\\"";
        break;
      case '\\':
        *out += "\\\\";
        break;
      case '\n':
        *out += "\\n";
        break;
      case '\t':
        *out += "\\t";
        break;
      case '\r':
        *out += "\\r";
        break;
      default:
        if (const auto byte = static_cast<unsigned char>(c); byte < 0x20 || byte == 0x7f) {
          *out += "\\u00";
          *out += kHex[byte >> 4];
          *out += kHex[byte & 15];
        } else {
          *out += c;
        }
    }
  }
  *out += '"';
}

// JSON has no infinities and no NaN, and wants a digit on both sides of the point.
bool IsJsonNumber(std::string_view text) {
  size_t i = !text.empty() && text[0] == '-' ? 1 : 0;
  if (i >= text.size() || text[i] < '0' || text[i] > '9') return false;
  if (text[i] == '0' && i + 1 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '9')
    return false;
  return text.find_first_not_of("0123456789.eE+-", i) == std::string_view::npos &&
         text.back() != '.';
}

void AppendCell(const Cell& cell, std::string* out) {
  switch (cell.kind) {
    case Cell::Kind::kEmpty:
      *out += "null";
      return;
    case Cell::Kind::kNumber:
      if (IsJsonNumber(cell.text)) {
        *out += cell.text;
      } else {
        AppendString(cell.text, out);
      }
      return;
    case Cell::Kind::kBoolean:
      *out += cell.text;
      return;
    case Cell::Kind::kText:
      AppendString(cell.text, out);
      return;
    case Cell::Kind::kList:
      *out += '[';
      for (size_t i = 0; i < cell.items.size(); ++i) {
        if (i > 0) *out += ',';
        AppendCell(cell.items[i], out);
      }
      *out += ']';
      return;
  }
}

class JsonWriter : public Writer {
 public:
  JsonWriter(std::ostream& out, bool lines) : out_(out), lines_(lines) {}

  void Begin(std::span<const std::string> columns) override {
    keys_.clear();
    for (const std::string& column : columns) {
      std::string& key = keys_.emplace_back();
      AppendString(column, &key);
      key += ':';
    }
    first_ = true;
    if (!lines_) out_ << '[';
  }
  void Row(std::span<const Cell> cells) override {
    buffer_.clear();
    if (!lines_ && !first_) buffer_ += ',';
    first_ = false;
    buffer_ += '{';
    for (size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) buffer_ += ',';
      buffer_ += keys_[i];
      AppendCell(cells[i], &buffer_);
    }
    buffer_ += lines_ ? "}\n" : "}";
    out_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
  }
  void End() override {
    if (!lines_) out_ << "]\n";
  }
  void Answer(bool yes) override { out_ << (yes ? "true\n" : "false\n"); }
  void Text(std::string_view text) override {
    buffer_.clear();
    AppendString(text, &buffer_);
    out_ << buffer_ << '\n';
  }

 private:
  std::ostream& out_;
  bool lines_;
  bool first_ = true;
  std::vector<std::string> keys_;
  std::string buffer_;
};

}  // namespace

std::unique_ptr<Writer> MakeJsonWriter(std::ostream& out, const WriterOptions&) {
  return std::make_unique<JsonWriter>(out, false);
}

std::unique_ptr<Writer> MakeJsonLinesWriter(std::ostream& out, const WriterOptions&) {
  return std::make_unique<JsonWriter>(out, true);
}

}  // namespace annals::results

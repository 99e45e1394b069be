// JSON (a line a statement) and JSON Lines (a line a row), RFC 8259. Texts are valid UTF-8 already.
#include <cstdint>
#include <string>

#include "query/results/writer.h"
#include "storage/base/text.h"

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

// Four digits of \u, or of two in UTF-16.
void AppendUnicodeEscape(uint32_t code_point, std::string* out) {
  static constexpr char kHex[] = "0123456789abcdef";
  if (code_point >= 0x10000) {
    AppendUnicodeEscape(0xD800 + ((code_point - 0x10000) >> 10), out);
    AppendUnicodeEscape(0xDC00 + ((code_point - 0x10000) & 0x3FF), out);
    return;
  }
  *out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) *out += kHex[(code_point >> shift) & 15];
}

// For a terminal: what it would obey or not show, and AppendString let pass, as \u escapes.
std::string EscapeHidden(std::string_view json) {
  std::string result;
  while (!json.empty()) {
    size_t length = 1;
    while (length < json.size() && (static_cast<unsigned char>(json[length]) & 0xC0) == 0x80) {
      ++length;
    }
    const std::string_view character = json.substr(0, length);
    // Written as \x9b, \u202e or \U000e0001.
    const std::string shown = EscapeForDisplay(character);
    if (shown == character) {
      result += character;
    } else {
      AppendUnicodeEscape(static_cast<uint32_t>(std::stoul(shown.substr(2), nullptr, 16)), &result);
    }
    json.remove_prefix(length);
  }
  return result;
}

class JsonWriter : public Writer {
 public:
  JsonWriter(std::ostream& out, const WriterOptions& options, bool lines)
      : out_(out), terminal_(options.terminal), lines_(lines) {}

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
    buffer_ += '}';
    if (terminal_) buffer_ = EscapeHidden(buffer_);
    if (lines_) buffer_ += '\n';
    out_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
  }
  void End() override {
    if (!lines_) out_ << "]\n";
  }
  void Answer(bool yes) override { out_ << (yes ? "true\n" : "false\n"); }
  void Text(std::string_view text) override {
    buffer_.clear();
    AppendString(text, &buffer_);
    out_ << (terminal_ ? EscapeHidden(buffer_) : buffer_) << '\n';
  }

 private:
  std::ostream& out_;
  bool terminal_;
  bool lines_;
  bool first_ = true;
  std::vector<std::string> keys_;
  std::string buffer_;
};

}  // namespace

std::unique_ptr<Writer> MakeJsonWriter(std::ostream& out, const WriterOptions& options) {
  return std::make_unique<JsonWriter>(out, options, false);
}

std::unique_ptr<Writer> MakeJsonLinesWriter(std::ostream& out, const WriterOptions& options) {
  return std::make_unique<JsonWriter>(out, options, true);
}

}  // namespace annals::results

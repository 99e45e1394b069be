#include "datasets/io/json_value.h"

#include <simdjson.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "storage/base/text.h"

namespace annals::datasets {
namespace {

namespace ondemand = simdjson::ondemand;

// Articles need five levels.
constexpr int kDeepest = 32;

constexpr char kOneLineHint[] =
    "each line of a .jsonl file is one whole JSON object, without line ends inside";

}  // namespace

class JsonReader::Impl {
 public:
  std::optional<JsonFault> Read(std::string_view line, JsonValue* value) {
    line_ = line;
    fault_.reset();
    ondemand::document document;
    if (const auto error =
            parser_.iterate(line.data(), line.size(), line.size() + kPadding).get(document)) {
      return FaultOf(error, nullptr);
    }
    const auto fail = [&](simdjson::error_code error) {
      const char* at = nullptr;
      if (document.current_location().get(at) != simdjson::SUCCESS) at = nullptr;
      return FaultOf(error, at);
    };
    ondemand::json_type type;
    if (const auto error = document.type().get(type)) return fail(error);
    if (type != ondemand::json_type::object) {
      const size_t begin = line.find_first_not_of(" \t\r\n");
      return JsonFault{
          {begin, begin + 1}, "expected '{', the beginning of a JSON object", kOneLineHint};
    }
    ondemand::value root;
    if (const auto error = document.get_value().get(root)) return fail(error);
    if (const auto error = Fill(root, 0, value)) {
      return fault_.has_value() ? std::move(fault_) : fail(error);
    }
    const char* rest = nullptr;
    if (document.current_location().get(rest) == simdjson::SUCCESS) {
      return fail(simdjson::TRAILING_CONTENT);
    }
    return std::nullopt;
  }

 private:
  Span SpanOf(std::string_view token) const {
    const auto begin = static_cast<size_t>(token.data() - line_.data());
    while (!token.empty() && std::string_view(" \t\r\n").find(token.back()) != token.npos) {
      token.remove_suffix(1);
    }
    return {begin, begin + std::max<size_t>(token.size(), 1)};
  }

  simdjson::error_code Fail(Span span, std::string message, std::string hint = "") {
    fault_ = JsonFault{span, std::move(message), std::move(hint)};
    return simdjson::TAPE_ERROR;
  }

  simdjson::error_code Fill(ondemand::value& from, int depth, JsonValue* to) {
    std::string_view token = from.raw_json_token();
    to->span = SpanOf(token);
    token = line_.substr(to->span.begin, to->span.end - to->span.begin);
    switch (token.front()) {
      case '{':
      case '[':
        to->span.end = to->span.begin + 1;
        if (depth >= kDeepest) {
          return Fail(to->span, absl::StrCat("nested more than ", kDeepest, " deep"));
        }
        if (token.front() == '{') return FillObject(from, depth, to);
        return FillArray(from, depth, to);
      case '"': {
        to->kind = JsonValue::Kind::kString;
        std::string_view text;
        if (const auto error = from.get_string().get(text)) {
          return Fail(to->span,
                      "this text holds a wrong escape; expected one of "
                      "\\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX");
        }
        if (text.find('\0') != text.npos) {
          return Fail(to->span, "a NUL character; remove it: no text may hold one");
        }
        to->text = text;
        return simdjson::SUCCESS;
      }
      case 't':
      case 'f': {
        bool value = false;
        if (from.get_bool().get(value)) return Fail(to->span, "expected true or false");
        to->kind = JsonValue::Kind::kBoolean;
        to->text = value ? "true" : "false";
        return simdjson::SUCCESS;
      }
      case 'n': {
        bool null = false;
        if (from.is_null().get(null) || !null) return Fail(to->span, "expected null");
        return simdjson::SUCCESS;
      }
      default:
        return FillNumber(from, to);
    }
  }

  simdjson::error_code FillNumber(ondemand::value& from, JsonValue* to) {
    const std::string_view text = line_.substr(to->span.begin, to->span.end - to->span.begin);
    to->kind = JsonValue::Kind::kNumber;
    to->text = text;
    if (text.front() != '-' && (text.front() < '0' || text.front() > '9')) {
      return Fail(to->span,
                  "expected a JSON value: an object, array, text in quotes, number, "
                  "true, false or null");
    }
    // Takes the token; numbers beyond 64 bits are an error there and none to us.
    double ignored = 0;
    if (const auto error = from.get_double().get(ignored)) {
      const bool plain = text.find_first_not_of("0123456789-") == text.npos;
      if (!plain) return Fail(to->span, "this is not a number that can be kept");
      return error;
    }
    return simdjson::SUCCESS;
  }

  simdjson::error_code FillArray(ondemand::value& from, int depth, JsonValue* to) {
    to->kind = JsonValue::Kind::kArray;
    ondemand::array array;
    if (const auto error = from.get_array().get(array)) return error;
    for (auto item : array) {
      ondemand::value value;
      if (const auto error = std::move(item).get(value)) return error;
      if (const auto error = Fill(value, depth + 1, &to->items.emplace_back())) return error;
    }
    return simdjson::SUCCESS;
  }

  simdjson::error_code FillObject(ondemand::value& from, int depth, JsonValue* to) {
    to->kind = JsonValue::Kind::kObject;
    ondemand::object object;
    if (const auto error = from.get_object().get(object)) return error;
    for (auto item : object) {
      ondemand::field field;
      if (const auto error = std::move(item).get(field)) return error;
      JsonMember& member = to->members.emplace_back();
      const auto begin = static_cast<size_t>(field.key().raw() - line_.data()) - 1;
      member.key_span = {begin, begin + 1};
      std::string_view key;
      if (field.unescaped_key().get(key)) return Fail(member.key_span, "this key is no text");
      if (key.find('\0') != key.npos) return Fail(member.key_span, "a NUL character; remove it");
      member.key = key;
      const size_t end = line_.find(':', begin);
      member.key_span.end = std::min(begin + 2 + key.size(), std::min(end, line_.size()));
      if (const auto error = Fill(field.value(), depth + 1, &member.value)) return error;
    }
    return CheckKeys(to->members);
  }

  simdjson::error_code CheckKeys(const std::vector<JsonMember>& members) {
    std::vector<const JsonMember*> sorted;
    for (const JsonMember& member : members) sorted.push_back(&member);
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto* a, const auto* b) { return a->key < b->key; });
    for (size_t i = 1; i < sorted.size(); ++i) {
      if (sorted[i]->key != sorted[i - 1]->key) continue;
      return Fail(sorted[i]->key_span,
                  absl::StrCat("the key '", EscapeForDisplay(sorted[i]->key),
                               "' stands here for the second time; expected it once"));
    }
    return simdjson::SUCCESS;
  }

  // Where a text is that does not end, or holds a bare control character; the line's end if all
  // texts are sound.
  Span FaultOfTexts() const {
    size_t open = line_.npos;
    for (size_t i = 0; i < line_.size(); ++i) {
      if (line_[i] == '"') open = open == line_.npos ? i : line_.npos;
      if (open == line_.npos) continue;
      if (static_cast<unsigned char>(line_[i]) < 0x20) return {i, i + 1};
      if (line_[i] == '\\') ++i;
    }
    return open == line_.npos ? End() : Span{open, open + 1};
  }

  Span End() const { return {line_.size(), line_.size()}; }

  JsonFault FaultOf(simdjson::error_code error, const char* at) const {
    Span span = End();
    if (at != nullptr && at >= line_.data() && at < line_.data() + line_.size()) {
      const auto begin = static_cast<size_t>(at - line_.data());
      span = {begin, begin + 1};
    }
    switch (error) {
      case simdjson::UNCLOSED_STRING:
        return {FaultOfTexts(), "this text is never closed; expected a '\"' after it",
                kOneLineHint};
      case simdjson::UNESCAPED_CHARS:
        return {FaultOfTexts(),
                "a control character inside a text; expected it escaped, as \\n "
                "or \\t",
                kOneLineHint};
      case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
        return {End(), "the line ends inside an object or array; expected '}' or ']'",
                kOneLineHint};
      case simdjson::TRAILING_CONTENT:
        return {span, "more follows the JSON object; expected the end of the line", kOneLineHint};
      case simdjson::CAPACITY:
        return {{0, 1}, "this line is too long"};
      case simdjson::DEPTH_ERROR:
        return {span, absl::StrCat("nested more than ", kDeepest, " deep")};
      case simdjson::MEMALLOC:
        return {span, "there is not enough memory for this line"};
      default:
        return {span, "this is not JSON; expected a key, ',' ':' or a closing bracket",
                span.begin + 1 >= line_.size() ? kOneLineHint : ""};
    }
  }

  ondemand::parser parser_;
  std::string_view line_;
  std::optional<JsonFault> fault_;
};

JsonReader::JsonReader() : impl_(std::make_unique<Impl>()) {
  static_assert(kPadding >= simdjson::SIMDJSON_PADDING);
}
JsonReader::~JsonReader() = default;
std::optional<JsonFault> JsonReader::Read(std::string_view line, JsonValue* value) {
  return impl_->Read(line, value);
}

}  // namespace annals::datasets

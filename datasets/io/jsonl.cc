#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "datasets/io/dataset_file.h"
#include "datasets/io/json_lines.h"
#include "datasets/io/whole_text.h"
#include "query/native/terms.h"
#include "query/native/validate.h"
#include "storage/base/parallel.h"
#include "storage/base/source_text.h"
#include "storage/base/text.h"
#include "storage/model/iri.h"
#include "storage/model/literal.h"
#include "storage/model/term.h"

namespace annals::datasets {
namespace {

using native::Place;
using Kind = JsonValue::Kind;

constexpr uint64_t kFactsBetweenProgress = 4096;

constexpr std::string_view kArticleKeys[] = {"id",    "publisher", "published",  "url",  "language",
                                             "title", "facts",     "qualifiers", "text", "aliases"};
constexpr std::string_view kFactKeys[] = {"subject",     "predicate", "object",     "time",
                                          "start",       "end",       "qualifiers", "quote",
                                          "quote_start", "quote_end", "confidence", "source"};
constexpr std::string_view kNoIri =
    "expected an IRI, as \"https://example.org/a\", without spaces and < > \" { } | ^ ` \\";
constexpr std::string_view kNoLanguage =
    "expected a language, as \"en\" or \"zh-Hant\": letters, then '-' and letters or digits";

// With its scheme.
bool IsIri(std::string_view text) {
  const auto in_scheme = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '+' || c == '-' || c == '.';
  };
  const std::string_view scheme = text.substr(0, std::min(text.find(':'), text.size()));
  return scheme.size() < text.size() && !scheme.empty() &&
         absl::ascii_isalpha(static_cast<unsigned char>(scheme[0])) &&
         std::all_of(scheme.begin(), scheme.end(), in_scheme) &&
         std::none_of(text.begin(), text.end(), &IsNeverInIri);
}

constexpr std::string_view kTermKeys[] = {"name",     "iri",    "text", "language",
                                          "datatype", "number", "time", "blank"};

const JsonValue* Find(const JsonValue& object, std::string_view key) {
  for (const JsonMember& member : object.members) {
    if (member.key == key && member.value.kind != Kind::kNull) return &member.value;
  }
  return nullptr;
}

Place PlaceOfKey(const std::string& key) {
  native::TermExpr expr;
  expr.text = key;
  return native::PlaceOfQualifier(expr);
}

// A fault in the present line, or nothing.
using Fault = std::optional<JsonFault>;

// Files of JSON lines: on each line one article with its facts, or one fact (docs/datasets.md,
// docs/article.schema.json). Aliases hold for the whole file, so it is read whole.
class JsonLines : public DatasetFile {
 public:
  JsonLines(const std::string& path, const TableOptions& options, const LoadTarget& target)
      : path_(path),
        source_name_(options.source),
        view_(target.view),
        names_(target.names),
        load_(target.load),
        reject_(target.reject),
        target_(target) {}

  absl::Status Declare() override {
    ANNALS_ASSIGN_OR_RETURN(whole_, WholeText::Read(path_, target_.open, kLongestWhole,
                                                    target_.text_bytes(), target_.database));
    text_ = whole_.text();
    aliases_ = whole_.Contains(kAliasesKey);
    if (!aliases_) return absl::OkStatus();
    return EachLine([&](const JsonValue& line) { return Declare(line); }, &HasAliases);
  }

  absl::Status Tell(const ProgressFunction& progress) override {
    if (source_name_.has_value()) source_ = names_.Of(*source_name_);
    const auto tell = [&](const JsonValue& line) -> Fault {
      told_.clear();
      article_ = BulkLoad::kNone;
      if (Fault fault = Tell(line)) return fault;
      Flush();
      if (!progress || facts_ < next_progress_) return std::nullopt;
      next_progress_ = facts_ + kFactsBetweenProgress;
      stop_ = progress(facts_);
      return std::nullopt;
    };
    return WithPlace(names_.Settle(EachLine(
        tell, [](std::string_view) { return true; }, /*rejects=*/true)));
  }

  absl::Status Check() override {
    if (!aliases_) return absl::OkStatus();
    return EachLine([&](const JsonValue& line) { return CheckAliases(line); }, &HasAliases);
  }

 private:
  static constexpr std::string_view kAliasesKey = "\"aliases\"";
  static_assert(WholeText::kPadding >= JsonReader::kPadding);

  static bool HasAliases(std::string_view text) {
    // A string's find stops at every quote.
    return ::memmem(text.data(), text.size(), kAliasesKey.data(), kAliasesKey.size()) != nullptr;
  }

  // A term, or a fact of the present line by its place in told_.
  struct Subject {
    BulkLoad::Handle term = BulkLoad::kNone;
    std::optional<size_t> fact = {};
  };
  // Of the present line; given to the load when all of the line is sound.
  struct Told {
    Subject subject;
    BulkLoad::Handle predicate, object, time, source;
  };

  size_t Add(Subject subject, BulkLoad::Handle predicate, BulkLoad::Handle object,
             BulkLoad::Handle time, BulkLoad::Handle source) {
    told_.push_back({subject, predicate, object, time, source});
    return told_.size() - 1;
  }

  void Flush() {
    std::vector<BulkLoad::Handle> facts;
    if (article_ != BulkLoad::kNone) load_.TellsAllOf(article_);
    for (const Told& told : told_) {
      const BulkLoad::Handle subject =
          told.subject.fact.has_value() ? facts[*told.subject.fact] : told.subject.term;
      facts.push_back(load_.Add(subject, told.predicate, told.object, told.time, told.source));
    }
    told_.clear();
  }

  // Reads the lines that `wanted` takes and gives them to `use`. Faults that are passed over are
  // reported only if `rejects`.
  template <typename Use, typename Wanted>
  absl::Status EachLine(const Use& use, const Wanted& wanted, bool rejects = false) {
    const auto use_line = [&](const JsonLine& line) -> absl::Status {
      line_begin_ = static_cast<size_t>(line.text.data() - text_.data());
      Fault fault = line.fault;
      if (!line.fault.has_value()) fault = use(line.value);
      ANNALS_RETURN_IF_ERROR(stop_);
      if (!fault.has_value()) return absl::OkStatus();
      return TakeFault(line, *fault, rejects);
    };
    const auto forget = [&](std::string_view lines) {
      const auto begin = static_cast<size_t>(lines.data() - text_.data());
      whole_.Forget(begin, begin + lines.size());
    };
    return ReadJsonLines(text_, HardwareThreads(), wanted, use_line, forget);
  }

  // An error of a name that was looked up after it was met.
  absl::Status WithPlace(const absl::Status& status) const {
    if (status.ok() || status != names_.status() || !names_.fault().has_value()) return status;
    const Span place = *names_.fault();
    const std::string_view text = text_;
    const size_t begin = text.rfind('\n', place.begin) + 1;
    std::string_view line = text.substr(begin, text.find('\n', begin) - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto before = static_cast<uint64_t>(
        std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(begin), '\n'));
    return SourceText(line, path_, before + 1)
        .Error({place.begin - begin, place.end - begin}, std::string(status.message()));
  }

  absl::Status TakeFault(const JsonLine& line, const JsonFault& fault, bool rejects) const {
    if (names_.fault().has_value()) return names_.status();
    const SourceText source(line.text, path_, line.number);
    const bool readable = !line.fault.has_value();
    if (!reject_ || !names_.status().ok() || (readable && !rejects)) {
      return source.Error(fault.span, fault.message, fault.hint);
    }
    if (!rejects) return absl::OkStatus();
    const SourceText::Position at = source.Locate(fault.span.begin);
    return reject_({path_, at.line, at.column, fault.message, line.text});
  }

  static JsonFault Wrong(const JsonValue& value, std::string message, std::string hint = "") {
    return {value.span, std::move(message), std::move(hint)};
  }

  // --- Lines ---

  Fault Declare(const JsonValue& line) {
    const JsonValue* aliases = Find(line, "aliases");
    if (aliases == nullptr || aliases->kind != Kind::kObject) return std::nullopt;
    for (const JsonMember& member : aliases->members) {
      for (const JsonValue& spelling : Several(member.value)) {
        names_.Declare(SpellingOf(spelling).value, member.key);
      }
    }
    return std::nullopt;
  }

  Fault Tell(const JsonValue& line) {
    if (Find(line, "subject") != nullptr) return TellFact(line, source_, /*alone=*/true);
    if (Find(line, "id") != nullptr) return TellArticle(line);
    if (Find(line, "facts") != nullptr) {
      return Wrong(line, "an article needs an \"id\", which names it as the source of its facts");
    }
    return Wrong(line,
                 "expected an article, which has an \"id\" and \"facts\", or a fact, which has a "
                 "\"subject\", \"predicate\" and \"object\"");
  }

  Fault TellArticle(const JsonValue& line) {
    if (Fault fault = CheckKeys(line, kArticleKeys, "an article")) return fault;
    const JsonValue& id = *Find(line, "id");
    BulkLoad::Handle source, object;
    if (Fault fault = Read(id, Place::kName, &source)) return fault;
    article_ = source;
    Add({source}, names_.Of(kIsPredicate), names_.Of(kSourceClass), BulkLoad::kNone,
        BulkLoad::kNone);
    for (std::string_view key : {"publisher", "published", "url", "language", "title"}) {
      const JsonValue* value = Find(line, key);
      if (value == nullptr) continue;
      // Tools write so that they don't know it.
      const bool unknown =
          key != "publisher" && value->kind == Kind::kString && value->text.empty();
      if (unknown) continue;
      if (Fault fault = ReadAboutArticle(key, *value, &object)) return fault;
      Add({source}, names_.Of(key), object, BulkLoad::kNone, BulkLoad::kNone);
    }
    if (Fault fault = TellQualifiers(line, {source}, BulkLoad::kNone)) return fault;
    if (const JsonValue* text = Find(line, "text");
        text != nullptr && text->kind != Kind::kString) {
      return Wrong(*text, "expected the article's text in quotes; it is not stored");
    }
    if (Fault fault = TellAliases(line)) return fault;
    const JsonValue* facts = Find(line, "facts");
    if (facts == nullptr) return std::nullopt;
    if (facts->kind != Kind::kArray) return Wrong(*facts, "expected an array of facts, as [{...}]");
    for (const JsonValue& fact : facts->items) {
      if (Fault fault = TellFact(fact, source, /*alone=*/false)) return fault;
    }
    return std::nullopt;
  }

  Fault ReadAboutArticle(std::string_view key, const JsonValue& value, BulkLoad::Handle* handle) {
    if (key == "publisher") return Read(value, Place::kName, handle);
    if (key == "published") {
      if (Fault fault = ReadTime(value, handle)) return fault;
      return std::nullopt;
    }
    if (value.kind != Kind::kString) {
      return Wrong(value, absl::StrCat("expected a text in quotes as the ", ToAbsl(key)));
    }
    if (key == "url") return ReadIri(value, handle);
    *handle = load_.Intern(Term(Text{value.text, ""}));
    return std::nullopt;
  }

  Fault TellFact(const JsonValue& fact, BulkLoad::Handle source, bool alone) {
    if (fact.kind != Kind::kObject) {
      return Wrong(fact,
                   "expected a fact, as {\"subject\": ..., \"predicate\": ..., \"object\": ...}");
    }
    if (Fault fault = CheckKeys(fact, kFactKeys, "a fact")) return fault;
    BulkLoad::Handle parts[3];
    static constexpr std::string_view kParts[] = {"subject", "predicate", "object"};
    for (size_t i = 0; i < 3; ++i) {
      const JsonValue* part = Find(fact, kParts[i]);
      if (part == nullptr) {
        return Wrong(fact, absl::StrCat("this fact has no \"", ToAbsl(kParts[i]), "\""));
      }
      const Place place = i < 2 ? Place::kName : Place::kObject;
      if (i == 1 && part->kind == Kind::kObject && Find(*part, "blank") != nullptr) {
        return Wrong(*part, "expected a name or an IRI as the predicate");
      }
      if (Fault fault = Read(*part, place, &parts[i])) return fault;
    }
    BulkLoad::Handle time = BulkLoad::kNone;
    if (Fault fault = ReadTimes(fact, &time)) return fault;
    if (const JsonValue* own = Find(fact, "source")) {
      if (!alone) {
        return Wrong(*own, "the source of this fact is its article; expected no \"source\"");
      }
      if (Fault fault = Read(*own, Place::kName, &source)) return fault;
    }
    const Subject number{BulkLoad::kNone, Add({parts[0]}, parts[1], parts[2], time, source)};
    ++facts_;
    if (Fault fault = TellQualifiers(fact, number, source)) return fault;
    return TellEvidence(fact, number, source);
  }

  Fault TellQualifiers(const JsonValue& of, Subject subject, BulkLoad::Handle source) {
    const JsonValue* qualifiers = Find(of, "qualifiers");
    if (qualifiers == nullptr) return std::nullopt;
    if (qualifiers->kind != Kind::kObject) {
      return Wrong(*qualifiers, "expected qualifiers, as {\"place\": \"Pyongyang\"}");
    }
    for (const JsonMember& member : qualifiers->members) {
      if (member.key.empty()) return JsonFault{member.key_span, "a name can't be empty", ""};
      BulkLoad::Handle key;
      if (Fault fault = ReadKey(member, &key)) return fault;
      for (const JsonValue& value : Several(member.value)) {
        BulkLoad::Handle object;
        if (Fault fault = Read(value, PlaceOfKey(member.key), &object)) return fault;
        Add(subject, key, object, BulkLoad::kNone, source);
      }
    }
    return std::nullopt;
  }

  // Where the article says it, and how sure its reader is: qualifiers with names of their own.
  Fault TellEvidence(const JsonValue& fact, Subject number, BulkLoad::Handle source) {
    const auto tell = [&](std::string_view key, const Term& value) {
      Add(number, names_.Of(key), load_.Intern(value), BulkLoad::kNone, source);
    };
    if (const JsonValue* quote = Find(fact, "quote")) {
      if (quote->kind != Kind::kString) return Wrong(*quote, "expected the quoted words as a text");
      tell("quote", Term(Text{quote->text, ""}));
    }
    int64_t start = 0;
    for (std::string_view key : {"quote_start", "quote_end"}) {
      const JsonValue* offset = Find(fact, key);
      if (offset == nullptr) continue;
      const auto number_of = ParseNumber(offset->text);
      const int64_t* at = number_of.has_value() ? number_of->As<int64_t>() : nullptr;
      if (offset->kind != Kind::kNumber || at == nullptr || *at < start) {
        return Wrong(*offset, start == 0 ? "expected how many characters of the article stand "
                                           "before, as 120"
                                         : "expected an end that is not before the quote's start");
      }
      start = *at;
      tell(key == "quote_start" ? "quote start" : "quote end", *number_of);
    }
    const JsonValue* confidence = Find(fact, "confidence");
    if (confidence == nullptr) return std::nullopt;
    const auto value = ParseNumber(confidence->text);
    if (confidence->kind != Kind::kNumber || !value.has_value() ||
        !(ToDouble(*value->AsNumber()) >= 0 && ToDouble(*value->AsNumber()) <= 1)) {
      return Wrong(*confidence, "expected a confidence from 0 to 1, as 0.9");
    }
    tell("confidence", *value);
    return std::nullopt;
  }

  Fault TellAliases(const JsonValue& line) {
    const JsonValue* aliases = Find(line, "aliases");
    if (aliases == nullptr) return std::nullopt;
    if (aliases->kind != Kind::kObject) {
      return Wrong(*aliases, "expected aliases by name, as {\"Kim Jong-un\": [\"Kim Jong Un\"]}");
    }
    for (const JsonMember& member : aliases->members) {
      if (member.key.empty()) return JsonFault{member.key_span, "a name can't be empty", ""};
      const BulkLoad::Handle entity = NameAt(member.key, member.key_span);
      if (Fault fault = NamesFault(member.key_span)) return fault;
      for (const JsonValue& spelling : Several(member.value)) {
        const JsonValue* const language = Find(spelling, "language");
        if (language != nullptr && language->kind == Kind::kString &&
            !IsLanguageTag(language->text)) {
          return Wrong(*language, std::string(kNoLanguage));
        }
        const Text text = SpellingOf(spelling);
        if (text.value.empty()) {
          return Wrong(spelling,
                       "expected another spelling of the name: a text in quotes, or "
                       "{\"text\": ..., \"language\": ...}");
        }
        Add({entity}, names_.Of(kAliasPredicate), load_.Intern(Term(text)), BulkLoad::kNone,
            BulkLoad::kNone);
      }
    }
    return std::nullopt;
  }

  // No spelling may be another entity's own name, wherever in the file that is told.
  Fault CheckAliases(const JsonValue& line) {
    const JsonValue* aliases = Find(line, "aliases");
    if (aliases == nullptr || aliases->kind != Kind::kObject) return std::nullopt;
    for (const JsonMember& member : aliases->members) {
      for (const JsonValue& spelling : Several(member.value)) {
        const std::string text = SpellingOf(spelling).value;
        if (text == member.key || !names_.IsEntity(text)) continue;
        return Wrong(spelling,
                     absl::StrCat("'", EscapeForDisplay(text),
                                  "' is an entity's own name, so it can't be an alias of another"),
                     absl::StrCat("if both are one, tell it: merge (", NameText(text), ") into (",
                                  NameText(member.key), ");"));
      }
    }
    return std::nullopt;
  }

  // --- Values ---

  // An array's items, else the value itself.
  static std::span<const JsonValue> Several(const JsonValue& value) {
    if (value.kind == Kind::kArray) return value.items;
    if (value.kind == Kind::kNull) return {};
    return {&value, 1};
  }

  // Empty if it is none.
  static Text SpellingOf(const JsonValue& value) {
    if (value.kind == Kind::kString) return {value.text, ""};
    const JsonValue* text = Find(value, "text");
    const JsonValue* language = Find(value, "language");
    if (text == nullptr || text->kind != Kind::kString) return {};
    if (language != nullptr && language->kind != Kind::kString) return {};
    return {text->text, language == nullptr ? "" : AsciiLower(language->text)};
  }

  BulkLoad::Handle NameAt(std::string_view name, Span span) {
    return names_.Later(name, Span{line_begin_ + span.begin, line_begin_ + span.end});
  }

  Fault NamesFault(Span span) const {
    if (names_.status().ok()) return std::nullopt;
    return JsonFault{span, std::string(names_.status().message()), ""};
  }

  Fault ReadName(const JsonValue& value, BulkLoad::Handle* handle) {
    if (value.kind != Kind::kString || value.text.empty()) {
      return Wrong(value, value.kind == Kind::kString ? "a name can't be empty"
                                                      : "expected a name: a text in quotes");
    }
    *handle = NameAt(value.text, value.span);
    return NamesFault(value.span);
  }

  // A name, or an IRI in <>.
  Fault ReadKey(const JsonMember& member, BulkLoad::Handle* handle) {
    JsonValue value;
    value.kind = Kind::kString;
    value.span = member.key_span;
    value.text = member.key;
    if (!value.text.starts_with('<') || !value.text.ends_with('>')) return ReadName(value, handle);
    value.text = value.text.substr(1, value.text.size() - 2);
    return ReadIri(value, handle);
  }

  Fault ReadIri(const JsonValue& value, BulkLoad::Handle* handle) {
    if (value.kind != Kind::kString || !IsIri(value.text)) {
      return Wrong(value, std::string(kNoIri));
    }
    if (const auto name = IriToName(view_.base_iri(), value.text)) {
      *handle = NameAt(*name, value.span);
      return NamesFault(value.span);
    }
    *handle = load_.Intern(Term(Iri{value.text}));
    return std::nullopt;
  }

  Fault ReadTime(const JsonValue& value, BulkLoad::Handle* handle) {
    if (value.kind != Kind::kString && value.kind != Kind::kNumber) {
      return Wrong(value, "expected a time, as \"2024-11-29\"");
    }
    const auto time = Time::Parse(value.text);
    if (!time.ok()) return Wrong(value, std::string(time.status().message()));
    *handle = load_.Intern(Term(*time));
    return std::nullopt;
  }

  Fault ReadTimes(const JsonValue& fact, BulkLoad::Handle* handle) {
    const JsonValue* const time = Find(fact, "time");
    const JsonValue* const start = Find(fact, "start");
    const JsonValue* const end = Find(fact, "end");
    if (time != nullptr) {
      if (start == nullptr && end == nullptr) return ReadTime(*time, handle);
      return Wrong(*time, "expected either \"time\" or \"start\" and \"end\", not both");
    }
    if (start == nullptr && end == nullptr) return std::nullopt;
    std::string text;
    for (const JsonValue* part : {start, end}) {
      if (part == end) text += "..";
      if (part == nullptr) continue;
      if (part->kind != Kind::kString && part->kind != Kind::kNumber) {
        return Wrong(*part, "expected a time, as \"2024-11-29\"");
      }
      text += part->text;
    }
    const auto period = Time::Parse(text);
    if (!period.ok()) {
      return Wrong(start != nullptr ? *start : *end, std::string(period.status().message()));
    }
    *handle = load_.Intern(Term(*period));
    return std::nullopt;
  }

  // A text is read as the language reads a bare term; an object says what it is by its key.
  Fault Read(const JsonValue& value, Place place, BulkLoad::Handle* handle) {
    switch (value.kind) {
      case Kind::kObject:
        return ReadObject(value, place, handle);
      case Kind::kString:
        if (place == Place::kName || value.text.empty()) return ReadName(value, handle);
        break;
      case Kind::kNumber:
      case Kind::kBoolean:
        if (place == Place::kName) return ReadName(value, handle);
        break;
      case Kind::kNull:
      case Kind::kArray:
        return Wrong(value, place == Place::kName
                                ? "expected a name: a text in quotes"
                                : "expected a name or value: a text, number or boolean");
    }
    if (place == Place::kDate && Time::LooksLikeBareYear(value.text)) {
      return ReadTime(value, handle);
    }
    const auto term = ParseBareTerm(value.text);
    if (!term.ok()) {
      return Wrong(value, std::string(term.status().message()),
                   "a name that looks like a time is written {\"name\": ...}");
    }
    if (term->As<Name>() != nullptr) {
      if (value.kind == Kind::kNumber) return Wrong(value, "this is not a number that can be kept");
      return ReadName(value, handle);
    }
    *handle = load_.Intern(*term);
    return std::nullopt;
  }

  Fault ReadObject(const JsonValue& value, Place place, BulkLoad::Handle* handle) {
    if (Fault fault = CheckKeys(value, kTermKeys, "a value")) return fault;
    const JsonValue* const language = Find(value, "language");
    const JsonValue* const datatype = Find(value, "datatype");
    const JsonValue* what = nullptr;
    std::string_view kind;
    for (const JsonMember& member : value.members) {
      if (member.key == "language" || member.key == "datatype") continue;
      if (what != nullptr) {
        return JsonFault{member.key_span, "this value is said twice; expected one key", ""};
      }
      what = &member.value;
      kind = member.key;
    }
    if (what == nullptr || (what->kind != Kind::kString && kind != "number" && kind != "time")) {
      return Wrong(what == nullptr ? value : *what,
                   "expected {\"name\": \"...\"}, or iri, text, number, time or blank and a text");
    }
    if ((language != nullptr || datatype != nullptr) && kind != "text") {
      return Wrong(value, "only a text has a language or datatype");
    }
    if (kind == "name") return ReadName(*what, handle);
    if (kind == "iri") return ReadIri(*what, handle);
    if (kind == "blank") {
      *handle = load_.Intern(Term(Term::Value(BlankNode{blank_prefix_ + what->text})));
      return std::nullopt;
    }
    if (place == Place::kName) return Wrong(value, "expected a name here, not a value");
    if (kind == "time") return ReadTime(*what, handle);
    if (kind == "number") {
      const auto number = ParseNumber(what->text);
      if (!number.has_value()) return Wrong(*what, "expected a number, as 3.50");
      *handle = load_.Intern(*number);
      return std::nullopt;
    }
    return ReadText(*what, language, datatype, handle);
  }

  Fault ReadText(const JsonValue& text, const JsonValue* language, const JsonValue* datatype,
                 BulkLoad::Handle* handle) {
    for (const JsonValue* part : {language, datatype}) {
      if (part != nullptr && (part->kind != Kind::kString || part->text.empty())) {
        return Wrong(*part, "expected a text in quotes");
      }
    }
    if (language != nullptr && datatype != nullptr) {
      return Wrong(*datatype, "a text has a language or a datatype, not both");
    }
    if (language != nullptr && !IsLanguageTag(language->text)) {
      return Wrong(*language, std::string(kNoLanguage));
    }
    if (datatype != nullptr) {
      if (!IsIri(datatype->text)) return Wrong(*datatype, std::string(kNoIri));
      *handle = load_.Intern(LiteralTerm(text.text, datatype->text));
    } else {
      *handle = load_.Intern(
          Term(Text{text.text, language == nullptr ? "" : AsciiLower(language->text)}));
    }
    return std::nullopt;
  }

  static Fault CheckKeys(const JsonValue& object, std::span<const std::string_view> known,
                         std::string_view what) {
    for (const JsonMember& member : object.members) {
      if (std::find(known.begin(), known.end(), member.key) != known.end()) continue;
      std::string expected, hint;
      for (std::string_view key : known) {
        absl::StrAppend(&expected, expected.empty() ? "" : ", ", ToAbsl(key));
        if (hint.empty() && EditDistance(member.key, key, 2).has_value()) {
          hint = absl::StrCat("did you mean \"", ToAbsl(key), "\"?");
        }
      }
      return JsonFault{member.key_span,
                       absl::StrCat(ToAbsl(what), " has no key '", EscapeForDisplay(member.key),
                                    "'; expected one of ", expected),
                       std::move(hint)};
    }
    return std::nullopt;
  }

  const std::string path_;
  const std::optional<std::string> source_name_;
  WholeText whole_;
  std::string_view text_;  // of it
  bool aliases_ = false;   // has it any?
  const GraphView& view_;
  EntityNames& names_;
  size_t line_begin_ = 0;  // of the present line in text_
  BulkLoad& load_;
  const RejectFunction& reject_;
  const LoadTarget target_;
  std::vector<Told> told_;  // of the present line
  BulkLoad::Handle source_ = BulkLoad::kNone;
  BulkLoad::Handle article_ = BulkLoad::kNone;  // of the present line
  const std::string blank_prefix_ = native::FreshBlankPrefix();
  uint64_t facts_ = 0, next_progress_ = kFactsBetweenProgress;
  absl::Status stop_;
};

}  // namespace

std::unique_ptr<DatasetFile> MakeJsonLinesFile(const std::string& path, const TableOptions& options,
                                               const LoadTarget& target) {
  return std::make_unique<JsonLines>(path, options, target);
}

}  // namespace annals::datasets

#include "datasets/io/fact_writer.h"

#include <map>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "query/native/terms.h"
#include "storage/base/text.h"
#include "storage/model/literal.h"

namespace annals::datasets {
namespace {

// Blank nodes by number, since the labels in the store are long and change with every load.
class BlankLabels {
 public:
  std::string Of(const BlankNode& node) {
    const auto [at, fresh] = numbers_.try_emplace(node.label, numbers_.size() + 1);
    return absl::StrCat("b", at->second);
  }

 private:
  absl::flat_hash_map<std::string, size_t> numbers_;
};

bool IsDateKey(const Term& key) {
  const auto* name = key.As<Name>();
  if (name == nullptr) return false;
  native::TermExpr expr;
  expr.text = name->text;
  return native::PlaceOfQualifier(expr) == native::Place::kDate;
}

// How a bare word would be read where `term` stands: as `term`?
bool IsBare(const std::string& text, const Term& term, bool date) {
  if (Time::LooksLikeBareYear(text)) {
    return date ? term.As<Time>() != nullptr : term.As<int64_t>() != nullptr;
  }
  const auto read = ParseBareTerm(text);
  return read.ok() && *read == term;
}

std::string Quoted(std::string_view text, std::string_view datatype) {
  return LanguageText(Term(Term::Value(TypedLiteral{std::string(text), std::string(datatype)})));
}

// --- .annals ---

class AnnalsWriter : public FactWriter {
 public:
  explicit AnnalsWriter(Output& output) : output_(output) {}

  absl::Status Write(const WrittenFact& fact) override {
    std::string line = absl::StrCat("add (", Entity(fact.subject, false), ", ",
                                    Entity(fact.predicate, true), ", ", Value(fact.object, false));
    if (!fact.time.is_undefined()) absl::StrAppend(&line, ", ", LanguageText(fact.time));
    line += ')';
    for (size_t i = 0; i < fact.qualifiers.size(); ++i) {
      const auto& [key, value] = fact.qualifiers[i];
      absl::StrAppend(&line, i == 0 ? " {" : ", ", Key(key), ": ", Value(value, IsDateKey(key)));
    }
    if (!fact.qualifiers.empty()) line += '}';
    if (!fact.source.is_undefined()) {
      absl::StrAppend(&line, " from (", Entity(fact.source, false), ")");
    }
    return output_.Write(line + ";\n");
  }

 private:
  std::string Entity(const Term& term, bool predicate) {
    if (const auto* name = term.As<Name>()) return NameText(name->text, predicate);
    return Value(term, false);
  }

  std::string Key(const Term& term) {
    const auto* name = term.As<Name>();
    if (name == nullptr || name->text.find(':') == std::string::npos) return Entity(term, false);
    std::string text = "`";
    for (char c : name->text) text.append(c == '`' ? 2 : 1, c);
    return text + '`';
  }

  std::string Value(const Term& term, bool date) {
    if (const auto* node = term.As<BlankNode>()) return "_:" + blanks_.Of(*node);
    if (term.As<Time>() != nullptr || term.As<int64_t>() != nullptr) {
      const std::string text = DisplayText(term);
      if (IsBare(text, term, date)) return text;
      const auto literal = LiteralOf(term);
      return Quoted(literal->value, literal->datatype);
    }
    return LanguageText(term);
  }

  Output& output_;
  BlankLabels blanks_;
};

// --- .jsonl ---

std::string JsonText(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string json = "\"";
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      json +=
          absl::StrCat("\\u00", std::string(1, kHex[byte >> 4]), std::string(1, kHex[byte & 15]));
    } else {
      json += c;
    }
  }
  return json + '"';
}

class JsonLinesWriter : public FactWriter {
 public:
  explicit JsonLinesWriter(Output& output) : output_(output) {}

  absl::Status Write(const WrittenFact& fact) override {
    std::string line = absl::StrCat("{\"subject\": ", Entity(fact.subject),
                                    ", \"predicate\": ", Entity(fact.predicate),
                                    ", \"object\": ", Value(fact.object, false));
    if (!fact.time.is_undefined()) {
      absl::StrAppend(&line, ", \"time\": ", JsonText(DisplayText(fact.time)));
    }
    std::map<std::string, std::vector<std::string>> values;
    for (const auto& [key, value] : fact.qualifiers) {
      const auto* iri = key.As<Iri>();
      values[iri == nullptr ? DisplayText(key) : "<" + iri->text + ">"].push_back(
          Value(value, IsDateKey(key)));
    }
    bool first = true;
    for (const auto& [key, several] : values) {
      absl::StrAppend(&line, first ? ", \"qualifiers\": {" : ", ", JsonText(key), ": ");
      if (several.size() > 1) line += '[';
      for (size_t i = 0; i < several.size(); ++i) {
        absl::StrAppend(&line, i == 0 ? "" : ", ", several[i]);
      }
      if (several.size() > 1) line += ']';
      first = false;
    }
    if (!values.empty()) line += '}';
    if (!fact.source.is_undefined()) {
      absl::StrAppend(&line, ", \"source\": ", Entity(fact.source));
    }
    return output_.Write(line + "}\n");
  }

 private:
  std::string Entity(const Term& term) {
    if (const auto* name = term.As<Name>()) return JsonText(name->text);
    return Value(term, false);
  }

  std::string Value(const Term& term, bool date) {
    if (const auto* name = term.As<Name>()) {
      if (IsBare(name->text, term, date)) return JsonText(name->text);
      return absl::StrCat("{\"name\": ", JsonText(name->text), "}");
    }
    if (const auto* iri = term.As<Iri>())
      return absl::StrCat("{\"iri\": ", JsonText(iri->text), "}");
    if (const auto* node = term.As<BlankNode>()) {
      return absl::StrCat("{\"blank\": \"", blanks_.Of(*node), "\"}");
    }
    if (const auto* text = term.As<Text>()) {
      if (text->language.empty()) return absl::StrCat("{\"text\": ", JsonText(text->value), "}");
      return absl::StrCat("{\"text\": ", JsonText(text->value),
                          ", \"language\": ", JsonText(text->language), "}");
    }
    if (const auto* literal = term.As<TypedLiteral>()) {
      return absl::StrCat("{\"text\": ", JsonText(literal->value),
                          ", \"datatype\": ", JsonText(literal->datatype), "}");
    }
    const std::string text = DisplayText(term);
    if (term.As<bool>() != nullptr) return text;
    if (IsBare(text, term, date)) return term.is_number() ? text : JsonText(text);
    return absl::StrCat(term.is_number() ? "{\"number\": " : "{\"time\": ", JsonText(text), "}");
  }

  Output& output_;
  BlankLabels blanks_;
};

}  // namespace

std::unique_ptr<FactWriter> MakeFactWriter(std::string_view format, Output& output,
                                           const FactWriterOptions& options) {
  if (format == "annals") return std::make_unique<AnnalsWriter>(output);
  if (format == "csv") return MakeTableWriter(',', output, options);
  if (format == "tsv") return MakeTableWriter('\t', output, options);
  if (format == "jsonl") return std::make_unique<JsonLinesWriter>(output);
  return MakeRdfWriter(format, output, options);
}

}  // namespace annals::datasets

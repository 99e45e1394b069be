#include "datasets/io/fact_writer.h"

#include <algorithm>
#include <array>
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

// --- .csv and .tsv ---

class TableWriter : public FactWriter {
 public:
  TableWriter(Output& output, char separator, std::vector<std::string> keys)
      : output_(output), separator_(separator), keys_(std::move(keys)) {
    for (size_t i = 0; i < keys_.size(); ++i) places_.emplace(keys_[i], i);
  }

  absl::Status Write(const WrittenFact& fact) override {
    ANNALS_RETURN_IF_ERROR(Header());
    if (DisplayText(fact.object).empty()) {
      // An empty field is none, and no row could be read that lacks its object.
      LeaveOut(fact);
      return absl::OkStatus();
    }
    faithful_ = fact.source.is_undefined() || fact.source.As<Name>() != nullptr;
    std::vector<std::string> fields = {Field(fact.subject, true), Field(fact.predicate, true),
                                       Field(fact.object, false), DisplayText(fact.time),
                                       DisplayText(fact.source)};
    // A field holds one value: further ones go to rows of the same fact.
    std::vector<std::pair<Term, Term>> left = fact.qualifiers;
    do {
      std::vector<std::string> row = fields;
      row.resize(fields.size() + keys_.size());
      std::vector<std::pair<Term, Term>> later;
      for (auto& [key, value] : left) {
        const auto place = places_.find(DisplayText(key));
        if (place == places_.end() || key.As<Name>() == nullptr) {
          faithful_ = false;
          continue;
        }
        std::string& field = row[fields.size() + place->second];
        if (field.empty()) {
          field = Field(value, false);
          if (field.empty()) faithful_ = false;
        } else {
          later.emplace_back(std::move(key), std::move(value));
        }
      }
      left = std::move(later);
      ANNALS_RETURN_IF_ERROR(Row(row));
    } while (!left.empty());
    if (!faithful_) ++changed_;
    return absl::OkStatus();
  }

  absl::Status Finish() override { return Header(); }
  uint64_t changed() const override { return changed_; }
  uint64_t left_out() const override { return left_out_; }

 private:
  // The sources of a fact follow each other.
  void LeaveOut(const WrittenFact& fact) {
    std::array<Term, 4> spot = {fact.subject, fact.predicate, fact.object, fact.time};
    left_out_ += spot != last_left_out_;
    last_left_out_ = std::move(spot);
  }

  absl::Status Header() {
    if (std::exchange(begun_, true)) return absl::OkStatus();
    std::vector<std::string> names = {"subject", "predicate", "object", "time", "source"};
    names.insert(names.end(), keys_.begin(), keys_.end());
    return Row(names);
  }

  std::string Field(const Term& term, bool name) {
    std::string text = DisplayText(term);
    const bool same = term.As<Name>() != nullptr ? name || ReadBack(text) == term
                                                 : !name && ReadBack(text) == term;
    faithful_ = faithful_ && same && !text.empty();
    return text;
  }

  static Term ReadBack(const std::string& text) {
    const auto term = ParseBareTerm(text);
    return term.ok() ? *term : Term();
  }

  absl::Status Row(const std::vector<std::string>& fields) {
    std::string line;
    for (size_t i = 0; i < fields.size(); ++i) {
      if (i > 0) line += separator_;
      Append(fields[i], &line);
    }
    return output_.Write(line + '\n');
  }

  void Append(const std::string& field, std::string* line) {
    if (separator_ == '\t') {
      // Such a file has no quotes: what would end a field becomes a space.
      for (char c : field) {
        const bool kept = c != '\t' && c != '\n' && c != '\r';
        *line += kept ? c : ' ';
        faithful_ = faithful_ && kept;
      }
      return;
    }
    if (field.find_first_of(",\"\r\n") == std::string::npos) {
      *line += field;
      return;
    }
    *line += '"';
    for (char c : field) line->append(c == '"' ? 2 : 1, c);
    *line += '"';
  }

  Output& output_;
  const char separator_;
  const std::vector<std::string> keys_;
  absl::flat_hash_map<std::string, size_t> places_;
  bool begun_ = false;
  bool faithful_ = true;
  uint64_t changed_ = 0, left_out_ = 0;
  std::array<Term, 4> last_left_out_;
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
  if (format == "csv") return std::make_unique<TableWriter>(output, ',', options.keys);
  if (format == "tsv") return std::make_unique<TableWriter>(output, '\t', options.keys);
  if (format == "jsonl") return std::make_unique<JsonLinesWriter>(output);
  return MakeRdfWriter(format, output, options);
}

}  // namespace annals::datasets

// RDF files, as rdf.cc reads them. What a triple can't say, a node of the class annals:Fact does.
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "datasets/io/fact_writer.h"
#include "storage/base/text.h"
#include "storage/model/iri.h"
#include "storage/model/literal.h"

namespace annals::datasets {
namespace {

constexpr std::string_view kRdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

void AppendEscape(unsigned char byte, std::string* text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  *text += "\\u00";
  *text += kHex[byte >> 4];
  *text += kHex[byte & 15];
}

std::string IriText(std::string_view iri) {
  std::string text = "<";
  for (char c : iri) {
    if (IsNeverInIri(c)) {
      AppendEscape(static_cast<unsigned char>(c), &text);
    } else {
      text += c;
    }
  }
  return text + '>';
}

// Escaped as a text of the language is.
std::string LiteralText(const Literal& literal) {
  std::string text = LanguageText(Term(Text{literal.value, ""}));
  if (!literal.language.empty()) return absl::StrCat(text, "@", literal.language);
  if (!literal.datatype.empty()) return absl::StrCat(text, "^^", IriText(literal.datatype));
  return text;
}

// A triple of its own would be read as the class of a node that stands for a fact.
bool SaysThatFact(const WrittenFact& fact) {
  const auto is = [](const Term& term, std::string_view space, std::string_view name) {
    const auto* iri = term.As<Iri>();
    return iri != nullptr && iri->text == absl::StrCat(ToAbsl(space), ToAbsl(name));
  };
  return is(fact.predicate, kRdf, "type") && is(fact.object, kVocabulary, "Fact");
}

// Triples alone, or with their graphs; a statement a line, or grouped by subject.
struct Style {
  std::string_view format;
  bool graphs;
  bool grouped;
};
constexpr Style kStyles[] = {
    {"nt", false, false}, {"nq", true, false}, {"ttl", false, true}, {"trig", true, true}};

class RdfWriter : public FactWriter {
 public:
  RdfWriter(Output& output, const Style& style, std::string base)
      : output_(output), style_(style), base_(std::move(base)) {}

  absl::Status Write(const WrittenFact& fact) override {
    const bool sourced = !fact.source.is_undefined();
    std::string subject;
    std::vector<std::pair<std::string, std::string>> statements;
    if (fact.time.is_undefined() && fact.qualifiers.empty() && (style_.graphs || !sourced) &&
        !SaysThatFact(fact)) {
      subject = TermText(fact.subject);
      statements = {{TermText(fact.predicate), TermText(fact.object)}};
    } else {
      subject = absl::StrCat("_:f", ++facts_);
      const auto rdf = [&](std::string_view name) { return Word("rdf:", kRdf, name); };
      const auto ours = [&](std::string_view name) { return Word("annals:", kVocabulary, name); };
      statements = {{rdf("type"), ours("Fact")},
                    {rdf("type"), rdf("Statement")},
                    {rdf("subject"), TermText(fact.subject)},
                    {rdf("predicate"), TermText(fact.predicate)},
                    {rdf("object"), TermText(fact.object)}};
      if (!fact.time.is_undefined()) statements.emplace_back(ours("time"), TermText(fact.time));
      if (sourced && !style_.graphs) {
        statements.emplace_back(ours("source"), TermText(fact.source));
      }
      for (const auto& [key, value] : fact.qualifiers) {
        statements.emplace_back(TermText(key), TermText(value));
      }
    }
    const std::string graph = sourced && style_.graphs ? TermText(fact.source) : "";
    return output_.Write(style_.grouped ? Grouped(graph, subject, statements)
                                        : Lines(graph, subject, statements));
  }

  absl::Status Finish() override {
    if (!style_.grouped) return absl::OkStatus();
    return output_.Write(Grouped("", "", {}));
  }

 private:
  using Statements = std::vector<std::pair<std::string, std::string>>;

  static std::string Lines(const std::string& graph, const std::string& subject,
                           const Statements& statements) {
    std::string text;
    for (const auto& [predicate, object] : statements) {
      absl::StrAppend(&text, subject, " ", predicate, " ", object, graph.empty() ? "" : " ", graph,
                      " .\n");
    }
    return text;
  }

  // Facts of one source stand in one block as long as they follow one another.
  std::string Grouped(const std::string& graph, const std::string& subject,
                      const Statements& statements) {
    std::string text;
    if (!std::exchange(begun_, true)) {
      absl::StrAppend(&text, "@prefix rdf: <", ToAbsl(kRdf), "> .\n@prefix annals: <",
                      ToAbsl(kVocabulary), "> .\n\n");
    }
    if (graph != graph_) {
      if (!graph_.empty()) text += "}\n";
      if (!graph.empty()) absl::StrAppend(&text, graph, " {\n");
      graph_ = graph;
    }
    if (statements.empty()) return text;
    absl::StrAppend(&text, graph.empty() ? "" : "  ", subject);
    for (size_t i = 0; i < statements.size(); ++i) {
      absl::StrAppend(&text, i == 0 ? " " : " ;\n    ", statements[i].first, " ",
                      statements[i].second);
    }
    return text + " .\n";
  }

  std::string Word(std::string_view prefix, std::string_view space, std::string_view name) const {
    if (style_.grouped) return absl::StrCat(ToAbsl(prefix), ToAbsl(name));
    return absl::StrCat("<", ToAbsl(space), ToAbsl(name), ">");
  }

  std::string TermText(const Term& term) {
    if (const auto* name = term.As<Name>()) return IriText(NameToIri(base_, name->text));
    if (const auto* iri = term.As<Iri>()) return IriText(iri->text);
    if (const auto* node = term.As<BlankNode>()) {
      const auto [at, fresh] = blanks_.try_emplace(node->label, blanks_.size() + 1);
      return absl::StrCat("_:n", at->second);
    }
    const auto literal = LiteralOf(term);
    return literal.has_value() ? LiteralText(*literal) : "\"\"";
  }

  Output& output_;
  const Style style_;
  const std::string base_;
  absl::flat_hash_map<std::string, size_t> blanks_;
  uint64_t facts_ = 0;
  bool begun_ = false;
  std::string graph_;
};

}  // namespace

std::unique_ptr<FactWriter> MakeRdfWriter(std::string_view format, Output& output,
                                          const FactWriterOptions& options) {
  for (const Style& style : kStyles) {
    if (style.format == format) {
      return std::make_unique<RdfWriter>(output, style, options.base_iri);
    }
  }
  return nullptr;
}

}  // namespace annals::datasets

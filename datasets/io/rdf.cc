// RDF: N-Triples, N-Quads, Turtle and TriG, parsed by serd.
//
// A triple is a fact, the graph that it stands in its source. IRIs below the database's base are
// names. A node of the class annals:Fact is a fact with what a triple has no place for
// (docs/datasets.md):
//
//   _:f a annals:Fact ; rdf:subject S ; rdf:predicate P ; rdf:object O ;
//       annals:time T ; annals:source X ; KEY VALUE ...
//
// rdf:Statement beside annals:Fact is passed over; every other statement about it is a qualifier.
#include <serd/serd.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "datasets/io/dataset_file.h"
#include "datasets/io/input.h"
#include "query/native/validate.h"
#include "storage/base/source_text.h"
#include "storage/base/text.h"
#include "storage/model/literal.h"

namespace annals::datasets {
namespace {

constexpr std::string_view kRdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
constexpr uint64_t kFactsBetweenProgress = 4096;

std::string_view TextOf(const SerdNode& node) {
  return {reinterpret_cast<const char*>(node.buf), node.n_bytes};
}

const uint8_t* Bytes(const std::string& text) {
  return reinterpret_cast<const uint8_t*>(text.c_str());
}

bool IsRdf(std::string_view iri, std::string_view name) {
  return iri.size() == kRdf.size() + name.size() && iri.starts_with(kRdf) && iri.ends_with(name);
}

bool IsAnnals(std::string_view iri, std::string_view name) {
  return iri.size() == kVocabulary.size() + name.size() && iri.starts_with(kVocabulary) &&
         iri.ends_with(name);
}

bool NotInIri(char c) {
  return static_cast<unsigned char>(c) <= 0x20 ||
         std::string_view("<>\"{}|^`\\").find(c) != std::string_view::npos;
}

// serd goes down a level of the stack for each bracket.
constexpr size_t kDeepestBrackets = 1000;

// Past the quoted text, IRI or comment that begins at `at`, else past one character.
size_t SkipToken(std::string_view text, size_t at) {
  const char c = text[at];
  if (c == '\\') return std::min(at + 2, text.size());
  if (c == '#') return std::min(text.find('\n', at), text.size());
  if (c == '<') return std::min(text.find_first_of(">\n", at), text.size() - 1) + 1;
  if (c != '"' && c != '\'') return at + 1;
  const bool is_long = text.substr(at, 3) == std::string(3, c);
  const size_t quotes = is_long ? 3 : 1;
  for (at += quotes; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == c && (!is_long || text.substr(at, 3) == std::string(3, c))) {
      return at + quotes;
    }
  }
  return text.size();
}

// Where brackets of Turtle or TriG nest too deep; nullopt if nowhere.
std::optional<size_t> TooDeep(std::string_view text) {
  size_t depth = 0;
  for (size_t at = 0; at < text.size(); at = SkipToken(text, at)) {
    if (text[at] == '[' || text[at] == '(') {
      if (++depth > kDeepestBrackets) return at;
    } else if ((text[at] == ']' || text[at] == ')') && depth > 0) {
      --depth;
    }
  }
  return std::nullopt;
}

// The graph and the node of a fact that a node stands for.
using FactKey = std::pair<std::string, std::string>;

struct FactNode {
  uint64_t line = 0;  // that says that it is one, where lines are statements
  BulkLoad::Handle subject = 0, predicate = 0, object = 0, time = 0;
  std::vector<BulkLoad::Handle> sources;
  std::vector<std::pair<BulkLoad::Handle, BulkLoad::Handle>> qualifiers;
};

// One statement, its IRIs resolved.
struct Quad {
  std::string graph, subject, predicate, object;
  SerdType graph_type = SERD_NOTHING, subject_type = SERD_URI, object_type = SERD_URI;
  std::string datatype, language;
};

template <SerdSyntax syntax>
class RdfFile : public DatasetFile {
 public:
  RdfFile(const std::string& path, const TableOptions& options, const LoadTarget& target)
      : path_(path), source_name_(options.source), target_(target) {}

  absl::Status Tell(const ProgressFunction& progress) override {
    ANNALS_ASSIGN_OR_RETURN(text_, ReadWhole(path_, kLongestWhole));
    progress_ = progress;
    if (source_name_.has_value()) default_source_ = target_.names.Of(*source_name_);
    escapes_ = text_.find("\\u") != std::string::npos || text_.find("\\U") != std::string::npos;
    if (const auto at = kLines ? std::nullopt : TooDeep(text_)) {
      return SourceText(text_, path_)
          .Error({*at, *at + 1},
                 absl::StrCat("brackets are nested more than ", kDeepestBrackets, " deep here"));
    }
    // Which nodes are facts must be known before anything is told about them.
    if (text_.find(kVocabulary) != std::string::npos) {
      ANNALS_RETURN_IF_ERROR(Parse(&RdfFile::FindFacts, /*rejects=*/false));
    }
    ANNALS_RETURN_IF_ERROR(Parse(&RdfFile::TellQuad, /*rejects=*/true));
    return TellFacts();
  }

 private:
  // Each line is a statement.
  static constexpr bool kLines = syntax == SERD_NTRIPLES || syntax == SERD_NQUADS;
  using Use = absl::Status (RdfFile::*)(const Quad& quad);

  // Faults that are passed over are reported only if `rejects`.
  absl::Status Parse(Use use, bool rejects) {
    use_ = use;
    status_ = absl::OkStatus();
    const SerdNode base = serd_node_from_string(SERD_URI, Bytes(target_.view.base_iri()));
    const std::unique_ptr<SerdEnv, void (*)(SerdEnv*)> env(serd_env_new(&base), &serd_env_free);
    const std::unique_ptr<SerdReader, void (*)(SerdReader*)> reader(
        serd_reader_new(syntax, this, nullptr, &SetBase, &SetPrefix, &Take, nullptr),
        &serd_reader_free);
    if (env == nullptr || reader == nullptr) {
      return ResourceExhausted("there is not enough memory");
    }
    env_ = env.get();
    serd_reader_set_strict(reader.get(), true);
    serd_reader_set_error_sink(reader.get(), &TakeError, this);
    serd_reader_add_blank_prefix(reader.get(), Bytes(blank_prefix_));
    if (kLines && target_.reject) return ParseLines(*reader, rejects);
    return Read(*reader, text_);
  }

  absl::Status Read(SerdReader& reader, const std::string& text) {
    const SerdStatus read = serd_reader_read_string(&reader, Bytes(text));
    ANNALS_RETURN_IF_ERROR(status_);
    if (read > SERD_FAILURE) {
      return InvalidArgument(absl::StrCat(path_, ": this is not ", NameOfSyntax(), ": ",
                                          reinterpret_cast<const char*>(serd_strerror(read))));
    }
    return absl::OkStatus();
  }

  absl::Status ParseLines(SerdReader& reader, bool rejects) {
    std::string line;
    lines_before_ = 0;
    for (size_t begin = 0; begin < text_.size(); ++lines_before_) {
      const size_t end = std::min(text_.find('\n', begin), text_.size());
      line.assign(text_, begin, end - begin);
      begin = end + 1;
      if (line.find_first_not_of(" \t\r") == line.npos) continue;
      line += '\n';
      status_ = absl::OkStatus();
      const absl::Status status = Read(reader, line);
      line.pop_back();
      if (!status.ok() && rejects) {
        ANNALS_RETURN_IF_ERROR(PassOver(status, lines_before_ + 1, line));
      }
    }
    status_ = absl::OkStatus();
    lines_before_ = 0;
    return absl::OkStatus();
  }

  // The fault itself, unless faults are passed over.
  absl::Status PassOver(const absl::Status& fault, uint64_t line, std::string record) {
    const bool of_file = fault.code() == absl::StatusCode::kInvalidArgument;
    if (!kLines || !target_.reject || !of_file || !target_.names.status().ok()) return fault;
    return target_.reject(RejectOf(fault, path_, line, std::move(record)));
  }

  static const char* NameOfSyntax() {
    switch (syntax) {
      case SERD_NTRIPLES:
        return "N-Triples";
      case SERD_NQUADS:
        return "N-Quads";
      case SERD_TRIG:
        return "TriG";
      default:
        return "Turtle";
    }
  }

  // --- What serd calls ---

  static SerdStatus SetBase(void* self, const SerdNode* iri) {
    return serd_env_set_base_uri(static_cast<RdfFile*>(self)->env_, iri);
  }

  static SerdStatus SetPrefix(void* self, const SerdNode* name, const SerdNode* iri) {
    return serd_env_set_prefix(static_cast<RdfFile*>(self)->env_, name, iri);
  }

  static SerdStatus TakeError(void* handle, const SerdError* error) {
    auto* self = static_cast<RdfFile*>(handle);
    if (!self->status_.ok()) return SERD_SUCCESS;  // the first is the cause
    char message[512];
    std::vsnprintf(message, sizeof(message), error->fmt, *error->args);
    self->status_ = self->Fault(self->lines_before_ + error->line, error->col, message);
    return SERD_SUCCESS;
  }

  static SerdStatus Take(void* handle, SerdStatementFlags /*flags*/, const SerdNode* graph,
                         const SerdNode* subject, const SerdNode* predicate, const SerdNode* object,
                         const SerdNode* datatype, const SerdNode* language) {
    auto* self = static_cast<RdfFile*>(handle);
    if (!self->status_.ok()) return SERD_ERR_UNKNOWN;
    self->status_ = self->TakeStatement(graph, subject, predicate, object, datatype, language);
    return self->status_.ok() ? SERD_SUCCESS : SERD_ERR_UNKNOWN;
  }

  absl::Status TakeStatement(const SerdNode* graph, const SerdNode* subject,
                             const SerdNode* predicate, const SerdNode* object,
                             const SerdNode* datatype, const SerdNode* language) {
    Quad& quad = quad_;
    quad.graph.clear();
    quad.datatype.clear();
    quad.language.clear();
    quad.graph_type = graph == nullptr ? SERD_NOTHING : TypeOf(*graph);
    if (graph != nullptr) ANNALS_RETURN_IF_ERROR(Resolve(*graph, &quad.graph));
    ANNALS_RETURN_IF_ERROR(Resolve(*subject, &quad.subject));
    ANNALS_RETURN_IF_ERROR(Resolve(*predicate, &quad.predicate));
    ANNALS_RETURN_IF_ERROR(Resolve(*object, &quad.object));
    if (datatype != nullptr && datatype->buf != nullptr) {
      ANNALS_RETURN_IF_ERROR(Resolve(*datatype, &quad.datatype));
    }
    if (language != nullptr && language->buf != nullptr) {
      quad.language = AsciiLower(TextOf(*language));
    }
    quad.subject_type = TypeOf(*subject);
    quad.object_type = TypeOf(*object);
    return (this->*use_)(quad);
  }

  // Once resolved, a prefixed name is an IRI.
  static SerdType TypeOf(const SerdNode& node) {
    return node.type == SERD_CURIE ? SERD_URI : node.type;
  }

  absl::Status Resolve(const SerdNode& node, std::string* text) {
    const bool relative =
        node.type == SERD_CURIE || (node.type == SERD_URI && !serd_uri_string_has_scheme(node.buf));
    if (!relative) {
      *text = TextOf(node);
    } else {
      SerdNode expanded = serd_env_expand_node(env_, &node);
      if (expanded.buf == nullptr) {
        const size_t at = std::min(text_.find(TextOf(node)), text_.size());
        return SourceText(text_, path_)
            .Error({at, std::min(at + node.n_bytes, text_.size())},
                   absl::StrCat("the prefix of '", EscapeForDisplay(TextOf(node)),
                                "' is not declared; expected @prefix before"));
      }
      *text = TextOf(expanded);
      serd_node_free(&expanded);
    }
    if (text->find('\0') != std::string::npos) {
      return InvalidArgument(
          absl::StrCat(path_, ": a text holds a NUL character (\\u0000); remove it"));
    }
    if (escapes_ && FindInvalidUtf8(*text).has_value()) {
      return InvalidArgument(absl::StrCat(path_, ": '", EscapeForDisplay(*text),
                                          "' holds an escape that is no character"));
    }
    if (TypeOf(node) == SERD_URI && std::any_of(text->begin(), text->end(), &NotInIri)) {
      return InvalidArgument(absl::StrCat(path_, ": the IRI <", EscapeForDisplay(*text),
                                          "> holds a character that no IRI may hold: a space or "
                                          "one of < > \" { } | ^ ` \\"));
    }
    return absl::OkStatus();
  }

  // --- Statements ---

  static bool IsTypeOfFact(const Quad& quad) {
    return quad.object_type == SERD_URI && IsRdf(quad.predicate, "type") &&
           IsAnnals(quad.object, "Fact");
  }

  absl::Status FindFacts(const Quad& quad) {
    if (IsTypeOfFact(quad)) {
      facts_.try_emplace({quad.graph, quad.subject}).first->second.line = lines_before_ + 1;
    }
    return absl::OkStatus();
  }

  absl::Status TellQuad(const Quad& quad) {
    if (++read_ % kFactsBetweenProgress == 0 && progress_) {
      ANNALS_RETURN_IF_ERROR(progress_(read_));
    }
    if (!facts_.empty()) {
      const auto fact = facts_.find({quad.graph, quad.subject});
      if (fact != facts_.end()) return Collect(quad, &fact->second);
    }
    const BulkLoad::Handle source =
        quad.graph_type == SERD_NOTHING ? default_source_ : Entity(quad.graph, quad.graph_type);
    target_.load.Add(Entity(quad.subject, quad.subject_type), Entity(quad.predicate, SERD_URI),
                     Object(quad), BulkLoad::kNone, source);
    return target_.names.status();
  }

  absl::Status Collect(const Quad& quad, FactNode* fact) {
    if (IsTypeOfFact(quad)) return absl::OkStatus();
    if (IsRdf(quad.predicate, "type") && IsRdf(quad.object, "Statement")) return absl::OkStatus();
    BulkLoad::Handle* place = nullptr;
    if (IsRdf(quad.predicate, "subject")) place = &fact->subject;
    if (IsRdf(quad.predicate, "predicate")) place = &fact->predicate;
    if (IsRdf(quad.predicate, "object")) place = &fact->object;
    if (IsAnnals(quad.predicate, "time")) {
      place = &fact->time;
      const auto time = Time::Parse(quad.object);
      if (quad.object_type != SERD_LITERAL || !time.ok()) {
        return FactFault(quad.subject, absl::StrCat("its annals:time is no time: '",
                                                    EscapeForDisplay(quad.object), "'"));
      }
      *place = target_.load.Intern(Term(*time));
      return absl::OkStatus();
    }
    const BulkLoad::Handle object = Object(quad);
    if (place != nullptr) {
      if (*place != BulkLoad::kNone && *place != object) {
        return FactFault(quad.subject, "it has two of what a fact has one of");
      }
      *place = object;
    } else if (IsAnnals(quad.predicate, "source")) {
      fact->sources.push_back(object);
    } else {
      fact->qualifiers.emplace_back(Entity(quad.predicate, SERD_URI), object);
    }
    return target_.names.status();
  }

  absl::Status TellFacts() {
    for (auto& [key, fact] : facts_) {
      if (fact.subject == 0 || fact.predicate == 0 || fact.object == 0) {
        ANNALS_RETURN_IF_ERROR(PassOver(
            FactFault(key.second,
                      "it needs rdf:subject, rdf:predicate and rdf:object in the same graph"),
            fact.line, ""));
        continue;
      }
      if (fact.sources.empty()) {
        // A graph is an IRI or a blank node.
        const SerdType type = key.first.starts_with(blank_prefix_) ? SERD_BLANK : SERD_URI;
        fact.sources.push_back(key.first.empty() ? default_source_ : Entity(key.first, type));
      }
      for (const BulkLoad::Handle source : fact.sources) {
        const BulkLoad::Handle number =
            target_.load.Add(fact.subject, fact.predicate, fact.object, fact.time, source);
        for (const auto& [name, value] : fact.qualifiers) {
          target_.load.Add(number, name, value, BulkLoad::kNone, source);
        }
      }
    }
    return target_.names.status();
  }

  // --- Terms ---

  BulkLoad::Handle Entity(const std::string& text, SerdType type) {
    if (type == SERD_BLANK) return target_.load.Intern(Term(Term::Value(BlankNode{text})));
    if (const auto name = IriToName(target_.view.base_iri(), text)) {
      return target_.names.Of(*name);
    }
    return target_.load.Intern(Term(Iri{text}));
  }

  BulkLoad::Handle Object(const Quad& quad) {
    if (quad.object_type != SERD_LITERAL) return Entity(quad.object, quad.object_type);
    if (!quad.datatype.empty()) return target_.load.Intern(LiteralTerm(quad.object, quad.datatype));
    return target_.load.Intern(Term(Text{quad.object, quad.language}));
  }

  // --- Faults ---

  absl::Status Fault(uint64_t line, unsigned column, std::string message) const {
    while (message.ends_with('\n')) message.pop_back();
    size_t begin = 0;
    for (uint64_t at = 1; at < line && begin < text_.size(); ++at) {
      begin = std::min(text_.find('\n', begin), text_.size() - 1) + 1;
    }
    const size_t end = std::min(text_.find('\n', begin), text_.size());
    const size_t offset = std::min(begin + (column > 0 ? column - 1 : 0), end);
    return SourceText(text_, path_).Error({offset, std::min(offset + 1, end)}, message);
  }

  absl::Status FactFault(std::string_view node, std::string_view message) const {
    std::string name = EscapeForDisplay(node);
    if (node.starts_with(blank_prefix_)) {
      name = "_:" + EscapeForDisplay(node.substr(blank_prefix_.size()));
    }
    return InvalidArgument(
        absl::StrCat(path_, ": the fact ", name, " can't be read: ", ToAbsl(message)));
  }

  const std::string path_;
  const std::optional<std::string> source_name_;
  const LoadTarget target_;
  const std::string blank_prefix_ = native::FreshBlankPrefix();
  std::string text_;
  bool escapes_ = false;  // the text holds \u or \U, which may be anything
  ProgressFunction progress_;
  BulkLoad::Handle default_source_ = BulkLoad::kNone;
  SerdEnv* env_ = nullptr;  // while parsing
  Use use_ = nullptr;
  uint64_t lines_before_ = 0;  // what is being parsed
  absl::Status status_;
  Quad quad_;
  uint64_t read_ = 0;
  std::map<FactKey, FactNode> facts_;
};

template <SerdSyntax syntax>
std::unique_ptr<DatasetFile> Make(const std::string& path, const TableOptions& options,
                                  const LoadTarget& target) {
  return std::make_unique<RdfFile<syntax>>(path, options, target);
}

}  // namespace

std::unique_ptr<DatasetFile> MakeNTriplesFile(const std::string& path, const TableOptions& options,
                                              const LoadTarget& target) {
  return Make<SERD_NTRIPLES>(path, options, target);
}
std::unique_ptr<DatasetFile> MakeNQuadsFile(const std::string& path, const TableOptions& options,
                                            const LoadTarget& target) {
  return Make<SERD_NQUADS>(path, options, target);
}
std::unique_ptr<DatasetFile> MakeTurtleFile(const std::string& path, const TableOptions& options,
                                            const LoadTarget& target) {
  return Make<SERD_TURTLE>(path, options, target);
}
std::unique_ptr<DatasetFile> MakeTrigFile(const std::string& path, const TableOptions& options,
                                          const LoadTarget& target) {
  return Make<SERD_TRIG>(path, options, target);
}

}  // namespace annals::datasets

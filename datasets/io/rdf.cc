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
#include <algorithm>
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
#include "datasets/io/quad_lines.h"
#include "datasets/io/quad_reader.h"
#include "datasets/io/whole_text.h"
#include "query/native/validate.h"
#include "storage/base/parallel.h"
#include "storage/base/source_text.h"
#include "storage/base/text.h"
#include "storage/model/literal.h"

namespace annals::datasets {
namespace {

constexpr std::string_view kRdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
constexpr uint64_t kFactsBetweenProgress = 4096;

bool IsRdf(std::string_view iri, std::string_view name) {
  return iri.size() == kRdf.size() + name.size() && iri.starts_with(kRdf) && iri.ends_with(name);
}

bool IsAnnals(std::string_view iri, std::string_view name) {
  return iri.size() == kVocabulary.size() + name.size() && iri.starts_with(kVocabulary) &&
         iri.ends_with(name);
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

template <SerdSyntax syntax>
class RdfFile : public DatasetFile {
 public:
  RdfFile(const std::string& path, const TableOptions& options, const LoadTarget& target)
      : path_(path), source_name_(options.source), target_(target) {
    text_.path = path;
    text_.base_iri = target.view.base_iri();
    text_.blank_prefix = blank_prefix_;
  }

  absl::Status Tell(const ProgressFunction& progress) override {
    absl::Status told = TellText(progress);
    text_.text = {};
    whole_ = WholeText();
    return told;
  }

 private:
  absl::Status TellText(const ProgressFunction& progress) {
    // What isn't cut into lines is read at once.
    const uint64_t text_bytes = kLines ? target_.text_bytes() : kLongestWhole;
    ANNALS_ASSIGN_OR_RETURN(
        whole_, WholeText::Read(path_, target_.open, kLongestWhole, text_bytes, target_.database));
    const std::string_view text = text_.text = whole_.text();
    progress_ = progress;
    if (source_name_.has_value()) default_source_ = target_.names.Of(*source_name_);
    text_.escapes = whole_.Contains("\\u") || whole_.Contains("\\U");
    if (const auto at = kLines ? std::nullopt : TooDeep(text)) {
      return SourceText(text, path_)
          .Error({*at, *at + 1},
                 absl::StrCat("brackets are nested more than ", kDeepestBrackets, " deep here"));
    }
    // Which nodes are facts must be known before anything is told about them.
    if (whole_.Contains(kVocabulary)) {
      ANNALS_RETURN_IF_ERROR(Parse(&RdfFile::FindFacts, /*rejects=*/false));
    }
    absl::Status told = Parse(&RdfFile::TellQuad, /*rejects=*/true);
    if (told.ok()) told = TellFacts();
    return InFile(target_.names.Settle(std::move(told)), target_.names, path_);
  }

  // Each line is a statement.
  static constexpr bool kLines = syntax == SERD_NTRIPLES || syntax == SERD_NQUADS;
  using Use = absl::Status (RdfFile::*)(const Quad& quad);

  // Faults that are passed over are reported only if `rejects`.
  absl::Status Parse(Use use, bool rejects) {
    const auto take = [&](const Quad& quad) { return (this->*use)(quad); };
    if (!kLines) return QuadReader(syntax, text_).Read(text_.text.data(), 0, take);
    QuadLinesUse lines;
    lines.use = take;
    lines.passed = [this](std::string_view passed) {
      const auto begin = static_cast<size_t>(passed.data() - text_.text.data());
      whole_.Forget(begin, begin + passed.size());
    };
    if (use == &RdfFile::FindFacts) lines.wanted = &RdfFile::IsTypeOfFact;
    if (target_.reject) {
      lines.begin_line = [this](uint64_t line) { line_ = line; };
      lines.fault = [&](const absl::Status& fault, uint64_t line, std::string_view text) {
        return rejects ? PassOver(fault, line, std::string(text)) : absl::OkStatus();
      };
    }
    return ReadQuadLines(syntax, text_, HardwareThreads(), lines);
  }

  // The fault itself, unless faults are passed over.
  absl::Status PassOver(const absl::Status& fault, uint64_t line, std::string record) {
    const bool of_file = fault.code() == absl::StatusCode::kInvalidArgument;
    if (!kLines || !target_.reject || !of_file || !target_.names.status().ok()) return fault;
    return target_.reject(RejectOf(fault, path_, line, std::move(record)));
  }

  // --- Statements ---

  static bool IsTypeOfFact(const Quad& quad) {
    return quad.object_type == SERD_URI && IsRdf(quad.predicate, "type") &&
           IsAnnals(quad.object, "Fact");
  }

  absl::Status FindFacts(const Quad& quad) {
    if (IsTypeOfFact(quad)) {
      facts_.try_emplace({quad.graph, quad.subject}).first->second.line = line_;
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
      if (*place != BulkLoad::kNone && *place != object &&
          target_.names.Settled(*place) != target_.names.Settled(object)) {
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
      return target_.names.Later(*name);
    }
    return target_.load.Intern(Term(Iri{text}));
  }

  BulkLoad::Handle Object(const Quad& quad) {
    if (quad.object_type != SERD_LITERAL) return Entity(quad.object, quad.object_type);
    if (!quad.datatype.empty()) return target_.load.Intern(LiteralTerm(quad.object, quad.datatype));
    return target_.load.Intern(Term(Text{quad.object, quad.language}));
  }

  // --- Faults ---

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
  WholeText whole_;
  RdfText text_;
  ProgressFunction progress_;
  BulkLoad::Handle default_source_ = BulkLoad::kNone;
  uint64_t line_ = 1;  // that is being read, where lines are read one by one
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

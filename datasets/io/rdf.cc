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
#include <compare>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
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
constexpr uint64_t kStatementsInMemory = 16384;  // of Turtle and TriG: their text

bool IsRdf(std::string_view iri, std::string_view name) {
  return iri.size() == kRdf.size() + name.size() && iri.starts_with(kRdf) && iri.ends_with(name);
}

bool IsAnnals(std::string_view iri, std::string_view name) {
  return iri.size() == kVocabulary.size() + name.size() && iri.starts_with(kVocabulary) &&
         iri.ends_with(name);
}

// Of a text that is looked through.
constexpr size_t kTextInMemory = size_t{1} << 20;

// serd goes down a level of the stack for each bracket.
constexpr size_t kDeepestBrackets = 1000;

// Past the quoted text, IRI or comment that begins at `at`, else past one character.
size_t SkipToken(std::string_view text, size_t at) {
  const char c = text[at];
  if (c == '\\') return std::min(at + 2, text.size());
  if (c == '#') return std::min(text.find_first_of("\r\n", at), text.size());
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
std::optional<size_t> TooDeep(const WholeText& whole) {
  const std::string_view text = whole.text();
  size_t depth = 0, kept = 0;
  for (size_t at = 0; at < text.size(); at = SkipToken(text, at)) {
    if (at - kept > kTextInMemory) {
      whole.Forget(kept, at);
      kept = at;
    }
    if (text[at] == '[' || text[at] == '(') {
      if (++depth > kDeepestBrackets) return at;
    } else if ((text[at] == ']' || text[at] == ')') && depth > 0) {
      --depth;
    }
  }
  return std::nullopt;
}

bool IsTypeOfFact(const Quad& quad) {
  return quad.object_type == SERD_URI && IsRdf(quad.predicate, "type") &&
         IsAnnals(quad.object, "Fact");
}

// The graph and the node that statements are about.
struct NodeKey {
  std::string graph, node;

  bool IsOf(const Quad& quad) const { return quad.subject == node && quad.graph == graph; }
  void Be(const Quad& quad) {
    graph = quad.graph;
    node = quad.subject;
  }
  auto operator<=>(const NodeKey&) const = default;
};

// Which nodes are facts, and whether all that is said about each of them stands together: then a
// fact can be told once something else is spoken of. Of a node its hash is kept.
class FactNodes {
 public:
  // Of each run of statements about one node the first at least, and those that say that it is a
  // fact, in their order.
  void Find(const Quad& quad) {
    if (flags_ == nullptr || !key_.IsOf(quad)) {
      key_.Be(quad);
      const auto [node, is_new] = nodes_.try_emplace(HashOf(quad), uint8_t{0});
      flags_ = &node->second;
      // Two nodes of one hash seem to be one.
      if (!is_new) *flags_ |= kAgain;
    }
    if (IsTypeOfFact(quad)) *flags_ |= kFact;
    if (*flags_ == (kFact | kAgain)) scattered_ = true;
  }

  bool scattered() const { return scattered_; }
  // Unless they are scattered.
  bool Contains(const Quad& quad) const {
    const auto node = nodes_.find(HashOf(quad));
    return node != nodes_.end() && (node->second & kFact) != 0;
  }

 private:
  static constexpr uint8_t kFact = 1, kAgain = 2;
  static size_t HashOf(const Quad& quad) { return absl::HashOf(quad.graph, quad.subject); }

  absl::flat_hash_map<size_t, uint8_t> nodes_;
  NodeKey key_;               // of the present run
  uint8_t* flags_ = nullptr;  // of its node
  bool scattered_ = false;
};

struct FactNode {
  uint64_t line = 0;  // that says that it is one, where lines are statements
  BulkLoad::Handle subject = 0, predicate = 0, object = 0, time = 0;
  std::vector<BulkLoad::Handle> sources;
  std::vector<std::pair<BulkLoad::Handle, BulkLoad::Handle>> qualifiers;
  bool faulty = false;  // that has been told already, and nothing of it is
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
    ANNALS_ASSIGN_OR_RETURN(whole_, WholeText::Read(path_, target_.open, kLongestWhole,
                                                    target_.text_bytes(), target_.database));
    text_.text = whole_.text();
    progress_ = progress;
    if (source_name_.has_value()) default_source_ = target_.names.Of(*source_name_);
    text_.escapes = whole_.Contains("\\u") || whole_.Contains("\\U");
    if (const auto at = kLines ? std::nullopt : TooDeep(whole_)) {
      return SourceText(text_.text, path_)
          .Error({*at, *at + 1},
                 absl::StrCat("brackets are nested more than ", kDeepestBrackets, " deep here"));
    }
    // Which nodes are facts must be known before anything is told about them.
    if (whole_.Contains(kVocabulary)) {
      ANNALS_RETURN_IF_ERROR(Parse(&RdfFile::FindFact, /*rejects=*/false));
      if (nodes_.scattered()) {
        ANNALS_RETURN_IF_ERROR(Parse(&RdfFile::KeepFact, /*rejects=*/false));
      }
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
    if (!kLines) return ParseAtOnce(take);
    QuadLinesUse lines;
    lines.use = take;
    lines.passed = [this](std::string_view passed) {
      const auto begin = static_cast<size_t>(passed.data() - text_.text.data());
      whole_.Forget(begin, begin + passed.size());
    };
    if (use != &RdfFile::TellQuad) {
      lines.wanted = [](const Quad& quad, bool begins) { return begins || IsTypeOfFact(quad); };
    }
    lines.begin_line = [this](uint64_t line) { line_ = line; };
    if (target_.reject) {
      lines.fault = [&](const absl::Status& fault, uint64_t line, std::string_view text) {
        return rejects ? PassOver(fault, line, text) : absl::OkStatus();
      };
    }
    return ReadQuadLines(syntax, text_, HardwareThreads(), lines);
  }

  absl::Status ParseAtOnce(const std::function<absl::Status(const Quad&)>& take) {
    uint64_t read = 0;
    return QuadReader(syntax, text_).Read(text_.text.data(), 0, [&](const Quad& quad) {
      if (++read % kStatementsInMemory == 0) whole_.Forget(0, text_.text.size());
      return take(quad);
    });
  }

  // The fault itself, unless faults are passed over.
  absl::Status PassOver(const absl::Status& fault, uint64_t line, std::string_view record) {
    const bool of_file = fault.code() == absl::StatusCode::kInvalidArgument;
    if (!kLines || !target_.reject || !of_file || !target_.names.status().ok()) return fault;
    return target_.reject(RejectOf(fault, path_, line, record));
  }

  // --- Statements ---

  absl::Status FindFact(const Quad& quad) {
    nodes_.Find(quad);
    return absl::OkStatus();
  }

  absl::Status KeepFact(const Quad& quad) {
    if (IsTypeOfFact(quad)) facts_.try_emplace({quad.graph, quad.subject});
    return absl::OkStatus();
  }

  absl::Status TellQuad(const Quad& quad) {
    if (++read_ % kFactsBetweenProgress == 0 && progress_) {
      ANNALS_RETURN_IF_ERROR(progress_(read_));
    }
    ANNALS_ASSIGN_OR_RETURN(FactNode* const fact, FactOf(quad));
    if (fact != nullptr) return Collect(quad, fact);
    const BulkLoad::Handle source =
        quad.graph_type == SERD_NOTHING ? default_source_ : Entity(quad.graph, quad.graph_type);
    target_.load.Add(Entity(quad.subject, quad.subject_type), Entity(quad.predicate, SERD_URI),
                     Object(quad), BulkLoad::kNone, source);
    return target_.names.status();
  }

  // That the statement is about, if that is one. A fact whose statements are all read is told.
  absl::StatusOr<FactNode*> FactOf(const Quad& quad) {
    if (nodes_.scattered()) {
      const auto fact = facts_.find({quad.graph, quad.subject});
      return fact == facts_.end() ? nullptr : &fact->second;
    }
    if (!key_.IsOf(quad)) {
      ANNALS_RETURN_IF_ERROR(TellFacts());
      key_.Be(quad);
      if (nodes_.Contains(quad)) fact_.emplace();
    }
    return fact_.has_value() ? &*fact_ : nullptr;
  }

  absl::Status Collect(const Quad& quad, FactNode* fact) {
    absl::Status status = CollectPart(quad, fact);
    if (!status.ok()) fact->faulty = true;
    return status;
  }

  absl::Status CollectPart(const Quad& quad, FactNode* fact) {
    if (IsTypeOfFact(quad)) {
      fact->line = line_;
      return absl::OkStatus();
    }
    if (IsRdf(quad.predicate, "type") && IsRdf(quad.object, "Statement")) return absl::OkStatus();
    BulkLoad::Handle* place = nullptr;
    if (IsRdf(quad.predicate, "subject")) place = &fact->subject;
    if (IsRdf(quad.predicate, "predicate")) place = &fact->predicate;
    if (IsRdf(quad.predicate, "object")) place = &fact->object;
    const bool is_time = IsAnnals(quad.predicate, "time");
    if (is_time) place = &fact->time;
    BulkLoad::Handle object = BulkLoad::kNone;
    if (is_time) {
      const auto time = Time::Parse(quad.object);
      if (quad.object_type != SERD_LITERAL || !time.ok()) {
        return FactFault(
            quad.subject, line_,
            absl::StrCat("its annals:time is no time: '", EscapeForDisplay(quad.object), "'"));
      }
      object = target_.load.Intern(Term(*time));
    } else {
      object = Object(quad);
    }
    if (place != nullptr) {
      if (*place != BulkLoad::kNone && *place != object &&
          (is_time || target_.names.Settled(*place) != target_.names.Settled(object))) {
        return FactFault(quad.subject, line_, "it has two of what a fact has one of");
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
    if (fact_.has_value()) {
      FactNode fact = *std::exchange(fact_, std::nullopt);
      ANNALS_RETURN_IF_ERROR(TellFact(key_, &fact));
    }
    for (auto& [key, fact] : facts_) ANNALS_RETURN_IF_ERROR(TellFact(key, &fact));
    return target_.names.status();
  }

  absl::Status TellFact(const NodeKey& key, FactNode* fact) {
    if (fact->faulty) return absl::OkStatus();
    if (fact->subject == 0 || fact->predicate == 0 || fact->object == 0) {
      return PassOver(FactFault(key.node, fact->line,
                                "it needs rdf:subject, rdf:predicate and rdf:object in the same "
                                "graph"),
                      fact->line, "");
    }
    if (fact->sources.empty()) {
      // A graph is an IRI or a blank node.
      const SerdType type = key.graph.starts_with(blank_prefix_) ? SERD_BLANK : SERD_URI;
      fact->sources.push_back(key.graph.empty() ? default_source_ : Entity(key.graph, type));
    }
    for (const BulkLoad::Handle source : fact->sources) {
      const BulkLoad::Handle number =
          target_.load.Add(fact->subject, fact->predicate, fact->object, fact->time, source);
      for (const auto& [name, value] : fact->qualifiers) {
        target_.load.Add(number, name, value, BulkLoad::kNone, source);
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

  // The line counts where lines are statements.
  absl::Status FactFault(std::string_view node, uint64_t line, std::string_view message) const {
    std::string name = EscapeForDisplay(node);
    if (node.starts_with(blank_prefix_)) {
      name = "_:" + EscapeForDisplay(node.substr(blank_prefix_.size()));
    }
    const std::string place = kLines ? absl::StrCat(":", line, ":1") : "";
    return InvalidArgument(
        absl::StrCat(path_, place, ": the fact ", name, " can't be read: ", ToAbsl(message)));
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
  FactNodes nodes_;
  NodeKey key_;                        // of the last statement
  std::optional<FactNode> fact_;       // that it is about
  std::map<NodeKey, FactNode> facts_;  // all, where their statements are scattered
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

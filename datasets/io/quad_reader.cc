#include "datasets/io/quad_reader.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/base/source_text.h"
#include "storage/base/text.h"
#include "storage/model/iri.h"
#include "storage/model/literal.h"

namespace annals::datasets {
namespace {

std::string_view TextOf(const SerdNode& node) {
  return {reinterpret_cast<const char*>(node.buf), node.n_bytes};
}

const uint8_t* Bytes(const std::string& text) {
  return reinterpret_cast<const uint8_t*>(text.c_str());
}

const char* NameOf(SerdSyntax syntax) {
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

// What serd says, for who wrote the file: it shows the end of the text as the byte 0xff.
std::string Reworded(std::string_view said) {
  while (said.ends_with('\n')) said.remove_suffix(1);
  if (said == "line end in short string" || said == "end of file in short string") {
    return "the text is not closed on its line";
  }
  constexpr std::string_view kInIri = "invalid IRI character (escape %";
  if (said.starts_with(kInIri) && (said.ends_with("0A)") || said.ends_with("FF)"))) {
    return "the IRI is not closed; expected '>'";
  }
  if (said.starts_with("unexpected end of file")) return "the text ends within a statement";
  std::string text(said);
  constexpr std::string_view kEnd = "`\xff'";
  if (const size_t at = text.find(kEnd); at != text.npos) {
    text.replace(at, kEnd.size(), "the end of the text");
  }
  std::replace(text.begin(), text.end(), '`', '\'');
  return EscapeForDisplay(text);
}

// Once resolved, a prefixed name is an IRI.
SerdType TypeOf(const SerdNode& node) { return node.type == SERD_CURIE ? SERD_URI : node.type; }

}  // namespace

class QuadReader::Impl {
 public:
  Impl(SerdSyntax syntax, const RdfText& text)
      : syntax_(syntax), text_(text), env_(nullptr, &serd_env_free) {
    const SerdNode base = serd_node_from_string(SERD_URI, Bytes(text.base_iri));
    env_.reset(serd_env_new(&base));
  }

  absl::Status Read(const char* piece, uint64_t lines_before,
                    const std::function<absl::Status(const Quad&)>& use) {
    if (*piece == '\0') return absl::OkStatus();  // serd reads behind the end of an empty text
    // One for each piece: serd keeps every graph of N-Quads until its reader ends.
    const std::unique_ptr<SerdReader, void (*)(SerdReader*)> reader(
        serd_reader_new(syntax_, this, nullptr, &SetBase, &SetPrefix, &Take, nullptr),
        &serd_reader_free);
    if (env_ == nullptr || reader == nullptr) {
      return ResourceExhausted("there is not enough memory");
    }
    serd_reader_set_strict(reader.get(), true);
    serd_reader_set_error_sink(reader.get(), &TakeError, this);
    serd_reader_add_blank_prefix(reader.get(), Bytes(text_.blank_prefix));
    use_ = &use;
    piece_ = piece;
    lines_before_ = lines_before;
    status_ = absl::OkStatus();
    const SerdStatus read =
        serd_reader_read_string(reader.get(), reinterpret_cast<const uint8_t*>(piece));
    ANNALS_RETURN_IF_ERROR(status_);
    if (read > SERD_FAILURE) {
      return InvalidArgument(absl::StrCat(text_.path, ": this is not ", NameOf(syntax_), ": ",
                                          reinterpret_cast<const char*>(serd_strerror(read))));
    }
    return absl::OkStatus();
  }

 private:
  static SerdStatus SetBase(void* self, const SerdNode* iri) {
    return serd_env_set_base_uri(static_cast<Impl*>(self)->env_.get(), iri);
  }

  static SerdStatus SetPrefix(void* self, const SerdNode* name, const SerdNode* iri) {
    return serd_env_set_prefix(static_cast<Impl*>(self)->env_.get(), name, iri);
  }

  static SerdStatus TakeError(void* handle, const SerdError* error) {
    auto* self = static_cast<Impl*>(handle);
    if (!self->status_.ok()) return SERD_SUCCESS;  // the first is the cause
    char said[512];
    std::vsnprintf(said, sizeof(said), error->fmt, *error->args);
    const std::string message = Reworded(said);
    uint64_t line = error->line;
    unsigned column = error->col;
    if (const auto length = self->LengthOfOnlyLine(); length.has_value() && line > 1) {
      line = 1;
      column = *length + 1;
    }
    self->status_ = self->Fault(self->lines_before_ + line, column, message);
    return SERD_SUCCESS;
  }

  // Of a piece that is one line with its end: what serd misses there it looks for in the next one.
  std::optional<unsigned> LengthOfOnlyLine() const {
    const char* const end = std::strchr(piece_, '\n');
    if (end == nullptr || end[1] != '\0') return std::nullopt;
    const bool cr = end > piece_ && end[-1] == '\r';
    return static_cast<unsigned>(end - piece_ - (cr ? 1 : 0));
  }

  static SerdStatus Take(void* handle, SerdStatementFlags /*flags*/, const SerdNode* graph,
                         const SerdNode* subject, const SerdNode* predicate, const SerdNode* object,
                         const SerdNode* datatype, const SerdNode* language) {
    auto* self = static_cast<Impl*>(handle);
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
      if (!IsLanguageTag(quad.language)) {
        return Misfit(absl::StrCat("the language '@", EscapeForDisplay(quad.language),
                                   "' is none; expected letters, then '-' and letters or digits, "
                                   "as @en-GB"));
      }
    }
    quad.subject_type = TypeOf(*subject);
    quad.object_type = TypeOf(*object);
    return (*use_)(quad);
  }

  absl::Status Resolve(const SerdNode& node, std::string* text) {
    const bool relative =
        node.type == SERD_CURIE || (node.type == SERD_URI && !serd_uri_string_has_scheme(node.buf));
    if (!relative) {
      *text = TextOf(node);
    } else {
      SerdNode expanded = serd_env_expand_node(env_.get(), &node);
      if (expanded.buf == nullptr) {
        const std::string_view all = text_.text;
        const size_t at = std::min(all.find(TextOf(node)), all.size());
        return SourceText(all, text_.path)
            .Error({at, std::min(at + node.n_bytes, all.size())},
                   absl::StrCat("the prefix of '", EscapeForDisplay(TextOf(node)),
                                "' is not declared; expected @prefix before"));
      }
      *text = TextOf(expanded);
      serd_node_free(&expanded);
    }
    return Check(*text, TypeOf(node) == SERD_URI);
  }

  absl::Status Check(const std::string& text, bool is_iri) const {
    if (text.find('\0') != std::string::npos) {
      return Misfit("a text holds a NUL character (\\u0000); remove it");
    }
    if (text_.escapes && FindInvalidUtf8(text).has_value()) {
      return Misfit(
          absl::StrCat("'", EscapeForDisplay(text), "' holds an escape that is no character"));
    }
    if (is_iri && std::any_of(text.begin(), text.end(), &IsNeverInIri)) {
      return Misfit(absl::StrCat("the IRI <", EscapeForDisplay(text),
                                 "> holds a character that no IRI may hold: a space or one of < > "
                                 "\" { } | ^ ` \\"));
    }
    return absl::OkStatus();
  }

  absl::Status Fault(uint64_t line, unsigned column, const std::string& message) const {
    std::string_view shown;
    if (const auto length = LengthOfOnlyLine()) {
      shown = {piece_, *length};
    } else {
      std::string_view text = text_.text;
      for (uint64_t i = 1; i < line; ++i) {
        text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
      }
      shown = text.substr(0, text.find('\n'));
      if (shown.ends_with('\r')) shown.remove_suffix(1);
    }
    const size_t offset = std::min<size_t>(column > 0 ? column - 1 : 0, shown.size());
    return SourceText(shown, text_.path, line)
        .Error({offset, std::min(offset + 1, shown.size())}, message);
  }

  // Of a text that can be read, but not be told.
  absl::Status Misfit(const std::string& message) const {
    if (LengthOfOnlyLine().has_value()) return Fault(lines_before_ + 1, 1, message);
    return InvalidArgument(absl::StrCat(text_.path, ": ", message));
  }

  const SerdSyntax syntax_;
  const RdfText& text_;
  std::unique_ptr<SerdEnv, void (*)(SerdEnv*)> env_;
  // Of the present piece:
  const std::function<absl::Status(const Quad&)>* use_ = nullptr;
  const char* piece_ = nullptr;
  uint64_t lines_before_ = 0;
  absl::Status status_;
  Quad quad_;
};

QuadReader::QuadReader(SerdSyntax syntax, const RdfText& text)
    : impl_(std::make_unique<Impl>(syntax, text)) {}
QuadReader::QuadReader(QuadReader&&) noexcept = default;
QuadReader::~QuadReader() = default;

absl::Status QuadReader::Read(const char* piece, uint64_t lines_before,
                              const std::function<absl::Status(const Quad& quad)>& use) {
  return impl_->Read(piece, lines_before, use);
}

void QuadBatch::Add(const Quad& quad) {
  Entry entry{{}, quad.graph_type, quad.subject_type, quad.object_type};
  size_t i = 0;
  for (const std::string* text : {&quad.graph, &quad.subject, &quad.predicate, &quad.object,
                                  &quad.datatype, &quad.language}) {
    entry.sizes[i++] = static_cast<uint32_t>(text->size());
    bytes_ += *text;
  }
  entries_.push_back(entry);
}

const Quad& QuadBatch::Cursor::Next() {
  const Entry& entry = batch_.entries_[entry_++];
  size_t i = 0;
  for (std::string* text : {&quad_.graph, &quad_.subject, &quad_.predicate, &quad_.object,
                            &quad_.datatype, &quad_.language}) {
    text->assign(batch_.bytes_, at_, entry.sizes[i]);
    at_ += entry.sizes[i++];
  }
  quad_.graph_type = entry.graph_type;
  quad_.subject_type = entry.subject_type;
  quad_.object_type = entry.object_type;
  return quad_;
}

}  // namespace annals::datasets

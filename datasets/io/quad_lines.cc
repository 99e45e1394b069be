#include "datasets/io/quad_lines.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "datasets/io/line_blocks.h"
#include "storage/base/parallel.h"
#include "storage/base/source_text.h"

namespace annals::datasets {
namespace {

// Each line's text, without its end, and its number in the block: lines end in LF, CR or both.
template <typename Use>
void ForEachLineIn(std::string_view block, const Use& use) {
  size_t number = 0;
  for (size_t begin = 0, lf = 0, next_lf = 0; begin < block.size();) {
    if (begin >= next_lf) {
      lf = std::min(block.find('\n', begin), block.size());
      next_lf = lf + 1;
    }
    const std::string_view to_lf = block.substr(begin, lf - begin);
    const std::string_view line = to_lf.substr(0, to_lf.find('\r'));
    use(line, ++number);
    const bool lone = line.size() + 1 < to_lf.size();  // a CR
    begin = lone ? begin + line.size() + 1 : next_lf;
  }
}

uint64_t CountLines(std::string_view block) {
  if (block.find('\r') == block.npos) {
    return static_cast<uint64_t>(std::count(block.begin(), block.end(), '\n'));
  }
  uint64_t lines = 0;
  ForEachLineIn(block, [&](std::string_view, size_t number) { lines = number; });
  return lines;
}

// What all lines are: terms in <>, with _: or in quotes, and a '.'. serd looks into the terms, but
// is not told of lines: it takes what stands behind a statement and what goes on in the next line.
class LineScanner {
 public:
  LineScanner(std::string_view line, bool quads) : line_(line), quads_(quads) {}

  // Does it hold a statement? Otherwise it is empty or a comment, or has a fault.
  bool Scan() {
    if (AtEnd()) return false;
    const bool whole = Resource("a subject: an IRI in <> or a blank node", true) &&
                       Resource("a predicate: an IRI in <>", false) && Object() && Graph() && Dot();
    if (whole && !AtEnd()) message_ = "expected the end of the line after the '.' of a statement";
    return message_.empty();
  }

  const std::string& message() const { return message_; }  // empty: there is no fault
  size_t offset() const { return at_; }                    // of the fault
  size_t dot() const { return dot_; }                      // that ends the statement
  // May it stand in a blank node's label? serd decides beyond ASCII.
  static bool InLabel(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return absl::ascii_isalnum(byte) || byte >= 0x80 ||
           std::string_view("_-.:").find(c) != std::string_view::npos;
  }

 private:
  static bool IsSpace(char c) { return c == ' ' || c == '\t'; }
  void SkipSpace() {
    while (at_ < line_.size() && IsSpace(line_[at_])) ++at_;
  }
  bool AtEnd() {
    SkipSpace();
    return at_ == line_.size() || line_[at_] == '#';
  }
  bool Fault(std::string message) {
    message_ = std::move(message);
    return false;
  }
  bool StartsWith(std::string_view text) const { return line_.substr(at_).starts_with(text); }

  bool Resource(const char* expected, bool blank) {
    SkipSpace();
    if (StartsWith("<")) {
      const size_t end = line_.find('>', at_);
      if (end == line_.npos) return Fault("the IRI is not closed; expected '>'");
      at_ = end + 1;
      return true;
    }
    if (!blank || !StartsWith("_:")) return Fault(absl::StrCat("expected ", expected));
    size_t end = at_ + 2;
    while (end < line_.size() && InLabel(line_[end])) ++end;
    while (line_[end - 1] == '.') --end;  // one may end the statement
    if (end == at_ + 2) return Fault("expected a label after '_:'");
    at_ = end;
    return true;
  }

  bool Object() {
    SkipSpace();
    if (!StartsWith("\"")) {
      return Resource("an object: an IRI in <>, a blank node or a text in quotes", true);
    }
    size_t end = at_ + 1;
    while (end < line_.size() && line_[end] != '"') end += line_[end] == '\\' ? 2 : 1;
    if (end >= line_.size()) return Fault("the text is not closed on its line");
    at_ = end + 1;
    if (StartsWith("@")) {
      ++at_;
      while (at_ < line_.size() &&
             (absl::ascii_isalnum(static_cast<unsigned char>(line_[at_])) || line_[at_] == '-')) {
        ++at_;
      }
    } else if (StartsWith("^^")) {
      at_ += 2;
      return Resource("the datatype after '^^': an IRI in <>", false);
    }
    return true;
  }

  bool Graph() {
    SkipSpace();
    if (!quads_ || StartsWith(".")) return true;
    return Resource("'.' at the end of the statement, or a graph before it", true);
  }

  bool Dot() {
    SkipSpace();
    if (!StartsWith(".")) return Fault("expected '.' at the end of the statement");
    dot_ = at_++;
    return true;
  }

  const std::string_view line_;
  const bool quads_;
  size_t at_ = 0, dot_ = 0;
  std::string message_;
};

// That isn't empty.
struct Line {
  std::string_view text;
  uint64_t number = 0;
  size_t dot = 0;    // where its statement ends
  size_t quads = 0;  // that are wanted
  absl::Status status;
};

struct Block : PipelineItem {
  std::string_view text;
  uint64_t lines_before = 0;
  QuadBatch quads;
  std::vector<Line> lines;
};

class LinesReader : public PipelineStages {
 public:
  LinesReader(SerdSyntax syntax, const RdfText& text, size_t threads, const QuadLinesUse& use)
      : syntax_(syntax), text_(text), use_(use), blocks_(text.text, /*cr_ends=*/true) {
    for (size_t i = 0; i < threads; ++i) readers_.emplace_back(syntax, text);
  }

  absl::StatusOr<std::unique_ptr<PipelineItem>> Make() override {
    auto block = std::make_unique<Block>();
    block->text = blocks_.Next();
    if (block->text.empty()) return nullptr;
    block->lines_before = lines_;
    lines_ += CountLines(block->text);
    return block;
  }

  absl::Status Work(PipelineItem& item, size_t worker) override {
    auto& block = static_cast<Block&>(item);
    bool sound = true;
    ForEachLineIn(block.text, [&](std::string_view text, size_t number) {
      LineScanner scanner(text, syntax_ == SERD_NQUADS);
      if (!scanner.Scan() && scanner.message().empty()) return;
      Line& line = block.lines.emplace_back();
      line.text = text;
      line.number = block.lines_before + number;
      line.dot = scanner.dot();
      if (scanner.message().empty()) return;
      sound = false;
      line.status = SourceText(text, text_.path, line.number)
                        .Error({scanner.offset(), std::min(scanner.offset() + 1, text.size())},
                               scanner.message());
    });
    // Each line is a statement.
    if (sound && ReadAtOnce(readers_[worker], block)) return absl::OkStatus();
    block.quads = QuadBatch();
    for (Line& line : block.lines) ReadLine(readers_[worker], line, &block.quads);
    return absl::OkStatus();
  }

  absl::Status Use(PipelineItem& item) override {
    const auto& block = static_cast<Block&>(item);
    QuadBatch::Cursor cursor(block.quads);
    for (const Line& line : block.lines) {
      if (use_.begin_line) use_.begin_line(line.number);
      absl::Status status = line.status;
      for (size_t i = 0; i < line.quads; ++i) {
        const Quad& quad = cursor.Next();
        if (status.ok()) status = use_.use(quad);
      }
      if (status.ok()) continue;
      if (!use_.fault) return status;
      ANNALS_RETURN_IF_ERROR(use_.fault(status, line.number, line.text));
    }
    if (use_.passed) use_.passed(block.text);
    return absl::OkStatus();
  }

 private:
  // False if there is a fault, or serd doesn't see what the lines hold.
  bool ReadAtOnce(QuadReader& reader, Block& block) const {
    std::string graph, subject;  // no subject is empty
    size_t read = 0;
    const absl::Status status =
        reader.Read(std::string(block.text).c_str(), block.lines_before, [&](const Quad& quad) {
          if (read == block.lines.size()) return InvalidArgument("more statements than lines");
          const bool begins = quad.subject != subject || quad.graph != graph;
          if (begins && use_.wanted) {
            graph = quad.graph;
            subject = quad.subject;
          }
          block.lines[read++].quads = Take(quad, begins, &block.quads);
          return absl::OkStatus();
        });
    return status.ok() && read == block.lines.size();
  }

  void ReadLine(QuadReader& reader, Line& line, QuadBatch* quads) const {
    line.quads = 0;
    if (!line.status.ok()) return;
    size_t read = 0;
    std::string whole = std::string(line.text) + '\n';
    // serd would take the dot for a part of a graph's label.
    if (LineScanner::InLabel(line.text[line.dot - 1])) whole.insert(line.dot, 1, ' ');
    line.status = reader.Read(whole.c_str(), line.number - 1, [&](const Quad& quad) {
      ++read;
      line.quads += Take(quad, true, quads);
      return absl::OkStatus();
    });
    if (line.status.ok() && read != 1) {
      line.status = SourceText(line.text, text_.path, line.number)
                        .Error({0, std::min<size_t>(line.text.size(), 1)},
                               "this can't be read as one statement");
    }
  }

  size_t Take(const Quad& quad, bool begins, QuadBatch* quads) const {
    if (use_.wanted && !use_.wanted(quad, begins)) return 0;
    quads->Add(quad);
    return 1;
  }

  const SerdSyntax syntax_;
  const RdfText& text_;
  const QuadLinesUse& use_;
  LineBlocks blocks_;
  uint64_t lines_ = 0;               // before the next block
  std::vector<QuadReader> readers_;  // one a worker
};

}  // namespace

absl::Status ReadQuadLines(SerdSyntax syntax, const RdfText& text, size_t threads,
                           const QuadLinesUse& use) {
  LinesReader reader(syntax, text, threads, use);
  return RunPipeline(reader, threads);
}

}  // namespace annals::datasets

#include "datasets/io/quad_lines.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "datasets/io/line_blocks.h"
#include "storage/base/parallel.h"

namespace annals::datasets {
namespace {

// Of a line that is read for itself.
struct Line {
  std::string_view text;
  uint64_t number = 0;
  size_t quads = 0;
  absl::Status status;  // what is wrong after these
};

struct Block : PipelineItem {
  std::string_view text;
  uint64_t lines_before = 0;
  QuadBatch quads;
  std::vector<Line> lines;
  absl::Status status;  // if it was read as a whole
};

class LinesReader : public PipelineStages {
 public:
  LinesReader(SerdSyntax syntax, const RdfText& text, size_t threads, const QuadLinesUse& use)
      : syntax_(syntax), text_(text), use_(use), blocks_(text.text) {
    for (size_t i = 0; i < threads; ++i) readers_.emplace_back(syntax, text);
  }

  absl::StatusOr<std::unique_ptr<PipelineItem>> Make() override {
    auto block = std::make_unique<Block>();
    if (!ended_) block->text = blocks_.Next();
    if (block->text.empty()) return nullptr;
    block->lines_before = lines_;
    lines_ += static_cast<uint64_t>(std::count(block->text.begin(), block->text.end(), '\n'));
    return block;
  }

  absl::Status Work(PipelineItem& item, size_t worker) override {
    auto& block = static_cast<Block&>(item);
    if (!use_.fault) {
      block.status = Collect(readers_[worker], block.text, block.lines_before, &block.quads);
      return absl::OkStatus();
    }
    ForEachLine(block.text, [&](std::string_view text, uint64_t number) {
      if (text.find_first_not_of(" \t\r") == text.npos) return;
      Line& line = block.lines.emplace_back();
      line.text = text;
      line.number = block.lines_before + number;
      const size_t before = block.quads.size();
      const std::string whole = std::string(text) + '\n';
      line.status = Collect(readers_[worker], whole, line.number - 1, &block.quads);
      line.quads = block.quads.size() - before;
    });
    return absl::OkStatus();
  }

  absl::Status Use(PipelineItem& item) override {
    const auto& block = static_cast<Block&>(item);
    if (ended_) return absl::OkStatus();
    if (!use_.fault && !block.status.ok()) return ReadRest(block);
    ANNALS_RETURN_IF_ERROR(use_.fault ? UseLines(block) : UseAll(block));
    if (use_.passed) use_.passed(block.text);
    return absl::OkStatus();
  }

 private:
  absl::Status Collect(QuadReader& reader, std::string_view text, uint64_t lines_before,
                       QuadBatch* quads) const {
    std::string graph, subject;  // no subject is empty
    return reader.Read(std::string(text).c_str(), lines_before, [&](const Quad& quad) {
      if (!use_.wanted) {
        quads->Add(quad);
        return absl::OkStatus();
      }
      const bool begins = quad.subject != subject || quad.graph != graph;
      if (begins) {
        graph = quad.graph;
        subject = quad.subject;
      }
      if (use_.wanted(quad, begins)) quads->Add(quad);
      return absl::OkStatus();
    });
  }

  absl::Status UseAll(const Block& block) const {
    QuadBatch::Cursor cursor(block.quads);
    for (size_t i = 0; i < block.quads.size(); ++i) {
      ANNALS_RETURN_IF_ERROR(use_.use(cursor.Next()));
    }
    return absl::OkStatus();
  }

  absl::Status UseLines(const Block& block) const {
    QuadBatch::Cursor cursor(block.quads);
    for (const Line& line : block.lines) {
      if (use_.begin_line) use_.begin_line(line.number);
      absl::Status status;
      for (size_t i = 0; i < line.quads; ++i) {
        const Quad& quad = cursor.Next();
        if (status.ok()) status = use_.use(quad);
      }
      if (status.ok()) status = line.status;
      if (!status.ok()) ANNALS_RETURN_IF_ERROR(use_.fault(status, line.number, line.text));
    }
    return absl::OkStatus();
  }

  // A statement may go on in the next line, and so in the next block: what seems to be a fault is
  // one if the text as a whole has it.
  absl::Status ReadRest(const Block& block) {
    ended_ = true;
    QuadReader reader(syntax_, text_);
    const auto at = static_cast<size_t>(block.text.data() - text_.text.data());
    const absl::Status read =
        reader.Read(text_.text.data() + at, block.lines_before, [&](const Quad& quad) {
          return !use_.wanted || use_.wanted(quad, true) ? use_.use(quad) : absl::OkStatus();
        });
    if (read.ok() || !reader.fault_line().has_value()) return read;
    // What a line lacks is found missing in the next one that holds something.
    const Line before = LineBefore(block, *reader.fault_line());
    QuadReader line_reader(syntax_, text_);
    absl::Status alone =
        line_reader.Read((std::string(before.text) + '\n').c_str(), before.number - 1,
                         [](const Quad&) { return absl::OkStatus(); });
    return alone.ok() ? read : alone;
  }

  // The last line of the block or after it, and before that of this number, that is neither empty
  // nor a comment; if there is none, no text.
  Line LineBefore(const Block& block, uint64_t number) const {
    const auto at = static_cast<size_t>(block.text.data() - text_.text.data());
    Line last{{}, block.lines_before + 1, 0, {}};
    std::string_view rest = text_.text.substr(at);
    for (uint64_t line = last.number; line < number && !rest.empty(); ++line) {
      const std::string_view text = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(text.size() + 1, rest.size()));
      const size_t begin = text.find_first_not_of(" \t\r");
      if (begin != text.npos && text[begin] != '#') last = {text, line, 0, {}};
    }
    return last;
  }

  const SerdSyntax syntax_;
  const RdfText& text_;
  const QuadLinesUse& use_;
  LineBlocks blocks_;
  uint64_t lines_ = 0;               // before the next block
  std::vector<QuadReader> readers_;  // one a worker
  std::atomic<bool> ended_ = false;
};

}  // namespace

absl::Status ReadQuadLines(SerdSyntax syntax, const RdfText& text, size_t threads,
                           const QuadLinesUse& use) {
  LinesReader reader(syntax, text, threads, use);
  return RunPipeline(reader, threads);
}

}  // namespace annals::datasets

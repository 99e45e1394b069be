#include "datasets/io/json_lines.h"

#include <memory>
#include <utility>
#include <vector>

#include "datasets/io/line_blocks.h"
#include "storage/base/parallel.h"

namespace annals::datasets {
namespace {

struct Block : PipelineItem {
  std::string_view text;
  std::vector<JsonLine> lines;  // numbered from the block's first
  uint64_t all_lines = 0;       // those that nobody wants too
};

class LinesReader : public PipelineStages {
 public:
  LinesReader(std::string_view text, size_t threads,
              const std::function<bool(std::string_view)>& wanted,
              const std::function<absl::Status(const JsonLine&)>& use,
              const std::function<void(std::string_view)>& passed)
      : blocks_(text), wanted_(wanted), use_(use), passed_(passed), readers_(threads) {}

  absl::StatusOr<std::unique_ptr<PipelineItem>> Make() override {
    auto block = std::make_unique<Block>();
    block->text = blocks_.Next();
    if (block->text.empty()) return nullptr;
    return block;
  }

  absl::Status Work(PipelineItem& item, size_t worker) override {
    auto& block = static_cast<Block&>(item);
    ForEachLine(block.text, [&](std::string_view text, uint64_t number) {
      block.all_lines = number;
      if (text.find_first_not_of(" \t\r") == text.npos) return;
      if (text.ends_with('\r')) text.remove_suffix(1);
      if (!wanted_(text)) return;
      JsonLine& line = block.lines.emplace_back();
      line.text = text;
      line.number = number;
      line.fault = readers_[worker].Read(text, &line.value);
    });
    return absl::OkStatus();
  }

  absl::Status Use(PipelineItem& item) override {
    auto& block = static_cast<Block&>(item);
    for (JsonLine& line : block.lines) {
      line.number += lines_before_;
      ANNALS_RETURN_IF_ERROR(use_(line));
    }
    lines_before_ += block.all_lines;
    if (passed_) passed_(block.text);
    return absl::OkStatus();
  }

 private:
  LineBlocks blocks_;
  const std::function<bool(std::string_view)>& wanted_;
  const std::function<absl::Status(const JsonLine&)>& use_;
  const std::function<void(std::string_view)>& passed_;
  std::vector<JsonReader> readers_;  // one a worker
  uint64_t lines_before_ = 0;
};

}  // namespace

absl::Status ReadJsonLines(std::string_view text, size_t threads,
                           const std::function<bool(std::string_view line)>& wanted,
                           const std::function<absl::Status(const JsonLine& line)>& use,
                           const std::function<void(std::string_view lines)>& passed) {
  LinesReader reader(text, threads, wanted, use, passed);
  return RunPipeline(reader, threads);
}

}  // namespace annals::datasets

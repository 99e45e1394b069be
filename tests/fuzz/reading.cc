// Reads datasets from memory into a load that is looked at and thrown away.
#include <algorithm>
#include <charconv>
#include <cstring>
#include <memory>
#include <string>
#include <system_error>

#include "storage/base/text.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/known_names.h"
#include "tests/fuzz/targets.h"
#include "tests/fuzz/told_load.h"

namespace annals::fuzz {
namespace {

constexpr std::string_view kFile = "file";

// The file's content.
std::string_view content;

class MemoryInput : public datasets::Input {
 public:
  explicit MemoryInput(std::string_view rest) : rest_(rest) {}
  absl::StatusOr<size_t> Read(char* buffer, size_t size) override {
    const size_t n = std::min(size, rest_.size());
    if (n > 0) std::memcpy(buffer, rest_.data(), n);
    rest_.remove_prefix(n);
    return n;
  }

 private:
  std::string_view rest_;
};

absl::StatusOr<std::unique_ptr<datasets::Input>> OpenContent(const std::string&) {
  return std::make_unique<MemoryInput>(content);
}

// LF, CR and CRLF end lines.
uint64_t LinesOf(std::string_view text) {
  uint64_t lines = 1;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool pair = text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
    if (text[i] == '\n' || (text[i] == '\r' && !pair)) ++lines;
  }
  return lines;
}

void ExpectLine(uint64_t line) {
  Expect(line >= 1 && line <= LinesOf(content), "a fault is outside of the file");
}

// What is wrong with a file is told with the file's name, and if it has a place, with one in it.
void ExpectFault(const absl::Status& status) {
  Expect(status.code() == absl::StatusCode::kInvalidArgument, status.ToString());
  std::string_view message = ToStd(status.message());
  Expect(message.find(kFile) != message.npos, message);
  if (!message.starts_with(kFile) || message.substr(kFile.size(), 1) != ":") return;
  message.remove_prefix(kFile.size() + 1);
  uint64_t line = 0;
  const auto end = std::from_chars(message.data(), message.data() + message.size(), line);
  if (end.ec == std::errc()) ExpectLine(line);
}

struct Settings {
  bool skip;     // go on after faults
  bool columns;  // are given: a table needs no header
};

struct Outcome {
  bool ok = false;
  uint64_t digest = 0;
  uint64_t rejects = 0;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

absl::Status Run(datasets::DatasetFile& file) {
  ANNALS_RETURN_IF_ERROR(file.Declare());
  ANNALS_RETURN_IF_ERROR(file.Tell({}));
  return file.Check();
}

Outcome Read(decltype(datasets::DatasetFormat::make) make, const Settings& settings) {
  static const KnownNames view;
  static ToldLoad load;
  load.Clear();
  Outcome outcome;
  datasets::EntityNames names(view, load);
  datasets::RejectFunction reject;
  if (settings.skip) {
    reject = [&outcome](const datasets::Reject& fault) {
      ExpectLine(fault.line);
      ++outcome.rejects;
      return absl::OkStatus();
    };
  }
  datasets::TableOptions options;
  if (settings.columns) options = {{"subject", "predicate", "object", "start", "end"}, "Log"};
  const std::unique_ptr<datasets::DatasetFile> file =
      make(std::string(kFile), options, {view, names, load, reject, 0, ":memory:", &OpenContent});
  const absl::Status status = Run(*file);
  outcome.ok = status.ok();
  if (!outcome.ok) ExpectFault(status);
  outcome.digest = load.Digest();
  return outcome;
}

}  // namespace

void ReadDataset(decltype(datasets::DatasetFormat::make) make, std::string_view bytes) {
  content = bytes;
  // Every way of reading is that of a sixteenth of all sizes at least.
  const Settings settings{bytes.size() % 2 == 1, bytes.size() / 2 % 2 == 1};
  const Outcome first = Read(make, settings);
  if (bytes.size() / 4 % 4 != 0) return;
  Expect(Read(make, settings) == first, "a file is not read alike twice");
}

}  // namespace annals::fuzz

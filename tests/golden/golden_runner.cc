// Runs golden files: golden_runner [--fold] FILE...
//
// Each file starts from an empty store. A statement that only asks is run with the optimizer on and
// off, in batches of one row and of many, and twice as a prepared one; all of these must agree.
//
//   add                  facts, without `add` and `;`
//   load FILE            the input is what follows the file's name in the statement
//   tell, run            any statements; their messages, rows and notes
//   query [ordered]      rows, sorted unless ordered; [typed]: with the kind of each value
//   plan [expect=PASS]   what `explain` says, without estimates; the pass must have fired
//   error                a script that fails: all of its message
//   reopen, fold         closes and opens the store; rewrites its delta into packed blocks
//   session              ends the session and starts another
//
// Lines such as `$whom = name Kim Jong-un` before a question or a script of one statement give
// parameters: of the kinds name, text, integer, time and iri.
//
// With --fold the store has blocks of four rows, writes every load as a new generation and is
// folded after every statement that told something. ANNALS_REWRITE=1 writes what came out into the
// files, in place of what was expected.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "annals/session.h"
#include "storage/base/status.h"
#include "storage/graph/store.h"
#include "tests/golden/golden_file.h"

namespace annals::golden {
namespace {

// Several threads over shares as small as they get.
constexpr exec::Parallelism kShared{3, 1, 1};
constexpr RunOptions kWays[] = {
    {true, 2048}, {true, 1}, {false, 2048}, {false, 1}, {true, 2048, kShared}, {false, 3, kShared}};

std::string ErrorText(const absl::Status& status) {
  const std::string code = absl::StatusCodeToString(status.code());
  const std::string kind = status.code() == absl::StatusCode::kInvalidArgument ? "" : code + ": ";
  return "error: " + kind + std::string(ToStd(status.message()));
}

std::string KindName(Value::Kind kind) {
  static constexpr const char* kNames[] = {"empty", "integer",  "decimal", "double",  "boolean",
                                           "time",  "duration", "text",    "literal", "name",
                                           "iri",   "blank",    "fact",    "list"};
  return kNames[static_cast<size_t>(kind)];
}

std::string ValueText(const Value& value, bool typed) {
  if (value.empty()) return "-";
  if (!typed) return value.text();
  std::string text = KindName(value.kind()) + " " + value.text();
  if (!value.language().empty()) text += "@" + value.language();
  if (!value.datatype().empty()) text += "^^" + value.datatype();
  return text;
}

void AppendLine(const std::string& line, std::string* text) {
  if (line.empty()) return;
  if (!text->empty()) *text += '\n';
  *text += line;
}

struct Showing {
  bool ordered = false;
  bool typed = false;
};

absl::Status AppendRows(Rows& rows, const Showing& showing, std::string* text) {
  if (rows.kind() == Rows::Kind::kYesNo) {
    AppendLine(rows.yes() ? "yes" : "no", text);
    return absl::OkStatus();
  }
  std::string header;
  for (const std::string& column : rows.columns()) header += (header.empty() ? "" : " | ") + column;
  AppendLine(header, text);
  std::vector<std::string> lines;
  while (true) {
    ANNALS_ASSIGN_OR_RETURN(const bool more, rows.Next());
    if (!more) break;
    std::string line;
    for (size_t i = 0; i < rows.columns().size(); ++i) {
      line += (i == 0 ? "" : " | ") + ValueText(rows.at(i), showing.typed);
    }
    lines.push_back(std::move(line));
  }
  if (!showing.ordered) std::sort(lines.begin(), lines.end());
  for (const std::string& line : lines) AppendLine(line, text);
  return absl::OkStatus();
}

// One answer as text, with its notes.
absl::Status AppendAnswer(Rows& rows, const Showing& showing, std::string* text) {
  const bool table = rows.kind() == Rows::Kind::kRows || rows.kind() == Rows::Kind::kYesNo;
  if (table) {
    ANNALS_RETURN_IF_ERROR(AppendRows(rows, showing, text));
  } else {
    AppendLine(rows.message(), text);
  }
  for (const std::string& note : rows.notes()) AppendLine("note: " + note, text);
  return absl::OkStatus();
}

bool Has(const Block& block, std::string_view argument) {
  return std::find(block.arguments.begin(), block.arguments.end(), argument) !=
         block.arguments.end();
}

// Without `  ~3 rows` at the ends of lines: estimates are the optimizer's own tests' matter.
std::string WithoutEstimates(const std::string& plan) {
  std::string text;
  size_t begin = 0;
  while (begin < plan.size()) {
    const size_t end = std::min(plan.find('\n', begin), plan.size());
    const std::string line = plan.substr(begin, end - begin);
    AppendLine(line.substr(0, line.rfind("  ~")), &text);
    begin = end + 1;
  }
  return text;
}

absl::StatusOr<Value> ParameterValue(const std::string& kind, const std::string& text) {
  if (kind == "name") return Value::Name(text);
  if (kind == "text") return Value::Text(text);
  if (kind == "integer") return Value::Integer(std::stoll(text));
  if (kind == "time") return Value::Time(text);
  if (kind == "iri") return Value::Iri(text);
  return InvalidArgument("there are no parameters of the kind '" + kind + "'");
}

// Takes the leading lines `$name = kind value` from a script.
absl::StatusOr<Parameters> TakeParameters(std::string* script) {
  Parameters parameters;
  while (script->starts_with('$')) {
    const size_t end = std::min(script->find('\n'), script->size() - 1);
    std::istringstream line(script->substr(1, end - 1));
    std::string name, equals, kind, text;
    line >> name >> equals >> kind >> std::ws;
    std::getline(line, text);
    ANNALS_ASSIGN_OR_RETURN(parameters[name], ParameterValue(kind, text));
    script->erase(0, end + 1);
  }
  return parameters;
}

class Runner {
 public:
  Runner(const GoldenFile& file, bool fold) : fold_(fold) {
    const bool on_disk = std::any_of(file.blocks.begin(), file.blocks.end(),
                                     [](const Block& block) { return block.command == "reopen"; });
    if (on_disk) {
      std::string name = (std::filesystem::temp_directory_path() / "annals-golden-XXXXXX").string();
      if (mkdtemp(name.data()) == nullptr) std::abort();
      directory_ = name;
    }
  }
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;
  ~Runner() {
    Close();
    std::error_code ignored;
    if (!directory_.empty()) std::filesystem::remove_all(directory_, ignored);
  }

  absl::Status Open() {
    const std::string path = directory_.empty() ? ":memory:" : directory_ + "/db";
    StoreOptions options;
    // Each commit is on a day of its own: 2025-01-01, then 2025-01-02, ...
    options.clock = [this] { return 1735689600 + 86400 * commits_++; };
    if (fold_) {
      options.block_rows = 4;
      options.bulk_rows = 1;
    }
    ANNALS_ASSIGN_OR_RETURN(store_, Store::Open(path, options));
    session_ = std::make_unique<SessionImpl>(*store_);
    return absl::OkStatus();
  }

  std::string Run(const Block& block) {
    auto output = RunBlock(block);
    return output.ok() ? *output : ErrorText(output.status());
  }

 private:
  void Close() {
    session_.reset();
    store_.reset();
  }

  absl::StatusOr<std::string> RunBlock(const Block& block) {
    if (block.command == "add") return Tell("add " + block.input + ";");
    if (block.command == "load") {
      if (block.arguments.empty()) return InvalidArgument("load needs a file");
      return Tell("load \"" + block.arguments[0] + "\" " + block.input + ";");
    }
    if (block.command == "tell" || block.command == "run") return Tell(block.input);
    if (block.command == "query")
      return Ask(block.input, {Has(block, "ordered"), Has(block, "typed")});
    if (block.command == "plan") return Plan(block);
    if (block.command == "error") return Fails(block.input);
    if (block.command == "fold") {
      ANNALS_RETURN_IF_ERROR(store_->Fold());
      return std::string();
    }
    if (block.command == "session" || block.command == "reopen") {
      if (block.command == "reopen") {
        Close();
        ANNALS_RETURN_IF_ERROR(Open());
      } else {
        session_ = std::make_unique<SessionImpl>(*store_);
      }
      return std::string();
    }
    return InvalidArgument("there is no command '" + block.command + "'");
  }

  absl::StatusOr<std::string> Script(const std::string& input, const Showing& showing) {
    std::string text = input, output;
    ANNALS_ASSIGN_OR_RETURN(const Parameters parameters, TakeParameters(&text));
    const auto answer = [&](Rows& rows) { return AppendAnswer(rows, showing, &output); };
    const auto run_one = [&]() -> absl::Status {
      ANNALS_ASSIGN_OR_RETURN(Rows rows, session_->Run(text, parameters));
      return answer(rows);
    };
    const absl::Status status =
        parameters.empty() ? session_->RunScript(text, "", answer, nullptr) : run_one();
    if (!status.ok()) AppendLine(ErrorText(status), &output);
    return output;
  }

  absl::StatusOr<std::string> Tell(const std::string& text) {
    session_->SetRunOptions(kWays[0]);
    ANNALS_ASSIGN_OR_RETURN(std::string output, Script(text, {}));
    if (fold_ && !session_->in_transaction()) ANNALS_RETURN_IF_ERROR(store_->Fold());
    return output;
  }

  absl::StatusOr<std::string> Ask(const std::string& text, const Showing& showing) {
    std::string first;
    for (size_t i = 0; i < std::size(kWays); ++i) {
      session_->SetRunOptions(kWays[i]);
      ANNALS_ASSIGN_OR_RETURN(const std::string output, Script(text, showing));
      if (i == 0) {
        first = output;
      } else if (output != first) {
        return Internal(std::string("the answer depends on how the question is run; with ") +
                        (kWays[i].optimize ? "" : "no ") + "optimizer and batches of " +
                        std::to_string(kWays[i].batch_rows) + " on " +
                        std::to_string(kWays[i].parallelism.threads) + " threads:\n" + output +
                        "\nand with the optimizer and batches of many:\n" + first);
      }
    }
    ANNALS_ASSIGN_OR_RETURN(const std::string prepared, AskPrepared(text, showing));
    if (prepared != first) {
      return Internal("as a prepared statement the answer is\n" + prepared + "\nand else\n" +
                      first);
    }
    return first;
  }

  // The second run has the plan of the first.
  absl::StatusOr<std::string> AskPrepared(const std::string& input, const Showing& showing) {
    session_->SetRunOptions(kWays[0]);
    std::string text = input;
    ANNALS_ASSIGN_OR_RETURN(const Parameters parameters, TakeParameters(&text));
    const auto statement = session_->Prepare(text);
    if (!statement.ok()) return Script(input, showing);  // a script of several
    std::string outputs[2];
    for (std::string& output : outputs) {
      const absl::Status status = [&]() -> absl::Status {
        ANNALS_ASSIGN_OR_RETURN(Rows rows, (*statement)->Run(parameters));
        return AppendAnswer(rows, showing, &output);
      }();
      if (!status.ok()) AppendLine(ErrorText(status), &output);
    }
    if (outputs[0] == outputs[1]) return outputs[0];
    return Internal("run again, a prepared statement answers\n" + outputs[1] + "\nafter\n" +
                    outputs[0]);
  }

  // Errors leave nothing behind, so they are tried in one way only.
  absl::StatusOr<std::string> Fails(const std::string& text) {
    session_->SetRunOptions(kWays[0]);
    ANNALS_ASSIGN_OR_RETURN(std::string output, Script(text, {}));
    if (output.find("error: ") == std::string::npos) return "no error\n" + output;
    return output;
  }

  absl::StatusOr<std::string> Plan(const Block& block) {
    session_->SetRunOptions(kWays[0]);
    ANNALS_ASSIGN_OR_RETURN(std::string output, Script("explain " + block.input, {}));
    output = WithoutEstimates(output);
    const size_t passes = output.rfind("passes:");
    const std::string fired = passes == std::string::npos ? "" : output.substr(passes) + " ";
    for (const std::string& argument : block.arguments) {
      if (!argument.starts_with("expect=")) continue;
      const std::string pass = argument.substr(7);
      if (fired.find(" " + pass + " ") == std::string::npos) {
        AppendLine("the pass " + pass + " did not fire", &output);
      }
    }
    return output;
  }

  const bool fold_;
  std::string directory_;
  int64_t commits_ = 0;
  std::unique_ptr<Store> store_;
  std::unique_ptr<SessionImpl> session_;
};

// How many blocks differ.
size_t RunFile(const std::string& path, bool fold, bool rewrite) {
  const GoldenFile file = ReadGoldenFile(path);
  Runner runner(file, fold);
  if (const absl::Status status = runner.Open(); !status.ok()) {
    std::cerr << path << ": " << ErrorText(status) << '\n';
    return 1;
  }
  size_t failures = 0;
  std::vector<std::string> outputs;
  for (const Block& block : file.blocks) {
    outputs.push_back(runner.Run(block));
    if (outputs.back() == block.expected || rewrite) continue;
    ++failures;
    std::cout << path << ':' << block.line << ": " << block.command << '\n'
              << block.input << "\n---- expected\n"
              << block.expected << "\n---- but got\n"
              << outputs.back() << "\n\n";
  }
  if (rewrite) WriteGoldenFile(file, outputs);
  if (file.blocks.empty()) {
    std::cout << path << ": holds no block\n";
    ++failures;
  }
  return failures;
}

}  // namespace
}  // namespace annals::golden

int main(int argc, char** argv) {
  bool fold = false;
  size_t failures = 0;
  const bool rewrite = std::getenv("ANNALS_REWRITE") != nullptr;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--fold") {
      fold = true;
    } else {
      failures += annals::golden::RunFile(argument, fold, rewrite);
    }
  }
  if (failures > 0) std::cout << failures << " blocks differ\n";
  return failures == 0 ? 0 : 1;
}

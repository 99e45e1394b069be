#include "shell/options.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>

#include "shell/exit_code.h"
#include "storage/base/status.h"
#include "storage/base/text.h"

namespace annals::shell {
namespace {

constexpr double kLongestSeconds = 1e9;
constexpr uint64_t kMostMegabytes = uint64_t{1} << 40;

constexpr char kFooter[] =
    "Without -c and -f, statements are read from standard input: typed at a terminal, else a\n"
    "script. Results go to standard output, everything else to standard error.\n"
    "\n"
    "Exit codes: 0 ok, 1 the question or the data is wrong, 2 usage, 3 the database is busy,\n"
    "4 it is damaged or not one, 5 input or output, 6 a limit was hit, 130 interrupted.\n"
    "\n"
    "  annals news.db -c '(?who, met, Kim Jong-un, ?when);'\n"
    "  annals news.db --format csv -f questions.annals > answers.csv";

// A whole decimal number; nullopt for anything else.
template <typename T>
std::optional<T> ParseNumber(const std::string& text) {
  T value{};
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return value;
}

absl::Status SetTimeout(const std::string& text, Limits* limits) {
  const std::optional<double> seconds = ParseNumber<double>(text);
  if (!seconds.has_value() || !(*seconds > 0) || !(*seconds <= kLongestSeconds)) {
    return UsageError("--timeout expects a number of seconds above 0, such as 2.5, not '" +
                      EscapeForDisplay(text) + "'");
  }
  limits->time = std::chrono::milliseconds(static_cast<int64_t>(std::ceil(*seconds * 1000)));
  return absl::OkStatus();
}

absl::Status SetMemory(const std::string& text, Limits* limits) {
  const std::optional<uint64_t> megabytes = ParseNumber<uint64_t>(text);
  if (!megabytes.has_value() || *megabytes == 0 || *megabytes > kMostMegabytes) {
    return UsageError("--memory expects a whole number of megabytes above 0, such as 512, not '" +
                      EscapeForDisplay(text) + "'");
  }
  limits->memory_bytes = *megabytes << 20;
  return absl::OkStatus();
}

absl::Status SetRows(const std::string& text, Limits* limits) {
  const std::optional<uint64_t> rows = ParseNumber<uint64_t>(text);
  if (!rows.has_value() || *rows == 0) {
    return UsageError("--rows expects a whole number above 0, such as 100000, not '" +
                      EscapeForDisplay(text) + "'");
  }
  limits->rows = *rows;
  return absl::OkStatus();
}

// As they are on the command line, before they are looked at.
struct Raw {
  std::vector<std::string> statements, files;
  std::string format, timeout, memory, rows;
  bool version = false;
};

absl::StatusOr<Options> Check(const Raw& raw, Options options) {
  if (!raw.format.empty()) {
    const absl::StatusOr<Format> format = ParseFormat(raw.format);
    if (!format.ok()) {
      return UsageError("--format: " + std::string(ToStd(format.status().message())));
    }
    options.settings.format = *format;
  }
  if (!raw.timeout.empty()) ANNALS_RETURN_IF_ERROR(SetTimeout(raw.timeout, &options.limits));
  if (!raw.memory.empty()) ANNALS_RETURN_IF_ERROR(SetMemory(raw.memory, &options.limits));
  if (!raw.rows.empty()) ANNALS_RETURN_IF_ERROR(SetRows(raw.rows, &options.limits));
  if (options.database.empty()) {
    return UsageError("DATABASE is empty; expected a folder, or :memory:");
  }
  if (raw.version) options.print = "annals " + std::string(Version());
  return options;
}

}  // namespace

absl::StatusOr<Options> ParseOptions(int argc, const char* const* argv) {
  Options options;
  Raw raw;
  CLI::App app("Annals keeps dated facts with their sources and answers questions about them.",
               "annals");
  app.footer(kFooter);
  app.add_option("DATABASE", options.database,
                 "The database's folder, made if need be; without it a new one in memory");
  CLI::Option* const statement =
      app.add_option("-c,--command", raw.statements, "Run this statement (may be repeated)")
          ->type_name("STATEMENT")
          ->allow_extra_args(false);
  CLI::Option* const file =
      app.add_option("-f,--file", raw.files, "Run this script, - being standard input (repeatable)")
          ->type_name("FILE")
          ->allow_extra_args(false);
  app.add_option("--format", raw.format, "table, csv, tsv, json, jsonl or markdown")
      ->type_name("F");
  app.add_flag("--read-only", options.read_only, "Open for reading; several may do so at once");
  app.add_option("--timeout", raw.timeout, "Stop a statement after this time")
      ->type_name("SECONDS");
  app.add_option("--memory", raw.memory, "Stop a question, or sort a load in files, beyond this")
      ->type_name("MB");
  app.add_option("--rows", raw.rows, "Stop a question that has more rows than this")
      ->type_name("N");
  app.add_flag("--keep-going", options.settings.keep_going,
               "Go on after an error; the exit code is that of the first");
  app.add_flag("--version", raw.version, "Print the version");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    options.print = app.help();
    return options;
  } catch (const CLI::ParseError& error) {
    return UsageError(EscapeForDisplay(error.what()) + "; annals --help tells more");
  }
  auto next_statement = raw.statements.begin();
  auto next_file = raw.files.begin();
  for (const CLI::Option* given : app.parse_order()) {
    if (given == statement) options.tasks.push_back({Task::Kind::kStatement, *next_statement++});
    if (given == file) options.tasks.push_back({Task::Kind::kFile, *next_file++});
  }
  return Check(raw, std::move(options));
}

}  // namespace annals::shell

#include "shell/commands.h"

#include <cstdlib>
#include <iomanip>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "query/results/writer.h"
#include "shell/exit_code.h"
#include "shell/messages.h"
#include "shell/shell.h"
#include "storage/base/status.h"
#include "storage/base/text.h"

namespace annals::shell {
namespace {

constexpr size_t kFarthestSuggestion = 2;

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::string Usage(const Command& command) {
  std::string usage = "." + std::string(command.name);
  if (!command.arguments.empty()) usage += " " + std::string(command.arguments);
  return usage;
}

// "~/facts.csv" as a shell would take it.
std::string ExpandHome(std::string_view path) {
  const char* home = std::getenv("HOME");
  if (home == nullptr || !path.starts_with("~/")) return std::string(path);
  return home + std::string(path.substr(1));
}

// A file as typed, in double quotes or not.
absl::StatusOr<std::string> FileArgument(std::string_view command, std::string_view argument) {
  if (argument.size() > 1 && argument.front() == '"' && argument.back() == '"') {
    argument = argument.substr(1, argument.size() - 2);
  }
  if (argument.empty()) {
    return UsageError("." + std::string(command) + " expects a file: ." + std::string(command) +
                      " FILE");
  }
  return ExpandHome(argument);
}

// A text as the language writes it.
std::string Quoted(std::string_view text) {
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

void PrintTable(Shell& shell, const std::vector<std::string>& columns,
                const std::vector<std::vector<results::Cell>>& rows) {
  const results::WriterOptions options{shell.out().width(), shell.out().terminal()};
  const auto format = results::Formats()[static_cast<size_t>(shell.settings().format)];
  const auto writer = format.make(shell.out(), options);
  writer->Begin(columns);
  for (const auto& row : rows) writer->Row(row);
  writer->End();
}

results::Cell TextCell(std::string_view text) {
  return {results::Cell::Kind::kText, std::string(text), {}};
}

absl::Status Help(Shell& shell, std::string_view argument) {
  std::ostream& out = shell.out();
  if (!argument.empty()) {
    if (argument.starts_with('.')) argument.remove_prefix(1);
    const Command* command = FindCommand(argument);
    if (command == nullptr) return RunCommand(shell, "." + std::string(argument));
    out << Usage(*command) << "\n    " << command->description
        << "\n    for example: " << command->example << '\n';
    return absl::OkStatus();
  }
  out << "Statements end with ';' and may go over several lines:\n"
         "  (?who, met, Kim Jong-un, ?when);                who met him, and when\n"
         "  find ?who, count(*) as n where (?who, met, _) order by n desc;\n"
         "  add (Ada Lovelace, born, London, 1815-12-10);   tells a fact\n"
         "  describe (Kim Jong-un);                         all that is known of one\n"
         "  show predicates;                                what is in here\n\n";
  for (const Command& command : Commands()) {
    out << "  " << std::left << std::setw(18) << Usage(command) << command.description << '\n';
  }
  out << "\nTab completes, Ctrl-R searches what was typed, Ctrl-C stops a question, Ctrl-D "
         "leaves.\n";
  return absl::OkStatus();
}

absl::Status Mode(Shell& shell, std::string_view argument) {
  if (argument.empty()) {
    std::vector<std::vector<results::Cell>> rows;
    const auto formats = results::Formats();
    for (size_t i = 0; i < formats.size(); ++i) {
      const bool present = i == static_cast<size_t>(shell.settings().format);
      rows.push_back({TextCell(formats[i].name), TextCell(present ? "yes" : ""),
                      TextCell(formats[i].description)});
    }
    PrintTable(shell, {"format", "in use", "description"}, rows);
    return absl::OkStatus();
  }
  const absl::StatusOr<Format> format = ParseFormat(argument);
  if (!format.ok()) return UsageError(ToStd(format.status().message()));
  shell.settings().format = *format;
  return absl::OkStatus();
}

absl::Status Timing(Shell& shell, std::string_view argument) {
  if (argument != "on" && argument != "off" && !argument.empty()) {
    return UsageError(".timing expects on or off, not '" + EscapeForDisplay(argument) + "'");
  }
  if (argument.empty()) {
    Say(shell.settings().timing ? "timing is on" : "timing is off");
  } else {
    shell.settings().timing = argument == "on";
  }
  return absl::OkStatus();
}

absl::Status Load(Shell& shell, std::string_view argument) {
  // A quoted name may be followed by all that the statement takes.
  if (argument.starts_with('"')) {
    shell.RunStatements("load " + std::string(argument) + ";", "");
    return absl::OkStatus();
  }
  ANNALS_ASSIGN_OR_RETURN(const std::string file, FileArgument("load", argument));
  shell.RunStatements("load " + Quoted(file) + ";", "");
  return absl::OkStatus();
}

absl::Status Read(Shell& shell, std::string_view argument) {
  ANNALS_ASSIGN_OR_RETURN(const std::string file, FileArgument("read", argument));
  return shell.ReadFile(file);
}

absl::Status Schema(Shell& shell, std::string_view) {
  shell.RunStatements("show predicates;", "");
  return absl::OkStatus();
}

absl::Status Sources(Shell& shell, std::string_view) {
  shell.RunStatements("show sources;", "");
  return absl::OkStatus();
}

absl::Status Stats(Shell& shell, std::string_view) {
  ANNALS_ASSIGN_OR_RETURN(const DatabaseStatistics statistics, shell.database().Statistics());
  const std::pair<std::string_view, uint64_t> figures[] = {
      {"facts, qualifiers included", statistics.facts},
      {"assertions (a fact by a source)", statistics.assertions},
      {"terms", statistics.terms},
      {"predicates", statistics.predicates},
      {"sources", statistics.sources},
      {"facts not yet in packed blocks", statistics.delta_facts},
      {"rewrites of packed blocks", statistics.generation},
      {"bytes on disk", statistics.disk_bytes},
  };
  std::vector<std::vector<results::Cell>> rows;
  for (const auto& [what, figure] : figures) {
    rows.push_back({TextCell(what), {results::Cell::Kind::kNumber, std::to_string(figure), {}}});
  }
  PrintTable(shell, {"what", "number"}, rows);
  return absl::OkStatus();
}

absl::Status Quit(Shell& shell, std::string_view) {
  shell.Leave();
  return absl::OkStatus();
}

const Command* NearestCommand(std::string_view name) {
  const Command* nearest = nullptr;
  size_t limit = kFarthestSuggestion;
  for (const Command& command : Commands()) {
    const auto distance = EditDistance(AsciiLower(name), command.name, limit);
    const bool begins = name.size() > 1 && command.name.starts_with(name);
    if (!begins && (!distance.has_value() || (nearest != nullptr && *distance == limit))) continue;
    nearest = &command;
    limit = begins ? 0 : *distance;
  }
  return nearest;
}

absl::Status UnknownCommand(std::string_view name) {
  std::string message = "there is no command ." + EscapeForDisplay(name);
  if (const Command* nearest = NearestCommand(name)) {
    message += "; did you mean ." + std::string(nearest->name) + "?";
  } else {
    message += "; .help lists them";
  }
  return UsageError(message);
}

}  // namespace

std::span<const Command> Commands() {
  static constexpr Command kCommands[] = {
      {"help", "[COMMAND]", Argument::kCommand, "what can be typed here", ".help mode", Help},
      {"mode", "[FORMAT]", Argument::kFormat,
       "how answers are written; without FORMAT: what there is", ".mode csv", Mode},
      {"timing", "[on|off]", Argument::kSwitch, "show how long each statement took", ".timing on",
       Timing},
      {"load", "FILE", Argument::kFile, "load a file of facts, all of it or nothing",
       ".load facts.csv", Load},
      {"read", "FILE", Argument::kFile, "run a script of statements and commands",
       ".read questions.annals", Read},
      {"schema", "", Argument::kNone, "the predicates, with counts and time spans", ".schema",
       Schema},
      {"sources", "", Argument::kNone, "the sources, with counts of what they give", ".sources",
       Sources},
      {"stats", "", Argument::kNone, "figures of the database", ".stats", Stats},
      {"quit", "", Argument::kNone, "leave; an open transaction is rolled back", ".quit", Quit},
      {"exit", "", Argument::kNone, "the same as .quit", ".exit", Quit},
  };
  return kCommands;
}

const Command* FindCommand(std::string_view name) {
  for (const Command& command : Commands()) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

absl::Status RunCommand(Shell& shell, std::string_view line) {
  line = Trim(line);
  if (line.ends_with(';')) line = Trim(line.substr(0, line.size() - 1));
  const size_t blank = line.find_first_of(" \t");
  const std::string_view name = line.substr(1, blank == std::string_view::npos ? blank : blank - 1);
  const std::string_view argument =
      blank == std::string_view::npos ? std::string_view() : Trim(line.substr(blank));
  const Command* command = FindCommand(name);
  if (command == nullptr) return UnknownCommand(name);
  if (command->argument == Argument::kNone && !argument.empty()) {
    return UsageError("." + std::string(name) + " takes nothing after it, but there is '" +
                      EscapeForDisplay(argument) + "'");
  }
  return command->run(shell, argument);
}

}  // namespace annals::shell

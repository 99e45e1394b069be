#include "shell/completion.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <span>
#include <utility>

#include "query/functions/function.h"
#include "query/results/writer.h"
#include "shell/commands.h"
#include "shell/script.h"

namespace annals::shell {
namespace {

using Kind = CompletionPlace::Kind;

constexpr size_t kMostCandidates = 200;

// Where a statement or a part of it may stand: what is typed outside of parentheses.
constexpr std::string_view kKeywords[] = {
    "add",      "after",    "alias",   "aliases",  "and",      "as",        "asc",        "avg",
    "before",   "begin",    "by",      "commit",   "count",    "day",       "days",       "desc",
    "describe", "distinct", "equals",  "exists",   "explain",  "false",     "find",       "first",
    "format",   "from",     "having",  "hours",    "in",       "last",      "let",        "limit",
    "list",     "load",     "max",     "min",      "minutes",  "months",    "not",        "offset",
    "optional", "or",       "order",   "overlaps", "possibly", "predicate", "predicates", "prefix",
    "remove",   "rollback", "seconds", "show",     "source",   "sources",   "sum",        "ties",
    "timeline", "true",     "weeks",   "where",    "with",     "years",
};

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Reads a statement up to the cursor, keeping the brackets that are open there.
class PlaceFinder {
 public:
  explicit PlaceFinder(std::string_view text) : text_(text) {}

  CompletionPlace Find() {
    while (at_ < text_.size()) {
      const size_t quoted = at_ + 1;
      switch (const char c = text_[at_]) {
        case '-':
          if (!SkipComment()) return {};
          break;
        case '"':
          if (QuoteMayBegin() && !SkipQuoted('"')) return {};
          break;
        case '`':
          if (QuoteMayBegin() && !SkipQuoted('`')) return {Kind::kQuotedName, quoted};
          break;
        default:
          Bracket(c);
      }
      ++at_;
    }
    return AtEnd();
  }

 private:
  // `(` of names, `f` arguments of a function, `{` of qualifiers, `g` of a group; inside a name
  // parentheses only count.
  struct Level {
    char kind;
    size_t item;  // where the present item begins
    int inner = 0;
  };

  bool InNames() const { return !levels_.empty() && levels_.back().kind == '('; }
  bool InQualifiers() const { return !levels_.empty() && levels_.back().kind == '{'; }

  bool BlankSince(size_t begin) const {
    return std::all_of(text_.begin() + static_cast<std::ptrdiff_t>(begin),
                       text_.begin() + static_cast<std::ptrdiff_t>(at_), IsSpace);
  }
  // Inside a bare name a quote is a character like others.
  bool QuoteMayBegin() const {
    return !(InNames() || InQualifiers()) || BlankSince(levels_.back().item);
  }

  // False if the text ends inside it. Leaves at_ on its last character.
  bool SkipQuoted(char quote) {
    for (++at_; at_ < text_.size(); ++at_) {
      if (quote == '"' && text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == quote) {
        if (quote == '"' || at_ + 1 >= text_.size() || text_[at_ + 1] != quote) return true;
        ++at_;  // two backticks stand for one
      }
    }
    return false;
  }
  bool SkipComment() {
    if (!text_.substr(at_).starts_with("--") || (at_ > 0 && !IsSpace(text_[at_ - 1]))) return true;
    at_ = std::min(text_.find('\n', at_), text_.size());
    return at_ < text_.size();
  }

  char LastBefore(size_t at) const {
    while (at > 0 && IsSpace(text_[at - 1])) --at;
    return at > 0 ? text_[at - 1] : ';';
  }

  void Bracket(char c) {
    if (c == '(') {
      if (InNames() && !BlankSince(levels_.back().item)) {
        ++levels_.back().inner;
      } else {
        const bool call = at_ > 0 && IsWordCharacter(text_[at_ - 1]);
        levels_.push_back({call ? 'f' : '(', at_ + 1});
      }
    } else if (c == '{') {
      levels_.push_back({LastBefore(at_) == ')' ? '{' : 'g', at_ + 1});
    } else if (c == ')' && InNames() && levels_.back().inner > 0) {
      --levels_.back().inner;
    } else if (c == ')' || c == '}') {
      if (!levels_.empty()) levels_.pop_back();
    } else if (c == ',' && !levels_.empty() && levels_.back().inner == 0) {
      levels_.back().item = at_ + 1;
    } else if (c == ':' && InQualifiers() && at_ + 1 < text_.size() && IsSpace(text_[at_ + 1])) {
      levels_.back().item = at_ + 1;
    } else if (c == ';') {
      levels_.clear();
    }
  }

  CompletionPlace AtEnd() const {
    size_t begin = text_.size();
    if (InNames() || InQualifiers()) {
      begin = levels_.back().item;
      while (begin < text_.size() && IsSpace(text_[begin])) ++begin;
      if (begin == text_.size()) return {};
      return {text_[begin] == '?' ? Kind::kVariable : Kind::kName, begin};
    }
    while (begin > 0 && IsWordCharacter(text_[begin - 1])) --begin;
    if (begin > 0 && text_[begin - 1] == '?') return {Kind::kVariable, begin - 1};
    return {begin < text_.size() ? Kind::kWord : Kind::kNothing, begin};
  }

  std::string_view text_;
  size_t at_ = 0;
  std::vector<Level> levels_;
};

class Candidates {
 public:
  explicit Candidates(std::string_view prefix) : prefix_(prefix) {}
  void Add(std::string_view text) {
    if (text.starts_with(prefix_)) found_.emplace(text);
  }
  // One that need not begin as what it replaces does.
  void AddAny(std::string text) { found_.insert(std::move(text)); }
  Completion Make(size_t replaced) const { return {replaced, {found_.begin(), found_.end()}}; }

 private:
  std::string_view prefix_;
  std::set<std::string> found_;
};

void AddWords(Candidates* candidates) {
  for (std::string_view keyword : kKeywords) candidates->Add(keyword);
  for (const functions::Function& function : functions::Functions()) {
    candidates->Add(std::string(function.name) + "(");
  }
}

// All variables of the statement but the one that is being typed.
void AddVariables(std::string_view before, Candidates* candidates) {
  for (size_t at = before.find('?'); at != std::string_view::npos; at = before.find('?', at + 1)) {
    size_t end = at + 1;
    while (end < before.size() && IsWordCharacter(before[end])) ++end;
    if (end < before.size() && end > at + 1) candidates->Add(before.substr(at, end - at));
  }
}

void AddFiles(std::string_view prefix, Candidates* candidates) {
  namespace fs = std::filesystem;
  const size_t slash = prefix.rfind('/');
  const std::string folder(slash == std::string_view::npos ? "" : prefix.substr(0, slash + 1));
  std::error_code error;
  fs::directory_iterator entry(folder.empty() ? "." : folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    std::string name = folder + entry->path().filename().string();
    std::error_code ignored;
    if (entry->is_directory(ignored)) name += '/';
    candidates->Add(name);
  }
}

Completion CompleteCommand(std::string_view line) {
  const size_t blank = line.find_first_of(" \t");
  if (blank == std::string_view::npos) {
    Candidates candidates(line);
    for (const Command& command : Commands()) candidates.Add("." + std::string(command.name));
    return candidates.Make(line.size());
  }
  const Command* command = FindCommand(line.substr(1, blank - 1));
  const size_t begin = line.find_first_not_of(" \t", blank);
  const std::string_view argument =
      begin == std::string_view::npos ? std::string_view() : line.substr(begin);
  Candidates candidates(argument);
  switch (command == nullptr ? Argument::kNone : command->argument) {
    case Argument::kNone:
      break;
    case Argument::kCommand:
      for (const Command& other : Commands()) candidates.Add(other.name);
      break;
    case Argument::kFormat:
      for (const results::FormatRow& format : results::Formats()) candidates.Add(format.name);
      break;
    case Argument::kSwitch:
      candidates.Add("on");
      candidates.Add("off");
      break;
    case Argument::kFile:
      AddFiles(argument, &candidates);
      break;
  }
  return candidates.Make(argument.size());
}

}  // namespace

CompletionPlace FindPlace(std::string_view before) { return PlaceFinder(before).Find(); }

Completion Complete(std::string_view before, Session& session) {
  if (before == "." || IsCommandLine(before)) {
    return CompleteCommand(before.substr(before.find('.')));
  }
  const CompletionPlace place = FindPlace(before);
  const std::string_view prefix = before.substr(place.begin);
  Candidates candidates(prefix);
  switch (place.kind) {
    case Kind::kNothing:
      return {};
    case Kind::kWord:
      AddWords(&candidates);
      break;
    case Kind::kVariable:
      AddVariables(before, &candidates);
      break;
    case Kind::kName:
    case Kind::kQuotedName: {
      const auto names = session.Complete(prefix, kMostCandidates);
      if (!names.ok()) return {};
      if (place.kind == Kind::kName) {
        for (const std::string& name : *names) candidates.AddAny(WriteName(name));
        break;
      }
      for (const std::string& name : *names) {
        // Written as its quoted form after the backtick that is there.
        candidates.AddAny("`" + name + "`");
      }
      return candidates.Make(prefix.size() + 1);
    }
  }
  return candidates.Make(prefix.size());
}

std::string WriteName(std::string_view name) {
  const bool plain =
      !name.empty() && name.find_first_of(",;{}()<>\"`$?") == std::string_view::npos &&
      name.find(" --") == std::string_view::npos && name.find("  ") == std::string_view::npos &&
      name.find_first_of("\t\r\n\v\f") == std::string_view::npos && !name.starts_with(' ') &&
      !name.ends_with(' ') && !name.starts_with("--") && name != "_" && name != "true" &&
      name != "false" && name.find_first_not_of("0123456789-+.:TZeE") != std::string_view::npos;
  if (plain) return std::string(name);
  std::string quoted = "`";
  for (char c : name) quoted += c == '`' ? "``" : std::string(1, c);
  return quoted + "`";
}

std::string CommonPrefix(const std::vector<std::string>& candidates) {
  if (candidates.empty()) return "";
  // In sorted order the first and the last differ the earliest.
  const auto ends = std::minmax_element(candidates.begin(), candidates.end());
  const std::string& low = *ends.first;
  const std::string& high = *ends.second;
  size_t length = 0;
  while (length < std::min(low.size(), high.size()) && low[length] == high[length]) ++length;
  // Not within a code point, whose later bytes are 10xxxxxx.
  while (length > 0 && length < low.size() &&
         (static_cast<unsigned char>(low[length]) & 0xC0) == 0x80) {
    --length;
  }
  return low.substr(0, length);
}

}  // namespace annals::shell

#include "query/native/syntax_hints.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <string>

#include "storage/base/text.h"

namespace annals::native {
namespace {

constexpr std::string_view kStatementWords[] = {
    "add",      "alias",     "begin",     "check",    "commit",  "conflicts", "describe",
    "drop",     "explain",   "export",    "find",     "from",    "history",   "load",
    "merge",    "not",       "predicate", "prefix",   "profile", "remove",    "rollback",
    "rule",     "show",      "source",    "timeline", "unmerge", "why",       "withdraw",
    "shortest", "coalesced", "every",     "optional", "let",     "possibly",  "exists"};

// Of statements that are no questions and show rows.
constexpr std::string_view kShowingWords[] = {"describe", "timeline", "history", "conflicts",
                                              "show"};

constexpr std::string_view kClauseWords[] = {"where",  "having", "order",    "limit",
                                             "offset", "as",     "published"};

struct Foreign {
  std::string_view word, hint;
};

constexpr std::string_view kAsk =
    "a question is find ?who where (?who, met, ?whom), or (?who, met, ?whom) alone";
constexpr std::string_view kTell = "facts are told with add (subject, predicate, object, time)";
constexpr std::string_view kTakeBack =
    "facts are taken back with remove (subject, predicate, object, time), or a source's with "
    "withdraw (source)";
constexpr std::string_view kCommands = "the shell's own commands begin with a dot: .help, .quit";
constexpr Foreign kForeignStatements[] = {
    {"select", kAsk},
    {"match", kAsk},
    {"construct", kAsk},
    {"ask", "a pattern without variables is a question of yes or no"},
    {"insert", kTell},
    {"create", kTell},
    {"update", kTell},
    {"set", kTell},
    {"delete", kTakeBack},
    {"truncate", kTakeBack},
    {"copy", "files are read with load \"file\" and written with export \"file\""},
    {"import", "files are read with load \"file\""},
    {"help", kCommands},
    {"exit", kCommands},
    {"quit", kCommands},
};

// Words and signs of other languages where a statement should end or a value begin.
constexpr Foreign kForeignParts[] = {
    {"group", "find groups by what it shows beside its aggregates; there is no 'group by'"},
    {"from", "a formula follows 'where'"},
    {"like",
     "texts are compared with contains, starts_with, ends_with and matches, as contains(?text, "
     "\"Kim\")"},
    {"is", "bound(?x) says whether a variable has a value"},
    {"distinct", "rows never repeat; find needs no 'distinct'"},
    {"union", "formulas are joined with 'or'"},
    {"filter", "conditions are joined to patterns with 'and'"},
    {"return", kAsk},
};
constexpr Foreign kForeignSigns[] = {
    {"&&", "it is written 'and'"},
    {"||", "it is written 'or'"},
    {"<>", "it is written !="},
    {"==", "it is written ="},
    {"*", "a formula without find shows all of its variables"},
};

bool IsOneOf(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

// From behind the nearest `{`, `(` or `,` before `offset`, without white space at its begin.
std::string_view PartBefore(std::string_view text, size_t offset) {
  const size_t opened = text.substr(0, offset).find_last_of("{(,");
  std::string_view part =
      text.substr(0, offset).substr(opened == std::string_view::npos ? 0 : opened + 1);
  part.remove_prefix(std::min(part.find_first_not_of(" \t\r\n\v\f"), part.size()));
  return part;
}

std::string_view PredicateHint(std::string_view text, size_t offset) {
  constexpr std::string_view kSigns = "/|^+*?!";
  const std::string_view written = PartBefore(text, offset);
  const char c = offset < text.size() ? text[offset] : '\0';
  if (written.starts_with('?')) {
    return IsOneOf(c, kSigns) ? "a path is made of names; a variable stands alone" : "";
  }
  const bool sign = IsOneOf(c, kSigns) || written.find_first_of(kSigns) != std::string_view::npos;
  // Variables begin with a letter of any script.
  const bool variable =
      c == '?' && offset + 1 < text.size() &&
      (WordAt(text, offset + 1) != "" || static_cast<unsigned char>(text[offset + 1]) >= 0x80);
  if (!sign || variable) return "";
  return "a predicate with / | ^ + * ? or ! in its name is written in backticks";
}

std::string_view HintFor(std::string_view word, std::span<const Foreign> of) {
  const std::string lower = AsciiLower(word);
  const auto found =
      std::find_if(of.begin(), of.end(), [&](const Foreign& one) { return one.word == lower; });
  return found == of.end() ? "" : found->hint;
}

std::string_view ForeignPartHint(std::string_view text, size_t offset) {
  if (const std::string_view hint = HintFor(WordAt(text, offset), kForeignParts); !hint.empty()) {
    return hint;
  }
  const std::string_view rest = text.substr(std::min(offset, text.size()));
  const auto found = std::find_if(std::begin(kForeignSigns), std::end(kForeignSigns),
                                  [&](const Foreign& sign) { return rest.starts_with(sign.word); });
  return found == std::end(kForeignSigns) ? "" : found->hint;
}

std::string_view StatementEndHint(std::string_view text, size_t begin, size_t offset) {
  const std::string_view first = WordAt(text, begin);
  const bool tells = first == "add" || first == "remove";
  const char c = offset < text.size() ? text[offset] : '\0';
  if (c == '(' && !tells) return "patterns are joined with 'and' or 'or'";
  if (c == ',' && tells) return "several facts follow one another without commas";
  const std::string_view word = WordAt(text, offset);
  if (text.substr(offset).starts_with("in time order")) {
    return "'in time order' stands before 'as': shortest (A, met+, B) in time order as ?path";
  }
  if (const std::string_view hint = ForeignPartHint(text, offset); !hint.empty()) return hint;
  if (std::find(std::begin(kClauseWords), std::end(kClauseWords), word) != std::end(kClauseWords)) {
    if (std::find(std::begin(kShowingWords), std::end(kShowingWords), first) !=
        std::end(kShowingWords)) {
      return "this statement shows all that there is; clauses belong to questions, as in "
             "find ?x, ?t where (Ada, met, ?x, ?t) limit 10";
    }
    return "the clauses stand in this order, each at most once: where, having, order by, limit, "
           "offset, as of, published by";
  }
  return "";
}

}  // namespace

std::string_view WordAt(std::string_view text, size_t begin) {
  size_t end = std::min(begin, text.size());
  while (end < text.size() && ((text[end] >= 'a' && text[end] <= 'z') ||
                               (text[end] >= 'A' && text[end] <= 'Z') || text[end] == '_')) {
    ++end;
  }
  return text.substr(std::min(begin, text.size()), end - begin);
}

std::string_view NearestStatementWord(std::string_view word) {
  if (word.empty()) return "";
  const std::string lower = AsciiLower(word);
  std::string_view nearest;
  size_t least = std::max<size_t>(1, std::min<size_t>(3, word.size() / 2));
  for (std::string_view known : kStatementWords) {
    if (known == word) return "";
    const auto distance = EditDistance(lower, known, least);
    if (distance.has_value() && (nearest.empty() || *distance < least)) {
      nearest = known;
      least = *distance;
    }
  }
  return nearest;
}

std::string_view ForeignStatementHint(std::string_view word) {
  return HintFor(word, kForeignStatements);
}

std::string_view HintAt(std::string_view text, size_t begin, size_t offset,
                        std::string_view message) {
  const char c = offset < text.size() ? text[offset] : '\0';
  if (message.starts_with("expected the subject") && c == '(') {
    return "formulas are grouped with braces, as { A or B }; a name that begins with '(' is "
           "written in backticks";
  }
  if (message == "expected ',' after the subject" && IsOneOf(c, "+-*/%<>=!")) {
    return "where a formula begins, '(' opens a pattern: write the other side first, as "
           "3 < (?a + 1)";
  }
  if (message == "expected ',' after the predicate") return PredicateHint(text, offset);
  if (message.starts_with("expected ': '") &&
      PartBefore(text, offset).find(':') != std::string_view::npos) {
    return "a space follows the ':' behind a qualifier's name";
  }
  if (message.starts_with("expected what to find")) return ForeignPartHint(text, offset);
  // `<>` and `==` are an operator too many.
  if (message.starts_with("expected a value after") && offset > 0) {
    return ForeignPartHint(text, offset - 1);
  }
  if (message.starts_with("expected ';'")) return StatementEndHint(text, begin, offset);
  return "";
}

}  // namespace annals::native

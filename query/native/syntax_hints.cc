#include "query/native/syntax_hints.h"

#include <algorithm>
#include <iterator>

#include "storage/base/text.h"

namespace annals::native {
namespace {

constexpr std::string_view kStatementWords[] = {
    "add",      "alias",     "begin",     "check",    "commit",  "conflicts", "describe",
    "drop",     "explain",   "export",    "find",     "from",    "history",   "load",
    "merge",    "not",       "predicate", "prefix",   "profile", "remove",    "rollback",
    "rule",     "show",      "source",    "timeline", "unmerge", "why",       "withdraw",
    "shortest", "coalesced", "every",     "optional", "let",     "possibly",  "exists"};

constexpr std::string_view kClauseWords[] = {"where",  "having", "order",    "limit",
                                             "offset", "as",     "published"};

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

std::string_view StatementEndHint(std::string_view text, size_t begin, size_t offset) {
  const std::string_view first = WordAt(text, begin);
  const bool tells = first == "add" || first == "remove";
  const char c = offset < text.size() ? text[offset] : '\0';
  if (c == '(' && !tells) return "patterns are joined with 'and' or 'or'";
  if (c == ',' && tells) return "several facts follow one another without commas";
  const std::string_view word = WordAt(text, offset);
  if (std::find(std::begin(kClauseWords), std::end(kClauseWords), word) != std::end(kClauseWords)) {
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
  std::string_view nearest;
  size_t least = std::max<size_t>(1, std::min<size_t>(3, word.size() / 2));
  for (std::string_view known : kStatementWords) {
    if (word.empty() || known == word) return "";
    const auto distance = EditDistance(AsciiLower(word), known, least);
    if (distance.has_value() && (nearest.empty() || *distance < least)) {
      nearest = known;
      least = *distance;
    }
  }
  return nearest;
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
  if (message.starts_with("expected ';'")) return StatementEndHint(text, begin, offset);
  return "";
}

}  // namespace annals::native

// What may have been meant where a text has a fault: misspelled words, and hints that tell more
// than what was expected.
#ifndef QUERY_NATIVE_SYNTAX_HINTS_H_
#define QUERY_NATIVE_SYNTAX_HINTS_H_

#include <cstddef>
#include <string_view>

namespace annals::native {

// The word at `begin`: ASCII letters and '_', perhaps none.
std::string_view WordAt(std::string_view text, size_t begin);

// The word that a statement may begin with and that `word` is a likely misspelling of; empty if it
// is one itself or resembles none.
std::string_view NearestStatementWord(std::string_view word);

// What to write here in place of a statement of SQL, Cypher, SPARQL or a shell that begins with the
// word; empty if none does.
std::string_view ForeignStatementHint(std::string_view word);

// A hint for a statement that begins at `begin` and has a fault at `offset` with this message;
// empty if there is nothing to add.
std::string_view HintAt(std::string_view text, size_t begin, size_t offset,
                        std::string_view message);

}  // namespace annals::native

#endif  // QUERY_NATIVE_SYNTAX_HINTS_H_

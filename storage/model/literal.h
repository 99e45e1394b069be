// RDF literals as terms of their native kinds, and back.
#ifndef STORAGE_MODEL_LITERAL_H_
#define STORAGE_MODEL_LITERAL_H_

#include <optional>
#include <string>
#include <string_view>

#include "storage/model/term.h"

namespace annals {

// What RDF has no word for: facts with their times and sources, and times that no datatype of
// XML Schema can hold.
inline constexpr std::string_view kVocabulary = "urn:annals:";
inline constexpr std::string_view kTimeDatatype = "urn:annals:time";

// A literal with a datatype: a number, boolean or time where that is written back as the same
// literal (a double: the same value), else a typed literal. A string is a text.
Term LiteralTerm(std::string value, std::string datatype);

// As a text's language is written: letters, then any number of '-' with letters or digits.
bool IsLanguageTag(std::string_view text);

struct Literal {
  std::string value;
  std::string datatype;  // empty: a string
  std::string language;
  friend bool operator==(const Literal&, const Literal&) = default;
};
// Nothing for names, IRIs, blank nodes, facts, lists and the undefined term, which are none.
std::optional<Literal> LiteralOf(const Term& term);

}  // namespace annals

#endif  // STORAGE_MODEL_LITERAL_H_

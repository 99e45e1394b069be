// Terms: the values that facts and answers are made of. RDF 1.1 terms underneath (IRI, blank node,
// literal), with names, numbers, times and facts as kinds of their own.
#ifndef STORAGE_MODEL_TERM_H_
#define STORAGE_MODEL_TERM_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "storage/base/status.h"
#include "storage/model/duration.h"
#include "storage/model/number.h"
#include "storage/model/term_id.h"
#include "storage/model/time.h"

namespace annals {

struct Text {
  std::string value;
  std::string language;  // BCP 47, lower case; empty: a plain string
  friend bool operator==(const Text&, const Text&) = default;
};
struct TypedLiteral {
  std::string value;
  std::string datatype;  // an IRI
  friend bool operator==(const TypedLiteral&, const TypedLiteral&) = default;
};
// An entity: the IRI <base>/percent-encoded-text.
struct Name {
  std::string text;
  friend bool operator==(const Name&, const Name&) = default;
};
struct Iri {
  std::string text;
  friend bool operator==(const Iri&, const Iri&) = default;
};
struct BlankNode {
  std::string label;
  friend bool operator==(const BlankNode&, const BlankNode&) = default;
};
struct FactRef {
  uint64_t number = 0;
  friend bool operator==(const FactRef&, const FactRef&) = default;
};

class Term;
// Only computed, never stored.
using TermList = std::vector<Term>;

class Term {
 public:
  using Value = std::variant<std::monostate, int64_t, Decimal, double, bool, Time, Duration, Text,
                             TypedLiteral, Name, Iri, BlankNode, FactRef, TermList>;

  Term() = default;                                // the undefined term: an empty value
  Term(bool value) : value_(value) {}              // NOLINT: conversions are the point
  Term(int64_t value) : value_(value) {}           // NOLINT
  Term(double value) : value_(value) {}            // NOLINT
  Term(const Number& number);                      // NOLINT
  Term(Value value) : value_(std::move(value)) {}  // NOLINT
  Term(Time value) : value_(std::move(value)) {}   // NOLINT
  Term(Duration value) : value_(value) {}          // NOLINT
  Term(Text value) : value_(std::move(value)) {}   // NOLINT
  Term(Name value) : value_(std::move(value)) {}   // NOLINT
  Term(Iri value) : value_(std::move(value)) {}    // NOLINT
  Term(FactRef value) : value_(value) {}           // NOLINT
  Term(const char*) = delete;                      // would be a boolean: say Text or Name

  const Value& value() const { return value_; }
  bool is_undefined() const { return std::holds_alternative<std::monostate>(value_); }
  template <typename T>
  const T* As() const {
    return std::get_if<T>(&value_);
  }
  std::optional<Number> AsNumber() const;
  bool is_number() const;

  friend bool operator==(const Term&, const Term&) = default;

 private:
  Value value_;
};

// The kind of a term's id in the store. Durations and lists have none and give kLocal.
TermKind KindOf(const Term& term);

// Ids that hold the value itself; undefined for the undefined term, nullopt for other terms.
std::optional<TermId> InlineId(const Term& term);
// Nullopt for an id that is no inline id, or not one that Annals writes.
std::optional<Term> TermFromInlineId(TermId id);

// A term of the dictionary as bytes, unique within its kind, and back (nullopt for bytes that
// Annals doesn't write). Layouts:
//   number, time, name, IRI, blank node, text    its text (numbers: 'i' | 'd' | 'f', then the text)
//   language text                                language 0 value
//   typed literal                                datatype 0 value
std::string DictionaryKey(const Term& term);
std::optional<Term> TermFromDictionaryKey(TermKind kind, std::string_view key);

// A key of any term, unique among all (with its kind): for hashing computed terms.
std::string UniqueKey(const Term& term);

// A total order: numbers by value, times, durations, booleans, texts, names and IRIs by code point,
// blank nodes, facts, lists; the undefined term last. <0, 0 (only if equal), >0.
int CompareForOrder(const Term& a, const Term& b);

// For conditions: numbers by value, times (an integer beside a time is that year), durations,
// booleans, texts by value whatever their language, names with names and IRIs with IRIs by code
// point; unordered where the kinds never meet or a value is undefined.
std::partial_ordering CompareValues(const Term& a, const Term& b);
// For `=`: equivalent by CompareValues.
bool EqualValues(const Term& a, const Term& b);

// What all of a bare word is, where every kind may stand: a number, boolean or time (bare years are
// integers), else a name. An impossible time is an error.
absl::StatusOr<Term> ParseBareTerm(std::string_view text);
std::optional<Term> ParseNumber(std::string_view text);

// For reading: names, texts and times plain, facts as "fact 17", lists joined by ", ".
std::string DisplayText(const Term& term);
// As it is typed in the language, in the object's place; names in backticks where they must be.
std::string LanguageText(const Term& term);
// A name as typed in any place of a pattern, and in the predicate's, where more needs backticks.
std::string NameText(std::string_view name, bool predicate = false);

// RFC 3987 percent-encoding of a name below a base that ends in '/'; nullopt if it isn't one.
std::string NameToIri(std::string_view base, std::string_view name);
std::optional<std::string> IriToName(std::string_view base, std::string_view iri);

}  // namespace annals

#endif  // STORAGE_MODEL_TERM_H_

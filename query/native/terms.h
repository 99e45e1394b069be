// Written terms to terms of the model, by the place they stand in, and names to entities.
#ifndef QUERY_NATIVE_TERMS_H_
#define QUERY_NATIVE_TERMS_H_

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "query/native/ast.h"
#include "storage/base/source_text.h"
#include "storage/base/status.h"
#include "storage/graph/view.h"
#include "storage/model/term.h"

namespace annals::native {

// IRIs by prefix without ':', declared in this script or session.
using Prefixes = std::map<std::string, std::string, std::less<>>;
// Values of $name.
using ParameterValues = std::map<std::string, Term, std::less<>>;

// Where a term stands decides what a bare word is.
enum class Place {
  kName,    // subject, predicate, source, describe and the like: always a name
  kObject,  // a number, boolean or time if all of it is one, else a name
  kDate,    // as kObject, but a bare year is a time (published: 2024)
  kTime,    // a time
};

// The place of a qualifier's value, by its key: values of published, date and the like are dates,
// those of declarations names.
Place PlaceOfQualifier(const TermExpr& key);

struct TermReader {
  const SourceText& text;
  const Prefixes& prefixes;
  const ParameterValues& parameters;
  mutable size_t parameters_read = 0;

  // A constant or parameter as a term; names are not looked up. InvalidArgument for an impossible
  // time, an unknown parameter, or a term that may not stand there. Not for variables and `_`.
  absl::StatusOr<Term> Read(const TermExpr& expr, Place place) const;
};

// The name of a term for messages: a name's text, or as it is written in the language.
std::string TermForMessage(const Term& term);

// What a term of a question stands for in the store.
struct Resolved {
  TermId id;  // undefined: nothing in the store is called so
  Term term;  // the entity found, else the term as given
};

// A name that was found by another spelling than its own.
struct NameUse {
  TermId entity;
  std::string text;  // "'Kim' is an alias of Kim Jong-un"
};

// Looks names up, in questions loosely. Ambiguity is InvalidArgument and lists the candidates;
// what an unknown name may have meant goes to `notes`, once for each name, of many for the first.
class NameResolver {
 public:
  NameResolver(const GraphView& view, const SourceText& text, bool loose,
               std::vector<std::string>* notes)
      : view_(view), text_(text), loose_(loose), notes_(notes) {}

  absl::StatusOr<Resolved> Resolve(const Term& term, Span span);
  // Names found by another spelling, each once.
  const std::vector<NameUse>& uses() const { return uses_; }

 private:
  static constexpr size_t kMostSearched = 20;

  absl::Status NoteUnknown(std::string_view name);
  void NoteUse(const NameMatch& match, const std::string& asked, const Term& entity);
  absl::Status KeepUsed(std::vector<TermId>* entities) const;

  const GraphView& view_;
  const SourceText& text_;
  const bool loose_;
  std::vector<std::string>* notes_;
  std::vector<NameUse> uses_;
  std::set<std::string, std::less<>> unknown_;
  std::optional<size_t> more_;  // the note that counts those that were not searched for
};

}  // namespace annals::native

#endif  // QUERY_NATIVE_TERMS_H_

// What functions need of the question that calls them: the store's facts, the clock, and regular
// expressions compiled once.
#ifndef QUERY_FUNCTIONS_EVALUATION_CONTEXT_H_
#define QUERY_FUNCTIONS_EVALUATION_CONTEXT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/functions/pattern_cache.h"
#include "storage/base/status.h"
#include "storage/model/term.h"

namespace annals::functions {

struct FactTerms {
  Term subject;
  Term predicate;
  Term object;
  Term time;  // undefined: the fact has none
};

// One question's. Not thread-safe.
class EvaluationContext {
 public:
  virtual ~EvaluationContext() = default;

  // Nullopt for a number that no fact has.
  virtual absl::StatusOr<std::optional<FactTerms>> GetFact(uint64_t number) = 0;
  // The fact's sources in id order, without the undefined one.
  virtual absl::StatusOr<std::vector<Term>> SourcesOf(uint64_t fact) = 0;
  // The fact's values of a qualifier, in id order.
  virtual absl::StatusOr<std::vector<Term>> QualifiersOf(uint64_t fact, std::string_view name) = 0;
  // UTC seconds, the same all through the question.
  virtual int64_t now() const = 0;
  // The IRI below which names stand.
  virtual const std::string& base_iri() const = 0;

  PatternCache& patterns() { return patterns_; }

 private:
  PatternCache patterns_;
};

}  // namespace annals::functions

#endif  // QUERY_FUNCTIONS_EVALUATION_CONTEXT_H_

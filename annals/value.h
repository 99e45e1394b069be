// Terms of the store as values of the public interface, and back.
#ifndef ANNALS_VALUE_H_
#define ANNALS_VALUE_H_

#include <functional>
#include <string>

#include "annals/annals.h"
#include "query/results/writer.h"
#include "storage/model/term.h"

namespace annals {

// Writes a fact, such as "(Ada, born, London, 1815-12-10)", from its number.
using FactText = std::function<std::string(uint64_t number)>;

Value ToValue(const Term& term, const FactText& fact_text);
absl::StatusOr<Term> ToTerm(const Value& value);
results::Cell ToCell(const Term& term, const FactText& fact_text);

}  // namespace annals

#endif  // ANNALS_VALUE_H_

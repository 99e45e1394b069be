// A fact of the store, by ids.
#ifndef STORAGE_MODEL_FACT_H_
#define STORAGE_MODEL_FACT_H_

#include <cstdint>

#include "storage/model/term_id.h"

namespace annals {

struct Fact {
  TermId subject;
  TermId predicate;
  TermId object;
  TermId time;  // undefined: the fact has no time
  uint64_t number = 0;
  friend bool operator==(const Fact&, const Fact&) = default;
};

}  // namespace annals

#endif  // STORAGE_MODEL_FACT_H_

// Comparing values by their ids, wherever the ids tell enough.
//
// What conditions mean on two terms (storage/model/term.h: CompareValues, EqualValues):
//   an empty value          every comparison is false, `!=` too
//   kinds that never meet   `=` false, `!=` true, the others false
//   numbers                 by value across integers, decimals and doubles
//   times                   by start, then end; an integer beside a time is that year
//   texts                   by value, whatever their language
//   names, IRIs, blanks     `=` where they are the same term; `<` by code point
#ifndef QUERY_EXEC_COMPARE_IDS_H_
#define QUERY_EXEC_COMPARE_IDS_H_

#include <compare>
#include <cstdint>
#include <optional>

#include "query/algebra/expression.h"
#include "storage/model/term_id.h"
#include "storage/model/time.h"

namespace annals::exec {

// Nullopt: the terms are needed. Unordered where the kinds never meet or one is undefined.
std::optional<std::partial_ordering> CompareByIds(TermId a, TermId b);
// Whether they are equal; nullopt: the terms are needed. False if one is undefined.
std::optional<bool> EqualByIds(TermId a, TermId b);
// CompareForOrder where the ids tell; nullopt: the terms are needed.
std::optional<int> OrderByIdsOfAnyKind(TermId a, TermId b);
inline std::optional<int> OrderByIds(TermId a, TermId b) {
  if (a == b) return 0;
  // Times of other days order as their ids do.
  const bool days_differ = a.kind() == TermKind::kTime && b.kind() == TermKind::kTime &&
                           inline_time::StartField(a) != inline_time::StartField(b);
  if (days_differ) return a.bits() < b.bits() ? -1 : 1;
  return OrderByIdsOfAnyKind(a, b);
}

// Certainly or Possibly (storage/model/time.h) on ids of kind kTime.
bool HoldsForInlineTimes(algebra::TimeOperator op, bool possibly, TermId left, TermId right);

inline bool InlineTimeIsDate(TermId id) {
  constexpr uint64_t kFormMask = (uint64_t{1} << inline_time::kFormBits) - 1;
  constexpr uint64_t kFirstPeriodForm = 16;
  return inline_time::HasClock(id) || (id.payload() & kFormMask) < kFirstPeriodForm;
}

}  // namespace annals::exec

#endif  // QUERY_EXEC_COMPARE_IDS_H_

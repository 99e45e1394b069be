#include "storage/graph/statistics.h"

#include <algorithm>

#include "storage/base/coding.h"
#include "storage/model/time.h"

namespace annals {
namespace {
constexpr char kVersion = 1;
}

void PredicateRow::AddInlineTime(TermId time) {
  const int64_t first = inline_time::FirstInstant(time);
  const int64_t last = inline_time::LastInstant(time);
  AddInstants(first, last);
  // Times with an open start sort before all others and are looked at whatever the window.
  if (first == Time::kOpenStart) return;
  longest = last == Time::kOpenEnd
                ? kEndless
                : std::max(longest, static_cast<uint64_t>(last) - static_cast<uint64_t>(first));
}

void PredicateRow::AddInstants(int64_t first, int64_t last) {
  const bool none = numbers.dated_facts == 0;
  numbers.first_instant = none ? first : std::min(numbers.first_instant, first);
  numbers.last_instant = none ? last : std::max(numbers.last_instant, last);
  ++numbers.dated_facts;
}

std::string PredicateRow::Encode() const {
  std::string out(1, kVersion);
  PutVarint64(&out, numbers.facts);
  PutVarint64(&out, numbers.dated_facts);
  PutVarint64(&out, numbers.distinct_subjects);
  PutVarint64(&out, numbers.distinct_objects);
  PutOrderedInt64(&out, numbers.first_instant);
  PutOrderedInt64(&out, numbers.last_instant);
  PutVarint64(&out, longest);
  return out;
}

absl::StatusOr<PredicateRow> PredicateRow::Decode(TermId predicate, std::string_view bytes) {
  PredicateRow row;
  row.numbers.predicate = predicate;
  const bool known = !bytes.empty() && bytes[0] == kVersion;
  if (known) bytes.remove_prefix(1);
  if (!known || !GetVarint64(&bytes, &row.numbers.facts) ||
      !GetVarint64(&bytes, &row.numbers.dated_facts) ||
      !GetVarint64(&bytes, &row.numbers.distinct_subjects) ||
      !GetVarint64(&bytes, &row.numbers.distinct_objects) ||
      !GetOrderedInt64(&bytes, &row.numbers.first_instant) ||
      !GetOrderedInt64(&bytes, &row.numbers.last_instant) || !GetVarint64(&bytes, &row.longest) ||
      !bytes.empty()) {
    return DataLoss("the statistics of a predicate are damaged");
  }
  return row;
}

}  // namespace annals

#include "storage/graph/statistics.h"

#include <algorithm>

#include "storage/base/coding.h"
#include "storage/model/time.h"

namespace annals {
namespace {
constexpr char kVersion = 3;
constexpr char kWithoutPairs = 2;
constexpr char kWithoutSquares = 1;

// Of `facts`, spread over so many subjects or objects as evenly as can be.
uint64_t EvenSquares(uint64_t facts, uint64_t distinct) {
  if (distinct == 0) return 0;
  const double squares =
      static_cast<double>(facts) * static_cast<double>(facts) / static_cast<double>(distinct);
  // Damaged rows may claim any number of facts.
  constexpr double kTooMany = 0x1p64;
  return squares < kTooMany ? static_cast<uint64_t>(squares) : std::numeric_limits<uint64_t>::max();
}

// How many facts the subject or object of a fact has, in the mean.
uint64_t MeanRun(uint64_t squares, uint64_t facts) { return facts == 0 ? 0 : squares / facts; }

void AddToSquares(uint64_t facts, bool known, uint64_t* squares) {
  *squares += known ? 2 * MeanRun(*squares, facts) + 1 : 1;
}

// `facts` as they were before.
void TakeFromSquares(uint64_t facts, bool known, uint64_t* squares) {
  const uint64_t run = known ? std::max<uint64_t>(MeanRun(*squares, facts), 1) : 1;
  *squares = std::max(*squares - std::min(*squares, 2 * run - 1), facts - 1);
}

}  // namespace

void PredicateRow::AddInlineTime(TermId time) {
  const int64_t first = inline_time::FirstInstant(time);
  const int64_t last = inline_time::LastInstant(time);
  AddInstants(first, last);
  // Times with an open start sort before all others and are looked at whatever the window.
  if (first == Time::kOpenStart) return;
  uint64_t& longest = numbers.longest;
  longest = last == Time::kOpenEnd
                ? PredicateStatistics::kEndless
                : std::max(longest, static_cast<uint64_t>(last) - static_cast<uint64_t>(first));
}

void PredicateRow::AddFact(bool subject_known, bool object_known) {
  AddToSquares(numbers.facts, subject_known, &numbers.subject_squares);
  AddToSquares(numbers.facts, object_known, &numbers.object_squares);
  ++numbers.facts;
  numbers.distinct_subjects += !subject_known;
  numbers.distinct_objects += !object_known;
}

void PredicateRow::RemoveFact(bool subject_known, bool object_known) {
  TakeFromSquares(numbers.facts, subject_known, &numbers.subject_squares);
  TakeFromSquares(numbers.facts, object_known, &numbers.object_squares);
  --numbers.facts;
  numbers.distinct_subjects -= !subject_known;
  numbers.distinct_objects -= !object_known;
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
  PutVarint64(&out, numbers.longest);
  PutVarint64(&out, numbers.subject_squares);
  PutVarint64(&out, numbers.object_squares);
  for (const uint64_t count : {numbers.counted_facts, numbers.distinct_times, numbers.time_squares,
                               numbers.subject_object_pairs, numbers.subject_time_pairs}) {
    PutVarint64(&out, count);
  }
  return out;
}

absl::StatusOr<PredicateRow> PredicateRow::Decode(TermId predicate, std::string_view bytes) {
  PredicateRow row;
  row.numbers.predicate = predicate;
  const char version = bytes.empty() ? '\0' : bytes[0];
  const bool known = version >= kWithoutSquares && version <= kVersion;
  const bool squares = version >= kWithoutPairs;
  const bool pairs = version == kVersion;
  if (known) bytes.remove_prefix(1);
  if (!known || !GetVarint64(&bytes, &row.numbers.facts) ||
      !GetVarint64(&bytes, &row.numbers.dated_facts) ||
      !GetVarint64(&bytes, &row.numbers.distinct_subjects) ||
      !GetVarint64(&bytes, &row.numbers.distinct_objects) ||
      !GetOrderedInt64(&bytes, &row.numbers.first_instant) ||
      !GetOrderedInt64(&bytes, &row.numbers.last_instant) ||
      !GetVarint64(&bytes, &row.numbers.longest) ||
      (squares && (!GetVarint64(&bytes, &row.numbers.subject_squares) ||
                   !GetVarint64(&bytes, &row.numbers.object_squares))) ||
      (pairs && (!GetVarint64(&bytes, &row.numbers.counted_facts) ||
                 !GetVarint64(&bytes, &row.numbers.distinct_times) ||
                 !GetVarint64(&bytes, &row.numbers.time_squares) ||
                 !GetVarint64(&bytes, &row.numbers.subject_object_pairs) ||
                 !GetVarint64(&bytes, &row.numbers.subject_time_pairs))) ||
      !bytes.empty()) {
    return DataLoss("the statistics of a predicate are damaged");
  }
  if (!squares) {
    row.numbers.subject_squares = EvenSquares(row.numbers.facts, row.numbers.distinct_subjects);
    row.numbers.object_squares = EvenSquares(row.numbers.facts, row.numbers.distinct_objects);
  }
  return row;
}

}  // namespace annals

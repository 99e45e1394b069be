#include "query/exec/compare_ids.h"

namespace annals::exec {
namespace {

using inline_time::FirstInstant;
using inline_time::LastInstant;

// Kinds that can meet have one class; local ids may be of any.
enum class ValueClass {
  kEmpty,
  kNumber,
  kTime,
  kBoolean,
  kText,
  kLiteral,
  kName,
  kIri,
  kBlank,
  kFact,
  kAny
};

ValueClass ClassOf(TermId id) {
  switch (id.kind()) {
    case TermKind::kUndefined:
      return ValueClass::kEmpty;
    case TermKind::kInteger:
    case TermKind::kNumber:
      return ValueClass::kNumber;
    case TermKind::kTime:
    case TermKind::kDictionaryTime:
      return ValueClass::kTime;
    case TermKind::kBoolean:
      return ValueClass::kBoolean;
    case TermKind::kText:
    case TermKind::kLanguageText:
      return ValueClass::kText;
    case TermKind::kTypedLiteral:
      return ValueClass::kLiteral;
    case TermKind::kName:
      return ValueClass::kName;
    case TermKind::kIri:
      return ValueClass::kIri;
    case TermKind::kBlankNode:
      return ValueClass::kBlank;
    case TermKind::kFact:
      return ValueClass::kFact;
    case TermKind::kLocal:
      return ValueClass::kAny;
  }
  return ValueClass::kAny;
}

// A number beside a time may be a year.
bool NeverMeet(ValueClass a, ValueClass b) {
  if (a == b || a == ValueClass::kAny || b == ValueClass::kAny) return false;
  const bool year = (a == ValueClass::kNumber && b == ValueClass::kTime) ||
                    (a == ValueClass::kTime && b == ValueClass::kNumber);
  return !year;
}

std::strong_ordering CompareInlineTimes(TermId a, TermId b) {
  const auto starts = FirstInstant(a) <=> FirstInstant(b);
  return starts != 0 ? starts : LastInstant(a) <=> LastInstant(b);
}

}  // namespace

std::optional<std::partial_ordering> CompareByIds(TermId a, TermId b) {
  using Ordering = std::partial_ordering;
  if (a.kind() == TermKind::kInteger && b.kind() == TermKind::kInteger) {
    return Ordering(a.bits() <=> b.bits());
  }
  if (a.kind() == TermKind::kTime && b.kind() == TermKind::kTime) {
    return Ordering(CompareInlineTimes(a, b));
  }
  const ValueClass left = ClassOf(a), right = ClassOf(b);
  if (left == ValueClass::kEmpty || right == ValueClass::kEmpty || NeverMeet(left, right)) {
    return Ordering::unordered;
  }
  if (a == b) return Ordering::equivalent;
  if (left == right && (left == ValueClass::kBoolean || left == ValueClass::kFact)) {
    return Ordering(a.bits() <=> b.bits());
  }
  return std::nullopt;
}

std::optional<bool> EqualByIds(TermId a, TermId b) {
  if (a.is_undefined() || b.is_undefined()) return false;
  if (a == b) return true;
  if (const auto ordering = CompareByIds(a, b)) return *ordering == 0;
  // Different terms of one of these kinds are different values.
  const TermKind kind = a.kind();
  if (kind == b.kind() &&
      (kind == TermKind::kName || kind == TermKind::kIri || kind == TermKind::kBlankNode ||
       kind == TermKind::kText || kind == TermKind::kTypedLiteral)) {
    return false;
  }
  return std::nullopt;
}

std::optional<int> OrderByIdsOfAnyKind(TermId a, TermId b) {
  if (a == b) return 0;
  if (a.is_undefined() || b.is_undefined()) return a.is_undefined() ? 1 : -1;
  if (a.kind() != b.kind()) return std::nullopt;
  const TermKind kind = a.kind();
  if (kind == TermKind::kTime) {
    const auto ordering = CompareInlineTimes(a, b);
    if (ordering == 0) return std::nullopt;
    return ordering < 0 ? -1 : 1;
  }
  if (kind == TermKind::kInteger || kind == TermKind::kBoolean || kind == TermKind::kFact) {
    return a.bits() < b.bits() ? -1 : 1;
  }
  return std::nullopt;
}

// The table in storage/model/time.h, on instants.
bool HoldsForInlineTimes(algebra::TimeOperator op, bool possibly, TermId left, TermId right) {
  const int64_t a = FirstInstant(left), b = LastInstant(left);
  const int64_t c = FirstInstant(right), d = LastInstant(right);
  const bool left_date = InlineTimeIsDate(left), right_date = InlineTimeIsDate(right);
  const bool shares = a <= d && c <= b;
  const bool inside = c <= a && b <= d;
  switch (op) {
    case algebra::TimeOperator::kBefore:
      return possibly ? (left_date ? a : b) < (right_date ? d : c) : b < c;
    case algebra::TimeOperator::kAfter:
      return possibly ? (left_date ? b : a) > (right_date ? c : d) : a > d;
    case algebra::TimeOperator::kIn:
      return possibly && left_date ? shares : inside;
    case algebra::TimeOperator::kOverlaps:
      return possibly || !left_date ? shares : inside;
    case algebra::TimeOperator::kEquals:
      return left == right || (possibly && left_date && right_date && shares);
  }
  return false;
}

}  // namespace annals::exec

#include "storage/graph/relation.h"

namespace annals {

std::span<const Column> ColumnsOf(Permutation permutation) {
  using enum Column;
  static constexpr std::array kSpo = {kSubject, kPredicate, kObject, kTime, kFact};
  static constexpr std::array kPos = {kPredicate, kObject, kSubject, kTime, kFact};
  static constexpr std::array kOsp = {kObject, kSubject, kPredicate, kTime, kFact};
  static constexpr std::array kPts = {kPredicate, kTime, kSubject, kObject, kFact};
  static constexpr std::array kByFact = {kFact,   kSource, kSubject,    kPredicate,
                                         kObject, kTime,   kTransaction};
  static constexpr std::array kBySource = {kSource, kPredicate, kSubject, kObject, kTime, kFact};
  switch (permutation) {
    case Permutation::kSpo:
      return kSpo;
    case Permutation::kPos:
      return kPos;
    case Permutation::kOsp:
      return kOsp;
    case Permutation::kPts:
      return kPts;
    case Permutation::kFact:
      return kByFact;
    case Permutation::kSource:
      return kBySource;
  }
  return {};
}

}  // namespace annals

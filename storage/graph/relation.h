// The permutations as relations: how many columns, which of them holds the time.
#ifndef STORAGE_GRAPH_RELATION_H_
#define STORAGE_GRAPH_RELATION_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "storage/graph/view.h"
#include "storage/kv/keys.h"

namespace annals {

inline constexpr std::array kPermutations = {Permutation::kSpo,  Permutation::kPos,
                                             Permutation::kOsp,  Permutation::kPts,
                                             Permutation::kFact, Permutation::kSource};

inline uint8_t RelationOf(Permutation permutation) { return static_cast<uint8_t>(permutation); }

// Place of a column in a permutation, or -1.
inline int PlaceOf(Permutation permutation, Column column) {
  const std::span<const Column> columns = ColumnsOf(permutation);
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] == column) return static_cast<int>(i);
  }
  return -1;
}

// One assertion, from which the rows of all permutations are made.
struct Assertion {
  TermId subject, predicate, object, time, fact, source, transaction;

  TermId Get(Column column) const {
    switch (column) {
      case Column::kSubject:
        return subject;
      case Column::kPredicate:
        return predicate;
      case Column::kObject:
        return object;
      case Column::kTime:
        return time;
      case Column::kFact:
        return fact;
      case Column::kSource:
        return source;
      case Column::kTransaction:
        return transaction;
    }
    return TermId();
  }
};

// A row of any relation: as many values as it has columns.
struct Row {
  std::array<uint64_t, kv::kMaxColumns> values = {};
  size_t size = 0;
  std::span<const uint64_t> span() const { return {values.data(), size}; }
};

inline Row RowOf(Permutation permutation, const Assertion& assertion) {
  Row row;
  for (const Column column : ColumnsOf(permutation)) {
    row.values[row.size++] = assertion.Get(column).bits();
  }
  return row;
}

// Lexicographic over the columns that both have: <0, 0, >0.
inline int CompareRows(std::span<const uint64_t> a, std::span<const uint64_t> b) {
  for (size_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
  }
  return 0;
}

// The smallest row after all that begin with `row`; false if there is none.
inline bool Successor(Row* row) {
  for (size_t i = row->size; i-- > 0;) {
    if (++row->values[i] != 0) return true;
  }
  return false;
}

}  // namespace annals

#endif  // STORAGE_GRAPH_RELATION_H_

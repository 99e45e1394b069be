// How the columns of two inputs that are joined meet.
#ifndef QUERY_EXEC_JOIN_SHAPE_H_
#define QUERY_EXEC_JOIN_SHAPE_H_

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "query/algebra/plan.h"
#include "query/exec/batch.h"

namespace annals::exec {

using Variables = std::vector<algebra::Variable>;

struct JoinShape {
  struct Pair {
    size_t left, right;  // columns of one variable
  };
  // Shared variables that are never empty on either side, if there are such; else all shared ones.
  std::vector<Pair> keys;
  std::vector<Pair> checks;  // the other shared ones: equal, or empty on a side
  // Some key may be empty: then it agrees with everything.
  bool keys_may_be_empty = false;
  // Pairs of rows whose times are otherwise may be left out. See algebra::TimeGap.
  struct Gap {
    size_t left, right;  // columns that only these sides have
    bool left_is_earlier;
    bool from_end, to_end;
    int64_t seconds;
  };
  std::vector<Gap> gaps;
  std::vector<size_t> right_only;  // columns of the right that the left lacks
  Variables variables;             // of the result: the left's, then right_only's

  // Gaps both ways, so that a row meets only what is near it.
  bool has_window() const;
  bool has_shared() const { return !keys.empty() || !checks.empty(); }
  // Of the left's columns, those whose empty values the right side may fill.
  std::vector<Pair> Fillable() const;
};

JoinShape MakeJoinShape(const Variables& left, const Variables& right,
                        const Variables& left_certain, const Variables& right_certain);

// Those of the gaps that are between the two sides.
void AddGaps(const std::vector<algebra::TimeGap>& gaps, const Variables& left,
             const Variables& right, JoinShape* shape);

// The result's rows for pairs of rows, appended to `out`, which has the result's columns.
void AppendPairs(const JoinShape& shape, const Batch& left, const Batch& right,
                 std::span<const uint32_t> left_rows, std::span<const uint32_t> right_rows,
                 Batch* out);

size_t PositionOf(const Variables& variables, const algebra::Variable& variable);  // or npos
inline constexpr size_t kNoColumn = static_cast<size_t>(-1);

}  // namespace annals::exec

#endif  // QUERY_EXEC_JOIN_SHAPE_H_

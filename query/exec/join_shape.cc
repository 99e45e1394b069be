#include "query/exec/join_shape.h"

#include <algorithm>

#include "query/algebra/build.h"

namespace annals::exec {

size_t PositionOf(const Variables& variables, const algebra::Variable& variable) {
  const auto found = std::find(variables.begin(), variables.end(), variable);
  return found == variables.end() ? kNoColumn : static_cast<size_t>(found - variables.begin());
}

std::vector<JoinShape::Pair> JoinShape::Fillable() const {
  std::vector<Pair> pairs = checks;
  if (keys_may_be_empty) pairs.insert(pairs.end(), keys.begin(), keys.end());
  return pairs;
}

bool JoinShape::has_window() const {
  const auto is = [](bool left_is_earlier) {
    return [left_is_earlier](const Gap& gap) { return gap.left_is_earlier == left_is_earlier; };
  };
  return std::any_of(gaps.begin(), gaps.end(), is(true)) &&
         std::any_of(gaps.begin(), gaps.end(), is(false));
}

JoinShape MakeJoinShape(const Variables& left, const Variables& right,
                        const Variables& left_certain, const Variables& right_certain) {
  JoinShape shape;
  shape.variables = left;
  for (size_t i = 0; i < right.size(); ++i) {
    const size_t position = PositionOf(left, right[i]);
    if (position == kNoColumn) {
      shape.right_only.push_back(i);
      shape.variables.push_back(right[i]);
      continue;
    }
    const bool certain =
        algebra::Contains(left_certain, right[i]) && algebra::Contains(right_certain, right[i]);
    (certain ? shape.keys : shape.checks).push_back({position, i});
  }
  if (shape.keys.empty() && !shape.checks.empty()) {
    shape.keys.swap(shape.checks);
    shape.keys_may_be_empty = true;
  }
  return shape;
}

void AddGaps(const std::vector<algebra::TimeGap>& gaps, const Variables& left,
             const Variables& right, JoinShape* shape) {
  for (const algebra::TimeGap& gap : gaps) {
    for (const bool left_is_earlier : {true, false}) {
      const auto& on_left = left_is_earlier ? gap.earlier : gap.later;
      const auto& on_right = left_is_earlier ? gap.later : gap.earlier;
      const size_t a = PositionOf(left, on_left), b = PositionOf(right, on_right);
      const bool apart = !algebra::Contains(right, on_left) && !algebra::Contains(left, on_right);
      if (a == kNoColumn || b == kNoColumn || !apart) continue;
      shape->gaps.push_back({a, b, left_is_earlier, gap.from_end, gap.to_end, gap.seconds});
    }
  }
}

void AppendPairs(const JoinShape& shape, const Batch& left, const Batch& right,
                 std::span<const uint32_t> left_rows, std::span<const uint32_t> right_rows,
                 Batch* out) {
  const auto append = [](const std::vector<TermId>& from, std::span<const uint32_t> rows,
                         std::vector<TermId>* to) {
    const size_t begin = to->size();
    to->resize(begin + rows.size());
    for (size_t i = 0; i < rows.size(); ++i) (*to)[begin + i] = from[rows[i]];
  };
  const size_t begin = out->rows;
  for (size_t i = 0; i < left.columns.size(); ++i) {
    append(left.columns[i], left_rows, &out->columns[i]);
  }
  for (size_t i = 0; i < shape.right_only.size(); ++i) {
    append(right.columns[shape.right_only[i]], right_rows, &out->columns[left.columns.size() + i]);
  }
  for (const auto& [left_column, right_column] : shape.Fillable()) {
    auto& column = out->columns[left_column];
    for (size_t i = 0; i < right_rows.size(); ++i) {
      if (column[begin + i].is_undefined()) {
        column[begin + i] = right.columns[right_column][right_rows[i]];
      }
    }
  }
  out->rows += left_rows.size();
}

}  // namespace annals::exec

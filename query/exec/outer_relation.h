// The distinct values that the left side of a join gives to an OuterRef on its right side.
#ifndef QUERY_EXEC_OUTER_RELATION_H_
#define QUERY_EXEC_OUTER_RELATION_H_

#include <vector>

#include "query/exec/batch.h"
#include "query/exec/join_shape.h"
#include "query/exec/key_table.h"
#include "query/exec/operator.h"

namespace annals::exec {

class OuterRelation {
 public:
  // `variables` of the OuterRef.
  OuterRelation(Variables variables, Context& context)
      : variables_(std::move(variables)),
        context_(context),
        reservation_(context),
        rows_(variables_.size()) {}

  const Variables& variables() const { return variables_; }
  const KeyTable& rows() const { return rows_; }

  // Adds the rows of a batch with these columns; those it lacks are empty.
  absl::Status Add(const Variables& columns, const Batch& batch) {
    const std::vector<TermId> empty(batch.rows);
    std::vector<ColumnView> views;
    for (const algebra::Variable& variable : variables_) {
      const size_t column = PositionOf(columns, variable);
      views.emplace_back(column == kNoColumn ? empty : batch.columns[column]);
    }
    std::vector<uint32_t> numbers;
    ANNALS_RETURN_IF_ERROR(rows_.Insert(views, batch.rows, context_, &numbers));
    return reservation_.Resize(rows_.bytes());
  }
  void Clear() { rows_ = KeyTable(variables_.size()); }

 private:
  const Variables variables_;
  Context& context_;
  Reservation reservation_;
  KeyTable rows_;
};

}  // namespace annals::exec

#endif  // QUERY_EXEC_OUTER_RELATION_H_

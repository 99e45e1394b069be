// The values that a variable can have in all inputs of a join, numbered in the order of their ids.
#ifndef QUERY_EXEC_VALUE_NUMBERS_H_
#define QUERY_EXEC_VALUE_NUMBERS_H_

#include <cstdint>
#include <span>
#include <vector>

#include "query/exec/chunked_array.h"
#include "query/exec/key_table.h"
#include "storage/base/status.h"
#include "storage/model/term_id.h"

namespace annals::exec {

class ValueNumbers {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  using Columns = std::span<const ChunkedArray<TermId>* const>;
  // Numbers what is in every one of the columns; none of them holds an empty value. At least one
  // column, and fewer than 2^32 values. Reserves what it needs meanwhile; bytes() are for the
  // caller to reserve.
  static absl::StatusOr<ValueNumbers> Make(Columns columns, Context& context);

  uint32_t size() const { return static_cast<uint32_t>(values_.size()); }
  TermId value(uint32_t number) const { return values_[number]; }
  // kNone where the value is not in every column. In place of what `out` held.
  void Number(ColumnView values, std::vector<uint32_t>* out);

  uint64_t bytes() const {
    return values_.capacity() * sizeof(TermId) + numbers_.capacity() * sizeof(uint32_t) +
           table_.bytes();
  }

 private:
  ValueNumbers() : table_(1) {}
  absl::Status NumberRange(Columns columns, Context& context);
  absl::Status NumberSparse(Columns columns, Context& context);

  std::vector<TermId> values_;
  // By bits() - least_ where the ids stand close together, as those of names do; else by their
  // number in the table.
  bool in_range_ = false;
  uint64_t least_ = 0;
  std::vector<uint32_t> numbers_;
  KeyTable table_;
};

}  // namespace annals::exec

#endif  // QUERY_EXEC_VALUE_NUMBERS_H_

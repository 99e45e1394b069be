// The rows of an answer as terms, a batch at a time.
#ifndef QUERY_EXEC_RESULT_H_
#define QUERY_EXEC_RESULT_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "query/exec/operator.h"

namespace annals::exec {

class TermCache;

// Cancelled or DeadlineExceeded.
absl::Status CheckTime(const Limits& limits);
// ResourceExhausted if an answer of so many rows is more than the limit of rows.
absl::Status CheckRows(uint64_t rows, const Limits& limits);

// Runs an operator to its end. Strings that were not met lately are fetched in one sorted pass a
// batch.
class ResultReader {
 public:
  ResultReader(std::unique_ptr<Operator> input, Context& context);
  ~ResultReader();

  const std::vector<algebra::Variable>& variables() const { return input_->variables(); }
  // Reads the next batch; false at the end. ResourceExhausted once the answer has more rows than
  // the question's limit.
  absl::StatusOr<bool> Next();

  // Of the batch read last.
  size_t rows() const { return batch_.rows; }
  // The undefined term where empty; borrowed until the next Next.
  const Term& term(size_t row, size_t column) const { return *terms_[column][row]; }
  TermId id(size_t row, size_t column) const { return batch_.columns[column][row]; }
  // All of them so far.
  uint64_t total_rows() const { return total_rows_; }

 private:
  const std::unique_ptr<Operator> input_;
  Context& context_;
  Batch batch_;
  std::unique_ptr<TermCache> cache_;
  std::vector<std::vector<const Term*>> terms_;
  uint64_t total_rows_ = 0;
};

}  // namespace annals::exec

#endif  // QUERY_EXEC_RESULT_H_

// Terms for ids that leave with an answer: those met lately are kept, the others are fetched in
// sorted batches.
#ifndef QUERY_EXEC_TERM_CACHE_H_
#define QUERY_EXEC_TERM_CACHE_H_

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "query/exec/operator.h"

namespace annals::exec {

class TermCache {
 public:
  explicit TermCache(Context& context);

  // What was fetched before may go now.
  void BeginBatch();
  // (*terms)[i] belongs to ids[i]; borrowed until the next BeginBatch. What is kept is counted
  // against the question's limit of memory.
  absl::Status Fetch(std::span<const TermId> ids, std::vector<const Term*>* terms);

 private:
  using Terms = absl::flat_hash_map<uint64_t, std::unique_ptr<Term>>;  // by id bits

  const Term* Find(TermId id);
  const Term* Keep(TermId id, Term term);
  absl::Status Reserve();
  absl::Status FetchMissing(std::span<const TermId> ids, std::vector<const Term*>* terms);

  Context& context_;
  Reservation reservation_;
  const uint64_t most_recent_bytes_;
  // Terms go from the first to the second when it has become large, and come back when met again.
  Terms recent_, older_;
  uint64_t recent_bytes_ = 0, older_bytes_ = 0;
  std::vector<std::unique_ptr<std::vector<Term>>> passing_;  // of the batch, not worth keeping
  uint64_t passing_bytes_ = 0;
  std::vector<TermId> missing_;
  std::vector<Term> fetched_;
};

}  // namespace annals::exec

#endif  // QUERY_EXEC_TERM_CACHE_H_

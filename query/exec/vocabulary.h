// Terms of one question: constants that the store doesn't know and values that were computed get
// local ids here; ids of the store are fetched in sorted batches.
#ifndef QUERY_EXEC_VOCABULARY_H_
#define QUERY_EXEC_VOCABULARY_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "query/exec/quad_source.h"
#include "storage/base/status.h"
#include "storage/model/term.h"
#include "storage/model/term_id.h"

namespace annals::exec {

// Threads: a Vocabulary is any thread's, a TermFetcher one's.
class Vocabulary {
 public:
  explicit Vocabulary(const QuadSource& source) : source_(source) {}

  // The one id of this term in this question: equal terms always get equal ids (an inline id, else
  // the store's, else a local one), so that joins, grouping and distinct work on ids.
  absl::StatusOr<TermId> IdOf(const Term& term);
  absl::StatusOr<TermId> IdOf(Term&& term);
  // Borrowed until the Vocabulary dies: the term is kept. For many ids use a TermFetcher.
  absl::StatusOr<const Term*> TermOf(TermId id);
  // Makes TermOf cheap for all of them: one sorted pass through the dictionary.
  absl::Status Prefetch(std::span<const TermId> ids);
  // Bytes kept, roughly.
  uint64_t memory() const { return memory_.load(std::memory_order_relaxed); }

 private:
  friend class TermFetcher;
  const Term* Keep(TermId id, Term term);
  // Of one that has no inline id. `own`: the same, to be moved from; null: it is copied.
  absl::StatusOr<TermId> IdOfOther(const Term& term, Term* own);

  const QuadSource& source_;
  std::mutex mutex_;                                           // over all below
  std::unordered_map<uint64_t, std::unique_ptr<Term>> terms_;  // by id bits
  std::unordered_map<std::string, TermId> known_ids_;          // by kind and UniqueKey
  uint64_t next_local_ = 0;
  std::atomic<uint64_t> memory_{0};
};

// Bytes that a term takes, with what it holds outside itself.
uint64_t BytesOfTerm(const Term& term);

// Terms of a batch of ids, each distinct one fetched once and kept only until the next batch.
class TermFetcher {
 public:
  explicit TermFetcher(Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

  // (*terms)[i] belongs to ids[i]; borrowed until the next call.
  absl::Status Fetch(std::span<const TermId> ids, std::vector<const Term*>* terms);

 private:
  Vocabulary& vocabulary_;
  std::vector<TermId> distinct_;
  std::vector<Term> fetched_;  // of `distinct_`
  std::vector<Term> inline_terms_;
};

}  // namespace annals::exec

#endif  // QUERY_EXEC_VOCABULARY_H_

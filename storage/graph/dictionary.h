// Terms to dense numbers and back. A term of the dictionary has the id TermId::Make(kind, number);
// one counter, from 1, numbers all kinds. Numbers up to Meta::packed_terms stand in front-coded
// string blocks (storage/graph/string_block.h), the others in rows of their own; relation 7 (and
// the 'h' rows beside it) finds a number by the hash of kind and key (storage/graph/term_hash.h).
#ifndef STORAGE_GRAPH_DICTIONARY_H_
#define STORAGE_GRAPH_DICTIONARY_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/status.h"
#include "storage/graph/meta.h"
#include "storage/graph/row_scan.h"
#include "storage/graph/term_hash.h"
#include "storage/kv/kv.h"
#include "storage/model/term.h"
#include "storage/model/term_id.h"

namespace annals {

// A term as the dictionary knows it; the bytes of the key are the owner's.
struct TermKey {
  TermKind kind = TermKind::kUndefined;
  std::string_view key;
  uint64_t hash = 0;  // HashTerm(kind, key)
};

// Internal if it can't be read back.
absl::StatusOr<Term> TermOfKey(const TermKey& key);

// Reads; cheap to make. The pools must outlive it.
//
// Threads: any.
class Dictionary {
 public:
  // Of `meta` the generation and the packed terms: they hold as long as the view, also under a
  // transaction that adds terms.
  // `base` is of the packed state, `delta` of the state with what has been added.
  Dictionary(const IteratorPool& base, const IteratorPool& delta, const Meta& meta);

  // As GraphView.
  absl::StatusOr<TermId> Find(const Term& term) const;
  absl::StatusOr<Term> Get(TermId id) const;
  absl::Status GetBatch(std::span<const TermId> ids, std::vector<Term>* out) const;

  absl::StatusOr<TermId> FindKey(const TermKey& key) const;
  // ids->at(i) belongs to keys[i]; undefined where unknown. Keys ascend by hash. Many are looked up
  // by up to `threads` threads.
  absl::Status FindKeys(std::span<const TermKey> keys, size_t threads,
                        std::vector<TermId>* ids) const;

 private:
  // A term that has the hash of keys[index].
  struct Candidate {
    TermId id;
    size_t index;
  };
  struct NumberLess {
    bool operator()(const Candidate& a, const Candidate& b) const {
      return a.id.payload() < b.id.payload();
    }
  };
  // Those of keys[begin] to keys[end - 1].
  absl::Status FindCandidates(std::span<const TermKey> keys, size_t begin, size_t end,
                              std::vector<Candidate>* candidates) const;
  // Keeps the ids of those that have the key too; numbers ascend.
  absl::Status Compare(std::span<const Candidate> candidates, std::span<const TermKey> keys,
                       std::vector<TermId>* ids) const;

  const IteratorPool& base_;
  const IteratorPool& delta_;
  const uint64_t generation_;
  const uint64_t packed_terms_;
  const uint64_t hash_rows_;
};

// Entry: kind byte, then the key; how a term stands in a row of its own.
std::string DictionaryEntry(const Term& term);
inline uint64_t HashOfEntry(std::string_view entry) {
  return HashTerm(static_cast<TermKind>(entry[0]), entry.substr(1));
}

// A new id, one more than meta->last_term (which it raises), for a term that the transaction's
// state lacks. InvalidArgument for terms that are never stored.
absl::StatusOr<TermId> AddTerm(kv::Transaction& transaction, const Term& term, Meta* meta);

// For a new generation: string blocks of the terms after meta.packed_terms (those in rows of their
// own, then `added`, which get the numbers from meta.last_term + 1 in the order given), and the
// hash index of meta.generation merged with theirs, as `generation`, which may go to a file with
// other relations. Returns the rows of the index.
absl::StatusOr<uint64_t> FoldDictionary(const kv::View& view, const Meta& meta, uint64_t generation,
                                        uint32_t block_rows, kv::IngestionFile& string_file,
                                        kv::IngestionFile& index_file,
                                        std::span<const TermKey> added = {});

}  // namespace annals

#endif  // STORAGE_GRAPH_DICTIONARY_H_

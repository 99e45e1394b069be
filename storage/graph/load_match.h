// What of a load is new to the store, found in sorted passes over both.
#ifndef STORAGE_GRAPH_LOAD_MATCH_H_
#define STORAGE_GRAPH_LOAD_MATCH_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "storage/base/big_allocator.h"
#include "storage/base/buffer_pool.h"
#include "storage/base/status.h"
#include "storage/graph/code_rows.h"
#include "storage/graph/fact_set.h"
#include "storage/graph/graph_view.h"
#include "storage/graph/load_content.h"
#include "storage/model/term_id.h"

namespace annals {

struct MatchOptions {
  std::string database;           // says where temporary files may be
  BufferPool* buffers = nullptr;  // must outlive the match
  uint64_t memory_bytes = 0;
  size_t threads = 1;
  // Of a replacing load: facts of the store of which each telling is wanted (LoadMatch::told).
  const FactSet* exact = nullptr;
  // Called now and then with the facts that were matched; an error ends it. May be unset.
  std::function<absl::Status(uint64_t facts)> progress;
};

// Rows hold codes, which sort as the ids do: below ids.size() a place in `ids`, from there on the
// number of a fact.
struct LoadMatch {
  LoadMatch(const MatchOptions& options, RowMemory& memory)
      : buffers(*options.buffers),
        rows(options.database, memory),
        known(options.database, memory) {}

  uint64_t IdOf(uint32_t code) const {
    return code < ids.size() ? ids[code] : TermId::Fact(code - ids.size()).bits();
  }
  // Of the new fact `offset`.
  TermId FactAt(uint32_t offset) const { return TermId::Fact(last_fact + 1 + offset); }

  BulkLoad::Result result;
  uint32_t largest_code = 0;
  // Terms that the store lacks, by kind and key: their numbers go on from its last.
  std::vector<TermKey> new_terms;
  // What the told terms are, ascending; the first is none.
  BigVector<uint64_t> ids;
  uint64_t last_fact = 0;  // of the store
  TermId transaction;      // that tells it
  uint64_t new_facts = 0;  // qualifiers too
  BufferPool& buffers;
  // A row for each new fact and source of it, by these:
  // {offset among the new facts, source, subject, predicate, object, time}
  RowLog<6> rows;
  // Are these also in the order of subject, predicate, object, time? Not if there are facts about
  // facts: facts are numbered before those about them.
  bool in_order = true;
  // A row for each new source of a known fact, by number and source:
  // {number (two halves), source, subject, predicate, object, time}
  RowLog<7> known;
  // Of a replacing load: facts of which it tells something with a source that the store has from
  // that source already.
  FactSet kept{0};
  // And facts that are seen as a new one of it: of each that is seen, the first.
  FactSet told_anew{0};
  // And of MatchOptions::exact each telling with a source, new or not, by number and source; with
  // those of the store that are seen as one that it tells.
  struct Telling {
    uint64_t fact = 0;
    uint64_t source = 0;  // its bits
    friend auto operator<=>(const Telling&, const Telling&) = default;
  };
  BigVector<Telling> told;
};

// Do codes suffice? Not for facts about facts if the store has billions.
bool CanMatch(const LoadContent& content, const StoredView& view);

// Takes the facts out of the content, whose terms and memory for rows must outlive the match.
absl::StatusOr<std::unique_ptr<LoadMatch>> MatchLoad(LoadContent& content, const StoredView& view,
                                                     const MatchOptions& options);

}  // namespace annals

#endif  // STORAGE_GRAPH_LOAD_MATCH_H_

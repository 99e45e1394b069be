// The graph store: a directory (or memory) that holds dated facts with their sources. Snapshots
// for readers, one write transaction at a time.
//
// Threads: Store may be used from many threads; readers go on during writes and see the state they
// began with. A WriteTransaction belongs to one thread at a time.
#ifndef STORAGE_GRAPH_STORE_H_
#define STORAGE_GRAPH_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/graph/view.h"
#include "storage/kv/kv.h"

namespace annals {

struct StoreOptions {
  kv::Options kv;
  // The delta is folded into the packed base when its rows pass both of these.
  uint64_t fold_rows = 20000;
  double fold_fraction = 0.01;
  // Facts in one commit from which it is written as a new generation at once.
  uint64_t bulk_rows = 20000;
  // Facts a block (tests lower it so that small stores have many blocks).
  uint32_t block_rows = 4096;
  // UTC seconds for the times of transactions, asked once a commit; unset: the system's clock.
  std::function<int64_t()> clock;
};

struct AddResult {
  uint64_t fact = 0;           // its number
  bool new_fact = false;       // the store did not hold (s, p, o, t)
  bool new_assertion = false;  // or not from this source
};

// A fact to lose one source (undefined: the telling without a source), or with no value all.
struct Removal {
  uint64_t fact = 0;
  std::optional<TermId> source;
};

// What is taken back: tellings of facts, and all that sources tell.
struct Removals {
  std::vector<Removal> tellings;
  std::vector<TermId> sources;
};

struct RemovalOptions {
  // Called now and then, from any thread but never twice at once. An error ends the removal. May be
  // unset.
  std::function<absl::Status()> check;
  uint64_t memory_bytes = 0;  // as LoadOptions
};

class WriteTransaction {
 public:
  virtual ~WriteTransaction() = default;  // without Commit: rolled back

  // What the store held at the beginning, with all that this transaction has told so far.
  virtual std::shared_ptr<const GraphView> view() const = 0;

  // The id of a term, a new one if need be.
  virtual absl::StatusOr<TermId> Intern(const Term& term) = 0;
  // `time` and `source` undefined where there is none. A subject of kind fact makes a qualifier.
  // A text object of the predicate `alias` also becomes a spelling of the subject's name.
  virtual absl::StatusOr<AddResult> Add(TermId subject, TermId predicate, TermId object,
                                        TermId time, TermId source) = 0;
  // Takes one source (undefined: the telling without a source) from a fact, or with no value the
  // fact from all. What loses its last source goes, with its qualifiers. Returns how many facts
  // went, qualifiers not counted; those that merges make one count as one, once all of them have
  // gone. Kept in the history.
  virtual absl::StatusOr<uint64_t> Remove(uint64_t fact, std::optional<TermId> source) = 0;
  // The same for many, in a few passes: much cheaper than one by one. `check` (it may be unset) is
  // called now and then, and its error ends it. After an error part of it may be removed: the
  // caller returns to its save point.
  virtual absl::StatusOr<uint64_t> RemoveAll(const Removals& removals,
                                             const std::function<absl::Status()>& check) = 0;
  // RemoveAll and Commit. If the transaction has told nothing before, much is removed as a large
  // load is told: the next generation is written without it. After an error nothing is stored, and
  // the transaction is of no more use.
  virtual absl::StatusOr<uint64_t> RemoveAllAndCommit(const Removals& removals,
                                                      const RemovalOptions& options) = 0;

  // A mark that RollbackToSavePoint returns to: a statement is all or nothing.
  virtual void SetSavePoint() = 0;
  virtual absl::Status RollbackToSavePoint() = 0;

  // Synced when it returns OK. The transaction is over either way. May fold.
  virtual absl::Status Commit() = 0;
};

enum class LoadPhase : uint8_t { kSorting, kWriting };

struct LoadOptions {
  // What the load may keep in memory, beyond which facts are sorted in temporary files in the
  // database's folder; 0: a quarter of the machine's. Its distinct terms always are in memory.
  uint64_t memory_bytes = 0;
  size_t threads = 0;  // 0: as many as the machine has
  // Its sources lose what they told before and do not tell in this load, in the same commit: as
  // WriteTransaction::Remove does, so a fact without another source goes. Sources that are merged
  // are one.
  bool replacing = false;
  // Called now and then by Finish, from any thread but never twice at once. An error ends the load,
  // of which nothing is stored then. May be unset.
  std::function<absl::Status(LoadPhase phase, uint64_t done, uint64_t of)> progress;
};

// A load of any size as one commit: terms and facts are collected, then told at once, through the
// delta or as a new generation, whichever is cheaper. All or nothing.
class BulkLoad {
 public:
  // A term of this load; numbers are local to it, and those of terms count from 1. 0 is "none" (no
  // time, no source).
  using Handle = uint64_t;
  static constexpr Handle kNone = 0;

  virtual ~BulkLoad() = default;  // without Finish: nothing is stored
  virtual Handle Intern(const Term& term) = 0;
  // Shortcut for the commonest case, without making a Term: a name's text.
  virtual Handle InternName(std::string_view name) = 0;
  // Of a name's handle, before Finish; as long as the load.
  virtual std::string_view NameOf(Handle name) const = 0;
  // What is told of `name`, before and after, is told of the name `other` instead, which isn't
  // replaced itself.
  virtual void ReplaceBy(Handle name, Handle other) = 0;
  // Returns the handle of the fact, usable as the subject of its qualifiers.
  virtual Handle Add(Handle subject, Handle predicate, Handle object, Handle time,
                     Handle source) = 0;

  // A source whose tellings are all in this load, even if there are none. Only a replacing load
  // makes use of it.
  virtual void TellsAllOf(Handle /*source*/) {}

  struct Result {
    uint64_t read = 0;            // facts told, qualifiers not counted
    uint64_t new_facts = 0;       // not in the store before; qualifiers not counted
    uint64_t new_assertions = 0;  // new facts and known ones that gained a source
    uint64_t new_names = 0;
    bool changed = false;  // false: the store holds all of it, nothing was written
    // Of a replacing load: its sources, what they no longer say, and what went with that.
    // Qualifiers are those of facts that the source still says.
    uint64_t replaced_sources = 0, lost_facts = 0, gone_facts = 0, lost_qualifiers = 0;
  };
  virtual absl::StatusOr<Result> Finish() = 0;
};

class Store {
 public:
  // See kv::Store::Open for `path` and the errors.
  static absl::StatusOr<std::unique_ptr<Store>> Open(const std::string& path,
                                                     const StoreOptions& options);
  virtual ~Store() = default;

  virtual absl::StatusOr<std::shared_ptr<const GraphView>> GetSnapshot() const = 0;
  // Waits until the writer before has ended, at most `wait_milliseconds` (then Busy).
  virtual absl::StatusOr<std::unique_ptr<WriteTransaction>> Begin(
      int64_t wait_milliseconds = 0) = 0;
  virtual absl::StatusOr<std::unique_ptr<BulkLoad>> BeginBulkLoad(
      int64_t wait_milliseconds = 0, const LoadOptions& options = {}) = 0;
  // A bulk load whose Finish tells through `transaction` (for a load inside begin ... commit).
  virtual absl::StatusOr<std::unique_ptr<BulkLoad>> BulkLoadInto(WriteTransaction& transaction) = 0;

  // Merges the delta into the packed base as a new generation, whatever its size.
  virtual absl::Status Fold() = 0;

  // A store of its own that holds what this one does now, to try out on it what is not to be kept:
  // it lies in a folder of this one, which goes with it. Not of one in memory.
  virtual absl::StatusOr<std::unique_ptr<Store>> NewCopy() = 0;

  virtual bool read_only() const = 0;
  virtual bool in_memory() const = 0;
  virtual const std::string& path() const = 0;
};

}  // namespace annals

#endif  // STORAGE_GRAPH_STORE_H_

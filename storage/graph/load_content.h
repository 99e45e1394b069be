// What a load was told, before anything of it is stored: a table of its terms, which stays in
// memory, and logs of its facts, which don't need to.
#ifndef STORAGE_GRAPH_LOAD_CONTENT_H_
#define STORAGE_GRAPH_LOAD_CONTENT_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "storage/base/big_allocator.h"
#include "storage/base/status.h"
#include "storage/graph/code_rows.h"
#include "storage/graph/dictionary.h"
#include "storage/graph/store.h"
#include "storage/model/term.h"

namespace annals {

class LoadContent {
 public:
  // A handle is 0 for none, a symbol plus one, or a fact:
  //   fact = 15:4 level:20 place:40
  // A symbol is any term of the load, inline or not. Facts about facts stand one level above the
  // highest of these, so that facts can be numbered level by level.
  using Handle = BulkLoad::Handle;
  static constexpr int kLevelShift = 40;
  static constexpr uint64_t kFactTag = uint64_t{15} << TermId::kPayloadBits;
  static constexpr uint64_t kMostLevels = uint64_t{1} << 20;

  // A fact without facts in it: symbols plus one, 0 for none.
  struct Told {
    Handle subject, predicate, object, time, source;
  };
  // As logs have them: subject (two halves), predicate, object (two halves), time, source, of which
  // the upper halves are 0 in the first level.
  using LoggedFact = CodeRow<5>;
  using LoggedQualifier = CodeRow<7>;

  // `database` says where files may be; facts take at most `memory_bytes` outside them, less when
  // terms take more than that, down to a little.
  LoadContent(std::string database, uint64_t memory_bytes);
  Handle Intern(const Term& term);
  Handle InternName(std::string_view name);
  std::string_view NameOf(Handle name) const { return terms_[symbols_[name - 1]].key; }
  // As BulkLoad.
  void ReplaceBy(Handle name, Handle other);
  struct Replaced {
    Handle handle, by;
  };
  // Call Finish before: by handle.
  const std::vector<Replaced>& replaced() const { return replaced_; }
  // The handle that a term's is replaced by, or itself. Call Finish before.
  Handle Final(Handle handle) const;
  Handle Add(const Told& told);

  // An error of a term that can't be stored, or of writing to a file.
  const absl::Status& status() const { return status_; }

  // The bits of an inline id, or the place of a term in terms(): those have 0 in the top 4 bits.
  const BigVector<uint64_t>& symbols() const { return symbols_; }
  const BigVector<TermKey>& terms() const { return terms_; }
  // Has a fact this symbol, or one that is replaced by it? Not if it is replaced itself.
  bool IsTold(uint64_t symbol) const { return told_[symbol] != 0; }
  uint64_t facts() const { return facts_; }
  // About as much as the terms take, here and when they are matched.
  uint64_t term_bytes() const { return 2 * table_bytes(); }
  uint64_t key_bytes() const { return key_bytes_; }

  const RowLog<5>& first_level() const { return plain_; }
  size_t further_levels() const { return qualifiers_.size(); }
  const RowLog<7>& level(size_t level) const { return qualifiers_[level - 1]; }
  // The places in a level that facts of others refer to, ascending. Call Finish before.
  const std::vector<uint32_t>& references(size_t level) const { return references_[level]; }
  // When all is told: before it IsTold doesn't regard what is replaced.
  void Finish();
  // The facts of a level that aren't asked for again.
  void DropLevel(size_t level);
  // All that is known of terms, once they are matched. Their keys stay where they are.
  void DropTerms();
  // Where logs that are made of it may keep their rows, as those here do.
  RowMemory& row_memory() { return memory_; }

  static bool IsFact(Handle handle) { return handle >= kFactTag; }
  static size_t LevelOf(Handle handle) {
    return static_cast<size_t>((handle & ~kFactTag) >> kLevelShift);
  }
  static uint64_t PlaceOfFact(Handle handle) { return handle & ((uint64_t{1} << kLevelShift) - 1); }
  static Told FromLog(const LoggedFact& row) { return {row[0], row[1], row[2], row[3], row[4]}; }
  static Told FromLog(const LoggedQualifier& row) {
    return {uint64_t{row[0]} << 32 | row[1], row[2], uint64_t{row[3]} << 32 | row[4], row[5],
            row[6]};
  }
  // A fact about a fact, of this load or of the store.
  bool IsQualifier(const Told& told) const;

 private:
  struct Hash {
    using is_transparent = void;
    const BigVector<TermKey>* terms;
    size_t operator()(uint32_t place) const { return (*terms)[place].hash; }
    size_t operator()(const TermKey& key) const { return key.hash; }
  };
  struct Equal {
    using is_transparent = void;
    const BigVector<TermKey>* terms;
    static bool Same(const TermKey& a, const TermKey& b) {
      return a.hash == b.hash && a.kind == b.kind && a.key == b.key;
    }
    bool operator()(uint32_t a, uint32_t b) const { return a == b; }
    bool operator()(uint32_t a, const TermKey& b) const { return Same((*terms)[a], b); }
    bool operator()(const TermKey& a, uint32_t b) const { return Same(a, (*terms)[b]); }
  };

  uint64_t table_bytes() const;
  Handle InternKey(TermKind kind, std::string_view key);
  Handle InternInline(uint64_t bits);
  // The handle of a new symbol.
  Handle AddSymbol(uint64_t symbol);
  void Fail(absl::Status status);
  Handle AddFactOf(size_t level, uint64_t place);
  size_t Refer(Handle handle);
  // The bytes, kept as long as this lives.
  std::string_view Keep(std::string_view bytes);

  const std::string database_;
  absl::Status status_;
  BigVector<uint64_t> symbols_;
  std::vector<uint8_t> told_;
  BigVector<TermKey> terms_;
  std::vector<uint32_t> symbol_of_term_;
  absl::flat_hash_set<uint32_t, Hash, Equal, BigAllocator<uint32_t>> places_;
  absl::flat_hash_map<uint64_t, uint32_t> inline_symbols_;
  std::vector<Replaced> replaced_;
  std::vector<std::unique_ptr<char[]>> chunks_;
  uint64_t key_bytes_ = 0;
  size_t room_ = 0;  // at the end of the last chunk
  char* at_ = nullptr;

  uint64_t facts_ = 0;
  const uint64_t most_row_bytes_;
  RowMemory memory_;
  RowLog<5> plain_;
  std::deque<RowLog<7>> qualifiers_;
  std::deque<std::vector<uint32_t>> references_;
};

}  // namespace annals

#endif  // STORAGE_GRAPH_LOAD_CONTENT_H_

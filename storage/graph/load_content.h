// What a load was told, before anything of it is stored: tables of its terms and facts.
#ifndef STORAGE_GRAPH_LOAD_CONTENT_H_
#define STORAGE_GRAPH_LOAD_CONTENT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "storage/base/status.h"
#include "storage/graph/dictionary.h"
#include "storage/graph/store.h"
#include "storage/model/term.h"

namespace annals {

class LoadContent {
 public:
  // A handle is 0 for none, an inline id's bits, the place of a term in terms() plus one, or a
  // fact: those have kFactTag in the top 4 bits and the place in facts() below.
  using Handle = BulkLoad::Handle;
  static constexpr uint64_t kFactTag = uint64_t{15} << TermId::kPayloadBits;

  struct Told {
    Handle subject, predicate, object, time, source;
  };

  LoadContent();
  Handle Intern(const Term& term);
  Handle InternName(std::string_view name);
  Handle Add(const Told& told);

  // An error of a term that can't be stored.
  const absl::Status& status() const { return status_; }
  const std::vector<TermKey>& terms() const { return terms_; }
  const std::vector<Told>& facts() const { return facts_; }
  // The places of the terms that a fact has, ascending.
  std::vector<uint32_t> ToldTerms() const;

  static bool IsFact(Handle handle) { return handle >= kFactTag; }
  static size_t FactPlace(Handle handle) { return static_cast<size_t>(handle - kFactTag); }
  static bool IsTerm(Handle handle) { return handle != 0 && handle >> TermId::kPayloadBits == 0; }
  static size_t TermPlace(Handle handle) { return static_cast<size_t>(handle - 1); }
  // A fact about a fact, of this load or of the store.
  static bool IsQualifier(const Told& told) {
    return IsFact(told.subject) || TermId::FromBits(told.subject).kind() == TermKind::kFact;
  }

 private:
  struct Hash {
    using is_transparent = void;
    const std::vector<TermKey>* terms;
    size_t operator()(uint32_t place) const { return (*terms)[place].hash; }
    size_t operator()(const TermKey& key) const { return key.hash; }
  };
  struct Equal {
    using is_transparent = void;
    const std::vector<TermKey>* terms;
    static bool Same(const TermKey& a, const TermKey& b) {
      return a.hash == b.hash && a.kind == b.kind && a.key == b.key;
    }
    bool operator()(uint32_t a, uint32_t b) const { return a == b; }
    bool operator()(uint32_t a, const TermKey& b) const { return Same((*terms)[a], b); }
    bool operator()(const TermKey& a, uint32_t b) const { return Same(a, (*terms)[b]); }
  };

  Handle InternKey(TermKind kind, std::string_view key);
  // The bytes, kept as long as this lives.
  std::string_view Keep(std::string_view bytes);

  absl::Status status_;
  std::vector<TermKey> terms_;
  std::vector<Told> facts_;
  absl::flat_hash_set<uint32_t, Hash, Equal> places_;
  std::vector<std::unique_ptr<char[]>> chunks_;
  size_t room_ = 0;  // at the end of the last chunk
  char* at_ = nullptr;
};

}  // namespace annals

#endif  // STORAGE_GRAPH_LOAD_CONTENT_H_

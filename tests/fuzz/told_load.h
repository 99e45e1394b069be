// A load that keeps what a reader tells it, and expects of it what the store relies on: handles
// that were given out, in places where such terms may stand, and terms that can be stored.
#ifndef TESTS_FUZZ_TOLD_LOAD_H_
#define TESTS_FUZZ_TOLD_LOAD_H_

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "storage/graph/store.h"

namespace annals::fuzz {

class ToldLoad : public BulkLoad {
 public:
  // As new, with the memory that it has.
  void Clear();

  Handle Intern(const Term& term) override;
  Handle InternName(std::string_view name) override;
  std::string_view NameOf(Handle name) const override;
  void ReplaceBy(Handle name, Handle other) override;
  Handle Add(Handle subject, Handle predicate, Handle object, Handle time, Handle source) override;
  void TellsAllOf(Handle source) override { ExpectTerm(source); }
  absl::StatusOr<Result> Finish() override;

  // A number that hardly any two loads have that were told different things. The labels of blank
  // nodes, which are new in each load, don't matter.
  uint64_t Digest() const;

 private:
  static constexpr Handle kFact = Handle{1} << 60;
  struct Kept {
    TermKind kind;
    std::string key;
  };

  Handle InternKey(TermKind kind, std::string_view key);
  const Kept& ExpectTerm(Handle handle) const;

  std::vector<Kept> terms_;  // the first `count_` of them; the others keep their memory
  size_t count_ = 0;
  absl::flat_hash_map<std::string, Handle> handles_;  // by kind and key
  std::vector<std::array<Handle, 2>> replaced_;
  std::vector<std::array<Handle, 5>> facts_;
  std::string looked_up_;
};

}  // namespace annals::fuzz

#endif  // TESTS_FUZZ_TOLD_LOAD_H_

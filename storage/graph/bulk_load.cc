#include "storage/graph/bulk_load.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace annals {
namespace {

constexpr BulkLoad::Handle kFactBit = BulkLoad::Handle{1} << 63;

// What a load was told, before anything of it is stored.
class Collected : public BulkLoad {
 public:
  Handle Intern(const Term& term) override {
    const auto [at, is_new] = handles_.try_emplace(UniqueKey(term), terms_.size() + 1);
    if (is_new) terms_.push_back(term);
    return at->second;
  }
  Handle InternName(std::string_view name) override {
    return Intern(Term(Name{std::string(name)}));
  }
  Handle Add(Handle subject, Handle predicate, Handle object, Handle time, Handle source) override {
    facts_.push_back({subject, predicate, object, time, source});
    return kFactBit | facts_.size();
  }

 protected:
  absl::StatusOr<Result> Tell(WriteTransaction& transaction) const {
    std::vector<TermId> ids = {TermId()};
    Result result;
    for (const Term& term : terms_) {
      ANNALS_ASSIGN_OR_RETURN(const TermId known, transaction.view()->Find(term));
      if (known.is_undefined() && term.As<Name>() != nullptr) ++result.new_names;
      ANNALS_ASSIGN_OR_RETURN(const TermId id, transaction.Intern(term));
      ids.push_back(id);
    }
    std::vector<TermId> facts = {TermId()};
    const auto id_of = [&](Handle handle) {
      return (handle & kFactBit) != 0 ? facts[handle & ~kFactBit] : ids[handle];
    };
    for (const Told& told : facts_) {
      ANNALS_ASSIGN_OR_RETURN(
          const AddResult added,
          transaction.Add(id_of(told.subject), id_of(told.predicate), id_of(told.object),
                          id_of(told.time), id_of(told.source)));
      facts.push_back(TermId::Fact(added.fact));
      result.changed = result.changed || added.new_assertion;
      result.new_assertions += added.new_assertion;
      if ((told.subject & kFactBit) != 0) continue;
      ++result.read;
      result.new_facts += added.new_fact;
    }
    return result;
  }

 private:
  struct Told {
    Handle subject, predicate, object, time, source;
  };
  absl::flat_hash_map<std::string, Handle> handles_;
  std::vector<Term> terms_;
  std::vector<Told> facts_;
};

class LoadIntoTransaction : public Collected {
 public:
  explicit LoadIntoTransaction(WriteTransaction& transaction) : transaction_(transaction) {}
  absl::StatusOr<Result> Finish() override { return Tell(transaction_); }

 private:
  WriteTransaction& transaction_;
};

class LoadIntoStore : public Collected {
 public:
  LoadIntoStore(std::shared_ptr<StoreCore> core, StoreCore::WriterGuard guard)
      : core_(std::move(core)), guard_(std::move(guard)) {}

  absl::StatusOr<Result> Finish() override {
    const std::unique_ptr<WriteTransaction> transaction =
        MakeWriteTransaction(core_, std::move(guard_));
    ANNALS_ASSIGN_OR_RETURN(const Result result, Tell(*transaction));
    if (result.changed) ANNALS_RETURN_IF_ERROR(transaction->Commit());
    return result;
  }

 private:
  const std::shared_ptr<StoreCore> core_;
  StoreCore::WriterGuard guard_;
};

}  // namespace

std::unique_ptr<BulkLoad> MakeBulkLoad(std::shared_ptr<StoreCore> core,
                                       StoreCore::WriterGuard guard) {
  return std::make_unique<LoadIntoStore>(std::move(core), std::move(guard));
}

std::unique_ptr<BulkLoad> MakeBulkLoadInto(WriteTransaction& transaction) {
  return std::make_unique<LoadIntoTransaction>(transaction);
}

}  // namespace annals

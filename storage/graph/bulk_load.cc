#include "storage/graph/bulk_load.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "storage/graph/fold.h"
#include "storage/graph/load_content.h"
#include "storage/graph/load_match.h"
#include "storage/graph/names.h"

namespace annals {
namespace {

class Collected : public BulkLoad {
 public:
  Handle Intern(const Term& term) override { return content_.Intern(term); }
  Handle InternName(std::string_view name) override { return content_.InternName(name); }
  Handle Add(Handle subject, Handle predicate, Handle object, Handle time, Handle source) override {
    return content_.Add({subject, predicate, object, time, source});
  }

 protected:
  LoadContent content_;
};

absl::StatusOr<Term> TermOfKey(const TermKey& key) {
  std::optional<Term> term = TermFromDictionaryKey(key.kind, key.key);
  if (!term) return Internal("a load holds a term that can't be read back");
  return *std::move(term);
}

// Tells it fact by fact.
absl::StatusOr<BulkLoad::Result> TellContent(const LoadContent& content,
                                             WriteTransaction& transaction) {
  ANNALS_RETURN_IF_ERROR(content.status());
  BulkLoad::Result result;
  std::vector<TermId> terms(content.terms().size());
  for (const uint32_t place : content.ToldTerms()) {
    const TermKey& key = content.terms()[place];
    ANNALS_ASSIGN_OR_RETURN(const Term term, TermOfKey(key));
    if (key.kind == TermKind::kName) {
      ANNALS_ASSIGN_OR_RETURN(const TermId known, transaction.view()->Find(term));
      result.new_names += known.is_undefined();
    }
    ANNALS_ASSIGN_OR_RETURN(terms[place], transaction.Intern(term));
  }
  std::vector<TermId> facts;
  const auto id_of = [&](LoadContent::Handle handle) {
    if (LoadContent::IsFact(handle)) return facts[LoadContent::FactPlace(handle)];
    if (LoadContent::IsTerm(handle)) return terms[LoadContent::TermPlace(handle)];
    return TermId::FromBits(handle);
  };
  absl::flat_hash_set<uint64_t> gained;
  for (const LoadContent::Told& told : content.facts()) {
    ANNALS_ASSIGN_OR_RETURN(
        const AddResult added,
        transaction.Add(id_of(told.subject), id_of(told.predicate), id_of(told.object),
                        id_of(told.time), id_of(told.source)));
    facts.push_back(TermId::Fact(added.fact));
    result.changed = result.changed || added.new_assertion;
    if (LoadContent::IsQualifier(told)) continue;
    ++result.read;
    result.new_facts += added.new_fact;
    if (added.new_assertion) gained.insert(added.fact);
  }
  result.new_assertions = gained.size();
  return result;
}

// The spellings of new names, and of names that new facts give as aliases.
absl::Status WriteNames(const LoadMatch& match, const StoredView& view, kv::Batch& batch) {
  const uint64_t first = view.meta().last_term + 1;
  TermId alias;
  for (size_t i = 0; i < match.new_terms.size(); ++i) {
    const TermKey& key = match.new_terms[i];
    if (key.kind != TermKind::kName) continue;
    const TermId id = TermId::Make(key.kind, first + i);
    if (key.key == kAliasPredicate) alias = id;
    ANNALS_RETURN_IF_ERROR(AddName(batch, key.key, id, /*alias=*/false));
  }
  if (alias.is_undefined()) {
    ANNALS_ASSIGN_OR_RETURN(alias, view.Find(Term(Name{std::string(kAliasPredicate)})));
  }
  for (const Fact& fact : match.new_facts) {
    if (alias.is_undefined() || fact.predicate != alias) continue;
    if (fact.object.kind() != TermKind::kText && fact.object.kind() != TermKind::kLanguageText) {
      continue;
    }
    const uint64_t number = fact.object.payload();
    ANNALS_ASSIGN_OR_RETURN(const Term object, number >= first
                                                   ? TermOfKey(match.new_terms[number - first])
                                                   : view.Get(fact.object));
    const Text* const text = object.As<Text>();
    if (text == nullptr) return DataLoss("a text in the dictionary is damaged");
    ANNALS_RETURN_IF_ERROR(AddName(batch, text->value, fact.subject, /*alias=*/true));
  }
  return absl::OkStatus();
}

// Tells what is new as a new generation.
absl::Status WriteMatch(const LoadMatch& match, StoreCore& core) {
  const std::shared_ptr<const StoredView> view = core.view();
  const Meta& old = view->meta();
  GenerationInput input;
  input.meta = old;
  ++input.meta.transaction;
  input.meta.last_fact += match.new_facts.size();
  input.meta.last_term += match.new_terms.size();
  input.rows = [&](Permutation permutation) -> absl::StatusOr<RowColumns> {
    return RowsOfLoad(match, permutation);
  };
  input.dictionary = [&](uint64_t generation, kv::Ingestion& ingestion) {
    return FoldDictionary(view->kv(), old, generation, core.options().block_rows, ingestion,
                          match.new_terms);
  };
  input.term = [&](TermId id) -> absl::StatusOr<Term> {
    return TermOfKey(match.new_terms.at(id.payload() - old.last_term - 1));
  };
  input.also = [&](kv::Batch& batch) { return WriteNames(match, *view, batch); };
  return WriteGeneration(core, input);
}

// Tells what is new fact by fact. Terms and facts get the numbers that the match gave them, since
// it counts on from the same last ones, in this order.
absl::Status TellMatch(const LoadMatch& match, WriteTransaction& transaction) {
  for (const TermKey& key : match.new_terms) {
    ANNALS_ASSIGN_OR_RETURN(const Term term, TermOfKey(key));
    ANNALS_RETURN_IF_ERROR(transaction.Intern(term).status());
  }
  for (const Assertion& row : match.new_assertions) {
    ANNALS_ASSIGN_OR_RETURN(
        const AddResult added,
        transaction.Add(row.subject, row.predicate, row.object, row.time, row.source));
    if (added.fact != row.fact.payload()) return Internal("a load and its match differ");
  }
  return absl::OkStatus();
}

class LoadIntoTransaction : public Collected {
 public:
  explicit LoadIntoTransaction(WriteTransaction& transaction) : transaction_(transaction) {}
  absl::StatusOr<Result> Finish() override { return TellContent(content_, transaction_); }

 private:
  WriteTransaction& transaction_;
};

class LoadIntoStore : public Collected {
 public:
  LoadIntoStore(std::shared_ptr<StoreCore> core, StoreCore::WriterGuard guard)
      : core_(std::move(core)), guard_(std::move(guard)) {}

  absl::StatusOr<Result> Finish() override {
    const StoreOptions& options = core_->options();
    const bool large = content_.facts().size() >= options.bulk_rows;
    LoadMatch match;
    if (large) {
      ANNALS_ASSIGN_OR_RETURN(match, MatchLoad(content_, *core_->view()));
      if (!match.result.changed) return match.result;
      // Rewriting the base costs as much as telling about a hundredth of it fact by fact.
      const uint64_t rows = match.new_assertions.size();
      if (rows >= options.bulk_rows && rows >= core_->view()->meta().assertions / 100) {
        const StoreCore::WriterGuard guard = std::move(guard_);
        ANNALS_RETURN_IF_ERROR(WriteMatch(match, *core_));
        return match.result;
      }
    }
    const std::unique_ptr<WriteTransaction> transaction =
        MakeWriteTransaction(core_, std::move(guard_));
    Result result = match.result;
    if (large) {
      ANNALS_RETURN_IF_ERROR(TellMatch(match, *transaction));
    } else {
      ANNALS_ASSIGN_OR_RETURN(result, TellContent(content_, *transaction));
    }
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

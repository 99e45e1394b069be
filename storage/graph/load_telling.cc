#include "storage/graph/load_telling.h"

#include <vector>

#include "absl/container/flat_hash_set.h"
#include "storage/graph/dictionary.h"
#include "storage/graph/seen_facts.h"

namespace annals {
namespace {

constexpr uint64_t kFactsBetweenChecks = 1024;

class TellingLoad {
 public:
  TellingLoad(const LoadContent& content, WriteTransaction& transaction, const TellingHooks& hooks)
      : content_(content), transaction_(transaction), hooks_(hooks) {}

  absl::StatusOr<BulkLoad::Result> Run() {
    ANNALS_RETURN_IF_ERROR(content_.status());
    ANNALS_ASSIGN_OR_RETURN(seen_, SeenFacts::Read(*transaction_.view()));
    ANNALS_RETURN_IF_ERROR(InternTerms());
    for (size_t level = 0; level <= content_.further_levels(); ++level) {
      facts_.emplace_back();
      ANNALS_RETURN_IF_ERROR(level == 0 ? TellAll(content_.first_level())
                                        : TellAll(content_.level(level)));
    }
    result_.new_assertions = gained_.size();
    return result_;
  }

 private:
  absl::Status InternTerms() {
    const BigVector<uint64_t>& symbols = content_.symbols();
    terms_.resize(symbols.size() + 1);
    for (size_t symbol = 0; symbol < symbols.size(); ++symbol) {
      if (!content_.IsTold(symbol)) continue;
      if (symbols[symbol] >= content_.terms().size()) {
        terms_[symbol + 1] = TermId::FromBits(symbols[symbol]);
        continue;
      }
      const TermKey& key = content_.terms()[symbols[symbol]];
      ANNALS_ASSIGN_OR_RETURN(const Term term, TermOfKey(key));
      if (key.kind == TermKind::kName) {
        ANNALS_ASSIGN_OR_RETURN(const TermId known, transaction_.view()->Find(term));
        result_.new_names += known.is_undefined();
      }
      ANNALS_ASSIGN_OR_RETURN(terms_[symbol + 1], transaction_.Intern(term));
    }
    for (const auto& replaced : content_.replaced()) terms_[replaced.handle] = terms_[replaced.by];
    return absl::OkStatus();
  }

  template <size_t N>
  absl::Status TellAll(const RowLog<N>& log) {
    typename RowLog<N>::Reader reader(log);
    while (true) {
      ANNALS_ASSIGN_OR_RETURN(const auto rows, reader.Next());
      if (rows.empty()) return absl::OkStatus();
      for (const CodeRow<N>& row : rows) {
        if (told_++ % kFactsBetweenChecks == 0 && hooks_.check) {
          ANNALS_RETURN_IF_ERROR(hooks_.check());
        }
        ANNALS_RETURN_IF_ERROR(Tell(LoadContent::FromLog(row)));
      }
    }
  }

  TermId IdOf(LoadContent::Handle handle) const {
    if (!LoadContent::IsFact(handle)) return terms_[handle];
    return facts_[LoadContent::LevelOf(handle)][LoadContent::PlaceOfFact(handle)];
  }

  absl::Status Tell(const LoadContent::Told& told) {
    const Fact fact{IdOf(told.subject), IdOf(told.predicate), IdOf(told.object), IdOf(told.time)};
    known_.clear();
    ANNALS_ASSIGN_OR_RETURN(const AddResult added,
                            AddUnlessSeen(transaction_, seen_, fact, IdOf(told.source), &known_));
    if (hooks_.told && told.source != BulkLoad::kNone) {
      hooks_.told(added.fact, seen_.Canonical(IdOf(told.source)));
      for (const Removal& telling : known_) hooks_.told(telling.fact, *telling.source);
    }
    facts_.back().push_back(TermId::Fact(added.fact));
    result_.changed = result_.changed || added.new_assertion;
    if (content_.IsQualifier(told)) return absl::OkStatus();
    ++result_.read;
    result_.new_facts += added.new_fact;
    if (added.new_assertion) gained_.insert(added.fact);
    return absl::OkStatus();
  }

  const LoadContent& content_;
  WriteTransaction& transaction_;
  const TellingHooks& hooks_;
  BulkLoad::Result result_;
  SeenFacts seen_;
  std::vector<Removal> known_;              // tellings that are seen as that at hand
  std::vector<TermId> terms_;               // by symbol + 1
  std::vector<std::vector<TermId>> facts_;  // by level
  absl::flat_hash_set<uint64_t> gained_;
  uint64_t told_ = 0;
};

}  // namespace

absl::StatusOr<BulkLoad::Result> TellContent(const LoadContent& content,
                                             WriteTransaction& transaction,
                                             const TellingHooks& hooks) {
  return TellingLoad(content, transaction, hooks).Run();
}

}  // namespace annals

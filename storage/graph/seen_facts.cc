#include "storage/graph/seen_facts.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"

namespace annals {
namespace {

bool IsAboutFact(const Fact& fact) { return fact.subject.kind() == TermKind::kFact; }

// The fact and, in turn, what it is about; nothing if one of these isn't there.
absl::StatusOr<std::vector<Fact>> WithWhatItIsAbout(const GraphView& view, const Fact& fact) {
  std::vector<Fact> chain = {fact};
  while (IsAboutFact(chain.back())) {
    ANNALS_ASSIGN_OR_RETURN(const std::optional<Fact> about,
                            view.GetFact(chain.back().subject.payload()));
    if (!about.has_value()) return std::vector<Fact>();
    chain.push_back(*about);
  }
  return chain;
}

}  // namespace

absl::StatusOr<SeenFacts> SeenFacts::Read(const GraphView& view) {
  SeenFacts seen;
  ANNALS_ASSIGN_OR_RETURN(seen.merged_into_, view.Find(Term(Name{std::string(kMergedInto)})));
  if (seen.merged_into_.is_undefined()) return seen;
  ANNALS_ASSIGN_OR_RETURN(const std::shared_ptr<const Declarations> declared, view.Declared());
  absl::flat_hash_map<TermId, Ids> by_canonical;
  for (const auto& [from, into] : declared->merged) {
    for (const TermId id : {from, into}) {
      const TermId one = declared->Canonical(id);
      Ids& ids = by_canonical[one];
      if (ids == nullptr) ids = std::make_shared<std::vector<TermId>>(1, one);
      if (!seen.entities_.try_emplace(id, ids).second || id == one) continue;
      ids->push_back(id);
    }
  }
  return seen;
}

std::vector<TermId> SeenFacts::IdsOf(TermId id) const {
  const auto entity = entities_.find(id);
  return entity == entities_.end() ? std::vector<TermId>{id} : *entity->second;
}

absl::StatusOr<bool> SeenFacts::MayBeSeenAsOther(const GraphView& view, const Fact& fact) const {
  if (!merges()) return false;
  const auto has_merged = [&](const Fact& one) {
    return entities_.contains(one.subject) || entities_.contains(one.predicate) ||
           entities_.contains(one.object);
  };
  if (has_merged(fact)) return true;
  if (!IsAboutFact(fact)) return false;
  ANNALS_ASSIGN_OR_RETURN(const std::vector<Fact> chain, WithWhatItIsAbout(view, fact));
  return std::any_of(chain.begin(), chain.end(), has_merged);
}

std::vector<Fact> SeenFacts::AsTold(const Fact& fact) const {
  std::vector<Fact> facts;
  for (const TermId subject : IdsOf(fact.subject)) {
    for (const TermId predicate : IdsOf(fact.predicate)) {
      for (const TermId object : IdsOf(fact.object)) {
        facts.push_back({subject, predicate, object, fact.time});
      }
    }
  }
  return facts;
}

absl::StatusOr<std::vector<Fact>> SeenFacts::FactsSeenAs(const GraphView& view,
                                                         const Fact& fact) const {
  std::vector<Fact> chain = {fact};
  if (merges()) {
    ANNALS_ASSIGN_OR_RETURN(chain, WithWhatItIsAbout(view, fact));
  }
  std::vector<Fact> found;
  if (chain.empty()) return found;
  std::vector<TermId> subjects = {chain.back().subject};
  for (; !chain.empty(); chain.pop_back()) {
    found.clear();
    for (const TermId subject : subjects) {
      Fact one = chain.back();
      one.subject = subject;
      for (const Fact& like : IsMapping(one.predicate) ? std::vector{one} : AsTold(one)) {
        ANNALS_ASSIGN_OR_RETURN(
            const std::optional<Fact> there,
            view.FindFact(like.subject, like.predicate, like.object, like.time));
        if (there.has_value()) found.push_back(*there);
      }
    }
    subjects.clear();
    for (const Fact& one : found) subjects.push_back(TermId::Fact(one.number));
  }
  std::sort(found.begin(), found.end(),
            [](const Fact& a, const Fact& b) { return a.number < b.number; });
  return found;
}

absl::StatusOr<uint64_t> SeenFacts::NumberOf(const GraphView& view, const Fact& fact) const {
  ANNALS_ASSIGN_OR_RETURN(const bool may_be, MayBeSeenAsOther(view, fact));
  if (!may_be) return fact.number;
  ANNALS_ASSIGN_OR_RETURN(const std::vector<Fact> facts, FactsSeenAs(view, fact));
  return facts.empty() ? fact.number : facts.front().number;
}

absl::StatusOr<uint64_t> SeenFacts::MergedBy(const GraphView& view, const Fact& fact) const {
  if (!IsMapping(fact.predicate) || Canonical(fact.subject) != Canonical(fact.object)) return 0;
  for (const Fact& like : AsTold(fact)) {
    ANNALS_ASSIGN_OR_RETURN(const std::optional<Fact> there,
                            view.FindFact(like.subject, like.predicate, like.object, like.time));
    if (there.has_value()) return there->number;
  }
  return 0;
}

absl::StatusOr<std::vector<Removal>> SeenFacts::TellingsBy(const GraphView& view,
                                                           const std::vector<Fact>& facts,
                                                           TermId source) const {
  std::vector<Removal> tellings;
  const std::vector<TermId> names = IdsOf(source);
  for (const Fact& fact : facts) {
    ANNALS_ASSIGN_OR_RETURN(const std::vector<TermId> told, view.SourcesOf(fact.number));
    for (const TermId name : told) {
      const bool wanted = std::find(names.begin(), names.end(), name) != names.end();
      if (wanted) tellings.push_back({fact.number, name});
    }
  }
  return tellings;
}

absl::StatusOr<uint64_t> SeenFacts::CountWhole(const GraphView& view,
                                               const std::vector<Fact>& facts) const {
  uint64_t whole = 0;
  absl::flat_hash_set<uint64_t> given, counted;
  if (merges()) {
    for (const Fact& fact : facts) given.insert(fact.number);
  }
  for (const Fact& fact : facts) {
    if (IsAboutFact(fact)) continue;
    ANNALS_ASSIGN_OR_RETURN(const bool may_be, MayBeSeenAsOther(view, fact));
    if (!may_be) {
      ++whole;
      continue;
    }
    ANNALS_ASSIGN_OR_RETURN(const std::vector<Fact> seen, FactsSeenAs(view, fact));
    const bool all = std::all_of(seen.begin(), seen.end(),
                                 [&](const Fact& one) { return given.contains(one.number); });
    whole += all && counted.insert(seen.empty() ? fact.number : seen.front().number).second;
  }
  return whole;
}

uint64_t NumberAmong(const std::vector<Removal>& tellings, uint64_t wanted) {
  const bool has = std::any_of(tellings.begin(), tellings.end(),
                               [&](const Removal& one) { return one.fact == wanted; });
  return has ? wanted : tellings.front().fact;
}

absl::StatusOr<AddResult> AddUnlessSeen(WriteTransaction& transaction, const SeenFacts& seen,
                                        const Fact& fact, TermId source,
                                        std::vector<Removal>* known) {
  if (!seen.merges()) {
    return transaction.Add(fact.subject, fact.predicate, fact.object, fact.time, source);
  }
  const std::shared_ptr<const GraphView> view = transaction.view();
  const Fact told{seen.Canonical(fact.subject), seen.Canonical(fact.predicate),
                  seen.Canonical(fact.object), fact.time};
  source = seen.Canonical(source);
  ANNALS_ASSIGN_OR_RETURN(const uint64_t merged_by, seen.MergedBy(*view, told));
  if (merged_by != 0) return AddResult{merged_by, false, false};
  ANNALS_ASSIGN_OR_RETURN(const std::vector<Fact> facts, seen.FactsSeenAs(*view, told));
  ANNALS_ASSIGN_OR_RETURN(const std::vector<Removal> tellings,
                          seen.TellingsBy(*view, facts, source));
  if (tellings.empty()) {
    ANNALS_ASSIGN_OR_RETURN(AddResult added, transaction.Add(told.subject, told.predicate,
                                                             told.object, told.time, source));
    added.new_fact = facts.empty();
    return added;
  }
  if (known != nullptr) known->insert(known->end(), tellings.begin(), tellings.end());
  const auto own = std::find_if(facts.begin(), facts.end(), [&](const Fact& one) {
    return one.subject == told.subject && one.predicate == told.predicate &&
           one.object == told.object;
  });
  const uint64_t own_number = own == facts.end() ? 0 : own->number;
  return AddResult{NumberAmong(tellings, own_number), false, false};
}

}  // namespace annals

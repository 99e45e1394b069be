#include "tests/unit/optimizer/memory_view.h"

#include <algorithm>
#include <map>
#include <set>

#include "storage/model/time.h"

namespace annals::optimizer {

uint64_t MemoryView::Add(std::string_view fact) {
  std::vector<Term> terms;
  while (!fact.empty()) {
    const size_t comma = std::min(fact.find(", "), fact.size());
    const std::string word(fact.substr(0, comma));
    fact.remove_prefix(std::min(comma + 2, fact.size()));
    if (terms.size() == 3) {
      terms.emplace_back(*Time::Parse(word));
    } else if (terms.size() == 2) {
      terms.push_back(*ParseBareTerm(word));
    } else {
      terms.emplace_back(Name{word});
    }
  }
  terms.resize(4);
  return source_.Add(terms[0], terms[1], terms[2], terms[3]);
}

void MemoryView::Pretend(std::string_view predicate, uint64_t facts, uint64_t subjects,
                         uint64_t objects, uint64_t pairs) {
  const TermId id = NameId(predicate);
  PredicateStatistics statistics = Counted(id);
  if (statistics.facts > 0)
    statistics.dated_facts = statistics.dated_facts * facts / statistics.facts;
  statistics.facts = facts;
  statistics.distinct_subjects = subjects;
  statistics.distinct_objects = objects;
  // Evenly spread.
  statistics.subject_squares = facts * facts / std::max<uint64_t>(subjects, 1);
  statistics.object_squares = facts * facts / std::max<uint64_t>(objects, 1);
  if (pairs > 0) {
    statistics.counted_facts = facts;
    statistics.subject_object_pairs = pairs;
  }
  pretended_[id] = statistics;
}

absl::StatusOr<uint64_t> MemoryView::CountRows(const ScanSpec& spec) const {
  ANNALS_ASSIGN_OR_RETURN(const uint64_t rows, source_.CountRows(spec));
  const auto order = ColumnsOf(spec.permutation);
  for (size_t i = 0; i < spec.prefix.size(); ++i) {
    if (order[i] != Column::kPredicate) continue;
    const auto pretended = pretended_.find(spec.prefix[i]);
    if (pretended == pretended_.end()) continue;
    const uint64_t real = std::max<uint64_t>(Counted(spec.prefix[i]).facts, 1);
    return rows * pretended->second.facts / real;
  }
  return rows;
}

absl::StatusOr<std::optional<Fact>> MemoryView::FindFact(TermId subject, TermId predicate,
                                                         TermId object, TermId time) const {
  for (const Fact& fact : source_.facts()) {
    if (fact.subject == subject && fact.predicate == predicate && fact.object == object &&
        fact.time == time) {
      return std::optional(fact);
    }
  }
  return std::optional<Fact>();
}

absl::StatusOr<std::vector<NameMatch>> MemoryView::ResolveName(std::string_view name, bool) const {
  ANNALS_ASSIGN_OR_RETURN(const TermId id, source_.Find(Name{std::string(name)}));
  std::vector<NameMatch> matches;
  if (!id.is_undefined()) matches.push_back({id, NameRank::kExact, std::string(name)});
  return matches;
}

absl::Status MemoryView::ResolveNames(std::span<const std::string_view> names, bool loose, size_t,
                                      std::vector<NameMeaning>* meanings) const {
  meanings->assign(names.size(), NameMeaning());
  for (size_t i = 0; i < names.size(); ++i) {
    ANNALS_ASSIGN_OR_RETURN(const auto matches, ResolveName(names[i], loose));
    if (!matches.empty()) (*meanings)[i] = {1, matches[0].rank, matches[0].entity};
  }
  return absl::OkStatus();
}

PredicateStatistics MemoryView::Counted(TermId predicate) const {
  PredicateStatistics statistics;
  statistics.predicate = predicate;
  statistics.first_instant = Time::kOpenEnd;
  statistics.last_instant = Time::kOpenStart;
  std::map<TermId, uint64_t> subjects, objects;
  for (const Fact& fact : source_.facts()) {
    if (fact.predicate != predicate) continue;
    ++statistics.facts;
    statistics.subject_squares += 2 * subjects[fact.subject]++ + 1;
    statistics.object_squares += 2 * objects[fact.object]++ + 1;
    if (fact.time.is_undefined()) continue;
    ++statistics.dated_facts;
    const Term term = source_.TermOf(fact.time);
    const int64_t first = term.As<Time>()->first(), last = term.As<Time>()->last();
    statistics.first_instant = std::min(statistics.first_instant, first);
    statistics.last_instant = std::max(statistics.last_instant, last);
    if (first == Time::kOpenStart) continue;
    const bool endless = last == Time::kOpenEnd;
    statistics.longest =
        std::max(statistics.longest,
                 endless ? PredicateStatistics::kEndless : static_cast<uint64_t>(last - first));
  }
  statistics.distinct_subjects = subjects.size();
  statistics.distinct_objects = objects.size();
  if (statistics.dated_facts == 0) statistics.first_instant = statistics.last_instant = 0;
  return statistics;
}

absl::StatusOr<PredicateStatistics> MemoryView::StatisticsOf(TermId predicate) const {
  const auto pretended = pretended_.find(predicate);
  return pretended == pretended_.end() ? Counted(predicate) : pretended->second;
}

absl::StatusOr<std::vector<PredicateStatistics>> MemoryView::Predicates() const {
  std::set<TermId> ids;
  for (const Fact& fact : source_.facts()) ids.insert(fact.predicate);
  std::vector<PredicateStatistics> all;
  for (const TermId id : ids) all.push_back(*StatisticsOf(id));
  return all;
}

absl::StatusOr<GraphStatistics> MemoryView::Statistics() const {
  GraphStatistics statistics;
  std::set<TermId> sources;
  for (const auto& assertion : source_.assertions()) {
    if (!assertion.source.is_undefined()) sources.insert(assertion.source);
  }
  ANNALS_ASSIGN_OR_RETURN(const std::vector<PredicateStatistics> predicates, Predicates());
  for (const PredicateStatistics& predicate : predicates) {
    statistics.facts += predicate.facts;
    ++statistics.predicates;
  }
  statistics.assertions = std::max<uint64_t>(statistics.facts, source_.assertions().size());
  statistics.sources = sources.size();
  return statistics;
}

}  // namespace annals::optimizer

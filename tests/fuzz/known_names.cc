#include "tests/fuzz/known_names.h"

namespace annals::fuzz {
namespace {

constexpr std::string_view kName = "Bo";
constexpr TermId kBo = TermId::Make(TermKind::kName, 1);

NameMeaning MeaningOf(std::string_view name) {
  if (name == kName) return {1, NameRank::kExact, kBo};
  if (name == "B." || name == "Beau") return {1, NameRank::kAlias, kBo};
  if (name == "Al") return {2, NameRank::kAlias, kBo};
  return {};
}

}  // namespace

absl::StatusOr<TermId> KnownNames::Find(const Term& term) const {
  const auto* name = term.As<Name>();
  return name != nullptr && name->text == kName ? kBo : TermId();
}

absl::StatusOr<Term> KnownNames::Get(TermId id) const {
  if (id != kBo) return Internal("a reader asks for a term that nobody gave it");
  return Term(Name{std::string(kName)});
}

absl::Status KnownNames::ResolveNames(std::span<const std::string_view> names, bool, size_t,
                                      std::vector<NameMeaning>* meanings) const {
  meanings->clear();
  for (const std::string_view name : names) meanings->push_back(MeaningOf(name));
  return absl::OkStatus();
}

absl::StatusOr<GraphStatistics> KnownNames::Statistics() const {
  GraphStatistics statistics;
  statistics.terms = 1;
  return statistics;
}

}  // namespace annals::fuzz

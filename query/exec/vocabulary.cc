#include "query/exec/vocabulary.h"

#include <algorithm>
#include <utility>

namespace annals::exec {
namespace {

absl::StatusOr<Term> InlineTerm(TermId id) {
  auto term = TermFromInlineId(id);
  if (!term.has_value()) return Internal("an id in a row of the question names no term");
  return *std::move(term);
}

// What the allocator adds to a piece of memory, and what a hash map to an entry.
constexpr uint64_t kPieceBytes = 16, kNodeBytes = 40;

uint64_t BytesOfText(const std::string& text) {
  constexpr size_t kWithin = 15;  // short ones stand in the string itself
  return text.size() <= kWithin ? 0 : text.size() + 1 + kPieceBytes;
}

}  // namespace

uint64_t BytesOfTerm(const Term& term) {
  uint64_t bytes = sizeof(Term);
  if (const auto* text = term.As<Text>()) {
    bytes += BytesOfText(text->value) + BytesOfText(text->language);
  }
  if (const auto* literal = term.As<TypedLiteral>()) {
    bytes += BytesOfText(literal->value) + BytesOfText(literal->datatype);
  }
  if (const auto* name = term.As<Name>()) bytes += BytesOfText(name->text);
  if (const auto* iri = term.As<Iri>()) bytes += BytesOfText(iri->text);
  if (const auto* node = term.As<BlankNode>()) bytes += BytesOfText(node->label);
  if (const auto* list = term.As<TermList>()) {
    for (const Term& item : *list) bytes += BytesOfTerm(item);
  }
  return bytes;
}

const Term* Vocabulary::Keep(TermId id, Term term) {
  auto& kept = terms_[id.bits()];
  if (kept == nullptr) {
    memory_ += BytesOfTerm(term) + kPieceBytes + kNodeBytes;
    kept = std::make_unique<Term>(std::move(term));
  }
  return kept.get();
}

absl::StatusOr<TermId> Vocabulary::IdOf(const Term& term) {
  if (const auto id = InlineId(term)) return *id;
  return IdOfOther(term, nullptr);
}

absl::StatusOr<TermId> Vocabulary::IdOf(Term&& term) {
  if (const auto id = InlineId(term)) return *id;
  return IdOfOther(term, &term);
}

absl::StatusOr<TermId> Vocabulary::IdOfOther(const Term& term, Term* own) {
  std::string key = UniqueKey(term);
  const std::lock_guard<std::mutex> lock(mutex_);
  if (const auto found = known_ids_.find(key); found != known_ids_.end()) return found->second;
  TermId id;
  if (KindOf(term) != TermKind::kLocal) {
    ANNALS_ASSIGN_OR_RETURN(id, source_.Find(term));
  }
  if (id.is_undefined()) {
    id = TermId::Local(next_local_++);
    Keep(id, own == nullptr ? term : std::move(*own));
  }
  key.shrink_to_fit();
  memory_ += sizeof(key) + BytesOfText(key) + kNodeBytes;
  known_ids_.emplace(std::move(key), id);
  return id;
}

absl::StatusOr<const Term*> Vocabulary::TermOf(TermId id) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (const auto found = terms_.find(id.bits()); found != terms_.end()) return found->second.get();
  if (!id.in_dictionary()) {
    ANNALS_ASSIGN_OR_RETURN(Term term, InlineTerm(id));
    return Keep(id, std::move(term));
  }
  std::vector<Term> fetched;
  ANNALS_RETURN_IF_ERROR(source_.GetBatch(std::span(&id, 1), &fetched));
  return Keep(id, std::move(fetched[0]));
}

absl::Status Vocabulary::Prefetch(std::span<const TermId> ids) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<TermId> missing;
  for (const TermId id : ids) {
    if (id.in_dictionary() && terms_.find(id.bits()) == terms_.end()) missing.push_back(id);
  }
  std::sort(missing.begin(), missing.end());
  missing.erase(std::unique(missing.begin(), missing.end()), missing.end());
  if (missing.empty()) return absl::OkStatus();
  std::vector<Term> fetched;
  ANNALS_RETURN_IF_ERROR(source_.GetBatch(missing, &fetched));
  for (size_t i = 0; i < missing.size(); ++i) Keep(missing[i], std::move(fetched[i]));
  return absl::OkStatus();
}

absl::Status TermFetcher::Fetch(std::span<const TermId> ids, std::vector<const Term*>* terms) {
  distinct_.clear();
  inline_terms_.clear();
  inline_terms_.reserve(ids.size());  // so that pointers into it stay
  terms->resize(ids.size());
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ids[i].in_dictionary()) {
      if (i == 0 || ids[i] != ids[i - 1]) distinct_.push_back(ids[i]);
    } else if (i > 0 && ids[i] == ids[i - 1]) {
      (*terms)[i] = (*terms)[i - 1];
    } else if (ids[i].kind() == TermKind::kLocal) {
      ANNALS_ASSIGN_OR_RETURN((*terms)[i], vocabulary_.TermOf(ids[i]));
    } else {
      ANNALS_ASSIGN_OR_RETURN(Term term, InlineTerm(ids[i]));
      (*terms)[i] = &inline_terms_.emplace_back(std::move(term));
    }
  }
  if (distinct_.empty()) return absl::OkStatus();
  std::sort(distinct_.begin(), distinct_.end());
  distinct_.erase(std::unique(distinct_.begin(), distinct_.end()), distinct_.end());
  ANNALS_RETURN_IF_ERROR(vocabulary_.source_.GetBatch(distinct_, &fetched_));
  for (size_t i = 0; i < ids.size(); ++i) {
    if (!ids[i].in_dictionary()) continue;
    const auto found = std::lower_bound(distinct_.begin(), distinct_.end(), ids[i]);
    (*terms)[i] = &fetched_[static_cast<size_t>(found - distinct_.begin())];
  }
  return absl::OkStatus();
}

}  // namespace annals::exec

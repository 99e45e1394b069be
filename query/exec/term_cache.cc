#include "query/exec/term_cache.h"

#include <algorithm>
#include <utility>

namespace annals::exec {
namespace {

constexpr uint64_t kMostRecentBytes = 4 << 20;
constexpr uint64_t kPartOfLimit = 16;  // and not more than such a part of the limit of memory
// What the allocator adds, and a place in the table.
constexpr uint64_t kEntryBytes = 40;
constexpr size_t kFetchedAtOnce = 8192;

// Numbers and the like are made anew as cheaply as they are found.
bool IsKept(TermId id) { return id.in_dictionary() || id.kind() == TermKind::kTime; }

}  // namespace

TermCache::TermCache(Context& context)
    : context_(context),
      reservation_(context),
      most_recent_bytes_(std::min(kMostRecentBytes, context.limits().memory_bytes / kPartOfLimit)) {
}

void TermCache::BeginBatch() {
  passing_.clear();
  passing_bytes_ = 0;
  if (recent_bytes_ < most_recent_bytes_) return;
  older_ = std::move(recent_);
  recent_ = {};
  older_bytes_ = std::exchange(recent_bytes_, 0);
}

const Term* TermCache::Keep(TermId id, Term term) {
  recent_bytes_ += BytesOfTerm(term) + kEntryBytes;
  auto& kept = recent_[id.bits()];
  kept = std::make_unique<Term>(std::move(term));
  return kept.get();
}

const Term* TermCache::Find(TermId id) {
  if (const auto found = recent_.find(id.bits()); found != recent_.end()) {
    return found->second.get();
  }
  const auto found = older_.find(id.bits());
  if (found == older_.end()) return nullptr;
  const uint64_t bytes = BytesOfTerm(*found->second) + kEntryBytes;
  older_bytes_ -= bytes;
  recent_bytes_ += bytes;
  const Term* const term = found->second.get();
  recent_[id.bits()] = std::move(found->second);
  older_.erase(found);
  return term;
}

absl::Status TermCache::Fetch(std::span<const TermId> ids, std::vector<const Term*>* terms) {
  terms->assign(ids.size(), nullptr);
  missing_.clear();
  auto inline_terms = std::make_unique<std::vector<Term>>();
  inline_terms->reserve(ids.size());  // so that pointers into it stay
  for (size_t i = 0; i < ids.size(); ++i) {
    const TermId id = ids[i];
    if (i > 0 && id == ids[i - 1]) {
      (*terms)[i] = (*terms)[i - 1];
    } else if (id.kind() == TermKind::kLocal) {
      ANNALS_ASSIGN_OR_RETURN((*terms)[i], context_.vocabulary().TermOf(id));
    } else if (IsKept(id) && ((*terms)[i] = Find(id)) != nullptr) {
      continue;
    } else if (id.in_dictionary()) {
      missing_.push_back(id);
    } else {
      auto term = TermFromInlineId(id);
      if (!term.has_value()) return Internal("an id in a row of the question names no term");
      (*terms)[i] =
          IsKept(id) ? Keep(id, *std::move(term)) : &inline_terms->emplace_back(*std::move(term));
    }
  }
  if (!inline_terms->empty()) {
    passing_bytes_ += inline_terms->capacity() * sizeof(Term);
    passing_.push_back(std::move(inline_terms));
  }
  if (!missing_.empty()) ANNALS_RETURN_IF_ERROR(FetchMissing(ids, terms));
  return Reserve();
}

// Rather than stop at the limit it forgets what the batch has not asked for: that is in the second.
absl::Status TermCache::Reserve() {
  const absl::Status status = reservation_.Resize(recent_bytes_ + older_bytes_ + passing_bytes_);
  if (!absl::IsResourceExhausted(status) || older_bytes_ == 0) return status;
  older_ = {};
  older_bytes_ = 0;
  return reservation_.Resize(recent_bytes_ + passing_bytes_);
}

absl::Status TermCache::FetchMissing(std::span<const TermId> ids, std::vector<const Term*>* terms) {
  std::sort(missing_.begin(), missing_.end());
  missing_.erase(std::unique(missing_.begin(), missing_.end()), missing_.end());
  for (size_t begin = 0; begin < missing_.size(); begin += kFetchedAtOnce) {
    ANNALS_RETURN_IF_ERROR(context_.Check());
    const size_t count = std::min(kFetchedAtOnce, missing_.size() - begin);
    const std::span<const TermId> some = std::span(missing_).subspan(begin, count);
    ANNALS_RETURN_IF_ERROR(context_.source().GetBatch(some, &fetched_));
    for (size_t i = 0; i < count; ++i) Keep(some[i], std::move(fetched_[i]));
    ANNALS_RETURN_IF_ERROR(Reserve());
  }
  for (size_t i = 0; i < ids.size(); ++i) {
    if ((*terms)[i] == nullptr) (*terms)[i] = recent_.find(ids[i].bits())->second.get();
  }
  return absl::OkStatus();
}

}  // namespace annals::exec

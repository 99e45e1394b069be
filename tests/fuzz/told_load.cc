#include "tests/fuzz/told_load.h"

#include <functional>
#include <optional>

#include "storage/base/text.h"
#include "tests/fuzz/expect.h"

namespace annals::fuzz {
namespace {

void Mix(uint64_t value, uint64_t* digest) {
  *digest = (*digest ^ value) * 0x9e3779b97f4a7c15u;
  *digest ^= *digest >> 29;
}

}  // namespace

void ToldLoad::Clear() {
  count_ = 0;
  handles_.clear();
  replaced_.clear();
  facts_.clear();
}

BulkLoad::Handle ToldLoad::Intern(const Term& term) {
  if (const std::optional<TermId> id = InlineId(term)) {
    Expect(!id->is_undefined(), "a load is told the undefined term");
    Expect(TermFromInlineId(*id) == term, "an id is not its term's");
    const uint64_t bits = id->bits();
    return InternKey(id->kind(), {reinterpret_cast<const char*>(&bits), sizeof(bits)});
  }
  const TermKind kind = KindOf(term);
  Expect(kind != TermKind::kLocal && kind != TermKind::kFact, "a load is told no term");
  const std::string key = DictionaryKey(term);
  Expect(TermFromDictionaryKey(kind, key) == term, "a term can't be read as it is stored");
  return InternKey(kind, key);
}

BulkLoad::Handle ToldLoad::InternName(std::string_view name) {
  return InternKey(TermKind::kName, name);
}

BulkLoad::Handle ToldLoad::InternKey(TermKind kind, std::string_view key) {
  looked_up_.assign(1, static_cast<char>(kind));
  looked_up_ += key;
  const auto [at, is_new] = handles_.try_emplace(looked_up_, count_ + 1);
  if (!is_new) return at->second;
  const bool text =
      kind != TermKind::kInteger && kind != TermKind::kTime && kind != TermKind::kBoolean;
  Expect(!text || !FindInvalidUtf8(key).has_value(), "a text that is told is not UTF-8");
  const bool nul = kind == TermKind::kLanguageText || kind == TermKind::kTypedLiteral;
  Expect(!text || nul || key.find('\0') == key.npos, "a text that is told holds a NUL");
  if (count_ == terms_.size()) terms_.emplace_back();
  terms_[count_].kind = kind;
  terms_[count_].key = key;
  return ++count_;
}

std::string_view ToldLoad::NameOf(Handle name) const {
  const Kept& term = ExpectTerm(name);
  Expect(term.kind == TermKind::kName, "a reader takes for a name what is none");
  return term.key;
}

void ToldLoad::ReplaceBy(Handle name, Handle other) {
  Expect(ExpectTerm(name).kind == TermKind::kName, "no name is replaced");
  Expect(ExpectTerm(other).kind == TermKind::kName, "a name is replaced by none");
  replaced_.push_back({name, other});
}

const ToldLoad::Kept& ToldLoad::ExpectTerm(Handle handle) const {
  Expect(handle != kNone && handle <= count_, "a reader tells a handle that is no term's");
  return terms_[handle - 1];
}

BulkLoad::Handle ToldLoad::Add(Handle subject, Handle predicate, Handle object, Handle time,
                               Handle source) {
  if (subject < kFact) {
    ExpectTerm(subject);
  } else {
    Expect(subject - kFact < facts_.size(), "a reader tells of a fact that it has not told");
  }
  ExpectTerm(predicate);
  ExpectTerm(object);
  if (source != kNone) ExpectTerm(source);
  if (time != kNone) {
    const TermKind kind = ExpectTerm(time).kind;
    Expect(kind == TermKind::kTime || kind == TermKind::kDictionaryTime, "a fact's time is none");
  }
  facts_.push_back({subject, predicate, object, time, source});
  return kFact + facts_.size() - 1;
}

absl::StatusOr<BulkLoad::Result> ToldLoad::Finish() { return Result(); }

uint64_t ToldLoad::Digest() const {
  uint64_t digest = 0;
  for (size_t i = 0; i < count_; ++i) {
    std::string_view key = terms_[i].key;
    if (terms_[i].kind == TermKind::kBlankNode) key.remove_prefix(key.find('-') + 1);
    Mix(static_cast<uint64_t>(terms_[i].kind), &digest);
    Mix(std::hash<std::string_view>()(key), &digest);
  }
  for (const auto& pair : replaced_) {
    for (const Handle handle : pair) Mix(handle, &digest);
  }
  for (const auto& fact : facts_) {
    for (const Handle handle : fact) Mix(handle, &digest);
  }
  return digest;
}

}  // namespace annals::fuzz

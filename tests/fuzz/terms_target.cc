#include <cstring>
#include <optional>

#include "storage/model/term.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/targets.h"

namespace annals::fuzz {

void DecodeTerms(std::string_view bytes) {
  if (bytes.empty()) return;
  const auto kind = static_cast<TermKind>(static_cast<unsigned char>(bytes[0]) % 16);
  const std::string_view rest = bytes.substr(1);
  if (const std::optional<Term> term = TermFromDictionaryKey(kind, rest)) {
    Expect(KindOf(*term) == kind && DictionaryKey(*term) == rest, "a key is not its term's");
    (void)DisplayText(*term);
    (void)LanguageText(*term);
  }
  if (rest.size() >= 8) {
    uint64_t bits = 0;
    std::memcpy(&bits, rest.data(), sizeof(bits));
    const TermId id = TermId::FromBits(bits);
    if (const std::optional<Term> term = TermFromInlineId(id)) {
      Expect(InlineId(*term) == id, "an id is not its term's");
      (void)DisplayText(*term);
    }
  }
  const absl::StatusOr<Term> bare = ParseBareTerm(rest);
  if (bare.ok() && bare->As<Name>() == nullptr) {
    const absl::StatusOr<Term> again = ParseBareTerm(DisplayText(*bare));
    Expect(again.ok() && *again == *bare, "a term is not read as it is written");
  }
}

}  // namespace annals::fuzz

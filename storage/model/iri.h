// Which characters an IRI is made of, as N-Triples and SPARQL say (IRIREF).
#ifndef STORAGE_MODEL_IRI_H_
#define STORAGE_MODEL_IRI_H_

#include <array>
#include <cstddef>
#include <string_view>

namespace annals {

namespace internal_iri {
inline constexpr std::array<bool, 256> kNever = [] {
  std::array<bool, 256> never{};
  for (size_t c = 0; c <= 0x20; ++c) never[c] = true;
  for (const char c : std::string_view("<>\"{}|^`\\")) never[static_cast<unsigned char>(c)] = true;
  return never;
}();
}  // namespace internal_iri

// A byte that no IRI holds: a space, a control character or one of < > " { } | ^ ` \.
inline bool IsNeverInIri(char c) { return internal_iri::kNever[static_cast<unsigned char>(c)]; }

}  // namespace annals

#endif  // STORAGE_MODEL_IRI_H_

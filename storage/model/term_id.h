// 64-bit ids of terms: a kind in the top 4 bits, then either the value itself or a number of the
// dictionary. Within the inline kinds the order of ids is the order of values.
//
//   id       = kind:4 payload:60
//   integer  = value + 2^59                      (values that fit 60 bits)
//   time     = see storage/model/time.h
//   boolean  = 0 | 1
//   fact     = the fact's number
//   local    = index in the vocabulary of the question that computed it; never stored
//   others   = number in the dictionary
#ifndef STORAGE_MODEL_TERM_ID_H_
#define STORAGE_MODEL_TERM_ID_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

namespace annals {

// Persistent numbers, never renumbered.
enum class TermKind : uint8_t {
  kUndefined = 0,  // no term: an empty value, an undated fact's time
  kInteger = 1,
  kNumber = 2,  // in the dictionary: large integers, decimals, doubles
  kTime = 3,
  kDictionaryTime = 4,  // times that have no inline form
  kBoolean = 5,
  kText = 6,
  kLanguageText = 7,
  kTypedLiteral = 8,
  kName = 9,
  kIri = 10,
  kBlankNode = 11,
  kFact = 12,
  kLocal = 13,
};

class TermId {
 public:
  static constexpr int kPayloadBits = 60;
  static constexpr uint64_t kPayloadMask = (uint64_t{1} << kPayloadBits) - 1;
  static constexpr int64_t kIntegerBias = int64_t{1} << 59;

  constexpr TermId() = default;
  static constexpr TermId FromBits(uint64_t bits) { return TermId(bits); }
  static constexpr TermId Make(TermKind kind, uint64_t payload) {
    return TermId(static_cast<uint64_t>(kind) << kPayloadBits | (payload & kPayloadMask));
  }
  static constexpr bool IntegerFits(int64_t value) {
    return value >= -kIntegerBias && value < kIntegerBias;
  }
  static constexpr TermId Integer(int64_t value) {
    return Make(TermKind::kInteger, static_cast<uint64_t>(value + kIntegerBias));
  }
  static constexpr TermId Boolean(bool value) { return Make(TermKind::kBoolean, value ? 1 : 0); }
  static constexpr TermId Fact(uint64_t number) { return Make(TermKind::kFact, number); }
  static constexpr TermId Local(uint64_t index) { return Make(TermKind::kLocal, index); }

  constexpr uint64_t bits() const { return bits_; }
  constexpr TermKind kind() const { return static_cast<TermKind>(bits_ >> kPayloadBits); }
  constexpr uint64_t payload() const { return bits_ & kPayloadMask; }
  constexpr bool is_undefined() const { return bits_ == 0; }
  constexpr int64_t integer() const { return static_cast<int64_t>(payload()) - kIntegerBias; }
  constexpr bool in_dictionary() const {
    const TermKind k = kind();
    return k == TermKind::kNumber || k == TermKind::kDictionaryTime ||
           (k >= TermKind::kText && k <= TermKind::kBlankNode);
  }

  friend constexpr bool operator==(TermId, TermId) = default;
  friend constexpr auto operator<=>(TermId, TermId) = default;

  template <typename H>
  friend H AbslHashValue(H h, TermId id) {
    return H::combine(std::move(h), id.bits_);
  }

 private:
  explicit constexpr TermId(uint64_t bits) : bits_(bits) {}
  uint64_t bits_ = 0;
};

}  // namespace annals

template <>
struct std::hash<annals::TermId> {
  size_t operator()(annals::TermId id) const noexcept {
    return std::hash<uint64_t>()(id.bits() * 0x9e3779b97f4a7c15u);
  }
};

#endif  // STORAGE_MODEL_TERM_ID_H_

// Bytes of keys and values: fixed-width big-endian integers, varints, length-prefixed strings and
// order-preserving ones. Every value has exactly one encoding, and the decoders accept no other.
//
//   fixed32, fixed64   4 or 8 bytes, most significant first: bytewise order is numeric order
//   ordered int64      fixed64 with the sign bit flipped: bytewise order is numeric order
//   varint64           7 bits a byte, least significant first; the top bit says that more follow;
//                      the last byte is not 0 unless it is the only one; at most 10 bytes
//   length-prefixed    varint64 length, then the bytes
//   ordered string     the bytes with 00 written as 00 FF, then 00 01: the order is that of the
//                      strings, whatever follows in the key
//
// Get... take their value from the front of *input. Bytes on disk may be hostile: they return
// false, with *input and the result untouched, if the bytes there are cut short or are not such an
// encoding. Put... append.
#ifndef STORAGE_BASE_CODING_H_
#define STORAGE_BASE_CODING_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace annals {
namespace coding_internal {

// Big-endian bytes of `value` as an integer in memory order, and back.
template <typename Unsigned>
Unsigned SwapToBigEndian(Unsigned value) {
  static_assert(std::is_unsigned_v<Unsigned> && (sizeof(Unsigned) == 4 || sizeof(Unsigned) == 8));
  if constexpr (std::endian::native == std::endian::big) {
    return value;
  } else if constexpr (sizeof(Unsigned) == 4) {
    return __builtin_bswap32(value);
  } else {
    return __builtin_bswap64(value);
  }
}

template <typename Unsigned>
void PutFixed(std::string* out, Unsigned value) {
  const Unsigned bytes = SwapToBigEndian(value);
  char buffer[sizeof(bytes)];
  std::memcpy(buffer, &bytes, sizeof(bytes));
  out->append(buffer, sizeof(buffer));
}

template <typename Unsigned>
bool GetFixed(std::string_view* input, Unsigned* value) {
  Unsigned bytes;
  if (input->size() < sizeof(bytes)) return false;
  std::memcpy(&bytes, input->data(), sizeof(bytes));
  *value = SwapToBigEndian(bytes);
  input->remove_prefix(sizeof(bytes));
  return true;
}

inline constexpr uint64_t kSignBit = uint64_t{1} << 63;

}  // namespace coding_internal

inline void PutFixed32(std::string* out, uint32_t value) { coding_internal::PutFixed(out, value); }
inline void PutFixed64(std::string* out, uint64_t value) { coding_internal::PutFixed(out, value); }
inline bool GetFixed32(std::string_view* input, uint32_t* value) {
  return coding_internal::GetFixed(input, value);
}
inline bool GetFixed64(std::string_view* input, uint64_t* value) {
  return coding_internal::GetFixed(input, value);
}

inline void PutOrderedInt64(std::string* out, int64_t value) {
  PutFixed64(out, static_cast<uint64_t>(value) ^ coding_internal::kSignBit);
}
inline bool GetOrderedInt64(std::string_view* input, int64_t* value) {
  uint64_t bits = 0;
  if (!GetFixed64(input, &bits)) return false;
  *value = static_cast<int64_t>(bits ^ coding_internal::kSignBit);
  return true;
}

inline void PutVarint64(std::string* out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out->push_back(static_cast<char>(value | 0x80));
  out->push_back(static_cast<char>(value));
}
inline bool GetVarint64(std::string_view* input, uint64_t* value) {
  uint64_t result = 0;
  for (size_t i = 0; i < input->size() && i < 10; ++i) {
    const auto byte = static_cast<unsigned char>((*input)[i]);
    if (i == 9 && byte > 1) return false;  // above 64 bits
    result |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
    if (byte >= 0x80) continue;
    if (byte == 0 && i > 0) return false;  // not the shortest form
    *value = result;
    input->remove_prefix(i + 1);
    return true;
  }
  return false;
}

inline void PutLengthPrefixed(std::string* out, std::string_view value) {
  PutVarint64(out, value.size());
  out->append(value);
}
// *value views the bytes of *input.
inline bool GetLengthPrefixed(std::string_view* input, std::string_view* value) {
  std::string_view rest = *input;
  uint64_t size = 0;
  if (!GetVarint64(&rest, &size) || size > rest.size()) return false;
  *value = rest.substr(0, static_cast<size_t>(size));
  *input = rest.substr(static_cast<size_t>(size));
  return true;
}

inline void PutOrderedString(std::string* out, std::string_view value) {
  for (size_t zero; (zero = value.find('\0')) != value.npos; value.remove_prefix(zero + 1)) {
    out->append(value.substr(0, zero)).append("\x00\xff", 2);
  }
  out->append(value).append("\x00\x01", 2);
}
inline bool GetOrderedString(std::string_view* input, std::string* value) {
  std::string result;
  std::string_view rest = *input;
  while (true) {
    const size_t zero = rest.find('\0');
    if (zero == rest.npos || zero + 1 == rest.size()) return false;
    result.append(rest.substr(0, zero));
    const char mark = rest[zero + 1];
    rest.remove_prefix(zero + 2);
    if (mark == '\x01') break;
    if (mark != '\xff') return false;
    result.push_back('\0');
  }
  *value = std::move(result);
  *input = rest;
  return true;
}

}  // namespace annals

#endif  // STORAGE_BASE_CODING_H_

// Floats whose bits are members of a structure of 64-bit words.
#pragma once

#include <cstdint>
#include <cstring>

namespace tacet {

inline float float_of(int64_t word) {
  const auto bits = static_cast<int32_t>(word);
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

inline int64_t bits_of(float value) {
  int32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

}  // namespace tacet

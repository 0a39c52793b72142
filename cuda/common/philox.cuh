// Philox4x32-10, a counter-based random number generator (Salmon et al., SC 2011): the bits of
// io.tacet.sparse.Philox.
#pragma once

namespace TACET_NS {

struct PhiloxWords {
  uint32_t x0, x1, x2, x3;
};

/** 128 random bits for a counter and a key. */
__device__ __forceinline__ PhiloxWords philox(uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3,
                                              uint64_t key) {
  PhiloxWords x{c0, c1, c2, c3};
  uint32_t k0 = static_cast<uint32_t>(key);
  uint32_t k1 = static_cast<uint32_t>(key >> 32);
#pragma unroll
  for (int round = 0; round < 10; round++) {
    const uint32_t high0 = __umulhi(0xD2511F53u, x.x0);
    const uint32_t low0 = 0xD2511F53u * x.x0;
    const uint32_t high1 = __umulhi(0xCD9E8D57u, x.x2);
    const uint32_t low1 = 0xCD9E8D57u * x.x2;
    x = PhiloxWords{high1 ^ x.x1 ^ k0, low1, high0 ^ x.x3 ^ k1, low0};
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return x;
}

/** Word e % 4 of a block. */
__device__ __forceinline__ uint32_t philox_word(const PhiloxWords& words, uint32_t e) {
  const uint32_t low = (e & 1u) != 0 ? words.x1 : words.x0;
  const uint32_t high = (e & 1u) != 0 ? words.x3 : words.x2;
  return (e & 2u) != 0 ? high : low;
}

}  // namespace TACET_NS

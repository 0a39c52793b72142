// CUDA's built-in vector types with their sizes and alignments.
#pragma once

namespace tacet_host {

struct uint3 {
  unsigned int x, y, z;
};

struct dim3 {
  unsigned int x = 1, y = 1, z = 1;

  constexpr dim3(unsigned int x_ = 1, unsigned int y_ = 1, unsigned int z_ = 1)
      : x(x_), y(y_), z(z_) {}
};

#define TACET_VECTOR_TYPES(scalar, name)                                                  \
  struct alignas(2 * sizeof(scalar)) name##2 {                                            \
    scalar x, y;                                                                          \
  };                                                                                      \
  struct alignas(4 * sizeof(scalar) > 16 ? 16 : 4 * sizeof(scalar)) name##4 {             \
    scalar x, y, z, w;                                                                    \
  };                                                                                      \
  constexpr name##2 make_##name##2(scalar x, scalar y) { return {x, y}; }                 \
  constexpr name##4 make_##name##4(scalar x, scalar y, scalar z, scalar w) { return {x, y, z, w}; }

TACET_VECTOR_TYPES(float, float)
TACET_VECTOR_TYPES(double, double)
TACET_VECTOR_TYPES(int, int)
TACET_VECTOR_TYPES(unsigned int, uint)
TACET_VECTOR_TYPES(short, short)
TACET_VECTOR_TYPES(unsigned short, ushort)
TACET_VECTOR_TYPES(signed char, char)
TACET_VECTOR_TYPES(unsigned char, uchar)
TACET_VECTOR_TYPES(long long, longlong)
TACET_VECTOR_TYPES(unsigned long long, ulonglong)

#undef TACET_VECTOR_TYPES

struct float3 {
  float x, y, z;
};

struct int3 {
  int x, y, z;
};

constexpr float3 make_float3(float x, float y, float z) { return {x, y, z}; }
constexpr int3 make_int3(int x, int y, int z) { return {x, y, z}; }
constexpr uint3 make_uint3(unsigned int x, unsigned int y, unsigned int z) { return {x, y, z}; }

}  // namespace tacet_host

// How blocks of the forward pass divide the events of a sample, and where their sums go.
#pragma once

#include "common/kernel.cuh"

namespace TACET_NS {

/** Most samples along the grid's y axis; blocks go on to further ones. */
constexpr int kGridRows = 65535;

/** Events [begin, end) of a worker's even share of n. */
struct Share {
  int begin;
  int end;

  __device__ Share(int n, int worker, int workers)
      : begin(static_cast<int>(static_cast<long long>(n) * worker / workers)),
        end(static_cast<int>(static_cast<long long>(n) * (worker + 1) / workers)) {}
};

/** out += sum, or the partial sum of this part of the events. */
__device__ __forceinline__ void put(float sum, size_t at, size_t size, int part, int parts,
                                    float* out, float* partials) {
  if (parts == 1) {
    out[at] += sum;
  } else {
    partials[part * size + at] = sum;
  }
}

}  // namespace TACET_NS

// C = op(A) op(B) or C += op(A) op(B), by the kernel of product.cuh. Where C is small and k large, as
// in weight gradients over long sequences, k is split and a second launch adds the parts in order:
// 4 m n parts additional bytes written and read.
#include "dense/product.cuh"

#include "dense/dense.h"

namespace TACET_NS {

namespace {

constexpr int kMostParts = 64;

__global__ void __launch_bounds__(kProductThreads)
    add_parts_kernel(const float* __restrict__ values, int parts, int64_t count, bool add,
                     float* __restrict__ c) {
  const int64_t stride = static_cast<int64_t>(gridDim.x) * kProductThreads;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * kProductThreads + threadIdx.x; i < count;
       i += stride) {
    float sum = values[i];
    for (int part = 1; part < parts; part++) {
      sum += values[part * count + i];
    }
    c[i] = add ? c[i] + sum : sum;
  }
}

template <bool kTransposeA, bool kTransposeB>
void multiply_as(int m, int n, int k, const float* a, const float* b, bool add, float* c,
                 const tacet::Workspace& workspace, tacet::Stream stream) {
  const Matrix<kTransposeA> left{a, static_cast<size_t>(kTransposeA ? m : k)};
  const Matrix<kTransposeB> right{b, static_cast<size_t>(kTransposeB ? k : n)};
  const int parts = product_parts(m, n, k, kMostParts);
  if (parts == 1) {
    launch_product(left, right, m, n, k, 1, StoreProduct{c, n, add}, stream);
    return;
  }
  tacet::Carver carver(workspace.base);
  const int64_t count = static_cast<int64_t>(m) * n;
  float* sums = carver.take<float>(static_cast<size_t>(parts) * count);
  require_bytes(carver, workspace);
  launch_product(left, right, m, n, k, parts, StoreParts{sums, m, n, 0}, stream);
  const int64_t blocks = tacet::ceil_div(count, int64_t{kProductThreads});
  TACET_LAUNCH(add_parts_kernel, static_cast<unsigned int>(min(blocks, int64_t{1} << 20)),
               kProductThreads, 0, stream, sums, parts, count, add, c);
}

}  // namespace

size_t multiply_bytes(int m, int n, int k) {
  const int parts = product_parts(m, n, k, kMostParts);
  tacet::Carver carver(nullptr);
  carver.take<float>(parts == 1 ? 0 : static_cast<size_t>(parts) * m * n);
  return carver.bytes();
}

void multiply(bool transpose_a, bool transpose_b, int m, int n, int k, const float* a,
              const float* b, bool add, float* c, const tacet::Workspace& workspace,
              tacet::Stream stream) {
  if (transpose_a && transpose_b) {
    multiply_as<true, true>(m, n, k, a, b, add, c, workspace, stream);
  } else if (transpose_a) {
    multiply_as<true, false>(m, n, k, a, b, add, c, workspace, stream);
  } else if (transpose_b) {
    multiply_as<false, true>(m, n, k, a, b, add, c, workspace, stream);
  } else {
    multiply_as<false, false>(m, n, k, a, b, add, c, workspace, stream);
  }
}

}  // namespace TACET_NS

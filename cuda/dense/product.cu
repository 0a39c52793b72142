// C = op(A) op(B) or C += op(A) op(B), by the kernel of product.cuh or tensor_product.cuh. Where C is small and k large, as
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

/** Sums of the parts of k, of all replicas. */
float* carve_sums(tacet::Carver& carver, int replicas, int m, int n, int parts) {
  return carver.take<float>(parts == 1 ? 0 : static_cast<size_t>(replicas) * parts * m * n);
}

/**
 * Divides k, or not.
 *
 * @param product writes (parts, sums [parts][replicas][m][n], whether it adds to them)
 */
template <typename Product>
void multiply_in_parts(const tacet::ProductCall& call, const tacet::Workspace& workspace,
                       tacet::Stream stream, Product&& product) {
  const int parts = product_parts(call.m, call.n, call.k, kMostParts);
  if (parts == 1) {
    product(1, call.c, call.add);
    return;
  }
  tacet::Carver carver(workspace.base);
  float* sums = carve_sums(carver, call.replicas, call.m, call.n, parts);
  require_bytes(carver, workspace);
  product(parts, sums, false);
  const int64_t count = static_cast<int64_t>(call.replicas) * call.m * call.n;
  const int64_t blocks = tacet::ceil_div(count, int64_t{kProductThreads});
  TACET_LAUNCH(add_parts_kernel, static_cast<unsigned int>(min(blocks, int64_t{1} << 20)),
               kProductThreads, 0, stream, sums, parts, count, call.add, call.c);
}

template <typename A, typename B>
void multiply_matrices(const A& a, const B& b, const tacet::ProductCall& call,
                       const tacet::Workspace& workspace, tacet::Stream stream) {
  multiply_in_parts(call, workspace, stream, [&](int parts, float* sums, bool add) {
    if (parts == 1) {
      launch_product(a, b, call.m, call.n, call.k, 1, StoreProduct{sums, call.n, add}, stream,
                     call.replicas);
    } else {
      launch_product(a, b, call.m, call.n, call.k, parts,
                     StoreParts{sums, call.replicas * call.m, call.n, 0}, stream, call.replicas);
    }
  });
}

template <bool kTransposeA, bool kTransposeB>
void multiply_as(const tacet::ProductCall& call, const tacet::Workspace& workspace,
                 tacet::Stream stream) {
  const auto a_stride = static_cast<size_t>(kTransposeA ? call.m : call.k);
  const auto b_stride = static_cast<size_t>(kTransposeB ? call.k : call.n);
  // Where each replica has factors of its own takes registers, which one alone need not pay for.
  if (call.replicas == 1) {
    multiply_matrices(Matrix<kTransposeA>{call.a, a_stride}, Matrix<kTransposeB>{call.b, b_stride},
                      call, workspace, stream);
  } else {
    multiply_matrices(ReplicaMatrix<kTransposeA>{call.a, a_stride, call.a_apart},
                      ReplicaMatrix<kTransposeB>{call.b, b_stride, call.b_apart}, call, workspace,
                      stream);
  }
}

}  // namespace

size_t multiply_bytes(int m, int n, int k, int replicas) {
  tacet::Carver carver(nullptr);
  carve_sums(carver, replicas, m, n, product_parts(m, n, k, kMostParts));
  return carver.bytes();
}

void multiply(const tacet::ProductCall& call, const tacet::Workspace& workspace,
              tacet::Stream stream) {
  if (call.factors != tacet::Factors::kFloat32) {
    multiply_in_parts(call, workspace, stream, [&](int parts, float* sums, bool add) {
      tensor_product(call, parts, sums, add, stream);
    });
  } else if (call.transpose_a && call.transpose_b) {
    multiply_as<true, true>(call, workspace, stream);
  } else if (call.transpose_a) {
    multiply_as<true, false>(call, workspace, stream);
  } else if (call.transpose_b) {
    multiply_as<false, true>(call, workspace, stream);
  } else {
    multiply_as<false, false>(call, workspace, stream);
  }
}

}  // namespace TACET_NS

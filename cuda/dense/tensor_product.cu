// Products of matrices in memory by the kernel of tensor_product.cuh. Operands are those of replicas,
// and one store serves sums and parts of sums, to have few kernels.
#include "dense/tensor_product.cuh"

#include "dense/dense.h"

namespace TACET_NS {

namespace {

template <bool kSplit, bool kTransposeA, bool kTransposeB>
void multiply_as(const tacet::ProductCall& call, int parts, const StoreSums& store,
                 tacet::Stream stream) {
  launch_tensor_product<kSplit>(
      ReplicaMatrix<kTransposeA>{call.a, static_cast<size_t>(kTransposeA ? call.m : call.k),
                                 call.a_apart},
      ReplicaMatrix<kTransposeB>{call.b, static_cast<size_t>(kTransposeB ? call.k : call.n),
                                 call.b_apart},
      call.m, call.n, call.k, parts, store, stream, call.replicas);
}

template <bool kSplit>
void multiply_split(const tacet::ProductCall& call, int parts, const StoreSums& store,
                    tacet::Stream stream) {
  if (call.transpose_a && call.transpose_b) {
    multiply_as<kSplit, true, true>(call, parts, store, stream);
  } else if (call.transpose_a) {
    multiply_as<kSplit, true, false>(call, parts, store, stream);
  } else if (call.transpose_b) {
    multiply_as<kSplit, false, true>(call, parts, store, stream);
  } else {
    multiply_as<kSplit, false, false>(call, parts, store, stream);
  }
}

}  // namespace

bool has_tensor_products() {
  return TACET_HAS_FRAGMENTS((tensor_product_kernel<FlatTensorTile, true, ReplicaMatrix<false>,
                                                    ReplicaMatrix<false>, StoreSums>));
}

void tensor_product(const tacet::ProductCall& call, int parts, float* sums, bool add,
                    tacet::Stream stream) {
  const StoreSums store{sums, call.replicas * call.m, call.n, add};
  if (call.factors == tacet::Factors::kBfloat16x3) {
    multiply_split<true>(call, parts, store, stream);
  } else {
    multiply_split<false>(call, parts, store, stream);
  }
}

}  // namespace TACET_NS

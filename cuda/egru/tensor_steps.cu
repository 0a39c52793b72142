// Recurrent products of the engine DENSE on tensor cores, forward and back, with dense/tensor_product.cuh;
// bytes and flops of a step as there. Operands are those of replicas, to have few kernels.
#include "dense/tensor_product.cuh"

#include "egru/adjoint.cuh"
#include "egru/engines.cuh"

namespace TACET_NS {

namespace {

template <bool kSplit>
void multiply_step(const EgruCall& call, const EgruForwardScratch& scratch, const float* sent, int first,
                   int columns, int parts, tacet::Stream stream) {
  const int units = call.layer.units;
  const int batch = call.sequence.batch;
  launch_tensor_product<kSplit>(
      ReplicaMatrix<false>{sent, static_cast<size_t>(units), scratch.sent_apart},
      ReplicaMatrix<false>{call.layer.recurrent + first, static_cast<size_t>(3) * units,
                           int64_t{3} * units * units},
      batch, columns, units, parts,
      StoreReplicaParts{scratch.products, batch, 3 * units, first, scratch.products_apart}, stream,
      call.layer.replicas);
}

template <bool kSplit>
void multiply_step_back(const BackwardArguments& a, int first, int columns, int parts,
                        tacet::Stream stream) {
  const int units = a.call.layer.units;
  const int batch = a.call.sequence.batch;
  const auto stride = static_cast<size_t>(3) * units;
  launch_tensor_product<kSplit>(
      ReplicaMatrix<false>{a.dq + first, stride, a.dq_apart},
      ReplicaMatrix<true>{a.call.layer.recurrent + first, stride, int64_t{3} * units * units}, batch,
      units, columns, parts, StoreReplicaParts{a.products, batch, units, 0, a.products_apart}, stream,
      a.call.layer.replicas);
}

}  // namespace

bool steps_on_tensor_cores(const EgruCall& call) {
  return call.layer.factors != tacet::Factors::kFloat32 && !call.layer.is_sparse() &&
         has_tensor_products();
}

void tensor_step_product(const EgruCall& call, const EgruForwardScratch& scratch, const float* sent,
                         int first, int columns, int parts, tacet::Stream stream) {
  if (call.layer.factors == tacet::Factors::kBfloat16x3) {
    multiply_step<true>(call, scratch, sent, first, columns, parts, stream);
  } else {
    multiply_step<false>(call, scratch, sent, first, columns, parts, stream);
  }
}

void tensor_step_product_back(const BackwardArguments& a, int first, int columns, int parts,
                              tacet::Stream stream) {
  if (a.call.layer.factors == tacet::Factors::kBfloat16x3) {
    multiply_step_back<true>(a, first, columns, parts, stream);
  } else {
    multiply_step_back<false>(a, first, columns, parts, stream);
  }
}

}  // namespace TACET_NS

// What both passes of a plain recurrent layer share: the products of states with R.
#pragma once

#include "dense/activation.cuh"
#include "dense/product.cuh"
#include "rnn/rnn.h"
#include "sparse/by_target.h"
#include "sparse/rows.cuh"

namespace TACET_NS {

constexpr int kRnnThreads = 256;
/** Most parts of a product; the pointwise kernel of a step reads all. */
constexpr int kRnnMostParts = 8;

/** Blocks of a pointwise kernel; replicas are the grid's y axis. */
inline dim3 rnn_blocks(const tacet::RnnCall& call) {
  return dim3(static_cast<unsigned int>(tacet::ceil_div(call.state(), int64_t{kRnnThreads})),
              static_cast<unsigned int>(call.replicas));
}

/** An element of the state of a replica. */
struct RnnPlace {
  /** Among the elements of the replica. */
  int64_t own;
  /** Among those of all states. */
  int64_t state;
  /** In sequences, from a step on. */
  int64_t sequence;
  int replica;

  __device__ __forceinline__ RnnPlace(int64_t elements, int64_t elements_of_sequence)
      : own(static_cast<int64_t>(blockIdx.x) * kRnnThreads + threadIdx.x),
        state(blockIdx.y * elements + own),
        sequence(blockIdx.y * elements_of_sequence + own),
        replica(static_cast<int>(blockIdx.y)) {}
};

/** Where a pointwise kernel leaves a state for the next product; null values if nowhere else. */
struct PackedState {
  float* values;
  SampleGroups groups;

  __device__ __forceinline__ void store(int64_t i, int units, float value) const {
    if (values != nullptr) {
      values[groups.at(static_cast<int>(i / units), static_cast<int>(i % units), units)] = value;
    }
  }
};

/** Every unit of every sample has something to send. */
struct AllRows {
  int batch;

  __device__ __forceinline__ bool operator()(int n, int /*unit*/) const { return n < batch; }
};

/**
 * Products of states with R or R^T, one after the other: a tiled product, or, with R on a pattern,
 * sparse/by_target.cu, whose index is made once, and sparse/rows.cuh.
 */
template <bool kTransposed>
class RnnProducts {
 public:
  explicit RnnProducts(const tacet::RnnCall& call)
      : call_(call), groups_(packed_groups(call.batch)) {}

  int parts() const {
    return is_sparse() ? 1
                       : product_parts(call_.batch, call_.units, call_.units, kRnnMostParts);
  }

  void carve(tacet::Carver& carver) {
    products_ = carver.take<float>(parts() * call_.states());
    if (is_sparse() && groups_.shared > 1) {
      packed_ = carver.take<float>(groups_.elements(call_.units));
    }
    if (is_sparse() && !kTransposed) {
      view_ = tacet::carve_by_target(values(), carver);
    }
  }

  /** @param before the state that the first product is of, if no pointwise kernel wrote it */
  void prepare(const float* before, tacet::Stream stream) const {
    if (is_sparse() && !kTransposed) {
      by_target(values(), view_, stream);
    }
    if (packed_ != nullptr && before != nullptr) {
      launch_pack(Matrix<false>{before, static_cast<size_t>(call_.units)}, call_.batch, call_.units,
                  groups_, packed_, stream);
    } else if (packed_ != nullptr && groups_.groups * groups_.shared > call_.batch) {
      // A group that is not full has silent samples.
      fill_bytes(packed_, 0, sizeof(float) * groups_.elements(call_.units), stream);
    }
  }

  PackedState packed() const { return {packed_, groups_}; }

  const float* products() const { return products_; }

  /**
   * @param state was packed too
   * @param apart elements from the state of a replica to that of the next
   */
  void run(const float* state, int64_t apart, tacet::Stream stream) const {
    run_into(state, apart, products_, stream);
  }

  /** @param products [parts][replicas][batch][units] */
  void run_into(const float* state, int64_t apart, float* products, tacet::Stream stream) const {
    const float* const sent = packed_ == nullptr ? state : packed_;
    const auto stride = static_cast<size_t>(call_.units);
    if (!is_sparse() && call_.replicas == 1) {
      run_dense(Matrix<false>{state, stride}, Matrix<kTransposed>{call_.recurrent, stride}, products,
                stream);
    } else if (!is_sparse()) {
      const int64_t weights = static_cast<int64_t>(call_.units) * call_.units;
      run_dense(ReplicaMatrix<false>{state, stride, apart},
                ReplicaMatrix<kTransposed>{call_.recurrent, stride, weights}, products, stream);
    } else if constexpr (kTransposed) {
      launch_pattern_rows(values(), sent, call_.units, AllRows{call_.batch}, call_.batch, products,
                          stream);
    } else {
      multiply_by_target({view_, 0, 1, 0, call_.units, sent, call_.batch, products, call_.units, 0},
                         stream);
    }
  }

 private:
  template <typename States, typename Weights>
  void run_dense(const States& states, const Weights& weights, float* products,
                 tacet::Stream stream) const {
    launch_product(states, weights, call_.batch, call_.units, call_.units, parts(),
                   StoreParts{products, call_.replicas * call_.batch, call_.units, 0}, stream,
                   call_.replicas);
  }

  bool is_sparse() const { return !call_.pattern.is_dense(); }

  tacet::PatternValues values() const {
    return tacet::all_values(call_.pattern, call_.recurrent, 1);
  }

  const tacet::RnnCall& call_;
  SampleGroups groups_;
  float* products_ = nullptr;
  float* packed_ = nullptr;
  tacet::ByTargetView view_{};
};

/** Element i of a product, 0 without parts. */
__device__ __forceinline__ float sum_parts(const float* __restrict__ products, int parts,
                                           int64_t count, int64_t i) {
  float sum = 0;
  for (int part = 0; part < parts; part++) {
    sum += products[part * count + i];
  }
  return sum;
}

}  // namespace TACET_NS

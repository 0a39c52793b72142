// What families of kernels that compute replicas at once share: arrays of all of them lie one after the
// other, and a kernel with kReplicas takes the part of one from the arguments of all. Without, it takes
// the arguments as they are, so that a layer alone is computed as if there were no replicas.
#pragma once

#include <type_traits>

#include "common/kernel.cuh"

namespace TACET_NS {

/** What of arguments belongs to a replica. */
template <bool kReplicas, typename Arguments>
using OwnPart = std::conditional_t<kReplicas, const Arguments, const Arguments&>;

/** The array of a replica, so many elements to each; null if there is none. */
template <typename T>
__host__ __device__ __forceinline__ T* own_array(T* all, int64_t elements, int replica) {
  return all == nullptr ? nullptr : all + elements * replica;
}

}  // namespace TACET_NS

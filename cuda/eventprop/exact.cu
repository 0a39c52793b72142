// Chooses between the two exact simulators: sweep_*.cu for feed-forward layers, walk_*.cu for all.
#include "eventprop/eventprop.h"
#include "eventprop/sweep.cuh"
#include "eventprop/walk.cuh"

namespace TACET_NS {

using tacet::EventView;
using tacet::GradientView;
using tacet::LayerView;

namespace {

/** The adjoint of a sweep keeps no states between events, which some gradients need. */
bool sweeps_back(const LayerView& layer, const EventView& in, const GradientView& gradients) {
  return is_feed_forward(layer) && !WantedSums(in, gradients).states;
}

constexpr int kRowThreads = 256;

__global__ void __launch_bounds__(kRowThreads)
    longest_row_kernel(const int32_t* __restrict__ offsets, int sources, int32_t* longest) {
  int own = 0;
  for (int s = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x); s < sources;
       s += static_cast<int>(gridDim.x * blockDim.x)) {
    own = max(own, offsets[s + 1] - offsets[s]);
  }
  own = warp_max(own);
  if (lane_id() == 0) {
    atomicMax(longest, own);
  }
}

}  // namespace

size_t exact_forward_bytes(const LayerView& layer, const EventView& in, const EventView& out,
                           int pending, int samples) {
  return is_feed_forward(layer) ? sweep_forward_bytes(in, out, samples)
                                : walk_forward_bytes(layer, in, out, pending, samples);
}

void exact_forward(const LayerView& all, const EventView& all_in, const EventView& all_out,
                   int pending, int32_t* overflow, const tacet::Workspace& workspace,
                   tacet::Stream stream) {
  if (!is_feed_forward(all)) {
    fill_bytes(overflow, 0, sizeof(int32_t), stream);
  }
  by_replicas(
      all, all_in.batch, workspace,
      [&](int samples) { return exact_forward_bytes(all, all_in, all_out, pending, samples); },
      [&](const LayerView& layer, int, int first, int samples) {
        const EventView in = tacet::slice(all_in, first, samples);
        const EventView out = tacet::slice(all_out, first, samples);
        if (is_feed_forward(layer)) {
          sweep_forward(layer, in, out, workspace, stream);
        } else {
          walk_forward(layer, in, out, pending, overflow, workspace, stream);
        }
      });
}

size_t exact_backward_bytes(const LayerView& layer, const EventView& in, const EventView& out,
                            const GradientView& gradients, int samples) {
  return sweeps_back(layer, in, gradients)
             ? sweep_backward_bytes(layer, in, out, gradients, samples)
             : walk_backward_bytes(layer, in, out, gradients, samples);
}

void exact_backward(const LayerView& all, const EventView& all_in, const EventView& all_out,
                    const GradientView& all_gradients, const float* kicks,
                    const tacet::Workspace& workspace, tacet::Stream stream) {
  const auto bytes_of = [&](int samples) {
    return exact_backward_bytes(all, all_in, all_out, all_gradients, samples);
  };
  by_replicas(all, all_in.batch, workspace, bytes_of,
              [&](const LayerView& layer, int replica, int first, int samples) {
                const EventView in = tacet::slice(all_in, first, samples);
                const EventView out = tacet::slice(all_out, first, samples);
                const GradientView gradients = of_replica(all_gradients, layer, replica);
                const float* const kick = own_array(kicks, layer.neurons, replica);
                if (sweeps_back(layer, in, gradients)) {
                  sweep_backward(layer, in, out, gradients, kick, workspace, stream);
                } else {
                  walk_backward(layer, in, out, gradients, kick, workspace, stream);
                }
              });
}

void longest_row(const int32_t* offsets, int sources, int32_t* longest, tacet::Stream stream) {
  fill_bytes(longest, 0, sizeof(int32_t), stream);
  const int blocks = tacet::ceil_div(sources, kRowThreads);
  TACET_LAUNCH(longest_row_kernel, static_cast<unsigned int>(blocks < 1024 ? blocks : 1024),
               kRowThreads, 0, stream, offsets, sources, longest);
}

}  // namespace TACET_NS

// Shared by the launchers of the feed-forward simulator and its adjoint.
#pragma once

#include <algorithm>

#include "eventprop/tile.cuh"
#include "eventprop/reduce.cuh"

namespace TACET_NS {

/** Whether neurons can be walked one by one along a list of arrivals that they share. */
inline bool is_feed_forward(const tacet::LayerView& layer) {
  return layer.recurrent.weights == nullptr &&
         (layer.input.delays == nullptr || !layer.input.delay_per_synapse);
}

inline bool shares_tau(const tacet::LifView& lif) {
  return lif.tau_mem_step == 0 && lif.tau_syn_step == 0;
}

size_t sweep_forward_bytes(const tacet::EventView& in, const tacet::EventView& out, int samples);
void sweep_forward(const tacet::LayerView& layer, const tacet::EventView& in,
                   const tacet::EventView& out, const tacet::Workspace& workspace,
                   tacet::Stream stream);

size_t sweep_backward_bytes(const tacet::LayerView& layer, const tacet::EventView& in,
                            const tacet::EventView& out, const tacet::GradientView& gradients,
                            int samples);
void sweep_backward(const tacet::LayerView& layer, const tacet::EventView& in,
                    const tacet::EventView& out, const tacet::GradientView& gradients,
                    const float* kick, const tacet::Workspace& workspace, tacet::Stream stream);

}  // namespace TACET_NS

// What the adjoints of LIF neurons and of their variants have in common: the loop over spikes of a
// recurrent layer, from the last to the first, and the memory that they need. Back has back, jump_at,
// layer, out, sample and recurrent_records.
#pragma once

#include "eventprop/walk.cuh"

namespace TACET_NS {

/**
 * All spikes of a recurrent layer from the last to the first; writes their caused errors. Three
 * barriers per spike: behind the records, behind the sums of warps, which the first one adds as
 * block_sum does, and behind the jump.
 */
template <typename Back>
__device__ void retreat_together(Back& retreat, float* caused) {
  TACET_SHARED(of_warps, float[kWarpSize]);
  const tacet::EventView& out = retreat.out;
  const SynapseView& rows = retreat.layer.recurrent;
  const size_t base = static_cast<size_t>(retreat.sample) * out.capacity;
  for (int k = stored(out.counts, retreat.sample, out.capacity) - 1; k >= 0; k--) {
    const int unit = out.units[base + k];
    const float time = out.times[base + k];
    const size_t begin = row_begin(rows, unit);
    const int length = row_length(rows, unit);
    // The unit itself takes the place past its row, whether it has a synapse onto itself or not.
    for (int j = static_cast<int>(threadIdx.x); j <= length; j += kWalkThreads) {
      const int m = j == length ? unit : row_target(rows, begin, j);
      if (j == length || m != unit) {
        retreat.back(m, time, false, j == length);
      }
    }
    __syncthreads();
    float error = 0.0f;
    for (int j = static_cast<int>(threadIdx.x); j < length; j += kWalkThreads) {
      if (time + delay_of(rows, unit, begin + j) <= retreat.layer.duration) {
        const RecordView& records = retreat.recurrent_records;
        error += rows.weights[begin + j] * records.difference[records.at(retreat.sample, k, j)];
      }
    }
    error = warp_sum(error);
    if (lane_id() == 0) {
      of_warps[warp_id()] = error;
    }
    __syncthreads();
    if (warp_id() == 0) {
      error = warp_sum(lane_id() < kWalkThreads / kWarpSize ? of_warps[lane_id()] : 0.0f);
      if (lane_id() == 0) {
        caused[base + k] = error;
        retreat.jump_at(unit, k, error);
      }
    }
    __syncthreads();
  }
}

/** What an adjoint keeps. */
struct RetreatWords {
  int per_neuron;
  /** Per entry of a queue; 0 where no states between events are needed. */
  int per_entry;
  /** kNeuronSums or kVariantSums. */
  int sums;
};

/** Scratch memory of as many samples. */
struct RetreatScratch : LayerScratch {
  QueueView queues;
  /** [per_entry][entry_stride], or null. */
  float* entries = nullptr;
  size_t entry_stride;
  RecordView recurrent_records{};
  float* words;
  /** What the targets of each output spike add to its error. */
  float* caused = nullptr;

  RetreatScratch(tacet::Carver& carver, const tacet::LayerView& layer, const tacet::EventView& in,
                 const tacet::EventView& out, const tacet::GradientView& gradients, int samples,
                 const RetreatWords& kept)
      : LayerScratch(carver, layer, in, out, gradients, samples, kept.sums) {
    const bool recurrent = layer.recurrent.weights != nullptr;
    const size_t batch = static_cast<size_t>(samples);
    const size_t stride =
        static_cast<size_t>(in.capacity) * static_cast<size_t>(layer.input.longest) +
        static_cast<size_t>(out.capacity) *
            (1 + (recurrent ? static_cast<size_t>(layer.recurrent.longest) : 0));
    queues = take_queues(carver, samples, layer.neurons, stride, true);
    entry_stride = batch * stride;
    if (kept.per_entry > 0) {
      entries = carver.take<float>(static_cast<size_t>(kept.per_entry) * entry_stride);
    }
    words = take_words(carver, samples, layer.neurons, kept.per_neuron);
    if (recurrent) {
      recurrent_records = take_records(carver, samples, out.capacity, layer.recurrent.longest,
                                       gradients.recurrent_weights != nullptr, true);
      caused = carver.take<float>(batch * static_cast<size_t>(out.capacity));
    }
  }
};

inline size_t retreat_scratch_bytes(const tacet::LayerView& layer, const tacet::EventView& in,
                                    const tacet::EventView& out,
                                    const tacet::GradientView& gradients, int samples,
                                    const RetreatWords& kept) {
  tacet::Carver carver(nullptr);
  RetreatScratch(carver, layer, in, out, gradients, samples, kept);
  return carver.bytes();
}

/** All samples, as many at a time as the workspace holds; launch(scratch, out) is the adjoint. */
template <typename Launch>
void retreat_rounds(const tacet::LayerView& layer, const tacet::VariantView* variant,
                    const tacet::EventView& all_in, const tacet::EventView& all_out,
                    const tacet::GradientView& gradients, const RetreatWords& kept,
                    const tacet::Workspace& workspace, tacet::Stream stream, Launch&& launch) {
  const int most = tacet::samples_that_fit(all_in.batch, workspace.bytes, [&](int samples) {
    return retreat_scratch_bytes(layer, all_in, all_out, gradients, samples, kept);
  });
  for (int first = 0; first < all_in.batch; first += most) {
    const int samples = std::min(most, all_in.batch - first);
    const tacet::EventView in = tacet::slice(all_in, first, samples);
    const tacet::EventView out = tacet::slice(all_out, first, samples);
    tacet::Carver carver(workspace.base);
    const RetreatScratch s(carver, layer, in, out, gradients, samples, kept);
    const bool recurrent = layer.recurrent.weights != nullptr;
    order_for_adjoint(in, layer.input, s.arrivals, layer.duration, s.in_order,
                      recurrent ? &out : nullptr, s.out_order, s.room, stream);
    build_queues(layer, s.arrivals, &out, s.queues, samples, stream);
    launch(s, out);
    reduce_layer(layer, variant, in, gradients, s, stream);
    if (recurrent) {
      reduce_rows({layer.recurrent, out, s.out_order, s.recurrent_records, s.caused,
                   gradients.recurrent_weights, gradients.recurrent_delays},
                  layer.lif.tau_syn, layer.lif.tau_syn_step, layer.duration, false, stream);
    }
  }
}

}  // namespace TACET_NS

// From the records of an adjoint pass to gradients, every sum in a fixed order.
//
// An adjoint writes lambdaI and lambdaV - lambdaI of the target at every synaptic event, 8 bytes
// each, for as many samples as the workspace holds; the gradient arrays themselves exist once, so
// no copy per sample is made and no atomics are needed:
//   weight  dL/dw = -tau_s sum of lambdaI          over the events of the source (table 1 of
//   delay   dL/dd = sum of w (lambdaV - lambdaI)   Wunderlich and Pehle 2021; delays: Meszaros,
//   event   dL/dt = sum of w (lambdaV - lambdaI)   Knight and Nowotny 2025), the last over the row.
//
// sums_kernel: blocks of 128 threads for the sums of both kinds.
//   Of rows: a block per source and 128 synapses. The source's events of all samples, found by binary
//   search in the order by unit, are staged by the whole block (staged_events.cuh); a thread owns a
//   synapse and adds its records by sample and time, eight loads of them on their way at once.
//   Replicas are the y axis of the grid.
//   Of events: a block per four events of a sample; a warp per event, lanes stride over the row.
// Bytes: 4 per record and sum read, 8 per synapse of a source with events; flops: 1 to 3 per
// record.
#include "eventprop/reduce.cuh"

#include <algorithm>
#include <type_traits>

#include "eventprop/staged_events.cuh"

namespace TACET_NS {

using tacet::EventView;
using tacet::GradientView;
using tacet::LayerView;
using tacet::LifView;

namespace {

constexpr int kRowThreads = 128;
constexpr int kEventsOfBlock = kRowThreads / kWarpSize;
constexpr int kNeuronThreads = 256;

/** Synapses first .. first + 127 of a row. */
__device__ __forceinline__ void add_row(const RowSums& sums, const float* __restrict__ tau_syn,
                                        int tau_syn_step, float duration, int source, int first,
                                        StagedEvents<kRowThreads>& staged) {
  const size_t row = row_begin(sums.rows, source);
  const int j = first + static_cast<int>(threadIdx.x);
  const bool alive = j < row_length(sums.rows, source);
  const size_t synapse = row + (alive ? j : 0);
  const float delay = delay_of(sums.rows, source, synapse);
  const bool own_delay = sums.rows.delays != nullptr && sums.rows.delay_per_synapse;
  const bool of_delays = sums.delays != nullptr && sums.rows.delay_per_synapse;
  float current = 0.0f;
  float difference = 0.0f;
  bool any = false;
  const auto add = [&](int count) {
    const auto added = [&](auto late, const float* records, float sum) {
      return add_records<decltype(late)::value>(staged, count, records + j, delay, duration, sum,
                                                &any);
    };
    const auto add_all = [&](auto late) {
      if (sums.weights != nullptr) {
        current = added(late, sums.records.current, current);
      }
      if (of_delays) {
        difference = added(late, sums.records.difference, difference);
      }
    };
    if (!alive) {
      return;
    }
    if (own_delay) {
      add_all(std::true_type());
    } else {
      add_all(std::false_type());
    }
  };
  // Where each synapse has its own delay, that of none leaves out an event for all.
  for_staged_events(sums, source, own_delay ? 0.0f : delay, own_delay ? infinity() : duration,
                    staged, add);
  if (!any) {
    return;
  }
  if (sums.weights != nullptr) {
    const int target = row_target(sums.rows, row, j);
    sums.weights[synapse] -= tau_syn[target * tau_syn_step] * current;
  }
  if (of_delays) {
    sums.delays[synapse] += sums.rows.weights[synapse] * difference;
  }
}

/** The error of an event, by a warp. */
__device__ __forceinline__ void write_error(const RowSums& sums, float duration, int sample, int e) {
  const size_t at = static_cast<size_t>(sample) * sums.events.capacity + e;
  const int source = sums.events.units[at];
  float error = 0.0f;
  if (has_source(sums.rows, source)) {
    const size_t row = row_begin(sums.rows, source);
    const int length = row_length(sums.rows, source);
    const float time = sums.events.times[at];
    for (int j = lane_id(); j < length; j += kWarpSize) {
      if (time + delay_of(sums.rows, source, row + j) <= duration) {
        const size_t record = sums.records.at(sample, e, j);
        error += sums.rows.weights[row + j] * sums.records.difference[record];
      }
    }
  }
  error = warp_sum(error);
  if (lane_id() == 0) {
    sums.event_errors[at] = error;
  }
}

/** Blocks of each source and of each sample; 0 where its sums are not wanted. */
struct SumTiles {
  int of_source;
  int of_sample;
};

/** The sums of a replica, the y axis of a grid, or with kReplicas off those that are given. */
template <bool kReplicas>
__device__ __forceinline__ OwnPart<kReplicas, RowSums> own_sums(const RowSums& all) {
  if constexpr (kReplicas) {
    const int replica = static_cast<int>(blockIdx.y);
    const int samples = all.rows.samples;
    const int64_t events = static_cast<int64_t>(samples) * all.events.capacity;
    RowSums own = all;
    own.rows = of_replica(all.rows, replica);
    own.events = samples_of_replica(all.events, samples, replica);
    own.order.units = own_array(all.order.units, events, replica);
    own.order.events = own_array(all.order.events, events, replica);
    own.records.current = own_array(all.records.current, events * all.records.longest, replica);
    own.records.difference =
        own_array(all.records.difference, events * all.records.longest, replica);
    own.event_errors = own_array(all.event_errors, events, replica);
    own.weights = own_array(all.weights, all.rows.count, replica);
    own.delays = own_array(
        all.delays, all.rows.delay_per_synapse ? all.rows.count : all.rows.sources, replica);
    return own;
  } else {
    return all;
  }
}

/**
 * Blocks of an SM: replicas take registers for what is theirs, sm_75 holds 1024 threads, and for sm_120
 * nvcc unrolls until it spills.
 */
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ == 750
constexpr int kRowBlocks = 8;
#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 1200
constexpr int kRowBlocks = 10;
#else
constexpr int kRowBlocks = 12;
#endif

template <bool kReplicas>
__global__ void __launch_bounds__(kRowThreads, kReplicas ? 8 : kRowBlocks)
    sums_kernel(RowSums all, const float* __restrict__ tau_syn, int tau_syn_step, float duration,
                SumTiles tiles) {
  const auto& sums = own_sums<kReplicas>(all);
  if (kReplicas) {
    tau_syn += blockIdx.y * static_cast<size_t>(values_of(tau_syn_step, sums.rows.targets));
  }
  TACET_SHARED(staged, StagedEvents<kRowThreads>);
  const int of_rows = sums.rows.sources * tiles.of_source;
  const int block = static_cast<int>(blockIdx.x);
  if (block < of_rows) {
    const int tile = block / sums.rows.sources;
    const int source = block - tile * sums.rows.sources;
    const int length = row_length(sums.rows, source);
    for (int first = tile * kRowThreads; first < length; first += tiles.of_source * kRowThreads) {
      add_row(sums, tau_syn, tau_syn_step, duration, source, first, staged);
    }
    return;
  }
  const int sample = (block - of_rows) / tiles.of_sample;
  const int tile = block - of_rows - sample * tiles.of_sample;
  const int count = stored(sums.events.counts, sample, sums.events.capacity);
  for (int e = tile * kEventsOfBlock + warp_id(); e < count;
       e += tiles.of_sample * kEventsOfBlock) {
    write_error(sums, duration, sample, e);
  }
}

template <bool kReplicas>
__global__ void __launch_bounds__(kRowThreads) source_delays_kernel(RowSums all) {
  const auto& sums = own_sums<kReplicas>(all);
  const int source = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (source >= sums.rows.sources) {
    return;
  }
  const int capacity = sums.events.capacity;
  float sum = 0.0f;
  for (int b = 0; b < sums.events.batch; b++) {
    const size_t base = static_cast<size_t>(b) * capacity;
    const int count = stored(sums.events.counts, b, capacity);
    const int end = lower_bound(sums.order.units + base, count, source + 1);
    for (int k = lower_bound(sums.order.units + base, count, source); k < end; k++) {
      sum += sums.event_errors[base + sums.order.events[base + k]];
    }
  }
  sums.delays[source] += sum;
}

/** The gradient of each NeuronSum or VariantSum and whether all neurons share it. */
struct NeuronTargets {
  float* gradient[kVariantSums] = {};
  int step[kVariantSums] = {};

  /** Compares instead of indexing: parameters of a kernel have no addresses. */
  __device__ __forceinline__ float* gradient_of(int kind, bool* shared) const {
    float* found = nullptr;
#pragma unroll
    for (int k = 0; k < kVariantSums; k++) {
      if (k == kind) {
        found = gradient[k];
        *shared = step[k] == 0;
      }
    }
    return found;
  }
};

/** A grid whose z axis is replicas. */
template <bool kReplicas>
__global__ void __launch_bounds__(kNeuronThreads)
    neurons_kernel(const float* __restrict__ partial, int samples, int neurons,
                   NeuronTargets targets, float* __restrict__ tile_sums) {
  const int kind = static_cast<int>(blockIdx.y);
  const int replica = kReplicas ? static_cast<int>(blockIdx.z) : 0;
  const int replicas = kReplicas ? static_cast<int>(gridDim.z) : 1;
  bool shared = false;
  float* gradient = targets.gradient_of(kind, &shared);
  if (gradient == nullptr) {
    return;
  }
  const int n = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  float sum = 0.0f;
  for (int b = 0; b < samples && n < neurons; b++) {
    const size_t of_kind = static_cast<size_t>(kind) * replicas + replica;
    sum += partial[(of_kind * samples + b) * neurons + n];
  }
  if (!shared) {
    if (n < neurons) {
      gradient[static_cast<size_t>(replica) * neurons + n] += sum;
    }
    return;
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0) {
    tile_sums[(replica * gridDim.y + kind) * gridDim.x + blockIdx.x] = sum;
  }
}

template <bool kReplicas>
__global__ void __launch_bounds__(kNeuronThreads)
    shared_parameters_kernel(const float* __restrict__ tile_sums, int tiles,
                             NeuronTargets targets) {
  const int kind = static_cast<int>(blockIdx.x);
  const int replica = kReplicas ? static_cast<int>(blockIdx.y) : 0;
  bool shared = false;
  float* gradient = targets.gradient_of(kind, &shared);
  if (gradient == nullptr || !shared) {
    return;
  }
  float sum = 0.0f;
  for (int t = static_cast<int>(threadIdx.x); t < tiles; t += kNeuronThreads) {
    sum += tile_sums[(replica * static_cast<int>(gridDim.x) + kind) * tiles + t];
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0) {
    gradient[replica] += sum;
  }
}

unsigned int blocks(int count, int threads) {
  return static_cast<unsigned int>(tacet::ceil_div(count, threads));
}

/** Blocks for so many places of each of count rows, few enough to be numbered. */
int tiles_of(int places, int of_block, int count) {
  constexpr int kMostBlocks = 1 << 29;
  return std::min(tacet::ceil_div(places, of_block), std::max(1, kMostBlocks / count));
}

}  // namespace

void reduce_rows(const RowSums& sums, const float* tau_syn, int tau_syn_step, float duration,
                 bool events, tacet::Stream stream) {
  const bool source_delays = sums.delays != nullptr && !sums.rows.delay_per_synapse;
  const bool rows = sums.weights != nullptr || (sums.delays != nullptr && !source_delays);
  const int replicas = std::max(1, sums.rows.replicas);
  const int samples = sums.events.batch / replicas;
  const SumTiles tiles{rows ? tiles_of(sums.rows.longest, kRowThreads, sums.rows.sources) : 0,
                       events ? tiles_of(sums.events.capacity, kEventsOfBlock, samples) : 0};
  const int grid = sums.rows.sources * tiles.of_source + samples * tiles.of_sample;
  const auto of_all = [&](unsigned int x) { return dim3(x, static_cast<unsigned int>(replicas)); };
  with_replicas(sums.rows, [&](auto several) {
    constexpr bool kReplicas = decltype(several)::value;
    if (grid > 0) {
      TACET_LAUNCH(sums_kernel<kReplicas>, of_all(static_cast<unsigned int>(grid)), kRowThreads, 0,
                   stream, sums, tau_syn, tau_syn_step, duration, tiles);
    }
    if (source_delays) {
      TACET_LAUNCH(source_delays_kernel<kReplicas>,
                   of_all(blocks(sums.rows.sources, kRowThreads)), kRowThreads, 0, stream, sums);
    }
  });
}

namespace {

/** Replicas whose samples these are, at least 1; input as for all of them. */
int replicas_of(const SynapseView& rows, const EventView& in, int samples) {
  return rows.replicas <= 1 ? 1 : std::max(1, samples / (in.batch / rows.replicas));
}

/** Floats that reduce_neurons needs as tile_sums. */
size_t neuron_tile_sums(int neurons, int sums, int replicas) {
  return static_cast<size_t>(replicas) * static_cast<size_t>(sums) *
         blocks(neurons, kNeuronThreads);
}

/** Adds the sums over samples, and over neurons where a parameter is shared, to its gradient. */
void reduce_neurons(const float* partial, int batch, const LayerView& layer,
                    const tacet::VariantView* variant, const GradientView& gradients,
                    float* tile_sums, tacet::Stream stream) {
  const LifView& lif = layer.lif;
  NeuronTargets targets;
  const auto set = [&](int kind, float* gradient, int step) {
    targets.gradient[kind] = gradient;
    targets.step[kind] = step;
  };
  set(kTauMem, gradients.tau_mem, lif.tau_mem_step);
  set(kTauSyn, gradients.tau_syn, lif.tau_syn_step);
  set(kThreshold, gradients.threshold, lif.threshold_step);
  set(kReset, gradients.reset, lif.reset_step);
  set(kBias, gradients.bias, lif.bias_step);
  if (variant != nullptr) {
    set(kTauInhibitory, gradients.tau_inhibitory, variant->tau_inhibitory_step);
    set(kTauThreshold, gradients.tau_threshold, variant->tau_threshold_step);
    set(kTauAdaptation, gradients.tau_adaptation, variant->tau_adaptation_step);
    set(kRefractory, gradients.refractory, variant->refractory_step);
    set(kThresholdJump, gradients.threshold_jump, variant->threshold_jump_step);
    set(kAdaptationJump, gradients.adaptation_jump, variant->adaptation_jump_step);
  }
  const unsigned int sums =
      variant == nullptr ? unsigned{kNeuronSums} : unsigned{kVariantSums};
  const unsigned int tiles = blocks(layer.neurons, kNeuronThreads);
  const int replicas = std::max(1, layer.input.replicas);
  const unsigned int count = static_cast<unsigned int>(replicas);
  with_replicas(layer.input, [&](auto several) {
    constexpr bool kReplicas = decltype(several)::value;
    TACET_LAUNCH(neurons_kernel<kReplicas>, dim3(tiles, sums, count), kNeuronThreads, 0, stream,
                 partial, batch / replicas, layer.neurons, targets, tile_sums);
    TACET_LAUNCH(shared_parameters_kernel<kReplicas>, dim3(sums, count), kNeuronThreads, 0, stream,
                 tile_sums, static_cast<int>(tiles), targets);
  });
}

}  // namespace

LayerScratch::LayerScratch(tacet::Carver& carver, const LayerView& layer, const EventView& in,
                           const EventView& out, const GradientView& gradients, int samples,
                           int sums)
    : wanted(in, gradients),
      arrivals(take_arrivals(carver, samples, in.capacity)),
      in_order(take_unit_order(carver, samples, in.capacity)),
      out_order(take_unit_order(carver, samples, out.capacity)),
      room(take_sort_room(carver, samples, std::max(in.capacity, out.capacity), kOrders)),
      input_records(take_records(carver, samples, in.capacity, layer.input.longest,
                                 gradients.input_weights != nullptr, wanted.events)),
      input_errors(in.errors),
      partial(nullptr),
      tile_sums(nullptr) {
  const size_t batch = static_cast<size_t>(samples);
  if (in.errors == nullptr && wanted.events) {
    input_errors = carver.take<float>(batch * static_cast<size_t>(in.capacity));
  }
  if (wanted.neurons) {
    partial = carver.take<float>(static_cast<size_t>(sums) * batch *
                                 static_cast<size_t>(layer.neurons));
    tile_sums = carver.take<float>(
        neuron_tile_sums(layer.neurons, sums, replicas_of(layer.input, in, samples)));
  }
}

void reduce_layer(const LayerView& layer, const tacet::VariantView* variant, const EventView& in,
                  const GradientView& gradients, const LayerScratch& scratch,
                  tacet::Stream stream) {
  const RowSums sums{layer.input,          in,
                     scratch.in_order,     scratch.input_records,
                     scratch.input_errors, gradients.input_weights,
                     gradients.input_delays};
  reduce_rows(sums, layer.lif.tau_syn, layer.lif.tau_syn_step, layer.duration,
              scratch.wanted.events, stream);
  if (scratch.wanted.neurons) {
    reduce_neurons(scratch.partial, in.batch, layer, variant, gradients, scratch.tile_sums, stream);
  }
}

}  // namespace TACET_NS

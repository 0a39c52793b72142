// Read-outs of non-spiking leaky integrators on a time grid, softmax cross-entropy at every step,
// and their adjoints.
//
// V and I advance by the propagator of a step, as in grid.cu; what is read is a maximum or a sum
// over the steps 1 .. S. Where the loss has the slope c_k in V_k, lambdaV jumps by -c_k / tau_m at
// step k (Wunderlich and Pehle 2021, l_V of eq. 3). c_k is dX times the share of V_k in a sum X, dX
// at the step of a maximum X, and (p_k - delta) / (S batch) for the cross-entropy averaged over
// time, p_k being the softmax of V_k (Nowotny, Turner and Knight 2025). So gradients of weights are
// exactly those of the sums. A maximum at an arrival moves with it, see readout.cu.
//
// Launch of forward and backward: grid (outputs / 32, samples), a warp, a lane per output; events
// and weights are staged in chunks as in tile.cuh, 2 KB of shared memory, 4 KB for the adjoint of
// the cross-entropy. The backward leaves a record per (event, output) for reduce.cu. Before either,
// a thread per event says in double precision which step it belongs to.
// Softmax: grid (steps / 128, samples), a thread per step. Means over steps: a block of 128 threads
// per sample, a warp per output.
// Bytes: 8 per event; 4 per (event, output) forward, 8 backward; for the cross-entropy also 4 per
// (step, output) in each of eight passes: written once, read thrice and written twice by the softmax
// (from cache), read by the means and by the adjoint. Flops per (step, output): 6 forward, 7
// backward, 5 softmax.
#include "eventprop/grid.h"
#include "eventprop/readout.cuh"
#include "eventprop/reduce.cuh"
#include "eventprop/time_grid.cuh"

#include <algorithm>

namespace TACET_NS {

using tacet::EventView;
using tacet::GridReadoutCall;
using tacet::ReadoutPass;
using tacet::Reduction;

namespace {

constexpr int kSoftmaxThreads = 128;
constexpr int kMeanWarps = 4;
/** Steps whose probabilities are prefetched at once. */
constexpr int kFetched = 16;
/** No event is too late for reduce.cu: the adjoints after the last step are 0. */
constexpr float kNoEnd = 3.4e38f;

/** An event of a sample; source is -1 where it does not exist. */
struct GridEvent {
  int step;
  int source;
};

/** What a step does to V and I, and the adjoint step to lambdaV and lambdaI. */
struct Motion {
  float alpha;
  float beta;
  float gamma;
  float adjoint_gamma;
  float tm;
};

/** A call with what is prepared for its kernels. */
struct Reading {
  GridReadoutCall call;
  /** Steps of the events, [batch][capacity]. */
  int32_t* steps;
  Motion* motion;
  /** Length of a step, for sums in single precision. */
  float dt;

  Reading(tacet::Carver& carver, const GridReadoutCall& of, int samples)
      : call(of),
        steps(carver.take<int32_t>(static_cast<size_t>(samples) *
                                   static_cast<size_t>(of.in.capacity))),
        motion(carver.take<Motion>(1)),
        dt(static_cast<float>(of.dt)) {}
};

__global__ void __launch_bounds__(kStepThreads) prepare_kernel(Reading reading) {
  const GridReadoutCall& call = reading.call;
  write_steps(call.in, call.dt, reading.steps);
  if (blockIdx.x == 0 && blockIdx.y == 0 && threadIdx.x == 0) {
    const float tm = call.layer.tau_mem[0];
    const double ts = call.layer.tau_syn[0];
    const GridPropagator step(tm, ts, call.dt);
    *reading.motion = {static_cast<float>(step.alpha), static_cast<float>(step.beta),
                       static_cast<float>(step.gamma), static_cast<float>(step.gamma * tm / ts),
                       tm};
  }
}

/** The output of a lane. */
struct Output {
  int sample;
  int first;
  int n;
  bool alive;
  /** Where it is in [samples][outputs]. */
  size_t at;

  __device__ explicit Output(const GridReadoutCall& call)
      : sample(static_cast<int>(blockIdx.y)),
        first(static_cast<int>(blockIdx.x) * kOutputs),
        n(first + lane_id()),
        alive(n < call.layer.input.targets),
        at(static_cast<size_t>(sample) * call.layer.input.targets + n) {}
};

/**
 * Lanes below count fill in events first ... first + count - 1 of the sample; says whether their
 * sources exist. An event after the last step is moved there, where it comes too late as well.
 */
__device__ __forceinline__ bool stage_events(const Reading& reading, int sample, int first,
                                             int count, GridEvent* events) {
  const GridReadoutCall& call = reading.call;
  bool known = true;
  if (lane_id() < count) {
    const size_t at = static_cast<size_t>(sample) * call.in.capacity + first + lane_id();
    const int source = call.in.units[at];
    known = has_source(call.layer.input, source);
    const int step = max(0, min(reading.steps[at], call.steps));
    events[lane_id()] = {step, known ? source : -1};
  }
  return __all_sync(kFullWarp, known);
}

/**
 * Takes the output of the lane through all steps: look(step, v, i) sees the state of each step
 * before its events arrive. Says whether the sources of all events exist.
 */
template <typename Look>
__device__ __forceinline__ bool advance(const Reading& reading, const Output& output,
                                        Look&& look) {
  TACET_SHARED(events, GridEvent[kChunk]);
  TACET_SHARED(weights, float[kChunk][kOutputs]);
  const GridReadoutCall& call = reading.call;
  const Motion motion = *reading.motion;
  const int stored_events = stored(call.in.counts, output.sample, call.in.capacity);
  float v = 0.0f;
  float i = 0.0f;
  int step = 0;
  bool known = true;
  const auto advance_to = [&](int until) {
    while (step < until) {
      step++;
      v = motion.alpha * v + motion.gamma * i;
      i = motion.beta * i;
      look(step, v, i);
    }
  };
  for (int first = 0; first < stored_events; first += kChunk) {
    const int count = min(kChunk, stored_events - first);
    known &= stage_events(reading, output.sample, first, count, events);
    __syncthreads();
    stage_weights<kOutputs>(call.layer.input, events, count, output.first, weights);
    __syncthreads();
    for (int p = 0; p < count; p++) {
      advance_to(events[p].step);
      i += weights[p][lane_id()];
    }
    __syncthreads();
  }
  advance_to(call.steps);
  return known;
}

/** Takes the adjoint of the lane's output back and leaves records; drive(step) lowers lambdaV. */
template <typename Drive>
__device__ __forceinline__ void retreat(const Reading& reading, const Output& output,
                                        const RecordView& records, Drive&& drive) {
  TACET_SHARED(events, GridEvent[kChunk]);
  TACET_SHARED(places, int[kChunk][kOutputs]);
  const GridReadoutCall& call = reading.call;
  const Motion motion = *reading.motion;
  const bool dense = is_dense(call.layer.input);
  float lambda_v = 0.0f;
  float lambda_i = 0.0f;
  int step = call.steps;
  int last = stored(call.in.counts, output.sample, call.in.capacity);
  while (last > 0) {
    const int first = max(0, last - kChunk);
    const int count = last - first;
    stage_events(reading, output.sample, first, count, events);
    __syncthreads();
    if (!dense) {
      stage_places<kOutputs>(call.layer.input, events, count, output.first, places);
      __syncthreads();
    }
    for (int p = count - 1; p >= 0; p--) {
      for (; step > events[p].step; step--) {
        lambda_v -= drive(step);
        lambda_i = motion.beta * lambda_i + motion.adjoint_gamma * lambda_v;
        lambda_v = motion.alpha * lambda_v;
      }
      const int place = dense ? output.n : places[p][lane_id()];
      if (output.alive && place >= 0) {
        records.write(records.at(output.sample, first + p, place), lambda_v, lambda_i);
      }
    }
    __syncthreads();
    last = first;
  }
}

/** What V at a step counts in a sum. */
__device__ __forceinline__ float share_of(const Reading& reading, int step) {
  const float steps = static_cast<float>(reading.call.steps);
  switch (reading.call.layer.reduction) {
    case Reduction::kSum:
      return reading.dt;
    case Reduction::kExponential:
      return expf(-static_cast<float>(step) / steps) / steps;
    default:
      return 1.0f / steps;
  }
}

__global__ void __launch_bounds__(kOutputs)
    values_kernel(Reading reading, float* __restrict__ values, float* __restrict__ peak_times) {
  const GridReadoutCall& call = reading.call;
  const Output output(call);
  const bool maximum = call.layer.reduction == Reduction::kMax;
  float value = 0.0f;
  int peak_step = 0;
  const bool known = advance(reading, output, [&](int step, float v, float) {
    if (!maximum) {
      value += share_of(reading, step) * v;
    } else if (v > value) {
      value = v;
      peak_step = step;
    }
  });
  if (!output.alive) {
    return;
  }
  // An event of a source that does not exist must not pass for a result.
  values[output.at] = known ? value : __int_as_float(0x7fc00000);
  if (maximum) {
    peak_times[output.at] = static_cast<float>(peak_step * call.dt);
  }
}

__global__ void __launch_bounds__(kOutputs)
    adjoint_kernel(Reading reading, const float* __restrict__ errors,
                   const float* __restrict__ peak_times, RecordView records) {
  const GridReadoutCall& call = reading.call;
  const Output output(call);
  const bool maximum = call.layer.reduction == Reduction::kMax;
  const float error = output.alive ? errors[output.at] : 0.0f;
  const int peak_step = maximum && output.alive ? grid_step(peak_times[output.at], call.dt) : 0;
  const float tm = call.layer.tau_mem[0];
  retreat(reading, output, records, [&](int step) {
    if (maximum) {
      return step == peak_step ? error / tm : 0.0f;
    }
    return share_of(reading, step) / tm * error;
  });
}

/** The last event of a step, or -1. */
__device__ int last_event_of(const Reading& reading, int sample, int step) {
  const tacet::EventView& in = reading.call.in;
  const int32_t* steps = reading.steps + static_cast<size_t>(sample) * in.capacity;
  int low = 0;
  int high = stored(in.counts, sample, in.capacity);
  while (low < high) {
    const int middle = (low + high) >> 1;
    if (steps[middle] <= step) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low > 0 && steps[low - 1] == step ? low - 1 : -1;
}

/** Recomputes the forward pass up to the maxima, for V' just before them. */
__global__ void __launch_bounds__(kOutputs)
    corners_kernel(Reading reading, const float* __restrict__ errors,
                   const float* __restrict__ peak_times, CornerView corners) {
  const GridReadoutCall& call = reading.call;
  const Output output(call);
  const int peak_step = output.alive ? grid_step(peak_times[output.at], call.dt) : 0;
  float rise = 0.0f;
  advance(reading, output, [&](int step, float v, float i) {
    if (step == peak_step) {
      rise = fmaxf(0.0f, i - v) / call.layer.tau_mem[0];
    }
  });
  if (output.alive) {
    corners.events[output.at] = last_event_of(reading, output.sample, peak_step);
    corners.errors[output.at] = errors[output.at] * rise;
  }
}

/**
 * For each step a row: V, then p, of the outputs, and last the loss; [samples][steps][outputs + 1].
 */
struct PathView {
  float* values;
  int outputs;
  int steps;

  /** Row of a step, from 1. */
  __device__ __forceinline__ float* row(int sample, int step) const {
    return values + (static_cast<size_t>(sample) * steps + (step - 1)) * (outputs + 1);
  }
};

__global__ void __launch_bounds__(kOutputs) path_kernel(Reading reading, PathView path) {
  const Output output(reading.call);
  const bool known = advance(reading, output, [&](int step, float v, float) {
    if (output.alive) {
      path.row(output.sample, step)[output.n] = v;
    }
  });
  if (output.alive && !known) {
    path.row(output.sample, 1)[output.n] = __int_as_float(0x7fc00000);
  }
}

__global__ void __launch_bounds__(kSoftmaxThreads)
    softmax_kernel(PathView path, const int32_t* __restrict__ labels) {
  const int sample = static_cast<int>(blockIdx.y);
  const int step = 1 + static_cast<int>(blockIdx.x * kSoftmaxThreads + threadIdx.x);
  if (step > path.steps) {
    return;
  }
  float* const row = path.row(sample, step);
  float top = row[0];
  for (int m = 1; m < path.outputs; m++) {
    top = fmaxf(top, row[m]);
  }
  const float own = row[labels[sample]] - top;
  float sum = 0.0f;
  for (int m = 0; m < path.outputs; m++) {
    row[m] = expf(row[m] - top);
    sum += row[m];
  }
  for (int m = 0; m < path.outputs; m++) {
    row[m] /= sum;
  }
  row[path.outputs] = logf(sum) - own;
}

/** The mean loss of a sample, and the output of largest mean probability, the first of several. */
__global__ void __launch_bounds__(32 * kMeanWarps)
    means_kernel(PathView path, float* __restrict__ losses, int32_t* __restrict__ predicted) {
  TACET_SHARED(largest, float[kMeanWarps]);
  TACET_SHARED(outputs, int[kMeanWarps]);
  const int sample = static_cast<int>(blockIdx.x);
  float most = -1.0f;
  int best = 0;
  for (int m = warp_id(); m <= path.outputs; m += kMeanWarps) {
    float sum = 0.0f;
    for (int step = 1 + lane_id(); step <= path.steps; step += 32) {
      sum += path.row(sample, step)[m];
    }
    sum = warp_sum(sum);
    if (m == path.outputs) {
      if (lane_id() == 0) {
        losses[sample] = sum / static_cast<float>(path.steps);
      }
    } else if (sum > most) {
      most = sum;
      best = m;
    }
  }
  if (lane_id() == 0) {
    largest[warp_id()] = most;
    outputs[warp_id()] = best;
  }
  __syncthreads();
  if (threadIdx.x == 0) {
    for (int w = 1; w < kMeanWarps; w++) {
      if (largest[w] > most || (largest[w] == most && outputs[w] < best)) {
        most = largest[w];
        best = outputs[w];
      }
    }
    predicted[sample] = best;
  }
}

/** @param batch over which the loss is averaged, more than the samples of a round */
__global__ void __launch_bounds__(kOutputs)
    path_adjoint_kernel(Reading reading, PathView path, const int32_t* __restrict__ labels,
                        int batch, RecordView records) {
  // A lane fetches its own column, many steps at a time, to wait for memory once and not at each.
  TACET_SHARED(fetched, float[kFetched][kOutputs]);
  const GridReadoutCall& call = reading.call;
  const Output output(call);
  const float own = output.n == labels[output.sample] ? 1.0f : 0.0f;
  const float share = 1.0f / (call.layer.tau_mem[0] * static_cast<float>(call.steps) *
                              static_cast<float>(batch));
  retreat(reading, output, records, [&](int step) {
    const int place = step % kFetched;
    if (place == kFetched - 1 || step == call.steps) {
      for (int k = 0; k <= place; k++) {
        const int at = step - place + k;
        fetched[k][lane_id()] =
            output.alive && at > 0 ? path.row(output.sample, at)[output.n] : 0.0f;
      }
    }
    return share * (fetched[place][lane_id()] - own);
  });
}

/** Scratch memory of an adjoint. */
struct Scratch {
  PathView path{};
  UnitOrder order;
  SortRoom room;
  RecordView records;
  CornerView corners{};

  Scratch(tacet::Carver& carver, const GridReadoutCall& call, ReadoutPass pass, bool weights,
          int samples)
      : order(take_unit_order(carver, samples, call.in.capacity)),
        room(take_sort_room(carver, samples, call.in.capacity)),
        records(take_records(carver, samples, call.in.capacity, call.layer.input.longest, weights,
                             call.in.errors != nullptr)) {
    const int outputs = call.layer.input.targets;
    if (pass == ReadoutPass::kCrossEntropy) {
      const size_t rows = static_cast<size_t>(samples) * static_cast<size_t>(call.steps);
      path = {carver.take<float>(rows * (static_cast<size_t>(outputs) + 1)), outputs, call.steps};
    } else {
      corners = take_corners(carver, samples, outputs);
    }
  }
};

/**
 * Calls run(part of the batch, its first sample, the carver of its scratch) until all samples are
 * done.
 */
template <typename Run>
void in_rounds(const GridReadoutCall& call, ReadoutPass pass, bool weights,
               const tacet::Workspace& workspace, tacet::Stream stream, Run&& run) {
  const int most = tacet::samples_that_fit(call.in.batch, workspace.bytes, [&](int samples) {
    return grid_readout_bytes(call, pass, weights, samples);
  });
  for (int first = 0; first < call.in.batch; first += most) {
    GridReadoutCall part = call;
    part.in = tacet::slice(call.in, first, std::min(most, call.in.batch - first));
    tacet::Carver carver(workspace.base);
    const Reading reading(carver, part, part.in.batch);
    TACET_LAUNCH(prepare_kernel, grid_of_events(part.in), kStepThreads, 0, stream, reading);
    run(reading, first, carver);
  }
}

void reduce(const GridReadoutCall& call, const Scratch& scratch, float* weights,
            tacet::Stream stream) {
  const RowSums sums{call.layer.input, call.in, scratch.order, scratch.records,
                     call.in.errors,   weights, nullptr};
  if (weights != nullptr) {
    order_by_unit(call.in, scratch.order, scratch.room, stream);
  }
  reduce_rows(sums, call.layer.tau_syn, 0, kNoEnd, call.in.errors != nullptr, stream);
}

}  // namespace

size_t grid_readout_bytes(const GridReadoutCall& call, ReadoutPass pass, bool weights,
                          int samples) {
  tacet::Carver carver(nullptr);
  const Reading reading(carver, call, samples);
  if (pass != ReadoutPass::kForward) {
    Scratch(carver, call, pass, weights, samples);
  }
  return carver.bytes();
}

void grid_readout_forward(const GridReadoutCall& whole, float* values, float* peak_times,
                          const tacet::Workspace& workspace, tacet::Stream stream) {
  const int outputs = whole.layer.input.targets;
  in_rounds(whole, ReadoutPass::kForward, false, workspace, stream,
            [&](const Reading& reading, int first, tacet::Carver&) {
    const size_t at = static_cast<size_t>(first) * static_cast<size_t>(outputs);
    TACET_LAUNCH(values_kernel, grid_of_outputs(outputs, reading.call.in.batch), kOutputs, 0,
                 stream, reading, values + at, peak_times == nullptr ? nullptr : peak_times + at);
  });
}

void grid_readout_backward(const GridReadoutCall& whole, const float* errors,
                           const float* peak_times, float* weights,
                           const tacet::Workspace& workspace, tacet::Stream stream) {
  constexpr auto kPass = ReadoutPass::kBackward;
  const int outputs = whole.layer.input.targets;
  in_rounds(whole, kPass, weights != nullptr, workspace, stream,
            [&](const Reading& reading, int first, tacet::Carver& carver) {
    const GridReadoutCall& call = reading.call;
    const Scratch scratch(carver, call, kPass, weights != nullptr, call.in.batch);
    const size_t at = static_cast<size_t>(first) * static_cast<size_t>(outputs);
    const dim3 grid = grid_of_outputs(outputs, call.in.batch);
    const bool maximum = call.layer.reduction == Reduction::kMax;
    const float* part_peak_times = maximum ? peak_times + at : nullptr;
    TACET_LAUNCH(adjoint_kernel, grid, kOutputs, 0, stream, reading, errors + at, part_peak_times,
                 scratch.records);
    reduce(call, scratch, weights, stream);
    if (maximum && call.in.errors != nullptr) {
      TACET_LAUNCH(corners_kernel, grid, kOutputs, 0, stream, reading, errors + at, part_peak_times,
                   scratch.corners);
      add_corners(call.in, outputs, scratch.corners, stream);
    }
  });
}

void grid_cross_entropy(const GridReadoutCall& whole, const int32_t* labels, float* losses,
                        int32_t* predicted, float* weights, const tacet::Workspace& workspace,
                        tacet::Stream stream) {
  constexpr auto kPass = ReadoutPass::kCrossEntropy;
  in_rounds(whole, kPass, weights != nullptr, workspace, stream,
            [&](const Reading& reading, int first, tacet::Carver& carver) {
    const GridReadoutCall& call = reading.call;
    const int samples = call.in.batch;
    const Scratch scratch(carver, call, kPass, weights != nullptr, samples);
    const dim3 grid = grid_of_outputs(call.layer.input.targets, samples);
    TACET_LAUNCH(path_kernel, grid, kOutputs, 0, stream, reading, scratch.path);
    const dim3 rows(static_cast<unsigned int>(tacet::ceil_div(call.steps, kSoftmaxThreads)),
                    static_cast<unsigned int>(samples));
    TACET_LAUNCH(softmax_kernel, rows, kSoftmaxThreads, 0, stream, scratch.path, labels + first);
    TACET_LAUNCH(means_kernel, static_cast<unsigned int>(samples), 32 * kMeanWarps, 0, stream,
                 scratch.path, losses + first, predicted + first);
    if (weights != nullptr || call.in.errors != nullptr) {
      TACET_LAUNCH(path_adjoint_kernel, grid, kOutputs, 0, stream, reading, scratch.path,
                   labels + first, whole.in.batch, scratch.records);
      reduce(call, scratch, weights, stream);
    }
  });
}

}  // namespace TACET_NS

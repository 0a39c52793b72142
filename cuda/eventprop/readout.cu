// Non-spiking leaky integrators, read out exactly, and their adjoint.
//
// Between arrivals V has the closed form of membrane.cuh, so its maximum and its integrals do too.
// With X the value and dX its error the adjoint is driven by A(t) = -dX (SUM), -dX/T (MEAN),
// -dX e^(-t/T)/T (EXPONENTIAL), or, for MAX, lambdaV jumps by -dX/tau_m at the maximum (Wunderlich
// and Pehle 2021, l_V of eq. 3 and table 1; Nowotny, Turner and Knight 2025 for the reductions). A
// maximum may be a corner, where an arrival turns V from rising to falling: it then moves with the
// arrival, whose error gets dX V'(-).
//
// Launch: grid (outputs / 32, samples), 32 threads, steps staged as in tile.cuh, 2.5 KB of shared
// memory. The backward leaves a record per (arrival, output) for reduce.cu.
// Bytes: 4 per (arrival, output) forward, 8 backward. Flops: ~12 per (arrival, output), ~20
// backward.
#include "eventprop/eventprop.h"

#include "eventprop/readout.cuh"
#include "eventprop/sweep.cuh"

namespace TACET_NS {

using tacet::EventView;
using tacet::ReadoutView;
using tacet::Reduction;

namespace {

constexpr int kEventThreads = 128;

/** e^(-t/T) where the reduction weighs by it, else 1. */
__device__ __forceinline__ float weight_at(Reduction reduction, float time, float duration) {
  return reduction == Reduction::kExponential ? expf(-time / duration) : 1.0f;
}

/** Follows the maximum of V over a step. */
__device__ __forceinline__ void follow(const Membrane& membrane, const Step& step, float v0,
                                       float i0, float v1, float i1, float* value,
                                       float* peak_time) {
  if (v1 > *value) {
    *value = v1;
    *peak_time = step.to;
  }
  if (i0 > v0 && i0 > 0.0f && (i1 < v1 || i1 == 0.0f)) {
    const float offset = membrane.peak(v0, i0);
    const float top = i0 * expf(-offset * membrane.ts_inverse);
    if (top > *value) {
      *value = top;
      *peak_time = fminf(step.to, step.from + offset);
    }
  }
}

template <bool kReplicas>
__global__ void __launch_bounds__(kOutputs)
    readout_forward_kernel(ReadoutView all, ArrivalView arrivals, const int32_t* status,
                           float* __restrict__ values, float* __restrict__ peak_times) {
  TACET_SHARED(steps, Step[kChunk]);
  TACET_SHARED(weights, float[kChunk][kOutputs]);
  const int sample = static_cast<int>(blockIdx.y);
  const auto& layer = own_readout<kReplicas>(all, sample);
  const int first_output = static_cast<int>(blockIdx.x) * kOutputs;
  const int n = first_output + static_cast<int>(threadIdx.x);
  const int arriving = arrivals.counts[sample];
  const float end = layer.duration;
  const float k = layer.reduction == Reduction::kExponential ? 1.0f / end : 0.0f;
  Membrane membrane;
  membrane.set(layer.tau_mem[0], layer.tau_syn[0]);
  float v = 0.0f;
  float i = 0.0f;
  float value = 0.0f;
  float peak_time = 0.0f;
  for (int first = 0; first <= arriving; first += kChunk) {
    const int count = min(kChunk, arriving + 1 - first);
    stage_steps<true>(arrivals, sample, arriving, first, count, end, membrane, steps);
    __syncthreads();
    stage_weights<kOutputs>(layer.input, steps, count, first_output, weights);
    __syncthreads();
    for (int p = 0; p < count; p++) {
      const Step& step = steps[p];
      i += weights[p][threadIdx.x];
      if (!(step.to > step.from)) {
        continue;
      }
      const float v1 = step.span.end_of(v, i);
      const float i1 = step.span.beta * i;
      if (layer.reduction == Reduction::kMax) {
        follow(membrane, step, v, i, v1, i1, &value, &peak_time);
      } else {
        // tm V' = I - V and ts I' = -I, each multiplied by e^(-kt) and integrated.
        const float early = weight_at(layer.reduction, step.from, end);
        const float late = weight_at(layer.reduction, step.to, end);
        const float current = membrane.ts * (early * i - late * i1) / (1.0f + membrane.ts * k);
        value += (current - membrane.tm * (late * v1 - early * v)) / (1.0f + membrane.tm * k);
      }
      v = v1;
      i = i1;
    }
    __syncthreads();
  }
  if (n >= layer.input.targets) {
    return;
  }
  const size_t at = static_cast<size_t>(sample) * layer.input.targets + n;
  const bool scaled =
      layer.reduction == Reduction::kMean || layer.reduction == Reduction::kExponential;
  value = scaled ? value / end : value;
  // An event of a source that does not exist must not pass for a result.
  values[at] = status[sample] == 0 ? value : __int_as_float(0x7fc00000);
  if (layer.reduction == Reduction::kMax) {
    peak_times[at] = peak_time;
  }
}

/** Adjoint state of one output. */
struct Adjoint {
  float v = 0.0f;
  float i = 0.0f;

  __device__ __forceinline__ void retreat(const Membrane& membrane, const Step& step) {
    membrane.retreat(step.span, &v, &i);
  }

  __device__ __forceinline__ void to_maximum(const Membrane& membrane, const Step& step,
                                             float error, float peak_time) {
    retreat(membrane, step);
    if (peak_time > step.from && peak_time <= step.to) {
      const Span part = membrane.span(peak_time - step.from);
      const float jump = -error * membrane.tm_inverse;
      i += membrane.adjoint_gamma(part) * jump;
      v += part.alpha * jump;
    }
  }

  /** A drive that decays as e^(-t/T) has the particular solution (p, q) times itself. */
  __device__ __forceinline__ void driven_decaying(const Membrane& membrane, const Step& step,
                                                  float error, float end) {
    const float p = 1.0f / (1.0f + membrane.tm / end);
    const float q = p / (1.0f + membrane.ts / end);
    const float late = expf(-step.to / end) / end * error;
    const float early = expf(-step.from / end) / end * error;
    v += p * late;
    i += q * late;
    retreat(membrane, step);
    v -= p * early;
    i -= q * early;
  }

  __device__ __forceinline__ void driven(const Membrane& membrane, const Step& step, float drive) {
    v -= drive;
    i -= drive;
    retreat(membrane, step);
    v += drive;
    i += drive;
  }
};

template <bool kReplicas>
__global__ void __launch_bounds__(kOutputs)
    readout_backward_kernel(ReadoutView all, ArrivalView arrivals,
                            const float* __restrict__ errors, const float* __restrict__ peak_times,
                            RecordView records) {
  TACET_SHARED(steps, Step[kChunk]);
  TACET_SHARED(places, int[kChunk][kOutputs]);
  const int sample = static_cast<int>(blockIdx.y);
  const auto& layer = own_readout<kReplicas>(all, sample);
  const int first_output = static_cast<int>(blockIdx.x) * kOutputs;
  const int n = first_output + static_cast<int>(threadIdx.x);
  const bool alive = n < layer.input.targets;
  const bool dense = is_dense(layer.input);
  const int arriving = arrivals.counts[sample];
  const size_t at = static_cast<size_t>(sample) * layer.input.targets + n;
  const float error = alive ? errors[at] : 0.0f;
  const float peak_time = alive && layer.reduction == Reduction::kMax ? peak_times[at] : 0.0f;
  const float drive = layer.reduction == Reduction::kSum ? -error : -error / layer.duration;
  Membrane membrane;
  membrane.set(layer.tau_mem[0], layer.tau_syn[0]);
  Adjoint lambda;
  for (int last = arriving; last >= 0; last -= kChunk) {
    const int first = max(0, last + 1 - kChunk);
    const int count = last + 1 - first;
    stage_steps<true>(arrivals, sample, arriving, first, count, layer.duration, membrane, steps);
    __syncthreads();
    if (!dense) {
      stage_places<kOutputs>(layer.input, steps, count, first_output, places);
      __syncthreads();
    }
    for (int p = count - 1; p >= 0; p--) {
      const Step& step = steps[p];
      if (step.event < 0) {
        continue;  // nothing is before the first arrival
      }
      if (step.to > step.from) {
        if (layer.reduction == Reduction::kMax) {
          lambda.to_maximum(membrane, step, error, peak_time);
        } else if (layer.reduction == Reduction::kExponential) {
          lambda.driven_decaying(membrane, step, error, layer.duration);
        } else {
          lambda.driven(membrane, step, drive);
        }
      }
      const int place = dense ? n : places[p][threadIdx.x];
      if (alive && place >= 0) {
        records.write(records.at(sample, step.event, place), lambda.v, lambda.i);
      }
    }
    __syncthreads();
  }
}

/** Walks forward again to the maxima; the last of coincident arrivals carries a corner. */
template <bool kReplicas>
__global__ void __launch_bounds__(kOutputs)
    corners_kernel(ReadoutView all, ArrivalView arrivals, const float* __restrict__ errors,
                   const float* __restrict__ peak_times, CornerView corners) {
  TACET_SHARED(steps, Step[kChunk]);
  TACET_SHARED(weights, float[kChunk][kOutputs]);
  const int sample = static_cast<int>(blockIdx.y);
  const auto& layer = own_readout<kReplicas>(all, sample);
  const int first_output = static_cast<int>(blockIdx.x) * kOutputs;
  const int n = first_output + static_cast<int>(threadIdx.x);
  const int arriving = arrivals.counts[sample];
  const size_t base = static_cast<size_t>(sample) * arrivals.capacity;
  const size_t at = static_cast<size_t>(sample) * layer.input.targets + n;
  const float peak_time = n < layer.input.targets ? peak_times[at] : -1.0f;
  Membrane membrane;
  membrane.set(layer.tau_mem[0], layer.tau_syn[0]);
  float v = 0.0f;
  float i = 0.0f;
  float rise = 0.0f;
  int corner = -1;
  for (int first = 0; first < arriving; first += kChunk) {
    const int count = min(kChunk, arriving - first);
    stage_steps<true>(arrivals, sample, arriving, first, count, layer.duration, membrane, steps);
    __syncthreads();
    stage_weights<kOutputs>(layer.input, steps, count, first_output, weights);
    __syncthreads();
    for (int p = 0; p < count; p++) {
      const Step& step = steps[p];
      i += weights[p][threadIdx.x];
      if (!(step.to > step.from)) {
        continue;
      }
      v = step.span.end_of(v, i);
      i *= step.span.beta;
      if (step.to == peak_time) {
        rise = fmaxf(0.0f, i - v) * membrane.tm_inverse;
        corner = first + p;
      }
    }
    __syncthreads();
  }
  if (n >= layer.input.targets) {
    return;
  }
  while (corner >= 0 && corner + 1 < arriving && arrivals.times[base + corner + 1] == peak_time) {
    corner++;
  }
  corners.events[at] = corner < 0 ? -1 : arrivals.events[base + corner];
  corners.errors[at] = errors[at] * rise;
}

/** Adds the corners of all outputs, in their order, to the errors of events; a thread per event. */
__global__ void __launch_bounds__(kEventThreads)
    add_corners_kernel(EventView in, int outputs, CornerView corners) {
  const int sample = static_cast<int>(blockIdx.y);
  const int e = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (e >= stored(in.counts, sample, in.capacity)) {
    return;
  }
  const size_t first = static_cast<size_t>(sample) * outputs;
  float sum = 0.0f;
  for (int n = 0; n < outputs; n++) {
    sum += corners.events[first + n] == e ? corners.errors[first + n] : 0.0f;
  }
  in.errors[static_cast<size_t>(sample) * in.capacity + e] += sum;
}

struct Scratch {
  ArrivalView arrivals;
  SortRoom room;
  int32_t* status;
  UnitOrder order{};
  RecordView records{};
  CornerView corners{};

  Scratch(tacet::Carver& carver, const ReadoutView& layer, const EventView& in, bool backward,
          bool weights, int samples)
      : arrivals(take_arrivals(carver, samples, in.capacity)),
        room(take_sort_room(carver, samples, in.capacity, backward ? kOrders : 1)),
        status(carver.take<int32_t>(static_cast<size_t>(samples))) {
    if (backward) {
      order = take_unit_order(carver, samples, in.capacity);
      records = take_records(carver, samples, in.capacity, layer.input.longest, weights,
                             in.errors != nullptr);
      corners = take_corners(carver, samples, layer.input.targets);
    }
  }
};

}  // namespace

void add_corners(const EventView& in, int outputs, const CornerView& corners,
                 tacet::Stream stream) {
  const dim3 grid(static_cast<unsigned int>(tacet::ceil_div(in.capacity, kEventThreads)),
                  static_cast<unsigned int>(in.batch));
  TACET_LAUNCH(add_corners_kernel, grid, kEventThreads, 0, stream, in, outputs, corners);
}

size_t readout_bytes(const ReadoutView& layer, const EventView& in, bool backward, bool weights,
                     int samples) {
  tacet::Carver carver(nullptr);
  Scratch(carver, layer, in, backward, weights, samples);
  return carver.bytes();
}

namespace {

/** In rounds of as many samples as the workspace holds. */
void forward_rounds(const ReadoutView& layer, const EventView& all_in, float* values,
                    float* peak_times, const tacet::Workspace& workspace, tacet::Stream stream) {
  const int most = tacet::samples_that_fit(all_in.batch, workspace.bytes, [&](int samples) {
    return readout_bytes(layer, all_in, false, false, samples);
  });
  for (int first = 0; first < all_in.batch; first += most) {
    const int samples = std::min(most, all_in.batch - first);
    const EventView in = tacet::slice(all_in, first, samples);
    const size_t at = static_cast<size_t>(first) * static_cast<size_t>(layer.input.targets);
    const dim3 grid = grid_of_outputs(layer.input.targets, samples);
    tacet::Carver carver(workspace.base);
    const Scratch scratch(carver, layer, in, false, false, samples);
    order_arrivals(in, layer.input, scratch.arrivals, scratch.room, layer.duration,
                   {scratch.status}, stream);
    with_replicas(layer.input, [&](auto replicas) {
      TACET_LAUNCH(readout_forward_kernel<decltype(replicas)::value>, grid, kOutputs, 0, stream,
                   layer, scratch.arrivals, scratch.status, values + at,
                   peak_times == nullptr ? nullptr : peak_times + at);
    });
  }
}

void backward_rounds(const ReadoutView& layer, const EventView& all_in, const float* errors,
                     const float* peak_times, float* weights, const tacet::Workspace& workspace,
                     tacet::Stream stream) {
  const int most = tacet::samples_that_fit(all_in.batch, workspace.bytes, [&](int samples) {
    return readout_bytes(layer, all_in, true, weights != nullptr, samples);
  });
  for (int first = 0; first < all_in.batch; first += most) {
    const int samples = std::min(most, all_in.batch - first);
    const EventView in = tacet::slice(all_in, first, samples);
    const size_t at = static_cast<size_t>(first) * static_cast<size_t>(layer.input.targets);
    const dim3 grid = grid_of_outputs(layer.input.targets, samples);
    tacet::Carver carver(workspace.base);
    const Scratch scratch(carver, layer, in, true, weights != nullptr, samples);
    order_for_adjoint(in, layer.input, scratch.arrivals, layer.duration, scratch.order, nullptr, {},
                      scratch.room, stream);
    with_replicas(layer.input, [&](auto replicas) {
      TACET_LAUNCH(readout_backward_kernel<decltype(replicas)::value>, grid, kOutputs, 0, stream,
                   layer, scratch.arrivals, errors + at,
                   peak_times == nullptr ? nullptr : peak_times + at, scratch.records);
    });
    const RowSums sums{layer.input, in,      scratch.order, scratch.records,
                       in.errors,   weights, nullptr};
    reduce_rows(sums, layer.tau_syn, 0, layer.duration, in.errors != nullptr, stream);
    if (in.errors != nullptr && layer.reduction == Reduction::kMax) {
      with_replicas(layer.input, [&](auto replicas) {
        TACET_LAUNCH(corners_kernel<decltype(replicas)::value>, grid, kOutputs, 0, stream, layer,
                     scratch.arrivals, errors + at, peak_times + at, scratch.corners);
      });
      add_corners(in, layer.input.targets, scratch.corners, stream);
    }
  }
}

}  // namespace

void readout_forward(const ReadoutView& all, const EventView& in, float* values, float* peak_times,
                     const tacet::Workspace& workspace, tacet::Stream stream) {
  by_replicas(
      all, in.batch, workspace,
      [&](int samples) { return readout_bytes(all, in, false, false, samples); },
      [&](const ReadoutView& layer, int, int first, int samples) {
        const int64_t outputs = layer.input.targets;
        forward_rounds(layer, tacet::slice(in, first, samples), own_array(values, outputs, first),
                       own_array(peak_times, outputs, first), workspace, stream);
      });
}

void readout_backward(const ReadoutView& all, const EventView& in, const float* errors,
                      const float* peak_times, float* weights, const tacet::Workspace& workspace,
                      tacet::Stream stream) {
  by_replicas(
      all, in.batch, workspace,
      [&](int samples) { return readout_bytes(all, in, true, weights != nullptr, samples); },
      [&](const ReadoutView& layer, int replica, int first, int samples) {
        const int64_t outputs = layer.input.targets;
        backward_rounds(layer, tacet::slice(in, first, samples), own_array(errors, outputs, first),
                        own_array(peak_times, outputs, first),
                        own_array(weights, layer.input.count, replica), workspace, stream);
      });
}

}  // namespace TACET_NS

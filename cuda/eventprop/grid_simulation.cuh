// The forward pass of the grid simulator, whatever the neurons: steps, spikes among blocks, events over
// CSR or dense rows, delays rounded to steps.
//
// A launch simulates many steps; see grid.cuh for the ownership of neurons. A step: the warp
// advances its neurons and lists those at or above threshold, all warps of the sample synchronise,
// then each adds the rows of the spikes, of the input events and of delayed arrivals to its own
// currents.
#pragma once

#include "eventprop/grid.cuh"

namespace TACET_NS {

struct GridForwardArguments {
  tacet::GridCall call;
  GridTiling tiling;
  GridForwardScratch scratch;
  float* path;
  int first_sample;
  /** The launch goes from the state after this step, or from the beginning for 0, ... */
  int from;
  /** ... to the state after this one. */
  int to;
};

/**
 * One warp's part of the simulation of a sample. `at` is the place of a neuron within its tile.
 *
 * Neurons has receptors(), how many currents a neuron has, receptor(weight), which of them a weight
 * is added to, and of one neuron
 *   begin(n, at), current(at, receptor), a reference, sum(at), not finite unless all of its state is,
 *   save(at, words, stride) and restore(at, words, stride), its words() of state, and
 *   advance(n, at, step, &slope, &grazes): moves it by a step; whether it spikes.
 */
template <typename Neurons>
class GridSimulation {
 public:
  __device__ GridSimulation(const GridForwardArguments& a, const Neurons& neurons)
      : a_(a),
        warp_(a.tiling, a.call.layer.neurons, a.first_sample),
        neurons_(neurons),
        events_(stored(a.call.in.counts, warp_.sample, a.call.in.capacity)) {}

  __device__ void run() {
    GridBarrier barrier = warp_.barrier(a_.scratch.barrier);
    if (a_.from == 0) {
      begin();
    } else {
      resume();
    }
    for (int step = a_.from == 0 ? 0 : a_.from + 1; step <= a_.to; step++) {
      if (step > 0) {
        advance(step);
        meet(barrier);
        take_spikes(step);
      }
      receive(step);
    }
    if (a_.path == nullptr && grazes_ > 0) {
      atomicAdd(&a_.call.out.grazes[warp_.sample], grazes_);
    }
    if (a_.to < a_.call.steps) {
      pause();
    } else if (a_.path == nullptr) {
      finish(barrier);
    }
  }

 private:
  /** Checks the input; the warps of the sample share its events. */
  __device__ void check_input() const {
    const tacet::EventView& in = a_.call.in;
    int bad = count_fault(in, warp_.sample);
    for (int e = warp_.index * 32 + lane_id(); e < events_; e += 32 * a_.tiling.segments()) {
      bad |= time_fault(in, at_event(0), e);
    }
    if (bad != 0) {
      atomicOr(&a_.scratch.broken[warp_.sample], bad);
    }
  }

  __device__ void begin() {
    for (int n = warp_.first + lane_id(); n < warp_.last; n += 32) {
      neurons_.begin(n, n - warp_.tile_first);
    }
    look_at_event(0);
    if (a_.path == nullptr) {
      check_input();
    }
    __syncwarp();  // other lanes' events may come before the first barrier
  }

  /** The first word of a neuron's state between launches, and how far apart they are. */
  __device__ float* kept(int n) const {
    return a_.scratch.kept + static_cast<size_t>(warp_.sample) * a_.call.layer.neurons + n;
  }

  __device__ size_t kept_stride() const {
    return static_cast<size_t>(a_.call.in.batch) * a_.call.layer.neurons;
  }

  __device__ GridProgress& progress() const {
    return a_.scratch.progress[warp_.segment_at(a_.tiling)];
  }

  __device__ void pause() {
    for (int n = warp_.first + lane_id(); n < warp_.last; n += 32) {
      neurons_.save(n - warp_.tile_first, kept(n), kept_stride());
    }
    if (lane_id() == 0) {
      progress() = {event_, total_, bad_unit_ ? 1 : 0};
    }
  }

  __device__ void resume() {
    for (int n = warp_.first + lane_id(); n < warp_.last; n += 32) {
      neurons_.restore(n - warp_.tile_first, kept(n), kept_stride());
    }
    const GridProgress so_far = progress();
    look_at_event(so_far.event);
    total_ = so_far.spike;
    bad_unit_ = so_far.bad_unit != 0;
    __syncwarp();
  }

  __device__ void meet(GridBarrier& barrier) const {
    if (a_.tiling.tiles == 1) {
      __syncthreads();
    } else {
      barrier.sync();
    }
  }

  /** Where an input event of the sample is. */
  __device__ size_t at_event(int event) const {
    return static_cast<size_t>(warp_.sample) * a_.call.in.capacity + event;
  }

  /** Makes an input event the next one; its step is known before it is needed. */
  __device__ void look_at_event(int event) {
    event_ = event;
    event_step_ = event < events_ ? a_.scratch.in_steps[at_event(event)] : kNoStep;
  }

  /** Adds the input events and the delayed arrivals of a step. */
  __device__ void receive(int step) {
    while (event_step_ <= step) {
      const int source = a_.call.in.units[at_event(event_)];
      look_at_event(event_ + 1);
      if (has_source(a_.call.layer.input, source)) {
        send(a_.call.layer.input, a_.scratch.input_delays, source, step);
      } else {
        bad_unit_ = true;
      }
    }
    finish_step(step);
  }

  /** Where the lists of the sample begin for a step. */
  __device__ size_t lists(int step) const {
    return static_cast<size_t>((step & 1) * a_.call.in.batch + warp_.sample) * a_.call.layer.neurons;
  }

  __device__ size_t list_counts(int step) const {
    return static_cast<size_t>((step & 1) * a_.call.in.batch + warp_.sample) * a_.tiling.segments();
  }

  __device__ void advance(int step) {
    int spikes = 0;
    for (int start = warp_.first; start < warp_.last; start += 32) {
      const int n = start + lane_id();
      bool spike = false;
      float slope = 0;
      if (n < warp_.last) {
        spike = neurons_.advance(n, n - warp_.tile_first, step, &slope, &grazes_);
      }
      const unsigned int mask = __ballot_sync(kFullWarp, spike);
      if (spike) {
        const size_t at = lists(step) + warp_.first + spikes + __popc(mask & lanes_below());
        a_.scratch.fired[at] = n;
        a_.scratch.slopes[at] = slope;
      }
      spikes += __popc(mask);
    }
    if (lane_id() == 0) {
      a_.scratch.fired_counts[list_counts(step) + warp_.index] = spikes;
    }
  }

  /** Writes the warp's spikes of a step to the tape and sends those of all warps to its targets. */
  __device__ void take_spikes(int step) {
    const int segments = a_.tiling.segments();
    for (int start = 0; start < segments; start += 32) {
      const int mine = start + lane_id();
      const int count = mine < segments ? a_.scratch.fired_counts[list_counts(step) + mine] : 0;
      unsigned int active = __ballot_sync(kFullWarp, count > 0);
      while (active != 0) {
        const int lane = __ffs(static_cast<int>(active)) - 1;
        active &= active - 1;
        const int spikes = __shfl_sync(kFullWarp, count, lane);
        const size_t list = lists(step) + a_.tiling.first(start + lane);
        if (start + lane == warp_.index && a_.path == nullptr) {
          write_tape(list, spikes, step);
        }
        if (a_.call.layer.recurrent.weights != nullptr) {
          for (int k = 0; k < spikes; k++) {
            send(a_.call.layer.recurrent, a_.scratch.recurrent_delays, a_.scratch.fired[list + k],
                 step);
          }
        }
        // Beyond this the sample is given up, and the sum has to stay an int.
        total_ = min(total_ + spikes, tacet::kMostSpikes + 1);
      }
    }
  }

  __device__ void write_tape(size_t list, int spikes, int step) {
    const tacet::EventView& out = a_.call.out;
    const int room = min(out.capacity, tacet::kMostSpikes + 1);
    const float time = static_cast<float>(step * a_.call.dt);
    for (int k = lane_id(); k < spikes; k += 32) {
      if (total_ + k < room) {
        const size_t at = static_cast<size_t>(warp_.sample) * out.capacity + total_ + k;
        out.times[at] = time;
        out.units[at] = a_.scratch.fired[list + k];
        out.slopes[at] = a_.scratch.slopes[list + k];
        out.errors[at] = 0;
      }
    }
  }

  __device__ void send(const SynapseView& rows, const int32_t* delays, int source, int step) {
    float* const ring = a_.scratch.ring;
    const int slots = a_.call.slots;
    const int steps = a_.call.steps;
    const size_t base = static_cast<size_t>(warp_.sample) * slots;
    const int neurons = a_.call.layer.neurons;
    grid_row(rows, delays, source, warp_, step,
             [&](size_t s, int n, int arrival) {
               const float weight = rows.weights[s];
               const int receptor = neurons_.receptor(weight);
               if (delays == nullptr) {
                 neurons_.current(n - warp_.tile_first, receptor) += weight;
               } else if (arrival <= steps) {
                 ring[receptor * ring_of_receptor() + (base + arrival % slots) * neurons + n] +=
                     weight;
               }
             });
    // Another lane may own the same target in the next row.
    __syncwarp();
  }

  __device__ size_t ring_of_receptor() const {
    return static_cast<size_t>(a_.call.in.batch) * a_.call.slots * a_.call.layer.neurons;
  }

  /** Adds the delayed arrivals of a step and keeps the state where a backward pass wants it. */
  __device__ void finish_step(int step) {
    const int neurons = a_.call.layer.neurons;
    const bool keep = a_.path != nullptr && step < a_.call.steps;
    const size_t ring =
        (static_cast<size_t>(warp_.sample) * a_.call.slots + step % a_.call.slots) * neurons;
    const size_t path = (static_cast<size_t>(warp_.sample - a_.first_sample) * a_.call.steps + step) *
                        neurons_.words() * neurons;
    for (int n = warp_.first + lane_id(); n < warp_.last; n += 32) {
      const int at = n - warp_.tile_first;
      if (a_.scratch.ring != nullptr) {
        for (int r = 0; r < neurons_.receptors(); r++) {
          float* const arriving = a_.scratch.ring + r * ring_of_receptor() + ring + n;
          neurons_.current(at, r) += *arriving;
          *arriving = 0;
        }
      }
      if (keep) {
        neurons_.save(at, a_.path + path + n, neurons);
      }
    }
    __syncwarp();
  }

  __device__ void finish(GridBarrier& barrier) {
    for (int n = warp_.first + lane_id(); n < warp_.last; n += 32) {
      const float sum = neurons_.sum(n - warp_.tile_first);
      if (__float_as_uint(fabsf(sum)) >= 0x7f800000u) {
        atomicOr(&a_.scratch.broken[warp_.sample], 1 << -tacet::kNotFinite);
      }
    }
    meet(barrier);
    if (warp_.index == 0 && lane_id() == 0) {
      a_.call.out.counts[warp_.sample] = count();
    }
  }

  __device__ int count() const {
    const int broken = a_.scratch.broken[warp_.sample];
    for (int bad = tacet::kBadCount; bad < tacet::kBadUnit; bad++) {
      if ((broken >> -bad & 1) != 0) {
        return bad;
      }
    }
    if (bad_unit_) {
      return tacet::kBadUnit;
    }
    if (*a_.scratch.senseless != 0) {
      return tacet::kBadParameters;
    }
    if (broken != 0) {
      return tacet::kNotFinite;
    }
    return total_ > tacet::kMostSpikes ? tacet::kRunaway : total_;
  }

  const GridForwardArguments& a_;
  const GridWarp warp_;
  const Neurons neurons_;
  const int events_;
  /** The next input event and its step. */
  int event_ = 0;
  int event_step_ = kNoStep;
  int total_ = 0;
  int grazes_ = 0;
  bool bad_unit_ = false;
};

/**
 * Calls launch(done, part, from, to) for the parts of a pass: `part` samples that run together, after
 * the `done` first ones, and the steps of a launch; the counters of their barriers are zeroed.
 *
 * @param resident() how many blocks run together, of a kernel with several tiles
 */
template <typename Resident, typename Launch>
void grid_in_parts(const tacet::GridCall& call, const GridTiling& tiling, unsigned int* barrier,
                   int first, int samples, tacet::Stream stream, Resident&& resident,
                   Launch&& launch) {
  // Blocks of a sample wait for one another and have to run together; other samples may follow.
  const int together = tiling.tiles == 1 ? samples : resident() / tiling.tiles;
  for (int done = 0; done < samples; done += together) {
    const int part = min(together, samples - done);
    in_launches(call, [&](int from, int to) {
      if (tiling.tiles > 1) {
        fill_bytes(barrier + first + done, 0, part * sizeof(unsigned int), stream);
      }
      launch(done, part, from, to);
    });
  }
}

/** A forward pass: prepare() its constants, then simulate() all samples. */
template <typename Prepare, typename Simulate>
void grid_run_forward(const tacet::GridCall& call, const GridForwardScratch& scratch,
                      int receptors, tacet::Stream stream, Prepare&& prepare,
                      Simulate&& simulate) {
  prepare();
  clear_ring(call, scratch, receptors, stream);
  fill_bytes(scratch.broken, 0, call.in.batch * sizeof(int32_t), stream);
  fill_bytes(call.out.grazes, 0, call.in.batch * sizeof(int32_t), stream);
  simulate();
}

}  // namespace TACET_NS

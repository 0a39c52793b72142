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

/** A neuron of the calling lane. */
struct GridNeuron {
  int n;
  /** Its place within the tile. */
  int at;
  /** Its place among those of the lane, a constant where Neurons::kHeld is not 0. */
  int held;
};

/**
 * One warp's part of the simulation of a sample. `at` is the place of a neuron within its tile.
 *
 * Neurons has kHeld, the most neurons of a lane that its registers hold, or 0 where a lane has any
 * number of them, receptors(), how many currents a neuron has, receptor(weight), which of them a
 * weight is added to, current(at, receptor), a reference, and of one GridNeuron
 *   begin(neuron), sum(neuron), not finite unless all of its state is,
 *   save(neuron, words, stride) and restore(neuron, words, stride), its words() of state, and
 *   advance(neuron, step, &slope, &grazes): moves it by a step; whether it spikes.
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
  /** Calls visit(neuron) for the neurons of the warp, 32 at a time; n may be behind the last. */
  template <typename Visit>
  __device__ __forceinline__ void each_32(Visit&& visit) const {
    const auto call = [&](int held) {
      const int n = warp_.first + 32 * held + lane_id();
      visit(GridNeuron{n, n - warp_.tile_first, held});
    };
    if constexpr (Neurons::kHeld > 0) {
#pragma unroll
      for (int held = 0; held < Neurons::kHeld; held++) {
        if (warp_.first + 32 * held < warp_.last) {
          call(held);
        }
      }
    } else {
      for (int held = 0; warp_.first + 32 * held < warp_.last; held++) {
        call(held);
      }
    }
  }

  /** Calls visit(neuron) for those of the lane. */
  template <typename Visit>
  __device__ __forceinline__ void each_neuron(Visit&& visit) const {
    each_32([&](const GridNeuron& neuron) {
      if (neuron.n < warp_.last) {
        visit(neuron);
      }
    });
  }

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
    each_neuron([&](const GridNeuron& neuron) { neurons_.begin(neuron); });
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
    each_neuron([&](const GridNeuron& neuron) {
      neurons_.save(neuron, kept(neuron.n), kept_stride());
    });
    if (lane_id() == 0) {
      progress() = {event_, total_, bad_unit_ ? 1 : 0};
    }
  }

  __device__ void resume() {
    each_neuron([&](const GridNeuron& neuron) {
      neurons_.restore(neuron, kept(neuron.n), kept_stride());
    });
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

  /** Makes an input event the next one, and that and the 31 after it those that are looked up. */
  __device__ void look_at_event(int event) {
    event_ = event;
    events_from_ = event;
    const int mine = event + lane_id();
    looked_up_step_ = kNoStep;
    looked_up_ = GridRow{-1, 0, 0, 0};
    if (mine < events_) {
      looked_up_step_ = a_.scratch.in_steps[at_event(mine)];
      const int source = a_.call.in.units[at_event(mine)];
      if (has_source(a_.call.layer.input, source)) {
        looked_up_ = grid_row_of_lane(a_.call.layer.input, a_.scratch.input_delays, source, warp_);
      }
    }
    event_step_ = __shfl_sync(kFullWarp, looked_up_step_, 0);
  }

  __device__ void next_event() {
    if (event_ + 1 - events_from_ == 32) {
      look_at_event(event_ + 1);
    } else {
      event_++;
      event_step_ = __shfl_sync(kFullWarp, looked_up_step_, event_ - events_from_);
    }
  }

  /** Adds the input events and the delayed arrivals of a step. */
  __device__ void receive(int step) {
    while (event_step_ <= step) {
      const GridRow row = grid_row_from(looked_up_, event_ - events_from_);
      next_event();
      if (row.source >= 0) {
        send(a_.call.layer.input, a_.scratch.input_delays, row, step);
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
    each_32([&](const GridNeuron& neuron) {
      bool spike = false;
      float slope = 0;
      if (neuron.n < warp_.last) {
        spike = neurons_.advance(neuron, step, &slope, &grazes_);
      }
      const unsigned int mask = __ballot_sync(kFullWarp, spike);
      if (spike) {
        const size_t at = lists(step) + warp_.first + spikes + __popc(mask & lanes_below());
        a_.scratch.fired[at] = neuron.n;
        a_.scratch.slopes[at] = slope;
      }
      spikes += __popc(mask);
    });
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
          send_spikes(list, spikes, step);
        }
        // Beyond this the sample is given up, and the sum has to stay an int.
        total_ = min(total_ + spikes, tacet::kMostSpikes + 1);
      }
    }
  }

  /** Sends listed spikes to the targets of the warp. */
  __device__ void send_spikes(size_t list, int spikes, int step) {
    const SynapseView& rows = a_.call.layer.recurrent;
    const int32_t* const delays = a_.scratch.recurrent_delays;
    for (int start = 0; start < spikes; start += 32) {
      const int count = min(32, spikes - start);
      const bool in_turn = count <= kGridRowsInTurn;
      const int32_t* const fired = a_.scratch.fired + list + start;
      GridRow mine;
      if (!in_turn && lane_id() < count) {
        mine = grid_row_of_lane(rows, delays, fired[lane_id()], warp_);
      }
      for (int k = 0; k < count; k++) {
        const GridRow row =
            in_turn ? grid_row_of_warp(rows, delays, fired[k], warp_) : grid_row_from(mine, k);
        send(rows, delays, row, step);
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

  __device__ void send(const SynapseView& rows, const int32_t* delays, const GridRow& row, int step) {
    float* const ring = a_.scratch.ring;
    const int slots = a_.call.slots;
    const int steps = a_.call.steps;
    const size_t base = static_cast<size_t>(warp_.sample) * slots;
    const int neurons = a_.call.layer.neurons;
    grid_walk(rows, delays, row, warp_, step,
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
    each_neuron([&](const GridNeuron& neuron) {
      if (a_.scratch.ring != nullptr) {
        for (int r = 0; r < neurons_.receptors(); r++) {
          float* const arriving = a_.scratch.ring + r * ring_of_receptor() + ring + neuron.n;
          neurons_.current(neuron.at, r) += *arriving;
          *arriving = 0;
        }
      }
      if (keep) {
        neurons_.save(neuron, a_.path + path + neuron.n, neurons);
      }
    });
    __syncwarp();
  }

  __device__ void finish(GridBarrier& barrier) {
    each_neuron([&](const GridNeuron& neuron) {
      const float sum = neurons_.sum(neuron);
      if (__float_as_uint(fabsf(sum)) >= 0x7f800000u) {
        atomicOr(&a_.scratch.broken[warp_.sample], 1 << -tacet::kNotFinite);
      }
    });
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
  Neurons neurons_;
  const int events_;
  /** The next input event and its step. */
  int event_ = 0;
  int event_step_ = kNoStep;
  /** The first of the 32 events that are looked up; to each lane the step and row of its own. */
  int events_from_ = 0;
  int looked_up_step_ = kNoStep;
  GridRow looked_up_;
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

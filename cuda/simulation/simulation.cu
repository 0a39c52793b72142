// Networks of leaky integrate-and-fire neurons, many steps in one call. Exact propagator of V and I:
// Rotter and Diesmann, Biol. Cybern. 81 (1999).
//
// Three launches per step, none of which waits for the host:
//  1. advance: a thread per neuron; takes what arrives out of the ring, draws Poisson input, and
//     writes the spikes as a bitmap.
//  2. list: one block turns the bitmap into an ascending list and appends it to the record.
//  3. the deterministic forward pass of event propagation with delays adds the rows of the spikes.
// Bytes per step: 56 per neuron (24 of coefficients, 16 of state, 12 of the ring, 4 of the class),
// 12 per Poisson neuron more from L1, 16 per spike, and 10 per synapse of a spike and as many updates
// of the ring. Flops: 6 per neuron and 2 per synapse. Floor: those bytes over the bandwidth.
#include "common/kernel.cuh"
#include "common/philox.cuh"
#include "propagate/propagate.h"
#include "simulation/simulation.h"

namespace TACET_NS {

namespace {

using tacet::SimulationView;

constexpr int kThreads = 256;

/** Counter words of the draws: upper 8 bits and lower 24; elements of a row of starts. */
constexpr uint32_t kUpper = 4;
constexpr uint32_t kLower = 5;
constexpr int kStarts = 256;

/** Number of Poisson events of a neuron in a step; see io.tacet.simulation.PoissonInput. */
__device__ int poisson_events(const SimulationView& s, uint32_t neuron, uint32_t step,
                              uint32_t step_high) {
  const PhiloxWords words = philox(neuron / 16, step, step_high, kUpper, s.seed);
  const uint32_t upper = (philox_word(words, neuron / 4) >> (8 * (neuron % 4))) & 255u;
  const int row = __ldg(s.classes + neuron);
  int number = __ldg(s.starts + static_cast<size_t>(row) * kStarts + upper);
  if (number < 0) {
    number = -1 - number;
    const uint32_t lower = philox(neuron, step, step_high, kLower, s.seed).x0 >> 8;
    const int key = static_cast<int>(((upper << 24) | lower) ^ 0x80000000u);
    const int32_t* limits = s.limits + static_cast<size_t>(row) * s.width;
    while (key > __ldg(limits + number)) {
      number++;
    }
  }
  return number;
}

__global__ void __launch_bounds__(kThreads)
    simulation_advance_kernel(SimulationView s, float* __restrict__ slot, uint32_t step,
                              uint32_t step_high) {
  const int n = static_cast<int>(blockIdx.x * kThreads + threadIdx.x);
  bool spikes = false;
  if (n < s.neurons) {
    float arriving = slot[n];
    slot[n] = 0.0f;
    if (s.classes != nullptr) {
      const int number = poisson_events(s, static_cast<uint32_t>(n), step, step_high);
      arriving += __ldg(s.weights + n) * static_cast<float>(number);
    }
    const float current = s.currents[n];
    float v = __ldg(s.alpha + n) * s.potentials[n] +
              (__ldg(s.gamma + n) * current + __ldg(s.drive + n));
    s.currents[n] = __ldg(s.beta + n) * current + arriving;
    const int countdown = s.countdowns[n];
    if (countdown > 0) {
      s.countdowns[n] = countdown - 1;
      v = __ldg(s.reset + n);
    } else if (v >= __ldg(s.threshold + n)) {
      spikes = true;
      s.countdowns[n] = s.refractory;
      v = __ldg(s.reset + n);
    }
    s.potentials[n] = v;
  }
  const uint32_t word = __ballot_sync(kFullWarp, spikes);
  if (lane_id() == 0 && n < s.neurons) {
    s.bitmap[n / 32] = word;
  }
}

__global__ void __launch_bounds__(kThreads) simulation_list_kernel(SimulationView s, int step) {
  const int words = (s.neurons + 31) / 32;
  const int recorded = *s.record_count;
  int before = 0;
  for (int first = 0; first < words; first += kThreads) {
    const int index = first + static_cast<int>(threadIdx.x);
    uint32_t word = index < words ? s.bitmap[index] : 0u;
    int total;
    int rank = before + block_exclusive_scan(__popc(word), &total);
    for (; word != 0; word &= word - 1) {
      const int unit = index * 32 + __ffs(static_cast<int>(word)) - 1;
      s.list[rank] = unit;
      s.record_units[recorded + rank] = unit;
      s.record_steps[recorded + rank] = step;
      rank++;
    }
    before += total;
  }
  // Every thread has read the count before the barriers of the scan.
  if (threadIdx.x == 0) {
    *s.count = before;
    *s.record_count = recorded + before;
  }
}

__global__ void simulation_clear_kernel(int32_t* count) {
  if (threadIdx.x == 0) {
    *count = 0;
  }
}

}  // namespace

void simulate(const tacet::RowsView& rows, const tacet::SlotsView& ring,
              const tacet::SimulationView& simulation, int64_t first, int steps,
              tacet::Stream stream) {
  const tacet::ListsView lists{simulation.count, simulation.list,   nullptr,
                               simulation.bitmap, 1, simulation.neurons};
  TACET_LAUNCH(simulation_clear_kernel, 1, 32, 0, stream, simulation.record_count);
  for (int k = 0; k < steps; k++) {
    const int64_t step = first + k;
    tacet::SlotsView now = ring;
    now.slot = static_cast<int>(step % ring.slots);
    float* slot = ring.values + static_cast<size_t>(now.slot) * simulation.neurons;
    TACET_LAUNCH(simulation_advance_kernel, tacet::ceil_div(simulation.neurons, kThreads), kThreads,
                 0, stream, simulation, slot, static_cast<uint32_t>(step),
                 static_cast<uint32_t>(step >> 32));
    TACET_LAUNCH(simulation_list_kernel, 1, kThreads, 0, stream, simulation, k);
    forward(rows, lists, now, true, stream);
  }
}

}  // namespace TACET_NS

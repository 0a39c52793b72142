// Simulations on arrays of the exact size, so that the address sanitizer sees every element beyond
// them, against plain loops, bit for bit.
#include "simulation/simulation.h"

#include <vector>

#include "check.h"
#include "propagate/propagate.h"

namespace {

constexpr int kNeurons = 301;
constexpr int kSlots = 6;
constexpr int kSteps = 40;
constexpr int kRefractory = 4;
constexpr int kWidth = 3;

/** A network in which pairs have several synapses with different delays, and its state. */
struct Circuit {
  std::vector<int32_t> offsets{0};
  std::vector<int32_t> targets;
  std::vector<float> weights;
  std::vector<uint16_t> delays;
  std::vector<float> alpha = std::vector<float>(kNeurons, 0.99f);
  std::vector<float> beta = std::vector<float>(kNeurons, 0.8f);
  std::vector<float> gamma = std::vector<float>(kNeurons, 0.05f);
  std::vector<float> drive;
  std::vector<float> threshold = std::vector<float>(kNeurons, 1.0f);
  std::vector<float> reset = std::vector<float>(kNeurons, 0.1f);
  std::vector<float> v;
  std::vector<float> i = std::vector<float>(kNeurons);
  std::vector<int32_t> countdowns = std::vector<int32_t>(kNeurons);
  std::vector<float> ring = std::vector<float>(kSlots * kNeurons);
  // One class: 0, 1 or 2 events with probabilities 1/4, 1/2 and 1/4, decided by the upper bits.
  std::vector<int32_t> classes = std::vector<int32_t>(kNeurons);
  std::vector<int32_t> limits{-0x40000001, 0x3fffffff, 0x7fffffff};
  std::vector<int32_t> starts;
  std::vector<float> input = std::vector<float>(kNeurons, 0.25f);

  explicit Circuit(bool lower_bits) {
    for (int n = 0; n < kNeurons; n++) {
      for (int k = 0; k < n % 23; k++) {
        targets.push_back(k * (kNeurons - 1) / 23);
        delays.push_back(1 + (n + k) % 2);
        targets.push_back(k * (kNeurons - 1) / 23);
        delays.push_back(3 + (n * k) % 3);
      }
      offsets.push_back(static_cast<int32_t>(targets.size()));
      drive.push_back(0.005f + 0.0001f * static_cast<float>(n % 50));
      v.push_back(0.003f * static_cast<float>(n % 300));
    }
    for (size_t s = 0; s < targets.size(); s++) {
      weights.push_back(0.01f * static_cast<float>(s % 17) - 0.06f);
    }
    for (int upper = 0; upper < 256; upper++) {
      const int number = upper / 64 == 0 ? 0 : upper / 64 == 3 ? 2 : 1;
      starts.push_back(lower_bits ? -1 : number);
    }
  }

  tacet::RowsView rows() const {
    tacet::RowsView view{};
    view.format = tacet::Format::kCsr;
    view.sources = kNeurons;
    view.targets = kNeurons;
    view.mean = 20;
    view.multiprocessors = 2;
    view.weights = weights.data();
    view.offsets = offsets.data();
    view.indices = targets.data();
    view.shape = {64, 5, 8, 1};
    return view;
  }
};

/** Spikes of a simulation and the state after it. */
struct Outcome {
  std::vector<int32_t> steps;
  std::vector<int32_t> units;
  std::vector<float> v;
  std::vector<float> i;
  std::vector<float> ring;

  bool operator==(const Outcome& o) const {
    return steps == o.steps && units == o.units && v == o.v && i == o.i && ring == o.ring;
  }
};

Outcome simulated(Circuit c, const std::vector<int>& calls) {
  std::vector<int32_t> record_steps(kNeurons * kSteps);
  std::vector<int32_t> record_units(kNeurons * kSteps);
  int32_t recorded = 77;
  std::vector<uint32_t> bitmap((kNeurons + 31) / 32);
  std::vector<int32_t> list(kNeurons);
  int32_t count = 0;
  tacet::RowsView rows = c.rows();
  std::vector<int32_t> pivots(kNeurons * (rows.shape.tiles + 1));
  tacet_host::pivots(rows, pivots.data(), nullptr);
  rows.pivots = pivots.data();
  const tacet::SlotsView ring{c.ring.data(), c.delays.data(), true, kSlots, 0};
  const tacet::SimulationView view{
      c.alpha.data(),  c.beta.data(),      c.gamma.data(), c.drive.data(),
      c.threshold.data(), c.reset.data(),  c.v.data(),     c.i.data(),
      c.countdowns.data(), c.classes.data(), c.limits.data(), c.starts.data(),
      c.input.data(),  5,                  kWidth,         kNeurons,
      kRefractory,     record_steps.data(), record_units.data(), &recorded,
      bitmap.data(),   list.data(),        &count};
  Outcome outcome;
  int first = 0;
  for (int steps : calls) {
    tacet_host::simulate(rows, ring, view, first, steps, nullptr);
    for (int k = 0; k < recorded; k++) {
      outcome.steps.push_back(first + record_steps[k]);
      outcome.units.push_back(record_units[k]);
    }
    first += steps;
  }
  outcome.v = c.v;
  outcome.i = c.i;
  outcome.ring = c.ring;
  return outcome;
}

uint32_t high_product(uint32_t a, uint32_t b) {
  return static_cast<uint32_t>(static_cast<uint64_t>(a) * b >> 32);
}

/** Philox4x32-10, word by word. */
std::vector<uint32_t> philox(uint32_t c0, uint32_t c1, uint32_t c3, uint32_t key) {
  uint32_t x[4] = {c0, c1, 0, c3};
  uint32_t k[2] = {key, 0};
  for (int round = 0; round < 10; round++) {
    const uint32_t y[4] = {high_product(0xCD9E8D57u, x[2]) ^ x[1] ^ k[0], 0xCD9E8D57u * x[2],
                           high_product(0xD2511F53u, x[0]) ^ x[3] ^ k[1], 0xD2511F53u * x[0]};
    for (int w = 0; w < 4; w++) {
      x[w] = y[w];
    }
    k[0] += 0x9E3779B9u;
    k[1] += 0xBB67AE85u;
  }
  return {x[0], x[1], x[2], x[3]};
}

float poisson_events(uint32_t neuron, uint32_t step) {
  const uint32_t upper = philox(neuron / 16, step, 4, 5)[neuron % 16 / 4] >> (8 * (neuron % 4));
  const uint32_t word = (upper & 255u) << 24 | philox(neuron, step, 5, 5)[0] >> 8;
  return word < 0x40000000u ? 0.0f : word < 0xc0000000u ? 1.0f : 2.0f;
}

Outcome expected(Circuit c) {
  Outcome outcome;
  for (int step = 0; step < kSteps; step++) {
    float* slot = c.ring.data() + step % kSlots * kNeurons;
    std::vector<int> fired;
    for (int n = 0; n < kNeurons; n++) {
      const float arriving =
          slot[n] + c.input[n] * poisson_events(static_cast<uint32_t>(n), static_cast<uint32_t>(step));
      slot[n] = 0;
      c.v[n] = c.alpha[n] * c.v[n] + (c.gamma[n] * c.i[n] + c.drive[n]);
      c.i[n] = c.beta[n] * c.i[n] + arriving;
      if (c.countdowns[n] > 0) {
        c.countdowns[n]--;
        c.v[n] = c.reset[n];
      } else if (c.v[n] >= c.threshold[n]) {
        c.countdowns[n] = kRefractory;
        c.v[n] = c.reset[n];
        fired.push_back(n);
        outcome.steps.push_back(step);
        outcome.units.push_back(n);
      }
    }
    for (int n : fired) {
      for (int s = c.offsets[n]; s < c.offsets[n + 1]; s++) {
        c.ring[(step + c.delays[s]) % kSlots * kNeurons + c.targets[s]] += c.weights[s];
      }
    }
  }
  outcome.v = c.v;
  outcome.i = c.i;
  outcome.ring = c.ring;
  return outcome;
}

}  // namespace

TEST_CASE("spikes and states are those of plain loops") {
  for (bool lower_bits : {false, true}) {
    const Circuit circuit(lower_bits);
    const Outcome plain = expected(circuit);
    CHECK(plain.units.size() > kNeurons);
    tacet::test::under_every_schedule([&] { CHECK(simulated(circuit, {kSteps}) == plain); });
  }
}

TEST_CASE("steps may be divided into calls in any way") {
  const Circuit circuit(false);
  const Outcome plain = expected(circuit);
  CHECK(simulated(circuit, {1, 2, 30, kSteps - 33}) == plain);
}

int main() { return tacet::test::run_all(); }

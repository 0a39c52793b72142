// The grid simulator and its adjoint against plain loops in double precision, here so that the
// sanitizers see the kernels with several tiles, compressed rows and delays; the full suite is in
// Java.
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <vector>

#include "check.h"
#include "eventprop/grid.h"

using tacet::test::under_every_schedule;

namespace {

constexpr int kInputs = 3;
constexpr int kEvents = 4;
constexpr int kNeurons = 70;
constexpr int kSteps = 40;
constexpr int kCapacity = 2 * kNeurons;
constexpr double kTauMem = 20;
constexpr double kTauSyn = 5;
constexpr double kReset = -0.5;

using Matrix = std::vector<std::vector<double>>;

Matrix matrix(int rows, int columns) {
  return Matrix(static_cast<size_t>(rows), std::vector<double>(static_cast<size_t>(columns)));
}

/** A layer: two thirds of the input synapses, all recurrent ones, a delay per recurrent source. */
struct Layer {
  std::vector<float> input;
  std::vector<int32_t> offsets{0};
  std::vector<uint16_t> indices;
  std::vector<float> recurrent;
  std::vector<float> delays;
  std::array<float, kEvents> times{0, 1, 7, 19};
  std::array<int32_t, kEvents> units{0, 1, 2, 0};

  Layer() {
    for (int s = 0; s < kInputs; s++) {
      for (int n = 0; n < kNeurons; n++) {
        if ((s + n) % 3 != 0) {
          indices.push_back(static_cast<uint16_t>(n));
          input.push_back(2.0f + 0.03f * static_cast<float>((7 * n + s) % 53));
        }
      }
      offsets.push_back(static_cast<int32_t>(indices.size()));
    }
    for (int k = 0; k < kNeurons * kNeurons; k++) {
      recurrent.push_back(0.002f * static_cast<float>(k % 17 - 8));
    }
    for (int n = 0; n < kNeurons; n++) {
      delays.push_back(static_cast<float>(n % 4));
    }
  }
};

struct Spike {
  int step;
  int unit;
  double slope;
};

/** The same layer by plain loops. */
struct Reference {
  const Layer& layer;
  double a = std::exp(-1 / kTauMem);
  double b = std::exp(-1 / kTauSyn);
  double g = kTauSyn / (kTauMem - kTauSyn) * (a - b);
  std::vector<Spike> spikes;
  std::vector<double> input_gradient;
  std::vector<double> recurrent_gradient = std::vector<double>(kNeurons * kNeurons);
  std::vector<double> delay_gradient = std::vector<double>(kNeurons);
  std::vector<double> input_errors;
  double threshold_gradient = 0;

  explicit Reference(const Layer& of)
      : layer(of), input_gradient(of.input.size()), input_errors(of.times.size()) {
    forward();
    backward();
  }

  void forward() {
    Matrix arriving = matrix(kSteps + 8, kNeurons);
    for (size_t e = 0; e < layer.times.size(); e++) {
      for (int s = layer.offsets[layer.units[e]]; s < layer.offsets[layer.units[e] + 1]; s++) {
        arriving[static_cast<size_t>(layer.times[e])][layer.indices[s]] += layer.input[s];
      }
    }
    std::vector<double> u(kNeurons);
    std::vector<double> i(kNeurons);
    for (int step = 0; step <= kSteps; step++) {
      for (int n = 0; n < kNeurons && step > 0; n++) {
        u[n] = a * u[n] + g * i[n];
        i[n] *= b;
        if (u[n] >= 1) {
          spikes.push_back({step, n, std::max(i[n] - 1, 1 - b)});
          u[n] = kReset;
          for (int m = 0; m < kNeurons; m++) {
            arriving[step + static_cast<size_t>(layer.delays[n])][m] +=
                layer.recurrent[n * kNeurons + m];
          }
        }
      }
      for (int n = 0; n < kNeurons; n++) {
        i[n] += arriving[step][n];
      }
    }
  }

  /** The loss is the sum of the spike times. */
  void backward() {
    Matrix lv = matrix(kSteps + 1, kNeurons);
    Matrix li = matrix(kSteps + 1, kNeurons);
    for (int step = kSteps; step > 0; step--) {
      std::vector<double> before = lv[step];
      for (const Spike& spike : spikes) {
        if (spike.step != step) {
          continue;
        }
        double error = 1;
        const int arrival = step + static_cast<int>(layer.delays[spike.unit]);
        for (int m = 0; m < kNeurons && arrival <= kSteps; m++) {
          const int s = spike.unit * kNeurons + m;
          const double caused = layer.recurrent[s] * (lv[arrival][m] - li[arrival][m]);
          recurrent_gradient[s] -= kTauSyn * li[arrival][m];
          delay_gradient[spike.unit] += caused;
          error += caused;
        }
        const double after = lv[step][spike.unit];
        before[spike.unit] = (error + (spike.slope + 1 - kReset) * after) / spike.slope;
        threshold_gradient += kTauMem * before[spike.unit];
      }
      for (int n = 0; n < kNeurons; n++) {
        li[step - 1][n] = b * li[step][n] + g * kTauMem / kTauSyn * before[n];
        lv[step - 1][n] = a * before[n];
      }
    }
    for (size_t e = 0; e < layer.times.size(); e++) {
      const auto step = static_cast<size_t>(layer.times[e]);
      for (int s = layer.offsets[layer.units[e]]; s < layer.offsets[layer.units[e] + 1]; s++) {
        const int n = layer.indices[s];
        input_gradient[s] -= kTauSyn * li[step][n];
        input_errors[e] += layer.input[s] * (lv[step][n] - li[step][n]);
      }
    }
  }
};

using Floats = std::vector<float>;

/** The kernels on the layer: samples first, first + 1, ...; sample 0 is the reference's. */
struct Pass {
  Layer layer;
  int batch;
  int tiles;
  int launch_steps = 4096;
  bool is_recurrent = true;
  float tau_mem = kTauMem;
  float tau_syn = kTauSyn;
  float threshold = 1;
  float reset = kReset;
  float bias = 0;
  std::vector<int32_t> in_counts;
  Floats in_times;
  std::vector<int32_t> in_units;
  Floats in_errors;
  std::vector<int32_t> counts;
  std::vector<int32_t> grazes;
  Floats times;
  std::vector<int32_t> units;
  Floats slopes;
  Floats errors;
  Floats input;
  Floats recurrent;
  Floats delays;
  Floats neuron = Floats(4);

  Pass(int tile_count, int first, int samples)
      : batch(samples),
        tiles(tile_count),
        in_counts(samples, kEvents),
        in_errors(static_cast<size_t>(samples) * kEvents),
        counts(samples),
        grazes(samples),
        times(static_cast<size_t>(samples) * kCapacity),
        units(times.size()),
        slopes(times.size()),
        errors(times.size()),
        input(layer.input.size()),
        recurrent(layer.recurrent.size()),
        delays(layer.delays.size()) {
    for (int b = first; b < first + samples; b++) {
      for (int e = 0; e < kEvents; e++) {
        in_times.push_back(layer.times[e] + static_cast<float>(b % 2));
        in_units.push_back((layer.units[e] + b) % kInputs);
      }
    }
  }

  tacet::GridCall call() {
    tacet::GridCall call{};
    call.layer.input = {layer.input.data(), layer.offsets.data(), layer.indices.data(), true,
                        nullptr,            false,                kInputs,              kNeurons,
                        kNeurons,           0, 0, 1, 0};
    if (is_recurrent) {
      call.layer.recurrent = {layer.recurrent.data(), nullptr,  nullptr,  false,
                              layer.delays.data(),    false,    kNeurons, kNeurons,
                              kNeurons,               kNeurons, 0, 1, 0};
    }
    call.layer.lif = {&tau_mem, &tau_syn, &threshold, &reset, &bias, 0, 0, 0, 0, 0};
    call.layer.neurons = kNeurons;
    call.layer.duration = kSteps;
    call.inputs = static_cast<int64_t>(layer.input.size());
    call.recurrents = kNeurons * kNeurons;
    call.steps = kSteps;
    call.slots = 4;
    call.tiles = tiles;
    call.launch_steps = launch_steps;
    call.dt = 1;
    call.in = {in_counts.data(), in_times.data(), in_units.data(), nullptr,
               in_errors.data(), nullptr,         batch,           kEvents};
    call.out = {counts.data(), times.data(),  units.data(), slopes.data(),
                errors.data(), grazes.data(), batch,        kCapacity};
    return call;
  }

  /** Forward and back; the loss is the sum of the spike times. */
  void run() {
    size_t bytes = 0;
    tacet_host::grid_forward_bytes(call(), &bytes);
    // No pass may rely on what lies in its workspace.
    std::vector<unsigned char> scratch(bytes, 0xff);
    tacet_host::grid_forward(call(), {scratch.data(), bytes}, nullptr);
    for (size_t b = 0; b < counts.size(); b++) {
      std::fill_n(errors.begin() + static_cast<int>(b) * kCapacity, counts[b], 1.0f);
    }
    tacet::GradientView gradients{input.data(), nullptr,    nullptr, nullptr,   &neuron[0],
                                  &neuron[1],   &neuron[2], nullptr, &neuron[3]};
    if (is_recurrent) {
      gradients.recurrent_weights = recurrent.data();
      gradients.recurrent_delays = delays.data();
    }
    tacet_host::grid_backward_bytes(call(), gradients, &bytes);
    scratch.assign(bytes, 0xff);
    tacet_host::grid_backward(call(), gradients, nullptr, {scratch.data(), bytes}, nullptr);
  }
};

bool close(const std::vector<float>& actual, const std::vector<double>& expected) {
  double scale = 0;
  for (const double x : expected) {
    scale = std::fmax(scale, std::fabs(x));
  }
  for (size_t k = 0; k < expected.size(); k++) {
    if (!(std::fabs(actual[k] - expected[k]) <= 1e-4 * scale)) {
      return false;
    }
  }
  return true;
}

}  // namespace

TEST_CASE("spikes and gradients of a layer in tiles are those of plain loops") {
  const Layer layer;
  const Reference reference(layer);
  CHECK(reference.spikes.size() > 20 && reference.spikes.size() <= kCapacity);
  under_every_schedule([&] {
    for (const int tiles : {1, 2}) {
      Pass pass(tiles, 0, 1);
      pass.run();
      CHECK(pass.counts[0] == static_cast<int>(reference.spikes.size()));
      for (size_t k = 0; k < reference.spikes.size(); k++) {
        CHECK(pass.units[k] == reference.spikes[k].unit);
        CHECK(pass.times[k] == static_cast<float>(reference.spikes[k].step));
      }
      CHECK(close(pass.input, reference.input_gradient));
      CHECK(close(pass.recurrent, reference.recurrent_gradient));
      CHECK(close(pass.delays, reference.delay_gradient));
      CHECK(close({pass.neuron[2]}, {reference.threshold_gradient}));
      CHECK(close(pass.in_errors, reference.input_errors));
    }
  });
}

namespace {

/** Every schedule once, on one OS thread. */
void under_each_order(const std::function<void()>& body) {
  using tacet::emulator::Schedule;
  for (const Schedule schedule : {Schedule::kForward, Schedule::kReverse, Schedule::kRandom}) {
    tacet::emulator::Options options;
    options.schedule = schedule;
    options.seed = 7;
    const tacet::emulator::OptionsScope scope(options);
    body();
  }
}

/** Whether some values of a sample of a batch are those of a pass over that sample alone. */
template <typename T>
bool same_sample(const std::vector<T>& all, int sample, const std::vector<T>& alone) {
  return std::equal(alone.begin(), alone.end(),
                    all.begin() + static_cast<std::ptrdiff_t>(alone.size()) * sample);
}

void add(std::vector<double>& sums, const Floats& terms) {
  sums.resize(terms.size());
  std::transform(terms.begin(), terms.end(), sums.begin(), sums.begin(), std::plus<double>());
}

/** Sample b of a batch has the inputs of sample b % kDifferent. */
constexpr int kDifferent = 2 * kInputs;

/** Expects of each sample what a pass over it alone gives, and of gradients the sums of theirs. */
void expect_all_of(Pass& pass, const std::vector<Pass>& each_alone) {
  std::vector<double> input;
  std::vector<double> delays;
  std::vector<double> neuron;
  pass.run();
  for (int b = 0; b < pass.batch; b++) {
    const Pass& alone = each_alone[b % kDifferent];
    CHECK(alone.counts[0] > 5 && same_sample(pass.counts, b, alone.counts));
    CHECK(same_sample(pass.grazes, b, alone.grazes));
    CHECK(same_sample(pass.times, b, alone.times) && same_sample(pass.units, b, alone.units));
    CHECK(same_sample(pass.slopes, b, alone.slopes));
    CHECK(same_sample(pass.in_errors, b, alone.in_errors));
    add(input, alone.input);
    add(delays, alone.delays);
    add(neuron, alone.neuron);
  }
  CHECK(close(pass.input, input) && close(pass.delays, delays) && close(pass.neuron, neuron));
}

}  // namespace

TEST_CASE("a batch whose blocks do not all run together is simulated part by part") {
  under_each_order([] {
    constexpr int kTiles = 2;
    std::vector<Pass> each_alone;
    for (int b = 0; b < kDifferent; b++) {
      each_alone.emplace_back(kTiles, b, 1);
      each_alone.back().run();
    }
    Pass pass(kTiles, 0, 70);
    static_assert(70 > 2 * tacet::emulator::kMostCooperativeBlocks / kTiles, "several launches");
    expect_all_of(pass, each_alone);
  });
}

namespace {

/** Warps of a layer without recurrence never wait for one another on the way back. */
void expect_the_same_in_parts(int tiles, int samples, int launch_steps, bool is_recurrent) {
  Pass whole(tiles, 0, samples);
  whole.is_recurrent = is_recurrent;
  whole.run();
  Pass parts(tiles, 0, samples);
  parts.is_recurrent = is_recurrent;
  parts.launch_steps = launch_steps;
  parts.run();
  CHECK(whole.counts[0] > 5);
  CHECK(parts.counts == whole.counts && parts.grazes == whole.grazes);
  CHECK(parts.times == whole.times && parts.units == whole.units);
  CHECK(parts.slopes == whole.slopes && parts.in_errors == whole.in_errors);
  CHECK(parts.input == whole.input && parts.recurrent == whole.recurrent);
  CHECK(parts.delays == whole.delays && parts.neuron == whole.neuron);
}

}  // namespace

TEST_CASE("how many steps a launch takes changes no bit") {
  under_each_order([] {
    for (const bool is_recurrent : {true, false}) {
      expect_the_same_in_parts(1, 3, 1, is_recurrent);
      expect_the_same_in_parts(1, 3, 7, is_recurrent);
      expect_the_same_in_parts(2, 1, 1, is_recurrent);
      // Both in parts: the steps and the samples.
      expect_the_same_in_parts(2, tacet::emulator::kMostCooperativeBlocks / 2 + 1, 13,
                               is_recurrent);
    }
  });
}

TEST_CASE("an event of no source is reported whichever launch it falls into") {
  for (const int launch_steps : {1, 4096}) {
    Pass pass(1, 0, 2);
    pass.launch_steps = launch_steps;
    pass.in_units[1] = kInputs;
    pass.run();
    CHECK(pass.counts[0] == tacet::kBadUnit && pass.counts[1] > 5);
  }
}

TEST_CASE("a sample that spikes without end is given up and writes nothing beyond its capacity") {
  // Every neuron spikes at every step, 2^24 + 8192 times in all.
  constexpr int kMany = 8192;
  constexpr int kCapacityOfMany = 8;
  const std::vector<float> weights(kMany);
  const float tau_mem = 1;
  const float tau_syn = 1;
  const float threshold = 1;
  const float reset = 0.9f;
  const float bias = 1e6f;
  int32_t in_count = 0;
  float in_time = 0;
  int32_t in_unit = 0;
  int32_t count = 0;
  int32_t grazes = 0;
  Floats times(kCapacityOfMany);
  Floats slopes(kCapacityOfMany);
  Floats errors(kCapacityOfMany);
  std::vector<int32_t> units(kCapacityOfMany);
  tacet::GridCall call{};
  call.layer.input = {weights.data(), nullptr, nullptr, false, nullptr, false, 1, kMany, kMany,
                      kMany, 0, 1, 0};
  call.layer.lif = {&tau_mem, &tau_syn, &threshold, &reset, &bias, 0, 0, 0, 0, 0};
  call.layer.neurons = kMany;
  call.inputs = kMany;
  call.steps = tacet::kMostSpikes / kMany + 1;
  call.slots = 1;
  call.tiles = 1;
  call.launch_steps = 4096;
  call.dt = 1;
  call.in = {&in_count, &in_time, &in_unit, nullptr, nullptr, nullptr, 1, 1};
  call.out = {&count,        times.data(), units.data(), slopes.data(),
              errors.data(), &grazes,      1,            kCapacityOfMany};
  size_t bytes = 0;
  tacet_host::grid_forward_bytes(call, &bytes);
  std::vector<unsigned char> scratch(bytes, 0xff);
  tacet_host::grid_forward(call, {scratch.data(), bytes}, nullptr);
  CHECK(count == tacet::kRunaway);
  CHECK(units.back() == kCapacityOfMany - 1 && times.back() == 1);
}

int main() { return tacet::test::run_all(); }

// The grid simulator and its adjoint against plain loops in double precision, here so that the
// sanitizers see the kernels with several tiles, compressed rows and delays; the full suite is in
// Java.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "check.h"
#include "eventprop/grid.h"

using tacet::test::under_every_schedule;

namespace {

constexpr int kInputs = 3;
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
  std::vector<float> times{0, 1, 7, 19};
  std::vector<int32_t> units{0, 1, 2, 0};

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

/** The kernels on the layer. */
struct Pass {
  Layer layer;
  float tau_mem = kTauMem;
  float tau_syn = kTauSyn;
  float threshold = 1;
  float reset = kReset;
  float bias = 0;
  int32_t in_count = 4;
  std::vector<float> in_errors = std::vector<float>(4);
  int32_t count = 0;
  int32_t grazes = 0;
  std::vector<float> times = std::vector<float>(kCapacity);
  std::vector<int32_t> units = std::vector<int32_t>(kCapacity);
  std::vector<float> slopes = std::vector<float>(kCapacity);
  std::vector<float> errors = std::vector<float>(kCapacity);

  tacet::GridCall call(int tiles) {
    tacet::GridCall call{};
    call.layer.input = {layer.input.data(), layer.offsets.data(), layer.indices.data(), true,
                        nullptr,            false,                kInputs,              kNeurons,
                        kNeurons,           0};
    call.layer.recurrent = {layer.recurrent.data(), nullptr,  nullptr,  false,
                            layer.delays.data(),    false,    kNeurons, kNeurons,
                            kNeurons,               kNeurons};
    call.layer.lif = {&tau_mem, &tau_syn, &threshold, &reset, &bias, 0, 0, 0, 0, 0};
    call.layer.neurons = kNeurons;
    call.layer.duration = kSteps;
    call.inputs = static_cast<int64_t>(layer.input.size());
    call.recurrents = kNeurons * kNeurons;
    call.steps = kSteps;
    call.slots = 4;
    call.tiles = tiles;
    call.dt = 1;
    call.in = {&in_count,        layer.times.data(), layer.units.data(), nullptr,
               in_errors.data(), nullptr,            1,                  4};
    call.out = {&count,        times.data(), units.data(), slopes.data(),
                errors.data(), &grazes,      1,            kCapacity};
    return call;
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
      Pass pass;
      const tacet::GridCall call = pass.call(tiles);
      size_t bytes = 0;
      tacet_host::grid_forward_bytes(call, &bytes);
      std::vector<char> scratch(bytes);
      tacet_host::grid_forward(call, {scratch.data(), bytes}, nullptr);
      CHECK(pass.count == static_cast<int>(reference.spikes.size()));
      for (size_t k = 0; k < reference.spikes.size(); k++) {
        CHECK(pass.units[k] == reference.spikes[k].unit);
        CHECK(pass.times[k] == static_cast<float>(reference.spikes[k].step));
        pass.errors[k] = 1;
      }
      std::vector<float> input(layer.input.size());
      std::vector<float> recurrent(kNeurons * kNeurons);
      std::vector<float> delays(kNeurons);
      std::vector<float> threshold(1);
      tacet::GradientView gradients{};
      gradients.input_weights = input.data();
      gradients.recurrent_weights = recurrent.data();
      gradients.recurrent_delays = delays.data();
      gradients.threshold = threshold.data();
      tacet_host::grid_backward_bytes(call, gradients, &bytes);
      scratch.assign(bytes, 0);
      tacet_host::grid_backward(call, gradients, nullptr, {scratch.data(), bytes}, nullptr);
      CHECK(close(input, reference.input_gradient));
      CHECK(close(recurrent, reference.recurrent_gradient));
      CHECK(close(delays, reference.delay_gradient));
      CHECK(close(threshold, {reference.threshold_gradient}));
      CHECK(close(pass.in_errors, reference.input_errors));
    }
  });
}

int main() { return tacet::test::run_all(); }

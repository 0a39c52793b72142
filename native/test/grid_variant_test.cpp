// Neurons of a variant on a grid, here so that the sanitizers see the kernels with several tiles,
// delays, launches of few steps and all features; the full suite, with gradients that are known, is in
// Java.
#include <cmath>
#include <vector>

#include "check.h"
#include "eventprop/grid.h"

using tacet::test::under_every_schedule;

namespace {

constexpr int kInputs = 3;
constexpr int kNeurons = 70;
constexpr int kSteps = 60;
constexpr int kCapacity = 6 * kNeurons;
constexpr int kEvents = 4;
constexpr int kBatch = 2;

using Floats = std::vector<float>;

/** A dense recurrent layer with a delay per source; the loss is the sum of the spike times. */
struct Pass {
  bool plain = false;
  int tiles = 1;
  int launch_steps = 4096;
  tacet::VariantView variant{};
  float tau_mem = 20;
  float tau_syn = 5;
  float threshold = 1;
  float reset = -0.5f;
  float bias = 0.125f;
  float refractory = 2.2f;
  float tau_inhibitory = 9;
  float tau_threshold = 30;
  float threshold_jump = 0.375f;
  float tau_adaptation = 40;
  float adaptation_jump = 0.25f;
  bool soft = false;
  Floats input;
  Floats recurrent;
  Floats delays;
  std::vector<int32_t> in_counts = std::vector<int32_t>(kBatch, kEvents);
  Floats in_times;
  std::vector<int32_t> in_units;
  Floats in_errors = Floats(kBatch * kEvents);
  std::vector<int32_t> counts = std::vector<int32_t>(kBatch);
  std::vector<int32_t> grazes = std::vector<int32_t>(kBatch);
  Floats times = Floats(kBatch * kCapacity);
  std::vector<int32_t> units = std::vector<int32_t>(kBatch * kCapacity);
  Floats slopes = Floats(kBatch * kCapacity);
  Floats errors = Floats(kBatch * kCapacity);
  Floats input_gradient = Floats(kInputs * kNeurons);
  Floats recurrent_gradient = Floats(kNeurons * kNeurons);
  Floats delay_gradient = Floats(kNeurons);
  Floats parameters = Floats(11);

  Pass() {
    variant.leaky = true;
    for (int k = 0; k < kInputs * kNeurons; k++) {
      input.push_back(3.0f + 0.03f * static_cast<float>(7 * k % 53));
    }
    for (int k = 0; k < kNeurons * kNeurons; k++) {
      recurrent.push_back(0.01f * static_cast<float>(k % 17 - 8));
    }
    for (int n = 0; n < kNeurons; n++) {
      delays.push_back(static_cast<float>(n % 4));
    }
    for (int b = 0; b < kBatch; b++) {
      for (int e = 0; e < kEvents; e++) {
        in_times.push_back(static_cast<float>(7 * e + b));
        in_units.push_back((e + b) % kInputs);
      }
    }
  }

  /** All features but a neuron without leak, with alpha synapses or without them. */
  Pass& with_all(bool alpha = false) {
    soft = true;
    variant.alpha = alpha;
    variant.refractory = &refractory;
    variant.tau_inhibitory = &tau_inhibitory;
    variant.tau_threshold = &tau_threshold;
    variant.threshold_jump = &threshold_jump;
    variant.tau_adaptation = &tau_adaptation;
    variant.adaptation_jump = &adaptation_jump;
    return *this;
  }

  tacet::GridCall call() {
    tacet::GridCall call{};
    call.layer.input = {input.data(), nullptr,  nullptr,  false,    nullptr,
                        false,        kInputs, kNeurons, kNeurons, kNeurons, 0, 1, 0};
    call.layer.recurrent = {recurrent.data(), nullptr,  nullptr,  false,    delays.data(),
                            false,            kNeurons, kNeurons, kNeurons, kNeurons, 0, 1, 0};
    call.layer.lif = {&tau_mem, &tau_syn, &threshold, soft ? nullptr : &reset, &bias, 0, 0, 0, 0, 0};
    call.layer.neurons = kNeurons;
    call.inputs = kInputs * kNeurons;
    call.recurrents = kNeurons * kNeurons;
    call.steps = kSteps;
    call.slots = 4;
    call.tiles = tiles;
    call.launch_steps = launch_steps;
    call.dt = 1;
    call.in = {in_counts.data(), in_times.data(), in_units.data(), nullptr,
               in_errors.data(), nullptr,         kBatch,          kEvents};
    call.out = {counts.data(), times.data(),  units.data(), slopes.data(),
                errors.data(), grazes.data(), kBatch,       kCapacity};
    return call;
  }

  tacet::GradientView gradients() {
    float* const p = parameters.data();
    tacet::GradientView view{input_gradient.data(),
                             nullptr,
                             recurrent_gradient.data(),
                             delay_gradient.data(),
                             p,
                             p + 1,
                             p + 2,
                             soft ? nullptr : p + 3,
                             p + 4};
    const auto wanted = [](const float* parameter, float* gradient) {
      return parameter == nullptr ? nullptr : gradient;
    };
    view.refractory = wanted(variant.refractory, p + 5);
    view.tau_inhibitory = wanted(variant.tau_inhibitory, p + 6);
    view.tau_threshold = wanted(variant.tau_threshold, p + 7);
    view.threshold_jump = wanted(variant.threshold_jump, p + 8);
    view.tau_adaptation = wanted(variant.tau_adaptation, p + 9);
    view.adaptation_jump = wanted(variant.adaptation_jump, p + 10);
    return view;
  }

  Pass& run() {
    size_t bytes = 0;
    const tacet::GridCall c = call();
    if (plain) {
      tacet_host::grid_forward_bytes(c, &bytes);
    } else {
      tacet_host::grid_variant_forward_bytes(c, variant, &bytes);
    }
    // No pass may rely on what lies in its workspace.
    std::vector<unsigned char> scratch(bytes, 0xff);
    if (plain) {
      tacet_host::grid_forward(c, {scratch.data(), bytes}, nullptr);
    } else {
      tacet_host::grid_variant_forward(c, variant, {scratch.data(), bytes}, nullptr);
    }
    for (int b = 0; b < kBatch; b++) {
      for (int k = 0; k < counts[b]; k++) {
        errors[b * kCapacity + k] = 1;
      }
    }
    if (plain) {
      tacet_host::grid_backward_bytes(c, gradients(), &bytes);
    } else {
      tacet_host::grid_variant_backward_bytes(c, variant, gradients(), &bytes);
    }
    scratch.assign(bytes, 0xff);
    if (plain) {
      tacet_host::grid_backward(c, gradients(), nullptr, {scratch.data(), bytes}, nullptr);
    } else {
      tacet_host::grid_variant_backward(c, variant, gradients(), nullptr, {scratch.data(), bytes},
                                        nullptr);
    }
    return *this;
  }
};

bool close(const Floats& actual, const Floats& expected) {
  float scale = 0;
  for (const float x : expected) {
    scale = std::fmax(scale, std::fabs(x));
  }
  for (size_t k = 0; k < expected.size(); k++) {
    if (!(std::fabs(actual[k] - expected[k]) <= 2e-4f * scale)) {
      return false;
    }
  }
  return scale > 0;
}

void check_close(const Pass& actual, const Pass& expected) {
  CHECK(actual.counts[0] > 20 && actual.counts[0] <= kCapacity);
  CHECK(actual.counts == expected.counts && actual.grazes == expected.grazes);
  CHECK(actual.times == expected.times && actual.units == expected.units);
  CHECK(close(actual.in_errors, expected.in_errors));
  CHECK(close(actual.input_gradient, expected.input_gradient));
  CHECK(close(actual.recurrent_gradient, expected.recurrent_gradient));
  CHECK(close(actual.delay_gradient, expected.delay_gradient));
  CHECK(close(actual.parameters, expected.parameters));
}

}  // namespace

TEST_CASE("neurons without a feature are LIF neurons") {
  under_every_schedule([] {
    Pass lif;
    lif.plain = true;
    check_close(Pass().run(), lif.run());
  });
}

TEST_CASE("a layer in tiles is the same layer") {
  under_every_schedule([] {
    for (const bool alpha : {false, true}) {
      Pass tiles;
      tiles.tiles = 2;
      check_close(tiles.with_all(alpha).run(), Pass().with_all(alpha).run());
    }
  });
}

TEST_CASE("how many steps a launch takes changes no bit of neurons with all features") {
  for (const bool alpha : {false, true}) {
    const Pass whole = Pass().with_all(alpha).run();
    for (const int launch_steps : {1, 7}) {
      Pass parts;
      parts.launch_steps = launch_steps;
      parts.with_all(alpha).run();
      CHECK(parts.counts == whole.counts && parts.times == whole.times);
      CHECK(parts.slopes == whole.slopes && parts.in_errors == whole.in_errors);
      CHECK(parts.input_gradient == whole.input_gradient);
      CHECK(parts.recurrent_gradient == whole.recurrent_gradient);
      CHECK(parts.delay_gradient == whole.delay_gradient);
      CHECK(parts.parameters == whole.parameters);
    }
  }
}

TEST_CASE("parameters of a variant without sense are reported") {
  Pass pass;
  pass.refractory = -1;
  pass.with_all();
  size_t bytes = 0;
  tacet_host::grid_variant_forward_bytes(pass.call(), pass.variant, &bytes);
  std::vector<unsigned char> scratch(bytes, 0xff);
  tacet_host::grid_variant_forward(pass.call(), pass.variant, {scratch.data(), bytes}, nullptr);
  CHECK(pass.counts[0] == tacet::kBadParameters);
}

int main() { return tacet::test::run_all(); }

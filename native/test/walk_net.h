// A net of few neurons with one input source, for tests of the exact simulators, and a pass through it.
#pragma once

#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "check.h"
#include "eventprop/eventprop.h"

namespace tacet::test {

/** Room for pending arrivals of a neuron. */
constexpr int kPending = 4;

/** To so much of the larger of the value and 1. */
inline bool close(double actual, double expected, double bound = 1e-4) {
  return std::fabs(actual - expected) < bound * std::fmax(1.0, std::fabs(expected));
}

/** The pass, with parameters that all neurons share. A derived net gives more of its layer. */
struct WalkNet {
  static constexpr int kCapacity = 16;

  float tau_mem = 20;
  float tau_syn = 5;
  float threshold = 1;
  float reset = 0;
  float bias = 0;
  std::vector<float> input_weights;
  std::vector<float> in_times;
  std::vector<int32_t> in_units;
  int32_t in_count;
  std::vector<float> in_errors;
  int32_t count = 0;
  int32_t grazes = 0;
  std::array<float, kCapacity> times{};
  std::array<int32_t, kCapacity> units{};
  std::array<float, kCapacity> slopes{};
  std::array<float, kCapacity> errors{};

  WalkNet(std::vector<float> weights, std::vector<float> inputs)
      : input_weights(std::move(weights)),
        in_times(std::move(inputs)),
        in_units(in_times.size()),
        in_count(static_cast<int32_t>(in_times.size())),
        in_errors(in_times.size()) {}

  /** Without recurrent synapses. */
  LayerView feed_forward() {
    LayerView view{};
    view.neurons = static_cast<int>(input_weights.size());
    view.input = {input_weights.data(), nullptr, nullptr, false, nullptr, false, 1, view.neurons,
                  view.neurons, view.neurons, 0, 1, 0};
    view.lif = {&tau_mem, &tau_syn, &threshold, &reset, &bias, 0, 0, 0, 0, 0};
    view.duration = 60;
    return view;
  }

  EventView in() {
    return {&in_count, in_times.data(),  in_units.data(), nullptr,
            in_errors.data(), nullptr, 1, static_cast<int>(in_times.size())};
  }

  EventView out() {
    return {&count,        times.data(), units.data(), slopes.data(),
            errors.data(), &grazes,      1,            kCapacity};
  }
};

}  // namespace tacet::test

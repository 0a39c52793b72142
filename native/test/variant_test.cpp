// Exact EventProp of neurons of a variant on a recurrent pair that has all of it, whose spikes and
// gradients are known to many digits (variants.txt of the Java tests), here so that the sanitizers see
// the kernels; the full suite is in Java.
#include <array>
#include <cmath>
#include <vector>

#include "check.h"
#include "eventprop/eventprop.h"

using tacet::EventView;
using tacet::GradientView;
using tacet::LayerView;
using tacet::VariantView;
using tacet::test::under_every_schedule;

namespace {

constexpr int kCapacity = 16;
constexpr int kPending = 4;

bool close(double actual, double expected) {
  return std::fabs(actual - expected) < 2e-4 * std::fmax(1.0, std::fabs(expected));
}

/** Two neurons with one input at 2, 9 and 20 ms, each the other's target with a delay. */
struct Pair {
  float tau_mem = 20;
  float tau_syn = 5;
  float threshold = 1;
  float bias = 0.125f;
  float refractory = 2.5f;
  float tau_inhibitory = 9;
  float tau_threshold = 30;
  float threshold_jump = 0.375f;
  float tau_adaptation = 40;
  float adaptation_jump = 0.5f;
  std::array<float, 2> input_weights{10, 7};
  std::array<float, 4> recurrent_weights{0, 5, -3, 0};
  std::array<float, 4> recurrent_delays{0, 1, 1.5f, 0};
  std::array<float, 3> in_times{2, 9, 20};
  std::array<int32_t, 3> in_units{};
  std::array<float, 3> in_errors{};
  int32_t in_count = 3;
  int32_t count = 0;
  int32_t grazes = 0;
  std::array<float, kCapacity> times{};
  std::array<int32_t, kCapacity> units{};
  std::array<float, kCapacity> slopes{};
  std::array<float, kCapacity> errors{};

  LayerView layer() {
    LayerView view{};
    view.neurons = 2;
    view.input = {input_weights.data(), nullptr, nullptr, false, nullptr, false, 1, 2, 2, 2};
    view.recurrent = {recurrent_weights.data(), nullptr, nullptr, false, recurrent_delays.data(),
                      true, 2, 2, 2, 2};
    view.lif = {&tau_mem, &tau_syn, &threshold, nullptr, &bias, 0, 0, 0, 0, 0};
    view.duration = 60;
    return view;
  }

  VariantView variant() {
    return {true,           &refractory,     &tau_inhibitory,  &tau_threshold, &threshold_jump,
            &tau_adaptation, &adaptation_jump, 0, 0, 0, 0, 0, 0};
  }

  EventView in() {
    return {&in_count, in_times.data(), in_units.data(), nullptr, in_errors.data(), nullptr, 1, 3};
  }

  EventView out() {
    return {&count,        times.data(), units.data(), slopes.data(),
            errors.data(), &grazes,      1,            kCapacity};
  }

  void forward() {
    int32_t overflow = 0;
    std::vector<char> scratch(
        tacet_host::variant_forward_bytes(layer(), in(), out(), kPending, 1));
    tacet_host::variant_forward(layer(), variant(), in(), out(), kPending, &overflow,
                                {scratch.data(), scratch.size()}, nullptr);
    CHECK(overflow == 0);
  }

  void backward(const GradientView& gradients) {
    std::vector<char> scratch(
        tacet_host::variant_backward_bytes(layer(), in(), out(), gradients, 1));
    tacet_host::variant_backward(layer(), variant(), in(), out(), gradients, nullptr,
                                 {scratch.data(), scratch.size()}, nullptr);
  }
};

}  // namespace

TEST_CASE("a recurrent pair of neurons with all features, with gradients") {
  under_every_schedule([] {
    Pair pair;
    pair.forward();
    CHECK(pair.count == 5 && pair.units[0] == 0 && pair.units[4] == 1);
    CHECK(close(pair.times[2], 12.46686422521570194) && close(pair.times[4], 23.381713054197083));
    for (const bool parameters : {false, true}) {
      std::array<float, 2> input{};
      std::array<float, 4> recurrent{};
      std::array<float, 4> delays{};
      std::array<float, 5> more{};
      GradientView gradients{};
      gradients.input_weights = input.data();
      gradients.recurrent_weights = recurrent.data();
      gradients.recurrent_delays = delays.data();
      if (parameters) {
        gradients.refractory = &more[0];
        gradients.tau_inhibitory = &more[1];
        gradients.threshold_jump = &more[2];
        gradients.adaptation_jump = &more[3];
        gradients.threshold = &more[4];
      }
      pair.errors.fill(1);
      pair.backward(gradients);
      CHECK(close(input[0], -2.681677455880691) && close(input[1], -1.977677590622257));
      CHECK(close(recurrent[1], -0.629027913132597) && close(recurrent[2], -2.815971128757375));
      CHECK(close(delays[1], 1.518486184173997) && close(delays[2], -0.187803589854446));
      CHECK(close(pair.in_errors[0], 2.152260285687134) && close(pair.in_errors[2], 2.507710806863072));
      CHECK(!parameters ||
            (close(more[0], 0.492937981075017 + 1.136076891603414) &&
             close(more[1], 0.505038419656424) && close(more[2], 3.627485170449329 + 6.252902101632776) &&
             close(more[3], 2.524667685514690 + 2.381764042342742) &&
             close(more[4], 16.41874738602375 + 13.88406918350322)));
    }
  });
}

TEST_CASE("parameters of a variant without sense are reported") {
  under_every_schedule([] {
    Pair pair;
    pair.refractory = -1;
    pair.forward();
    CHECK(pair.count == tacet::kBadParameters);
  });
}

int main() { return tacet::test::run_all(); }

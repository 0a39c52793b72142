// Exact EventProp of neurons of a variant on a recurrent pair that has all of it, whose spikes and
// gradients are known to many digits (variants.txt of the Java tests), here so that the sanitizers see
// the kernels; the full suite is in Java.
#include <array>
#include <vector>

#include "walk_net.h"

using tacet::GradientView;
using tacet::LayerView;
using tacet::VariantView;
using tacet::test::kPending;
using tacet::test::under_every_schedule;

namespace {

bool close(double actual, double expected) {
  return tacet::test::close(actual, expected, 2e-4);
}

/** Two neurons with one input at 2, 9 and 20 ms, each the other's target with a delay. */
struct Pair : tacet::test::WalkNet {
  float refractory = 2.5f;
  float tau_inhibitory = 9;
  float tau_threshold = 30;
  float threshold_jump = 0.375f;
  float tau_adaptation = 40;
  float adaptation_jump = 0.5f;
  std::array<float, 4> recurrent_weights{0, 5, -3, 0};
  std::array<float, 4> recurrent_delays{0, 1, 1.5f, 0};

  Pair() : WalkNet({10, 7}, {2, 9, 20}) { bias = 0.125f; }

  LayerView layer() {
    LayerView view = feed_forward();
    view.recurrent = {recurrent_weights.data(), nullptr, nullptr, false, recurrent_delays.data(),
                      true, 2, 2, 2, 2};
    view.lif.reset = nullptr;
    return view;
  }

  VariantView variant() {
    return {true,           &refractory,     &tau_inhibitory,  &tau_threshold, &threshold_jump,
            &tau_adaptation, &adaptation_jump, 0, 0, 0, 0, 0, 0};
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

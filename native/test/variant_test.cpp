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
  bool alpha = false;
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
                      true, 2, 2, 2, 2, 0, 1, 0};
    view.lif.reset = nullptr;
    return view;
  }

  VariantView variant() {
    return {true,            alpha, &refractory, &tau_inhibitory, &tau_threshold, &threshold_jump,
            &tau_adaptation, &adaptation_jump, 0, 0, 0, 0, 0, 0};
  }

  void forward() {
    int32_t overflow = 0;
    std::vector<char> scratch(
        tacet_host::variant_forward_bytes(layer(), variant(), in(), out(), kPending, 1));
    tacet_host::variant_forward(layer(), variant(), in(), out(), kPending, &overflow,
                                {scratch.data(), scratch.size()}, nullptr);
    CHECK(overflow == 0);
  }

  void backward(const GradientView& gradients) {
    std::vector<char> scratch(
        tacet_host::variant_backward_bytes(layer(), variant(), in(), out(), gradients, 1));
    tacet_host::variant_backward(layer(), variant(), in(), out(), gradients, nullptr,
                                 {scratch.data(), scratch.size()}, nullptr);
  }
};

/** Times of the spikes 2 and 4, then gradients of the sum of all times. */
struct Expected {
  std::array<double, 2> times;
  std::array<double, 2> input;
  std::array<double, 2> recurrent;
  std::array<double, 2> delays;
  std::array<double, 2> input_times;
  /** Over both neurons. */
  std::array<double, 7> parameters;
};

void check_pair(bool alpha, const Expected& expected) {
  Pair pair;
  pair.alpha = alpha;
  pair.forward();
  CHECK(pair.count == 5 && pair.units[0] == 0 && pair.units[4] == 1);
  CHECK(close(pair.times[2], expected.times[0]) && close(pair.times[4], expected.times[1]));
  for (const bool parameters : {false, true}) {
    std::array<float, 2> input{};
    std::array<float, 4> recurrent{};
    std::array<float, 4> delays{};
    std::array<float, 7> more{};
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
      gradients.tau_syn = &more[5];
      gradients.tau_mem = &more[6];
    }
    pair.errors.fill(1);
    pair.backward(gradients);
    for (size_t k = 0; k < 2; k++) {
      CHECK(close(input[k], expected.input[k]));
      CHECK(close(recurrent[1 + k], expected.recurrent[k]));
      CHECK(close(delays[1 + k], expected.delays[k]));
      CHECK(close(pair.in_errors[2 * k], expected.input_times[k]));
    }
    for (size_t k = 0; parameters && k < more.size(); k++) {
      CHECK(close(more[k], expected.parameters[k]));
    }
  }
}

}  // namespace

TEST_CASE("a recurrent pair of neurons with all features, with gradients") {
  under_every_schedule([] {
    check_pair(false, {{12.46686422522, 23.3817130542},
                       {-2.681677455881, -1.977677590622},
                       {-0.6290279131326, -2.815971128757},
                       {1.518486184174, -0.1878035898544}, {2.152260285687, 2.507710806863},
                       {1.629014872678, 0.5050384196564, 9.880387272082, 4.906431727858,
                        30.30281656953, -5.815118717253, 1.42550452949}});
  });
}

TEST_CASE("the same with alpha synapses") {
  under_every_schedule([] {
    check_pair(true, {{19.2234828444, 28.25419931444},
                      {-5.214358151615, -5.485598741382},
                      {-2.340174549694, -1.041615004262},
                      {0.3683640254264, -0.6973586658547}, {2.812713889715, 0.3360134616488},
                       {7.791736123166, -0.1881261461225, 28.8149040124, 10.50320163158,
                        86.82858400692, -8.267879496513, 4.045874020925}});
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

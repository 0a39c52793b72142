// The exact simulators on small nets whose spikes and gradients are known to many digits, here so
// that the sanitizers see the kernels; the full suite is in Java.
#include <array>
#include <cmath>
#include <vector>

#include "check.h"
#include "eventprop/eventprop.h"

using tacet::EventView;
using tacet::GradientView;
using tacet::LayerView;
using tacet::test::under_every_schedule;

namespace {

constexpr int kCapacity = 8;
constexpr int kPending = 4;

bool close(double actual, double expected) {
  return std::fabs(actual - expected) < 1e-4 * std::fmax(1.0, std::fabs(expected));
}

/** A recurrent pair or one neuron, one input source, and a pass through it. */
struct Net {
  float tau_mem = 20;
  float tau_syn = 5;
  float threshold = 1;
  float reset = 0;
  float bias = 0;
  std::vector<float> input_weights;
  std::vector<float> recurrent_weights;
  std::vector<float> recurrent_delays;
  std::array<int32_t, 3> offsets{0, 1, 2};
  std::array<uint16_t, 2> indices{1, 0};
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

  Net(std::vector<float> weights, std::vector<float> inputs)
      : input_weights(std::move(weights)),
        in_times(std::move(inputs)),
        in_units(in_times.size()),
        in_count(static_cast<int32_t>(in_times.size())),
        in_errors(in_times.size()) {}

  LayerView layer() {
    LayerView view{};
    view.neurons = static_cast<int>(input_weights.size());
    view.input = {input_weights.data(), nullptr, nullptr, false, nullptr, false, 1, view.neurons,
                  view.neurons};
    if (!recurrent_weights.empty()) {
      view.recurrent = {recurrent_weights.data(), offsets.data(), indices.data(), true,
                        recurrent_delays.data(),  true,           2,              2,
                        1};
    }
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

  void forward() {
    int32_t overflow = 0;
    std::vector<char> scratch(
        tacet_host::exact_forward_bytes(layer(), in(), out(), kPending, 1));
    tacet_host::exact_forward(layer(), in(), out(), kPending, &overflow,
                              {scratch.data(), scratch.size()}, nullptr);
    CHECK(overflow == 0);
  }

  void backward(const GradientView& gradients) {
    std::vector<char> scratch(tacet_host::exact_backward_bytes(layer(), in(), out(), gradients, 1));
    tacet_host::exact_backward(layer(), in(), out(), gradients, nullptr,
                               {scratch.data(), scratch.size()}, nullptr);
  }
};

}  // namespace

TEST_CASE("four spikes of one input, with every gradient of the second") {
  under_every_schedule([] {
    Net net({20}, {2});
    net.forward();
    CHECK(net.count == 4 && close(net.times[0], 3.153687643693523) &&
          close(net.times[3], 11.667804409825255));
    for (const bool states : {false, true}) {
      float weight = 0;
      std::array<float, 5> lif{};
      GradientView gradients{};
      gradients.input_weights = &weight;
      gradients.threshold = &lif[0];
      gradients.reset = &lif[1];
      if (states) {
        gradients.tau_mem = &lif[2];
        gradients.tau_syn = &lif[3];
        gradients.bias = &lif[4];
      }
      net.errors = {0, 1};
      net.backward(gradients);
      CHECK(close(weight, -0.1856030166147391741) && close(lif[0], 3.712060332294783) &&
            close(lif[1], -1.729630735296243720) && close(net.in_errors[0], 1));
      CHECK(!states || (close(lif[2], 0.1791845972378329149) &&
                        close(lif[3], -0.1820523231345394311)));
    }
  });
}

TEST_CASE("a recurrent pair with delays") {
  under_every_schedule([] {
    Net net({10, 7}, {2, 20});
    net.recurrent_weights = {5, -3};
    net.recurrent_delays = {1, 1};
    net.forward();
    CHECK(net.count == 4 && net.units[0] == 0 && net.units[3] == 1 &&
          close(net.times[1], 6.280978298877973) && close(net.times[3], 21.955227042977555));
    std::array<float, 2> input{};
    std::array<float, 2> weights{};
    std::array<float, 2> delays{};
    GradientView gradients{};
    gradients.input_weights = input.data();
    gradients.recurrent_weights = weights.data();
    gradients.recurrent_delays = delays.data();
    net.errors = {1, 1, 1, 1};
    net.backward(gradients);
    CHECK(close(input[0], -1.10849165870705) && close(input[1], -3.38549558938891));
    CHECK(close(weights[0], -2.36781279989284) && close(delays[0], 1.59507804438671));
    CHECK(close(net.in_errors[0], 2.9669788631749343));
    CHECK(close(net.in_errors[1], 1.0330211368250664));
  });
}

TEST_CASE("an event of no source and parameters without sense are reported") {
  under_every_schedule([] {
    Net net({20}, {2});
    net.in_units[0] = 1;
    net.forward();
    CHECK(net.count == tacet::kBadUnit);
    Net flat({20}, {2});
    flat.reset = 1;
    flat.forward();
    CHECK(flat.count == tacet::kBadParameters);
  });
}

int main() { return tacet::test::run_all(); }

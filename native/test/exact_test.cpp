// The exact simulators on small nets whose spikes and gradients are known to many digits, here so
// that the sanitizers see the kernels; the full suite is in Java.
#include <algorithm>
#include <array>
#include <vector>

#include "walk_net.h"

using tacet::EventView;
using tacet::GradientView;
using tacet::LayerView;
using tacet::test::close;
using tacet::test::kPending;
using tacet::test::under_every_schedule;

namespace {

/** A recurrent pair or one neuron. */
struct Net : tacet::test::WalkNet {
  std::vector<float> recurrent_weights;
  std::vector<float> recurrent_delays;
  std::array<int32_t, 3> offsets{0, 1, 2};
  std::array<uint16_t, 2> indices{1, 0};

  using WalkNet::WalkNet;

  LayerView layer() {
    LayerView view = feed_forward();
    if (!recurrent_weights.empty()) {
      view.recurrent = {recurrent_weights.data(), offsets.data(), indices.data(), true,
                        recurrent_delays.data(),  true,           2,              2,
                        1,                        0, 0, 1, 0};
    }
    return view;
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

/** Rows that are filled one after the other. */
struct Rows {
  std::vector<float> weights;
  std::vector<int32_t> offsets{0};
  std::vector<uint16_t> indices;

  tacet::SynapseView view(int targets) const {
    const int sources = static_cast<int>(offsets.size()) - 1;
    int longest = 0;
    for (int s = 0; s < sources; s++) {
      longest = std::max(longest, offsets[s + 1] - offsets[s]);
    }
    return {weights.data(), offsets.data(), indices.data(), true,    nullptr,
            false,          sources,        targets,        longest, 0,
            0,              1,              0};
  }
};

/** Many neurons over compressed rows; every source sends an event at 2 ms. */
struct WideNet {
  int neurons;
  int room;
  Rows input;
  Rows recurrent;
  float tau_mem = 20;
  float tau_syn = 5;
  float threshold = 1;
  float reset = 0;
  float bias = 0;
  std::vector<float> in_times;
  std::vector<int32_t> in_units;
  std::vector<float> in_errors;
  int32_t in_count = 0;
  int32_t count = 0;
  int32_t grazes = 0;
  std::vector<float> times;
  std::vector<int32_t> units;
  std::vector<float> slopes;
  std::vector<float> errors;
  std::vector<float> gradient;
  std::vector<float> recurrent_gradient;

  WideNet(int size, int capacity)
      : neurons(size), room(capacity), times(room), units(room), slopes(room), errors(room) {}

  void add(int target, float weight) {
    input.indices.push_back(static_cast<uint16_t>(target));
    input.weights.push_back(weight);
  }

  void end_row() { input.offsets.push_back(static_cast<int32_t>(input.weights.size())); }

  LayerView layer() const {
    LayerView view{};
    view.neurons = neurons;
    view.input = input.view(neurons);
    if (!recurrent.weights.empty()) {
      view.recurrent = recurrent.view(neurons);
    }
    view.lif = {&tau_mem, &tau_syn, &threshold, &reset, &bias, 0, 0, 0, 0, 0};
    view.duration = 60;
    return view;
  }

  EventView in() {
    return {&in_count,        in_times.data(), in_units.data(), nullptr,
            in_errors.data(), nullptr,         1,               in_count};
  }

  EventView out() {
    return {&count, times.data(), units.data(), slopes.data(), errors.data(), &grazes, 1, room};
  }

  void run(int sources) {
    in_count = sources;
    in_times.assign(sources, 2.0f);
    in_errors.assign(sources, 0.0f);
    for (int s = 0; s < sources; s++) {
      in_units.push_back(s);
    }
    int32_t overflow = 0;
    std::vector<char> scratch(
        tacet_host::exact_forward_bytes(layer(), in(), out(), kPending, 1));
    tacet_host::exact_forward(layer(), in(), out(), kPending, &overflow,
                              {scratch.data(), scratch.size()}, nullptr);
    CHECK(overflow == 0);
  }

  int count_of(int unit) const {
    return static_cast<int>(std::count(units.begin(), units.begin() + count, unit));
  }

  /** The loss is the sum of the first spikes of some neurons. */
  void backward(const std::vector<int>& of) {
    for (const int unit : of) {
      errors[std::find(units.begin(), units.end(), unit) - units.begin()] = 1;
    }
    gradient.assign(input.weights.size(), 0.0f);
    recurrent_gradient.assign(recurrent.weights.size(), 0.0f);
    GradientView gradients{};
    gradients.input_weights = gradient.data();
    gradients.recurrent_weights = recurrent.weights.empty() ? nullptr : recurrent_gradient.data();
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

TEST_CASE("compressed rows over several tiles of neurons") {
  constexpr int kNeurons = 70;
  constexpr int kRoom = 5 * kNeurons;
  under_every_schedule([] {
    // Source 0 makes every even neuron spike four times, source 1 every odd one once.
    WideNet net(kNeurons, kRoom);
    for (const int source : {0, 1}) {
      for (int n = source; n < kNeurons; n += 2) {
        net.add(n, source == 0 ? 20.0f : 10.0f);
      }
      net.end_row();
    }
    net.run(2);
    CHECK(net.count == 4 * 35 + 35 && close(net.times[0], 3.153687643693523));
    CHECK(net.count_of(68) == 4 && net.count_of(69) == 1);
    // The loss is the sum of the first spikes of neurons 68 and 69.
    net.backward({68, 69});
    CHECK(close(net.gradient[34], -0.06720901409137081) &&
          close(net.gradient[69], -0.4271515691425077));
    CHECK(net.gradient[0] == 0 && close(net.in_errors[1], 1));
  });
}

TEST_CASE("a chain over more neurons than shared memory holds the state of") {
  constexpr int kNeurons = 1100;
  under_every_schedule([] {
    WideNet net(kNeurons, 4);
    net.add(0, 10);
    net.end_row();
    net.recurrent.weights = {9};
    net.recurrent.offsets.assign(kNeurons + 1, 1);
    net.recurrent.offsets[0] = 0;
    net.recurrent.indices = {kNeurons - 1};
    net.run(1);
    CHECK(net.count == 2 && close(net.times[0], 4.826251755458312) &&
          close(net.times[1], 8.16404024413012) && net.units[1] == kNeurons - 1);
    net.backward({kNeurons - 1});
    CHECK(close(net.gradient[0], -0.42715156914251));
    CHECK(close(net.recurrent_gradient[0], -0.61444408060358));
  });
}

int main() { return tacet::test::run_all(); }

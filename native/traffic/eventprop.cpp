// The exact and the grid simulator of spiking layers, and their adjoints.
#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "tacet_eventprop.h"
#include "tacet_grid.h"
#include "traffic/operations.h"

namespace tacet::traffic {

namespace {

constexpr double kDuration = 30;
constexpr double kStep = 0.1;
constexpr int kInputs = 64;
constexpr int kNeurons = 128;
constexpr int kBatch = 4;
constexpr int kEvents = 48;
constexpr int kCapacity = 1024;
constexpr int kPending = 512;
constexpr int kMostSpikes = 1 << 20;

/** A layer of dense synapses, a batch of input events, and room for its spikes and gradients. */
class Layer {
 public:
  Layer(Random& random, bool recurrent) : is_recurrent_(recurrent) {
    synapses_ = dense(random, kInputs, 0, 0.6f);
    recurrence_ = dense(random, kNeurons, -0.05f, 0.05f);
    lif_ = {one(20), one(5), one(1), one(0), one(0), 1, 1, 1, 1, 1};
    variant_ = {1, 0, one(2), nullptr, one(100), one(0.2f), nullptr, nullptr, 1, 1, 1, 1, 1, 1};
    std::vector<float> times;
    std::vector<int32_t> units;
    for (int b = 0; b < kBatch; b++) {
      const auto at = static_cast<std::ptrdiff_t>(times.size());
      for (int e = 0; e < kEvents; e++) {
        times.push_back(0.8f * static_cast<float>(kDuration) * random());
        units.push_back(static_cast<int32_t>(random() * kInputs));
      }
      std::sort(times.begin() + at, times.end());
    }
    in_ = {device(std::vector<int32_t>(kBatch, kEvents)), device(times), device(units), nullptr,
           device<float>(times.size()), nullptr, kBatch, kEvents};
    constexpr size_t kRoom = size_t{kBatch} * kCapacity;
    out_ = {device<int32_t>(kBatch), device<float>(kRoom), device<int32_t>(kRoom),
            device<float>(kRoom), device<float>(kRoom), device<int32_t>(kBatch), kBatch,
            kCapacity};
    gradients_.input_weights = device(std::vector<float>(kInputs * kNeurons));
    if (recurrent) {
      gradients_.recurrent_weights = device(std::vector<float>(kNeurons * kNeurons));
    }
  }

  void count_exact(Recorder& recorder, const std::string& what) {
    tacet_context* context = recorder.context();
    tacet_value bytes = 0;
    Recorder::run(tacet_exact_forward_bytes(context, &synapses_, recurrence(), &lif_, &in_, &out_,
                                            kPending, kBatch, &bytes));
    const Scratch forward(bytes);
    auto* overflow = device<int32_t>(1);
    const auto pass = [&] {
      Recorder::run(tacet_exact_forward(context, &synapses_, recurrence(), &lif_, kDuration, &in_,
                                        &out_, kMostSpikes, kPending, overflow, forward.memory,
                                        forward.bytes, nullptr));
    };
    pass();
    check_spikes(*overflow == 0);
    recorder.count("exact forward " + what, forward_floor(), pass);
    set_errors();
    Recorder::run(tacet_exact_backward_bytes(context, &synapses_, recurrence(), &lif_, &in_, &out_,
                                             &gradients_, kBatch, &bytes));
    const Scratch backward(bytes);
    recorder.count("exact backward " + what, backward_floor(), [&] {
      Recorder::run(tacet_exact_backward(context, &synapses_, recurrence(), &lif_, kDuration, &in_,
                                         &out_, &gradients_, nullptr, 0, backward.memory,
                                         backward.bytes, nullptr));
    });
  }

  /** Mean potentials of LIF neurons along the events of the exact pass before. */
  void count_means(Recorder& recorder, const std::string& what) {
    tacet_context* context = recorder.context();
    tacet_value bytes = 0;
    Recorder::run(tacet_mean_potentials_bytes(context, &synapses_, recurrence(), &lif_, nullptr,
                                              &in_, &out_, nullptr, nullptr, kBatch, &bytes));
    const Scratch forward(bytes);
    auto* means = device<float>(kBatch * kNeurons);
    recorder.count("mean potentials " + what, forward_floor() + 4.0 * kBatch * kNeurons, [&] {
      Recorder::run(tacet_mean_potentials(context, &synapses_, recurrence(), &lif_, nullptr,
                                          kDuration, &in_, &out_, means, forward.memory,
                                          forward.bytes, nullptr));
    });
    Recorder::run(tacet_mean_potentials_bytes(context, &synapses_, recurrence(), &lif_, nullptr,
                                              &in_, &out_, &gradients_, nullptr, kBatch, &bytes));
    const Scratch backward(bytes);
    recorder.count("mean potentials back " + what, backward_floor() + 4.0 * kBatch * kNeurons, [&] {
      Recorder::run(tacet_mean_potentials_backward(context, &synapses_, recurrence(), &lif_, nullptr,
                                                   kDuration, &in_, &out_, means, &gradients_,
                                                   nullptr, backward.memory, backward.bytes,
                                                   nullptr));
    });
  }

  /** An exact pass of neurons with an adaptive threshold and a refractory period. */
  void count_variant(Recorder& recorder, const std::string& what, bool alpha) {
    variant_.alpha = alpha ? 1 : 0;
    tacet_context* context = recorder.context();
    tacet_value bytes = 0;
    Recorder::run(tacet_variant_forward_bytes(context, &synapses_, recurrence(), &lif_, &variant_,
                                              &in_, &out_, kPending, kBatch, &bytes));
    const Scratch forward(bytes);
    auto* overflow = device<int32_t>(1);
    const auto pass = [&] {
      Recorder::run(tacet_variant_forward(context, &synapses_, recurrence(), &lif_, &variant_,
                                          kDuration, &in_, &out_, kMostSpikes, kPending, overflow,
                                          forward.memory, forward.bytes, nullptr));
    };
    pass();
    check_spikes(*overflow == 0);
    recorder.count("variant forward " + what, forward_floor(), pass);
    set_errors();
    Recorder::run(tacet_variant_backward_bytes(context, &synapses_, recurrence(), &lif_, &variant_,
                                               &in_, &out_, &gradients_, nullptr, kBatch, &bytes));
    const Scratch backward(bytes);
    recorder.count("variant backward " + what, backward_floor(), [&] {
      Recorder::run(tacet_variant_backward(context, &synapses_, recurrence(), &lif_, &variant_,
                                           kDuration, &in_, &out_, &gradients_, nullptr, nullptr, 0,
                                           backward.memory, backward.bytes, nullptr));
    });
  }

  void count_grid(Recorder& recorder, const std::string& what) {
    tacet_context* context = recorder.context();
    const tacet_grid grid = steps();
    tacet_value bytes = 0;
    Recorder::run(tacet_grid_bytes(context, &synapses_, recurrence(), &lif_, &grid, &in_, &out_,
                                   nullptr, &bytes));
    const Scratch forward(bytes);
    const auto pass = [&] {
      Recorder::run(tacet_grid_forward(context, &synapses_, recurrence(), &lif_, &grid, kStep, &in_,
                                       &out_, forward.memory, forward.bytes, nullptr));
    };
    pass();
    check_spikes(true);
    recorder.count("grid forward " + what, forward_floor(), pass);
    set_errors();
    Recorder::run(tacet_grid_bytes(context, &synapses_, recurrence(), &lif_, &grid, &in_, &out_,
                                   &gradients_, &bytes));
    const Scratch backward(bytes);
    recorder.count("grid adjoint " + what, backward_floor(), [&] {
      Recorder::run(tacet_grid_backward(context, &synapses_, recurrence(), &lif_, &grid, kStep,
                                        &in_, &out_, &gradients_, nullptr, 0, backward.memory,
                                        backward.bytes, nullptr));
    });
  }

  /** The same of neurons with an adaptive threshold and a refractory period. */
  void count_grid_variant(Recorder& recorder, const std::string& what, bool alpha) {
    variant_.alpha = alpha ? 1 : 0;
    tacet_context* context = recorder.context();
    const tacet_grid grid = steps();
    tacet_value bytes = 0;
    Recorder::run(tacet_grid_variant_bytes(context, &synapses_, recurrence(), &lif_, &variant_,
                                           &grid, &in_, &out_, nullptr, nullptr, &bytes));
    const Scratch forward(bytes);
    const auto pass = [&] {
      Recorder::run(tacet_grid_variant_forward(context, &synapses_, recurrence(), &lif_, &variant_,
                                               &grid, kStep, &in_, &out_, forward.memory,
                                               forward.bytes, nullptr));
    };
    pass();
    check_spikes(true);
    recorder.count("grid variant forward " + what, forward_floor(), pass);
    set_errors();
    Recorder::run(tacet_grid_variant_bytes(context, &synapses_, recurrence(), &lif_, &variant_,
                                           &grid, &in_, &out_, &gradients_, nullptr, &bytes));
    const Scratch backward(bytes);
    recorder.count("grid variant adjoint " + what, backward_floor(), [&] {
      Recorder::run(tacet_grid_variant_backward(context, &synapses_, recurrence(), &lif_,
                                                &variant_, &grid, kStep, &in_, &out_, &gradients_,
                                                nullptr, nullptr, 0, backward.memory,
                                                backward.bytes, nullptr));
    });
  }

 private:
  tacet_grid steps() const {
    tacet_grid grid{};
    grid.steps = std::llround(kDuration / kStep);
    grid.slots = 1;
    grid.tiles = 1;
    grid.launch_steps = 4096;
    grid.input_synapses = kInputs * kNeurons;
    grid.recurrent_synapses = is_recurrent_ ? kNeurons * kNeurons : 0;
    return grid;
  }

  static const float* one(float value) { return device(std::vector<float>{value}); }

  static tacet_synapses dense(Random& random, int sources, float low, float high) {
    tacet_synapses s{};
    s.weights = device(random.uniform(static_cast<size_t>(sources) * kNeurons, low, high));
    s.sources = sources;
    s.targets = kNeurons;
    s.longest = kNeurons;
    return s;
  }

  const tacet_synapses* recurrence() const { return is_recurrent_ ? &recurrence_ : nullptr; }

  int spikes() const {
    int sum = 0;
    for (int b = 0; b < kBatch; b++) {
      sum += out_.counts[b];
    }
    return sum;
  }

  void check_spikes(bool fits) const {
    for (int b = 0; b < kBatch; b++) {
      fits = fits && out_.counts[b] >= kNeurons / 2 && out_.counts[b] <= kCapacity;
    }
    if (!fits) {
      throw std::runtime_error("a layer spikes too often or too rarely: " +
                               std::to_string(spikes()) + " times");
    }
  }

  void set_errors() {
    for (int k = 0; k < kBatch * kCapacity; k++) {
      out_.errors[k] = 0.01f * static_cast<float>(k % 7 - 3);
    }
  }

  /** Synapses of sources that had an event; all neurons are taken to have spiked. */
  double synapses() const {
    std::vector<bool> active(kInputs);
    for (int e = 0; e < kBatch * kEvents; e++) {
      active[static_cast<size_t>(in_.units[e])] = true;
    }
    const auto sources = static_cast<double>(std::count(active.begin(), active.end(), true));
    return kNeurons * (sources + (is_recurrent_ ? kNeurons : 0));
  }

  /** Weights and input events once; times, units, slopes and errors of spikes. */
  double forward_floor() const {
    return 4 * synapses() + 8.0 * kBatch * kEvents + 16.0 * spikes();
  }

  /** The same to read; gradients to read and write, and errors of the input. */
  double backward_floor() const {
    return forward_floor() + 8 * synapses() + 4.0 * kBatch * kEvents;
  }

  bool is_recurrent_;
  tacet_synapses synapses_;
  tacet_synapses recurrence_;
  tacet_lif lif_;
  tacet_variant variant_{};
  tacet_events in_;
  tacet_events out_;
  tacet_gradients gradients_{};
};

}  // namespace

void count_eventprop(Recorder& recorder) {
  for (const bool recurrent : {false, true}) {
    Random random;
    Layer layer(random, recurrent);
    const std::string what = std::string(recurrent ? "recurrent" : "feed-forward") + " 64 to 128";
    layer.count_exact(recorder, what);
    layer.count_means(recorder, what);
    layer.count_variant(recorder, what, false);
    layer.count_variant(recorder, "with alpha synapses " + what, true);
    layer.count_grid(recorder, what);
    layer.count_grid_variant(recorder, what, false);
    layer.count_grid_variant(recorder, "with alpha synapses " + what, true);
  }
}

}  // namespace tacet::traffic

// Exact layers, read-outs and losses of several replicas in one call against each of them alone, on
// arrays of the exact size.
#include <algorithm>
#include <random>
#include <vector>

#include "check.h"
#include "eventprop/eventprop.h"

namespace {

using namespace tacet::test;
using tacet::EventView;
using tacet::GradientView;
using tacet::LayerView;
using tacet::ReadoutView;
using tacet::Reduction;

using Floats = std::vector<float>;
using Ints = std::vector<int32_t>;

constexpr int kReplicas = 3;
constexpr int kSources = 3;
constexpr int kNeurons = 5;
constexpr int kOutputs = 2;
constexpr int kEvents = 4;
constexpr int kCapacity = 40;
constexpr int kPending = 64;
constexpr float kDuration = 30;

/** All replicas, and what their passes write. */
class Layers {
 public:
  Layers(int samples, bool recurrent) : samples_(samples), recurrent_(recurrent) {
    std::mt19937 random(5);
    const auto draw = [&](size_t count, float low, float high) {
      std::uniform_real_distribution<float> of(low, high);
      Floats values(kReplicas * count);
      std::generate(values.begin(), values.end(), [&] { return of(random); });
      return values;
    };
    weights_ = draw(kSources * kNeurons, 2, 6);
    delays_ = draw(kSources, 0.5f, 4);
    back_ = draw(kNeurons * kNeurons, -1, 0.8f);
    tau_mem_ = draw(1, 18, 22);
    tau_syn_ = draw(kNeurons, 4, 6);
    threshold_ = draw(kNeurons, 0.9f, 1.1f);
    reset_ = draw(1, -0.1f, 0.1f);
    bias_ = draw(1, -0.1f, 0.1f);
    kick_ = draw(kNeurons, -0.01f, 0.01f);
    read_ = draw(kNeurons * kOutputs, -1, 1);
    const size_t batch = static_cast<size_t>(samples);
    times_ = draw(batch * kEvents, 0, 20);
    for (size_t b = 0; b < kReplicas * batch; b++) {
      std::sort(times_.begin() + static_cast<std::ptrdiff_t>(b * kEvents),
                times_.begin() + static_cast<std::ptrdiff_t>((b + 1) * kEvents));
    }
    for (size_t e = 0; e < times_.size(); e++) {
      units_.push_back(static_cast<int32_t>(random() % kSources));
    }
    for (size_t b = 0; b < kReplicas * batch; b++) {
      labels_.push_back(static_cast<int32_t>(random() % kOutputs));
    }
  }

  /** Everything that passes of `count` replicas from `first` on write, replica after replica. */
  std::vector<Floats> run(int first, int count, size_t workspace) {
    const size_t replicas = static_cast<size_t>(count);
    const size_t batch = replicas * static_cast<size_t>(samples_);
    const size_t room = batch * kCapacity;
    Ints in_counts(batch, kEvents), counts(batch), units(room), grazes(batch), predicted(batch);
    Floats in_errors(batch * kEvents), times(room), slopes(room), errors(room);
    const auto from = [&](auto& all, size_t each) {
      return all.data() + static_cast<size_t>(first) * each;
    };
    const size_t own = static_cast<size_t>(samples_);
    const EventView in{in_counts.data(), from(times_, own * kEvents), from(units_, own * kEvents),
                       nullptr, in_errors.data(), nullptr, static_cast<int>(batch), kEvents};
    const EventView out{counts.data(), times.data(), units.data(), slopes.data(), errors.data(),
                        grazes.data(), static_cast<int>(batch), kCapacity};
    LayerView layer{};
    layer.input = {from(weights_, kSources * kNeurons), nullptr, nullptr, false,
                   from(delays_, kSources), false, kSources, kNeurons, kNeurons, kNeurons,
                   kSources * kNeurons, count, 0};
    if (recurrent_) {
      layer.recurrent = {from(back_, kNeurons * kNeurons), nullptr, nullptr, false, nullptr, false,
                         kNeurons, kNeurons, kNeurons, kNeurons, kNeurons * kNeurons, count, 0};
    }
    layer.lif = {from(tau_mem_, 1), from(tau_syn_, kNeurons), from(threshold_, kNeurons),
                 from(reset_, 1), from(bias_, 1), 0, 1, 1, 0, 0};
    layer.neurons = kNeurons;
    layer.duration = kDuration;
    Floats weights(replicas * kSources * kNeurons), delays(replicas * kSources),
        back(replicas * kNeurons * kNeurons), tau_mem(replicas), tau_syn(replicas * kNeurons),
        threshold(replicas * kNeurons), reset(replicas), bias(replicas);
    GradientView gradients{};
    gradients.input_weights = weights.data();
    gradients.input_delays = delays.data();
    gradients.recurrent_weights = recurrent_ ? back.data() : nullptr;
    gradients.tau_mem = recurrent_ ? tau_mem.data() : nullptr;
    gradients.tau_syn = recurrent_ ? tau_syn.data() : nullptr;
    gradients.threshold = threshold.data();
    gradients.reset = reset.data();
    gradients.bias = recurrent_ ? bias.data() : nullptr;
    std::vector<double> memory(workspace / sizeof(double));
    const tacet::Workspace scratch{memory.data(), workspace};
    int32_t overflow = 0;
    tacet_host::exact_forward(layer, in, out, kPending, &overflow, scratch, nullptr);
    CHECK(overflow == 0);
    const ReadoutView readout{{from(read_, kNeurons * kOutputs), nullptr, nullptr, false, nullptr,
                               false, kNeurons, kOutputs, kOutputs, kOutputs, kNeurons * kOutputs,
                               count, 0},
                              from(tau_mem_, 1), from(read_syn_, 1), kDuration, Reduction::kMax};
    Floats values(batch * kOutputs), peaks(batch * kOutputs), value_errors(batch * kOutputs),
        losses(batch), read(replicas * kNeurons * kOutputs);
    tacet_host::readout_forward(readout, out, values.data(), peaks.data(), scratch, nullptr);
    tacet_host::cross_entropy(values.data(), from(labels_, own), static_cast<int>(batch), kOutputs,
                              count, value_errors.data(), losses.data(), predicted.data(), nullptr);
    tacet_host::readout_backward(readout, out, value_errors.data(), peaks.data(), read.data(),
                                 scratch, nullptr);
    tacet_host::exact_backward(layer, in, out, gradients, from(kick_, kNeurons), scratch, nullptr);
    CHECK(*std::max_element(counts.begin(), counts.end()) > 2);
    return {Floats(counts.begin(), counts.end()), stored(counts, times), stored(counts, errors),
            in_errors, weights, delays, back, tau_mem, tau_syn, threshold, reset, bias, values,
            losses, read};
  }

 private:
  static Floats stored(const Ints& counts, const Floats& values) {
    Floats all;
    for (size_t b = 0; b < counts.size(); b++) {
      for (int k = 0; k < counts[b]; k++) {
        all.push_back(values[b * kCapacity + static_cast<size_t>(k)]);
      }
    }
    return all;
  }

  int samples_;
  bool recurrent_;
  Floats weights_, delays_, back_, tau_mem_, tau_syn_, threshold_, reset_, bias_, kick_, read_,
      times_;
  Floats read_syn_ = Floats{3, 4, 5};
  Ints units_, labels_;
};

void compare(int samples, bool recurrent, size_t workspace) {
  Layers layers(samples, recurrent);
  const std::vector<Floats> together = layers.run(0, kReplicas, workspace);
  std::vector<size_t> at(together.size());
  for (int replica = 0; replica < kReplicas; replica++) {
    const std::vector<Floats> alone = layers.run(replica, 1, workspace);
    for (size_t k = 0; k < together.size(); k++) {
      CHECK(at[k] + alone[k].size() <= together[k].size());
      CHECK(std::equal(alone[k].begin(), alone[k].end(),
                       together[k].begin() + static_cast<std::ptrdiff_t>(at[k])));
      at[k] += alone[k].size();
    }
  }
  for (size_t k = 0; k < together.size(); k++) {
    CHECK(at[k] == together[k].size());
  }
}

}  // namespace

TEST_CASE("replicas of exact layers are bit for bit what each is alone") {
  under_every_schedule([] {
    for (const bool recurrent : {false, true}) {
      for (const int samples : {1, 3}) {
        compare(samples, recurrent, size_t{1} << 22);
      }
    }
  });
}

TEST_CASE("recurrent neurons with synapses onto themselves have the same bits under every schedule") {
  std::vector<Floats> first;
  under_every_schedule([&first] {
    const std::vector<Floats> results = Layers(3, true).run(0, 1, size_t{1} << 22);
    if (first.empty()) {
      first = results;
    }
    CHECK(results == first);
  });
}

TEST_CASE("a workspace for some of the replicas takes those at a time") {
  for (const bool recurrent : {false, true}) {
    compare(2, recurrent, recurrent ? 60000 : 20000);
  }
}

int main() { return tacet::test::run_all(); }

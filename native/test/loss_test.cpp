// Losses and exact read-outs where their values are known, here so that the sanitizers see the
// kernels; the full suite is in Java.
#include <array>
#include <cmath>
#include <vector>

#include "check.h"
#include "eventprop/eventprop.h"

using tacet::EventView;
using tacet::Reduction;
using tacet::test::under_every_schedule;

namespace {

bool close(double actual, double expected, double tolerance = 1e-4) {
  return std::fabs(actual - expected) < tolerance * std::fmax(1.0, std::fabs(expected));
}

}  // namespace

TEST_CASE("cross-entropy of values and its errors") {
  under_every_schedule([] {
    constexpr int kClasses = 131;
    constexpr int kBatch = 2;
    std::vector<float> values;
    for (int k = 0; k < kBatch * kClasses; k++) {
      values.push_back(std::sin(0.3f * static_cast<float>(k)));
    }
    const std::array<int32_t, kBatch> labels{130, 0};
    std::vector<float> errors(values.size());
    std::array<float, kBatch> losses{};
    std::array<int32_t, kBatch> predicted{};
    tacet_host::cross_entropy(values.data(), labels.data(), kBatch, kClasses, 1, errors.data(),
                              losses.data(), predicted.data(), nullptr);
    for (int b = 0; b < kBatch; b++) {
      double sum = 0;
      int best = 0;
      for (int c = 0; c < kClasses; c++) {
        sum += std::exp(static_cast<double>(values[b * kClasses + c]));
        best = values[b * kClasses + c] > values[b * kClasses + best] ? c : best;
      }
      CHECK(predicted[b] == best);
      CHECK(close(losses[b], std::log(sum) - values[b * kClasses + labels[b]]));
      for (int c = 0; c < kClasses; c++) {
        const double p = std::exp(static_cast<double>(values[b * kClasses + c])) / sum;
        CHECK(close(errors[b * kClasses + c], (p - (c == labels[b])) / kBatch));
      }
    }
  });
}

TEST_CASE("the loss of first spikes, with a silent output and a second spike") {
  under_every_schedule([] {
    int32_t count = 3;
    std::array<float, 4> times{4, 4.5f, 6};
    std::array<int32_t, 4> units{1, 0, 1};
    std::array<float, 4> errors{9, 9, 9, 9};
    const EventView out{&count, times.data(), units.data(), nullptr, errors.data(), nullptr, 1, 4};
    const tacet::FirstSpikeView loss{0.5f, 6.4f, 3e-3f, false, 30, 3};
    const int32_t label = 0;
    float value = 0;
    int32_t predicted = -1;
    tacet_host::first_spike_loss(loss, out, &label, 1, &value, &predicted, nullptr);
    const double sum = std::exp(-4 / 0.5) + std::exp(-4.5 / 0.5) + std::exp(-30 / 0.5);
    const double early = std::exp(4.5 / 6.4);
    CHECK(predicted == 1);
    CHECK(close(value, 4.5 / 0.5 + std::log(sum) + 3e-3 * (early - 1)));
    CHECK(close(errors[0], -std::exp(-4 / 0.5) / sum / 0.5));
    CHECK(close(errors[1], (1 - std::exp(-4.5 / 0.5) / sum) / 0.5 + 3e-3 / 6.4 * early));
    CHECK(errors[2] == 0);
  });
}

TEST_CASE("of silent outputs none is predicted, and a spike at the end comes before silence") {
  under_every_schedule([] {
    std::array<int32_t, 2> counts{0, 1};
    std::array<float, 2> times{0, 30};
    std::array<int32_t, 2> units{0, 1};
    std::array<float, 2> errors{};
    const EventView out{counts.data(), times.data(), units.data(), nullptr, errors.data(), nullptr,
                        2,             1};
    const tacet::FirstSpikeView loss{0.5f, 6.4f, 3e-3f, false, 30, 3};
    const std::array<int32_t, 2> labels{0, 1};
    std::array<float, 2> values{};
    std::array<int32_t, 2> predicted{7, 7};
    tacet_host::first_spike_loss(loss, out, labels.data(), 1, values.data(), predicted.data(),
                                 nullptr);
    CHECK(predicted[0] == -1 && predicted[1] == 1);
    CHECK(close(values[0], std::log(3) + 3e-3 * (std::exp(30 / 6.4) - 1)));
  });
}

TEST_CASE("exact read-outs of one input over several tiles") {
  constexpr int kOutputs = 70;
  under_every_schedule([] {
    const float tau_mem = 20;
    const float tau_syn = 5;
    std::vector<float> weights(kOutputs, 1.0f);
    weights[69] = 6.349604207872798f;
    int32_t count = 1;
    std::array<float, 2> times{2};
    std::array<int32_t, 2> units{};
    std::array<float, 2> errors{};
    const EventView in{&count, times.data(), units.data(), nullptr, errors.data(), nullptr, 1, 2};
    tacet::ReadoutView layer{};
    layer.input = {weights.data(), nullptr, nullptr,  false,    nullptr,
                   false,          1,       kOutputs, kOutputs, kOutputs, 0, 1, 0};
    layer.tau_mem = &tau_mem;
    layer.tau_syn = &tau_syn;
    layer.duration = 100;
    for (const Reduction reduction : {Reduction::kSum, Reduction::kMax}) {
      layer.reduction = reduction;
      std::vector<float> values(kOutputs);
      std::vector<float> peak_times(kOutputs);
      std::vector<float> gradient(kOutputs);
      const std::vector<float> dx(kOutputs, 1.0f);
      std::vector<char> scratch(tacet_host::readout_bytes(layer, in, true, true, 1));
      const tacet::Workspace workspace{scratch.data(), scratch.size()};
      float* const at = reduction == Reduction::kMax ? peak_times.data() : nullptr;
      tacet_host::readout_forward(layer, in, values.data(), at, workspace, nullptr);
      tacet_host::readout_backward(layer, in, dx.data(), at, gradient.data(), workspace, nullptr);
      const double unit = reduction == Reduction::kSum ? 4.950356117985304 : 1 / 6.349604207872798;
      for (int m = 0; m < kOutputs; m++) {
        CHECK(close(values[m], unit * weights[m]) && close(gradient[m], unit));
        CHECK(at == nullptr || close(peak_times[m], 2 + 9.241962407465937, 1e-2));
      }
      // A maximum moves with the event and keeps its height; an integral loses its end.
      CHECK(reduction == Reduction::kSum || close(errors[0], 0, 1e-3));
    }
  });
}

int main() { return tacet::test::run_all(); }

// Read-outs on a time grid where their values are known, here so that the sanitizers see the
// kernels; the full suite is in Java.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "check.h"
#include "eventprop/grid.h"

using tacet::GridReadoutCall;
using tacet::ReadoutPass;
using tacet::Reduction;
using tacet::test::under_every_schedule;

namespace {

bool close(double actual, double expected, double tolerance = 1e-3) {
  return std::fabs(actual - expected) < tolerance * std::fmax(1.0, std::fabs(expected));
}

/** Some outputs, one source that sends an event at 2 ms, and a second sample without events. */
struct Layer {
  static constexpr int kCapacity = 2;
  static constexpr int kBatch = 2;
  float tau_mem = 20;
  float tau_syn = 5;
  std::vector<float> weights;
  std::array<int32_t, kBatch> counts{1, 0};
  std::array<float, kBatch * kCapacity> times{2};
  std::array<int32_t, kBatch * kCapacity> units{};
  std::array<float, kBatch * kCapacity> errors{};
  std::vector<float> gradient;

  explicit Layer(std::vector<float> row) : weights(std::move(row)), gradient(weights.size()) {}

  int outputs() const { return static_cast<int>(weights.size()); }

  GridReadoutCall call(Reduction reduction) {
    GridReadoutCall call{};
    call.layer.input = {weights.data(), nullptr, nullptr, false, nullptr, false, 1, outputs(),
                        outputs(), outputs(), 0, 1, 0};
    call.layer.tau_mem = &tau_mem;
    call.layer.tau_syn = &tau_syn;
    call.layer.reduction = reduction;
    call.steps = 1001;
    call.dt = 0.1;
    call.in = {counts.data(), times.data(), units.data(), nullptr,
               errors.data(), nullptr,      kBatch,       kCapacity};
    return call;
  }

  /** Values, or losses, of the batch; the adjoint of the first sample's, with dX = 1. */
  std::vector<float> read(Reduction reduction, std::vector<float>* peak_times) {
    std::vector<float> values(static_cast<size_t>(kBatch * outputs()));
    peak_times->assign(values.size(), 0);
    // One sample at a time.
    std::vector<char> scratch(
        tacet_host::grid_readout_bytes(call(reduction), ReadoutPass::kForward, false, 1));
    tacet_host::grid_readout_forward(call(reduction), values.data(), peak_times->data(),
                                     {scratch.data(), scratch.size()}, nullptr);
    std::vector<float> dx(values.size());
    std::fill_n(dx.begin(), outputs(), 1.0f);
    scratch.resize(
        tacet_host::grid_readout_bytes(call(reduction), ReadoutPass::kBackward, true, kBatch));
    tacet_host::grid_readout_backward(call(reduction), dx.data(), peak_times->data(),
                                      gradient.data(), {scratch.data(), scratch.size()}, nullptr);
    return values;
  }
};

}  // namespace

TEST_CASE("an integral and a maximum of one input, whose gradients are theirs per weight") {
  under_every_schedule([] {
    std::vector<float> row(33, 1.0f);
    row[32] = 6.349604207872798f;
    std::vector<float> peak_times;
    Layer sum(row);
    const std::vector<float> integrals = sum.read(Reduction::kSum, &peak_times);
    CHECK(close(integrals[0], 4.950356117985304) && integrals[33] == 0);
    CHECK(close(sum.gradient[0], integrals[0]) && close(sum.gradient[32], integrals[0]));
    Layer max(row);
    const std::vector<float> maxima = max.read(Reduction::kMax, &peak_times);
    CHECK(close(maxima[32], 1) && close(peak_times[32], 2 + 9.241962407465937, 0.02));
    CHECK(close(max.gradient[32], maxima[0]) && close(max.gradient[0], maxima[0]));
    // Where a maximum moves with the event, its height does not change.
    CHECK(close(max.errors[0], 0, 0.05));
  });
}

TEST_CASE("the cross-entropy over time has gradients that cancel over the outputs") {
  under_every_schedule([] {
    Layer layer({3, -1, 2});
    const GridReadoutCall call = layer.call(Reduction::kMean);
    const std::array<int32_t, 2> labels{1, 2};
    std::array<float, 2> losses{};
    std::array<int32_t, 2> predicted{-1, -1};
    std::vector<char> scratch(tacet_host::grid_readout_bytes(call, ReadoutPass::kCrossEntropy, true, 1));
    tacet_host::grid_cross_entropy(call, labels.data(), losses.data(), predicted.data(),
                                   layer.gradient.data(), {scratch.data(), scratch.size()},
                                   nullptr);
    CHECK(close(losses[1], std::log(3.0), 1e-5) && losses[0] > losses[1]);
    CHECK(predicted[0] == 0 && predicted[1] == 0);
    CHECK(layer.gradient[0] > 0 && layer.gradient[1] < 0 && layer.gradient[2] > 0);
    CHECK(close(layer.gradient[0] + layer.gradient[1] + layer.gradient[2], 0, 1e-6));
  });
}

int main() { return tacet::test::run_all(); }

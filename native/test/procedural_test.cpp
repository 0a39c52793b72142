// Procedural synapses: what must hold whatever their targets are. Here so that the sanitizers see
// the kernels; bits are compared in Java.
#include <cmath>
#include <vector>

#include "check.h"
#include "propagate/propagate.h"

using tacet::test::under_every_schedule;

namespace {

constexpr int kSources = 9;
constexpr int kTargets = 150;
constexpr int kFanOut = 70;
constexpr float kWeight = 0.25f;

tacet::RowsView rows() {
  tacet::RowsView view{};
  view.format = tacet::Format::kProcedural;
  view.sources = kSources;
  view.targets = kTargets;
  view.length = kFanOut;
  view.mean = kFanOut;
  view.multiprocessors = 2;
  view.seed = 42;
  view.stratum = (static_cast<uint64_t>(kTargets) << 32) / kFanOut;
  view.law = 0;
  view.first = kWeight;
  view.shape = {192, 1, 2, 1};
  return view;
}

}  // namespace

TEST_CASE("each event reaches one target per stratum, and the transposed pass the same ones") {
  under_every_schedule([] {
    const std::vector<int32_t> counts{2};
    const std::vector<int32_t> units{1, 7};
    const std::vector<float> values{1, 3};
    const std::vector<uint32_t> bitmap{1u << 1 | 1u << 7};
    const tacet::ListsView lists{counts.data(), units.data(), values.data(), bitmap.data(), 1, 2};
    std::vector<float> currents(kTargets);
    tacet_host::forward(rows(), lists, {currents.data(), nullptr, false, 1, 0}, true, nullptr);
    double total = 0;
    for (const float current : currents) {
      // No, one or both events.
      CHECK(current == 0 || current == kWeight || current == 3 * kWeight ||
            current == 4 * kWeight);
      total += current;
    }
    CHECK(total == 4 * kFanOut * kWeight);
    std::vector<float> adjoint;
    double expected = 0;
    for (int m = 0; m < kTargets; m++) {
      adjoint.push_back(std::sin(static_cast<float>(m)));
      expected += adjoint[m] * currents[m];
    }
    std::vector<float> sums(2);
    tacet_host::transposed(rows(), lists, {adjoint.data(), nullptr, false, 1, 0}, sums.data(),
                           nullptr);
    CHECK(std::fabs(sums[0] + 3 * sums[1] - expected) < 1e-4);
  });
}

int main() { return tacet::test::run_all(); }

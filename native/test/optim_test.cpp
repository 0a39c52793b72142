// Parameter updates against plain loops, on arrays of the exact size, so that the sanitizers see
// the kernels; the full suite is in Java.
#include "optim/update.h"

#include <cmath>
#include <vector>

#include "check.h"

using tacet::test::under_every_schedule;

namespace {

constexpr int kCount = 301;

std::vector<float> values(float scale) {
  std::vector<float> result;
  for (int k = 0; k < kCount; k++) {
    result.push_back(scale * std::sin(1.0f + 0.7f * static_cast<float>(k)));
  }
  return result;
}

bool close(double actual, double expected) {
  return std::fabs(actual - expected) < 1e-5 * std::fmax(1.0, std::fabs(expected));
}

}  // namespace

TEST_CASE("Adam with decay, clipping and bounds follows its paper") {
  under_every_schedule([] {
    std::vector<float> parameter = values(1);
    const std::vector<float> gradient = values(3);
    std::vector<float> kept = gradient;
    std::vector<float> first = values(0.1f);
    std::vector<float> second(kCount, 0.04f);
    const std::vector<float> old = parameter;
    const std::vector<float> old_first = first;
    // Two parameters, of which the other is bounded and its gradient cleared.
    constexpr int kPart = 120;
    const tacet::AdamStep step{0.9f, 0.99f, 0.5f, 1e-8f, 2};
    const tacet::Update updates[] = {
        {parameter.data(), kept.data(), first.data(), second.data(), kPart, 0.01f, 0.999f,
         -INFINITY, INFINITY, false},
        {parameter.data() + kPart, kept.data() + kPart, first.data() + kPart,
         second.data() + kPart, kCount - kPart, 0.02f, 1, -0.5f, 0.25f, true}};
    tacet_host::adam(updates, 2, step, nullptr);
    for (int k = 0; k < kCount; k++) {
      const double g = std::fmax(-2.0, std::fmin(2.0, gradient[k]));
      const double m = 0.9 * old_first[k] + 0.1 * g;
      const double v = 0.99 * 0.04 + 0.01 * g * g;
      CHECK(close(first[k], m) && close(second[k], v));
      const double moved = m / (std::sqrt(v) / 0.5);
      const double expected = k < kPart
                                  ? 0.999 * old[k] - 0.01 * moved
                                  : std::fmax(-0.5, std::fmin(0.25, old[k] - 0.02 * moved));
      CHECK(close(parameter[k], expected));
      CHECK(kept[k] == (k < kPart ? gradient[k] : 0.0f));
    }
  });
}

TEST_CASE("descent with momentum, scaling, zeroing and a norm") {
  under_every_schedule([] {
    std::vector<float> parameter = values(1);
    const std::vector<float> gradient = values(3);
    std::vector<float> cleared = gradient;
    std::vector<float> velocity = values(0.2f);
    const std::vector<float> old = parameter;
    const std::vector<float> old_velocity = velocity;
    const tacet::Update update{parameter.data(), cleared.data(), velocity.data(), nullptr, kCount,
                               0.1f, 0, -INFINITY, INFINITY, true};
    tacet_host::sgd(&update, 1, 0.5f, nullptr);
    for (int k = 0; k < kCount; k++) {
      const double moved = 0.5 * old_velocity[k] + gradient[k];
      CHECK(close(velocity[k], moved) && close(parameter[k], old[k] - 0.1 * moved));
      CHECK(cleared[k] == 0.0f);
    }
    std::vector<float> scaled = values(2);
    tacet_host::scale(scaled.data(), kCount, -3, nullptr);
    std::vector<float> clipped = values(2);
    const std::vector<float> unchanged = values(2);
    double expected = 0;
    for (int k = 0; k < kCount; k++) {
      CHECK(scaled[k] == -3 * unchanged[k]);
      expected += static_cast<double>(unchanged[k]) * unchanged[k];
    }
    const tacet::ListedArray arrays[] = {{clipped.data(), 100}, {clipped.data() + 100, kCount - 100}};
    std::vector<double> sums(tacet::kSquaresResults + 2 * tacet::kSquaresParts);
    tacet_host::sum_of_squares(arrays, 2, sums.data(), nullptr);
    CHECK(close(sums[0], expected));
    tacet_host::clip_norm(arrays, 2, 1, sums.data(), nullptr);
    for (int k = 0; k < kCount; k++) {
      CHECK(close(clipped[k], unchanged[k] / std::sqrt(expected)));
    }
    tacet_host::zero(arrays, 2, nullptr);
    for (const float value : clipped) {
      CHECK(value == 0.0f);
    }
  });
}

int main() { return tacet::test::run_all(); }

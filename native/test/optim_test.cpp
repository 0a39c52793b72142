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

TEST_CASE("Adam with decay and clipping follows its paper") {
  under_every_schedule([] {
    std::vector<float> parameter = values(1);
    const std::vector<float> gradient = values(3);
    std::vector<float> first = values(0.1f);
    std::vector<float> second(kCount, 0.04f);
    const std::vector<float> old = parameter;
    const std::vector<float> old_first = first;
    const tacet::AdamStep step{0.9f, 0.99f, 0.999f, 0.01f, 0.5f, 1e-8f, 2};
    tacet_host::adam(parameter.data(), gradient.data(), first.data(), second.data(), kCount, step,
                     nullptr);
    for (int k = 0; k < kCount; k++) {
      const double g = std::fmax(-2.0, std::fmin(2.0, gradient[k]));
      const double m = 0.9 * old_first[k] + 0.1 * g;
      const double v = 0.99 * 0.04 + 0.01 * g * g;
      CHECK(close(first[k], m) && close(second[k], v));
      CHECK(close(parameter[k], 0.999 * old[k] - 0.01 * m / (std::sqrt(v) / 0.5)));
    }
  });
}

TEST_CASE("descent with momentum, clamping, scaling and a sum of squares") {
  under_every_schedule([] {
    std::vector<float> parameter = values(1);
    const std::vector<float> gradient = values(3);
    std::vector<float> velocity = values(0.2f);
    const std::vector<float> old = parameter;
    const std::vector<float> old_velocity = velocity;
    tacet_host::sgd(parameter.data(), gradient.data(), velocity.data(), kCount, 0.1f, 0.5f, 0,
                    nullptr);
    for (int k = 0; k < kCount; k++) {
      const double moved = 0.5 * old_velocity[k] + gradient[k];
      CHECK(close(velocity[k], moved) && close(parameter[k], old[k] - 0.1 * moved));
    }
    std::vector<float> clamped = values(2);
    tacet_host::clamp(clamped.data(), kCount, -0.5f, 1.5f, nullptr);
    std::vector<float> scaled = values(2);
    tacet_host::scale(scaled.data(), kCount, -3, nullptr);
    const std::vector<float> unchanged = values(2);
    double expected = 0;
    for (int k = 0; k < kCount; k++) {
      CHECK(clamped[k] == std::fmax(-0.5f, std::fmin(1.5f, unchanged[k])));
      CHECK(scaled[k] == -3 * unchanged[k]);
      expected += static_cast<double>(unchanged[k]) * unchanged[k];
    }
    std::vector<double> sums(tacet::kSquaresParts + 1);
    tacet_host::sum_of_squares(unchanged.data(), kCount, sums.data(), nullptr);
    CHECK(close(sums[0], expected));
  });
}

int main() { return tacet::test::run_all(); }

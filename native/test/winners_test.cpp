// k-winners-take-all and gain control on arrays of the exact size, so that the address sanitizer sees
// every element beyond them, against plain loops; the full suite is in Java.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "check.h"
#include "dense/dense.h"

namespace {

using Floats = std::vector<float>;
using Words = std::vector<uint32_t>;

/** Many equal ones, if `levels` is small. */
Floats numbers(size_t count, unsigned int seed, int levels) {
  Floats values(count);
  for (float& v : values) {
    seed = seed * 1664525u + 1013904223u;
    v = std::floor(static_cast<float>(seed >> 8) * 0x1p-24f * levels) - levels / 2;
  }
  return values;
}

Words marks_of(const Floats& values, int rows, int units, int winners) {
  const int words = (units + 31) / 32;
  Words marks(rows * words);
  for (int row = 0; row < rows; row++) {
    std::vector<int> order(units);
    std::iota(order.begin(), order.end(), 0);
    const float* x = values.data() + row * units;
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return x[a] > x[b]; });
    for (int k = 0; k < winners; k++) {
      marks[row * words + order[k] / 32] |= 1u << order[k] % 32;
    }
  }
  return marks;
}

Floats masked(const Floats& values, const Words& marks, int units) {
  const int words = (units + 31) / 32;
  Floats masked = values;
  for (size_t k = 0; k < values.size(); k++) {
    const auto i = static_cast<int>(k % units);
    masked[k] = (marks[k / units * words + i / 32] >> i % 32 & 1u) != 0 ? values[k] : 0.0f;
  }
  return masked;
}

void check_winners(int rows, int units, int winners, int levels) {
  const Floats values = numbers(static_cast<size_t>(rows) * units, 1, levels);
  const Words expected = marks_of(values, rows, units, winners);
  Floats kept(values.size(), NAN);
  Words marks(expected.size());
  tacet_host::keep_winners(values.data(), rows, units, winners, kept.data(), marks.data(), nullptr);
  CHECK(marks == expected);
  CHECK(kept == masked(values, expected, units));
  Floats errors = numbers(values.size(), 2, 1000);
  const Floats through = masked(errors, expected, units);
  tacet_host::drop_losers(marks.data(), rows, units, errors.data(), nullptr);
  CHECK(errors == through);
  Floats same = values;
  tacet_host::keep_winners(same.data(), rows, units, winners, same.data(), nullptr, nullptr);
  CHECK(same == kept);
}

void check_gain(int rows, int units) {
  const Floats values = numbers(static_cast<size_t>(rows) * units, 3, 9);
  const Floats errors = numbers(values.size(), 4, 9);
  const float gain = 0.5f;
  Floats controlled(values.size());
  tacet_host::control_gain(values.data(), rows, units, &gain, controlled.data(), nullptr);
  Floats through = errors;
  float gradient = 1;
  std::vector<char> scratch(tacet_host::control_gain_backward_bytes(rows));
  tacet_host::control_gain_backward(values.data(), rows, units, &gain, through.data(), &gradient,
                                    {scratch.data(), scratch.size()}, nullptr);
  double by_gain = 1;
  bool close = true;
  for (int from = 0; from < rows * units; from += units) {
    double mean = 0;
    for (int i = from; i < from + units; i++) {
      mean += std::max(values[i], 0.0f) / static_cast<double>(units);
    }
    double sum = 0;
    for (int i = from; i < from + units; i++) {
      sum += controlled[i] > 0 ? errors[i] : 0.0f;
    }
    by_gain -= mean * sum;
    for (int i = from; i < from + units; i++) {
      const double y = std::max(values[i] - gain * mean, 0.0);
      const double direct = controlled[i] > 0 ? errors[i] : 0.0;
      const double e = direct - (values[i] > 0 ? gain * sum / units : 0);
      close = close && std::fabs(controlled[i] - y) < 1e-5 && std::fabs(through[i] - e) < 1e-5;
    }
  }
  CHECK(close);
  CHECK(std::fabs(gradient - by_gain) < 1e-4 * (1 + std::fabs(by_gain)));
}

}  // namespace

TEST_CASE("winners are those of a stable sort") {
  tacet::test::under_every_schedule([] {
    check_winners(1, 1, 1, 5);
    check_winners(3, 33, 7, 1 << 20);
    check_winners(2, 300, 40, 7);
    check_winners(2, 300, 300, 7);
    check_winners(2, 4100, 60, 1 << 20);
    check_winners(1, 4100, 1500, 3);
  });
}

TEST_CASE("gain control and its adjoint are those of plain loops") {
  tacet::test::under_every_schedule([] {
    check_gain(1, 1);
    check_gain(3, 40);
    check_gain(600, 5);
  });
}

int main() { return tacet::test::run_all(); }

// Oja's rule against plain loops, on arrays of the exact size, so that the sanitizers see the
// kernels; the full suite is in Java.
#include "plasticity/oja.h"

#include <cmath>
#include <vector>

#include "check.h"

using tacet::test::under_every_schedule;

namespace {

std::vector<float> waves(int count, float scale) {
  std::vector<float> result;
  for (int k = 0; k < count; k++) {
    result.push_back(scale * std::sin(1.0f + 0.7f * static_cast<float>(k)));
  }
  return result;
}

/** The formulas in double precision. */
std::vector<double> expected(const tacet::OjaCall& call, const std::vector<float>& weights,
                             const std::vector<float>* gradient, const std::vector<float>& inputs) {
  std::vector<double> w(weights.begin(), weights.end());
  for (size_t k = 0; gradient != nullptr && k < w.size(); k++) {
    w[k] -= static_cast<double>(call.descent) * (*gradient)[k];
  }
  const std::vector<double> before = w;
  for (int b = 0; b < call.samples; b++) {
    for (int j = 0; j < call.units; j++) {
      double y = 0;
      for (int i = call.first_row; i < call.first_row + call.rows; i++) {
        y += inputs[b * call.sources + i] * before[i * call.units + j];
      }
      for (int i = call.first_row; i < call.first_row + call.rows; i++) {
        const int at = i * call.units + j;
        w[at] += call.rate / call.samples *
                 (inputs[b * call.sources + i] * y - before[at] * y * y);
      }
    }
  }
  return w;
}

void check_call(const tacet::OjaCall& call, bool descends) {
  std::vector<float> weights = waves(call.sources * call.units, 0.5f);
  const std::vector<float> gradient = waves(call.sources * call.units, 2);
  const std::vector<float> inputs = waves(call.samples * call.sources, 1);
  std::vector<float> responses(static_cast<size_t>(call.samples) * call.units);
  const std::vector<double> wanted =
      expected(call, weights, descends ? &gradient : nullptr, inputs);
  tacet_host::oja(call, weights.data(), descends ? gradient.data() : nullptr, inputs.data(),
                  responses.data(), nullptr);
  for (size_t k = 0; k < weights.size(); k++) {
    CHECK(std::fabs(weights[k] - wanted[k]) < 1e-5);
  }
}

}  // namespace

TEST_CASE("Oja's rule follows its formula, with and without descent, on all rows and on some") {
  under_every_schedule([] {
    for (const bool descends : {false, true}) {
      check_call({1, 27, 100, 0, 27, 0.05f, 0.1f}, descends);
      check_call({9, 70, 33, 3, 40, 0.05f, 0.1f}, descends);
      check_call({5, 1, 1, 0, 1, 0.05f, 0.1f}, descends);
    }
  });
}

int main() { return tacet::test::run_all(); }

// Plain recurrent layers with recurrent weights on a sparse pattern against the same layers with dense
// weights that are 0 without a synapse, on arrays of the exact size.
#include <algorithm>
#include <cmath>
#include <vector>

#include "check.h"
#include "rnn/rnn.h"

namespace {

using namespace tacet::test;
using Floats = std::vector<float>;

constexpr int kUnits = 37;
constexpr int kSteps = 4;

Floats numbers(size_t count, int seed) {
  Floats values(count);
  for (size_t k = 0; k < count; k++) {
    values[k] = std::sin(static_cast<float>(k * 37 + seed));
  }
  return values;
}

/** Every third synapse in most rows, none in some, and slack. */
struct Weights {
  std::vector<int32_t> offsets{0};
  std::vector<uint16_t> indices;
  Floats values;
  Floats dense = Floats(kUnits * kUnits);

  Weights() {
    for (int j = 0; j < kUnits; j++) {
      for (int m = j % 3; m < kUnits && j % 7 != 3; m += 3) {
        indices.push_back(static_cast<uint16_t>(m));
        values.push_back(0.3f * std::sin(static_cast<float>(j * 11 + m)));
        dense[j * kUnits + m] = values.back();
      }
      offsets.push_back(static_cast<int32_t>(indices.size()));
    }
    indices.resize(indices.size() + 3, 65535);
    values.resize(indices.size(), NAN);
  }
};

/** Everything that both passes write; the gradient of R is dense. */
Floats run(const Weights& w, bool sparse, int batch) {
  const size_t state = static_cast<size_t>(batch) * kUnits;
  tacet::RnnCall call{kSteps, batch, kUnits, tacet::Activation::kTanh, w.dense.data()};
  if (sparse) {
    call.recurrent = w.values.data();
    call.pattern = {w.offsets.data(), w.indices.data(), static_cast<int64_t>(w.indices.size()),
                    kUnits, kUnits, true};
  }
  const Floats bias = numbers(kUnits, 1), currents = numbers(kSteps * state, 2);
  const Floats first = numbers(state, 3), errors = numbers(kSteps * state, 4);
  Floats values(kSteps * state, NAN), last(state, NAN), d_currents(kSteps * state, NAN);
  Floats d_recurrent(sparse ? w.values.size() : w.dense.size(), 1), d_bias(kUnits, 1);
  Floats d_first(state, NAN);
  std::vector<char> memory(tacet_host::rnn_forward_bytes(call));
  tacet_host::rnn_forward(call, bias.data(), currents.data(), first.data(), values.data(),
                          last.data(), {memory.data(), memory.size()}, nullptr);
  memory.assign(tacet_host::rnn_backward_bytes(call), 0x5a);
  tacet_host::rnn_backward(call, values.data(), first.data(), errors.data(),
                           {d_currents.data(), d_recurrent.data(), d_bias.data(), d_first.data()},
                           {memory.data(), memory.size()}, nullptr);
  Floats all = values;
  for (const Floats& more : {last, d_currents, d_bias, d_first}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  for (int j = 0; j < kUnits; j++) {
    for (int s = w.offsets[j]; s < w.offsets[j + 1]; s++) {
      all.push_back(d_recurrent[sparse ? s : j * kUnits + w.indices[s]]);
    }
  }
  // The slack is untouched.
  CHECK(!sparse || std::all_of(d_recurrent.end() - 3, d_recurrent.end(),
                               [](float d) { return d == 1; }));
  return all;
}

TEST_CASE("weights on a pattern are dense ones without the others, with the same bits every time") {
  const Weights w;
  for (int batch : {1, 2, 3, 8, 17}) {
    const Floats expected = run(w, false, batch);
    std::vector<Floats> results;
    under_every_schedule([&] { results.push_back(run(w, true, batch)); });
    for (const Floats& result : results) {
      CHECK(result == results[0]);
    }
    CHECK(results[0].size() == expected.size());
    for (size_t k = 0; k < expected.size(); k++) {
      if (!(std::fabs(results[0][k] - expected[k]) <= 2e-5f * (1 + std::fabs(expected[k])))) {
        std::printf("  batch %d, [%zu]: %g, expected %g\n", batch, k, results[0][k], expected[k]);
        CHECK(false);
        return;
      }
    }
  }
}

/** Everything that both passes of layers with dense weights write, array after array. */
std::vector<Floats> run_replicas(const Floats& weights, int replicas, int batch, size_t skip) {
  const size_t state = static_cast<size_t>(batch) * kUnits;
  tacet::RnnCall call{kSteps, batch, kUnits, tacet::Activation::kTanh,
                      weights.data() + skip * kUnits * kUnits};
  call.replicas = replicas;
  const auto own = [&](size_t count, int seed) {
    const Floats all = numbers((skip + replicas) * count, seed);
    return Floats(all.begin() + skip * count, all.end());
  };
  const Floats bias = own(kUnits, 1), currents = own(kSteps * state, 2), first = own(state, 3);
  const Floats errors = own(kSteps * state, 4);
  Floats values(replicas * kSteps * state, NAN), last(replicas * state, NAN);
  Floats d_currents(values.size(), NAN), d_recurrent(replicas * kUnits * kUnits, 1);
  Floats d_bias(replicas * kUnits, 1), d_first(replicas * state, NAN);
  std::vector<char> memory(tacet_host::rnn_forward_bytes(call));
  tacet_host::rnn_forward(call, bias.data(), currents.data(), first.data(), values.data(),
                          last.data(), {memory.data(), memory.size()}, nullptr);
  memory.assign(tacet_host::rnn_backward_bytes(call), 0x5a);
  tacet_host::rnn_backward(call, values.data(), first.data(), errors.data(),
                           {d_currents.data(), d_recurrent.data(), d_bias.data(), d_first.data()},
                           {memory.data(), memory.size()}, nullptr);
  return {values, last, d_currents, d_recurrent, d_bias, d_first};
}

TEST_CASE("layers of replicas are bit for bit those of each alone") {
  constexpr int kReplicas = 3;
  const Floats weights = numbers(kReplicas * kUnits * kUnits, 9);
  for (int batch : {1, 5, 40}) {
    under_every_schedule([&] {
      const std::vector<Floats> together = run_replicas(weights, kReplicas, batch, 0);
      std::vector<Floats> alone(together.size());
      for (int r = 0; r < kReplicas; r++) {
        const std::vector<Floats> one = run_replicas(weights, 1, batch, r);
        for (size_t k = 0; k < one.size(); k++) {
          alone[k].insert(alone[k].end(), one[k].begin(), one[k].end());
        }
      }
      CHECK(together == alone);
    });
  }
}

}  // namespace

int main() { return run_all(); }

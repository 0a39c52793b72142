// Layers of the grid simulator whose warps and lanes have one neuron, two or more, with as many
// events of a sample and spikes of a step as are looked up at once, fewer and more, against plain
// loops that add the same floats in the same order: every bit is theirs.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "check.h"
#include "eventprop/grid.h"

using tacet::test::under_every_schedule;

namespace {

constexpr int kSources = 40;
constexpr int kSteps = 12;
/** Events and spikes whose rows a warp looks up at once. */
constexpr int kLookedUp = 32;
constexpr float kTauMem = 20;
constexpr float kTauSyn = 5;
constexpr float kThreshold = 1;
constexpr float kReset = -0.5f;

/** The rows of a connectivity, dense or compressed; row 0 is empty where it is compressed. */
struct Rows {
  std::vector<float> weights;
  std::vector<int32_t> offsets{0};
  std::vector<int32_t> targets;
  int neurons;
  bool dense;

  Rows(int sources, int neurons_, bool dense_, int every, float scale)
      : neurons(neurons_), dense(dense_) {
    for (int s = 0; s < sources; s++) {
      for (int n = 0; n < neurons; n++) {
        if (dense || (s > 0 && (5 * s + n) % every < 3)) {
          targets.push_back(n);
          weights.push_back(scale * static_cast<float>((13 * s + 7 * n) % 29 - 4));
        }
      }
      offsets.push_back(static_cast<int32_t>(weights.size()));
    }
  }

  tacet::SynapseView view(const std::vector<float>& delays) const {
    const int sources = static_cast<int>(offsets.size()) - 1;
    return {weights.data(), dense ? nullptr : offsets.data(), dense ? nullptr : targets.data(),
            false,          delays.empty() ? nullptr : delays.data(),
            false,          sources,
            neurons,        neurons,
            dense ? neurons : 0, 0, 1, 0};
  }
};

struct Spikes {
  std::vector<int32_t> units;
  std::vector<float> times;
  std::vector<float> slopes;
  int grazes = 0;
  /** Most spikes of a step. */
  int most = 0;
};

/** A layer and the events of one sample, several to a step. */
struct Layer {
  Rows input;
  Rows recurrent;
  std::vector<float> delays;
  std::vector<float> event_times;
  std::vector<int32_t> event_units;

  Layer(int neurons, int events, bool dense, bool delayed)
      : input(kSources, neurons, dense, 7, 0.12f), recurrent(neurons, neurons, dense, neurons < 100 ? 7 : 61, 0.001f) {
    for (int n = 0; delayed && n < neurons; n++) {
      delays.push_back(static_cast<float>(n % 4));
    }
    for (int e = 0; e < events; e++) {
      // Half of them in one step, the others one after another.
      const int step = e < events / 2 ? 1 : 1 + (e - events / 2) % 64 * (kSteps - 2) / 64;
      event_times.push_back(static_cast<float>(step));
      event_units.push_back((3 * e + 1) % kSources);
    }
    std::sort(event_times.begin(), event_times.end());
  }

  Spikes by_plain_loops() const {
    const double a = std::exp(-1.0 / kTauMem);
    const double b = std::exp(-1.0 / kTauSyn);
    const double x = (static_cast<double>(kTauMem) - kTauSyn) / (kTauMem * kTauSyn);
    const auto alpha = static_cast<float>(a);
    const auto beta = static_cast<float>(b);
    const auto gamma = static_cast<float>(1.0 / kTauMem * b * (std::expm1(x) / x));
    const float least = static_cast<float>(1 - b) * kThreshold;
    const int neurons = input.neurons;
    std::vector<float> u(neurons);
    std::vector<float> i(neurons);
    std::vector<std::vector<float>> ring(kSteps + 5, std::vector<float>(neurons));
    Spikes out;
    const auto send = [&](const Rows& rows, int source, std::vector<float>& to) {
      for (int s = rows.offsets[source]; s < rows.offsets[source + 1]; s++) {
        to[rows.targets[s]] += rows.weights[s];
      }
    };
    size_t event = 0;
    for (int step = 0; step <= kSteps; step++) {
      std::vector<int> fired;
      for (int n = 0; n < neurons && step > 0; n++) {
        u[n] = alpha * u[n] + gamma * i[n];
        i[n] = beta * i[n];
        if (!(u[n] > kThreshold - 0.001f * kThreshold)) {
          continue;
        }
        const bool spike = u[n] >= kThreshold;
        float slope = i[n] - kThreshold;
        if (spike ? slope < least : slope <= 0) {
          out.grazes++;
          slope = spike ? least : 0;
        }
        if (spike) {
          u[n] = kReset;
          fired.push_back(n);
          out.units.push_back(n);
          out.times.push_back(static_cast<float>(step));
          out.slopes.push_back(slope);
        }
      }
      out.most = std::max(out.most, static_cast<int>(fired.size()));
      for (const int n : fired) {
        send(recurrent, n, delays.empty() ? i : ring[step + static_cast<int>(delays[n])]);
      }
      for (; event < event_times.size() && event_times[event] <= static_cast<float>(step);
           event++) {
        send(input, event_units[event], i);
      }
      for (int n = 0; n < neurons; n++) {
        i[n] += ring[step][n];
      }
    }
    return out;
  }

  Spikes by_kernels(int tiles, int launch_steps) const {
    const int neurons = input.neurons;
    const int capacity = neurons * kSteps;
    const int events = static_cast<int>(event_times.size());
    const float zero = 0;
    int32_t in_count = events;
    int32_t count = 0;
    Spikes out;
    // An address even where there is no event.
    std::vector<float> in_times = event_times;
    std::vector<int32_t> in_units = event_units;
    in_times.push_back(0);
    in_units.push_back(0);
    std::vector<float> errors(capacity);
    out.units.resize(capacity);
    out.times.resize(capacity);
    out.slopes.resize(capacity);
    tacet::GridCall call{};
    call.layer.input = input.view({});
    call.layer.recurrent = recurrent.view(delays);
    call.layer.lif = {&kTauMem, &kTauSyn, &kThreshold, &kReset, &zero, 0, 0, 0, 0, 0};
    call.layer.neurons = neurons;
    call.layer.duration = kSteps;
    call.inputs = static_cast<int64_t>(input.weights.size());
    call.recurrents = static_cast<int64_t>(recurrent.weights.size());
    call.steps = kSteps;
    call.slots = 4;
    call.tiles = tiles;
    call.launch_steps = launch_steps;
    call.dt = 1;
    call.in = {&in_count, in_times.data(), in_units.data(), nullptr, nullptr, nullptr, 1,
               events + 1};
    call.out = {&count,        out.times.data(), out.units.data(), out.slopes.data(),
                errors.data(), &out.grazes,      1,                capacity};
    size_t bytes = 0;
    tacet_host::grid_forward_bytes(call, &bytes);
    std::vector<unsigned char> scratch(bytes, 0xff);
    tacet_host::grid_forward(call, {scratch.data(), bytes}, nullptr);
    const auto spikes = static_cast<size_t>(std::max(count, 0));
    CHECK(count >= 0 && count <= capacity);
    out.units.resize(spikes);
    out.times.resize(spikes);
    out.slopes.resize(spikes);
    return out;
  }
};

bool same(const Spikes& actual, const Spikes& expected) {
  return actual.units == expected.units && actual.times == expected.times &&
         actual.slopes == expected.slopes && actual.grazes == expected.grazes;
}

}  // namespace

TEST_CASE("any number of events of a sample, around that which is looked up at once") {
  for (const bool dense : {false, true}) {
    for (const int events : {0, 1, kLookedUp - 1, kLookedUp, kLookedUp + 1, 2 * kLookedUp - 1,
                             2 * kLookedUp, 2 * kLookedUp + 1, 5 * kLookedUp}) {
      const Layer layer(70, events, dense, false);
      const Spikes expected = layer.by_plain_loops();
      CHECK(expected.units.empty() == (events == 0) || events == 1);
      under_every_schedule([&] {
        CHECK(same(layer.by_kernels(1, 1), expected));
        CHECK(same(layer.by_kernels(2, 4096), expected));
      });
    }
  }
}

TEST_CASE("lanes of one neuron, two and three spike alike") {
  // One tile of 16 warps holds 512 neurons one to a lane.
  for (const int neurons : {31, 512, 513, 1025}) {
    for (const bool delayed : {false, true}) {
      const Layer layer(neurons, 3 * kLookedUp, false, delayed);
      const Spikes expected = layer.by_plain_loops();
      CHECK(expected.units.size() > 20);
      // A warp of at least 64 neurons lists more spikes than it looks up at once.
      CHECK(neurons <= 512 || expected.most > kLookedUp * neurons / 64);
      for (const int tiles : {1, 2}) {
        // Any two of neurons, delays, tiles and launches meet.
        const int launch_steps = (tiles == 2) == delayed ? 5 : 4096;
        CHECK(same(layer.by_kernels(tiles, launch_steps), expected));
      }
    }
  }
}

int main() { return tacet::test::run_all(); }

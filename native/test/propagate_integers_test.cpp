// Sums of integers of event propagation: their scale for every largest term and number of terms, and
// that they are those of float64 within their bound, with the same bits in every order.
#include <algorithm>
#include <cfloat>
#include <climits>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <vector>

#include "check.h"
#include "propagate/fixed_point.cuh"
#include "propagate/propagate.h"

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

uint32_t bits(float x) {
  uint32_t b;
  std::memcpy(&b, &x, sizeof b);
  return b;
}

/** The same numbers on every machine, in [0, 1). */
struct Random {
  uint64_t state = 1;

  double operator()() {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<double>(state >> 11) * 0x1p-53;
  }
};

/** Rows with lists of targets, aligned to 16 bytes or one element behind that. */
struct Network {
  int sources;
  int targets;
  bool narrow = true;
  bool fan_out = false;
  bool aligned = true;
  std::vector<std::vector<int32_t>> rows{};
  std::vector<std::vector<float>> weights{};

  int64_t count() const {
    int64_t n = 0;
    for (const auto& row : rows) {
      n += static_cast<int64_t>(row.size());
    }
    return n;
  }
};

struct Events {
  std::vector<std::vector<int32_t>> units;
  /** Empty for binary events. */
  std::vector<std::vector<float>> values{};
  int capacity;
  std::vector<int32_t> counts{};
};

/** Elements at an address aligned to 16 bytes or one element behind it, and nothing behind them. */
template <typename T>
struct Elements {
  std::vector<T> room;
  T* first;

  Elements(const std::vector<T>& values, bool aligned) : room(values.size() + (aligned ? 0 : 1)) {
    first = room.data() + (aligned ? 0 : 1);
    std::copy(values.begin(), values.end(), first);
  }
};

float value(const Events& events, size_t b, size_t e) {
  return events.values.empty() ? 1.0f : events.values[b][e];
}

/** out of every sample after propagation with these tiles and parts. */
std::vector<float> propagate(const Network& network, const Events& events,
                             const tacet::ForwardShape& shape, std::vector<float> out,
                             tacet::Sums sums = tacet::Sums::kInt32) {
  std::vector<float> weights;
  std::vector<int32_t> offsets{0};
  std::vector<int32_t> wide;
  for (int i = 0; i < network.sources; i++) {
    wide.insert(wide.end(), network.rows[i].begin(), network.rows[i].end());
    weights.insert(weights.end(), network.weights[i].begin(), network.weights[i].end());
    offsets.push_back(static_cast<int32_t>(wide.size()));
  }
  const Elements<float> w(weights, network.aligned);
  const Elements<int32_t> ints(wide, network.aligned);
  const Elements<uint16_t> shorts(std::vector<uint16_t>(wide.begin(), wide.end()),
                                  network.aligned);
  const size_t batch = events.units.size();
  std::vector<int32_t> counts;
  std::vector<int32_t> units(batch * events.capacity);
  std::vector<float> values(batch * events.capacity);
  for (size_t b = 0; b < batch; b++) {
    counts.push_back(events.counts.empty() ? static_cast<int32_t>(events.units[b].size())
                                           : events.counts[b]);
    for (size_t e = 0; e < events.units[b].size(); e++) {
      units[b * events.capacity + e] = events.units[b][e];
      values[b * events.capacity + e] = value(events, b, e);
    }
  }
  tacet::RowsView view{};
  view.weights = w.first;
  view.offsets = network.fan_out ? nullptr : offsets.data();
  view.indices = network.narrow ? static_cast<const void*>(shorts.first) : ints.first;
  view.format = network.fan_out ? tacet::Format::kFanOut : tacet::Format::kCsr;
  view.sources = network.sources;
  view.targets = network.targets;
  view.narrow = network.narrow;
  view.length = static_cast<int>(network.rows[0].size());
  view.mean = 20;
  view.count = network.count();
  view.shape = shape;
  view.sums = sums;
  view.multiprocessors = 2;
  std::vector<int32_t> cuts(static_cast<size_t>(network.sources) * (shape.tiles + 1));
  if (shape.tiles > 1) {
    tacet_host::pivots(view, cuts.data(), nullptr);
    view.pivots = cuts.data();
  }
  std::vector<float> partials(shape.parts * out.size(), std::nanf(""));
  view.partials = partials.data();
  const tacet::ListsView lists{counts.data(),
                               units.data(),
                               events.values.empty() ? nullptr : values.data(),
                               nullptr,
                               static_cast<int>(batch),
                               events.capacity};
  const tacet::SlotsView target{out.data(), nullptr, false, 1, 0};
  tacet_host::forward(view, lists, target, true, nullptr);
  return out;
}

/** Every sum in float64, and how far one of integers may be away. */
struct Oracle {
  std::vector<double> sums;
  std::vector<double> bounds;

  Oracle(const Network& network, const Events& events, int parts, const std::vector<float>& out)
      : sums(out.begin(), out.end()), bounds(out.size()) {
    for (size_t b = 0; b < events.units.size(); b++) {
      const std::vector<int32_t>& units = events.units[b];
      double largest = 0;
      for (size_t e = 0; e < units.size(); e++) {
        for (float w : network.weights[units[e]]) {
          largest = std::fmax(largest, std::fabs(double{w} * value(events, b, e)));
        }
      }
      const int most = std::max(1, (static_cast<int>(units.size()) + parts - 1) / parts);
      const double rounding = std::fmax(largest * (1 + 0x1p-24) / (INT_MAX / most), 0x1p-128);
      std::vector<double> magnitude(network.targets, 0.0);
      for (size_t e = 0; e < units.size(); e++) {
        for (size_t k = 0; k < network.rows[units[e]].size(); k++) {
          const int m = network.rows[units[e]][k];
          const double term = double{network.weights[units[e]][k]} * value(events, b, e);
          sums[b * network.targets + m] += term;
          bounds[b * network.targets + m] += rounding + 0x1p-24 * std::fabs(term) + 0x1p-150;
          magnitude[m] += std::fabs(term);
        }
      }
      for (int m = 0; m < network.targets; m++) {
        // Parts become floats and are added, then to what was there.
        const double all = magnitude[m] + std::fabs(double{out[b * network.targets + m]});
        bounds[b * network.targets + m] += (parts + 2) * (0x1p-24 * all + 0x1p-149);
      }
    }
  }

  bool holds(const std::vector<float>& found) const {
    for (size_t k = 0; k < found.size(); k++) {
      if (!(std::fabs(found[k] - sums[k]) <= bounds[k])) {
        std::printf("  element %zu: %.9g, expected %.9g within %g\n", k, found[k], sums[k],
                    bounds[k]);
        return false;
      }
    }
    return true;
  }
};

bool same(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), 4 * a.size()) == 0;
}

/** Rows of lengths from 0 to twice the mean, or all of the mean. */
Network random_network(int sources, int targets, int mean, Random& random) {
  Network network{sources, targets};
  for (int i = 0; i < sources; i++) {
    const double density = 2.0 * mean / targets * (i % 5) / 4;
    std::vector<int32_t> row;
    std::vector<float> weights;
    for (int m = 0; m < targets; m++) {
      if (random() < density) {
        row.push_back(m);
        weights.push_back(static_cast<float>(2 * random() - 1));
      }
    }
    network.rows.push_back(row);
    network.weights.push_back(weights);
  }
  return network;
}

Events random_events(int batch, int sources, double activity, Random& random) {
  Events events{std::vector<std::vector<int32_t>>(batch),
                std::vector<std::vector<float>>(batch), sources};
  for (int b = 0; b < batch; b++) {
    for (int i = 0; i < sources; i++) {
      if (random() < activity) {
        events.units[b].push_back(i);
        events.values[b].push_back(static_cast<float>(random() + 0.5));
      }
    }
  }
  return events;
}

std::vector<float> random_currents(size_t count, Random& random) {
  std::vector<float> out(count);
  for (float& x : out) {
    x = static_cast<float>(random() - 0.5);
  }
  return out;
}

/** Within the bound in one tile and several, one part and several; the same bits in every order. */
void compare(const Network& network, const Events& events, const std::vector<float>& out) {
  const int whole = (network.targets + 63) / 64 * 64;
  const int half = (network.targets + 127) / 128 * 64;
  for (const tacet::ForwardShape& shape :
       {tacet::ForwardShape{whole, 1, 16, 1},
        {half, (network.targets + half - 1) / half, 16, 1},
        {64, (network.targets + 63) / 64, 16, 3}}) {
    const Oracle oracle(network, events, shape.parts, out);
    std::optional<std::vector<float>> first;
    tacet::test::under_every_schedule([&] {
      const std::vector<float> found = propagate(network, events, shape, out);
      CHECK(oracle.holds(found));
      first = first.value_or(found);
      CHECK(same(found, *first));
    });
  }
}

/** One sample in which every source has an event. */
Events all_of(int sources) {
  Events events{{{}}, {}, sources};
  for (int i = 0; i < sources; i++) {
    events.units[0].push_back(i);
  }
  return events;
}

/** sources x 100 with one synapse to each target. */
Network full_network(int sources, float weight) {
  Network network{sources, 100};
  std::vector<int32_t> row(100);
  for (int m = 0; m < 100; m++) {
    row[m] = m;
  }
  network.rows.assign(sources, row);
  network.weights.assign(sources, std::vector<float>(100, weight));
  return network;
}

constexpr tacet::ForwardShape kTwoTiles{64, 2, 16, 1};

}  // namespace

TEST_CASE("the scale is the largest power of two with which no sum can overflow") {
  Random random;
  for (int k = 0; k < 200000; k++) {
    uint32_t largest = static_cast<uint32_t>(random() * 0x7f800000);
    if (k % 4 == 0) {
      largest |= 0x7fffff;  // just below a power of two
    } else if (k % 4 == 1) {
      largest &= 0xff800000u;
    } else if (k % 16 == 2) {
      largest &= 0x7fffff;  // subnormal
    }
    largest = largest >= 0x7f800000u ? 0x7f7fffffu : largest;
    const int terms = static_cast<int>(std::exp2(random() * 23));
    float m;
    std::memcpy(&m, &largest, sizeof m);
    const tacet_host::FixedPoint fixed = tacet_host::fixed_point(largest, terms);
    CHECK(fixed.fits && double{fixed.up} * fixed.down == 1);
    const double most = std::nearbyint(double{m} * fixed.up);
    CHECK(most * terms <= INT_MAX && static_cast<double>(m * fixed.up) == double{m} * fixed.up);
    if (m != 0 && fixed.up < 0x1p127f) {
      CHECK(std::nearbyint(2.0 * m * fixed.up) * terms > INT_MAX);
      CHECK(0.5 * fixed.down <= double{m} / (INT_MAX / terms));
    }
  }
}

TEST_CASE("what integers cannot hold does not fit") {
  for (float largest : {0.0f, FLT_TRUE_MIN, FLT_MIN, 1.0f, FLT_MAX}) {
    for (int terms : {0, 1, 2, 1 << 22}) {
      CHECK(tacet_host::fixed_point(bits(largest), terms).fits);
    }
    CHECK(!tacet_host::fixed_point(bits(largest), (1 << 23) + 1).fits);
    CHECK(!tacet_host::fixed_point(bits(largest), INT_MAX).fits);
  }
  CHECK(!tacet_host::fixed_point(bits(kInfinity), 1).fits);
  CHECK(!tacet_host::fixed_point(bits(std::nanf("")), 1).fits);
}

TEST_CASE("sums of integers are those of float64 within their bound, with the same bits in any order") {
  Random random;
  for (const bool narrow : {true, false}) {
    for (const bool aligned : {true, false}) {
      Network network = random_network(150, 211, 40, random);
      network.narrow = narrow;
      network.aligned = aligned;
      const Events events = random_events(3, 150, 0.6, random);
      compare(network, events, random_currents(3 * 211, random));
    }
  }
}

TEST_CASE("rows of one length begin anywhere") {
  Random random;
  for (const int length : {1, 3, 13, 40}) {
    Network network{31, 77};
    network.fan_out = true;
    for (int i = 0; i < network.sources; i++) {
      std::vector<int32_t> row;
      std::vector<float> weights;
      for (int k = 0; k < length; k++) {
        row.push_back(k * 77 / length + (length < 40 ? i % 2 : 0));
        weights.push_back(static_cast<float>(2 * random() - 1));
      }
      network.rows.push_back(row);
      network.weights.push_back(weights);
    }
    compare(network, random_events(1, 31, 0.7, random), random_currents(77, random));
  }
}

TEST_CASE("terms that are multiples of the scale are added exactly") {
  Random random;
  Network network = random_network(90, 150, 60, random);
  for (auto& row : network.weights) {
    for (float& w : row) {
      w = static_cast<float>(std::floor(200 * random() - 100)) / 64;
    }
  }
  Events events = random_events(2, 90, 0.9, random);
  events.values.clear();
  const std::vector<float> out(2 * 150, 0.25f);
  const Oracle oracle(network, events, 1, out);
  tacet::test::under_every_schedule([&] {
    const std::vector<float> found = propagate(network, events, {64, 3, 16, 1}, out);
    for (size_t k = 0; k < found.size(); k++) {
      CHECK(found[k] == oracle.sums[k]);
    }
  });
}

TEST_CASE("a target that every event reaches by the largest weight does not overflow") {
  for (const int sources : {1, 2, 3, 7, 64, 65, 129, 1000}) {
    for (const float weight : {1.0f, 1.9999999f, -1.9999999f, -1.0f, 1e30f, -1e-30f}) {
      const Network network = full_network(sources, weight);
      const Events events = all_of(sources);
      const std::vector<float> out(100);
      CHECK(Oracle(network, events, 1, out).holds(propagate(network, events, kTwoTiles, out)));
    }
  }
}

TEST_CASE("one huge weight costs its own tile precision, and no more than the bound") {
  Random random;
  Network network = random_network(80, 128, 50, random);
  const Events events = random_events(1, 80, 1, random);
  const std::vector<float> out(128);
  const std::vector<float> before = propagate(network, events, {64, 2, 16, 1}, out);
  for (size_t k = 0; k < network.rows[8].size(); k++) {
    if (network.rows[8][k] < 64) {
      network.weights[8][k] = 1e20f;
      break;
    }
  }
  compare(network, events, out);
  const std::vector<float> after = propagate(network, events, {64, 2, 16, 1}, out);
  CHECK(std::memcmp(&before[64], &after[64], 64 * sizeof(float)) == 0);
  CHECK(!same(before, after));
}

TEST_CASE("subnormal numbers are added to a quarter of the smallest normal one") {
  Random random;
  for (const float size : {FLT_TRUE_MIN, 100 * FLT_TRUE_MIN, FLT_MIN, 64 * FLT_MIN}) {
    Network network = random_network(60, 90, 30, random);
    for (auto& row : network.weights) {
      for (float& w : row) {
        w *= size;
      }
    }
    const Events events = random_events(1, 60, 1, random);
    compare(network, events, std::vector<float>(90));
  }
}

TEST_CASE("no event, no synapse and no weight but 0 leave the currents as they are") {
  Random random;
  const std::vector<float> out = random_currents(100, random);
  const Network zero = full_network(20, 0.0f);
  CHECK(same(propagate(zero, all_of(20), kTwoTiles, out), out));
  const Events none{{{}}, {}, 20};
  CHECK(same(propagate(full_network(20, 1.0f), none, kTwoTiles, out), out));
  Network bare{20, 100};
  bare.rows.resize(20);
  bare.weights.resize(20);
  CHECK(same(propagate(bare, all_of(20), kTwoTiles, out), out));
}

TEST_CASE("events beyond the capacity of a list are not read") {
  const Network network = full_network(8, 0.5f);
  Events events = all_of(8);
  events.counts = {100};
  for (float x : propagate(network, events, kTwoTiles, std::vector<float>(100))) {
    CHECK(x == 4.0f);
  }
}

TEST_CASE("NaN and infinities are those of sums of floats, and stay in their tile and sample") {
  Random random;
  const std::vector<float> out = random_currents(300, random);
  const Events events{{{0, 3, 7, 8}, {1, 2, 3, 4}, {0, 1, 2}},
                      {{1, 2, 0.5f, 1}, {1, 1, 2, 1}, {2, 1, 1}},
                      9};
  for (const float odd : {kInfinity, -kInfinity, std::nanf(""), FLT_MAX}) {
    Network network = full_network(9, 0.75f);
    const std::vector<float> usual = propagate(network, events, kTwoTiles, out);
    network.weights[7][5] = odd == FLT_MAX ? 1.0f : odd;
    network.weights[3][70] = odd;  // FLT_MAX x 2 is infinite
    network.weights[8][70] = odd == FLT_MAX ? 1.0f : -odd;
    for (const int parts : {1, 2}) {
      const tacet::ForwardShape shape{64, 2, 16, parts};
      std::optional<std::vector<float>> first;
      tacet::test::under_every_schedule([&] {
        const std::vector<float> found = propagate(network, events, shape, out);
        first = first.value_or(found);
        CHECK(same(found, *first));
        const std::vector<float> floats =
            propagate(network, events, {64, 2, 3, parts}, out, tacet::Sums::kFloat32);
        for (size_t k = 0; k < found.size(); k++) {
          CHECK(std::isnan(found[k]) == std::isnan(floats[k]));
          CHECK(std::isinf(found[k]) == std::isinf(floats[k]));
          CHECK(!std::isinf(floats[k]) || found[k] == floats[k]);
          CHECK(!std::isfinite(floats[k]) ||
                std::fabs(double{found[k]} - floats[k]) <= 1e-6 * std::fabs(floats[k]) + 1e-6);
        }
        // The third sample has none of those rows.
        CHECK(parts > 1 || std::memcmp(&found[200], &usual[200], 100 * sizeof(float)) == 0);
        CHECK(odd == FLT_MAX || !std::isfinite(found[5]));
        CHECK(!std::isfinite(found[70]));
      });
    }
  }
}

TEST_CASE("a NaN value of an event reaches every target of its row") {
  const Network network = full_network(5, 0.5f);
  const Events events{{{0, 2}}, {{1, std::nanf("")}}, 5};
  for (float x : propagate(network, events, kTwoTiles, std::vector<float>(100))) {
    CHECK(std::isnan(x));
  }
}

int main() { return tacet::test::run_all(); }

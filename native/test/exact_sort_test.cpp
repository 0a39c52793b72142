// What is sorted for exact layers, in shared memory and beyond it, against the standard library, and
// the smallest keys of warps and blocks. Orders are the same to the last tie.
#include <algorithm>
#include <limits>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

#include "check.h"
#include "common/warp_min.cuh"
#include "eventprop/walk_loop.cuh"
#include "exact_events.h"

namespace {

using namespace tacet_host;
using tacet::Carver;
using tacet::EventView;
using tacet::test::Events;
using tacet::test::Floats;
using tacet::test::Ints;
using tacet::test::Scratch;
using tacet::test::under_every_schedule;

/** 0 ... count - 1 in the order of their keys, equal ones as they are. */
template <typename Key>
Ints order_by(int count, const Key& key) {
  Ints order(static_cast<size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return key(a) < key(b); });
  return order;
}

/** One sample that shared memory holds, one with a pair more, and one that is empty. */
const Ints kAroundSharedMemory{2047, 2048, 2049, 0, 1};

void check_unit_order(const Ints& counts, int units_of) {
  Events events(counts, units_of, 1000, 3);
  UnitOrder order{};
  SortRoom room{};
  const Scratch scratch([&](Carver& carver) {
    order = take_unit_order(carver, events.batch(), events.capacity);
    room = take_sort_room(carver, events.batch(), events.capacity);
  });
  order_by_unit(events.view(), order, room, nullptr);
  for (int b = 0; b < events.batch(); b++) {
    const size_t base = events.base(b);
    const Ints expected =
        order_by(counts[static_cast<size_t>(b)], [&](int e) { return events.units[base + e]; });
    for (size_t k = 0; k < expected.size(); k++) {
      CHECK(order.events[base + k] == expected[k] &&
            order.units[base + k] == events.units[base + expected[k]]);
    }
  }
}

void check_spikes(const Ints& counts, int units_of, int times_of) {
  Events found(counts, units_of, times_of, 4);
  std::mt19937 random(5);
  Floats slopes;
  for (int b = 0; b < found.batch(); b++) {
    const auto first = found.times.begin() + static_cast<std::ptrdiff_t>(found.base(b));
    std::shuffle(first, first + counts[static_cast<size_t>(b)], random);
  }
  for (size_t k = 0; k < found.times.size(); k++) {
    slopes.push_back(static_cast<float>(k));
  }
  const size_t places = found.times.size();
  Ints written(counts.size()), units(places), grazes(counts.size());
  Ints no_grazes(counts.size()), status(counts.size());
  Floats times(places), sorted_slopes(places), errors(places, 1.0f);
  SpikeSink sink{};
  sink.counts = found.counts.data();
  sink.times = found.times.data();
  sink.units = found.units.data();
  sink.slopes = slopes.data();
  sink.grazes = no_grazes.data();
  sink.status = status.data();
  sink.capacity = found.capacity;
  sink.most = tacet::kMostSpikes;
  SortRoom room{};
  const Scratch scratch([&](Carver& carver) {
    room = take_sort_room(carver, found.batch(), found.capacity);
  });
  order_spikes(sink,
               {written.data(), times.data(), units.data(), sorted_slopes.data(), errors.data(),
                grazes.data(), found.batch(), found.capacity},
               room, nullptr);
  CHECK(written == counts);
  for (int b = 0; b < found.batch(); b++) {
    const size_t base = found.base(b);
    const Ints expected = order_by(counts[static_cast<size_t>(b)], [&](int k) {
      return std::make_pair(found.times[base + k], found.units[base + k]);
    });
    for (size_t k = 0; k < expected.size(); k++) {
      const size_t from = base + expected[k];
      CHECK(times[base + k] == found.times[from] && units[base + k] == found.units[from] &&
            sorted_slopes[base + k] == slopes[from] && errors[base + k] == 0);
    }
  }
}

/** Delays per source, in times of which many are equal; both have a 0 with a sign. */
void check_arrivals(const Ints& counts, float spoiled) {
  constexpr int kSources = 5;
  constexpr float kDuration = 200;
  Events events(counts, kSources, 900, 6);
  for (float& time : events.times) {
    time = time == 0 ? -0.0f : time;
  }
  const bool spoil = !(spoiled == 0);
  if (spoil) {
    events.times[events.base(1) + 7] = spoiled;
  }
  const Floats delays{-0.0f, 1.25f, 2, 40, 7};
  tacet::SynapseView rows{};
  rows.delays = delays.data();
  rows.sources = kSources;
  ArrivalView arrivals{};
  SortRoom room{};
  const Scratch scratch([&](Carver& carver) {
    arrivals = take_arrivals(carver, events.batch(), events.capacity);
    room = take_sort_room(carver, events.batch(), events.capacity);
  });
  Ints status(counts.size());
  order_arrivals(events.view(), rows, arrivals, room, kDuration, {status.data()}, nullptr);
  for (int b = 0; b < events.batch(); b++) {
    const size_t base = events.base(b);
    const bool bad = spoil && b == 1;
    CHECK(status[static_cast<size_t>(b)] == (bad ? 1 << -tacet::kBadTime : 0));
    const auto arrival = [&](int e) {
      return events.times[base + e] + delays[static_cast<size_t>(events.units[base + e])];
    };
    Ints expected = order_by(bad ? 0 : counts[static_cast<size_t>(b)], arrival);
    while (!expected.empty() && arrival(expected.back()) > kDuration) {
      expected.pop_back();
    }
    CHECK(arrivals.counts[b] == static_cast<int>(expected.size()));
    for (size_t k = 0; k < expected.size(); k++) {
      const int e = expected[k];
      CHECK(arrivals.events[base + k] == e && arrivals.times[base + k] == arrival(e) &&
            arrivals.sources[base + k] == events.units[base + e]);
    }
  }
}

/** The smallest keys of a block, one after the other with nothing in between. */
__global__ void block_min_kernel(const unsigned long long* keys, int calls,
                                 unsigned long long* least) {
  BlockMin of_block;
  for (int call = 0; call < calls; call++) {
    const int at = call * kWalkThreads + static_cast<int>(threadIdx.x);
    least[at] = of_block.of(keys[at]);
  }
}

/** The smallest key of a warp in both ways, of all lanes one after the other. */
__global__ void warp_min_kernel(const unsigned long long* keys, unsigned long long* least) {
  const unsigned long long key = keys[threadIdx.x];
  least[threadIdx.x] = warp_min(key);
  least[kWarpSize + threadIdx.x] = warp_min_by_words(key, [](unsigned int word) {
    for (int offset = kWarpSize / 2; offset > 0; offset /= 2) {
      word = min(word, __shfl_xor_sync(kFullWarp, word, offset));
    }
    return word;
  });
}

}  // namespace

TEST_CASE("events by unit, as many as shared memory sorts, one more and many") {
  under_every_schedule([] { check_unit_order(kAroundSharedMemory, 300); });
  check_unit_order({70000, 4097, 0}, 70000);
  check_unit_order({5000, 2049}, 1);
  // Samples that are sorted at the same time.
  tacet::emulator::Options options;
  options.threads = 2;
  const tacet::emulator::OptionsScope scope(options);
  check_unit_order({20000, 20000, 20000, 20000}, 20000);
}

TEST_CASE("spikes by time, unit and when they were found") {
  under_every_schedule([] { check_spikes(kAroundSharedMemory, 20, 30); });
  check_spikes({70000, 2049}, 40, 500);
  check_spikes({70000}, 70000, 100000);
  check_spikes({3000}, 1, 1);
}

TEST_CASE("arrivals by time, equal ones as their events") {
  under_every_schedule([] { check_arrivals(kAroundSharedMemory, 0); });
  check_arrivals({70000, 2049}, 0);
}

TEST_CASE("a sample with a time that is not one has no arrivals, whatever sorts it") {
  for (const float spoiled : {std::numeric_limits<float>::quiet_NaN(), -1.0f,
                              std::numeric_limits<float>::infinity()}) {
    check_arrivals({100, 2048, 2049}, spoiled);
    check_arrivals({2049, 2049, 100}, spoiled);
  }
}

TEST_CASE("the smallest key of a warp by shuffles and by words") {
  under_every_schedule([] {
    std::mt19937_64 random(2);
    for (int trial = 0; trial < 40; trial++) {
      std::vector<unsigned long long> keys(32), least(64);
      for (auto& key : keys) {
        // Few upper words, so that lower ones decide; infinity, NaN and no neuron at all among them.
        const unsigned long long times[] = {0x3f800000, 0x7f800000, 0x7fc00000, 0xffffffff, 0};
        key = times[random() % (trial % 5 + 1)] << 32 | (random() & 0xffffffffu);
      }
      if (trial == 0) {
        keys.assign(32, ~0ull);
      }
      TACET_LAUNCH(warp_min_kernel, 1, 32, 0, nullptr, keys.data(), least.data());
      const unsigned long long expected = *std::min_element(keys.begin(), keys.end());
      CHECK(std::count(least.begin(), least.end(), expected) == 64);
    }
  });
}

TEST_CASE("the smallest keys of a block, one after the other") {
  constexpr int kCalls = 60;
  std::mt19937_64 random(3);
  std::vector<unsigned long long> keys(kCalls * kWalkThreads), least(keys.size());
  std::generate(keys.begin(), keys.end(), random);
  under_every_schedule([&] {
    TACET_LAUNCH(block_min_kernel, 1, kWalkThreads, 0, nullptr, keys.data(), kCalls, least.data());
    for (int call = 0; call < kCalls; call++) {
      const auto at = static_cast<std::ptrdiff_t>(call) * kWalkThreads;
      const auto expected =
          *std::min_element(keys.begin() + at, keys.begin() + at + kWalkThreads);
      CHECK(std::count(least.begin() + at, least.begin() + at + kWalkThreads, expected) ==
            kWalkThreads);
    }
  });
}

int main() { return tacet::test::run_all(); }

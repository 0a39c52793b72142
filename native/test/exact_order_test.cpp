// The queues of neurons and the sums over a source's events of exact layers against plain loops.
// Entries are in the same order, sums the same to the bit.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <random>
#include <tuple>
#include <vector>

#include "check.h"
#include "eventprop/queue.cuh"
#include "eventprop/reduce.cuh"
#include "exact_events.h"

namespace {

using namespace tacet_host;
using tacet::Carver;
using tacet::EventView;
using tacet::LayerView;
using tacet::test::Events;
using tacet::test::Floats;
using tacet::test::Ints;
using tacet::test::Scratch;
using tacet::test::under_every_schedule;

/** Rows with some of the targets, or all where they are dense. */
struct Rows {
  Floats weights;
  Ints offsets{0};
  Ints indices;
  Floats delays;
  tacet::SynapseView view{};

  Rows(int sources, int targets, bool dense, int delayed, std::mt19937& random) {
    int longest = 1;
    for (int s = 0; s < sources; s++) {
      for (int t = 0; t < targets; t++) {
        if (dense || random() % 3 == 0) {
          indices.push_back(t);
          weights.push_back(static_cast<float>(random() % 100));
        }
      }
      offsets.push_back(static_cast<int32_t>(indices.size()));
      longest = std::max(longest, offsets.back() - offsets[static_cast<size_t>(s)]);
    }
    const size_t count = delayed == 2 ? indices.size() : static_cast<size_t>(sources);
    for (size_t d = 0; d < count; d++) {
      delays.push_back(static_cast<float>(random() % 9) * 0.25f);
    }
    view.weights = weights.data();
    view.offsets = dense ? nullptr : offsets.data();
    view.indices = dense ? nullptr : indices.data();
    view.delays = delayed == 0 ? nullptr : delays.data();
    view.delay_per_synapse = delayed == 2;
    view.sources = sources;
    view.targets = targets;
    view.longest = longest;
    view.row = dense ? targets : 0;
    view.replicas = 1;
  }

  Rows(const Rows&) = delete;

  float delay(int source, int synapse) const {
    return view.delays == nullptr ? 0.0f
                                  : delays[static_cast<size_t>(
                                        view.delay_per_synapse ? synapse : source)];
  }
};

/** Time, place among equal times, and what the entry is. */
using Entry = std::tuple<float, int, int32_t, int32_t>;

void check_queues(int neurons, bool dense_input, int input_delays, int recurrence,
                  int recurrent_delays, bool with_spikes) {
  constexpr int kSources = 4;
  constexpr float kDuration = 6;
  std::mt19937 random(static_cast<unsigned int>(neurons + 7 * input_delays + 31 * recurrence));
  const Rows input(kSources, neurons, dense_input, input_delays, random);
  const Rows recurrent(neurons, neurons, recurrence == 1, recurrent_delays, random);
  Events in({17, 0, 33, 16}, kSources, 25, 8);
  Events out({40, 3, 0, 15}, neurons, 25, 9);
  LayerView layer{};
  layer.input = input.view;
  layer.neurons = neurons;
  layer.duration = kDuration;
  if (recurrence > 0) {
    layer.recurrent = recurrent.view;
  }
  ArrivalView arrivals{};
  SortRoom room{};
  QueueView queues{};
  const int batch = in.batch();
  const size_t stride = static_cast<size_t>(in.capacity + out.capacity) * (2 * neurons);
  const Scratch scratch([&](Carver& carver) {
    arrivals = take_arrivals(carver, batch, in.capacity);
    room = take_sort_room(carver, batch, in.capacity);
    queues = take_queues(carver, batch, neurons, stride, with_spikes);
  });
  Ints status(static_cast<size_t>(batch));
  order_arrivals(in.view(), input.view, arrivals, room, kDuration, {status.data()}, nullptr);
  const EventView spikes = out.view();
  build_queues(layer, arrivals, with_spikes ? &spikes : nullptr, queues, batch, nullptr);
  for (int b = 0; b < batch; b++) {
    std::vector<std::vector<Entry>> expected(static_cast<size_t>(neurons));
    const auto add = [&](const Rows& rows, int source, float time, int event, bool is_input) {
      const bool delayed = !is_input || rows.view.delay_per_synapse;
      const int begin = rows.view.offsets == nullptr ? source * neurons : rows.offsets[source];
      const int end = rows.view.offsets == nullptr ? begin + neurons : rows.offsets[source + 1];
      for (int s = begin; s < end; s++) {
        const float arrival = time + (delayed ? rows.delay(source, s) : 0.0f);
        if (arrival <= kDuration) {
          expected[static_cast<size_t>(rows.indices[s])].emplace_back(
              arrival, is_input ? 1 : 2, is_input ? s : -2 - s,
              event * rows.view.longest + s - begin);
        }
      }
    };
    const size_t in_base = in.base(b);
    for (int e = 0; e < arrivals.counts[b]; e++) {
      add(input, arrivals.sources[in_base + e], arrivals.times[in_base + e],
          arrivals.events[in_base + e], true);
    }
    for (int k = 0; k < (with_spikes ? out.counts[static_cast<size_t>(b)] : 0); k++) {
      const int unit = out.units[out.base(b) + k];
      const float time = out.times[out.base(b) + k];
      expected[static_cast<size_t>(unit)].emplace_back(time, 0, kOwnSpike, k);
      if (recurrence > 0) {
        add(recurrent, unit, time, k, false);
      }
    }
    const int32_t* starts = queues.starts + static_cast<size_t>(b) * (neurons + 1);
    const size_t base = static_cast<size_t>(b) * stride;
    int at = 0;
    for (int n = 0; n < neurons; n++) {
      std::vector<Entry>& entries = expected[static_cast<size_t>(n)];
      std::stable_sort(entries.begin(), entries.end(), [](const Entry& x, const Entry& y) {
        return std::make_pair(std::get<0>(x), std::get<1>(x)) <
               std::make_pair(std::get<0>(y), std::get<1>(y));
      });
      CHECK(starts[n] == at);
      for (const Entry& entry : entries) {
        CHECK(queues.times[base + at] == std::get<0>(entry) &&
              queues.codes[base + at] == std::get<2>(entry) &&
              (!with_spikes || queues.records[base + at] == std::get<3>(entry)));
        at++;
      }
    }
    CHECK(starts[neurons] == at);
  }
}

/** Sums over the records of sources whose events are so many in each sample. */
void check_sums(const std::vector<Ints>& events_of, int delayed) {
  constexpr int kTargets = 150;
  constexpr float kDuration = 20;
  const int sources = static_cast<int>(events_of[0].size());
  const int batch = static_cast<int>(events_of.size());
  std::mt19937 random(11);
  const Rows rows(sources, kTargets, true, delayed, random);
  Ints counts;
  for (const Ints& own : events_of) {
    counts.push_back(std::accumulate(own.begin(), own.end(), 0));
  }
  Events events(counts, sources, 88, 12);  // some of them at the end and beyond it
  for (int b = 0; b < batch; b++) {
    Ints units;
    for (int s = 0; s < sources; s++) {
      units.insert(units.end(), static_cast<size_t>(events_of[static_cast<size_t>(b)][s]), s);
    }
    std::shuffle(units.begin(), units.end(), random);
    std::copy(units.begin(), units.end(),
              events.units.begin() + static_cast<std::ptrdiff_t>(events.base(b)));
  }
  RowSums sums{};
  SortRoom room{};
  const Scratch scratch([&](Carver& carver) {
    sums.order = take_unit_order(carver, batch, events.capacity);
    room = take_sort_room(carver, batch, events.capacity);
    sums.records = take_records(carver, batch, events.capacity, kTargets, true, true);
  });
  sums.rows = rows.view;
  sums.events = events.view();
  order_by_unit(sums.events, sums.order, room, nullptr);
  // Of many magnitudes, so that another order of additions has another result; NaN where none
  // arrives.
  Floats weights(rows.weights.size(), -0.0f), delays(rows.delays.size());
  Floats expected = weights, expected_delays = delays;
  const float tau_syn = 4;
  Ints any(rows.weights.size());
  Floats current(rows.weights.size()), difference(rows.weights.size());
  for (int b = 0; b < batch; b++) {
    for (int e = 0; e < counts[static_cast<size_t>(b)]; e++) {
      const int source = events.units[events.base(b) + e];
      for (int j = 0; j < kTargets; j++) {
        const size_t at = sums.records.at(b, e, j);
        const int synapse = source * kTargets + j;
        const auto draw = [&] {
          return std::ldexp(static_cast<float>(random() % 1000) - 500.0f,
                            static_cast<int>(random() % 20) - 10);
        };
        if (events.times[events.base(b) + e] + rows.delay(source, synapse) <= kDuration) {
          sums.records.set(at, draw(), draw());
          current[static_cast<size_t>(synapse)] += sums.records.current[at];
          difference[static_cast<size_t>(synapse)] += sums.records.difference[at];
          any[static_cast<size_t>(synapse)] = 1;
        } else {
          sums.records.set(at, std::nanf(""), std::nanf(""));
        }
      }
    }
  }
  for (size_t s = 0; s < weights.size(); s++) {
    if (any[s] != 0) {
      expected[s] -= tau_syn * current[s];
      if (delayed == 2) {
        expected_delays[s] += rows.weights[s] * difference[s];
      }
    }
  }
  sums.weights = weights.data();
  sums.delays = delayed == 2 ? delays.data() : nullptr;
  reduce_rows(sums, &tau_syn, 0, kDuration, false, nullptr);
  CHECK(std::memcmp(weights.data(), expected.data(), weights.size() * sizeof(float)) == 0);
  CHECK(delays == expected_delays);
}

}  // namespace

TEST_CASE("queues of dense layers, around the size of a tile") {
  under_every_schedule([] {
    for (const int neurons : {1, 127, 128, 129}) {
      for (const int recurrence : {0, 1}) {
        check_queues(neurons, true, 0, recurrence, 0, true);
        check_queues(neurons, true, 1, recurrence, 1, true);
      }
    }
  });
}

TEST_CASE("queues of every kind of rows and delays") {
  for (const bool dense_input : {true, false}) {
    for (const int input_delays : {0, 1, 2}) {
      check_queues(150, dense_input, input_delays, 0, 0, false);
      for (const int recurrence : {0, 1, 2}) {
        for (const int recurrent_delays : {0, 1, 2}) {
          check_queues(150, dense_input, input_delays, recurrence, recurrent_delays, true);
        }
      }
    }
  }
  under_every_schedule([] {
    check_queues(140, false, 0, 2, 0, true);
    check_queues(140, false, 2, 2, 2, true);
  });
}

TEST_CASE("sums over the events of a source, around what is staged at a time") {
  under_every_schedule([] {
    for (const int delayed : {0, 1, 2}) {
      check_sums({{0, 127, 255, 256, 257}, {0, 128, 0, 0, 0}, {0, 1, 128, 129, 700}}, delayed);
    }
  });
}

TEST_CASE("sums over more samples than a block has threads, most of them without events") {
  std::vector<Ints> events(300, Ints{0, 0, 0});
  events[0] = {1, 0, 0};
  events[127] = {3, 1, 0};
  events[128] = {2, 0, 0};
  events[299] = {1, 9, 0};
  for (const int delayed : {0, 2}) {
    check_sums(events, delayed);
  }
}

int main() { return tacet::test::run_all(); }

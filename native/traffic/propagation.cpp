// Compaction and event propagation: n sources, n targets, activity 5 %.
#include <algorithm>

#include "traffic/operations.h"
#include "tacet_propagate.h"

namespace tacet::traffic {

namespace {

constexpr float kActivity = 0.05f;

/** Events of a batch, on the device, and what floors need to know of them. */
struct Events {
  tacet_lists lists{};
  /** All, and sources with one in any sample. */
  double events = 0;
  double sources = 0;
  const float* dense;

  Events(Recorder& recorder, Random& random, int batch, int n) {
    std::vector<float> active = random.uniform(static_cast<size_t>(batch) * n, 0, 1);
    for (float& a : active) {
      a = a < kActivity ? 1 : 0;
      events += a;
    }
    for (int i = 0; i < n; i++) {
      bool any = false;
      for (int b = 0; b < batch; b++) {
        any = any || active[static_cast<size_t>(b) * n + i] != 0;
      }
      sources += any;
    }
    dense = device(active);
    auto* counts = device<int32_t>(batch);
    auto* units = device<int32_t>(active.size());
    auto* bitmap = device<uint32_t>(static_cast<size_t>(batch) * ((n + 31) / 32));
    lists = {counts, units, nullptr, bitmap, batch, n};
    Recorder::run(tacet_compact(recorder.context(), dense, batch, n, n, bitmap, units, nullptr,
                                counts, nullptr));
  }
};

/** n rows of targets, of which a random one in each of `fan_out` even parts has a synapse. */
tacet_rows rows(Random& random, int n, int fan_out) {
  tacet_rows r{};
  const size_t count = static_cast<size_t>(n) * fan_out;
  r.weights = device(random.uniform(count, -1, 1));
  r.format = fan_out == n ? TACET_DENSE : TACET_CSR;
  r.sources = n;
  r.targets = n;
  r.count = static_cast<int64_t>(count);
  if (r.format == TACET_DENSE) {
    return r;
  }
  const int part = n / fan_out;
  std::vector<int32_t> offsets;
  std::vector<uint16_t> indices;
  for (int i = 0; i <= n; i++) {
    offsets.push_back(i * fan_out);
    for (int k = 0; k < fan_out && i < n; k++) {
      indices.push_back(static_cast<uint16_t>(k * part + static_cast<int>(random() * part)));
    }
  }
  r.offsets = device(offsets);
  r.indices = device(indices);
  r.index_bytes = 2;
  return r;
}

/** Cuts the work as the library does. */
void shape(Recorder& recorder, tacet_rows& r, int batch) {
  tacet_value found[TACET_SHAPE_WORDS];
  Recorder::run(tacet_propagate_shape(recorder.context(), &r, batch, 0, found));
  r.width = found[0];
  r.tiles = found[1];
  r.warps = found[2];
  r.parts = found[3];
  r.multiprocessors = found[4];
  r.sums = found[5];
  r.partials = nullptr;
  r.pivots = nullptr;
  if (r.parts > 1) {
    r.partials = device<float>(static_cast<size_t>(r.parts) * batch * r.targets);
  }
  if (r.tiles > 1 && r.format != TACET_DENSE) {
    r.pivots = device<int32_t>(static_cast<size_t>(r.sources) * (r.tiles + 1));
    Recorder::run(tacet_propagate_pivots(recorder.context(), &r, nullptr));
  }
}

void count_compaction(Recorder& recorder) {
  constexpr int kRows = 4;
  constexpr int kUnits = 16384;
  Random random;
  const Events e(recorder, random, kRows, kUnits);
  const double units = static_cast<double>(kRows) * kUnits;
  recorder.count("compact 4 x 16384", 4 * units + units / 8 + 4 * e.events + 4 * kRows, [&] {
    Recorder::run(tacet_compact(recorder.context(), e.dense, kRows, kUnits, kUnits,
                                const_cast<uint32_t*>(e.lists.bitmap),
                                const_cast<int32_t*>(e.lists.units), nullptr,
                                const_cast<int32_t*>(e.lists.counts), nullptr));
  });
}

void count_rows(Recorder& recorder, const std::string& what, int n, int fan_out, int batch) {
  Random random;
  tacet_rows r = rows(random, n, fan_out);
  const Events e(recorder, random, batch, n);
  shape(recorder, r, batch);
  auto* values = device(random.uniform(static_cast<size_t>(batch) * n, -1, 1));
  auto* sums = device<float>(static_cast<size_t>(batch) * n);
  auto* gradient = device(std::vector<float>(static_cast<size_t>(r.count)));
  const tacet_slots slots{values, nullptr, 0, 1, 0};
  tacet_context* context = recorder.context();

  // Active rows with where they begin, the events, and the values of all targets.
  const double synapses = e.sources * fan_out;
  const double offsets = r.offsets == nullptr ? 0 : 8 * e.sources;
  const double rows_once = synapses * static_cast<double>(4 + r.index_bytes) + offsets;
  const double targets = 4.0 * batch * n;
  const double bitmaps = batch * n / 8.0;
  recorder.count("forward " + what, rows_once + 4 * e.events + 2 * targets, [&] {
    Recorder::run(tacet_propagate_forward(context, &r, &e.lists, &slots, 1, nullptr));
  });
  if (r.format == TACET_CSR) {
    tacet_rows integers = r;
    integers.sums = TACET_SUMS_INT32;
    shape(recorder, integers, batch);
    recorder.count("forward, integers, " + what, rows_once + 4 * e.events + 2 * targets, [&] {
      Recorder::run(tacet_propagate_forward(context, &integers, &e.lists, &slots, 1, nullptr));
    });
    recorder.count("forward, atomics, " + what, rows_once + 4 * e.events + 2 * targets, [&] {
      Recorder::run(tacet_propagate_forward(context, &r, &e.lists, &slots, 0, nullptr));
    });
  }
  recorder.count("transposed " + what, rows_once + 8 * e.events + targets, [&] {
    Recorder::run(tacet_propagate_transposed(context, &r, &e.lists, &slots, sums, nullptr));
  });
  recorder.count("gradient " + what, rows_once + 4 * synapses + bitmaps + targets, [&] {
    Recorder::run(tacet_propagate_gradient(context, &r, &e.lists, &slots, gradient, nullptr));
  });
}

}  // namespace

void count_propagation(Recorder& recorder) {
  count_compaction(recorder);
  count_rows(recorder, "dense 512, batch 4", 512, 512, 4);
  count_rows(recorder, "CSR 4096 x 128, batch 1", 4096, 128, 1);
  count_rows(recorder, "CSR 4096 x 128, batch 8", 4096, 128, 8);
}

}  // namespace tacet::traffic

// Event propagation on arrays of the exact size, so that the address sanitizer sees every element
// beyond them, against plain loops, for each way in which rows are stored.
#include "propagate/propagate.h"

#include <cmath>
#include <memory>
#include <vector>

#include "check.h"

namespace {

constexpr int kSources = 37;
constexpr int kTargets = 197;
constexpr int kBatch = 2;
constexpr int kSlots = 3;
constexpr int kSlot = 2;

/** Rows of one format, the arrays behind them, and the same as triples. */
struct Connectivity {
  struct Triple {
    int source;
    int target;
    size_t position;
  };

  tacet::RowsView view{};
  std::vector<float> weights;
  std::vector<int32_t> offsets{0};
  std::vector<int32_t> wide;
  std::vector<uint16_t> narrow;
  std::vector<Triple> triples;

  explicit Connectivity(tacet::Format format, bool narrow_indices = true) {
    view.format = format;
    view.sources = kSources;
    view.targets = kTargets;
    view.mean = 20;
    view.narrow = narrow_indices;
    view.multiprocessors = 2;
    if (format == tacet::Format::kBlocks) {
      make_blocks();
    } else {
      make_rows(format);
    }
    for (size_t s = 0; s < weights.size(); s++) {
      weights[s] = 0.01f * static_cast<float>(s % 101) - 0.3f;
    }
    narrow.assign(wide.begin(), wide.end());
    view.weights = weights.data();
    view.offsets = offsets.data();
    view.indices = narrow_indices && format != tacet::Format::kBlocks
                       ? static_cast<const void*>(narrow.data())
                       : static_cast<const void*>(wide.data());
    if (format == tacet::Format::kFanOut || format == tacet::Format::kDense) {
      view.offsets = nullptr;
    }
  }

  void make_rows(tacet::Format format) {
    view.length = 13;
    for (int i = 0; i < kSources; i++) {
      const bool dense = format == tacet::Format::kDense;
      const int count = dense ? kTargets : format == tacet::Format::kFanOut ? 13 : (i * 7) % 90;
      for (int k = 0; k < count; k++) {
        const int target = dense ? k : k * kTargets / count + i % 2;
        triples.push_back({i, target, wide.size()});
        wide.push_back(target);
      }
      offsets.push_back(static_cast<int32_t>(wide.size()));
    }
    weights.resize(wide.size());
  }

  void make_blocks() {
    view.length = 16;
    view.shift = 4;
    for (int r = 0; r < (kSources + 15) / 16; r++) {
      for (int c = r % 2; c < (kTargets + 15) / 16; c += 2) {
        for (int k = 0; k < 256; k++) {
          const int source = r * 16 + k / 16;
          const int target = c * 16 + k % 16;
          if (source < kSources && target < kTargets) {
            triples.push_back({source, target, wide.size() * 256 + k});
          }
        }
        wide.push_back(c);
      }
      offsets.push_back(static_cast<int32_t>(wide.size()));
    }
    weights.resize(wide.size() * 256);
  }
};

/** Graded events of both samples. */
struct Events {
  std::vector<int32_t> counts;
  std::vector<int32_t> units = std::vector<int32_t>(kBatch * kSources);
  std::vector<float> values = std::vector<float>(kBatch * kSources);
  std::vector<uint32_t> bitmap = std::vector<uint32_t>(kBatch * 2);
  std::vector<float> dense = std::vector<float>(kBatch * kSources);

  Events() {
    for (int b = 0; b < kBatch; b++) {
      int count = 0;
      for (int i = b; i < kSources; i += 2 + b) {
        const float value = 0.5f + 0.1f * static_cast<float>(i % 7);
        units[b * kSources + count] = i;
        values[b * kSources + count++] = value;
        dense[b * kSources + i] = value;
        bitmap[b * 2 + i / 32] |= 1u << (i % 32);
      }
      counts.push_back(count);
    }
  }

  tacet::ListsView view() const {
    return {counts.data(), units.data(), values.data(), bitmap.data(), kBatch, kSources};
  }
};

bool near(const std::vector<float>& a, const std::vector<double>& b) {
  for (size_t k = 0; k < a.size(); k++) {
    if (!(std::fabs(a[k] - b[k]) <= 1e-4)) {
      std::printf("  element %zu: %g, expected %g\n", k, a[k], b[k]);
      return false;
    }
  }
  return true;
}

enum class Delay { kNone, kPerSource, kPerSynapse };

void compare(Connectivity& c, const tacet::ForwardShape& shape, Delay delay, bool deterministic) {
  const Events events;
  const int slots = delay == Delay::kNone ? 1 : kSlots;
  const int slot = delay == Delay::kNone ? 0 : kSlot;
  std::vector<uint16_t> delays(delay == Delay::kPerSource ? kSources : c.weights.size());
  for (size_t k = 0; k < delays.size(); k++) {
    delays[k] = static_cast<uint16_t>(k * 5 % kSlots);
  }
  const auto at = [&](const Connectivity::Triple& t, int b) {
    const int d = delay == Delay::kNone        ? 0
                  : delay == Delay::kPerSource ? delays[t.source]
                                               : delays[t.position];
    return (static_cast<size_t>((slot + d) % slots) * kBatch + b) * kTargets + t.target;
  };

  std::vector<int32_t> cuts;
  std::vector<float> partials(static_cast<size_t>(shape.parts) * kBatch * kTargets);
  c.view.shape = shape;
  c.view.pivots = nullptr;
  c.view.partials = partials.data();
  if (shape.tiles > 1 && c.view.format != tacet::Format::kDense) {
    cuts.resize((c.offsets.size() - 1) * (shape.tiles + 1));
    tacet_host::pivots(c.view, cuts.data(), nullptr);
    c.view.pivots = cuts.data();
  }

  std::vector<float> values(static_cast<size_t>(slots) * kBatch * kTargets);
  for (size_t k = 0; k < values.size(); k++) {
    values[k] = 0.02f * static_cast<float>(k % 53) - 0.5f;
  }
  const std::vector<float> adjoint = values;
  std::vector<double> expected(values.begin(), values.end());
  std::vector<double> dots(kBatch * kSources);
  std::vector<double> grown(c.weights.size(), 1.0);
  for (int b = 0; b < kBatch; b++) {
    for (const Connectivity::Triple& t : c.triples) {
      const double x = events.dense[b * kSources + t.source];
      expected[at(t, b)] += x * c.weights[t.position];
      dots[b * kSources + t.source] += c.weights[t.position] * double{adjoint[at(t, b)]};
      grown[t.position] += x * adjoint[at(t, b)];
    }
  }

  const tacet::SlotsView target{values.data(), delay == Delay::kNone ? nullptr : delays.data(),
                                delay == Delay::kPerSynapse, slots, slot};
  tacet_host::forward(c.view, events.view(), target, deterministic, nullptr);
  CHECK(near(values, expected));

  values = adjoint;
  std::vector<float> sums(kBatch * kSources);
  tacet_host::transposed(c.view, events.view(), target, sums.data(), nullptr);
  std::vector<double> listed(sums.size());
  for (int b = 0; b < kBatch; b++) {
    for (int e = 0; e < events.counts[b]; e++) {
      listed[b * kSources + e] = dots[b * kSources + events.units[b * kSources + e]];
    }
  }
  CHECK(near(sums, listed));

  std::vector<float> gradient(c.weights.size(), 1.0f);
  tacet_host::weight_gradient(c.view, events.view(), target, gradient.data(), nullptr);
  CHECK(near(gradient, grown));
}

void compare_all(Connectivity&& c) {
  const bool dense = c.view.format == tacet::Format::kDense;
  const tacet::ForwardShape tiles =
      dense ? tacet::ForwardShape{128, 2, 8, 2} : tacet::ForwardShape{64, 4, 3, 2};
  const tacet::ForwardShape whole = dense ? tiles : tacet::ForwardShape{256, 1, 8, 1};
  tacet::test::under_every_schedule([&] {
    compare(c, tiles, Delay::kNone, true);
    compare(c, whole, Delay::kNone, true);
    compare(c, {64, 4, 8, 1}, Delay::kPerSource, true);
    compare(c, {64, 4, 8, 1}, Delay::kPerSynapse, true);
    for (int mean : {5, 100, 2000}) {
      c.view.mean = mean;
      compare(c, whole, Delay::kNone, false);
    }
  });
}

}  // namespace

TEST_CASE("propagation over dense rows is that of plain loops") {
  compare_all(Connectivity(tacet::Format::kDense));
}

TEST_CASE("propagation over rows with 16-bit targets is that of plain loops") {
  compare_all(Connectivity(tacet::Format::kCsr));
}

TEST_CASE("propagation over rows with 32-bit targets is that of plain loops") {
  compare_all(Connectivity(tacet::Format::kCsr, false));
}

TEST_CASE("propagation over rows of one length is that of plain loops") {
  compare_all(Connectivity(tacet::Format::kFanOut));
}

TEST_CASE("propagation over blocks is that of plain loops") {
  compare_all(Connectivity(tacet::Format::kBlocks));
}

int main() { return tacet::test::run_all(); }

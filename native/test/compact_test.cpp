// Compaction of graded activity, expansion of bitmaps and delayed arrivals against plain loops, on
// arrays of the exact size, so that the sanitizers see the kernels; the full suite is in Java.
#include "propagate/compact.h"

#include <vector>

#include "check.h"

using tacet::test::under_every_schedule;

namespace {

constexpr int kRows = 3;
constexpr int kUnits = 301;
constexpr int kWords = 10;
constexpr int kCapacity = 80;

/** Row 0 has more events than the capacity, row 1 a few, row 2 none. */
bool is_active(int row, int unit) { return row == 0 ? unit % 3 != 1 : row == 1 && unit % 37 == 5; }

float value_of(int row, int unit) {
  return is_active(row, unit) ? 0.1f * static_cast<float>(unit + 1) : 0.0f;
}

struct Lists {
  std::vector<uint32_t> bitmap = std::vector<uint32_t>(kRows * kWords);
  std::vector<int32_t> events = std::vector<int32_t>(kRows * kCapacity, -1);
  std::vector<float> values = std::vector<float>(kRows * kCapacity);
  std::vector<int32_t> counts = std::vector<int32_t>(kRows);

  bool has(int row, int unit) const {
    return (bitmap[row * kWords + unit / 32] >> (unit % 32) & 1) != 0;
  }
};

}  // namespace

TEST_CASE("graded activity becomes sorted lists, cut where they are full, and a bitmap") {
  under_every_schedule([] {
    std::vector<float> activity;
    for (int r = 0; r < kRows; r++) {
      for (int u = 0; u < kUnits; u++) {
        activity.push_back(value_of(r, u));
      }
    }
    Lists graded;
    tacet_host::compact(activity.data(), kRows, kUnits, kCapacity, graded.bitmap.data(),
                        graded.events.data(), graded.values.data(), graded.counts.data(), nullptr);
    Lists binary;
    tacet_host::expand(graded.bitmap.data(), kRows, kUnits, kCapacity, binary.events.data(),
                       binary.counts.data(), nullptr);
    for (int r = 0; r < kRows; r++) {
      int count = 0;
      for (int u = 0; u < kUnits; u++) {
        CHECK(graded.has(r, u) == is_active(r, u));
        if (is_active(r, u) && count++ < kCapacity) {
          CHECK(graded.events[r * kCapacity + count - 1] == u);
          CHECK(graded.values[r * kCapacity + count - 1] == value_of(r, u));
        }
      }
      CHECK(graded.counts[r] == count && binary.counts[r] == count);
    }
    CHECK(binary.events == graded.events);
  });
}

TEST_CASE("a delayed unit is active when it was, as many steps ago as its delay") {
  constexpr int kSlots = 4;
  constexpr int kSlot = 1;
  constexpr int kLongest = 2;
  under_every_schedule([] {
    // The event of a unit is in the slots that its number names.
    const auto was_active = [](int slot, int row, int unit) {
      return (unit + row) % kSlots == slot;
    };
    std::vector<uint32_t> ring(kSlots * kRows * kWords);
    std::vector<uint16_t> delays;
    for (int u = 0; u < kUnits; u++) {
      delays.push_back(static_cast<uint16_t>(u % kSlots));
      for (int slot = 0; slot < kSlots; slot++) {
        for (int r = 0; r < kRows; r++) {
          ring[(slot * kRows + r) * kWords + u / 32] |=
              static_cast<uint32_t>(was_active(slot, r, u)) << (u % 32);
        }
      }
    }
    Lists lists;
    tacet_host::arrivals(ring.data(), delays.data(), kSlots, kSlot, kLongest, kRows, kUnits,
                         lists.bitmap.data(), nullptr);
    for (int r = 0; r < kRows; r++) {
      for (int u = 0; u < kUnits; u++) {
        const int then = (kSlot - delays[u] + kSlots) % kSlots;
        CHECK(lists.has(r, u) == (delays[u] <= kLongest && was_active(then, r, u)));
      }
    }
  });
}

int main() { return tacet::test::run_all(); }

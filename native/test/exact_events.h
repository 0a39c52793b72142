// A batch of events and the scratch memory of a call, for tests of the kernels behind exact layers.
#pragma once

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "eventprop/views.h"

namespace tacet::test {

using Floats = std::vector<float>;
using Ints = std::vector<int32_t>;

/** Memory of a call, filled with what is no plausible number. */
class Scratch {
 public:
  template <typename Take>
  explicit Scratch(const Take& take) {
    Carver measured(nullptr);
    take(measured);
    memory_.assign(measured.bytes() / sizeof(double) + 1, std::nan(""));
    Carver carver(memory_.data());
    take(carver);
  }

 private:
  std::vector<double> memory_;
};

/** Events of a batch: times of few values, so that many are equal. */
struct Events {
  int capacity;
  Ints counts;
  Floats times;
  Ints units;

  Events(const Ints& counts_, int units_of, int times_of, unsigned int seed)
      : capacity(*std::max_element(counts_.begin(), counts_.end()) + 1), counts(counts_) {
    std::mt19937 random(seed);
    for (const int count : counts) {
      Floats own;
      for (int e = 0; e < capacity; e++) {
        own.push_back(static_cast<float>(random() % static_cast<unsigned int>(times_of)) * 0.25f);
        units.push_back(static_cast<int32_t>(random() % static_cast<unsigned int>(units_of)));
      }
      std::sort(own.begin(), own.begin() + count);
      times.insert(times.end(), own.begin(), own.end());
    }
  }

  int batch() const { return static_cast<int>(counts.size()); }

  size_t base(int sample) const { return static_cast<size_t>(sample) * capacity; }

  EventView view() {
    EventView view{};
    view.counts = counts.data();
    view.times = times.data();
    view.units = units.data();
    view.batch = batch();
    view.capacity = capacity;
    return view;
  }
};

}  // namespace tacet::test

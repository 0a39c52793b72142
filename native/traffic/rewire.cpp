// Marks of the smallest synapses, their replacement with two moments, and the search for absent ones of
// the largest gradients.
#include <cmath>

#include "tacet_rewire.h"
#include "traffic/operations.h"

namespace tacet::traffic {

void count_rewiring(Recorder& recorder) {
  constexpr int kUnits = 1024;
  constexpr int kFanOut = 64;
  constexpr int kSynapses = kUnits * kFanOut;
  constexpr int kReplaced = kSynapses / 5;
  Random random;
  std::vector<int32_t> offsets;
  std::vector<uint16_t> indices;
  for (int i = 0; i <= kUnits; i++) {
    offsets.push_back(i * kFanOut);
    for (int k = 0; k < kFanOut && i < kUnits; k++) {
      const int part = kUnits / kFanOut;
      indices.push_back(static_cast<uint16_t>(k * part + static_cast<int>(random() * part)));
    }
  }
  const tacet_wiring wiring{kUnits, kUnits, 1, 0, kSynapses, device(offsets), device(indices), 2};
  tacet_companion companions[3]{};
  for (tacet_companion& companion : companions) {
    companion.array = device(random.uniform(kSynapses, -1, 1));
  }
  auto* marks = device(std::vector<uint16_t>(kSynapses));
  tacet_context* context = recorder.context();
  tacet_value bytes = 0;

  Recorder::run(tacet_rewire_mark_bytes(context, &wiring, &bytes));
  const Scratch selection(bytes);
  recorder.count("rewire, mark 65536", 6.0 * kSynapses, [&] {
    Recorder::run(tacet_rewire_mark(context, &wiring, companions[0].array, kReplaced, 0, marks,
                                    selection.memory, selection.bytes, nullptr));
  });

  // A tenth of the units sends something in each of 64 pairs of step and sample.
  constexpr int kPairs = 64;
  std::vector<float> sent = random.uniform(static_cast<size_t>(kPairs) * kUnits, -1, 1);
  for (float& x : sent) {
    x = std::fabs(x) < 0.9f ? 0.0f : x;
  }
  const tacet_factors factors{device(sent),
                              nullptr,
                              device(random.uniform(static_cast<size_t>(kPairs) * kUnits, -1, 1)),
                              kPairs,
                              0,
                              1};
  auto* found = device(std::vector<int32_t>(2 * kReplaced));
  Recorder::run(tacet_rewire_absent_bytes(context, &wiring, kReplaced, &bytes));
  const Scratch search(bytes);
  recorder.count("rewire, search 13107 of 1048576", 8.0 * kPairs * kUnits + 8.0 * kReplaced, [&] {
    Recorder::run(tacet_rewire_absent(context, &wiring, marks, &factors, kReplaced, found,
                                      search.memory, search.bytes, nullptr));
  });

  // Of an index, a weight and two moments, what stays is read and everything is written.
  Recorder::run(tacet_rewire_replace_bytes(context, &wiring, 3, kReplaced, &bytes));
  const Scratch moves(bytes);
  const double floor = 14.0 * (2 * kSynapses - kReplaced) + 4.0 * kSynapses + 8.0 * kUnits;
  recorder.count("rewire, replace 13107 of 65536", floor, [&] {
    Recorder::run(tacet_rewire_replace(context, &wiring, companions, 3, marks,
                                       kSynapses - kReplaced, kReplaced, nullptr, 1, 1,
                                       moves.memory, moves.bytes, nullptr));
  });
}

}  // namespace tacet::traffic

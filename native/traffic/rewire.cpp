// Marks of the smallest synapses, and their replacement with two moments.
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

  // Of an index, a weight and two moments, what stays is read and everything is written.
  Recorder::run(tacet_rewire_replace_bytes(context, &wiring, 3, kReplaced, &bytes));
  const Scratch moves(bytes);
  const double floor = 14.0 * (2 * kSynapses - kReplaced) + 4.0 * kSynapses + 8.0 * kUnits;
  recorder.count("rewire, replace 13107 of 65536", floor, [&] {
    Recorder::run(tacet_rewire_replace(context, &wiring, companions, 3, marks,
                                       kSynapses - kReplaced, kReplaced, 1, 1, moves.memory,
                                       moves.bytes, nullptr));
  });
}

}  // namespace tacet::traffic

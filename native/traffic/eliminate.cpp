// Elimination of 16,384 targets by the silent of 512 sources at a density of 5 %.
#include <set>

#include "tacet_eliminate.h"
#include "tacet_propagate.h"
#include "traffic/operations.h"

namespace tacet::traffic {

namespace {

constexpr int kSources = 512;
constexpr int kTargets = 16384;
constexpr int kBatch = 4;
constexpr int kWords = kTargets / 32;
constexpr float kDensity = 0.05f;
constexpr float kSilent = 0.6f;

/** Words of rows that are needed until none of their targets is left in any sample. */
size_t needed_words(const std::vector<uint32_t>& bound, const std::vector<float>& activity) {
  std::set<int> needed;
  for (int b = 0; b < kBatch; b++) {
    for (int w = 0; w < kWords; w++) {
      uint32_t left = ~0u;
      for (int i = 0; i < kSources && left != 0; i++) {
        if (activity[static_cast<size_t>(b) * kSources + i] <= kSilent) {
          needed.insert(i * kWords + w);
          left &= ~bound[static_cast<size_t>(i) * kWords + w];
        }
      }
    }
  }
  return needed.size();
}

}  // namespace

void count_elimination(Recorder& recorder) {
  Random random;
  std::vector<int32_t> offsets{0};
  std::vector<uint16_t> indices;
  std::vector<uint32_t> rows(static_cast<size_t>(kSources) * kWords);
  for (int i = 0; i < kSources; i++) {
    for (int m = 0; m < kTargets; m++) {
      if (random() < kDensity) {
        indices.push_back(static_cast<uint16_t>(m));
        rows[static_cast<size_t>(i) * kWords + m / 32] |= 1u << (m % 32);
      }
    }
    offsets.push_back(static_cast<int32_t>(indices.size()));
  }
  const std::vector<float> activity = random.uniform(kSources * kBatch, 0, 1);
  double silent_rows = 0;
  for (int i = 0; i < kSources; i++) {
    bool any = false;
    for (int b = 0; b < kBatch; b++) {
      any = any || activity[static_cast<size_t>(b) * kSources + i] <= kSilent;
    }
    silent_rows += any;
  }
  const tacet_pattern pattern{device(offsets), device(indices),
                              2,               static_cast<int64_t>(indices.size()),
                              kSources,        kTargets};
  auto* bound = device<uint32_t>(rows.size());
  auto* dense = device(activity);
  auto* silent = device<uint32_t>(kBatch * kSources / 32);
  auto* units = device<int32_t>(kBatch * kSources);
  auto* counts = device<int32_t>(kBatch);
  auto* vetoes = device(std::vector<int32_t>(static_cast<size_t>(kBatch) * kTargets));
  auto* candidates = device<uint32_t>(static_cast<size_t>(kBatch) * kWords);
  tacet_context* context = recorder.context();

  const double row_bytes = 4.0 * kWords;
  const double bits = kBatch * kSources / 8;
  recorder.count("eliminate, bind 512 x 16384",
                 4.0 * (kSources + 1) + 2.0 * static_cast<double>(indices.size()) +
                     kSources * row_bytes,
                 [&] { Recorder::run(tacet_eliminate_bind(context, &pattern, bound, nullptr)); });
  Recorder::run(tacet_compact_silent(context, dense, kSilent, kBatch, kSources, kSources, silent,
                                     units, counts, nullptr));
  recorder.count("eliminate, vetoes 512 x 16384, batch 4",
                 silent_rows * row_bytes + bits + 8.0 * kBatch * kTargets, [&] {
                   Recorder::run(tacet_eliminate_vetoes(context, bound, kSources, kTargets, silent,
                                                        kBatch, vetoes, nullptr));
                 });
  recorder.count("eliminate, candidates 512 x 16384, batch 4",
                 4.0 * static_cast<double>(needed_words(rows, activity)) + bits +
                     kBatch * row_bytes,
                 [&] {
                   Recorder::run(tacet_eliminate_candidates(context, bound, kSources, kTargets,
                                                            silent, kBatch, candidates, nullptr));
                 });
}

}  // namespace tacet::traffic

// Elimination against plain loops, on arrays of the exact size, so that the sanitizers see the
// kernels; the full suite is in Java.
#include "eliminate/eliminate.h"

#include <array>
#include <vector>

#include "check.h"
#include "propagate/compact.h"

using tacet::test::under_every_schedule;

namespace {

int words_of(int units) { return (units + 31) / 32; }

/** Source i has a synapse onto target m where a hash of both is small; the indices of rows. */
struct Net {
  int sources;
  int targets;
  int batch;
  std::vector<int32_t> offsets{0};
  std::vector<uint16_t> indices;
  /** [batch][sources] */
  std::vector<bool> is_silent;
  std::vector<uint32_t> silent;
  std::vector<uint32_t> bound;

  Net(int sources, int targets, int batch) : sources(sources), targets(targets), batch(batch) {
    for (int i = 0; i < sources; i++) {
      for (int m = 0; m < targets; m++) {
        if (has(i, m)) {
          indices.push_back(static_cast<uint16_t>(m));
        }
      }
      offsets.push_back(static_cast<int32_t>(indices.size()));
    }
    silent.resize(static_cast<size_t>(batch) * words_of(sources));
    bound.resize(static_cast<size_t>(sources) * words_of(targets));
    for (int b = 0; b < batch; b++) {
      for (int i = 0; i < sources; i++) {
        is_silent.push_back((i * 7 + b) % 5 != 0);
        if (is_silent.back()) {
          silent[static_cast<size_t>(b) * words_of(sources) + i / 32] |= 1u << (i % 32);
        }
      }
    }
  }

  static bool has(int i, int m) {
    return (static_cast<uint32_t>(i * 8191 + m) * 2654435761u >> 16) % 20 == 0;
  }

  tacet::PatternView view() const {
    return {offsets.data(), indices.data(), static_cast<int64_t>(indices.size()),
            sources,        targets,        true};
  }

  /** [batch][targets] */
  std::vector<int32_t> naive() const {
    std::vector<int32_t> vetoes(static_cast<size_t>(batch) * targets);
    for (int b = 0; b < batch; b++) {
      for (int i = 0; i < sources; i++) {
        if (is_silent[static_cast<size_t>(b) * sources + i]) {
          for (int s = offsets[i]; s < offsets[i + 1]; s++) {
            vetoes[static_cast<size_t>(b) * targets + indices[s]]++;
          }
        }
      }
    }
    return vetoes;
  }
};

void compare(Net& net) {
  tacet_host::eliminate_bind(net.view(), net.bound.data(), nullptr);
  const std::vector<int32_t> expected = net.naive();
  std::vector<int32_t> vetoes(expected.size(), 3);
  tacet_host::eliminate_vetoes(net.bound.data(), net.sources, net.targets, net.silent.data(),
                               net.batch, vetoes.data(), nullptr);
  std::vector<uint32_t> candidates(static_cast<size_t>(net.batch) * words_of(net.targets), 7);
  tacet_host::eliminate_candidates(net.bound.data(), net.sources, net.targets, net.silent.data(),
                                   net.batch, candidates.data(), nullptr);
  bool counts_agree = true;
  bool bits_agree = true;
  for (int b = 0; b < net.batch; b++) {
    for (int m = 0; m < 32 * words_of(net.targets); m++) {
      const uint32_t word = candidates[static_cast<size_t>(b) * words_of(net.targets) + m / 32];
      const bool is_left = (word >> (m % 32) & 1u) != 0;
      const size_t at = static_cast<size_t>(b) * net.targets + m;
      bits_agree = bits_agree && is_left == (m < net.targets && expected[at] == 0);
      if (m < net.targets) {
        counts_agree = counts_agree && vetoes[at] == 3 + expected[at];
      }
    }
  }
  CHECK(counts_agree);
  CHECK(bits_agree);
}

}  // namespace

TEST_CASE("vetoes and candidates are those of plain loops") {
  under_every_schedule([] {
    for (const auto& [sources, targets, batch] :
         {std::array{1, 1, 1}, std::array{30, 33, 2}, std::array{70, 1000, 3},
          std::array{45, 8200, 2}}) {
      Net net(sources, targets, batch);
      compare(net);
    }
  });
}

TEST_CASE("more sources than a count in registers holds are counted in parts") {
  Net net(70001, 40, 1);
  compare(net);
}

TEST_CASE("units that do not exceed the threshold are silent") {
  under_every_schedule([] {
    constexpr int kUnits = 301;
    std::vector<float> activity(kUnits);
    std::vector<int32_t> expected;
    for (int i = 0; i < kUnits; i++) {
      activity[i] = i % 3 == 0 ? 0.0f : 0.25f * static_cast<float>(i % 5);
      if (activity[i] <= 0.25f) {
        expected.push_back(i);
      }
    }
    std::vector<uint32_t> bitmap(words_of(kUnits));
    std::vector<int32_t> events(kUnits);
    int32_t count = 0;
    tacet_host::compact_silent(activity.data(), 0.25f, 1, kUnits, kUnits, bitmap.data(),
                               events.data(), &count, nullptr);
    events.resize(static_cast<size_t>(count));
    CHECK(events == expected);
  });
}

int main() { return tacet::test::run_all(); }

// Marks and replacement of synapses against plain loops, on arrays of the exact size, so that the
// sanitizers see the kernels; the full suite is in Java.
#include "rewire/rewire.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <vector>

#include "check.h"

using tacet::test::under_every_schedule;

namespace {

constexpr int kSources = 37;
constexpr int kTargets = 50;

/** Synapses of three gates, of which rows hold one behind the other. */
struct Net {
  explicit Net(int gates, int slack) : gates(gates) {
    for (int i = 0; i < kSources; i++) {
      std::vector<int> row;
      for (int m = 0; m < kTargets; m++) {
        // Row 5 is empty, row 6 full.
        if (i != 5 && (i == 6 || (i * 31 + m * 17) % 7 == 0)) {
          row.push_back(m);
        }
      }
      const int begin = offsets.back() / gates;
      const int count = static_cast<int>(row.size());
      for (int g = 0; g < gates; g++) {
        for (int j = 0; j < count; j++) {
          indices.push_back(static_cast<uint16_t>(g * kTargets + row[j]));
          weights.push_back(std::sin(static_cast<float>(3 * (begin + j) + g)));
          extra.push_back(static_cast<float>(1000 * i + row[j]));
        }
      }
      offsets.push_back(static_cast<int>(indices.size()));
    }
    synapses = offsets.back() / gates;
    places = synapses + slack;
    indices.resize(static_cast<size_t>(places) * gates);
    weights.resize(indices.size());
    extra.resize(indices.size());
    marks.resize(static_cast<size_t>(places));
  }

  tacet::WiringView view() {
    return {kSources, kTargets, gates, gates, places, offsets.data(), indices.data(), true};
  }

  tacet::CompanionsView companions() {
    tacet::CompanionsView all{};
    all.count = 2;
    all.arrays[0] = weights.data();
    all.arrays[1] = extra.data();
    all.laws[1] = 1;
    all.first[1] = -1;
    all.second[1] = 1;
    return all;
  }

  /** The magnitudes of all synapses, in order. */
  std::vector<float> magnitudes() const {
    std::vector<float> all;
    for (int i = 0; i < kSources; i++) {
      const int begin = offsets[i];
      const int count = (offsets[i + 1] - begin) / gates;
      for (int j = 0; j < count; j++) {
        float sum = 0;
        for (int g = 0; g < gates; g++) {
          sum += std::fabs(weights[static_cast<size_t>(begin + g * count + j)]);
        }
        all.push_back(sum);
      }
    }
    return all;
  }

  /** Value of the second companion by pair, checking that gates agree and rows ascend. */
  std::map<std::pair<int, int>, float> pairs() const {
    std::map<std::pair<int, int>, float> all;
    for (int i = 0; i < kSources; i++) {
      const int begin = offsets[i];
      const int count = (offsets[i + 1] - begin) / gates;
      for (int j = 0; j < count; j++) {
        const size_t at = static_cast<size_t>(begin + j);
        const int target = indices[at];
        CHECK(target < kTargets && (j == 0 || indices[at - 1] < target));
        for (int g = 1; g < gates; g++) {
          CHECK(indices[at + static_cast<size_t>(g) * count] == g * kTargets + target);
        }
        all[{i, target}] = extra[at];
      }
    }
    return all;
  }

  int gates;
  int synapses = 0;
  int places = 0;
  std::vector<int32_t> offsets{0};
  std::vector<uint16_t> indices;
  std::vector<float> weights;
  std::vector<float> extra;
  std::vector<uint16_t> marks;
};

void mark(Net& net, int count) {
  size_t bytes = 0;
  tacet_host::rewire_mark_bytes(net.view(), &bytes);
  std::vector<char> scratch(bytes, '\x7f');
  tacet_host::rewire_mark(net.view(), net.weights.data(), count, false, net.marks.data(),
                          {scratch.data(), bytes}, nullptr);
}

void replace(Net& net, int left, int grow, const int32_t* pairs = nullptr) {
  size_t bytes = 0;
  tacet_host::rewire_replace_bytes(net.view(), 2, grow, &bytes);
  std::vector<char> scratch(bytes, '\x7f');
  tacet_host::rewire_replace(net.view(), net.companions(), net.marks.data(), left, grow, pairs,
                             {5, 3}, {scratch.data(), bytes}, nullptr);
}

}  // namespace

TEST_CASE("the smallest synapses are marked, of equal ones the first") {
  under_every_schedule([] {
    for (const int gates : {1, 3}) {
      for (const int tied : {0, 1}) {
        Net net(gates, 0);
        if (tied != 0) {
          std::fill(net.weights.begin(), net.weights.end(), -0.5f);
        }
        const std::vector<float> sizes = net.magnitudes();
        std::vector<int> order(sizes.size());
        std::iota(order.begin(), order.end(), 0);
        std::stable_sort(order.begin(), order.end(),
                         [&](int a, int b) { return sizes[a] < sizes[b]; });
        for (const int count : {0, 1, net.synapses / 3, net.synapses}) {
          mark(net, count);
          for (int k = 0; k < net.synapses; k++) {
            CHECK(net.marks[order[k]] == (k < count ? 1 : 0));
          }
        }
      }
    }
  });
}

TEST_CASE("what stays keeps its values, as many others come, and their pairs are new") {
  under_every_schedule([] {
    for (const int gates : {1, 3}) {
      Net net(gates, 40);
      const auto before = net.pairs();
      mark(net, 100);
      std::set<std::pair<int, int>> marked;
      size_t s = 0;
      for (const auto& [pair, value] : before) {
        if (net.marks[s++] != 0) {
          marked.insert(pair);
        }
      }
      CHECK(marked.size() == 100);
      replace(net, net.synapses - 100, 140);
      const auto after = net.pairs();
      CHECK(after.size() == before.size() + 40);
      size_t fresh = 0;
      s = 0;
      for (const auto& [pair, value] : after) {
        const bool is_new = net.marks[s++] != 0;
        fresh += is_new ? 1 : 0;
        CHECK(is_new == (before.count(pair) == 0 || marked.count(pair) != 0));
        CHECK(is_new ? std::fabs(value) <= 1 : value == before.at(pair));
      }
      CHECK(fresh == 140);
    }
  });
}

namespace {

constexpr int kPairs = 45;

/** What gradients are made of: small numbers, so that sums are exact and many are equal. */
struct Factors {
  Factors(int gates, int parts, int lag) : gates(gates), parts(parts), lag(lag) {
    sent.resize(static_cast<size_t>(kPairs) * parts * kSources);
    first.resize(static_cast<size_t>(lag) * parts * kSources);
    errors.resize(static_cast<size_t>(kPairs) * gates * kTargets);
    for (size_t k = 0; k < sent.size(); k++) {
      sent[k] = k % 5 == 0 ? static_cast<float>(k % 7) - 3.0f : 0.0f;
    }
    for (size_t k = 0; k < first.size(); k++) {
      first[k] = k % 3 == 0 ? 2.0f : 0.0f;
    }
    for (size_t k = 0; k < errors.size(); k++) {
      errors[k] = static_cast<float>(k * 37 % 23) / 8.0f - 1.0f;
    }
  }

  tacet::FactorsView view() const {
    return {sent.data(), lag == 0 ? nullptr : first.data(), errors.data(), kPairs, lag, parts};
  }

  float magnitude(int source, int target) const {
    float all = 0;
    for (int g = 0; g < gates; g++) {
      float sum = 0;
      for (int p = 0; p < kPairs; p++) {
        const size_t column = static_cast<size_t>(parts == 1 ? 0 : g) * kSources + source;
        const size_t stride = static_cast<size_t>(parts) * kSources;
        const float x = p < lag ? first[p * stride + column] : sent[(p - lag) * stride + column];
        sum += x * errors[(static_cast<size_t>(p) * gates + g) * kTargets + target];
      }
      all += std::fabs(sum);
    }
    return all;
  }

  int gates;
  int parts;
  int lag;
  std::vector<float> sent;
  std::vector<float> first;
  std::vector<float> errors;
};

}  // namespace

TEST_CASE("absent pairs with the largest gradients are found, marked ones among them, and grow") {
  under_every_schedule([] {
    for (const int gates : {1, 3}) {
      Net net(gates, 0);
      const Factors factors(gates, gates, gates == 1 ? 0 : 4);
      const int count = 100;
      mark(net, count);
      std::vector<std::pair<float, int>> order;
      const auto before = net.pairs();
      std::set<std::pair<int, int>> stays;
      size_t s = 0;
      for (const auto& [pair, value] : before) {
        if (net.marks[s++] == 0) {
          stays.insert(pair);
        }
      }
      for (int pair = 0; pair < kSources * kTargets; pair++) {
        if (stays.count({pair / kTargets, pair % kTargets}) == 0) {
          order.emplace_back(-factors.magnitude(pair / kTargets, pair % kTargets), pair);
        }
      }
      std::sort(order.begin(), order.end());
      std::vector<int> expected;
      for (int k = 0; k < count; k++) {
        expected.push_back(order[k].second);
      }
      std::sort(expected.begin(), expected.end());

      std::vector<int32_t> found(2 * count, -7);
      size_t bytes = 0;
      tacet_host::rewire_absent_bytes(net.view(), count, &bytes);
      std::vector<char> scratch(bytes, '\x7f');
      tacet_host::rewire_absent(net.view(), net.marks.data(), factors.view(), count, found.data(),
                                {scratch.data(), bytes}, nullptr);
      for (int k = 0; k < count; k++) {
        CHECK(found[k] * kTargets + found[count + k] == expected[k]);
        stays.insert({found[k], found[count + k]});
      }
      replace(net, net.synapses - count, count, found.data());
      std::set<std::pair<int, int>> after;
      for (const auto& [pair, value] : net.pairs()) {
        after.insert(pair);
      }
      CHECK(after == stays);
    }
  });
}

TEST_CASE("a search takes memory for rows of keys and for what it keeps, not for all pairs") {
  for (const int64_t units : {int64_t{20000}, int64_t{1000000}}) {
    for (const int count : {1, 1000000}) {
      tacet::WiringView wiring{};
      wiring.sources = static_cast<int>(units);
      wiring.targets = static_cast<int>(units);
      wiring.values = 1;
      wiring.copies = 1;
      wiring.places = count;
      size_t bytes = 0;
      tacet_host::rewire_absent_bytes(wiring, count, &bytes);
      const int64_t keys = std::max(64 * units, int64_t{std::max(count, 1 << 20)} + 32 * units);
      CHECK(static_cast<int64_t>(bytes) < 4 * keys + 17 * int64_t{count} + (1 << 20));
    }
  }
}

TEST_CASE("weights that drift across zero are marked and stay there") {
  under_every_schedule([] {
    Net net(1, 0);
    const std::vector<float> old = net.weights;
    std::vector<float> signs(net.weights.size(), 1.0f);
    int32_t marked = -1;
    tacet_host::rewire_walk(net.view(), net.weights.data(), signs.data(), 0.25f, 0, {1, 1},
                            net.marks.data(), &marked, nullptr);
    int expected = 0;
    for (int k = 0; k < net.synapses; k++) {
      const bool crossed = old[k] - 0.25f < 0;
      expected += crossed ? 1 : 0;
      CHECK(net.marks[k] == (crossed ? 1 : 0));
      CHECK(net.weights[k] == (crossed ? 0.0f : old[k] - 0.25f));
    }
    CHECK(marked == expected);
  });
}

int main() { return tacet::test::run_all(); }

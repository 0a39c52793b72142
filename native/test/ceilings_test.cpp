// What is measured as a ceiling does the work that is counted: every row is read, every addition
// made, every product right. Arrays have their exact size, for the address sanitizer.
#include "ceilings/ceilings.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <vector>

#include "check.h"

namespace {

constexpr int kThreads = tacet::kCeilingThreads;

using Floats = std::vector<float>;

double total(const Floats& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

Floats filled(size_t count) {
  Floats values(count, NAN);
  tacet_host::ceiling_fill(values.data(), static_cast<int64_t>(count), 7, nullptr);
  return values;
}

uint16_t bfloat16_of(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return static_cast<uint16_t>(bits >> 16);
}

}  // namespace

TEST_CASE("random numbers are uniform in [0, 1) and depend on their place and the seed") {
  const Floats values = filled(20000);
  double low = 1;
  double high = 0;
  for (float value : values) {
    low = std::fmin(low, value);
    high = std::fmax(high, value);
  }
  CHECK(low >= 0 && low < 0.001 && high < 1 && high > 0.999);
  CHECK(std::fabs(total(values) / 20000 - 0.5) < 0.01);
  CHECK(values[0] != values[1] && values[0] == filled(3)[0]);
  Floats other(1);
  tacet_host::ceiling_fill(other.data(), 1, 8, nullptr);
  CHECK(other[0] != values[0]);
}

TEST_CASE("a copy is the same as what was copied, whatever the number of blocks") {
  tacet::test::under_every_schedule([] {
    for (size_t count : {size_t{4}, size_t{4 * 1777}}) {
      for (int blocks : {1, 3}) {
        const Floats source = filled(count);
        Floats target(count, NAN);
        tacet_host::ceiling_copy(source.data(), target.data(), static_cast<int64_t>(count), 2, blocks,
                                 nullptr);
        CHECK(source == target);
      }
    }
  });
}

TEST_CASE("a gather reads every row once in each pass") {
  tacet::test::under_every_schedule([] {
    struct Shape {
      int64_t rows;
      int64_t row;
    };
    for (const Shape shape : {Shape{1, 4 * 777}, Shape{2, 4}, Shape{64, 16}, Shape{512, 16},
                              Shape{8, 1024}}) {
      // Powers of two would hide a row that is read twice in the place of others.
      Floats table(static_cast<size_t>(shape.rows * shape.row));
      for (size_t k = 0; k < table.size(); k++) {
        table[k] = static_cast<float>(k % 251 * (k % 13));
      }
      Floats sums(3, NAN);
      tacet_host::ceiling_gather(table.data(), shape.rows, shape.row, 2, 3, sums.data(), nullptr);
      CHECK(total(sums) == 2 * total(table));
    }
  });
}

TEST_CASE("additions in global memory all arrive, in the places of their window") {
  tacet::test::under_every_schedule([] {
    for (int width : {1, 4}) {
      for (int words : {width, 1024}) {
        for (bool coalesced : {false, true}) {
          Floats window(words, 0.0f);
          tacet_host::ceiling_add(window.data(), words, width, coalesced, 8, 2, nullptr);
          const double expected = 2.0 * kThreads * 8 * width;
          CHECK(total(window) == expected);
          const auto most = *std::max_element(window.begin(), window.end());
          const auto least = *std::min_element(window.begin(), window.end());
          // Neighbours fill the window evenly, random places nearly so.
          CHECK(coalesced || words == width ? least == most : least < most && most < 80);
        }
      }
    }
  });
}

TEST_CASE("additions in shared memory meet as often as the degree says") {
  tacet::test::under_every_schedule([] {
    for (int degree : {1, 4, 32}) {
      const int adds = 5;
      std::vector<int32_t> words(2 * kThreads, -1);
      Floats sums(2 * kThreads, NAN);
      tacet_host::ceiling_shared_add_int(degree, adds, 2, words.data(), nullptr);
      tacet_host::ceiling_shared_add_float(degree, adds, 2, sums.data(), nullptr);
      std::vector<int32_t> expected(32, 0);
      for (int k = 0; k < adds; k++) {
        for (int lane = 0; lane < 32; lane++) {
          expected[(lane / degree + 7 * k) % 32]++;
        }
      }
      for (int i = 0; i < 2 * kThreads; i++) {
        CHECK(words[i] == expected[i % 32] && sums[i] == expected[i % 32]);
      }
    }
  });
}

TEST_CASE("multiply-adds are those of a plain loop, bit for bit") {
  Floats results(2 * kThreads, NAN);
  tacet_host::ceiling_fma(0.75f, 0.1f, 21, 2, results.data(), nullptr);
  bool same = true;
  for (int i = 0; i < 2 * kThreads; i++) {
    float expected = 0;
    for (int c = 0; c < tacet::kCeilingChains; c++) {
      float x = static_cast<float>(i % 1024 + c);
      for (int k = 0; k < 21; k++) {
        x = std::fma(x, 0.75f, 0.1f);
      }
      expected += x;
    }
    same = same && results[i] == expected;
  }
  CHECK(same);
}

TEST_CASE("every warp multiplies the whole tile") {
  constexpr int kTile = tacet::kCeilingTile;
  constexpr int kDepth = tacet::kCeilingDepth;
  std::vector<uint16_t> a(kTile * kDepth);
  std::vector<uint16_t> b(kDepth * kTile);
  Floats left(a.size());
  Floats right(b.size());
  for (size_t k = 0; k < a.size(); k++) {
    left[k] = static_cast<float>(k * 37 % 17) - 8;
    right[k] = static_cast<float>(k * 29 % 13) - 6;
    a[k] = bfloat16_of(left[k]);
    b[k] = bfloat16_of(right[k]);
  }
  tacet::test::under_every_schedule([&] {
    Floats results(kThreads / 32 * kTile * kTile, NAN);
    tacet_host::ceiling_mma(a.data(), b.data(), 2, 1, results.data(), nullptr);
    bool same = true;
    for (size_t at = 0; at < results.size(); at++) {
      const size_t i = at / kTile % kTile;
      const size_t j = at % kTile;
      float expected = 0;
      for (size_t k = 0; k < kDepth; k++) {
        expected += 2 * left[i * kDepth + k] * right[k * kTile + j];
      }
      same = same && results[at] == expected;
    }
    CHECK(same);
  });
}

TEST_CASE("a barrier counts every block, and a node does what it is for") {
  uint32_t counter = 99;
  tacet_host::ceiling_barriers(7, 5, &counter, nullptr);
  CHECK(counter == 35);
  int32_t nodes = 0;
  tacet_host::ceiling_node(&nodes, nullptr);
  tacet_host::ceiling_node(nullptr, nullptr);
  CHECK(nodes == 1);
}

int main() { return tacet::test::run_all(); }

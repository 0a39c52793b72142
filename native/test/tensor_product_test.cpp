// Products on tensor cores: bit for bit those of plain loops over the same parts of numbers in the
// same order, and within their bounds of products in double precision.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "check.h"
#include "dense/dense.h"

namespace {

using Floats = std::vector<float>;
using tacet::Factors;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/** Indices along k in the order in which sixteen of them are added. */
constexpr int kOrder[] = {0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15};

struct Shape {
  int m;
  int n;
  int k;
};

/** The nearest number of 8 bits, ties to even, by arithmetic alone. */
float bfloat16_of(float value) {
  if (value == 0 || !std::isfinite(value)) {
    return value;
  }
  int exponent = 0;
  std::frexp(value, &exponent);
  const double unit = std::ldexp(1.0, std::max(exponent - 8, -133));
  const double rounded = std::nearbyint(value / unit) * unit;
  return std::fabs(rounded) >= 0x1p128 ? std::copysign(kInfinity, value)
                                       : static_cast<float>(rounded);
}

/** High and low part of a factor. */
struct Parts {
  float high;
  float low;

  static Parts of(float value, Factors factors) {
    const float rounded = bfloat16_of(value);
    if (factors == Factors::kBfloat16) {
      return {rounded, 0};
    }
    const float high = std::isinf(rounded) ? std::copysign(0x1.fep127f, rounded) : rounded;
    return {high, bfloat16_of(value - high)};
  }
};

struct Problem {
  Shape shape;
  bool transpose_a;
  bool transpose_b;
  Floats a;
  Floats b;

  float left(int i, int l) const {
    return a[transpose_a ? static_cast<size_t>(l) * shape.m + i
                         : static_cast<size_t>(i) * shape.k + l];
  }
  float right(int l, int j) const {
    return b[transpose_b ? static_cast<size_t>(j) * shape.k + l
                         : static_cast<size_t>(l) * shape.n + j];
  }
};

float uniform(uint32_t& seed) {
  seed = seed * 1664525u + 1013904223u;
  return static_cast<float>(seed >> 8) * 0x1p-23f - 1;
}

Problem random_problem(const Shape& shape, int order, float scale_a = 1, float scale_b = 1) {
  Problem problem{shape, (order & 1) != 0, (order & 2) != 0, {}, {}};
  uint32_t seed = 17 + shape.m + 3 * shape.n + 7 * shape.k;
  problem.a.resize(static_cast<size_t>(shape.m) * shape.k);
  problem.b.resize(static_cast<size_t>(shape.k) * shape.n);
  for (float& value : problem.a) {
    value = scale_a * uniform(seed);
  }
  for (float& value : problem.b) {
    value = scale_b * uniform(seed);
  }
  return problem;
}

/** By the kernel, from arrays of the exact size. */
Floats multiply(const Problem& p, Factors factors, const Floats* before = nullptr) {
  const Shape& s = p.shape;
  Floats c = before != nullptr ? *before : Floats(static_cast<size_t>(s.m) * s.n, NAN);
  std::vector<char> scratch(tacet_host::multiply_bytes(s.m, s.n, s.k, 1));
  tacet::ProductCall call{p.transpose_a,  p.transpose_b, s.m,      s.n,
                          s.k,            p.a.data(),    p.b.data(), before != nullptr,
                          c.data()};
  call.factors = factors;
  tacet_host::multiply(call, {scratch.data(), scratch.size()}, nullptr);
  return c;
}

/** How many indices of k a part has; one part where all of them. */
int part_of(const Shape& s) {
  const size_t bytes = tacet_host::multiply_bytes(s.m, s.n, s.k, 1);
  if (bytes == 0) {
    return s.k;
  }
  // The workspace is that of so many parts, rounded up to 256 bytes.
  const size_t each = sizeof(float) * s.m * s.n;
  const int parts = static_cast<int>(bytes / each);
  const int most = (s.k + parts - 1) / parts;
  return (most + 31) / 32 * 32;
}

/** The same by plain loops. */
Floats emulate(const Problem& p, Factors factors, const Floats* before = nullptr) {
  const Shape& s = p.shape;
  std::vector<Parts> left(p.a.size());
  std::vector<Parts> right(p.b.size());
  for (int l = 0; l < s.k; l++) {
    for (int i = 0; i < s.m; i++) {
      left[static_cast<size_t>(i) * s.k + l] = Parts::of(p.left(i, l), factors);
    }
    for (int j = 0; j < s.n; j++) {
      right[static_cast<size_t>(j) * s.k + l] = Parts::of(p.right(l, j), factors);
    }
  }
  const int part = part_of(s);
  Floats c(static_cast<size_t>(s.m) * s.n);
  for (int i = 0; i < s.m; i++) {
    for (int j = 0; j < s.n; j++) {
      const Parts* const a = left.data() + static_cast<size_t>(i) * s.k;
      const Parts* const b = right.data() + static_cast<size_t>(j) * s.k;
      const auto add_sixteen = [&](int first, float Parts::*of_a, float Parts::*of_b, float& sum) {
        for (int offset : kOrder) {
          const int l = first + offset;
          sum = l < s.k ? std::fma(a[l].*of_a, b[l].*of_b, sum) : sum + 0.0f;
        }
      };
      float total = 0;
      for (int begin = 0; begin < s.k; begin += part) {
        float sum = 0;
        for (int first = begin; first < std::min(s.k, begin + part); first += 16) {
          add_sixteen(first, &Parts::high, &Parts::high, sum);
          if (factors == Factors::kBfloat16x3) {
            add_sixteen(first, &Parts::high, &Parts::low, sum);
            add_sixteen(first, &Parts::low, &Parts::high, sum);
          }
        }
        total = begin == 0 ? sum : total + sum;
      }
      const size_t at = static_cast<size_t>(i) * s.n + j;
      c[at] = before != nullptr ? (*before)[at] + total : total;
    }
  }
  return c;
}

/** Equal, or both not a number. */
bool same(const Floats& a, const Floats& b) {
  for (size_t at = 0; at < a.size(); at++) {
    if (!(a[at] == b[at] || (std::isnan(a[at]) && std::isnan(b[at])))) {
      std::printf("  element %zu: %.9g, expected %.9g\n", at, a[at], b[at]);
      return false;
    }
  }
  return a.size() == b.size();
}

/** Largest error of a term in units of |a b|, by tensor_product.cuh. */
double bound_of(Factors factors) {
  return factors == Factors::kBfloat16x3 ? 0x1p-15 : 0x1p-7 + 0x1p-16;
}

/**
 * Whether all sums are within the bound of those in double precision, to which roundings of sums and
 * what bfloat16 and float32 do not count are added. The largest part of the bound that errors take is
 * kept.
 */
bool within_bound(const Problem& p, Factors factors, double& most) {
  const Shape& s = p.shape;
  const Floats c = multiply(p, factors);
  const double roundings = (factors == Factors::kBfloat16x3 ? 3 : 1) * (s.k + 16) * 0x1p-24;
  for (int i = 0; i < s.m; i++) {
    for (int j = 0; j < s.n; j++) {
      double sum = 0;
      double size = 0;
      double tiny = 0;
      for (int l = 0; l < s.k; l++) {
        const double x = p.left(i, l);
        const double y = p.right(l, j);
        sum += x * y;
        size += std::fabs(x * y);
        tiny += (std::fabs(x) + std::fabs(y)) * 0x1p-133 + 0x1p-149;
      }
      const double bound = (bound_of(factors) + roundings) * size + tiny;
      const double error = std::fabs(c[static_cast<size_t>(i) * s.n + j] - sum);
      if (!(error <= bound)) {
        std::printf("  element %d, %d: error %g, bound %g\n", i, j, error, bound);
        return false;
      }
      most = std::max(most, error / bound);
    }
  }
  return true;
}

constexpr Factors kAll[] = {Factors::kBfloat16x3, Factors::kBfloat16};

}  // namespace

TEST_CASE("products of all shapes are bit for bit those of plain loops, under every schedule") {
  const Shape shapes[] = {{5, 131, 37}, {65, 7, 300}, {33, 36, 64}};
  for (const Shape& shape : shapes) {
    for (int order = 0; order < 4; order++) {
      const Problem problem = random_problem(shape, order);
      const Factors factors = kAll[order % 2];
      const Floats expected = emulate(problem, factors);
      tacet::test::under_every_schedule(
          [&] { CHECK(same(multiply(problem, factors), expected)); });
    }
  }
}

TEST_CASE("ragged products are bit for bit those of plain loops") {
  uint32_t seed = 5;
  for (int trial = 0; trial < 40; trial++) {
    const auto extent = [&] { return 1 + static_cast<int>((uniform(seed) + 1) * 65); };
    const Shape shape{extent(), extent(), extent()};
    const Problem problem = random_problem(shape, trial);
    const Factors factors = kAll[trial / 4 % 2];
    CHECK(same(multiply(problem, factors), emulate(problem, factors)));
  }
  for (int edge : {1, 2, 3, 4, 15, 16, 17, 31, 32, 33, 127, 128, 129, 130}) {
    for (const Shape& shape : {Shape{edge, 6, 9}, Shape{6, edge, 9}, Shape{6, 9, edge}}) {
      const Problem problem = random_problem(shape, edge);
      CHECK(same(multiply(problem, Factors::kBfloat16x3), emulate(problem, Factors::kBfloat16x3)));
    }
  }
}

TEST_CASE("the largest tile is bit for bit what plain loops give") {
  for (int order : {1, 2}) {
    const Problem problem = random_problem({1410, 1410, 5}, order);
    CHECK(same(multiply(problem, Factors::kBfloat16x3), emulate(problem, Factors::kBfloat16x3)));
  }
}

TEST_CASE("products are added, in parts of k too") {
  for (const Shape& shape : {Shape{9, 20, 40}, Shape{9, 20, 700}}) {
    const Problem problem = random_problem(shape, 1);
    Floats before(static_cast<size_t>(shape.m) * shape.n);
    uint32_t seed = 3;
    for (float& value : before) {
      value = uniform(seed);
    }
    for (Factors factors : kAll) {
      CHECK(same(multiply(problem, factors, &before), emulate(problem, factors, &before)));
    }
  }
}

TEST_CASE("a slice of a larger matrix, unaligned, is multiplied alike") {
  const Shape shape{18, 40, 36};
  const Problem aligned = random_problem(shape, 0);
  for (int shift : {1, 2, 3}) {
    Floats a(aligned.a.size() + shift);
    Floats b(aligned.b.size() + shift);
    std::copy(aligned.a.begin(), aligned.a.end(), a.begin() + shift);
    std::copy(aligned.b.begin(), aligned.b.end(), b.begin() + shift);
    Floats c(static_cast<size_t>(shape.m) * shape.n, NAN);
    tacet::ProductCall call{false, false, shape.m, shape.n, shape.k, a.data() + shift,
                            b.data() + shift, false, c.data()};
    call.factors = Factors::kBfloat16x3;
    tacet_host::multiply(call, {}, nullptr);
    CHECK(same(c, multiply(aligned, Factors::kBfloat16x3)));
  }
}

TEST_CASE("products of replicas on tensor cores are bit for bit those of each alone") {
  constexpr int kReplicas = 3;
  for (const Shape& shape : {Shape{5, 19, 37}, Shape{67, 8, 300}}) {
    for (int order = 0; order < 4; order++) {
      Problem all = random_problem({shape.m * kReplicas, shape.n, shape.k}, order);
      const size_t of_a = static_cast<size_t>(shape.m) * shape.k;
      const size_t of_b = static_cast<size_t>(shape.k) * shape.n;
      const size_t of_c = static_cast<size_t>(shape.m) * shape.n;
      all.b = random_problem({1, shape.n * kReplicas, shape.k}, 0).b;
      Floats together(kReplicas * of_c, NAN);
      tacet::ProductCall call{all.transpose_a, all.transpose_b, shape.m,      shape.n,
                              shape.k,         all.a.data(),    all.b.data(), false,
                              together.data(), kReplicas,       static_cast<int64_t>(of_a),
                              static_cast<int64_t>(of_b)};
      call.factors = Factors::kBfloat16x3;
      std::vector<char> scratch(
          tacet_host::multiply_bytes(shape.m, shape.n, shape.k, kReplicas), 0x5a);
      tacet_host::multiply(call, {scratch.data(), scratch.size()}, nullptr);
      for (int r = 0; r < kReplicas; r++) {
        const Problem alone{
            shape, all.transpose_a, all.transpose_b,
            Floats(all.a.begin() + r * of_a, all.a.begin() + (r + 1) * of_a),
            Floats(all.b.begin() + r * of_b, all.b.begin() + (r + 1) * of_b)};
        CHECK(same(Floats(together.begin() + r * of_c, together.begin() + (r + 1) * of_c),
                   multiply(alone, Factors::kBfloat16x3)));
      }
    }
  }
}

TEST_CASE("errors stay within their bounds for ordinary, tiny, huge and cancelling numbers") {
  for (Factors factors : kAll) {
    double most = 0;
    const Shape shape{33, 20, 130};
    CHECK(within_bound(random_problem(shape, 0), factors, most));
    CHECK(within_bound(random_problem(shape, 1, 1e-30f, 1), factors, most));
    CHECK(within_bound(random_problem(shape, 2, 1e-19f, 1e-19f), factors, most));
    CHECK(within_bound(random_problem(shape, 3, 1e-40f, 1e30f), factors, most));
    CHECK(within_bound(random_problem(shape, 0, 3e38f, 1e-3f), factors, most));
    CHECK(within_bound(random_problem(shape, 1, 1e18f, 1e18f), factors, most));
    Problem cancelling = random_problem(shape, 0);
    for (int i = 0; i < shape.m; i++) {
      for (int l = 1; l < shape.k; l += 2) {
        cancelling.a[i * shape.k + l] = -cancelling.a[i * shape.k + l - 1];
      }
    }
    for (int l = 1; l < shape.k; l += 2) {
      for (int j = 0; j < shape.n; j++) {
        cancelling.b[l * shape.n + j] =
            cancelling.b[(l - 1) * shape.n + j] * (1 + (j % 3) * 0x1p-12f);
      }
    }
    CHECK(within_bound(cancelling, factors, most));
    CHECK(most > 0.01);
  }
}

TEST_CASE("a product of two numbers has the largest errors that its bound allows, and no larger") {
  for (Factors factors : kAll) {
    double most = 0;
    uint32_t seed = 11;
    for (int trial = 0; trial < 100; trial++) {
      Problem problem = random_problem({16, 16, 1}, 0);
      for (Floats* values : {&problem.a, &problem.b}) {
        for (float& value : *values) {
          // Half a unit above 1 is where rounding costs most.
          value = 1 + 0x1p-8f - 0x1p-16f * (1 + uniform(seed));
        }
      }
      CHECK(within_bound(problem, factors, most));
    }
    CHECK(most > 0.4);
  }
}

TEST_CASE("infinite numbers and those that are none give what they give in float32") {
  const float huge = std::numeric_limits<float>::max();
  const Floats special{kInfinity, -kInfinity, NAN, huge, -huge, 0.0f, 1000.0f, -0x1.fffffep0f};
  for (Factors factors : kAll) {
    for (float x : special) {
      for (float y : special) {
        Problem problem = random_problem({3, 5, 20}, 0);
        problem.a.assign(problem.a.size(), 0.5f);
        problem.b.assign(problem.b.size(), 0.25f);
        problem.a[20 + 7] = x;
        problem.b[7 * 5 + 3] = y;
        const Floats c = multiply(problem, factors);
        const auto is = [&](float got, float left, float right) {
          const float expected = std::fma(left, right, 19 * 0.125f);
          // What rounds to infinity in bfloat16 is infinite.
          const bool infinite = factors == Factors::kBfloat16 &&
                                (std::fabs(left) == huge || std::fabs(right) == huge);
          return std::isnan(expected)   ? std::isnan(got)
                 : std::isinf(expected) ? got == expected
                 : infinite             ? !std::isfinite(got)
                                        : std::fabs(got - expected) <=
                                      0x1p-6 * std::fabs(double{left} * right) + 0.1;
        };
        CHECK(is(c[5 + 3], x, y));
        CHECK(is(c[5 + 2], x, 0.25f));
        CHECK(is(c[3], 0.5f, y));
        CHECK(c[0] == 2.5f);
      }
    }
  }
}

TEST_CASE("architectures without bfloat16 say so") {
  tacet::emulator::Options options;
  CHECK(tacet_host::has_tensor_products());
  options.architecture = 75;
  const tacet::emulator::OptionsScope scope(options);
  CHECK(!tacet_host::has_tensor_products());
}

int main() { return tacet::test::run_all(); }

// Products with values on sparse patterns that no small layer reaches: events in several lists, and
// more sources than 16 bits number.
#include <algorithm>
#include <cmath>
#include <vector>

#include "check.h"
#include "sparse/active_rows.h"
#include "sparse/by_target.h"

namespace {

using namespace tacet::test;
using Floats = std::vector<float>;

/** Every source has up to two targets; what a few sources of each sample send; and the product. */
struct Problem {
  int sources;
  int targets;
  int batch;
  std::vector<int32_t> offsets{0};
  std::vector<int32_t> indices;
  Floats values;
  /** [batch][sources] */
  Floats sent;
  std::vector<uint32_t> bits;
  /** [batch][targets] */
  std::vector<double> products;

  Problem(int of_sources, int of_targets, int of_batch)
      : sources(of_sources), targets(of_targets), batch(of_batch) {
    for (int j = 0; j < sources; j++) {
      const int first = j * 7 % targets;
      indices.push_back(first);
      if (j % 3 != 0 && first + 2 < targets) {
        indices.push_back(first + 2);
      }
      offsets.push_back(static_cast<int32_t>(indices.size()));
    }
    for (size_t s = 0; s < indices.size(); s++) {
      values.push_back(static_cast<float>(s % 11) - 5.0f);
    }
    const int words = (sources + 31) / 32;
    sent.resize(static_cast<size_t>(batch) * sources);
    bits.resize(static_cast<size_t>(batch) * words);
    products.resize(static_cast<size_t>(batch) * targets);
    for (int n = 0; n < batch; n++) {
      for (int j = n; j < sources; j += 5 + n) {
        const float y = static_cast<float>(j % 13) + 1.0f;
        sent[static_cast<size_t>(n) * sources + j] = y;
        bits[static_cast<size_t>(n) * words + j / 32] |= 1u << (j % 32);
        for (int s = offsets[j]; s < offsets[j + 1]; s++) {
          products[n * targets + indices[s]] += y * values[s];
        }
      }
    }
  }

  tacet::PatternView pattern() const {
    return {offsets.data(), indices.data(), static_cast<int64_t>(indices.size()), sources, targets,
            false};
  }
};

/** Integers, so that every order of the sums has the same result. */
bool same(const Floats& found, const std::vector<double>& expected) {
  return std::equal(found.begin(), found.end(), expected.begin(), expected.end(),
                    [](float a, double b) { return a == b; });
}

TEST_CASE("a product over rows goes over several lists of events, divided into parts") {
  const Problem p(9000, 20, 2);
  const tacet::ActiveShape shape = tacet::active_shape(p.pattern(), 1);
  for (int parts : {1, 3}) {
    under_every_schedule([&] {
      Floats products(static_cast<size_t>(parts) * p.batch * p.targets, NAN);
      tacet_host::multiply_active({tacet::all_values(p.pattern(), p.values.data(), 1), shape,
                                   nullptr, p.sent.data(), p.bits.data(), p.batch, parts,
                                   products.data(), p.targets},
                                  nullptr);
      Floats sums(p.products.size());
      for (size_t k = 0; k < products.size(); k++) {
        sums[k % sums.size()] += products[k];
      }
      CHECK(same(sums, p.products));
    });
  }
}

TEST_CASE("a product by target numbers more sources than 16 bits can") {
  for (int sources : {1 << 16, (1 << 16) + 3}) {
    const Problem p(sources, 9, 1);
    const tacet::PatternValues values = tacet::all_values(p.pattern(), p.values.data(), 1);
    tacet::Carver size(nullptr);
    CHECK(tacet::carve_by_target(values, size).narrow == (sources == 1 << 16));
    std::vector<char> memory(size.bytes() + 256);
    tacet::Carver carver(memory.data() + (256 - reinterpret_cast<uintptr_t>(memory.data()) % 256));
    const tacet::ByTargetView view = tacet::carve_by_target(values, carver);
    Floats products(p.targets, NAN);
    tacet_host::by_target(values, view, nullptr);
    tacet_host::multiply_by_target({view, 0, 1, 0, p.targets, p.sent.data(), 1, products.data(),
                                    p.targets, 0},
                                   nullptr);
    CHECK(same(products, p.products));
  }
}

}  // namespace

int main() { return run_all(); }

// Dense operations on arrays of the exact size, so that the address sanitizer sees every element
// beyond them, against plain loops in double precision.
#include "dense/dense.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "check.h"
#include "optim/update.h"

namespace {

using Floats = std::vector<float>;
using Doubles = std::vector<double>;

Floats numbers(size_t count, unsigned int seed) {
  Floats values(count);
  for (size_t k = 0; k < count; k++) {
    seed = seed * 1664525u + 1013904223u;
    values[k] = static_cast<float>(seed >> 8) * 0x1p-23f - 1;
  }
  return values;
}

bool near(const Floats& a, const Doubles& b, double tolerance = 1e-4) {
  for (size_t k = 0; k < b.size(); k++) {
    if (!(std::fabs(a[k] - b[k]) <= tolerance)) {
      std::printf("  element %zu: %g, expected %g\n", k, a[k], b[k]);
      return false;
    }
  }
  return a.size() == b.size();
}

void multiply(bool transpose_a, bool transpose_b, bool add, int m, int n, int k) {
  const Floats a = numbers(static_cast<size_t>(m) * k, 1);
  const Floats b = numbers(static_cast<size_t>(n) * k, 2);
  Floats c = add ? numbers(static_cast<size_t>(m) * n, 3) : Floats(m * n, NAN);
  Doubles expected(m * n);
  for (int i = 0; i < m; i++) {
    for (int j = 0; j < n; j++) {
      double sum = add ? c[i * n + j] : 0.0;
      for (int l = 0; l < k; l++) {
        sum += double{transpose_a ? a[l * m + i] : a[i * k + l]} *
               (transpose_b ? b[j * k + l] : b[l * n + j]);
      }
      expected[i * n + j] = sum;
    }
  }
  std::vector<char> scratch(tacet_host::multiply_bytes(m, n, k, 1));
  tacet_host::multiply({transpose_a, transpose_b, m, n, k, a.data(), b.data(), add, c.data()},
                       {scratch.data(), scratch.size()}, nullptr);
  CHECK(near(c, expected));
}

/** A replica, of three with matrices one after the other, is what it is alone. */
void multiply_replicas(bool transpose_a, bool transpose_b, bool add, int m, int n, int k) {
  constexpr int kReplicas = 3;
  const Floats a = numbers(static_cast<size_t>(kReplicas) * m * k, 1);
  const Floats b = numbers(static_cast<size_t>(kReplicas) * n * k, 2);
  const Floats before = numbers(static_cast<size_t>(kReplicas) * m * n, 3);
  Floats alone = before;
  Floats together = before;
  tacet::ProductCall call{transpose_a, transpose_b, m, n, k, a.data(), b.data(), add, alone.data()};
  std::vector<char> scratch(tacet_host::multiply_bytes(m, n, k, 1));
  for (int replica = 0; replica < kReplicas; replica++) {
    tacet_host::multiply(call, {scratch.data(), scratch.size()}, nullptr);
    call.a += m * k;
    call.b += k * n;
    call.c += m * n;
  }
  scratch.assign(tacet_host::multiply_bytes(m, n, k, kReplicas), 0x5a);
  tacet_host::multiply({transpose_a, transpose_b, m, n, k, a.data(), b.data(), add, together.data(),
                        kReplicas, int64_t{m} * k, int64_t{k} * n},
                       {scratch.data(), scratch.size()}, nullptr);
  CHECK(together == alone);
}

}  // namespace

TEST_CASE("products of all shapes are those of plain loops") {
  tacet::test::under_every_schedule([] {
    for (int order = 0; order < 8; order++) {
      multiply(order & 1, order & 2, order & 4, 5, 131, 37);
      multiply(order & 1, order & 2, order & 4, 65, 7, 300);
    }
  });
  // One that takes the largest tile, with ends in both directions.
  multiply(false, true, false, 1500, 1450, 3);
}

TEST_CASE("products of replicas are bit for bit those of each alone") {
  tacet::test::under_every_schedule([] {
    for (int order = 0; order < 8; order++) {
      multiply_replicas(order & 1, order & 2, order & 4, 5, 131, 37);
      multiply_replicas(order & 1, order & 2, order & 4, 67, 7, 300);
    }
  });
}

TEST_CASE("rows and columns of replicas are bit for bit those of each alone") {
  constexpr int kReplicas = 3;
  constexpr int kColumns = 37;
  tacet::test::under_every_schedule([] {
    for (int rows : {1, 9, 700}) {
      const int count = rows * kColumns;
      const Floats added = numbers(kReplicas * kColumns, 5);
      const std::vector<int32_t> chosen{rows - 1, 0, rows / 2, 0, rows, -1};
      const int picked = static_cast<int>(chosen.size()) / kReplicas;
      Floats alone = numbers(static_cast<size_t>(kReplicas) * count, 4);
      Floats together = alone;
      Floats sums_alone(kReplicas * kColumns, 2.0f);
      Floats sums = sums_alone;
      Floats rows_alone(chosen.size() * kColumns);
      Floats rows_together = rows_alone;
      std::vector<char> scratch(tacet_host::column_sums_bytes(1, rows, kColumns));
      for (int r = 0; r < kReplicas; r++) {
        float* const matrix = alone.data() + r * count;
        tacet_host::add_to_rows(1, matrix, added.data() + r * kColumns, rows, kColumns, nullptr);
        tacet_host::add_column_sums(1, matrix, rows, kColumns, sums_alone.data() + r * kColumns,
                                    {scratch.data(), scratch.size()}, nullptr);
        float* const out = rows_alone.data() + r * picked * kColumns;
        const int32_t* const indices = chosen.data() + r * picked;
        tacet_host::gather_rows(1, matrix, rows, indices, picked, kColumns, out, nullptr);
        tacet_host::scatter_add_rows(1, out, indices, picked, kColumns, rows, matrix, nullptr);
      }
      scratch.assign(tacet_host::column_sums_bytes(kReplicas, rows, kColumns), 0x5a);
      tacet_host::add_to_rows(kReplicas, together.data(), added.data(), rows, kColumns, nullptr);
      tacet_host::add_column_sums(kReplicas, together.data(), rows, kColumns, sums.data(),
                                  {scratch.data(), scratch.size()}, nullptr);
      tacet_host::gather_rows(kReplicas, together.data(), rows, chosen.data(), picked, kColumns,
                              rows_together.data(), nullptr);
      tacet_host::scatter_add_rows(kReplicas, rows_together.data(), chosen.data(), picked, kColumns,
                                   rows, together.data(), nullptr);
      CHECK(together == alone);
      CHECK(sums == sums_alone);
      // Rows that are not there are NaN, which no comparison finds equal.
      rows_alone.resize(2 * picked * kColumns);
      CHECK(std::isnan(rows_together.back()));
      rows_together.resize(rows_alone.size());
      CHECK(rows_together == rows_alone);
    }
  });
}

TEST_CASE("rows and columns are those of plain loops") {
  tacet::test::under_every_schedule([] {
    for (int rows : {1, 9, 700}) {
      const int columns = 37;
      Floats matrix = numbers(static_cast<size_t>(rows) * columns, 4);
      const Floats row = numbers(columns, 5);
      Doubles moved(matrix.begin(), matrix.end());
      Doubles sums(columns, 2.0);
      for (int i = 0; i < rows * columns; i++) {
        moved[i] += row[i % columns];
        sums[i % columns] += moved[i];
      }
      tacet_host::add_to_rows(1, matrix.data(), row.data(), rows, columns, nullptr);
      CHECK(near(matrix, moved));
      Floats totals(columns, 2.0f);
      std::vector<char> scratch(tacet_host::column_sums_bytes(1, rows, columns));
      tacet_host::add_column_sums(1, matrix.data(), rows, columns, totals.data(),
                                  {scratch.data(), scratch.size()}, nullptr);
      CHECK(near(totals, sums, 1e-3));
    }
  });
}

TEST_CASE("rows are gathered, and their errors added, in order") {
  tacet::test::under_every_schedule([] {
    const int columns = 35;
    const Floats table = numbers(7 * columns, 6);
    std::vector<int32_t> rows;
    for (int k = 0; k < 300; k++) {
      rows.push_back(k * k % 5 + k % 2);
    }
    Floats out(rows.size() * columns);
    Doubles expected(out.size());
    Floats grown = table;
    Doubles sums(table.begin(), table.end());
    for (size_t k = 0; k < out.size(); k++) {
      const size_t at = static_cast<size_t>(rows[k / columns]) * columns + k % columns;
      expected[k] = table[at];
      sums[at] += table[at];
    }
    tacet_host::gather_rows(1, table.data(), 7, rows.data(), static_cast<int64_t>(rows.size()),
                            columns, out.data(), nullptr);
    CHECK(near(out, expected, 0));
    tacet_host::scatter_add_rows(1, out.data(), rows.data(), static_cast<int>(rows.size()), columns, 7,
                                 grown.data(), nullptr);
    CHECK(near(grown, sums, 1e-3));
  });
}

TEST_CASE("rows times their factors, of which 0 leaves nothing of a NaN") {
  tacet::test::under_every_schedule([] {
    for (int columns : {1, 31, 300}) {
      Floats matrix = numbers(3 * columns, 8);
      matrix[2 * columns - 1] = NAN;
      const Floats before = matrix;
      const Floats factors{0.3f, 0.0f, -2.0f};
      tacet_host::scale_rows(matrix.data(), factors.data(), 3, columns, nullptr);
      bool equal = true;
      for (int i = 0; i < columns; i++) {
        equal = equal && matrix[i] == 0.3f * before[i] && matrix[columns + i] == 0 &&
                matrix[2 * columns + i] == -2 * before[2 * columns + i];
      }
      CHECK(equal);
    }
  });
}

TEST_CASE("rows and labels that are not there become NaN and touch nothing else") {
  tacet::test::under_every_schedule([] {
    const Floats table = numbers(2 * 3, 6);
    const std::vector<int32_t> rows{1, 2, -1};
    Floats out(9);
    tacet_host::gather_rows(1, table.data(), 2, rows.data(), 3, 3, out.data(), nullptr);
    CHECK(out[0] == table[3] && std::isnan(out[3]) && std::isnan(out[8]));
    Floats grown(6, 1.0f);
    tacet_host::scatter_add_rows(1, Floats(9, 1.0f).data(), rows.data(), 3, 3, 2, grown.data(),
                                 nullptr);
    CHECK(grown[0] == 1 && grown[3] == 2);
    const std::vector<int32_t> labels{0, 3};
    Floats losses(2);
    Floats errors(6);
    tacet_host::softmax_cross_entropy(numbers(6, 7).data(), labels.data(), 2, 3, 1, losses.data(),
                                      nullptr, errors.data(), nullptr);
    CHECK(std::isfinite(losses[0]) && std::isnan(losses[1]));
    CHECK(std::isfinite(errors[2]) && std::isnan(errors[3]) && std::isnan(errors[5]));
  });
}

TEST_CASE("softmax cross-entropy is that of plain loops, in place, too") {
  tacet::test::under_every_schedule([] {
    for (int classes : {3, 1100}) {
      const int rows = 9;
      Floats logits = numbers(static_cast<size_t>(rows) * classes, 7);
      std::vector<int32_t> labels{0, 1, 2, -1, 0, 1, 2, 0, -1};
      Doubles errors;
      Doubles losses;
      std::vector<int32_t> best;
      for (int i = 0; i < rows; i++) {
        const float* row = logits.data() + static_cast<size_t>(i) * classes;
        best.push_back(static_cast<int32_t>(std::max_element(row, row + classes) - row));
        double sum = 0;
        for (int c = 0; c < classes; c++) {
          sum += std::exp(double{row[c]});
        }
        losses.push_back(labels[i] < 0 ? 0 : std::log(sum) - row[labels[i]]);
        for (int c = 0; c < classes; c++) {
          errors.push_back(labels[i] < 0 ? 0 : 0.5 * (std::exp(double{row[c]}) / sum -
                                                      (c == labels[i] ? 1 : 0)));
        }
      }
      Floats found(rows);
      std::vector<int32_t> predicted(rows);
      tacet_host::softmax_cross_entropy(logits.data(), labels.data(), rows, classes, 0.5f,
                                        found.data(), predicted.data(), logits.data(), nullptr);
      CHECK(near(found, losses));
      CHECK(near(logits, errors, 1e-6));
      CHECK(predicted == best);
    }
  });
}

TEST_CASE("a logit that is not a number makes its own row's loss not a number") {
  Floats logits{1, NAN, 0, 1, 2, 3};
  const std::vector<int32_t> labels{0, 2};
  Floats losses(2);
  std::vector<int32_t> predicted(2);
  tacet_host::softmax_cross_entropy(logits.data(), labels.data(), 2, 3, 1, losses.data(),
                                    predicted.data(), nullptr, nullptr);
  CHECK(std::isnan(losses[0]));
  CHECK(std::isfinite(losses[1]));
  CHECK(predicted[0] == 0 && predicted[1] == 2);
}

TEST_CASE("dropout keeps the expected part, and repeats its mask") {
  const int64_t count = 4001;
  const Floats ones(count, 1.0f);
  Floats first(count);
  Floats second(count);
  tacet_host::dropout(ones.data(), count, 1u << 22, 4.0f / 3, 5, 1, count, first.data(), nullptr);
  tacet_host::dropout(ones.data(), count, 1u << 22, 4.0f / 3, 5, 1, 1000, second.data(), nullptr);
  double sum = 0;
  bool repeats = true;
  for (int64_t k = 0; k < count; k++) {
    sum += first[k];
    repeats = repeats && second[k] == first[k % 1000];
  }
  CHECK(std::fabs(sum / count - 1) < 0.05);
  CHECK(repeats);
}

TEST_CASE("the sum of squares is that of plain loops, bit for bit on every run") {
  double expected = 0;
  Floats values = numbers(5003, 8);
  for (float value : values) {
    expected += double{value} * value;
  }
  Doubles results;
  tacet::test::under_every_schedule([&] {
    const tacet::ListedArray array{values.data(), static_cast<int64_t>(values.size())};
    Doubles sums(tacet::kSquaresResults + tacet::kSquaresParts);
    tacet_host::sum_of_squares(&array, 1, sums.data(), nullptr);
    CHECK(std::fabs(sums[0] - expected) < 1e-9);
    results.push_back(sums[0]);
  });
  for (double result : results) {
    CHECK(result == results[0]);
  }
}

int main() { return tacet::test::run_all(); }

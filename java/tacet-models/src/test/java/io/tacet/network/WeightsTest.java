package io.tacet.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.files.Json;
import io.tacet.files.JsonObject;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Laws of initial weights. */
class WeightsTest {
  @Test
  void orthogonalRowsOrColumnsAreOrthonormal() {
    for (int[] shape : new int[][] {{7, 7}, {5, 12}, {12, 5}}) {
      int rows = shape[0];
      int columns = shape[1];
      double[] w =
          Weights.orthogonal().draw(rows * columns, new SplittableRandom(2), rows, columns);
      int count = Math.min(rows, columns);
      for (int a = 0; a < count; a++) {
        for (int b = 0; b < count; b++) {
          double sum = 0;
          for (int k = 0; k < Math.max(rows, columns); k++) {
            sum +=
                rows <= columns
                    ? w[a * columns + k] * w[b * columns + k]
                    : w[k * columns + a] * w[k * columns + b];
          }
          assertThat(sum).isCloseTo(a == b ? 1 : 0, within(1e-12));
        }
      }
    }
  }

  @Test
  void uniformWeightsHaveTheDeviationOfGlorotAndBengio() {
    double[] w = Weights.xavierUniform().draw(40_000, new SplittableRandom(1), 60, 90);
    double bound = Math.sqrt(6.0 / 150);
    assertThat(Arrays.stream(w).map(Math::abs).max().orElseThrow()).isBetween(0.99 * bound, bound);
    assertThat(Arrays.stream(w).map(x -> x * x).average().orElseThrow())
        .isCloseTo(2.0 / 150, within(2e-4));
    assertThat(Weights.xavierUniform().law(60, 90).second())
        .isCloseTo((float) bound, within(1e-6f));
  }

  @Test
  void lawsSurviveJson() throws Exception {
    for (Weights weights :
        new Weights[] {
          Weights.orthogonal(), Weights.xavierUniform(), Weights.xavier(), Weights.normal(1, 2)
        }) {
      String json = Json.line(weights.toMap());
      assertThat(Weights.of(JsonObject.of(json, "weights"))).isEqualTo(weights);
    }
  }

  @Test
  void orthogonalWeightsOfSparseSynapsesAreRefused() {
    assertThatThrownBy(() -> Connection.sparse(0.1, Weights.orthogonal()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("weights", "ORTHOGONAL", "Connection.dense");
    assertThatThrownBy(() -> Connection.dense(Weights.orthogonal()).rewire(Rewiring.set(0.1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("weights");
  }
}

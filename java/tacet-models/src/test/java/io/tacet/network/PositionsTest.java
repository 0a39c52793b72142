package io.tacet.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PositionsTest {
  /** Mean and largest distance of the grid of the publication, from an independent calculation. */
  @Test
  void distancesOfAGridAreEuclidean() {
    Positions grid = Positions.grid(5, 5, 4);
    double sum = 0;
    double most = 0;
    for (int i = 0; i < 100; i++) {
      for (int j = 0; j < 100; j++) {
        sum += grid.distance(i, j);
        most = Math.max(most, grid.distance(i, j));
      }
    }
    assertThat(grid.units()).isEqualTo(100);
    assertThat(sum / 9900).isCloseTo(3.058, within(5e-4));
    assertThat(most).isCloseTo(Math.sqrt(16 + 16 + 9), within(1e-12));
    assertThat(grid.coordinate(4, 1)).isEqualTo(1);
  }

  @Test
  void whatIsNoPositionIsNamed() {
    assertThatThrownBy(() -> Positions.grid(2, 0)).hasMessageContainingAll("extents", "[2, 0]");
    assertThatThrownBy(() -> Positions.grid()).hasMessageContaining("extents");
    assertThatThrownBy(() -> Positions.of(new double[][] {{1, 2}, {Double.NaN, 2}}))
        .hasMessageContainingAll("points", "unit 1");
    assertThatThrownBy(() -> Positions.of(new double[][] {{1, 2}, {3}}))
        .hasMessageContainingAll("points", "unit 1");
    assertThatThrownBy(() -> Positions.of(new double[0][])).hasMessageContaining("points");
  }
}

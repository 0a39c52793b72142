package io.tacet.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.network.Positions;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Measures of graphs against known ones: Zachary's karate club, rings, cliques. */
class GraphMeasuresTest {
  /** Friendships of Zachary (1977), members counted from 1. */
  private static final String KARATE =
      "1-2 1-3 1-4 1-5 1-6 1-7 1-8 1-9 1-11 1-12 1-13 1-14 1-18 1-20 1-22 1-32 2-3 2-4 2-8 2-14"
          + " 2-18 2-20 2-22 2-31 3-4 3-8 3-9 3-10 3-14 3-28 3-29 3-33 4-8 4-13 4-14 5-7 5-11 6-7"
          + " 6-11 6-17 7-17 9-31 9-33 9-34 10-34 14-34 15-33 15-34 16-33 16-34 19-33 19-34 20-34"
          + " 21-33 21-34 23-33 23-34 24-26 24-28 24-30 24-33 24-34 25-26 25-28 25-32 26-32 27-30"
          + " 27-34 28-34 29-32 29-34 30-33 30-34 31-33 31-34 32-33 32-34 33-34";

  private static UndirectedGraph karate() {
    String[] pairs = KARATE.split(" ", -1);
    int[][] edges = new int[pairs.length][];
    for (int k = 0; k < pairs.length; k++) {
      String[] ends = pairs[k].split("-", -1);
      edges[k] = new int[] {Integer.parseInt(ends[0]) - 1, Integer.parseInt(ends[1]) - 1};
    }
    return UndirectedGraph.of(34, edges);
  }

  /** Its largest modularity is 0.4198 (Brandes et al. 2008), its clustering 0.5706. */
  @Test
  void theKarateClubHasItsKnownMeasures() {
    UndirectedGraph karate = karate();
    assertThat(karate.edges()).isEqualTo(78);
    assertThat(karate.clustering()).isCloseTo(0.5706, within(1e-4));
    assertThat(karate.efficiency()).isCloseTo(0.4920, within(1e-4));
    Louvain.Partition best = Louvain.best(karate.matrix(), 20, 1);
    assertThat(best.modularity()).isCloseTo(0.4198, within(1e-4));
    assertThat(Louvain.modularity(karate.matrix(), best.community())).isEqualTo(best.modularity());
  }

  /** A clique of k nodes out of c on a ring: modularity is known in closed form. */
  @Test
  void cliquesAreCommunities() {
    int cliques = 5;
    int size = 6;
    double[][] weights = new double[cliques * size][cliques * size];
    for (int i = 0; i < weights.length; i++) {
      for (int j = 0; j < weights.length; j++) {
        weights[i][j] = i != j && i / size == j / size ? 2.5 : 0;
      }
    }
    Louvain.Partition best = Louvain.best(weights, 5, 3);
    assertThat(best.modularity()).isCloseTo(1 - 1.0 / cliques, within(1e-12));
    for (int i = 0; i < weights.length; i++) {
      assertThat(best.community()[i]).isEqualTo(best.community()[i / size * size]);
    }
  }

  @Test
  void oneCommunityHasNoModularity() {
    assertThat(Louvain.modularity(karate().matrix(), new int[34])).isCloseTo(0, within(1e-12));
  }

  @Test
  void aRingAndACliqueHaveMeasuresInClosedForm() {
    int[][] ring = new int[6][];
    for (int k = 0; k < 6; k++) {
      ring[k] = new int[] {k, (k + 1) % 6};
    }
    UndirectedGraph six = UndirectedGraph.of(6, ring);
    assertThat(six.clustering()).isZero();
    assertThat(six.efficiency()).isCloseTo((2 + 2 / 2.0 + 1 / 3.0) / 5, within(1e-12));
    UndirectedGraph full = UndirectedGraph.random(7, 21, new SplittableRandom(1));
    assertThat(full.clustering()).isEqualTo(1);
    assertThat(full.efficiency()).isCloseTo(1, within(1e-12));
    assertThat(UndirectedGraph.of(4, new int[][] {{0, 1}}).efficiency())
        .isCloseTo(2.0 / 12, within(1e-12));
  }

  /** Neighbours on a ring that also know their neighbours' neighbours, against chance. */
  @Test
  void randomGraphsAreNoSmallWorldsAndLatticesAre() {
    UndirectedGraph random = UndirectedGraph.random(100, 495, new SplittableRandom(4));
    assertThat(random.edges()).isEqualTo(495);
    assertThat(random.smallWorldness(60, 1)).isCloseTo(1, within(0.15));
    int[][] edges = new int[300][];
    for (int k = 0; k < edges.length; k++) {
      edges[k] = new int[] {k % 100, (k % 100 + 1 + k / 100) % 100};
    }
    assertThat(UndirectedGraph.of(100, edges).smallWorldness(60, 1)).isGreaterThan(4);
  }

  @Test
  void theStrongestPairsAreKept() {
    double[][] weights = {{9, 3, 1, 0}, {3, 9, 2, 5}, {1, 2, 9, 4}, {0, 5, 4, 9}};
    UndirectedGraph graph = UndirectedGraph.strongest(weights, 0.5);
    assertThat(graph.edges()).isEqualTo(3);
    assertThat(graph.joins(1, 3) && graph.joins(2, 3) && graph.joins(0, 1)).isTrue();
  }

  @Test
  void wiringIsMeasuredWithoutConnectionsOfUnitsWithThemselves() {
    Positions line = Positions.grid(30);
    double[] weights = new double[900];
    for (int i = 0; i < 30; i++) {
      for (int j = 0; j < 30; j++) {
        weights[i * 30 + j] = i == j ? 1e3 : (31 - Math.abs(i - j)) * (j % 2 == 0 ? -1 : 1);
      }
    }
    WiringMeasures measures = WiringMeasures.of(weights, line, 1);
    assertThat(measures.correlation()).isCloseTo(-1, within(1e-9));
    double total = 0;
    double length = 0;
    for (int d = 1; d < 30; d++) {
      total += 2.0 * (30 - d) * (31 - d);
      length += 2.0 * (30 - d) * (31 - d) * d;
    }
    assertThat(measures.total()).isCloseTo(total, within(1e-9));
    assertThat(measures.length()).isCloseTo(length / total, within(1e-9));
    assertThat(measures.above()).isEqualTo(1);
  }

  @Test
  void whatIsNoGraphIsNamed() {
    assertThatThrownBy(() -> UndirectedGraph.of(3, new int[][] {{0, 3}}))
        .hasMessageContainingAll("edges", "[0, 3]");
    assertThatThrownBy(() -> UndirectedGraph.of(3, new int[][] {{1, 1}}))
        .hasMessageContaining("edges");
    assertThatThrownBy(() -> UndirectedGraph.strongest(new double[2][2], 0))
        .hasMessageContaining("fraction");
    assertThatThrownBy(() -> Louvain.best(new double[][] {{0, 1}, {2, 0}}, 5, 1))
        .hasMessageContaining("weights");
    assertThatThrownBy(() -> Louvain.best(new double[2][2], 5, 1)).hasMessageContaining("weights");
    assertThatThrownBy(() -> Louvain.best(karate().matrix(), 0, 1)).hasMessageContaining("runs");
    assertThatThrownBy(() -> WiringMeasures.of(new double[3], Positions.grid(2), 1))
        .hasMessageContaining("weights");
  }
}

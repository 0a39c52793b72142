package io.tacet.systems.olfaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.memory.Leaks;
import io.tacet.reference.JavaBackend;
import io.tacet.sparse.PhiloxRandom;
import io.tacet.systems.olfaction.EliminationDecoder.Estimate;
import io.tacet.systems.olfaction.EliminationDecoder.Noise;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EliminationDecoderTest {
  private static final int RECEPTORS = 120;
  private static final int ODORANTS = 900;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static Odor[] odors(int count) {
    PhiloxRandom random = new PhiloxRandom(2, 3);
    Odor[] odors = new Odor[count];
    Arrays.setAll(odors, b -> Odor.random(random, ODORANTS, b, 0.5, 1.5));
    return odors;
  }

  /** S by plain loops, [receptors][odorants]. */
  private static double[][] dense(Sensitivities sensitivities) {
    double[][] dense = new double[sensitivities.receptors()][sensitivities.odorants()];
    for (int j = 0; j < sensitivities.odorants(); j++) {
      for (int k = 0; k < sensitivities.bindings(j); k++) {
        dense[sensitivities.receptor(j, k)][j] = sensitivities.sensitivity(j, k);
      }
    }
    return dense;
  }

  @Test
  void receptorsRespondToTheOccupancyOfTheirSites() {
    Odor[] odors = odors(4);
    try (Backend backend = new JavaBackend(1);
        Sensitivities sensitivities =
            Sensitivities.random(backend, RECEPTORS, ODORANTS, 0.06, 1, 5);
        OdorEncoder encoder = new OdorEncoder(sensitivities, 4)) {
      double[][] dense = dense(sensitivities);
      double[] responses = encoder.respond(odors);
      for (int b = 0; b < 4; b++) {
        for (int i = 0; i < RECEPTORS; i++) {
          double occupancy = 0;
          for (int k = 0; k < b; k++) {
            occupancy += dense[i][odors[b].odorants()[k]] * odors[b].concentrations()[k];
          }
          double response = responses[b * RECEPTORS + i];
          assertThat(response).isCloseTo(occupancy / (1 + occupancy), within(1e-6));
          assertThat(response == 0).isEqualTo(occupancy == 0);
        }
      }
      assertThatThrownBy(() -> encoder.respond(odors[1]))
          .hasMessageStartingWith("odors: expected 4, the batch, got 1");
      Odor beyond = new Odor(new int[] {ODORANTS}, new double[] {1});
      assertThatThrownBy(() -> encoder.respond(odors[0], odors[1], odors[2], beyond))
          .hasMessageStartingWith("odors: expected odorants below 900, got 900");
    }
  }

  @Test
  void candidatesAreTheOdorantsThatNoSilentReceptorBinds() {
    try (Backend backend = new JavaBackend(2);
        Sensitivities sensitivities =
            Sensitivities.random(backend, RECEPTORS, ODORANTS, 0.06, 1, 5);
        OdorEncoder encoder = new OdorEncoder(sensitivities, 8);
        EliminationDecoder decoder = new EliminationDecoder(sensitivities, 8, Noise.NONE)) {
      double[][] dense = dense(sensitivities);
      double[] responses = encoder.respond(odors(8));
      int[][] candidates = decoder.candidates(responses);
      for (int b = 0; b < 8; b++) {
        int row = b * RECEPTORS;
        int[] expected =
            IntStream.range(0, ODORANTS)
                .filter(
                    j ->
                        IntStream.range(0, RECEPTORS)
                            .noneMatch(i -> responses[row + i] == 0 && dense[i][j] > 0))
                .toArray();
        assertThat(candidates[b]).isEqualTo(expected);
      }
      assertThatThrownBy(() -> decoder.candidates(new double[5]))
          .hasMessage("responses: expected [8][120], got 5 numbers.");
    }
  }

  @Test
  void concentrationsAreFoundForAnyNumberOfThreads() {
    Odor[] odors = odors(8);
    double[][] first = null;
    for (int threads : new int[] {1, 3}) {
      try (Backend backend = new JavaBackend(threads);
          Sensitivities sensitivities =
              Sensitivities.random(backend, RECEPTORS, ODORANTS, 0.06, 1, 5);
          OdorEncoder encoder = new OdorEncoder(sensitivities, 8);
          EliminationDecoder decoder = new EliminationDecoder(sensitivities, 8, Noise.NONE)) {
        Estimate[] found = decoder.estimate(encoder.respond(odors));
        for (int b = 0; b < 8; b++) {
          double[] dense = new double[ODORANTS];
          for (int c = 0; c < found[b].candidates().length; c++) {
            dense[found[b].candidates()[c]] = found[b].concentrations()[c];
          }
          for (int k = 0; k < b; k++) {
            assertThat(dense[odors[b].odorants()[k]])
                .isCloseTo(odors[b].concentrations()[k], within(1e-4));
            dense[odors[b].odorants()[k]] = 0;
          }
          assertThat(Arrays.stream(dense).max().orElse(0)).isLessThan(1e-4);
        }
        double[][] all =
            Arrays.stream(found).map(Estimate::concentrations).toArray(double[][]::new);
        first = first == null ? all : first;
        assertThat(all).isDeepEqualTo(first);
      }
    }
  }

  @Test
  void withNoiseAWeakBindingRulesNothingOut() {
    Noise noise = new Noise(0.1, 0.05, 0.5);
    // A response of 0.2 takes an occupancy of 1/4 and, at a concentration of 1/2, a sensitivity of
    // 1/2.
    assertThat(noise.leastSensitivity()).isCloseTo(0.5, within(1e-12));
    assertThat(Noise.NONE.leastSensitivity()).isZero();
    try (Backend backend = new JavaBackend(1);
        Sensitivities sensitivities =
            Sensitivities.random(backend, RECEPTORS, ODORANTS, 0.06, 1, 5);
        EliminationDecoder decoder = new EliminationDecoder(sensitivities, 1, noise)) {
      double[][] dense = dense(sensitivities);
      double[] responses = new double[RECEPTORS];
      Arrays.fill(responses, 0.5);
      responses[7] = 0.09;
      int[] expected = IntStream.range(0, ODORANTS).filter(j -> !(dense[7][j] >= 0.5)).toArray();
      assertThat(decoder.candidates(responses)[0]).isEqualTo(expected);
      assertThat(expected.length).isBetween(1, ODORANTS - 1);
    }
  }

  @Test
  void orderedSensitivitiesAreBlocks() {
    try (Backend backend = new JavaBackend(1);
        Sensitivities sensitivities = Sensitivities.ordered(backend, 40, 50, 0.2, 0, 1)) {
      double[][] dense = dense(sensitivities);
      for (double[] row : dense) {
        assertThat(Arrays.stream(row).sum()).isEqualTo(10);
        long ends =
            IntStream.range(0, 50).filter(j -> row[j] > 0 && row[(j + 1) % 50] == 0).count();
        assertThat(ends).isEqualTo(1);
      }
    }
  }

  @Test
  void odorsAndNoisesThatMakeNoSenseAreRefused() {
    assertThatThrownBy(() -> new Odor(new int[] {3, 3}, new double[] {1, 1}))
        .hasMessageStartingWith("odorants: expected ascending numbers");
    assertThatThrownBy(() -> new Odor(new int[] {3}, new double[] {0}))
        .hasMessageStartingWith("concentrations: expected positive numbers, got 0.0");
    assertThatThrownBy(() -> new Odor(new int[] {3}, new double[0]))
        .hasMessageStartingWith("concentrations: expected 1");
    assertThatThrownBy(() -> new Noise(0.5, 0.3, 1)).hasMessageStartingWith("noise: expected");
    assertThatThrownBy(() -> new Noise(Double.NaN, 0, 1)).hasMessageStartingWith("noise: expected");
  }
}

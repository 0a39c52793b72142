package io.tacet.systems.metacog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Thorough;
import io.tacet.memory.Leaks;
import io.tacet.report.OutputFolder;
import io.tacet.systems.Gate;
import io.tacet.systems.Report;
import io.tacet.systems.ValidationRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetacognitionTest {
  @TempDir Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  @Test
  @Thorough
  void theQuickFormPassesItsGates() throws Exception {
    ValidationRun run = new ValidationRun("java", true, 0, 0, OutputFolder.create(folder));
    Report report = new Report(line -> {});
    new MetacognitionValidation().run(run, report);
    assertThat(report.gates()).allMatch(Gate::passes);
    assertThat(report.gates().stream().map(Gate::test).collect(Collectors.toSet()))
        .containsExactlyInAnyOrder("C1", "C3", "C4", "C5", "C6");
    for (String picture : new String[] {"codes.png", "similarities.png", "confidence.png"}) {
      assertThat(Files.size(folder.resolve(picture))).isBetween(1000L, 100_000L);
    }
  }

  @Test
  void aWorldIsTheSameFromItsSeedAndItsRingIsClosed() {
    RingWorld world = new RingWorld(3);
    assertThat(world.clean(1)).isEqualTo(new RingWorld(3).clean(1));
    assertThat(world.clean(2 * Math.PI)).containsExactly(world.clean(0), within(1e-12));
    assertThat(world.clean(1)).isNotEqualTo(new RingWorld(4).clean(1));
    float[] two = new float[2 * RingWorld.CHANNELS];
    world.observe(new double[RingWorld.CHANNELS], 1, new SplittableRandom(1), two, 1);
    assertThat(two[0]).isZero();
    assertThat(two[RingWorld.CHANNELS]).isNotZero();
  }

  @Test
  void pairsAreNeighboursOnTheRing() {
    RingWorld world = new RingWorld(3);
    ViewPairs pairs = new ViewPairs(world, 200, 0.2, 5);
    float[] rows = new float[2 * RingWorld.CHANNELS];
    double within = 0;
    double between = 0;
    for (int k = 0; k + 2 < pairs.size(); k += 2) {
      within += distance(pairs, k, k + 1, rows);
      between += distance(pairs, k, k + 2, rows);
    }
    assertThat(pairs.group()).isEqualTo(2);
    assertThat(within).isLessThan(0.3 * between);
  }

  private static double distance(ViewPairs pairs, int a, int b, float[] rows) {
    pairs.fillTargets(a, rows, 2, 0);
    pairs.fillTargets(b, rows, 2, 1);
    double sum = 0;
    for (int c = 0; c < RingWorld.CHANNELS; c++) {
      sum += Math.pow(rows[c] - rows[RingWorld.CHANNELS + c], 2);
    }
    return Math.sqrt(sum);
  }

  @Test
  void binsCoverTheRing() {
    assertThat(Prototypes.bin(0)).isZero();
    assertThat(Prototypes.bin(2 * Math.PI - 1e-9)).isEqualTo(7);
    assertThat(Prototypes.bin(-1e-9)).isEqualTo(7);
    assertThat(Prototypes.bin(2 * Math.PI + 0.1)).isZero();
  }

  @Test
  void aGateLetsThroughAsManyAsItWasCalibratedForAndACautiousOneNothingUnlikely() {
    double[] endogenous = new SplittableRandom(1).doubles(1000).toArray();
    assertThat(AssertionGate.calibrated(endogenous, 0.05).rate(endogenous)).isEqualTo(0.05);
    double[] low = Arrays.stream(endogenous).map(p -> p / 2).toArray();
    AssertionGate gate = AssertionGate.calibrated(low, 0.05);
    assertThat(gate.rate(low)).isEqualTo(0.05);
    assertThat(gate.cautious().rate(low)).isZero();
    assertThat(gate.cautious().asserts(new double[] {0.5, 0.51})).containsExactly(false, true);
  }
}

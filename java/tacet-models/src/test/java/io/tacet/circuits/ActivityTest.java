package io.tacet.circuits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ActivityTest {
  private static final double DT = 0.1;
  private static final int STEPS = 100_000;

  private static Activity of(int neurons, List<int[]> spikes) {
    SpikeTrains trains = new SpikeTrains(500);
    spikes.sort((a, b) -> a[0] == b[0] ? a[1] - b[1] : a[0] - b[0]);
    spikes.forEach(s -> trains.spike(s[0] + 500, s[1] + 10));
    return Activity.of(new Population("p", 10, neurons), trains, STEPS, DT);
  }

  private static List<int[]> poisson(int neurons, double perStep, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<int[]> spikes = new ArrayList<>();
    for (int step = 0; step < STEPS; step++) {
      for (int n = 0; n < neurons; n++) {
        if (random.nextDouble() < perStep) {
          spikes.add(new int[] {step, n});
        }
      }
    }
    return spikes;
  }

  @Test
  void aClockIsRegularAndNeuronsInStepAreFullyCorrelated() {
    List<int[]> spikes = new ArrayList<>();
    for (int step = 50; step < STEPS; step += 100) {
      spikes.add(new int[] {step, 0});
      spikes.add(new int[] {step, 1});
    }
    Activity activity = of(2, spikes);
    assertThat(activity.rate()).isCloseTo(100, within(1e-9));
    assertThat(activity.irregularity()).isZero();
    assertThat(activity.correlation()).isCloseTo(1, within(1e-9));
  }

  @Test
  void independentPoissonProcessesAreIrregularAndUncorrelated() {
    Activity activity = of(20, poisson(20, 0.002, 4));
    assertThat(activity.rate()).isCloseTo(20, within(1.0));
    assertThat(activity.irregularity()).isCloseTo(1, within(0.05));
    assertThat(activity.correlation()).isCloseTo(0, within(0.01));
  }

  @Test
  void sharedSpikesAreTheirPartOfTheCorrelation() {
    List<int[]> own = poisson(10, 0.001, 5);
    for (int[] shared : poisson(1, 0.001, 6)) {
      for (int n = 0; n < 10; n++) {
        own.add(new int[] {shared[0], n});
      }
    }
    assertThat(of(10, own).correlation()).isCloseTo(0.5, within(0.06));
  }

  @Test
  void whatCannotBeMeasuredIsNotANumberAndEarlierSpikesAreNotKept() {
    assertThat(of(3, new ArrayList<>()).irregularity()).isNaN();
    assertThat(of(3, new ArrayList<>()).correlation()).isNaN();
    assertThat(of(3, new ArrayList<>()).rate()).isZero();
    SpikeTrains trains = new SpikeTrains(7);
    trains.spike(6, 1);
    trains.spike(7, 2);
    assertThat(trains.count()).isEqualTo(1);
    assertThat(trains.step(0)).isZero();
    assertThat(trains.neuron(0)).isEqualTo(2);
  }
}

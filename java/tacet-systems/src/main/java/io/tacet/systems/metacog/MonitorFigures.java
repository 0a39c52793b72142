package io.tacet.systems.metacog;

import io.tacet.Backend;
import io.tacet.analysis.Calibration;
import io.tacet.analysis.RocArea;
import io.tacet.systems.metacog.Prototypes.Reading;
import java.io.IOException;
import java.util.Arrays;

/**
 * What a monitor achieves on trials that it was not trained on.
 *
 * @param area correct decisions about the world against wrong ones, imagery and noise
 * @param imagery decisions about the world against imagery at gains of 0.3 to 0.6
 * @param hits fraction of clean observations that are asserted at 5 % false assertions
 * @param cautiousHits the same where nothing is asserted that is less likely than not
 * @param calibration expected calibration error in ten bins
 * @param accuracy of all decisions about the world
 * @param selective accuracy of those that are asserted
 * @param blindAssertions fraction of all observations that the cautious gate asserts behind a blind
 *     monitor
 * @param blindAccuracy of the decisions of a system with a blind monitor
 */
record MonitorFigures(
    double area,
    double imagery,
    double hits,
    double cautiousHits,
    double calibration,
    double accuracy,
    double selective,
    double blindAssertions,
    double blindAccuracy) {
  /** Noise of the observations that a monitor learns from and is tested on. */
  static final double QUIET = 0.2;

  static final double LOUD = 1.2;

  private static final double FALSE_ASSERTIONS = 0.05;
  private static final int BINS = 10;

  /**
   * Observations of all sources, half of them of the world, a quarter imagery, a quarter noise.
   *
   * @param real decisions about the world
   * @param endogenous imagery, then noise
   */
  private record Mixture(Trials real, Reading[] endogenous) {
    static Mixture of(Observer observer, int count, long seed) {
      return new Mixture(
          observer.real(count, QUIET, LOUD, seed),
          Observer.joined(
              observer.imagined(count / 2, 0.2, 0.7, seed + 1),
              observer.noise(count / 2, QUIET, LOUD, seed + 2)));
    }

    Reading[] all() {
      return Observer.joined(real.readings(), endogenous);
    }

    boolean[] tracks() {
      return Arrays.copyOf(real.correct(), real.correct().length + endogenous.length);
    }
  }

  /** Trains a monitor and tests it. */
  static MonitorFigures of(Backend backend, Observer observer, int count, long seed)
      throws IOException {
    Mixture seen = Mixture.of(observer, count, seed);
    try (Monitor monitor = Monitor.train(backend, seen.all(), seen.tracks(), seed)) {
      Mixture test = Mixture.of(observer, count, seed + 10);
      double[] judged = monitor.judge(test.all());
      AssertionGate gate =
          AssertionGate.calibrated(monitor.judge(seen.endogenous()), FALSE_ASSERTIONS);
      Reading[] clean = observer.real(count, QUIET, QUIET, seed + 20).readings();
      Reading[] imagined = observer.imagined(count / 2, 0.3, 0.6, seed + 30);
      Reading[] real = test.real().readings();
      double selective = accuracyOf(test.real(), gate.asserts(monitor.judge(real)));
      double imagery = againstImagery(monitor, real, imagined);
      double hits = gate.rate(monitor.judge(clean));
      double cautiousHits = gate.cautious().rate(monitor.judge(clean));
      double accuracy = test.real().accuracy();

      monitor.lesion();
      Mixture again = Mixture.of(observer, count, seed + 10);
      return new MonitorFigures(
          RocArea.of(judged, test.tracks()),
          imagery,
          hits,
          cautiousHits,
          Calibration.expectedError(judged, test.tracks(), BINS),
          accuracy,
          selective,
          gate.cautious().rate(monitor.judge(again.all())),
          again.real().accuracy());
    }
  }

  private static double againstImagery(Monitor monitor, Reading[] real, Reading[] imagined) {
    boolean[] isReal = new boolean[real.length + imagined.length];
    Arrays.fill(isReal, 0, real.length, true);
    return RocArea.of(monitor.judge(Observer.joined(real, imagined)), isReal);
  }

  private static double accuracyOf(Trials trials, boolean[] chosen) {
    int right = 0;
    int all = 0;
    for (int i = 0; i < chosen.length; i++) {
      all += chosen[i] ? 1 : 0;
      right += chosen[i] && trials.correct()[i] ? 1 : 0;
    }
    return (double) right / all;
  }
}

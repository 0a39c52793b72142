package io.tacet.systems.metacog;

import io.tacet.Backend;
import java.io.IOException;

/**
 * What is measured of one code.
 *
 * @param prototypes its prototypes
 * @param active fraction of units that are active, on observations as in training
 * @param accuracy of decisions at a noise of 0.6
 * @param noise at which three of four decisions are correct
 * @param trials those decisions
 * @param mixed type-2 area at noise between 0.2 and 1.2
 * @param monitor what a monitor of the code achieves
 */
record CodeFigures(
    Prototypes prototypes,
    double active,
    double accuracy,
    double noise,
    Trials trials,
    double mixed,
    MonitorFigures monitor) {
  private static final double LOUD = 0.6;
  private static final double MATCHED = 0.75;

  /**
   * Trains a code and measures it; every draw follows from the seed.
   *
   * @param trials of each condition
   */
  static CodeFigures of(Backend backend, Code.Kind kind, long seed, int trials) throws IOException {
    RingWorld world = new RingWorld(seed);
    try (Code code = Code.train(backend, kind, Code.pairs(world, seed + 100), seed)) {
      Prototypes prototypes = Prototypes.of(code, world, seed + 200);
      Observer observer = new Observer(code, prototypes, world);
      double noise = observer.titrate(trials, MATCHED, seed + 300);
      return new CodeFigures(
          prototypes,
          observer.real(trials, Code.SIGMA, Code.SIGMA, seed + 400).active(),
          observer.real(trials, LOUD, LOUD, seed + 500).accuracy(),
          noise,
          observer.real(trials, noise, noise, seed + 300),
          observer
              .real(trials, MonitorFigures.QUIET, MonitorFigures.LOUD, seed + 600)
              .sensitivity(),
          MonitorFigures.of(backend, observer, trials, seed + 700));
    }
  }

  /**
   * Rank correlation of the similarity of all prototypes with their distance, its sign reversed.
   */
  double fidelity() {
    return prototypes.fidelity(Double.POSITIVE_INFINITY);
  }

  /** The same of those nearer than 45 degrees. */
  double localFidelity() {
    return prototypes.fidelity(Math.PI / 4);
  }
}

package io.tacet.systems;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.report.OutputFolder;
import io.tacet.training.Replicas;
import java.io.IOException;
import java.util.List;

/**
 * How a validation is run.
 *
 * @param backend name of the backend: java, host, cuda or auto
 * @param quick whether fewer seeds and trials are to do, for a first impression and for tests; only
 *     gates that hold with so few are then applied
 * @param seeds number of seeds; 0 for that of the validation
 * @param trials number of trials of each condition; 0 for that of the validation
 * @param out where pictures go
 */
public record ValidationRun(
    String backend, boolean quick, int seeds, int trials, OutputFolder out) {

  public ValidationRun {
    if (seeds < 0 || trials < 0) {
      throw new IllegalArgumentException(
          "seeds, trials: expected at least 0, got " + seeds + " and " + trials + ".");
    }
  }

  /** Number of seeds: what was asked for, else one of these. */
  public int seeds(int full, int few) {
    return seeds > 0 ? seeds : quick ? few : full;
  }

  /** Number of trials: what was asked for, else one of these. */
  public int trials(int full, int few) {
    return trials > 0 ? trials : quick ? few : full;
  }

  /** The backend asked for, with all its threads; closed by the caller. */
  public Backend open() {
    return Backends.open(backend);
  }

  /**
   * Does independent work for the indices 0 to {@code count - 1}, as {@link Replicas} does it.
   * Results are in the order of indices and do not depend on the number of cores.
   */
  public <T> List<T> each(int count, Replicas.Work<T> work) {
    try {
      return Replicas.each(backend, count, work);
    } catch (IOException e) {
      throw new IllegalStateException("A validation failed: " + e, e);
    }
  }
}

package io.tacet.circuits;

import io.tacet.simulation.Simulation;
import java.util.function.LongConsumer;

/**
 * A simulation of a circuit whose beginning is not recorded, and what it took.
 *
 * @param spikes those after the beginning
 * @param steps number of recorded steps
 * @param dt length of a step in ms
 * @param wallSeconds that the recorded steps took
 * @param synapticEvents spikes x synapses that they reach, in the recorded steps
 */
public record CircuitRun(
    SpikeTrains spikes, long steps, double dt, double wallSeconds, long synapticEvents) {
  /** Steps between reports of progress. */
  private static final long REPORT = 500;

  /**
   * Simulates.
   *
   * @param synapses of the network, for its fan-outs
   * @param warmUpMs time at the beginning that is not recorded, at least 0
   * @param seconds recorded time, positive
   * @param progress is told the number of recorded steps now and then
   */
  public static CircuitRun of(
      Simulation simulation,
      SynapseRows synapses,
      double warmUpMs,
      double seconds,
      LongConsumer progress) {
    double dt = simulation.network().dt();
    long steps = Math.round(seconds * 1000 / dt);
    if (!(warmUpMs >= 0 && warmUpMs < 1e9) || steps < 1 || steps > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "warmUpMs, seconds: expected at least 0 ms and 1 to "
              + Integer.MAX_VALUE
              + " steps of "
              + dt
              + " ms, got "
              + warmUpMs
              + " ms and "
              + seconds
              + " s.");
    }
    long warmUp = Math.round(warmUpMs / dt);
    simulation.advance(warmUp, null);
    simulation.network().synapses().weights().backend().synchronize();
    SpikeTrains spikes = new SpikeTrains(simulation.step());
    long begin = System.nanoTime();
    for (long done = 0; done < steps; done += REPORT) {
      simulation.advance(Math.min(REPORT, steps - done), spikes);
      progress.accept(Math.min(steps, done + REPORT));
    }
    double wall = (System.nanoTime() - begin) * 1e-9;
    long events = 0;
    for (int s = 0; s < spikes.count(); s++) {
      events += synapses.fanOut(spikes.neuron(s));
    }
    return new CircuitRun(spikes, steps, dt, wall, events);
  }

  /** Recorded model time in s. */
  public double modelSeconds() {
    return steps * dt / 1000;
  }

  /** Wall time per model time: below 1 is faster than life. */
  public double realTimeFactor() {
    return wallSeconds / modelSeconds();
  }

  /** What a population did. */
  public Activity activity(Population population) {
    return Activity.of(population, spikes, steps, dt);
  }
}

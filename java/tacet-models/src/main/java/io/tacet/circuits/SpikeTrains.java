package io.tacet.circuits;

import io.tacet.simulation.SpikeSink;
import java.util.Arrays;

/** Spikes of a simulation, in ascending order of step and neuron; grows as they come. */
public final class SpikeTrains implements SpikeSink {
  private final long first;
  private int[] steps = new int[1 << 12];
  private int[] neurons = new int[1 << 12];
  private int count;

  /**
   * @param first step at which the recording begins; earlier spikes are not kept
   */
  public SpikeTrains(long first) {
    this.first = first;
  }

  @Override
  public void spike(long step, int neuron) {
    if (step < first) {
      return;
    }
    if (count == steps.length) {
      int length = (int) Math.min(Integer.MAX_VALUE - 8, 2L * count);
      if (length == count) {
        throw new IllegalArgumentException(
            "The recording is full with " + count + " spikes; simulate a shorter time.");
      }
      steps = Arrays.copyOf(steps, length);
      neurons = Arrays.copyOf(neurons, length);
    }
    steps[count] = Math.toIntExact(step - first);
    neurons[count++] = neuron;
  }

  /** Number of spikes. */
  public int count() {
    return count;
  }

  /** Step of a spike, counted from the beginning of the recording. */
  public int step(int spike) {
    return steps[spike];
  }

  /** Neuron of a spike. */
  public int neuron(int spike) {
    return neurons[spike];
  }
}

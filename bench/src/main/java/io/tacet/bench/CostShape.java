package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.data.ArraySequences;
import io.tacet.data.Dataset;
import io.tacet.data.SpikeDataset;
import io.tacet.data.SpikeDatasetBuilder;
import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.eventprop.Simulator;
import io.tacet.network.Connection;
import io.tacet.network.Egru;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.Weights;
import java.util.SplittableRandom;

/**
 * A sparse recurrent network whose activity is about the same at every size, and random samples for
 * it: spiking neurons on a grid of 1 ms, or event-gated units on steps. Every unit has a fixed
 * number of input synapses and {@code fanOut} recurrent ones; gates share the pattern. A dense
 * read-out of {@value #CLASSES} classes is on top.
 *
 * @param units how many
 * @param fanOut recurrent synapses of a unit
 * @param batch samples
 * @param steps of a sequence, or ms of a simulation
 */
record CostShape(Cell cell, int units, int fanOut, int batch, int steps) {
  /** Recurrent layers. */
  enum Cell {
    /** Leaky integrate-and-fire neurons with EventProp. */
    LIF,
    /** Event-gated recurrent units. */
    EGRU
  }

  private static final int CLASSES = 10;
  private static final int CHANNELS = 200;
  private static final int FAN_IN = 10;

  /** Spikes of an input channel in a ms. */
  private static final double RATE = 0.04;

  /** Recurrent synapses; the gates of a unit share them. */
  long synapses() {
    return (long) units * fanOut;
  }

  /** The network, its parameters drawn from a fixed seed; the caller closes it. */
  Network build(Backend backend) {
    return switch (cell) {
      case LIF ->
          Network.on(backend)
              .simulator(Simulator.grid(1))
              .duration(steps)
              .spikes(CHANNELS)
              .lif(
                  units,
                  Lif.tau(20, 5),
                  Connection.fanIn(FAN_IN, Weights.normal(0.8, 0.3)),
                  Connection.fanOut(fanOut, Weights.normalByFanIn(0, 1)))
              .readout(CLASSES, 20, 5, Weights.normalByFanIn(0, 1), Reduction.MAX)
              .build(1);
      case EGRU ->
          Network.on(backend)
              .sequence(CHANNELS)
              .egru(
                  units,
                  Egru.defaults().thresholds(0.3),
                  Connection.fanIn(FAN_IN, Weights.normalByFanIn(0, 1)),
                  Connection.fanOut(fanOut, Weights.normalByFanIn(0, 1)))
              .readout(CLASSES)
              .build(1);
    };
  }

  /** A batch of samples. */
  Dataset data() {
    SplittableRandom random = new SplittableRandom(7);
    return cell == Cell.LIF ? spikes(random) : sequences(random);
  }

  private SpikeDataset spikes(SplittableRandom random) {
    SpikeDatasetBuilder data = SpikeDataset.builder("random spikes", CHANNELS, CLASSES, steps);
    int events = (int) Math.round(RATE * CHANNELS * steps);
    for (int i = 0; i < batch; i++) {
      double[] times = random.doubles(events, 0, steps).toArray();
      data.add(i % CLASSES, times, random.ints(events, 0, CHANNELS).toArray());
    }
    return data.build();
  }

  private ArraySequences sequences(SplittableRandom random) {
    float[] values = new float[batch * steps * CHANNELS];
    int[] labels = new int[batch];
    for (int k = 0; k < values.length; k++) {
      values[k] = (float) random.nextGaussian();
    }
    for (int i = 0; i < batch; i++) {
      labels[i] = i % CLASSES;
    }
    return ArraySequences.of("random sequences", values, steps, CHANNELS, labels, CLASSES);
  }
}

package io.tacet.training;

import io.tacet.data.SpikeDataset;
import io.tacet.memory.Resources;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** Moves samples of a data set into passes; keeps a pass per batch size. */
final class Batches implements AutoCloseable {
  private final Network network;
  private final SpikeDataset data;
  private final int inputCapacity;
  private final Map<Integer, Pass> passes = new HashMap<>();
  private final Resources resources = new Resources();
  private double[] times = new double[0];
  private int[] units = new int[0];
  private int[] labels = new int[0];

  Batches(Network network, SpikeDataset data) {
    if (data.sources() != network.spec().sources()) {
      throw new IllegalArgumentException(
          "data: expected "
              + network.spec().sources()
              + " input channels as in the network, got "
              + data.sources()
              + " in "
              + data.name()
              + ".");
    }
    if (data.classes() > network.spec().outputs()) {
      throw new IllegalArgumentException(
          "data: the network has "
              + network.spec().outputs()
              + " outputs, but "
              + data.name()
              + " has "
              + data.classes()
              + " classes.");
    }
    this.network = network;
    this.data = data;
    int most = 1;
    for (int i = 0; i < data.size(); i++) {
      most = Math.max(most, data.end(i) - data.begin(i));
    }
    inputCapacity = most;
  }

  /**
   * Loads samples order[from] .. order[to-1].
   *
   * @param dropout probability that an input event is left out, drawn from {@code random}
   */
  Pass load(int[] order, int from, int to, double dropout, SplittableRandom random) {
    int batch = to - from;
    Pass pass =
        passes.computeIfAbsent(
            batch, b -> resources.own(new Pass(network, b, inputCapacity, false)));
    int room = batch * inputCapacity;
    if (times.length != room) {
      times = new double[room];
      units = new int[room];
    }
    int[] counts = new int[batch];
    labels = new int[batch];
    for (int b = 0; b < batch; b++) {
      int sample = order[from + b];
      int at = b * inputCapacity;
      int end = data.end(sample);
      for (int e = data.begin(sample); e < end; e++) {
        if (dropout == 0 || random.nextDouble() >= dropout) {
          times[at] = data.time(e);
          units[at++] = data.source(e);
        }
      }
      counts[b] = at - b * inputCapacity;
      labels[b] = data.label(sample);
    }
    pass.input().counts().copyFrom(counts);
    pass.input().times().copyFrom(times, room);
    pass.input().units().copyFrom(units, room);
    pass.labels().copyFrom(labels);
    return pass;
  }

  /** Classes of the samples that were loaded last. */
  int[] labels() {
    return labels;
  }

  @Override
  public void close() {
    resources.close();
  }
}

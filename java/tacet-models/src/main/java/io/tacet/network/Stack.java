package io.tacet.network;

import io.tacet.eventprop.Spikes;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.HostCopies;
import io.tacet.memory.Resources;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * The layers of a network in passes of one shape: their buffers, and what flows between them. Owns
 * the buffers.
 */
final class Stack implements AutoCloseable {
  private final List<LayerPass> layers = new ArrayList<>();
  private final Signal[] signals;

  /** Of layers that were asked for theirs; the others are null. */
  private final LayerActivity[] activities;

  /** What was read of {@link LayerPass#unsettled} last, to be written again. */
  private HostCopies counts = HostCopies.of(List.of());

  /** First of the layers at the top that {@link #settle(HostCopies, IntFunction)} is to check. */
  private int open;

  private final PassDropouts dropouts;
  private final boolean readsEveryStep;
  private final Resources resources = new Resources();

  Stack(Network network, PassShape shape) {
    List<LayerSpec> specs = network.spec().layers();
    signals = new Signal[specs.size() + 1];
    activities = new LayerActivity[specs.size()];
    readsEveryStep = network.spec().readsEveryStep();
    try {
      dropouts = new PassDropouts(network, shape);
      for (int k = 0; k < specs.size(); k++) {
        LayerSpec reader = k + 1 < specs.size() ? specs.get(k + 1) : null;
        layers.add(resources.own(network.layers().get(k).room(shape, reader)));
      }
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
    open = layers.size();
  }

  /** The layers, from the first above the input. */
  List<LayerPass> layers() {
    return layers;
  }

  /** The read-out, or the last spiking layer. */
  LayerPass top() {
    return layers.get(layers.size() - 1);
  }

  /** What enters layer k in the last pass. */
  Signal below(int k) {
    return signals[k];
  }

  /** Gives the stack what enters layer k. */
  void enter(int k, Signal signal) {
    signals[k] = signal;
  }

  /**
   * Activity of layer k, which gives steps, after a forward pass.
   *
   * @param lengths of the samples; null for whole sequences
   */
  LayerActivity activity(int k, Lengths lengths) {
    if (activities[k] == null) {
      activities[k] = resources.own(new LayerActivity(stepsOf(signals[k + 1])));
    }
    activities[k].within(lengths);
    return activities[k];
  }

  /** Runs layers from .. to-1 over what has entered the first of them. */
  void forward(int from, int to, IntFunction<Run> runs) {
    open = layers.size();
    settle(issue(from, to, runs), to, runs);
  }

  /**
   * Runs all layers but leaves those at the top unsettled, where finding out would mean to wait for
   * a device.
   */
  void forwardUnsettled(IntFunction<Run> runs) {
    open = issue(0, layers.size(), runs);
    if (open < layers.size() && layers.get(open).unsettled().storage().heap() != null) {
      settle(HostCopies.of(unsettled()), runs);
    }
  }

  /** Runs layers; the first of those that nothing has been waited for. */
  private int issue(int from, int to, IntFunction<Run> runs) {
    for (int k = from; k < to; k++) {
      if (activities[k] != null) {
        activities[k].begin();
      }
    }
    if (from == 0) {
      clear(signals[0], valuesOf(signals[0]), runs.apply(0).lengths());
      dropouts.mask(0, runs.apply(0).seed(), stepsOf(signals[0]));
    }
    int unsettled = from;
    for (int k = from; k < to; k++) {
      if (layers.get(k).unsettled() == null) {
        settle(unsettled, k, runs);
        unsettled = k + 1;
      }
      forward(k, runs.apply(k));
    }
    return unsettled;
  }

  private void forward(int k, Run run) {
    signals[k + 1] = layers.get(k).forward(signals[k], run);
    clear(signals[k + 1], valuesOf(signals[k + 1]), run.lengths());
    dropouts.mask(k + 1, run.seed(), stepsOf(signals[k + 1]));
  }

  /** Waits once for spiking layers from .. to-1, and repeats them where spikes found no room. */
  private void settle(int from, int to, IntFunction<Run> runs) {
    int first = from;
    while (first < to) {
      counts = HostCopies.of(counts(first, to), counts);
      first = check(first, to, counts);
      for (int k = first; k < to; k++) {
        forward(k, runs.apply(k));
      }
    }
  }

  private List<DeviceArray> counts(int from, int to) {
    return layers.subList(from, to).stream().map(LayerPass::unsettled).toList();
  }

  /** The first of layers from .. to-1 whose spikes found no room; {@code to} if all did. */
  private int check(int from, int to, HostCopies copies) {
    int k = from;
    while (k < to && layers.get(k).settle(copies.ints(layers.get(k).unsettled()))) {
      k++;
    }
    return k;
  }

  /** See {@link Pass#unsettled}. */
  List<DeviceArray> unsettled() {
    return counts(open, layers.size());
  }

  /** See {@link Pass#settle}. */
  boolean settle(HostCopies copies, IntFunction<Run> runs) {
    int top = layers.size();
    int first = check(open, top, copies);
    open = top;
    for (int k = first; k < top; k++) {
      forward(k, runs.apply(k));
    }
    settle(first, top, runs);
    return first == top;
  }

  private static DeviceArray valuesOf(Signal signal) {
    return signal instanceof Signal.Steps steps ? steps.values() : null;
  }

  /**
   * Makes padding 0.
   *
   * @param rows values of the signal, or their errors; null for none
   * @param lengths null for whole sequences
   */
  private void clear(Signal signal, DeviceArray rows, Lengths lengths) {
    boolean steps = valuesOf(signal) != null || (signal instanceof Signal.Values && readsEveryStep);
    if (lengths != null && rows != null && steps) {
      lengths.clear(rows);
    }
  }

  private static DeviceArray stepsOf(Signal signal) {
    return signal instanceof Signal.Steps steps ? steps.read() : null;
  }

  /**
   * Adds the gradients of layers from .. to-1, from the top.
   *
   * @param errors dL/doutput of layer to-1; null for event times, and for zeros
   * @return those of what enters layer {@code from}
   */
  DeviceArray backward(int from, int to, DeviceArray errors, IntFunction<Run> runs) {
    DeviceArray below = errors;
    for (int k = to - 1; k >= from; k--) {
      Run run = runs.apply(k);
      clear(signals[k + 1], below, run.lengths());
      below = layers.get(k).backward(signals[k], below, k > 0, run);
      if (k > 0 && activities[k - 1] != null) {
        activities[k - 1].addTo(below);
      }
      if (k > 0) {
        dropouts.mask(k, run.seed(), below);
      }
    }
    return below;
  }

  /** Adds the gradients that have waited for the backward passes of all layers. */
  void finish() {
    for (int k = 0; k < layers.size(); k++) {
      layers.get(k).finish(signals[k], layers.get(k).errors());
    }
  }

  /** See {@link Pass#backwardSparsity}. */
  double backwardSparsity() {
    double idle = 0;
    long units = 0;
    for (LayerPass layer : layers) {
      double sparsity = layer.backwardSparsity();
      if (!Double.isNaN(sparsity)) {
        long of = layer.counters().stream().mapToLong(EventCounter::units).sum();
        idle += of * sparsity;
        units += of;
      }
    }
    return idle / units;
  }

  /** Spikes of layer k where they are watched, else null. */
  private Spikes watched(int k) {
    boolean watched = !Double.isNaN(layers.get(k).slopeUnit());
    return watched && signals[k + 1] instanceof Signal.Events events ? events.spikes() : null;
  }

  /** See {@link Pass#marginParts}. */
  List<DeviceArray> marginParts() {
    List<DeviceArray> parts = new ArrayList<>();
    for (int k = 0; k < layers.size(); k++) {
      Spikes spikes = watched(k);
      if (spikes != null) {
        parts.addAll(List.of(spikes.counts(), spikes.slopes(), spikes.grazes()));
      }
    }
    return parts;
  }

  /** See {@link Pass#margin}. */
  SpikeMargin margin(HostCopies copies, List<String> names, int[] numbers) {
    SpikeMargin margin = SpikeMargin.NONE;
    for (int k = 0; k < layers.size(); k++) {
      Spikes spikes = watched(k);
      if (spikes != null) {
        double unit = layers.get(k).slopeUnit();
        margin = margin.and(SpikeMargin.of(spikes, copies, unit, names.get(k), numbers));
      }
    }
    return margin;
  }

  @Override
  public void close() {
    resources.close();
  }
}

package io.tacet.cuda;

import io.tacet.Backend;
import io.tacet.eventprop.LayerGradients;
import io.tacet.eventprop.LifLayer;
import io.tacet.eventprop.LifParameters;
import io.tacet.eventprop.Spikes;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.sparse.Delays;
import io.tacet.sparse.Synapses;
import java.util.SplittableRandom;

/** A random layer with a batch of input, to be put on any backend. All numbers fit float32. */
final class RandomLayer {
  /**
   * What a layer is made of.
   *
   * @param perNeuron whether neurons have parameters of their own
   * @param recurrentLayout null for feed-forward
   */
  record Shape(
      int inputs,
      int neurons,
      int batch,
      int events,
      boolean perNeuron,
      RandomRows.Layout inputLayout,
      Delays.Kind inputDelays,
      RandomRows.Layout recurrentLayout,
      Delays.Kind recurrentDelays) {}

  final Shape shape;
  final RandomRows input;
  final RandomRows recurrent;

  /** End of the simulation; input comes within the first 72 ms. */
  double duration = 80;

  private final double[][] parameters;
  private final double[][] times;
  private final int[][] units;
  private final double[] kick;

  RandomLayer(Shape shape, long seed) {
    this.shape = shape;
    SplittableRandom random = new SplittableRandom(seed);
    // Currents of about the same size whatever the number of events.
    double strength =
        36.0 / shape.events() / (shape.inputLayout() == RandomRows.Layout.DENSE ? 1 : 0.4);
    input =
        new RandomRows(
            random,
            shape.inputs(),
            shape.neurons(),
            shape.inputLayout(),
            shape.inputDelays(),
            -0.3 * strength,
            strength);
    double weight = 6.0 / Math.sqrt(shape.neurons());
    recurrent =
        shape.recurrentLayout() == null
            ? null
            : new RandomRows(
                random,
                shape.neurons(),
                shape.neurons(),
                shape.recurrentLayout(),
                shape.recurrentDelays(),
                -weight,
                0.8 * weight);
    int n = shape.perNeuron() ? shape.neurons() : 1;
    parameters =
        new double[][] {
          values(random, n, 8, 25),
          values(random, n, 3, 7.9),
          values(random, n, 0.8, 1.3),
          values(random, n, -0.5, 0.3),
          values(random, n, -0.1, 0.3)
        };
    times = new double[shape.batch()][];
    units = new int[shape.batch()][];
    for (int b = 0; b < shape.batch(); b++) {
      // Unequal counts, and one sample without events.
      int events = b == 1 ? 0 : shape.events() - b;
      times[b] = sorted(random, events);
      units[b] = random.ints(events, 0, shape.inputs()).toArray();
    }
    kick = values(random, shape.neurons(), -0.02, 0.02);
  }

  private static double[] values(SplittableRandom random, int count, double low, double high) {
    return random.doubles(count, low, high).map(x -> (float) x).toArray();
  }

  private static double[] sorted(SplittableRandom random, int events) {
    return random.doubles(events, 0.5, 72).map(x -> (float) x).sorted().toArray();
  }

  /** A layer with its input on a backend; closed by {@link Resources}. */
  record Placed(LifLayer layer, Spikes input, DeviceArray kick) {}

  Placed on(Backend backend, DType type, Resources open) {
    Synapses in = open.own(input.on(backend, type));
    Synapses rec = recurrent == null ? null : open.own(recurrent.on(backend, type));
    DeviceArray[] p = new DeviceArray[parameters.length];
    for (int k = 0; k < p.length; k++) {
      p[k] = backend.allocate(type, parameters[k].length).copyFrom(parameters[k]);
    }
    LifParameters lif = open.own(new LifParameters(p[0], p[1], p[2], p[3], p[4]));
    Spikes events =
        open.own(
            Spikes.inputsWithErrors(backend, type, shape.batch(), shape.events())
                .set(times, units));
    return new Placed(
        new LifLayer(in, rec, lif, duration),
        events,
        open.own(backend.allocate(type, kick.length).copyFrom(kick)));
  }

  /** Zeroed gradients of everything, or of what does not need the states between events. */
  static LayerGradients gradients(LifLayer layer, boolean states, Resources open) {
    LifParameters lif = layer.lif();
    return open.own(
        new LayerGradients(
            like(layer.input().weights()),
            delays(layer.input()),
            layer.recurrent() == null ? null : like(layer.recurrent().weights()),
            delays(layer.recurrent()),
            states ? like(lif.tauMem()) : null,
            states ? like(lif.tauSyn()) : null,
            like(lif.threshold()),
            like(lif.reset()),
            states ? like(lif.bias()) : null));
  }

  private static DeviceArray delays(Synapses synapses) {
    return synapses == null || synapses.delays() == null ? null : like(synapses.delays().values());
  }

  private static DeviceArray like(DeviceArray a) {
    return a.backend().allocate(a.type(), a.shape());
  }
}

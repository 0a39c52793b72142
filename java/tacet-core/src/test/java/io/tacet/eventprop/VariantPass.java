package io.tacet.eventprop;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.sparse.Synapses;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/** A layer of a variant with its input on a backend, its spikes and its gradients. */
final class VariantPass {
  final Backend backend;
  final DType type;
  final LifLayer layer;
  final Spikes input;
  final LayerGradients gradients;
  final DeviceArray kick;

  /** dL/d(mean potential), [batch][neurons]; null where the loss does not depend on it. */
  DeviceArray meanErrors;

  private final Simulator simulator;
  private final Resources open;
  Spikes spikes;

  VariantPass(Backend backend, DType type, Net net, Resources open) {
    this.backend = backend;
    this.type = type;
    this.open = open;
    simulator = net.simulator;
    layer = net.layer(backend, type, open);
    int most = Arrays.stream(net.inputTimes).mapToInt(t -> t.length).max().orElseThrow();
    input =
        open.own(Spikes.inputsWithErrors(backend, type, net.inputTimes.length, most))
            .set(net.inputTimes, net.inputUnits);
    kick =
        net.kick == null
            ? null
            : open.own(backend.allocate(type, net.kick.length).copyFrom(net.kick));
    Synapses in = layer.input();
    Synapses rec = layer.recurrent();
    List<DeviceArray> wanted = new ArrayList<>();
    layer.lif().parameters().forEach(p -> wanted.add(like(p)));
    layer.variant().parameters().forEach(p -> wanted.add(like(p)));
    gradients =
        open.own(
            new LayerGradients(
                like(in.weights()),
                in.delays() == null ? null : like(in.delays().values()),
                rec == null ? null : like(rec.weights()),
                rec == null || rec.delays() == null ? null : like(rec.delays().values()),
                wanted.get(0),
                wanted.get(1),
                wanted.get(2),
                wanted.get(3),
                wanted.get(4),
                new VariantGradients(
                    wanted.get(5),
                    wanted.get(6),
                    wanted.get(7),
                    wanted.get(8),
                    wanted.get(9),
                    wanted.get(10))));
  }

  private static DeviceArray like(DeviceArray a) {
    return a == null ? null : a.backend().allocate(a.type(), a.shape());
  }

  void forward() {
    Spikes small = Spikes.outputs(backend, type, input.batch(), 3);
    try {
      spikes = open.own(simulator.forwardGrowing(layer, input, small));
    } catch (RuntimeException e) {
      small.close();
      throw e;
    }
  }

  /** Along given spikes, whose errors are set. */
  void backward(Spikes along, IntToDoubleFunction error) {
    int[] units = along.units().toInts();
    along.errors().copyFrom(Arrays.stream(units).mapToDouble(error).toArray());
    simulator.backward(layer, input, along, gradients, kick, meanErrors);
  }

  /** Lets the loss have weighted means of potentials, too. */
  void addMeans() {
    int count = input.batch() * layer.neurons();
    double[] weights = IntStream.range(0, count).mapToDouble(k -> 3 * error(k + 5)).toArray();
    meanErrors = open.own(backend.allocate(type, input.batch(), layer.neurons()));
    meanErrors.copyFrom(weights);
  }

  /** Mean potentials along given spikes. */
  DeviceArray means(Spikes along) {
    DeviceArray means = open.own(backend.allocate(type, input.batch(), layer.neurons()));
    simulator.meanPotentials(layer, input, along, means);
    return means;
  }

  /** These spikes in double precision on another backend. */
  Spikes copy(Backend java, Resources own) {
    Spikes to = own.own(Spikes.outputs(java, DType.FLOAT64, spikes.batch(), spikes.capacity()));
    to.counts().copyFrom(spikes.counts().toInts());
    to.times().copyFrom(spikes.times().toDoubles());
    to.units().copyFrom(spikes.units().toInts());
    to.slopes().copyFrom(spikes.slopes().toDoubles());
    return to;
  }

  /** Fails where errors of the input or gradients differ from those of a pass. */
  void sameGradients(VariantPass expected, double tolerance) {
    same("input errors", input.errors(), expected.input.errors(), tolerance);
    for (int g = 0; g < expected.gradients.arrays().size(); g++) {
      DeviceArray actual = gradients.arrays().get(g);
      same("gradient " + g, actual, expected.gradients.arrays().get(g), tolerance);
    }
  }

  /** dL/dt of the spikes of a neuron. */
  static double error(int unit) {
    return 0.4 + 0.3 * Math.sin(1 + 2 * unit);
  }

  /** Fails where counts or neurons differ, or times or slopes by more than the tolerance. */
  static void sameSpikes(Spikes actual, Spikes expected, double tolerance) {
    int[] counts = expected.counts().toInts();
    assertThat(actual.counts().toInts()).isEqualTo(counts);
    int[] units = actual.units().toInts();
    int[] wantedUnits = expected.units().toInts();
    double[] times = actual.times().toDoubles();
    double[] wantedTimes = expected.times().toDoubles();
    double[] slopes = actual.slopes().toDoubles();
    double[] wantedSlopes = expected.slopes().toDoubles();
    for (int b = 0; b < counts.length; b++) {
      int at = b * actual.capacity();
      int end = at + counts[b];
      int from = b * expected.capacity();
      int to = from + counts[b];
      String of = " of sample " + b;
      assertThat(Arrays.copyOfRange(units, at, end))
          .as("neurons%s", of)
          .isEqualTo(Arrays.copyOfRange(wantedUnits, from, to));
      assertClose(
          "times" + of,
          Arrays.copyOfRange(times, at, end),
          Arrays.copyOfRange(wantedTimes, from, to),
          tolerance);
      assertClose(
          "slopes" + of,
          Arrays.copyOfRange(slopes, at, end),
          Arrays.copyOfRange(wantedSlopes, from, to),
          tolerance);
    }
  }

  /** Fails where arrays differ by more than that part of the largest element. */
  static void same(String what, DeviceArray actual, DeviceArray expected, double tolerance) {
    double[] values = expected.toDoubles();
    double scale = Arrays.stream(values).map(Math::abs).max().orElse(0);
    assertClose(what, actual.toDoubles(), values, tolerance * scale + 1e-6);
  }
}

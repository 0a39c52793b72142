package io.tacet.neuron;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.eventprop.ExactEventProp;
import io.tacet.eventprop.LayerGradients;
import io.tacet.eventprop.LifLayer;
import io.tacet.eventprop.LifParameters;
import io.tacet.eventprop.Spikes;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.neuron.IntegrateAndFire.Feature;
import io.tacet.reference.JavaBackend;
import io.tacet.sparse.Delays;
import io.tacet.sparse.DenseSynapses;
import io.tacet.sparse.Synapses;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The two ways to a solution agree, and the LIF neuron with the operation that is only for it. */
class HybridAgreementTest {
  private static final int NETS = 10;

  static Stream<Neuron> closed() {
    return Stream.concat(
        Arrays.stream(Feature.values()).map(Neurons::integrateAndFire),
        Stream.of(
            Neurons.lif(),
            Neurons.lif().with("tauSyn", 20),
            Neurons.alpha().with("tauSyn", 20),
            Neurons.integrateAndFire(
                Feature.SOFT_RESET,
                Feature.REFRACTORY,
                Feature.ADAPTIVE_THRESHOLD,
                Feature.ADAPTATION_CURRENT,
                Feature.INHIBITORY_SYNAPSE,
                Feature.ALPHA_SYNAPSE),
            Neurons.integrateAndFire(
                Feature.SOFT_RESET,
                Feature.REFRACTORY,
                Feature.ADAPTIVE_THRESHOLD,
                Feature.ADAPTATION_CURRENT,
                Feature.INHIBITORY_SYNAPSE)));
  }

  @ParameterizedTest
  @MethodSource("closed")
  void theClosedFormIsWhatRungeKuttaConvergesTo(Neuron neuron) {
    try (Backend backend = new JavaBackend(1)) {
      double scale = neuron.dynamics().name().contains("non-leaky") ? 1.2 : 2.5;
      double largest = 0;
      int spikes = 0;
      for (long seed = 0; seed < NETS; seed++) {
        HybridNet net = HybridNet.random(neuron, 0, scale, seed);
        HybridNet.Result exact = net.run(backend);
        if (exact.smallestSlope() < 0.01 || exact.grazes() > 0) {
          continue;
        }
        net.tolerance = 1e-13;
        HybridNet.Result numerical = net.run(backend);
        assertThat(numerical.units()).as("seed %d", seed).isEqualTo(exact.units());
        spikes += exact.units().length;
        largest = Math.max(largest, largestDifference(exact, numerical));
      }
      assertThat(spikes).isGreaterThan(50);
      assertThat(largest).isLessThan(1e-9);
    }
  }

  /** The neuron written out for itself, whose equations are not those of the family. */
  @Test
  void alphaSynapsesAreThoseOfTheirOwnNeuron() {
    try (Backend backend = new JavaBackend(1)) {
      int spikes = 0;
      double largest = 0;
      for (long seed = 0; seed < NETS; seed++) {
        HybridNet net = HybridNet.random(Neurons.alpha(), 0, 3, seed);
        HybridNet.Result closed = net.run(backend);
        if (closed.smallestSlope() < 0.01 || closed.grazes() > 0) {
          continue;
        }
        HybridNet own = HybridNet.random(Neurons.of(new AlphaNeuron()), 1e-13, 3, seed);
        HybridNet.Result numerical = own.run(backend);
        assertThat(numerical.units()).as("seed %d", seed).isEqualTo(closed.units());
        spikes += closed.units().length;
        largest = Math.max(largest, largestDifference(closed, numerical));
      }
      assertThat(spikes).isGreaterThan(50);
      assertThat(largest).isLessThan(1e-9);
    }
  }

  /** Also with the end of a refractory period, which has no slope that is bounded. */
  @ParameterizedTest
  @MethodSource("closed")
  void aLeastSlopeIsThatOfTheClosedForm(Neuron neuron) {
    try (Backend backend = new JavaBackend(1)) {
      double scale = neuron.dynamics().name().contains("non-leaky") ? 1.2 : 2.5;
      int bounded = 0;
      for (long seed = 0; seed < 4; seed++) {
        HybridNet net = HybridNet.random(neuron, 0, scale, seed);
        HybridNet.Result exact = net.run(backend);
        if (exact.smallestSlope() < 0.005 || exact.grazes() > 0) {
          continue;
        }
        net.leastSlope = 0.15;
        HybridNet.Result closed = net.run(backend);
        net.tolerance = 1e-13;
        HybridNet.Result numerical = net.run(backend);
        assertThat(numerical.units()).as("seed %d", seed).isEqualTo(closed.units());
        assertThat(largestDifference(closed, numerical)).isLessThan(1e-9);
        bounded += largestDifference(exact, closed) > 1e-3 ? 1 : 0;
      }
      assertThat(bounded).isPositive();
    }
  }

  @Test
  void aLeastSlopeOfTheLifNeuronIsThatOfItsOwnOperation() {
    try (Backend backend = new JavaBackend(1)) {
      int bounded = 0;
      for (long seed = 0; seed < 4; seed++) {
        HybridNet net = HybridNet.random(Neurons.lif(), 0, 2.5, seed);
        HybridNet.Result exact = net.run(backend);
        net.leastSlope = 0.15;
        HybridNet.Result r = net.run(backend);
        assertThat(largestDifference(ofOperation(backend, net), r)).isLessThan(1e-9);
        bounded += largestDifference(exact, r) > 1e-3 ? 1 : 0;
      }
      assertThat(bounded).isPositive();
    }
  }

  /** Relative to the largest of a kind, at least of 1. */
  private static double largestDifference(HybridNet.Result a, HybridNet.Result b) {
    double largest = difference(a.times(), b.times());
    largest = Math.max(largest, difference(a.inputErrors(), b.inputErrors()));
    largest = Math.max(largest, difference(a.inputWeights(), b.inputWeights()));
    largest = Math.max(largest, difference(a.inputDelays(), b.inputDelays()));
    largest = Math.max(largest, difference(a.recurrentWeights(), b.recurrentWeights()));
    largest = Math.max(largest, difference(a.recurrentDelays(), b.recurrentDelays()));
    for (int i = 0; i < a.parameters().length; i++) {
      largest = Math.max(largest, difference(a.parameters()[i], b.parameters()[i]));
    }
    return largest;
  }

  private static double difference(double[] a, double[] b) {
    double scale = Math.max(1, Arrays.stream(a).map(Math::abs).max().orElse(0));
    double largest = 0;
    for (int k = 0; k < a.length; k++) {
      largest = Math.max(largest, Math.abs(a[k] - b[k]) / scale);
    }
    return largest;
  }

  @ParameterizedTest
  @CsvSource({"0, 1e-10", "1e-13, 1e-9"})
  void theLifNeuronAgreesWithItsOwnOperation(double tolerance, double within) {
    try (Backend backend = new JavaBackend(1)) {
      double largest = 0;
      int spikes = 0;
      for (long seed = 0; seed < NETS; seed++) {
        HybridNet net = HybridNet.random(Neurons.lif(), tolerance, 2.5, seed);
        HybridNet.Result r = net.run(backend);
        if (r.smallestSlope() < 0.003 || r.grazes() > 0) {
          continue;
        }
        spikes += r.units().length;
        largest = Math.max(largest, largestDifference(ofOperation(backend, net), r));
      }
      assertThat(spikes).isGreaterThan(50);
      assertThat(largest).isLessThan(within);
    }
  }

  /** Whose condition does not change for a while, though its state does. */
  @Test
  @Timeout(60)
  void aConditionThatStandsStillIsSteppedOver() {
    try (Backend backend = new JavaBackend(1)) {
      for (Feature[] features : new Feature[][] {{}, {Feature.REFRACTORY}, Feature.values()}) {
        HybridNet net = HybridNet.random(Neurons.integrateAndFire(features), 0, 0.9, 4);
        Arrays.fill(net.parameters[IntegrateAndFire.BIAS], 0);
        HybridNet.Result exact = net.run(backend);
        net.tolerance = 1e-12;
        HybridNet.Result numerical = net.run(backend);
        assertThat(exact.times()).isNotEmpty();
        assertThat(largestDifference(exact, numerical)).isLessThan(1e-8);
      }
    }
  }

  private static HybridNet.Result ofOperation(Backend backend, HybridNet net) {
    try (Resources open = new Resources()) {
      Synapses in =
          open.own(
              new DenseSynapses(
                  net.inputs,
                  net.neurons,
                  array(backend, net.inputWeights),
                  new Delays(Delays.Kind.PER_SYNAPSE, array(backend, net.inputDelays))));
      Synapses rec =
          open.own(
              new DenseSynapses(
                  net.neurons,
                  net.neurons,
                  array(backend, net.recurrentWeights),
                  new Delays(Delays.Kind.PER_SYNAPSE, array(backend, net.recurrentDelays))));
      // tauMem, tauSyn, threshold, bias, reset
      double[][] p = net.parameters;
      LifParameters lif =
          open.own(
              new LifParameters(
                  array(backend, p[0]),
                  array(backend, p[1]),
                  array(backend, p[2]),
                  array(backend, p[4]),
                  array(backend, p[3])));
      LifLayer layer = new LifLayer(in, rec, lif, net.duration).leastSlope(net.leastSlope);
      Spikes input =
          open.own(Spikes.inputsWithErrors(backend, DType.FLOAT64, 1, net.inputTimes.length));
      input.set(new double[][] {net.inputTimes}, new int[][] {net.inputUnits});
      Spikes output = open.own(Spikes.outputs(backend, DType.FLOAT64, 1, 1000));
      ExactEventProp.forward(layer, input, output);
      int count = ExactEventProp.check(output);
      double[] times = output.times().toDoubles();
      int[] units = output.units().toInts();
      double[] errors = new double[1000];
      double loss = 0;
      for (int k = 0; k < count; k++) {
        errors[k] = HybridNet.weight(units[k]);
        loss += errors[k] * times[k];
      }
      output.errors().copyFrom(errors);
      LayerGradients g =
          open.own(
              new LayerGradients(
                  like(in.weights()),
                  like(in.delays().values()),
                  like(rec.weights()),
                  like(rec.delays().values()),
                  like(lif.tauMem()),
                  like(lif.tauSyn()),
                  like(lif.threshold()),
                  like(lif.reset()),
                  like(lif.bias())));
      ExactEventProp.backward(layer, input, output, g, null);
      return new HybridNet.Result(
          loss,
          Arrays.copyOf(times, count),
          Arrays.copyOf(units, count),
          output.smallestSlope(),
          output.grazes().toInts()[0],
          input.errors().toDoubles(),
          g.inputWeights().toDoubles(),
          g.inputDelays().toDoubles(),
          g.recurrentWeights().toDoubles(),
          g.recurrentDelays().toDoubles(),
          new double[][] {
            g.tauMem().toDoubles(),
            g.tauSyn().toDoubles(),
            g.threshold().toDoubles(),
            g.bias().toDoubles(),
            g.reset().toDoubles()
          });
    }
  }

  private static DeviceArray array(Backend backend, double[] values) {
    return backend.allocate(DType.FLOAT64, values.length).copyFrom(values);
  }

  private static DeviceArray like(DeviceArray array) {
    return array.backend().allocate(array.type(), array.shape());
  }
}

package io.tacet.neuron;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.eventprop.Spikes;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.sparse.DenseSynapses;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Batches, precision and errors of passes. */
class HybridPassTest {
  private static final double[][] TIMES = {{1, 4, 9}, {2, 2.5}, {}, {0, 5, 6, 7}};
  private static final int[][] UNITS = {{0, 1, 0}, {1, 0}, {}, {0, 0, 1, 1}};
  private static final double[] WEIGHTS = {9, 7, 5, 4, 11, 8};

  private final Backend backend = Backends.open("java");
  private final Resources open = new Resources();

  @AfterEach
  void close() {
    open.close();
    backend.close();
  }

  private HybridLayer layer(Neuron neuron, DType type, double... weights) {
    DenseSynapses input = open.own(DenseSynapses.of(backend, type, 2, 3, weights));
    return new HybridLayer(
        input,
        null,
        neuron.dynamics(),
        Arrays.stream(neuron.parameters())
            .mapToObj(v -> open.own(backend.allocate(type, 1).copyFrom(new double[] {v})))
            .toList(),
        60,
        neuron.tolerance());
  }

  private Spikes input(DType type, double[][] times, int[][] units) {
    return open.own(Spikes.inputsWithErrors(backend, type, times.length, 4).set(times, units));
  }

  private record Result(double[] times, double[] gradient) {}

  private Result run(HybridLayer layer, Spikes input) {
    DType type = input.type();
    HybridPass pass = new HybridPass(layer);
    Spikes small = Spikes.outputs(backend, type, input.batch(), 1);
    Spikes output;
    try {
      output = open.own(pass.forward(input, small));
    } catch (RuntimeException e) {
      small.close();
      throw e;
    }
    double[] ones = new double[input.batch() * output.capacity()];
    Arrays.fill(ones, 1);
    output.errors().copyFrom(ones);
    DeviceArray gradient = open.own(backend.allocate(type, 2, 3));
    int parameters = layer.parameters().size();
    pass.backward(
        input,
        output,
        new HybridGradients(gradient, null, null, null, Collections.nCopies(parameters, null)),
        null);
    return new Result(output.times().toDoubles(), gradient.toDoubles());
  }

  @Test
  void theGradientOfABatchIsTheSumOverItsSamples() {
    for (Neuron neuron : List.of(Neurons.alif(), Neurons.qif())) {
      HybridLayer layer = layer(neuron, DType.FLOAT64, WEIGHTS);
      double[] whole = run(layer, input(DType.FLOAT64, TIMES, UNITS)).gradient();
      double[] sum = new double[6];
      for (int b = 0; b < TIMES.length; b++) {
        Spikes one = input(DType.FLOAT64, new double[][] {TIMES[b]}, new int[][] {UNITS[b]});
        double[] part = run(layer, one).gradient();
        Arrays.setAll(sum, k -> sum[k] + part[k]);
      }
      for (int k = 0; k < sum.length; k++) {
        assertThat(whole[k]).isCloseTo(sum[k], within(1e-13 * Math.max(1, Math.abs(sum[k]))));
      }
      assertThat(Arrays.stream(whole).map(Math::abs).sum()).isPositive();
    }
  }

  @Test
  void aSecondRunIsTheSameBitForBit() {
    HybridLayer layer = layer(Neurons.adex(), DType.FLOAT64, WEIGHTS);
    Spikes input = input(DType.FLOAT64, TIMES, UNITS);
    Result first = run(layer, input);
    Result second = run(layer, input);
    assertThat(second.times()).isEqualTo(first.times());
    assertThat(second.gradient()).isEqualTo(first.gradient());
  }

  @Test
  void arraysInSinglePrecisionAreComputedInDoubleWhereThereIsNoClosedForm() {
    Result narrow =
        run(layer(Neurons.qif(), DType.FLOAT32, WEIGHTS), input(DType.FLOAT32, TIMES, UNITS));
    Result wide =
        run(layer(Neurons.qif(), DType.FLOAT64, WEIGHTS), input(DType.FLOAT64, TIMES, UNITS));
    for (int k = 0; k < 6; k++) {
      assertThat(narrow.gradient()[k]).isCloseTo(wide.gradient()[k], within(1e-5));
    }
  }

  @Test
  void theSumOfAllInputErrorsIsThatOfAllSpikeErrors() {
    HybridLayer layer = layer(Neurons.refractory(3), DType.FLOAT64, WEIGHTS);
    Spikes input = input(DType.FLOAT64, new double[][] {TIMES[3]}, new int[][] {UNITS[3]});
    int spikes = run(layer, input).times().length;
    HybridPass pass = new HybridPass(layer);
    Spikes output = open.own(pass.forward(input, Spikes.outputs(backend, DType.FLOAT64, 1, 40)));
    int count = output.counts().toInts()[0];
    assertThat(count).isPositive().isLessThanOrEqualTo(spikes);
    double sum = Arrays.stream(input.errors().toDoubles()).sum();
    assertThat(sum).as("a shift of all inputs shifts all spikes").isCloseTo(count, within(1e-9));
  }

  @Test
  void weightsThatAreNotNumbersAreNamed() {
    HybridLayer layer = layer(Neurons.qif(), DType.FLOAT64, 1, 2, Double.NaN, 3, 4, 5);
    assertThatThrownBy(() -> run(layer, input(DType.FLOAT64, TIMES, UNITS)))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageContaining("NaN for synapse 2");
  }

  @Test
  void aSampleWithoutEndIsNamed() {
    Neuron neuron = Neurons.lif().with("bias", 2).with("reset", -1).with("tauMem", 1e-3);
    HybridLayer layer = layer(neuron, DType.FLOAT64, WEIGHTS);
    Spikes one = input(DType.FLOAT64, new double[][] {TIMES[0]}, new int[][] {UNITS[0]});
    assertThatThrownBy(() -> run(layer, one))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageContaining("Sample 0: more than 65536 spikes");
  }

  @Test
  void aNeuronThatIsBeyondItsConditionAtTheStartIsRefused() {
    Neuron neuron = Neurons.qif().with("rest", 2.9).with("peak", 3);
    HybridLayer layer = layer(neuron, DType.FLOAT64, WEIGHTS);
    layer.parameters().get(4).copyFrom(new double[] {2.8});
    assertThatThrownBy(() -> run(layer, input(DType.FLOAT64, TIMES, UNITS)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("neuron 0 has tauMem 20.0")
        .hasMessageContaining("peak 2.8");
  }

  @Test
  void aBackwardPassNeedsAForwardPass() {
    HybridLayer layer = layer(Neurons.qif(), DType.FLOAT64, WEIGHTS);
    Spikes input = input(DType.FLOAT64, TIMES, UNITS);
    Spikes output = open.own(Spikes.outputs(backend, DType.FLOAT64, 4, 4));
    HybridGradients none =
        new HybridGradients(null, null, null, null, Collections.nCopies(7, null));
    assertThatThrownBy(() -> new HybridPass(layer).backward(input, output, none, null))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void layersThatDoNotFitAreRefused() {
    DenseSynapses input = open.own(DenseSynapses.of(backend, DType.FLOAT64, 2, 3, WEIGHTS));
    HybridNeuron qif = Neurons.qif().dynamics();
    assertThatThrownBy(() -> new HybridLayer(input, null, qif, List.of(), 60, 1e-9))
        .hasMessageContaining("expected 7 arrays")
        .hasMessageContaining("critical");
    assertThatThrownBy(() -> new HybridLayer(input, null, qif, List.of(), -1, 1e-9))
        .hasMessageContaining("duration");
    assertThatThrownBy(() -> new HybridLayer(input, null, qif, List.of(), 60, 0))
        .hasMessageContaining("qif has no closed form");
    assertThatThrownBy(() -> new HybridLayer(input, input, qif, List.of(), 60, 1e-9))
        .hasMessageContaining("recurrent: expected 3 sources");
  }
}

package io.tacet.eventprop;

import static io.tacet.eventprop.FiniteDifferences.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.reference.JavaBackend;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Gradients of the exact simulator against finite differences, and what must leave them alone. */
class ExactGradientTest {
  private static final double GATE = 1e-6;
  private static JavaBackend java;

  @BeforeAll
  static void open() {
    java = new JavaBackend(2);
  }

  @AfterAll
  static void close() {
    java.close();
  }

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static Net.Result run(Net net) {
    return net.run(java, DType.FLOAT64, true, RandomNets.LOSS);
  }

  private static void checkAll(Net net, double tolerance) {
    Net.Result r = run(net);
    DoubleSupplier loss = () -> net.run(java, DType.FLOAT64, false, RandomNets.LOSS).loss();
    check("input weight", net.inputWeights, r.inputWeights(), false, tolerance, loss);
    check("recurrent weight", net.recurrentWeights, r.recurrentWeights(), false, tolerance, loss);
    check("input delay", net.inputDelays, r.inputDelays(), true, tolerance, loss);
    if (net.recurrentDelays != null) {
      double[] delays = net.recurrentDelays;
      for (int s = 0; s < delays.length; s++) {
        delays[s] = Double.isNaN(net.recurrentWeights[s]) ? Double.NaN : delays[s];
      }
      check("recurrent delay", delays, r.recurrentDelays(), true, tolerance, loss);
    }
    check("tau_m", net.tauMem, r.tauMem(), false, tolerance, loss);
    check("tau_s", net.tauSyn, r.tauSyn(), false, tolerance, loss);
    check("threshold", net.threshold, r.threshold(), false, tolerance, loss);
    check("reset", net.reset, r.reset(), false, tolerance, loss);
    check("bias", net.bias, r.bias(), false, tolerance, loss);
    if (net.inputTimes.length == 1) {
      check("input time", net.inputTimes[0], r.inputErrors(), false, tolerance, loss);
    }
  }

  private static void check(
      String kind,
      double[] parameters,
      double[] gradient,
      boolean nonNegative,
      double tolerance,
      DoubleSupplier loss) {
    if (parameters != null) {
      FiniteDifferences.check(kind, parameters, gradient, nonNegative, tolerance, loss);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void everyGradientOfARandomRecurrentLayerIsMeasured(long seed) {
    checkAll(RandomNets.recurrent(java, seed), GATE);
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22})
  void delaysPerSourceHaveGradients(long seed) {
    Net net = RandomNets.feedForward(seed);
    net.inputDelays = new SplittableRandom(seed).doubles(net.inputs, 0.5, 5).toArray();
    checkAll(net, GATE);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1e-12, 1e-9, 1e-6, 1e-3, -1e-9, -1e-3})
  void equalAndNearlyEqualTimeConstantsHaveGradients(double apart) {
    Net net = RandomNets.recurrent(java, 5);
    Net equal = RandomNets.recurrent(java, 5);
    for (int n = 0; n < net.neurons; n++) {
      equal.tauMem[n] = 10 + 0.1 * n;
      equal.tauSyn[n] = equal.tauMem[n];
      net.tauMem[n] = equal.tauMem[n] * (1 + apart);
      net.tauSyn[n] = equal.tauSyn[n];
    }
    Net.Result r = run(net);
    Net.Result atEqual = run(equal);
    assertThat(r.times()).hasSameSizeAs(atEqual.times());
    assertThat(r.loss()).isCloseTo(atEqual.loss(), within(1e-9 + 1e5 * Math.abs(apart)));
    checkAll(net, GATE);
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13})
  void theFastAndTheGeneralPathAgree(long seed) {
    Net net = RandomNets.feedForward(seed);
    Net.Result fast = net.run(java, DType.FLOAT64, false, RandomNets.LOSS);
    Net.Result generalBackward = net.run(java, DType.FLOAT64, true, RandomNets.LOSS);
    net.inputDelays = new double[net.inputs * net.neurons];
    Net.Result general = net.run(java, DType.FLOAT64, false, RandomNets.LOSS);
    assertThat(fast.times().length).isGreaterThan(10);
    for (Net.Result other : new Net.Result[] {generalBackward, general}) {
      assertThat(other.units()).isEqualTo(fast.units());
      assertClose(other.times(), fast.times());
      assertClose(other.inputWeights(), fast.inputWeights());
      assertClose(other.inputErrors(), fast.inputErrors());
      assertClose(other.threshold(), fast.threshold());
      assertClose(other.reset(), fast.reset());
    }
  }

  @Test
  void aDelayPerSourceIsTheSameDelayOnAllItsSynapses() {
    Net net = RandomNets.feedForward(31);
    net.inputDelays = new double[] {0, 1, 2.5, 0, 4};
    Net.Result perSource = net.run(java, DType.FLOAT64, false, RandomNets.LOSS);
    double[] perSynapse = new double[net.inputs * net.neurons];
    for (int s = 0; s < perSynapse.length; s++) {
      perSynapse[s] = net.inputDelays[s / net.neurons];
    }
    net.inputDelays = perSynapse;
    Net.Result r = net.run(java, DType.FLOAT64, false, RandomNets.LOSS);
    assertClose(r.times(), perSource.times());
    assertClose(r.inputWeights(), perSource.inputWeights());
    double[] summed = new double[net.inputs];
    for (int s = 0; s < perSynapse.length; s++) {
      summed[s / net.neurons] += r.inputDelays()[s];
    }
    assertClose(summed, perSource.inputDelays());
  }

  @Test
  void shiftingAllInputsShiftsAllSpikes() {
    Net net = RandomNets.recurrent(java, 9);
    Arrays.fill(net.bias, 0);
    Net.Result r = run(net);
    double errors = Arrays.stream(r.units()).mapToDouble(n -> RandomNets.LOSS.error(0, n)).sum();
    assertThat(Arrays.stream(r.inputErrors()).sum()).isCloseTo(errors, within(1e-9));
  }
}

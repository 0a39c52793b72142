package io.tacet.eventprop;

import static io.tacet.eventprop.FiniteDifferences.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.reference.JavaBackend;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Gradients of more than two million weights, which are shared out by neurons and not by samples,
 * and on a grid, with more than four million, by sources.
 */
class LargeLayerTest {
  private static final int INPUTS = 2300;
  private static final int NEURONS = 1030;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static Net net(Net.Layout layout) {
    SplittableRandom random = new SplittableRandom(5);
    Net net = new Net(INPUTS, NEURONS);
    net.duration = 60;
    net.inputLayout = layout;
    net.inputWeights = random.doubles((long) INPUTS * NEURONS, -0.5, 1.5).toArray();
    if (layout != Net.Layout.DENSE) {
      for (int s = 0; s < net.inputWeights.length; s += 11) {
        net.inputWeights[s] = Double.NaN;
      }
    }
    net.inputDelays = random.doubles(INPUTS, 0, 6).toArray();
    RandomNets.setInputs(net, random, 3, 30);
    return net;
  }

  private static Net.Result run(Net net, int threads, boolean states) {
    try (JavaBackend java = new JavaBackend(threads)) {
      return net.run(java, DType.FLOAT64, states, RandomNets.LOSS);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Net.Layout.class,
      names = {"DENSE", "NARROW"})
  void gradientsAreThoseOfTheGeneralPathWhateverTheThreads(Net.Layout layout) {
    Net net = net(layout);
    Net.Result one = run(net, 1, false);
    Net.Result three = run(net, 3, false);
    // Gradients that need the states between events are taken by samples.
    Net.Result general = run(net, 2, true);
    assertThat(one.times().length).isGreaterThan(500);
    assertThat(three.inputWeights()).isEqualTo(one.inputWeights());
    assertThat(three.inputErrors()).isEqualTo(one.inputErrors());
    assertThat(three.inputDelays()).isEqualTo(one.inputDelays());
    assertThat(three.threshold()).isEqualTo(one.threshold());
    assertClose(one.inputWeights(), general.inputWeights(), 1e-9);
    assertClose(one.inputErrors(), general.inputErrors(), 1e-9);
    assertClose(one.inputDelays(), general.inputDelays(), 1e-9);
    assertClose(one.threshold(), general.threshold(), 1e-9);
    assertClose(one.reset(), general.reset(), 1e-9);
  }

  @ParameterizedTest
  @EnumSource(
      value = Net.Layout.class,
      names = {"DENSE", "NARROW"})
  void gradientsOnAGridDoNotDependOnTheThreads(Net.Layout layout) {
    Net net = net(layout);
    net.simulator = Simulator.grid(2);
    SplittableRandom random = new SplittableRandom(6);
    net.recurrentLayout = layout;
    net.recurrentWeights = random.doubles((long) NEURONS * NEURONS, -0.02, 0.02).toArray();
    net.recurrentDelays = random.doubles((long) NEURONS * NEURONS, 0, 6).toArray();
    RandomNets.setInputs(net, random, 3, 40);
    Net.Result one = run(net, 1, false);
    Net.Result three = run(net, 3, false);
    assertThat(one.times().length).isGreaterThan(500);
    assertThat(three.times()).isEqualTo(one.times());
    assertThat(three.inputWeights()).isEqualTo(one.inputWeights());
    assertThat(three.inputErrors()).isEqualTo(one.inputErrors());
    assertThat(three.inputDelays()).isEqualTo(one.inputDelays());
    assertThat(three.recurrentWeights()).isEqualTo(one.recurrentWeights());
    assertThat(three.recurrentDelays()).isEqualTo(one.recurrentDelays());
    assertThat(three.threshold()).isEqualTo(one.threshold());
  }
}

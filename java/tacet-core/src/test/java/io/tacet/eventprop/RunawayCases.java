package io.tacet.eventprop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.memory.DType;
import java.util.Arrays;

/** Networks that spike without end, and what every backend says about them. */
final class RunawayCases {
  private final Backend backend;
  private final DType type;

  RunawayCases(Backend backend, DType type) {
    this.backend = backend;
    this.type = type;
  }

  private void fails(Net net, String... words) {
    assertThatThrownBy(() -> net.run(backend, type, false, (k, n) -> 1))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageContainingAll(words)
        .hasMessageContainingAll("Sample 0", "Neuron", "per ms", "LifLayer.limit");
  }

  private static Net one(double weight) {
    Net net = new Net(1, 1);
    net.inputWeights = new double[] {weight};
    net.inputTimes = new double[][] {{1}};
    net.inputUnits = new int[][] {{0}};
    net.duration = 1000;
    return net;
  }

  /**
   * Fifty neurons that excite one another, and an input that sets them off.
   *
   * @param limit spikes of a sample
   */
  void excitationThatFeedsItself(SpikeLimit limit, String words) {
    Net net = new Net(1, 50);
    net.duration = 1000;
    Arrays.fill(net.inputWeights, 1e6);
    net.inputTimes = new double[][] {{1}};
    net.inputUnits = new int[][] {{0}};
    net.recurrentLayout = Net.Layout.DENSE;
    net.recurrentWeights = new double[50 * 50];
    Arrays.fill(net.recurrentWeights, 50);
    net.limit = limit;
    fails(net, words, "50 neurons");
  }

  /** Single neurons whose next spike is always at hand. */
  void aNeuronThatNeverRests(SpikeLimit limit, String words) {
    Net nearReset = one(20);
    nearReset.reset = new double[] {0.9999999};
    Net shortMembrane = one(20);
    shortMembrane.tauMem = new double[] {1e-5};
    Net lowThreshold = one(20);
    lowThreshold.threshold = new double[] {1e-30};
    lowThreshold.reset = new double[] {0};
    for (Net net : new Net[] {nearReset, shortMembrane, lowThreshold}) {
      net.limit = limit;
      fails(net, words, "Neuron 0 alone spikes");
    }
  }

  /** A limit stops at its number and not before it. */
  void aLimitIsExact() {
    Net net = one(20);
    net.simulator = Simulator.exact();
    int spikes = net.run(backend, type, false, (k, n) -> 1).times().length;
    assertThat(spikes).isGreaterThan(3);
    net.limit = SpikeLimit.perSample(spikes);
    assertThat(net.run(backend, type, false, (k, n) -> 1).times()).hasSize(spikes);
    net.limit = SpikeLimit.perSample(spikes - 1);
    fails(net, "more than " + (spikes - 1) + " spikes in 1 neuron and 1000.0 ms");
    // 1000 ms and one neuron.
    net.limit = SpikeLimit.rate((spikes - 0.5) / 1000);
    fails(net, "more than " + (spikes - 1) + " spikes");
    net.limit = SpikeLimit.rate((spikes + 0.5) / 1000);
    assertThat(net.run(backend, type, false, (k, n) -> 1).times()).hasSize(spikes);
    net.simulator = Simulator.grid(0.25);
    net.limit = SpikeLimit.perSample(2);
    fails(net, "more than 2 spikes");
  }
}

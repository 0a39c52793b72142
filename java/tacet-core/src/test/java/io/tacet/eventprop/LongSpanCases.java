package io.tacet.eventprop;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;

/** Spans at whose end nothing is left of a potential, on any backend: what happened in between. */
final class LongSpanCases {
  private final Backend backend;
  private final DType type;

  LongSpanCases(Backend backend, DType type) {
    this.backend = backend;
    this.type = type;
  }

  private static Net net(double duration) {
    Net net = new Net(1, 1);
    net.inputWeights = new double[] {20};
    net.inputTimes = new double[][] {{1}};
    net.inputUnits = new int[][] {{0}};
    net.duration = duration;
    return net;
  }

  /** The spikes of a simulation do not depend on how long it goes on after them. */
  void spikesBeforeALongSilence() {
    Net.Result brief = net(60).run(backend, type, false, (k, n) -> 1);
    Net.Result lasting = net(50_000).run(backend, type, false, (k, n) -> 1);
    assertThat(brief.times()).hasSize(4);
    assertThat(lasting.times()).hasSize(4);
    for (int k = 0; k < 4; k++) {
      assertThat(Math.abs(lasting.times()[k] - brief.times()[k])).isLessThan(1e-4);
    }
  }

  /** Nor does the maximum of a read-out. */
  void aMaximumBeforeALongSilence() {
    double[] brief = maximum(60);
    double[] lasting = maximum(50_000);
    assertThat(brief[0]).isGreaterThan(1);
    assertThat(Math.abs(lasting[0] - brief[0])).isLessThan(1e-4);
    assertThat(Math.abs(lasting[1] - brief[1])).isLessThan(1e-2);
  }

  private double[] maximum(double duration) {
    try (Resources open = new Resources()) {
      Net net = net(duration);
      LifLayer layer = net.layer(backend, type, open);
      ReadoutLayer readout =
          new ReadoutLayer(
              layer.input(),
              layer.lif().tauMem(),
              layer.lif().tauSyn(),
              duration,
              ReadoutLayer.Reduction.MAX);
      Spikes input = open.own(Spikes.inputs(backend, type, 1, 1));
      input.set(net.inputTimes, net.inputUnits);
      DeviceArray value = open.own(backend.allocate(type, 1, 1));
      DeviceArray peakTime = open.own(backend.allocate(type, 1, 1));
      Readouts.forward(readout, input, value, peakTime);
      return new double[] {value.toDoubles()[0], peakTime.toDoubles()[0]};
    }
  }
}

package io.tacet.nir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.dense.Activation;
import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.eventprop.Simulator;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.Trainable;
import io.tacet.network.Weights;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Networks come back from NIR as they were, or are refused by name. */
class NirExportTest {
  @TempDir private Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static Map<String, double[]> numbers(Network network) {
    Map<String, double[]> all = new LinkedHashMap<>();
    for (Map.Entry<String, DeviceArray> array : network.arrays().entrySet()) {
      DeviceArray values = array.getValue();
      all.put(
          array.getKey(),
          values.type().isFloating()
              ? values.toDoubles()
              : Arrays.stream(values.toInts()).asDoubleStream().toArray());
    }
    return all;
  }

  /** As a file has it, and back. */
  private Network roundTrip(Backend backend, Network network) throws Exception {
    Path file = folder.resolve("net.nir");
    NirNetworks.graph(network).write(file);
    return NirNetworks.network(backend, NirGraph.read(file));
  }

  @Test
  void aNetworkComesBackBitForBit() throws Exception {
    Lif lif = Lif.tau(17.3, 4.1).threshold(1.2).reset(-0.1).bias(0.05);
    try (Backend java = Backends.open("java");
        Network network =
            Network.on(java)
                .duration(77)
                .simulator(Simulator.grid(0.25))
                .spikes(6)
                .lif(
                    9,
                    lif.train(Trainable.TAU_MEM),
                    Connection.dense(Weights.normal(1, 0.5)),
                    Connection.sparse(0.3, Weights.normal(0, 1)))
                .lif(5, lif, Connection.fanOut(2, Weights.normal(1, 1)))
                .readout(3, 19.9, 5.3, Weights.normal(0, 1), Reduction.EXPONENTIAL)
                .build(3)) {
      double[] trained = new SplittableRandom(1).doubles(9, 5, 50).toArray();
      network.arrays().get("layer0.tauMem").copyFrom(trained);
      try (Network back = roundTrip(java, network)) {
        Map<String, double[]> before = numbers(network);
        Map<String, double[]> after = numbers(back);
        assertThat(after.get("layer1.weights"))
            .as("a fan-out comes back as rows of its own")
            .isNotNull();
        assertThat(after.keySet()).containsAll(before.keySet());
        before.forEach((name, values) -> assertThat(after.get(name)).as(name).isEqualTo(values));
        assertThat(back.spec().input()).isEqualTo(network.spec().input());
        assertThat(back.spec().precision()).isEqualTo(network.spec().precision());
        assertThat(back.spec().layers().get(2).toMap().get("reduction"))
            .isEqualTo(Reduction.EXPONENTIAL);
      }
    }
  }

  @Test
  void delaysOfSourcesAndOfTargetsComeBack() throws Exception {
    try (Backend java = Backends.open("java");
        Network network =
            Network.on(java)
                .spikes(3)
                .lif(
                    4,
                    Lif.tau(20, 5),
                    Connection.dense(Weights.normal(1, 1)).delays(0, 5),
                    Connection.dense(Weights.normal(0, 1)).delays(0, 5))
                .build(3)) {
      double[] bySource = new double[12];
      double[] byTarget = new double[16];
      Arrays.setAll(bySource, k -> 1.1 * Math.floorDiv(k, 4));
      Arrays.setAll(byTarget, k -> 0.7f * (k % 4 + 1));
      network.arrays().get("layer0.delays").copyFrom(bySource);
      assertThatThrownBy(() -> NirNetworks.graph(network))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("layer0.recurrent.delays", "source", "target");
      network.arrays().get("layer0.recurrent.delays").copyFrom(byTarget);
      try (Network back = roundTrip(java, network)) {
        Map<String, double[]> after = numbers(back);
        numbers(network)
            .forEach((name, values) -> assertThat(after.get(name)).as(name).isEqualTo(values));
      }
    }
  }

  @Test
  void layersThatNirHasNoNodesForAreRefusedByName() {
    try (Backend java = Backends.open("java");
        Network gated = Network.on(java).sequence(3).egru(4).readout(2).build(1);
        Network dense = Network.on(java).sequence(3).dense(4, Activation.TANH).build(1)) {
      assertThatThrownBy(() -> NirNetworks.graph(gated))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("layer0", ".egru(...)", "ONNX");
      assertThatThrownBy(() -> NirNetworks.graph(dense))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("layer0", ".dense(...)");
    }
  }
}

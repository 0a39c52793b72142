package io.tacet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.data.YinYang;
import io.tacet.eventprop.Spikes;
import io.tacet.memory.Leaks;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.network.Weights;
import io.tacet.training.Passes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Layers that spike more than there is room for at first, with others above them. */
class SpikeRoomTest {
  private static final int SAMPLES = 4;
  private static final int DEEP = 3;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static Network network(Backend backend) {
    Lif lif = Lif.tau(20, 5);
    return Network.on(backend)
        .spikes(YinYang.SOURCES)
        .duration(60)
        .lif(7, lif, Weights.normal(12, 1))
        .lif(6, lif, Weights.normal(1, 0.1))
        .lif(YinYang.CLASSES, lif, Weights.normal(1, 0.1))
        .build(1);
  }

  /** Counts and times of all layers, and by how much each had to grow. */
  private record Seen(List<int[]> counts, List<double[]> times, List<Integer> capacities) {
    static Seen of(Pass pass) {
      Seen seen = new Seen(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
      for (int k = 0; k < DEEP; k++) {
        Spikes spikes = pass.spikes(k);
        seen.counts.add(spikes.counts().toInts());
        seen.times.add(spikes.times().toDoubles());
        seen.capacities.add(spikes.capacity());
      }
      return seen;
    }

    /** The stored times of a layer, without what is beyond them. */
    double[] stored(int layer) {
      int capacity = capacities.get(layer);
      double[] all = times.get(layer);
      int[] n = counts.get(layer);
      return IntStream.range(0, all.length)
          .filter(i -> i % capacity < n[i / capacity])
          .mapToDouble(i -> all[i])
          .toArray();
    }
  }

  private static List<Seen> passes(String backendName) {
    List<Seen> all = new ArrayList<>();
    try (Backend backend = NativeTrainingTest.open(backendName);
        Network network = network(backend)) {
      Passes.forward(
          network,
          YinYang.test(),
          IntStream.range(0, SAMPLES).toArray(),
          pass -> {
            all.add(Seen.of(pass));
            pass.forward();
            all.add(Seen.of(pass));
          });
    }
    return all;
  }

  @ParameterizedTest
  @ValueSource(strings = {"java", "host", "cuda"})
  void thePassThatMakesRoomGivesWhatLaterOnesGive(String backend) {
    List<Seen> seen = passes(backend);
    Seen first = seen.get(0);
    Seen second = seen.get(1);
    assertThat(second.capacities).isEqualTo(first.capacities);
    for (int k = 0; k < DEEP; k++) {
      assertThat(first.counts.get(k)).isEqualTo(second.counts.get(k));
      assertThat(first.stored(k)).hasSizeGreaterThan(SAMPLES).isEqualTo(second.stored(k));
    }
  }

  @Test
  void layersOneAboveTheOtherHadTooLittleRoom() {
    Seen seen = passes("java").get(0);
    for (int k = 0; k < DEEP; k++) {
      int atFirst = 16 + 2 * new int[] {7, 6, YinYang.CLASSES}[k];
      assertThat(seen.capacities.get(k)).as("layer " + k).isGreaterThan(atFirst);
    }
  }
}

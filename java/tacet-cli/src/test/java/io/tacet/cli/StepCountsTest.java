package io.tacet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.cuda.RuntimeCounts;
import io.tacet.data.Dataset;
import io.tacet.data.SequenceData;
import io.tacet.data.Text;
import io.tacet.data.YinYang;
import io.tacet.network.Network;
import io.tacet.optim.Adam;
import io.tacet.training.Training;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a training step of each kind issues to a device and how often it waits for it, counted under
 * host execution. Where a change lowers a number, lower its bound here and in cuda/README.md.
 */
class StepCountsTest {
  private static final int STEPS = 6;
  private static final int BATCHES = 4;

  private Backend backend;

  @BeforeEach
  void open() {
    backend = NativeTrainingTest.open("host");
  }

  @AfterEach
  void close() {
    if (backend != null) {
      backend.close();
    }
  }

  @Test
  void aStepIssuesAndWaitsNoMoreThanItDid() throws IOException {
    Map<String, RuntimeCounts> most = new LinkedHashMap<>();
    most.put("spikes, exact", new RuntimeCounts(12, 0, 0, 2, 3, 1));
    most.put("spikes, grid", new RuntimeCounts(25, 8, 0, 2, 5, 4));
    most.put("EGRU, classes", new RuntimeCounts(20, 5, 0, 2, 2, 1));
    most.put("EGRU, language", new RuntimeCounts(20, 5, 0, 2, 2, 1));
    Map<String, RuntimeCounts> found = new LinkedHashMap<>();
    found.put("spikes, exact", spiking(NativeTrainingTest.Kind.EXACT));
    found.put("spikes, grid", spiking(NativeTrainingTest.Kind.GRID));
    found.put("EGRU, classes", sequences());
    found.put("EGRU, language", language());
    StringBuilder table = new StringBuilder("a training step, found and (at most):\n");
    table.append("| | launches | fills | allocations | from host | to host | waits |\n");
    found.forEach((name, counts) -> table.append(row(name, counts, most.get(name))));
    assertThat(found.keySet())
        .as(table.toString())
        .allMatch(name -> within(found.get(name), most.get(name)));
  }

  private static String row(String name, RuntimeCounts found, RuntimeCounts most) {
    return "| %s | %d (%d) | %d (%d) | %d (%d) | %d (%d) | %d (%d) | %d (%d) |%n"
        .formatted(
            name,
            found.launches(),
            most.launches(),
            found.fills(),
            most.fills(),
            found.allocations(),
            most.allocations(),
            found.copiesFromHost(),
            most.copiesFromHost(),
            found.copiesToHost(),
            most.copiesToHost(),
            found.waits(),
            most.waits());
  }

  private static boolean within(RuntimeCounts found, RuntimeCounts most) {
    return found.launches() <= most.launches()
        && found.fills() <= most.fills()
        && found.allocations() <= most.allocations()
        && found.copiesFromHost() <= most.copiesFromHost()
        && found.copiesToHost() <= most.copiesToHost()
        && found.waits() <= most.waits();
  }

  private RuntimeCounts spiking(NativeTrainingTest.Kind kind) throws IOException {
    UpdateCounts steps = new UpdateCounts();
    try (Network network = kind.on(backend)) {
      kind.training(network)
          .epochs(1)
          .batch(8)
          .listener(steps)
          .run(YinYang.train().slice(0, 8 * BATCHES), YinYang.test().slice(0, 8));
    }
    return steps.last();
  }

  private RuntimeCounts sequences() throws IOException {
    try (Network network = Network.on(backend).sequence(3).egru(16).readout(3).build(1)) {
      return recurrent(network, new Noise());
    }
  }

  private RuntimeCounts language() throws IOException {
    List<String> characters = List.of("a", "b", "c");
    int[] tokens = IntStream.range(0, 8 * (STEPS * BATCHES + 1) + 8).map(k -> k % 3).toArray();
    try (Network network = Network.on(backend).tokens(3).egru(16).nextToken(false).build(1)) {
      return recurrent(network, new Text("abc", characters, tokens));
    }
  }

  private static RuntimeCounts recurrent(Network network, Dataset data) throws IOException {
    UpdateCounts steps = new UpdateCounts();
    Training.of(network)
        .optimizer(Adam.rate(1e-3))
        .epochs(1)
        .batch(8)
        .seed(1)
        .chunk(STEPS, false)
        .clipNorm(1)
        .listener(steps)
        .run(data, null);
    return steps.last();
  }

  /** Sequences of three channels. */
  private static final class Noise implements SequenceData {
    @Override
    public String name() {
      return "noise";
    }

    @Override
    public int size() {
      return 8 * BATCHES;
    }

    @Override
    public int steps() {
      return STEPS;
    }

    @Override
    public int channels() {
      return 3;
    }

    @Override
    public int classes() {
      return 3;
    }

    @Override
    public int label(int sample) {
      return sample % 3;
    }

    @Override
    public void fill(int sample, float[] into, int batch, int place) {
      for (int t = 0; t < STEPS; t++) {
        for (int c = 0; c < 3; c++) {
          into[(t * batch + place) * 3 + c] = (sample * 7 + t * 5 + c * 3) % 11 / 5f - 1;
        }
      }
    }
  }
}

package io.tacet.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.NamedArrays;
import io.tacet.checkpoint.Npz;
import io.tacet.checkpoint.Safetensors;
import io.tacet.checkpoint.TypedArray;
import io.tacet.egru.EgruVariant;
import io.tacet.egru.GruWeights;
import io.tacet.files.FileFormatException;
import io.tacet.memory.Leaks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights of files of other programs in a network, by name. */
class WeightFilesTest {
  private static final int INPUTS = 4;
  private static final int UNITS = 5;

  @TempDir private Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static Network network(Backend backend, long seed) {
    return Network.on(backend).sequence(INPUTS).egru(UNITS).readout(3).build(seed);
  }

  private static TypedArray random(long seed, int... shape) {
    SplittableRandom random = new SplittableRandom(seed);
    int length = 1;
    for (int size : shape) {
      length *= size;
    }
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return TypedArray.of(values, shape);
  }

  /** As safetensors.torch.save_file(model.state_dict()) names them. */
  private NamedArrays torch() throws IOException {
    Map<String, TypedArray> all = new LinkedHashMap<>();
    all.put("gru.weight_ih_l0", random(1, 3 * UNITS, INPUTS));
    all.put("gru.weight_hh_l0", random(2, 3 * UNITS, UNITS));
    all.put("gru.bias_ih_l0", random(3, 3 * UNITS));
    all.put("gru.bias_hh_l0", random(4, 3 * UNITS));
    all.put("fc.weight", random(5, 3, UNITS));
    all.put("fc.bias", random(6, 3));
    return file(all);
  }

  private NamedArrays file(Map<String, TypedArray> all) throws IOException {
    Path file = folder.resolve("model.safetensors");
    Safetensors.write(file, NamedArrays.of(all));
    return NamedArrays.read(file);
  }

  private NamedArrays with(String name, TypedArray array) throws IOException {
    Map<String, TypedArray> all = new LinkedHashMap<>(torch().all());
    all.put(name, array);
    return file(all);
  }

  private static Map<String, double[]> numbers(Network network) {
    Map<String, double[]> all = new HashMap<>();
    network.weights().all().forEach((name, array) -> all.put(name, array.doubles()));
    return all;
  }

  @Test
  void weightsOfPyTorchAreLoadedByName() throws IOException {
    try (Backend java = Backends.open("java");
        Network network = network(java, 1)) {
      NamedArrays weights = torch();
      network.load(weights, Map.of("readout.weights", "fc.weight", "readout.bias", "fc.bias"));
      GruExchange.put(network, "layer0", GruExchange.torch(weights, "gru.", "l0"));
      assertThat(network.arrays().get("readout.weights").toFloats())
          .isEqualTo(weights.floats("fc.weight"));
      float[][] back = GruExchange.of(network, "layer0").toTorch();
      assertThat(back[0]).isEqualTo(weights.floats("gru.weight_ih_l0"));
      assertThat(back[1]).isEqualTo(weights.floats("gru.weight_hh_l0"));
      assertThat(back[2]).isEqualTo(weights.floats("gru.bias_ih_l0"));
      assertThat(back[3]).isEqualTo(weights.floats("gru.bias_hh_l0"));
    }
  }

  @Test
  void anExportedNetworkIsLoadedBackAsItWas() throws IOException {
    Connection sparse = Connection.fanOut(4, Weights.normal(1, 1)).delays(0, 2);
    try (Backend java = Backends.open("java");
        Network from = spiking(java, sparse, 1);
        Network to = Network.build(java, from.spec(), 1);
        Network other = Network.build(java, from.spec(), 2)) {
      Map<String, double[]> before = numbers(to);
      to.arrays().get("layer0.weights").zero();
      Path file = folder.resolve("weights.npz");
      Npz.write(file, from.weights());
      to.load(NamedArrays.read(file));
      assertThat(numbers(to)).usingRecursiveComparison().isEqualTo(before);
      assertThatThrownBy(() -> other.load(NamedArrays.read(file)))
          .isInstanceOf(FileFormatException.class)
          .hasMessageContainingAll("weights.npz", "synapses");
    }
  }

  private static Network spiking(Backend backend, Connection input, long seed) {
    return Network.on(backend)
        .spikes(6)
        .lif(8, Lif.tau(20, 5), input)
        .lif(3, Lif.tau(20, 5), Weights.normal(1, 1))
        .build(seed);
  }

  @Test
  void denseWeightsHaveTheShapeOfTheirMatrix() {
    try (Backend java = Backends.open("java");
        Network network = spiking(java, Connection.dense(Weights.normal(1, 1)), 1)) {
      assertThat(network.weights().get("layer0.weights", 6, 8).length()).isEqualTo(48);
    } catch (FileFormatException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatDoesNotFitIsNamedAndChangesNothing() throws IOException {
    try (Backend java = Backends.open("java");
        Network network = network(java, 1)) {
      Map<String, double[]> before = numbers(network);
      refused(network, torch(), "readout.weights", "gru.bias_ih_l0", "[3, 5]", "[15]");
      refused(network, torch(), "readout.weights", "fc.wieght", "Did you mean \"fc.weight\"?");
      refused(network, torch(), "readout.wieghts", "fc.weight", "\"readout.weights\"?");
      TypedArray bad = random(7, 3, UNITS);
      ((float[]) bad.array())[4] = Float.NaN;
      refused(network, with("w", bad), "readout.weights", "w", "finite", "NaN at index 4");
      TypedArray wide = TypedArray.of(new double[] {0, 1e300, 0}, 3);
      refused(network, with("w", wide), "readout.bias", "w", "finite", "index 1");
      TypedArray high = TypedArray.of(new float[] {0, 0.5f, 1, 1.5f, 0}, UNITS);
      refused(network, with("w", high), "layer0.thresholds", "w", "0.0 to 1.0", "1.5 at index 3");
      assertThatThrownBy(() -> network.load(torch()))
          .isInstanceOf(FileFormatException.class)
          .hasMessageContainingAll("no array \"layer0.", "gru.weight_ih_l0");
      assertThat(numbers(network)).usingRecursiveComparison().isEqualTo(before);
    }
  }

  /** A good array beside the bad one is not copied either. */
  private static void refused(
      Network network, NamedArrays file, String ours, String theirs, String... parts) {
    Map<String, String> mapping = new LinkedHashMap<>();
    if (!ours.equals("readout.bias")) {
      mapping.put("readout.bias", "fc.bias");
    }
    mapping.put(ours, theirs);
    assertThatThrownBy(() -> network.load(file, mapping)).hasMessageContainingAll(parts);
  }

  @Test
  void parametersOfAGruThatDoNotBelongTogetherAreNamed() throws IOException {
    assertThatThrownBy(() -> GruExchange.torch(torch(), "rnn.", "l0"))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContainingAll("rnn.weight_ih_l0", "Did you mean \"gru.weight_ih_l0\"?");
    assertThatThrownBy(
            () -> GruExchange.torch(with("gru.weight_hh_l0", random(1, 12, 4)), "gru.", "l0"))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContainingAll("gru.weight_hh_l0", "[15, 5]", "[12, 4]");
    assertThatThrownBy(
            () -> GruExchange.torch(with("gru.weight_ih_l0", random(1, 16, 4)), "gru.", "l0"))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContainingAll("gru.weight_ih_l0", "3 units", "[16, 4]");
    TypedArray bad = random(3, 15);
    ((float[]) bad.array())[2] = Float.POSITIVE_INFINITY;
    assertThatThrownBy(() -> GruExchange.torch(with("gru.bias_hh_l0", bad), "gru.", "l0"))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContainingAll("gru.bias_hh_l0", "finite", "Infinity at index 2");
    Map<String, TypedArray> unbiased = new LinkedHashMap<>(torch().all());
    unbiased.keySet().removeIf(name -> name.startsWith("gru.bias"));
    GruWeights weights = GruExchange.torch(file(unbiased), "gru.", "l0");
    assertThat(weights.variant()).isEqualTo(EgruVariant.CELL_RESET_AFTER);
    assertThat(weights.inputBias()).hasSize(15).containsOnly(0);
  }
}

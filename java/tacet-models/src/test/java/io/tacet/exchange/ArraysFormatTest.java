package io.tacet.exchange;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.NamedArrays;
import io.tacet.checkpoint.Npz;
import io.tacet.checkpoint.Safetensors;
import io.tacet.checkpoint.TypedArray;
import io.tacet.dense.Activation;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruVariant;
import io.tacet.memory.Leaks;
import io.tacet.network.Egru;
import io.tacet.network.Network;
import io.tacet.network.NetworkBuilder;
import io.tacet.network.NetworkSpec;
import io.tacet.network.Pass;
import io.tacet.network.PassShape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights with the names of PyTorch and of Keras, against the equations of both. */
class ArraysFormatTest {
  private static final int INPUTS = 4;
  private static final int UNITS = 5;
  private static final int OUTPUTS = 3;
  private static final int STEPS = 6;
  private static final ArraysFormat FORMAT = new ArraysFormat();

  @TempDir private Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static TypedArray random(SplittableRandom random, int... shape) {
    int length = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    float[] values = new float[length];
    for (int k = 0; k < length; k++) {
      values[k] = (float) random.nextDouble(-1, 1);
    }
    return TypedArray.of(values, shape);
  }

  private Path file(String name, Map<String, TypedArray> arrays) throws IOException {
    Path file = folder.resolve(name);
    if (name.endsWith(".npz")) {
      Npz.write(file, NamedArrays.of(arrays));
    } else {
      Safetensors.write(file, NamedArrays.of(arrays));
    }
    return file;
  }

  private static double[] sequence() {
    return new SplittableRandom(9).doubles(STEPS * INPUTS, -1, 1).toArray();
  }

  /** Scores of the sequence. */
  private static double[] scores(Network network) {
    try (Pass pass = new Pass(network, PassShape.steps(1, STEPS, null))) {
      pass.inputSteps().copyFrom(sequence());
      pass.forward();
      return pass.values().toDoubles();
    }
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** W x + b with W [rows][columns]. */
  private static double[] affine(double[] w, double[] x, double[] b) {
    double[] y = b.clone();
    for (int row = 0; row < y.length; row++) {
      for (int k = 0; k < x.length; k++) {
        y[row] += w[row * x.length + k] * x[k];
      }
    }
    return y;
  }

  /** torch.nn.GRU: outputs of all steps, of inputs [steps][inputs]. */
  private static double[][] torchGru(Map<String, TypedArray> all, String part, double[][] x) {
    int units = all.get("gru.weight_hh_" + part).shape().get(1);
    double[] h = new double[units];
    double[][] out = new double[x.length][];
    for (int step = 0; step < x.length; step++) {
      double[] in =
          affine(
              all.get("gru.weight_ih_" + part).doubles(),
              x[step],
              all.get("gru.bias_ih_" + part).doubles());
      double[] own =
          affine(
              all.get("gru.weight_hh_" + part).doubles(),
              h,
              all.get("gru.bias_hh_" + part).doubles());
      double[] next = new double[units];
      for (int m = 0; m < units; m++) {
        double r = sigmoid(in[m] + own[m]);
        double z = sigmoid(in[units + m] + own[units + m]);
        double n = Math.tanh(in[2 * units + m] + r * own[2 * units + m]);
        next[m] = (1 - z) * n + z * h[m];
      }
      h = next;
      out[step] = h;
    }
    return out;
  }

  private static double[][] steps() {
    double[] flat = sequence();
    double[][] x = new double[STEPS][];
    Arrays.setAll(x, t -> Arrays.copyOfRange(flat, t * INPUTS, (t + 1) * INPUTS));
    return x;
  }

  private static void putTorchGru(
      Map<String, TypedArray> all, SplittableRandom random, String part, int inputs) {
    all.put("gru.weight_ih_" + part, random(random, 3 * UNITS, inputs));
    all.put("gru.weight_hh_" + part, random(random, 3 * UNITS, UNITS));
    all.put("gru.bias_ih_" + part, random(random, 3 * UNITS));
    all.put("gru.bias_hh_" + part, random(random, 3 * UNITS));
  }

  private static NetworkSpec gru(int layers) {
    NetworkBuilder builder = NetworkSpec.builder().sequence(INPUTS);
    for (int k = 0; k < layers; k++) {
      builder.gru(UNITS);
    }
    return builder.readoutOfLastStep(OUTPUTS).spec();
  }

  @Test
  void theLayersOfOneModuleOfPyTorchGoByTheirNumber() throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    Map<String, TypedArray> all = new LinkedHashMap<>();
    // Not in their order: a file need not have it.
    putTorchGru(all, random, "l2", UNITS);
    putTorchGru(all, random, "l1", UNITS);
    putTorchGru(all, random, "l0", INPUTS);
    all.put("fc.weight", random(random, OUTPUTS, UNITS));
    all.put("fc.bias", random(random, OUTPUTS));
    double[][] x = torchGru(all, "l0", steps());
    x = torchGru(all, "l1", x);
    x = torchGru(all, "l2", x);
    double[] expected =
        affine(all.get("fc.weight").doubles(), x[STEPS - 1], all.get("fc.bias").doubles());
    try (Backend java = Backends.open("java");
        Network network = FORMAT.read(java, file("a.safetensors", all), gru(3))) {
      assertClose(scores(network), expected, 1e-5);
    }
  }

  @Test
  void plainUnitsAndLinearMapsOfPyTorchComputeTheSame() throws IOException {
    SplittableRandom random = new SplittableRandom(2);
    Map<String, TypedArray> all = new LinkedHashMap<>();
    all.put("head.weight", random(random, OUTPUTS, UNITS));
    all.put("net.0.weight", random(random, 7, INPUTS));
    all.put("net.0.bias", random(random, 7));
    all.put("rnn.weight_ih_l0", random(random, UNITS, 7));
    all.put("rnn.weight_hh_l0", random(random, UNITS, UNITS));
    all.put("rnn.bias_ih_l0", random(random, UNITS));
    all.put("rnn.bias_hh_l0", random(random, UNITS));
    double[] h = new double[UNITS];
    for (double[] x : steps()) {
      double[] below =
          affine(all.get("net.0.weight").doubles(), x, all.get("net.0.bias").doubles());
      double[] own =
          affine(all.get("rnn.weight_hh_l0").doubles(), h, all.get("rnn.bias_hh_l0").doubles());
      double[] in =
          affine(
              all.get("rnn.weight_ih_l0").doubles(),
              Arrays.stream(below).map(v -> Math.max(0, v)).toArray(),
              all.get("rnn.bias_ih_l0").doubles());
      double[] next = new double[UNITS];
      Arrays.setAll(next, m -> Math.tanh(in[m] + own[m]));
      h = next;
    }
    double[] expected = affine(all.get("head.weight").doubles(), h, new double[OUTPUTS]);
    NetworkSpec spec =
        NetworkSpec.builder()
            .sequence(INPUTS)
            .dense(7, Activation.RELU)
            .rnn(UNITS, Activation.TANH)
            .readoutOfLastStep(OUTPUTS)
            .spec();
    try (Backend java = Backends.open("java");
        Network network = FORMAT.read(java, file("a.npz", all), spec)) {
      assertClose(scores(network), expected, 1e-5);
    }
  }

  /** W [rows][columns] from the left: x W + b. */
  private static double[] product(double[] x, double[] w, double[] b) {
    double[] y = b.clone();
    for (int k = 0; k < x.length; k++) {
      for (int column = 0; column < y.length; column++) {
        y[column] += x[k] * w[k * y.length + column];
      }
    }
    return y;
  }

  /** keras.layers.GRU: the state after the last step. */
  private static double[] kerasGru(Map<String, TypedArray> all, boolean resetAfter) {
    double[] kernel = all.get("gru/gru_cell/kernel:0").doubles();
    double[] recurrent = all.get("gru/gru_cell/recurrent_kernel:0").doubles();
    double[] bias = all.get("gru/gru_cell/bias:0").doubles();
    double[] inputBias = Arrays.copyOf(bias, 3 * UNITS);
    double[] recurrentBias =
        resetAfter ? Arrays.copyOfRange(bias, 3 * UNITS, 6 * UNITS) : new double[3 * UNITS];
    double[] h = new double[UNITS];
    for (double[] x : steps()) {
      double[] in = product(x, kernel, inputBias);
      double[] own = product(h, recurrent, recurrentBias);
      double[] gated = new double[UNITS];
      for (int m = 0; m < UNITS; m++) {
        gated[m] = sigmoid(in[UNITS + m] + own[UNITS + m]) * h[m];
      }
      double[] before = product(gated, recurrent, recurrentBias);
      double[] next = new double[UNITS];
      for (int m = 0; m < UNITS; m++) {
        double z = sigmoid(in[m] + own[m]);
        double r = sigmoid(in[UNITS + m] + own[UNITS + m]);
        double inner = resetAfter ? r * own[2 * UNITS + m] : before[2 * UNITS + m];
        next[m] = z * h[m] + (1 - z) * Math.tanh(in[2 * UNITS + m] + inner);
      }
      h = next;
    }
    return h;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theGruOfKerasComputesTheSame(boolean resetAfter) throws IOException {
    SplittableRandom random = new SplittableRandom(3);
    Map<String, TypedArray> all = new LinkedHashMap<>();
    all.put("gru/gru_cell/kernel:0", random(random, INPUTS, 3 * UNITS));
    all.put("gru/gru_cell/recurrent_kernel:0", random(random, UNITS, 3 * UNITS));
    all.put(
        "gru/gru_cell/bias:0",
        resetAfter ? random(random, 2, 3 * UNITS) : random(random, 3 * UNITS));
    all.put("dense/kernel:0", random(random, UNITS, OUTPUTS));
    all.put("dense/bias:0", random(random, OUTPUTS));
    double[] expected =
        product(
            kerasGru(all, resetAfter),
            all.get("dense/kernel:0").doubles(),
            all.get("dense/bias:0").doubles());
    EgruVariant variant = resetAfter ? EgruVariant.CELL_RESET_AFTER : EgruVariant.PAPER;
    Egru egru = Egru.defaults().with(EgruOptions.defaults().variant(variant).withoutEvents());
    NetworkSpec spec =
        NetworkSpec.builder().sequence(INPUTS).egru(UNITS, egru).readoutOfLastStep(OUTPUTS).spec();
    Path file = file("keras.npz", all);
    try (Backend java = Backends.open("java");
        Network network = FORMAT.read(java, file, spec)) {
      assertClose(scores(network), expected, 1e-5);
      Path back = folder.resolve("back.npz");
      FORMAT.write(network, back, Map.of("names", "keras"));
      NamedArrays written = NamedArrays.read(back);
      assertThat(written.floats("layer0/kernel", INPUTS, 3 * UNITS))
          .isEqualTo(all.get("gru/gru_cell/kernel:0").floats());
      assertThat(written.get("layer0/bias").shape())
          .isEqualTo(all.get("gru/gru_cell/bias:0").shape());
      assertThat(written.floats("readout/bias")).isEqualTo(all.get("dense/bias:0").floats());
    }
    if (!resetAfter) {
      try (Backend java = Backends.open("java")) {
        refused(java, file, gru(1), Map.of(), "layer0", "CELL_RESET_AFTER", "PAPER");
      }
    }
  }

  @Test
  void weightsGoToPyTorchsNamesAndBack() throws IOException {
    Egru both = Egru.defaults().with(EgruOptions.defaults().withoutEvents()).bothDirections();
    try (Backend java = Backends.open("java");
        Network network =
            Network.on(java)
                .sequence(INPUTS)
                .dense(INPUTS, Activation.TANH)
                .egru(UNITS, both)
                .readoutOfLastStep(OUTPUTS)
                .build(4)) {
      network.arrays().get("layer0.bias").copyFrom(new double[] {1, 2, 3, 4});
      for (String ending : new String[] {".npz", ".safetensors"}) {
        Path file = folder.resolve("net" + ending);
        FORMAT.write(network, file, Map.of("names", "torch"));
        assertThat(NamedArrays.read(file).names())
            .contains("layer0.weight", "layer1.weight_ih_l0", "layer1.bias_hh_l0_reverse");
        assertThat(NamedArrays.read(file).get("readout.weight").shape())
            .containsExactly(OUTPUTS, 2 * UNITS);
        try (Network back = FORMAT.read(java, file, network.spec())) {
          network
              .arrays()
              .forEach(
                  (name, array) -> {
                    if (!name.endsWith(".thresholds")) {
                      assertThat(back.arrays().get(name).toDoubles())
                          .as(name)
                          .isEqualTo(array.toDoubles());
                    }
                  });
        }
      }
    }
  }

  private static void refused(
      Backend java, Path file, NetworkSpec spec, Map<String, String> settings, String... parts) {
    assertThatThrownBy(() -> FORMAT.read(java, file, spec, settings).close())
        .hasMessageContainingAll(parts);
  }

  @Test
  void whatDoesNotFitOrIsNotUniqueIsRefusedInASentence() throws IOException {
    SplittableRandom random = new SplittableRandom(5);
    Map<String, TypedArray> all = new LinkedHashMap<>();
    putTorchGru(all, random, "l0", INPUTS);
    all.put("fc.weight", random(random, OUTPUTS, UNITS));
    try (Backend java = Backends.open("java")) {
      Path file = file("a.safetensors", all);
      NetworkSpec two =
          NetworkSpec.builder().sequence(INPUTS + 1).gru(UNITS).readoutOfLastStep(OUTPUTS).spec();
      refused(java, file, two, Map.of(), "layer0", "Gru 5 x 5", "gru.l0 (GRU 4 x 5)");
      refused(java, file, gru(1), Map.of("readout", "fcc"), "readout", "'fcc'");
      refused(java, file, gru(1), Map.of("read", "fc"), "places", "'read'");
      refused(java, file, gru(1), Map.of("names", "jax"), "names", "'jax'");
      refused(java, file, null, Map.of(), "structure", "a.safetensors");
      all.put("fc2.weight", random(random, OUTPUTS, UNITS));
      Path more = file("b.safetensors", all);
      refused(java, more, gru(1), Map.of(), "readout", "[fc, fc2]", "readout=fc");
      refused(java, more, gru(1), Map.of("readout", "fc2"), "others, too: [fc");
      all.remove("fc2.weight");
      all.put("steps", random(random, 1));
      refused(java, file("c.safetensors", all), gru(1), Map.of(), "steps", "torch.nn.GRU");
      all.remove("steps");
      all.put("fc.bias", TypedArray.of(new float[] {1, Float.NaN, 2}));
      refused(java, file("d.safetensors", all), gru(1), Map.of(), "fc.bias", "NaN at index 1");
    }
  }
}

package io.tacet.dense;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.egru.Egru;
import io.tacet.egru.EgruErrors;
import io.tacet.egru.EgruGradients;
import io.tacet.egru.EgruInputs;
import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruOutputs;
import io.tacet.egru.EgruState;
import io.tacet.egru.EgruTape;
import io.tacet.egru.EgruVariant;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import io.tacet.rnn.Rnn;
import io.tacet.rnn.RnnGradients;
import io.tacet.rnn.RnnLayer;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Products by a library that the property {@code tacet.products} names, and the passes over layers
 * that use them.
 */
public abstract class TileProductsConformance {

  /** Shapes of one tile, of tiles with edges on both sides, and with several parts of k. */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1",
    "3, 5, 7",
    "64, 64, 64",
    "300, 70, 20",
    "257, 1100, 33",
    "40, 90, 1200",
    "600, 9, 513"
  })
  void productsAgreeWithThoseInDoublePrecision(int m, int n, int k) {
    for (int form = 0; form < 8; form++) {
      boolean transposeA = (form & 1) > 0;
      boolean transposeB = (form & 2) > 0;
      double beta = (form & 4) > 0 ? 1 : 0;
      double[] exact = product(1, DType.FLOAT64, transposeA, transposeB, m, n, k, beta);
      double[] one = product(1, DType.FLOAT32, transposeA, transposeB, m, n, k, beta);
      double[] three = product(3, DType.FLOAT32, transposeA, transposeB, m, n, k, beta);
      assertThat(three).isEqualTo(one);
      assertClose(one, exact, 1e-6 * (k + 4));
    }
  }

  /** A product of random matrices, by the library where it takes the shape. */
  protected static double[] product(
      int threads,
      DType type,
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      double beta) {
    try (Backend backend = new JavaBackend(threads);
        DeviceArray a = random(backend, type, 1, (long) m * k);
        DeviceArray b = random(backend, type, 2, (long) k * n);
        DeviceArray c = random(backend, type, 3, (long) m * n)) {
      backend.kernels().dense().multiply(1, transposeA, transposeB, m, n, k, a, b, beta, c);
      return c.toDoubles();
    }
  }

  /** Numbers that single precision holds exactly. */
  private static DeviceArray random(Backend backend, DType type, long seed, long... shape) {
    SplittableRandom random = new SplittableRandom(seed);
    DeviceArray array = backend.allocate(type, shape);
    double[] values = new double[(int) array.length()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextDouble() - 0.5);
    }
    return array.copyFrom(values);
  }

  private static DeviceArray constant(Backend backend, DType type, double value, int length) {
    double[] values = new double[length];
    Arrays.fill(values, value);
    return backend.allocate(type, length).copyFrom(values);
  }

  /** Units of a plain recurrent layer whose products are for the library. */
  @Test
  void plainRecurrentLayersAgreeWithThoseInDoublePrecision() {
    double[] exact = recurrent(1, DType.FLOAT64);
    double[] one = recurrent(1, DType.FLOAT32);
    assertThat(recurrent(3, DType.FLOAT32)).isEqualTo(one);
    assertClose(one, exact, 1e-4);
  }

  /** Values, errors of the currents and gradients of a pass. */
  private static double[] recurrent(int threads, DType type) {
    int units = 100;
    int batch = 128;
    int steps = 3;
    try (Backend backend = new JavaBackend(threads);
        Resources made = new Resources()) {
      DeviceArray weights = made.own(random(backend, type, 1, units, units));
      DeviceArray bias = made.own(random(backend, type, 2, units));
      RnnLayer layer = new RnnLayer(weights, bias, Activation.TANH);
      DeviceArray currents = made.own(random(backend, type, 3, steps, batch, units));
      DeviceArray errors = made.own(random(backend, type, 4, steps, batch, units));
      DeviceArray values = made.own(backend.allocate(type, steps, batch, units));
      DeviceArray back = made.own(backend.allocate(type, steps, batch, units));
      DeviceArray gradient = made.own(backend.allocate(type, units, units));
      Rnn.forward(layer, currents, null, values, null);
      Rnn.backward(layer, values, null, errors, new RnnGradients(back, gradient, null, null));
      return Stream.of(values, back, gradient)
          .map(DeviceArray::toDoubles)
          .flatMapToDouble(DoubleStream::of)
          .toArray();
    }
  }

  /**
   * Event-gated units, with sequences of several lengths: steps in which half of them send
   * something, and steps in which few do.
   */
  @ParameterizedTest
  @CsvSource({"PAPER, 0", "PAPER, 0.5", "CELL_RESET_AFTER, 0", "CELL_RESET_AFTER, 0.5"})
  void gatedUnitsAreThoseOfProductsInJava(EgruVariant variant, double threshold) {
    double[] one = gated(1, variant, threshold);
    assertThat(gated(3, variant, threshold)).isEqualTo(one);
    String before = System.getProperty("tacet.products");
    System.setProperty("tacet.products", "java");
    try {
      double[] java = gated(2, variant, threshold);
      assertThat(one).isNotEqualTo(java);
      assertClose("numbers", one, java, 1e-5, 1e-5);
    } finally {
      System.setProperty("tacet.products", before);
    }
  }

  /** Outputs and all gradients of a pass. */
  private static double[] gated(int threads, EgruVariant variant, double threshold) {
    int units = 80;
    int batch = 41;
    int steps = 6;
    DType type = DType.FLOAT32;
    try (Backend backend = new JavaBackend(threads);
        Resources made = new Resources()) {
      DeviceArray recurrent = made.own(random(backend, type, 1, units, 3L * units));
      DeviceArray bias = made.own(random(backend, type, 2, 3L * units));
      EgruLayer layer =
          new EgruLayer(
              recurrent,
              bias,
              bias,
              made.own(constant(backend, type, threshold, units)),
              EgruOptions.defaults().variant(variant));
      int[] lengths = new int[batch];
      Arrays.setAll(lengths, n -> 1 + n % steps);
      EgruInputs in =
          new EgruInputs(
              made.own(random(backend, type, 3, steps, batch, 3L * units)),
              made.own(backend.of(lengths)),
              new EgruState(
                  made.own(random(backend, type, 5, batch, units)),
                  made.own(random(backend, type, 6, batch, units))),
              false,
              0);
      EgruTape tape = made.own(EgruTape.of(backend, type, steps, batch, units));
      DeviceArray y = made.own(backend.allocate(type, steps, batch, units));
      Egru.forward(layer, in, new EgruOutputs(y, null, null, null), tape);
      EgruGradients gradients =
          new EgruGradients(
              made.own(backend.allocate(type, steps, batch, 3L * units)),
              made.own(backend.allocate(type, units, 3L * units)),
              made.own(backend.allocate(type, 3L * units)),
              made.own(backend.allocate(type, 3L * units)),
              made.own(backend.allocate(type, units)),
              null);
      Egru.backward(
          layer,
          in,
          tape,
          EgruErrors.of(made.own(random(backend, type, 4, steps, batch, units))),
          gradients);
      return Stream.of(
              y,
              gradients.currents(),
              gradients.recurrent(),
              gradients.inputBias(),
              gradients.recurrentBias(),
              gradients.thresholds())
          .map(DeviceArray::toDoubles)
          .flatMapToDouble(DoubleStream::of)
          .toArray();
    }
  }
}

package io.tacet.cuda;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.cuda.EgruComparison.Case;
import io.tacet.egru.Egru;
import io.tacet.egru.EgruEngine;
import io.tacet.egru.EgruInputs;
import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruOutputs;
import io.tacet.egru.EgruState;
import io.tacet.egru.EgruVariant;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Event-gated recurrent units by events, with one launch for all steps. */
@Tag("native")
class EgruStreamingTest {
  private static final String STREAMING = "tacet.egru.streaming";
  private static final String FACTORS = "tacet.products.factors";

  @AfterEach
  void noPropertyOrArrayStays() {
    System.clearProperty(STREAMING);
    System.clearProperty(FACTORS);
    System.clearProperty("tacet.launch.steps");
    assertThat(Leaks.open()).isZero();
  }

  static List<Named<Supplier<NativeBackend>>> backends() {
    return TestBackends.all();
  }

  @ParameterizedTest
  @MethodSource("backends")
  void everyBatchAndSizeIsTheReference(Supplier<NativeBackend> open) {
    System.setProperty(STREAMING, "on");
    try (Backend java = new JavaBackend(1);
        NativeBackend backend = open.get()) {
      for (int batch = 1; batch <= 8; batch++) {
        boolean ragged = batch % 2 == 0;
        int units = batch % 3 == 0 ? 8 : 36;
        Case example =
            new Case("batch " + batch, 2, batch, units, 0.05, problem -> problem.ragged = ragged);
        assertThat(plan(backend, EgruEngine.EVENT, 2, batch, units).forward().blocks())
            .isPositive();
        EgruComparison.compare(
            example, EgruVariant.CELL_RESET_AFTER, java, backend, 2e-5, List.of(EgruEngine.EVENT));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void aLargeLayerIsThatOfLaunchesForEachStep(Supplier<NativeBackend> open) {
    try (NativeBackend backend = open.get()) {
      assertThat(plan(backend, EgruEngine.AUTO, 3, 2, 2056).forward().toString())
          .startsWith("EVENT (one launch, ");
      System.setProperty(STREAMING, "off");
      float[] expected = last(backend, 3, 2056, 1);
      System.setProperty(STREAMING, "auto");
      float[] whole = last(backend, 3, 2056, 1);
      assertClose("all steps", doubles(whole), doubles(expected), 1e-4, 1e-4);
      System.setProperty("tacet.launch.steps", "1");
      assertThat(last(backend, 3, 2056, 1)).isEqualTo(whole);
      // One step after the other, with the state in place.
      assertThat(last(backend, 1, 2056, 3)).isEqualTo(whole);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void weightsAreRoundedWhereFactorsAreBfloat16(Supplier<NativeBackend> open) {
    try (NativeBackend backend = open.get()) {
      assertThat(plan(backend, EgruEngine.EVENT, 40, 1, 2056).forward().factors())
          .isEqualTo("float32");
    }
    System.setProperty(FACTORS, "bf16");
    try (NativeBackend backend = open.get()) {
      EgruPlan.Pass rounded = plan(backend, EgruEngine.EVENT, 40, 1, 2056).forward();
      assertThat(rounded.factors()).isEqualTo("bf16");
      assertThat(rounded.toString()).startsWith("EVENT (one launch, ").endsWith(" blocks, bf16)");
      // Too few steps to pay for packing the weights.
      assertThat(plan(backend, EgruEngine.EVENT, 1, 1, 2056).forward().factors())
          .isEqualTo("float32");
    }
  }

  @Test
  void aPlanSaysWhyStepsHaveLaunchesOfTheirOwn() {
    try (NativeBackend host = TestBackends.host(HostExecution.DEFAULT)) {
      assertThat(plan(host, EgruEngine.EVENT, 4, 2, 2056).forward())
          .hasToString("EVENT (one launch, 16 blocks)")
          .extracting(EgruPlan.Pass::stepwise)
          .isEqualTo("");
      assertThat(plan(host, EgruEngine.EVENT, 4, 2, 64).forward())
          .hasToString("EVENT")
          .extracting(EgruPlan.Pass::stepwise)
          .isEqualTo("there are fewer than 1024 units");
      assertThat(plan(host, EgruEngine.EVENT, 4, 9, 2056).forward().stepwise())
          .isEqualTo("there are more than 8 samples");
      assertThat(plan(host, EgruEngine.EVENT, 1, 1, 2057).forward().stepwise())
          .isEqualTo(
              "rows of weights do not begin at 16 bytes, and too few are read to pay for packing"
                  + " all");
      assertThat(plan(host, EgruEngine.DENSE, 4, 2, 2056).forward().stepwise()).isEmpty();
      System.setProperty(STREAMING, "off");
      assertThat(plan(host, EgruEngine.EVENT, 4, 2, 2056).forward().stepwise())
          .isEqualTo("tacet.egru.streaming is off");
      System.setProperty(STREAMING, "yes");
      assertThatThrownBy(() -> plan(host, EgruEngine.EVENT, 4, 2, 2056))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("tacet.egru.streaming: expected auto, on or off, got yes.");
    }
  }

  /** The state after some passes of as many steps each, of which the first has events before it. */
  private static float[] last(NativeBackend backend, int steps, int units, int passes) {
    SplittableRandom random = new SplittableRandom(5);
    try (Resources own = new Resources()) {
      EgruLayer layer =
          new EgruLayer(
              own.own(values(backend, random, 0.02, units, 3L * units)),
              own.own(backend.allocate(DType.FLOAT32, 3L * units)),
              own.own(backend.allocate(DType.FLOAT32, 3L * units)),
              own.own(values(backend, random, 0.4, units)),
              EgruOptions.defaults().engine(EgruEngine.EVENT));
      DeviceArray y = own.own(values(backend, random, 1, 2, units));
      DeviceArray h = own.own(values(backend, random, 1, 2, units));
      EgruState state = new EgruState(y, h);
      for (int pass = 0; pass < passes; pass++) {
        try (Resources ofPass = new Resources()) {
          // The same currents in every step.
          DeviceArray currents = ofPass.own(backend.allocate(DType.FLOAT32, steps, 2, 3L * units));
          Egru.forward(
              layer,
              new EgruInputs(currents, null, state, false, 0),
              new EgruOutputs(null, null, state, null),
              null);
        }
      }
      return y.toFloats();
    }
  }

  private static DeviceArray values(
      NativeBackend backend, SplittableRandom random, double scale, long... shape) {
    DeviceArray array = backend.allocate(DType.FLOAT32, shape);
    float[] all = new float[(int) array.length()];
    for (int k = 0; k < all.length; k++) {
      all[k] = (float) (scale * random.nextDouble());
    }
    return array.copyFrom(all);
  }

  private static double[] doubles(float[] values) {
    double[] wide = new double[values.length];
    for (int k = 0; k < wide.length; k++) {
      wide[k] = values[k];
    }
    return wide;
  }

  private static EgruPlan plan(
      NativeBackend backend, EgruEngine engine, int steps, int batch, int units) {
    return EgruComparison.ask(
        backend,
        EgruOptions.defaults().engine(engine),
        new int[] {steps, batch, units},
        backend::egruPlan);
  }
}

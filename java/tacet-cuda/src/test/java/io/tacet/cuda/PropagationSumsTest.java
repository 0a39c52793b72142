package io.tacet.cuda;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.cuda.HostExecution.Schedule;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.DenseSynapses;
import io.tacet.sparse.EventPropagation;
import io.tacet.sparse.Events;
import io.tacet.sparse.FixedFanOutSynapses;
import io.tacet.sparse.Synapses;
import io.tacet.sparse.WeightLaw;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Event propagation with {@code tacet.propagation.sums} against the java backend in float64. */
@Tag("native")
class PropagationSumsTest {
  private static final String PROPERTY = "tacet.propagation.sums";
  private static final int SOURCES = 300;
  private static final int TARGETS = 2500;
  private static final int BATCH = 2;
  private static final double ACTIVITY = 0.3;

  static java.util.stream.Stream<Arguments> backends() {
    return TestBackends.numbered();
  }

  @BeforeEach
  void sumsAreIntegers() {
    System.setProperty(PROPERTY, "int32");
  }

  @AfterEach
  void noPropertyOrArrayStays() {
    System.clearProperty(PROPERTY);
    assertThat(Leaks.open()).isZero();
  }

  private static Synapses synapses(Backend backend, DType type, boolean fanOut) {
    WeightLaw law = WeightLaw.normal(0, 1);
    return fanOut
        ? FixedFanOutSynapses.random(backend, type, SOURCES, TARGETS, 101, law, 5)
        : CsrSynapses.random(backend, type, SOURCES, TARGETS, 0.05, law, 5);
  }

  /** Currents after one step of graded events, the same on every backend. */
  private static double[] currents(Backend backend, DType type, boolean fanOut, int calls) {
    SplittableRandom random = new SplittableRandom(9);
    double[] active =
        random
            .doubles((long) BATCH * SOURCES)
            .map(x -> x < ACTIVITY ? (float) (x + 0.25) : 0)
            .toArray();
    try (Resources own = new Resources()) {
      Synapses synapses = own.own(synapses(backend, type, fanOut));
      EventPropagation propagation = own.own(EventPropagation.of(synapses, BATCH));
      DeviceArray activity = own.own(backend.allocate(type, BATCH, SOURCES)).copyFrom(active);
      Events events = own.own(Events.graded(backend, type, BATCH, SOURCES)).compact(activity);
      DeviceArray currents = own.own(backend.allocate(type, BATCH, TARGETS));
      currents.zero();
      for (int call = 0; call < calls; call++) {
        propagation.forward(events, currents);
      }
      return currents.toDoubles();
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void currentsAreThoseOfFloat64(Supplier<NativeBackend> open, int schedule) {
    try (Backend java = new JavaBackend(1);
        Backend backend = open.get()) {
      for (boolean fanOut : new boolean[] {false, true}) {
        double[] expected = currents(java, DType.FLOAT64, fanOut, 2);
        double[] got = currents(backend, DType.FLOAT32, fanOut, 2);
        // Up to 90 events of at most 3 a tile: 90 terms x 3 x 90 / 2^31 twice, and their rounding.
        assertClose("currents", got, expected, i -> 3e-5);
      }
    }
  }

  @Test
  void bitsAreTheSameUnderEveryScheduleAndNumberOfThreads() {
    double[] first = null;
    for (Schedule schedule : Schedule.values()) {
      for (int threads = 1; threads <= 2; threads++) {
        try (Backend backend =
            TestBackends.host(HostExecution.DEFAULT.with(schedule).threads(threads))) {
          double[] got = currents(backend, DType.FLOAT32, false, 1);
          first = first == null ? got : first;
          assertThat(got).isEqualTo(first);
        }
      }
    }
  }

  @Test
  void floatsAreTheDefaultAndGiveOtherLastBits() {
    try (Backend backend = TestBackends.host(HostExecution.DEFAULT)) {
      double[] integers = currents(backend, DType.FLOAT32, false, 1);
      System.clearProperty(PROPERTY);
      double[] floats = currents(backend, DType.FLOAT32, false, 1);
      assertThat(floats).isNotEqualTo(integers);
      System.setProperty(PROPERTY, "float32");
      assertThat(currents(backend, DType.FLOAT32, false, 1)).isEqualTo(floats);
    }
  }

  @Test
  void plansSayWhatSumsAreAndWhyNot() {
    try (NativeBackend backend = TestBackends.host(HostExecution.DEFAULT);
        Synapses csr = synapses(backend, DType.FLOAT32, false);
        Synapses dense = DenseSynapses.of(backend, DType.FLOAT32, 2, 3, new double[6])) {
      PropagationPlan plan = backend.propagationPlan(csr, 1);
      assertThat(plan.sums()).isEqualTo("int32");
      assertThat(plan.warps()).isEqualTo(16);
      assertThat(plan.reason()).isEmpty();
      assertThat(plan.toString())
          .isEqualTo("int32 (2 tiles of " + plan.width() + " targets, 1 parts)");
      assertThat(backend.propagationPlan(dense, 1).reason())
          .isEqualTo("the synapses are neither CSR nor of a fixed fan-out");
      System.clearProperty(PROPERTY);
      assertThat(backend.propagationPlan(csr, 1).toString())
          .startsWith("float32 (")
          .endsWith("): tacet.propagation.sums is float32");
    }
  }

  @Test
  void whatIsNoPlanIsAnError() {
    try (NativeBackend backend = TestBackends.host(HostExecution.DEFAULT);
        Backend java = new JavaBackend(1);
        Synapses csr = synapses(backend, DType.FLOAT32, false);
        Synapses other = synapses(java, DType.FLOAT32, false)) {
      assertThatThrownBy(() -> backend.propagationPlan(csr, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("batch: expected at least 1, got 0.");
      assertThatThrownBy(() -> backend.propagationPlan(other, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("synapses: expected the backend asked, host, got another one, java.");
      System.setProperty(PROPERTY, "int16");
      for (Runnable asks :
          new Runnable[] {
            () -> backend.propagationPlan(csr, 1), () -> EventPropagation.of(csr, 1).close()
          }) {
        assertThatThrownBy(asks::run)
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("tacet.propagation.sums: expected one of float32, int32, got int16.");
      }
    }
  }
}

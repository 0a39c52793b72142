package io.tacet.sparse;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.BackendCase;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What event propagation must do on every backend: each product against plain loops. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class PropagationConformance {
  private enum DelayKind {
    NONE,
    PER_SOURCE,
    PER_SYNAPSE
  }

  /** The backends to test. */
  protected Stream<BackendCase> backends() {
    return BackendCase.all();
  }

  /** A connectivity and the events of one step. */
  private record Shape(
      int sources, int targets, double density, int batch, double activity, boolean graded) {}

  private static final List<Shape> SHAPES =
      List.of(
          new Shape(1, 1, 1, 1, 1, false),
          new Shape(7, 1, 1, 3, 0.5, true),
          new Shape(1, 300, 0.3, 2, 1, false),
          new Shape(40, 33, 0.3, 1, 0, false),
          new Shape(33, 70, 0.1, 3, 0.3, false),
          new Shape(64, 256, 0.05, 1, 1, true),
          new Shape(100, 1031, 0.2, 2, 0.1, true));

  Stream<Arguments> cases() {
    List<Arguments> cases = new ArrayList<>();
    for (BackendCase backend : backends().toList()) {
      for (Format format : Format.values()) {
        for (Shape shape : SHAPES) {
          cases.add(Arguments.of(backend, format, shape));
        }
      }
    }
    return cases.stream();
  }

  Stream<Arguments> formats() {
    return backends()
        .flatMap(b -> Arrays.stream(Format.values()).map(format -> Arguments.of(b, format)));
  }

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void productsAreThoseOfPlainLoops(BackendCase backend, Format format, Shape shape) {
    compare(backend, format, shape, DelayKind.NONE);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void delaysPerSourceMoveEventsToTheirSlot(BackendCase backend, Format format, Shape shape) {
    compare(backend, format, shape, DelayKind.PER_SOURCE);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void delaysPerSynapseMoveEventsToTheirSlot(BackendCase backend, Format format, Shape shape) {
    if (format != Format.PROCEDURAL) {
      compare(backend, format, shape, DelayKind.PER_SYNAPSE);
    }
  }

  private static void compare(BackendCase backendCase, Format format, Shape shape, DelayKind kind) {
    try (Resources open = new Resources()) {
      Backend backend = open.own(backendCase.backend().get());
      DType type = backendCase.type();
      int batch = shape.batch;
      int targets = shape.targets;
      Synapses synapses =
          open.own(format.random(backend, type, shape.sources, targets, shape.density, 11));
      NaivePropagation naive = new NaivePropagation(synapses);
      EventPropagation propagation = open.own(EventPropagation.of(synapses, batch));
      EventPropagation fast = open.own(EventPropagation.fast(synapses, batch));
      double[] x = activity(shape, 5);
      Events events = open.own(events(backend, type, shape, x));

      int[] steps = steps(kind, shape.sources, kind == DelayKind.NONE ? 0 : synapses.count());
      NaivePropagation.DelayOf delay =
          switch (kind) {
            case NONE -> s -> 0;
            case PER_SOURCE -> s -> steps[s.source()];
            case PER_SYNAPSE -> s -> steps[s.position()];
          };
      DelaySteps delays =
          kind == DelayKind.NONE
              ? null
              : open.own(DelaySteps.of(backend, Delays.Kind.valueOf(kind.name()), steps));
      int slots = delays == null ? 1 : delays.slots();
      long step = 8;
      int slot = (int) (step % slots);
      DelayRing ring =
          delays == null ? null : open.own(new DelayRing(backend, type, delays, batch, targets));
      DeviceArray values =
          ring == null ? open.own(backend.allocate(type, batch, targets)) : ring.values();

      double[] start = random(values.length(), 3);
      values.copyFrom(start);
      double[] expected = values.toDoubles();
      double[] sizes = new double[expected.length];
      naive.forward(x, batch, slot, slots, delay, expected, sizes);
      for (EventPropagation either : List.of(propagation, fast)) {
        values.copyFrom(start);
        if (ring == null) {
          either.forward(events, values);
        } else {
          either.forward(events, ring, step);
        }
        close(values.toDoubles(), expected, sizes, type);
      }

      values.copyFrom(start);
      double[] adjoint = values.toDoubles();
      DeviceArray sums = open.own(backend.allocate(type, batch, events.capacity()));
      if (ring == null) {
        propagation.transposed(events, values, sums);
      } else {
        propagation.transposed(events, ring, step, sums);
      }
      double[] all = naive.transposed(adjoint, batch, shape.sources, slot, slots, delay);
      close(scattered(events, sums), masked(all, x), ones(all.length, 60), type);

      if (format != Format.PROCEDURAL) {
        DeviceArray gradient = open.own(backend.allocate(type, synapses.count()));
        gradient.copyFrom(random(synapses.count(), 9));
        double[] grown = gradient.toDoubles();
        double[] more = naive.gradient(x, adjoint, grown.length, batch, slot, slots, delay);
        for (int s = 0; s < grown.length; s++) {
          grown[s] += more[s];
        }
        if (ring == null) {
          propagation.weightGradient(events, values, gradient);
        } else {
          propagation.weightGradient(events, ring, step, gradient);
        }
        close(gradient.toDoubles(), grown, ones(grown.length, 2 * batch), type);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void forwardAndTransposedAreAdjoint(BackendCase backendCase, Format format) {
    Shape shape = new Shape(90, 210, 0.1, 2, 0.2, true);
    try (Resources open = new Resources()) {
      Backend backend = open.own(backendCase.backend().get());
      DType type = backendCase.type();
      Synapses synapses = open.own(format.random(backend, type, 90, 210, 0.1, 2));
      EventPropagation propagation = open.own(EventPropagation.of(synapses, 2));
      double[] x = activity(shape, 6);
      Events events = open.own(events(backend, type, shape, x));
      DeviceArray ax = open.own(backend.allocate(type, 2, 210));
      DeviceArray y = open.own(backend.allocate(type, 2, 210)).copyFrom(random(420, 1));
      DeviceArray aty = open.own(backend.allocate(type, 2, events.capacity()));
      propagation.forward(events, ax);
      propagation.transposed(events, y, aty);
      double left = dot(y.toDoubles(), ax.toDoubles());
      double right = dot(scattered(events, aty), x);
      assertThat(right).isCloseTo(left, within(type == DType.FLOAT64 ? 1e-11 : 1e-3));
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void runsAreBitIdenticalAndFastAgrees(BackendCase backendCase, Format format) {
    Shape shape = new Shape(120, 700, 0.1, 2, 0.4, false);
    try (Resources open = new Resources()) {
      Backend backend = open.own(backendCase.backend().get());
      DType type = backendCase.type();
      Synapses synapses = open.own(format.random(backend, type, 120, 700, 0.1, 2));
      Events events = open.own(events(backend, type, shape, activity(shape, 8)));
      DeviceArray currents = open.own(backend.allocate(type, 2, 700));
      EventPropagation ordered = open.own(EventPropagation.of(synapses, 2));
      ordered.forward(events, currents);
      double[] first = currents.toDoubles();
      ordered.forward(events, currents.zero());
      assertThat(currents.toDoubles()).isEqualTo(first);
      open.own(EventPropagation.fast(synapses, 2)).forward(events, currents.zero());
      close(currents.toDoubles(), first, ones(first.length, 100), type);
    }
  }

  Stream<BackendCase> backendCases() {
    return backends();
  }

  @ParameterizedTest
  @MethodSource("backendCases")
  void arraysOfAnotherBackendAreRefused(BackendCase backendCase) {
    Shape shape = new Shape(6, 5, 0.5, 1, 1, false);
    try (Resources open = new Resources()) {
      Backend backend = open.own(backendCase.backend().get());
      JavaBackend stranger = open.own(new JavaBackend(1));
      DType type = backendCase.type();
      Synapses synapses = open.own(Format.CSR.random(backend, type, 6, 5, 0.5, 2));
      EventPropagation propagation = open.own(EventPropagation.of(synapses, 1));
      Events events = open.own(events(backend, type, shape, activity(shape, 8)));
      DeviceArray values = open.own(backend.allocate(type, 1, 5));
      DeviceArray foreign = open.own(stranger.allocate(type, 1, 5));
      DeviceArray sums = open.own(stranger.allocate(type, 1, events.capacity()));
      DeviceArray gradient = open.own(stranger.allocate(type, synapses.count()));
      DeviceArray own = open.own(backend.allocate(type, synapses.count()));
      refuses("currents", () -> propagation.forward(events, foreign));
      refuses("adjoint", () -> propagation.weightGradient(events, foreign, own));
      refuses("sums", () -> propagation.transposed(events, values, sums));
      refuses("gradient", () -> propagation.weightGradient(events, values, gradient));
    }
  }

  private static void refuses(String argument, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(argument + ": expected an array on the backend of the synapses");
  }

  @ParameterizedTest
  @MethodSource("backendCases")
  void sixteenBitIndicesReachTheLastOf65536Targets(BackendCase backendCase) {
    for (int targets : new int[] {65536, 65537}) {
      try (Resources open = new Resources()) {
        Backend backend = open.own(backendCase.backend().get());
        CsrSynapses synapses =
            open.own(
                CsrSynapses.of(
                    backend,
                    backendCase.type(),
                    2,
                    targets,
                    new int[] {0, 1, 3},
                    new int[] {32768, 0, targets - 1},
                    new double[] {2, 3, 4}));
        assertThat(synapses.indices().type())
            .isEqualTo(targets == 65536 ? DType.UINT16 : DType.INT32);
        Events events = open.own(Events.binary(backend, 1, 2)).set(new int[] {0, 1});
        DeviceArray currents = open.own(backend.allocate(backendCase.type(), 1, targets));
        open.own(EventPropagation.of(synapses, 1)).forward(events, currents);
        double[] found = currents.toDoubles();
        assertThat(found[0]).isEqualTo(3);
        assertThat(found[32768]).isEqualTo(2);
        assertThat(found[targets - 1]).isEqualTo(4);
        assertThat(Arrays.stream(found).sum()).isEqualTo(9);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backendCases")
  void proceduralSynapsesAreBitForBitThoseOfTheirExport(BackendCase backendCase) {
    for (WeightLaw law :
        List.of(WeightLaw.constant(0.5), WeightLaw.uniform(-1, 2), WeightLaw.normal(0.1, 2))) {
      try (Resources open = new Resources()) {
        Backend backend = open.own(backendCase.backend().get());
        ProceduralSynapses procedural =
            open.own(new ProceduralSynapses(backend, 30, 1000, 137, law, 0x123456789abcdefL));
        CsrSynapses stored = open.own(procedural.toCsr(backendCase.type())).validate();
        // One event per sample, so that each current is one weight.
        Events events =
            open.own(Events.binary(backend, 3, 30))
                .set(new int[] {0}, new int[] {29}, new int[] {13});
        DeviceArray a = open.own(backend.allocate(backendCase.type(), 3, 1000));
        DeviceArray b = open.own(backend.allocate(backendCase.type(), 3, 1000));
        open.own(EventPropagation.of(procedural, 3)).forward(events, a);
        open.own(EventPropagation.of(stored, 3)).forward(events, b);
        assertThat(a.toDoubles()).isEqualTo(b.toDoubles());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backendCases")
  void compactionListsTheActiveUnitsOfEachSample(BackendCase backendCase) {
    for (int units : new int[] {1, 31, 32, 33, 1000}) {
      try (Resources open = new Resources()) {
        Backend backend = open.own(backendCase.backend().get());
        Shape shape = new Shape(units, 1, 1, 3, 0.4, true);
        double[] x = activity(shape, units);
        Events graded = open.own(events(backend, backendCase.type(), shape, x));
        DeviceArray values = graded.values();
        assertThat(scattered(graded, values)).isEqualTo(rounded(x, backendCase.type()));
        Events binary = open.own(Events.binary(backend, 3, units));
        binary.bitmap().copyFrom(graded.bitmap().toInts());
        binary.expand().requireComplete();
        assertThat(binary.counts().toInts()).isEqualTo(graded.counts().toInts());
        for (int b = 0; b < 3; b++) {
          int n = binary.counts().toInts()[b];
          assertThat(Arrays.copyOfRange(binary.units().toInts(), b * units, b * units + n))
              .isEqualTo(Arrays.copyOfRange(graded.units().toInts(), b * units, b * units + n));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backendCases")
  void arrivalsOfPerSourceDelaysAreThoseOfARingOfCurrents(BackendCase backendCase) {
    int sources = 50;
    int targets = 20;
    try (Resources open = new Resources()) {
      Backend backend = open.own(backendCase.backend().get());
      DType type = backendCase.type();
      Synapses synapses = open.own(Format.CSR.random(backend, type, sources, targets, 0.3, 4));
      int[] steps = steps(DelayKind.PER_SOURCE, sources, 0);
      DelaySteps delays = open.own(DelaySteps.of(backend, Delays.Kind.PER_SOURCE, steps));
      DelayRing ring = open.own(new DelayRing(backend, type, delays, 2, targets));
      EventPropagation propagation = open.own(EventPropagation.of(synapses, 2));
      int words = Events.words(sources);
      int[] bitmaps = new int[delays.slots() * 2 * words];
      DeviceArray past = open.own(backend.allocate(DType.INT32, delays.slots(), 2, words));
      Events sent = open.own(Events.binary(backend, 2, sources));
      Events arrived = open.own(Events.binary(backend, 2, sources));
      DeviceArray byRing = open.own(backend.allocate(type, 2, targets));
      DeviceArray byBitmap = open.own(backend.allocate(type, 2, targets));
      for (int step = 0; step < 12; step++) {
        Shape shape = new Shape(sources, targets, 1, 2, 0.2, false);
        DeviceArray dense = open.own(backend.allocate(type, 2, sources));
        sent.compact(dense.copyFrom(activity(shape, step)));
        propagation.forward(sent, ring, step);
        ring.take(step, byRing);
        System.arraycopy(
            sent.bitmap().toInts(), 0, bitmaps, step % delays.slots() * 2 * words, 2 * words);
        arrived.arrivals(past.copyFrom(bitmaps), delays, step);
        propagation.forward(arrived, byBitmap.zero());
        close(byBitmap.toDoubles(), byRing.toDoubles(), ones(2 * targets, 50), type);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backendCases")
  void aListThatIsTooShortIsReported(BackendCase backendCase) {
    try (Resources open = new Resources()) {
      Backend backend = open.own(backendCase.backend().get());
      DeviceArray dense = open.own(backend.allocate(backendCase.type(), 1, 100));
      Events events = open.own(Events.binary(backend, 1, 100, 10));
      events.compact(dense.copyFrom(ones(100, 1)));
      assertThat(events.counts().toInts()).containsExactly(100);
      assertThat(events.units().toInts()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
      org.assertj.core.api.Assertions.assertThatThrownBy(events::requireComplete)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("100 events")
          .hasMessageContaining("hold 10");
    }
  }

  private static Events events(Backend backend, DType type, Shape shape, double[] x) {
    Events events =
        shape.graded
            ? Events.graded(backend, type, shape.batch, shape.sources)
            : Events.binary(backend, shape.batch, shape.sources);
    try (DeviceArray activity = backend.allocate(type, shape.batch, shape.sources)) {
      return events.compact(activity.copyFrom(x));
    }
  }

  private static double[] activity(Shape shape, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] x = new double[shape.batch * shape.sources];
    for (int k = 0; k < x.length; k++) {
      if (random.nextDouble() < shape.activity) {
        x[k] = shape.graded ? 0.1 + random.nextDouble() : 1;
      }
    }
    return x;
  }

  private static int[] steps(DelayKind kind, int sources, long count) {
    SplittableRandom random = new SplittableRandom(17);
    return random.ints(kind == DelayKind.PER_SOURCE ? sources : count, 0, 6).toArray();
  }

  private static double[] random(long count, long seed) {
    return new SplittableRandom(seed).doubles(count, -1, 1).toArray();
  }

  private static double[] ones(int count, double value) {
    double[] all = new double[count];
    Arrays.fill(all, value);
    return all;
  }

  private static double[] rounded(double[] x, DType type) {
    return type == DType.FLOAT64 ? x : Arrays.stream(x).map(v -> (float) v).toArray();
  }

  /** Values of a list as [batch][sources]. */
  private static double[] scattered(Events events, DeviceArray list) {
    double[] dense = new double[events.batch() * events.sources()];
    int[] counts = events.counts().toInts();
    int[] units = events.units().toInts();
    double[] values = list.toDoubles();
    for (int b = 0; b < counts.length; b++) {
      for (int e = 0; e < counts[b]; e++) {
        int at = b * events.capacity() + e;
        dense[b * events.sources() + units[at]] = values[at];
      }
    }
    return dense;
  }

  private static double[] masked(double[] values, double[] x) {
    double[] kept = values.clone();
    for (int k = 0; k < kept.length; k++) {
      kept[k] = x[k] == 0 ? 0 : kept[k];
    }
    return kept;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int k = 0; k < a.length; k++) {
      sum += a[k] * b[k];
    }
    return sum;
  }

  private static void close(double[] actual, double[] expected, double[] sizes, DType type) {
    double epsilon = type == DType.FLOAT64 ? 1e-14 : 1e-6;
    assertClose("element", actual, expected, k -> epsilon * (1 + sizes[k]));
  }
}

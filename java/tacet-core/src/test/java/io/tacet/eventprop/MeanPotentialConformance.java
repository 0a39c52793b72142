package io.tacet.eventprop;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.BackendCase;
import io.tacet.eventprop.VariantNets.Kind;
import io.tacet.eventprop.VariantNets.Shape;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What {@link MeanPotentials} must give on every backend: the means and gradients of the java
 * backend in double precision along the same spikes, of LIF neurons and of variants, exact and on a
 * grid.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class MeanPotentialConformance {
  private static final double STEP = 0.125;

  /** The backends to test. */
  protected Stream<BackendCase> backends() {
    return BackendCase.all();
  }

  /**
   * Whether a backend takes wide layers of the kind with this number. Small ones it always takes,
   * and wide ones run the same kernels or loops.
   */
  protected boolean takesWide(BackendCase on, int number) {
    return true;
  }

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  Stream<Arguments> compared() {
    return backends()
        .flatMap(
            on ->
                Arrays.stream(Kind.values())
                    .flatMap(
                        kind ->
                            Arrays.stream(Shape.values())
                                .filter(
                                    s -> s != Shape.WIDE || takesWide(on, VariantNets.number(kind)))
                                .map(shape -> Arguments.of(on, kind, shape))));
  }

  @ParameterizedTest
  @MethodSource("compared")
  void meansAndGradientsAreThoseOfTheReference(BackendCase on, Kind kind, Shape shape) {
    compare(on, kind, shape, Simulator.exact());
  }

  @ParameterizedTest
  @MethodSource("compared")
  void soTheyAreOnAGrid(BackendCase on, Kind kind, Shape shape) {
    compare(on, kind, shape, Simulator.grid(STEP));
  }

  private static void compare(BackendCase on, Kind kind, Shape shape, Simulator simulator) {
    boolean single = on.type() == DType.FLOAT32;
    int compared = 0;
    for (long seed = 1; compared == 0; seed++) {
      assertThat(seed).as("draws").isLessThan(400);
      Net net = VariantNets.random(kind, shape, seed);
      net.simulator = simulator;
      try (JavaBackend java = new JavaBackend(1);
          Backend backend = on.backend().get();
          Resources open = new Resources()) {
        VariantPass pass = new VariantPass(backend, on.type(), net, open);
        pass.forward();
        if (pass.spikes.smallestSlope() < 0.01 || pass.spikes.largestCount() < 3) {
          continue;
        }
        VariantPass reference = new VariantPass(java, DType.FLOAT64, net, open);
        Spikes along = pass.copy(java, open);
        DeviceArray means = reference.means(along);
        VariantPass.same("means", pass.means(pass.spikes), means, single ? 1e-4 : 1e-12);
        pass.addMeans();
        reference.addMeans();
        pass.backward(pass.spikes, VariantPass::error);
        reference.backward(along, VariantPass::error);
        VariantPass.same(
            "errors of spikes", pass.spikes.errors(), along.errors(), single ? 1e-3 : 1e-12);
        pass.sameGradients(reference, single ? 1e-3 : 1e-12);
        compared++;
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void lifNeuronsAreAVariantWithoutAFeature(BackendCase on) {
    Net net = VariantNets.random(Kind.LIF, Shape.RECURRENT, 3);
    net.meanErrors = new double[net.inputTimes.length * net.neurons];
    Arrays.setAll(net.meanErrors, VariantPass::error);
    try (Backend backend = on.backend().get()) {
      Net.Result variant = net.run(backend, on.type(), true, RandomNets.LOSS);
      net.variant = null;
      Net.Result lif = net.run(backend, on.type(), true, RandomNets.LOSS);
      assertThat(lif.times()).hasSizeGreaterThan(3);
      double tolerance = on.type() == DType.FLOAT32 ? 1e-3 : 1e-10;
      double[][] expected = variant.gradients();
      for (int g = 0; g < expected.length; g++) {
        if (expected[g] != null) {
          FiniteDifferences.assertClose(lif.gradients()[g], expected[g], tolerance);
        }
      }
      FiniteDifferences.assertClose(lif.inputErrors(), variant.inputErrors(), tolerance);
    }
  }
}

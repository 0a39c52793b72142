package io.tacet.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.cuda.EgruComparison.Case;
import io.tacet.egru.EgruEngine;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruVariant;
import io.tacet.memory.Leaks;
import io.tacet.reference.JavaBackend;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The engine of event-gated recurrent units that stays on the chip, in both shapes of its teams of
 * blocks: clusters, and blocks of a cooperative launch.
 */
@Tag("native")
class EgruOnChipTest {
  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  @AfterEach
  void clearProperties() {
    System.clearProperty("tacet.egru.clusters");
    System.clearProperty("tacet.launch.steps");
  }

  static List<Named<Supplier<NativeBackend>>> backends() {
    return TestBackends.all();
  }

  static Stream<Arguments> numbered() {
    return TestBackends.numbered();
  }

  /** Runs the body with each shape forced that the device has; that of clusters is refused else. */
  private static void inBothShapes(NativeBackend backend, Consumer<Boolean> body) {
    System.setProperty("tacet.egru.clusters", "off");
    body.accept(false);
    System.setProperty("tacet.egru.clusters", "on");
    if (backend.runtime().info().computeCapability() >= 90) {
      body.accept(true);
    } else {
      assertThatThrownBy(() -> plan(backend, EgruEngine.PERSISTENT, 2, 20))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("set tacet.egru.clusters to auto or off");
    }
  }

  /** Compares variants on the chip, once both passes are known to be there in this shape. */
  private static void compareOnChip(
      Case example,
      boolean clusters,
      Backend java,
      NativeBackend backend,
      EgruVariant... variants) {
    EgruPlan plan = plan(backend, EgruEngine.PERSISTENT, example.batch(), example.units());
    for (EgruPlan.Pass pass : List.of(plan.forward(), plan.backward())) {
      assertThat(pass.engine()).as(example.name()).isEqualTo(EgruEngine.PERSISTENT);
      assertThat(pass.clusters()).as(example.name()).isEqualTo(clusters);
    }
    for (EgruVariant variant : variants) {
      EgruComparison.compare(example, variant, java, backend, 2e-5, List.of(EgruEngine.PERSISTENT));
    }
  }

  /** One of both variants, the next one for the next schedule; both for cuda. */
  private static EgruVariant[] variants(int schedule, int number) {
    EgruVariant[] both = EgruVariant.values();
    return schedule < 0 ? both : new EgruVariant[] {both[(number + schedule) % both.length]};
  }

  /**
   * Up to 8 samples are a group, with rows of 1, 2, 4 or 8: those that fill one, begin the next or
   * leave one sample over in every schedule, the others in one.
   */
  @ParameterizedTest
  @MethodSource("numbered")
  void bothShapesOfTheEngineOnTheChipAreTheReferenceForEveryBatch(
      Supplier<NativeBackend> open, int schedule) {
    Set<Integer> edges = Set.of(1, 2, 3, 4, 5, 8, 9, 16, 17);
    try (Backend java = new JavaBackend(1);
        NativeBackend backend = open.get()) {
      inBothShapes(
          backend,
          clusters -> {
            for (int batch = 1; batch <= 17; batch++) {
              boolean ragged = batch % 2 == 0;
              if (edges.contains(batch) || TestBackends.takes(schedule, batch)) {
                compareOnChip(
                    new Case(
                        "batch " + batch, 2, batch, 20, 0.05, problem -> problem.ragged = ragged),
                    clusters,
                    java,
                    backend,
                    edges.contains(batch) ? EgruVariant.values() : variants(schedule, batch / 3));
              }
            }
          });
    }
  }

  @ParameterizedTest
  @MethodSource("numbered")
  void bothShapesAreTheReferenceAtTheEdgeOfWhatAClusterHolds(
      Supplier<NativeBackend> open, int schedule) {
    try (Backend java = new JavaBackend(1);
        NativeBackend backend = open.get()) {
      inBothShapes(
          backend,
          clusters -> {
            for (int units : new int[] {510, 511, 512, 514}) {
              compareOnChip(
                  new Case(units + " units", 2, 2, units, 0.05),
                  clusters,
                  java,
                  backend,
                  variants(schedule, units / 2 + (clusters ? 1 : 0)));
            }
          });
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void teamsTakeTurnsAtMoreGroupsThanThereAreTeams(Supplier<NativeBackend> open) {
    try (Backend java = new JavaBackend(1);
        NativeBackend backend = open.get()) {
      inBothShapes(
          backend,
          clusters -> {
            // A group of 8 samples more than clusters of 8 blocks that run at the same time, where
            // host execution runs 16 blocks; or three groups for two cooperative teams.
            int blocks = Math.max(16, backend.runtime().info().multiprocessors());
            int batch = clusters ? blocks / 8 * 8 + 8 : 17;
            int units = clusters ? 20 : unitsOfTwoTeams(backend, batch);
            EgruPlan plan = plan(backend, EgruEngine.PERSISTENT, batch, units);
            for (EgruPlan.Pass pass : List.of(plan.forward(), plan.backward())) {
              assertThat(pass.teams()).isGreaterThan(1).isLessThan((batch + 7) / 8);
            }
            compareOnChip(
                new Case("teams", 1, batch, units, 0.05),
                clusters,
                java,
                backend,
                EgruVariant.values());
          });
    }
  }

  /** The fewest units, in steps of 20, of which two teams are all that the device runs. */
  private static int unitsOfTwoTeams(NativeBackend backend, int batch) {
    int units = 100;
    while (plan(backend, EgruEngine.PERSISTENT, batch, units).forward().teams() > 2) {
      units += 20;
    }
    return units;
  }

  @ParameterizedTest
  @MethodSource("backends")
  void whereALaunchEndsChangesNoResult(Supplier<NativeBackend> open) {
    try (NativeBackend backend = open.get()) {
      inBothShapes(
          backend,
          clusters -> {
            for (EgruVariant variant : EgruVariant.values()) {
              EgruOptions options =
                  EgruOptions.defaults().variant(variant).engine(EgruEngine.PERSISTENT);
              EgruProblem problem = new EgruProblem(4, 4, 5, 37, 0.05, options.zoneout(0.3));
              problem.ragged = true;
              problem.training = true;
              problem.product = variant == EgruVariant.PAPER;
              System.clearProperty("tacet.launch.steps");
              Map<String, double[]> whole = problem.run(backend);
              for (int steps : new int[] {1, 3}) {
                System.setProperty("tacet.launch.steps", Integer.toString(steps));
                problem
                    .run(backend)
                    .forEach(
                        (name, values) ->
                            assertThat(values)
                                .as(name + ", " + variant + ", launches of " + steps)
                                .isEqualTo(whole.get(name)));
              }
            }
          });
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void propertiesThatSayNothingKnownAreErrors(Supplier<NativeBackend> open) {
    try (NativeBackend backend = open.get()) {
      System.setProperty("tacet.egru.clusters", "yes");
      assertThatThrownBy(() -> plan(backend, EgruEngine.PERSISTENT, 2, 20))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("tacet.egru.clusters: expected auto, on or off, got yes.");
      System.clearProperty("tacet.egru.clusters");
      System.setProperty("tacet.launch.steps", "0");
      assertThatThrownBy(() -> plan(backend, EgruEngine.PERSISTENT, 2, 20))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("tacet.launch.steps: expected at least 1, got 0.");
    }
  }

  @Test
  void clustersAreRefusedWhereThereAreNone() {
    HostExecution ampere =
        new HostExecution(HostExecution.Schedule.FORWARD, 0, 1, /* architecture= */ 80);
    try (NativeBackend host = TestBackends.host(ampere)) {
      inBothShapes(
          host,
          clusters -> {
            assertThat(clusters).isFalse();
            assertThat(plan(host, EgruEngine.PERSISTENT, 2, 20).forward().clusters()).isFalse();
          });
    }
  }

  @Test
  void aPlanSaysWhatRuns() {
    try (NativeBackend host = TestBackends.host(HostExecution.DEFAULT)) {
      assertThat(plan(host, EgruEngine.PERSISTENT, 19, 20))
          .hasToString(
              "forward PERSISTENT (clusters, 2 x 8 blocks), "
                  + "backward PERSISTENT (clusters, 2 x 8 blocks)");
      System.setProperty("tacet.egru.clusters", "off");
      assertThat(plan(host, EgruEngine.PERSISTENT, 19, 20).forward())
          .hasToString("PERSISTENT (cooperative, 3 x 5 blocks)");
      assertThat(plan(host, EgruEngine.DENSE, 2, 20)).hasToString("forward DENSE, backward DENSE");
    }
  }

  private static EgruPlan plan(NativeBackend backend, EgruEngine engine, int batch, int units) {
    return EgruComparison.ask(
        backend,
        EgruOptions.defaults().engine(engine),
        new int[] {2, batch, units},
        backend::egruPlan);
  }
}

package io.tacet.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.egru.EgruEngine;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruVariant;
import io.tacet.memory.Leaks;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Event-gated layers of replicas that share the launches of the host backend. */
@Tag("native")
@Timeout(120)
class EgruReplicaGroupTest {
  private static final int STEPS = 3;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static EgruProblem problem(EgruOptions options, int seed) {
    EgruProblem problem = new EgruProblem(seed, STEPS, 5, 11, 0.05, options);
    problem.maskSeed = 1000L * seed - 3;
    return problem;
  }

  @ParameterizedTest
  @EnumSource
  void eachReplicaIsBitForBitWhatItIsAlone(EgruEngine engine) throws Exception {
    for (EgruVariant variant : EgruVariant.values()) {
      EgruOptions options = EgruOptions.defaults().variant(variant).engine(engine).zoneout(0.3);
      ReplicaTasks.Work<Map<String, double[]>> work =
          (backend, replica) -> {
            EgruProblem problem = problem(options, replica);
            problem.training = true;
            problem.ragged = true;
            problem.reversed = true;
            problem.product = variant == EgruVariant.PAPER;
            return problem.run(backend);
          };
      for (HostExecution.Schedule schedule : TestBackends.schedules()) {
        try (NativeBackend host =
            TestBackends.host(HostExecution.DEFAULT.with(schedule).threads(2))) {
          List<Map<String, double[]>> together = ReplicaTasks.together(host, 3, work);
          for (int replica = 0; replica < together.size(); replica++) {
            Map<String, double[]> alone = work.on(host, replica);
            assertThat(together.get(replica)).containsOnlyKeys(alone.keySet());
            together
                .get(replica)
                .forEach((name, values) -> assertThat(values).as(name).isEqualTo(alone.get(name)));
          }
          assertThat(together.get(1).get("y")).isNotEqualTo(together.get(0).get("y"));
        }
      }
    }
  }

  /**
   * With steps T, alone: forward the first state and T products and updates, backward T of both,
   * the first state, and a gradient with its parts and three sums; on the chip one launch for T.
   */
  @ParameterizedTest
  @CsvSource({"EVENT, 19, 19", "DENSE, 19, 19", "PERSISTENT, 9, 11"})
  void eightHaveTheLaunchesOfOne(EgruEngine engine, long ofOne, long ofEight) throws Exception {
    EgruOptions options = EgruOptions.defaults().engine(engine);
    ReplicaTasks.Work<Map<String, double[]>> work =
        (backend, replica) -> problem(options, replica).run(backend);
    try (NativeBackend host = TestBackends.host(HostExecution.DEFAULT.threads(1))) {
      RuntimeCounts before = RuntimeCounts.now();
      work.on(host, 0);
      assertThat(RuntimeCounts.now().minus(before).launches()).isEqualTo(ofOne);
      before = RuntimeCounts.now();
      ReplicaTasks.together(host, 8, work);
      // The emulated device has 16 multiprocessors: teams of four blocks of half of the replicas
      // run on the chip at once, so that each pass takes two launches.
      assertThat(RuntimeCounts.now().minus(before).launches()).isEqualTo(ofEight);
    }
  }
}

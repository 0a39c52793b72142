package io.tacet.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.Thorough;
import io.tacet.memory.Leaks;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Exact spiking layers of replicas that share the launches of the host backend. */
@Tag("native")
@Timeout(300)
class EventPropReplicaGroupTest {
  private static final int ROOMY = 64;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static void sameAsAlone(
      Backend host, SpikingReplica.Kind kind, int replicas, int batch, int capacity)
      throws Exception {
    ReplicaTasks.Work<double[]> work =
        (backend, replica) -> new SpikingReplica(backend, kind, replica, batch).run(capacity);
    List<double[]> together = ReplicaTasks.together(host, replicas, work);
    for (int replica = 0; replica < replicas; replica++) {
      assertThat(together.get(replica))
          .as("%s, replica %d of %d with %d samples", kind, replica, replicas, batch)
          .isEqualTo(work.on(host, replica));
    }
    if (replicas > 1) {
      assertThat(together.get(1)).isNotEqualTo(together.get(0));
    }
  }

  @ParameterizedTest
  @EnumSource
  void eachReplicaIsBitForBitWhatItIsAloneInEverySchedule(SpikingReplica.Kind kind)
      throws Exception {
    for (HostExecution.Schedule schedule : TestBackends.schedules()) {
      try (NativeBackend host =
          TestBackends.host(HostExecution.DEFAULT.with(schedule).threads(2))) {
        sameAsAlone(host, kind, 2, 3, ROOMY);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @Thorough
  void soItIsForAnyNumbersOfReplicasAndSamples(SpikingReplica.Kind kind) throws Exception {
    try (NativeBackend host = TestBackends.host(HostExecution.DEFAULT.threads(2))) {
      // More samples than a warp has lanes take long with more replicas than two.
      int[][] numbers = {{1, 1}, {1, 3}, {2, 1}, {2, 33}, {5, 1}, {5, 3}};
      for (int[] each : numbers) {
        sameAsAlone(host, kind, each[0], each[1], ROOMY);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void spikesOfOneThatFindNoRoomMakeRoomForAll(SpikingReplica.Kind kind) throws Exception {
    try (NativeBackend host = TestBackends.host(HostExecution.DEFAULT.threads(2))) {
      int[] most =
          IntStream.range(0, 3)
              .map(replica -> new SpikingReplica(host, kind, replica, 3).largestCount(ROOMY))
              .toArray();
      int largest = IntStream.of(most).max().orElseThrow();
      // Enough for all but those that spike most.
      assertThat(IntStream.of(most).filter(count -> count < largest).count()).isPositive();
      sameAsAlone(host, kind, 3, 3, largest - 1);
      List<Integer> rooms =
          ReplicaTasks.together(
              host,
              3,
              (backend, replica) ->
                  new SpikingReplica(backend, kind, replica, 3).grownCapacity(largest - 1));
      assertThat(rooms).containsOnly(rooms.get(0)).first().isEqualTo(largest + largest / 4);
    }
  }

  /** Patterns with other numbers of synapses are no parts of one array. */
  @Test
  void patternsOfOtherSizesAreOneAfterTheOther() throws Exception {
    try (NativeBackend host = TestBackends.host(HostExecution.DEFAULT.threads(2))) {
      ReplicaTasks.Work<double[]> work =
          (backend, replica) ->
              new SpikingReplica(backend, SpikingReplica.Kind.COMPRESSED, replica, 3)
                  .fanOut(2 + replica)
                  .run(ROOMY);
      List<double[]> together = ReplicaTasks.together(host, 3, work);
      for (int replica = 0; replica < 3; replica++) {
        assertThat(together.get(replica)).isEqualTo(work.on(host, replica));
      }
    }
  }

  /** A workspace for three of five replicas at a time, and one that holds not even a batch. */
  @ParameterizedTest
  @CsvSource({"FEED_FORWARD, 24000", "RECURRENT, 200000", "FEED_FORWARD, 3000"})
  void aSmallWorkspaceTakesSomeOfThemAtATime(SpikingReplica.Kind kind, String bytes)
      throws Exception {
    System.setProperty("tacet.workspace", bytes);
    try (NativeBackend host = TestBackends.host(HostExecution.DEFAULT.threads(2))) {
      sameAsAlone(host, kind, 5, 3, ROOMY);
    } finally {
      System.clearProperty("tacet.workspace");
    }
  }

  @ParameterizedTest
  @EnumSource
  void eightHaveTheLaunchesOfOne(SpikingReplica.Kind kind) throws Exception {
    try (NativeBackend host = TestBackends.host(HostExecution.DEFAULT.threads(1))) {
      // So that no pass is repeated for more pending arrivals.
      new SpikingReplica(host, kind, 0, 2).run(ROOMY);
      RuntimeCounts before = RuntimeCounts.now();
      new SpikingReplica(host, kind, 0, 2).run(ROOMY);
      RuntimeCounts alone = RuntimeCounts.now().minus(before);
      RuntimeCounts two = together(host, kind, 2);
      RuntimeCounts eight = together(host, kind, 8);
      assertThat(alone.launches()).isGreaterThan(10);
      assertThat(eight.launches()).isEqualTo(alone.launches());
      // Arrays of replicas do not lie side by side, so more is filled and copied than of one alone.
      assertThat(eight.fills()).isEqualTo(two.fills());
      assertThat(eight.copiesToHost()).isEqualTo(two.copiesToHost());
    }
  }

  private static RuntimeCounts together(NativeBackend host, SpikingReplica.Kind kind, int replicas)
      throws Exception {
    RuntimeCounts before = RuntimeCounts.now();
    ReplicaTasks.together(
        host,
        replicas,
        (backend, replica) -> new SpikingReplica(backend, kind, replica, 2).run(ROOMY));
    return RuntimeCounts.now().minus(before);
  }
}

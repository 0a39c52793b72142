package io.tacet.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.dense.Activation;
import io.tacet.dense.Dense;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.ForeignMemory;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import io.tacet.optim.Adam;
import io.tacet.optim.GradientNorm;
import io.tacet.optim.Optimizer;
import io.tacet.optim.Parameter;
import io.tacet.rnn.Rnn;
import io.tacet.rnn.RnnGradients;
import io.tacet.rnn.RnnLayer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Replicas that share the launches of the host backend. */
@Tag("native")
@Timeout(120)
class ReplicaGroupTest {
  private static final int REPLICAS = 4;
  private static final int UNITS = 19;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static DeviceArray random(
      Backend backend, Resources own, SplittableRandom random, long... shape) {
    DeviceArray array = own.own(backend.allocate(DType.FLOAT32, shape));
    return array.copyFrom(random.doubles(array.length(), -1, 1).toArray());
  }

  /** Updates of a recurrent layer, of which only some replicas clip their gradient. */
  private static double[] updates(Backend backend, int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    try (Resources own = new Resources()) {
      DeviceArray recurrent = random(backend, own, random, UNITS, UNITS);
      DeviceArray bias = random(backend, own, random, UNITS);
      RnnLayer layer = new RnnLayer(recurrent, bias, Activation.TANH);
      DeviceArray currents = random(backend, own, random, 5, 3, UNITS);
      DeviceArray values = own.own(backend.allocate(DType.FLOAT32, 5, 3, UNITS));
      DeviceArray errors = random(backend, own, random, 5, 3, UNITS);
      DeviceArray ofRecurrent = own.own(backend.allocate(DType.FLOAT32, UNITS, UNITS));
      DeviceArray ofBias = own.own(backend.allocate(DType.FLOAT32, UNITS));
      DeviceArray ofCurrents = own.own(backend.allocate(DType.FLOAT32, 5, 3, UNITS));
      DeviceArray rows = own.own(backend.of(IntStream.range(12, 15).toArray()));
      DeviceArray read = own.own(backend.allocate(DType.FLOAT32, 3, UNITS));
      DeviceArray product = own.own(backend.allocate(DType.FLOAT32, 3, UNITS));
      List<Parameter> parameters =
          List.of(
              Parameter.weights("recurrent", recurrent, ofRecurrent),
              Parameter.bounded("bias", bias, ofBias, -0.5, 0.5, 1));
      List<Double> results = new ArrayList<>();
      try (Optimizer optimizer = Adam.rate(0.01).create(parameters)) {
        for (int update = 0; update < 3; update++) {
          ofRecurrent.zero();
          ofBias.zero();
          Rnn.forward(layer, currents, null, values, null);
          Dense.gatherRows(values, rows, read);
          Dense.multiplyTransposed(read, recurrent, false, product);
          Dense.dropout(product, 0.5, seed, 1, product.length(), product);
          Rnn.backward(
              layer, values, null, errors, new RnnGradients(ofCurrents, ofRecurrent, ofBias, null));
          results.add(GradientNorm.of(parameters));
          GradientNorm.clip(parameters, seed % 2 == 0 ? 0.5 : 1000);
          optimizer.step(1);
          Arrays.stream(product.toDoubles()).forEach(results::add);
        }
      }
      for (DeviceArray array : List.of(recurrent, bias, values, ofRecurrent)) {
        Arrays.stream(array.toDoubles()).forEach(results::add);
      }
      return results.stream().mapToDouble(x -> x).toArray();
    }
  }

  @Test
  void eachReplicaIsBitForBitWhatItIsAlone() throws Exception {
    for (HostExecution.Schedule schedule : TestBackends.schedules()) {
      try (NativeBackend host =
          TestBackends.host(HostExecution.DEFAULT.with(schedule).threads(2))) {
        List<double[]> together = ReplicaTasks.together(host, REPLICAS, ReplicaGroupTest::updates);
        for (int replica = 0; replica < REPLICAS; replica++) {
          assertThat(together.get(replica)).isEqualTo(updates(host, replica));
        }
        assertThat(together.get(1)).isNotEqualTo(together.get(0));
      }
    }
  }

  @Test
  void operationsThatAllCallHaveTheLaunchesOfOne() throws Exception {
    ReplicaTasks.Work<Double> work =
        (backend, seed) -> {
          try (Resources own = new Resources()) {
            SplittableRandom random = new SplittableRandom(seed);
            DeviceArray a = random(backend, own, random, 40, UNITS);
            DeviceArray b = random(backend, own, random, UNITS, 7);
            DeviceArray c = own.own(backend.allocate(DType.FLOAT32, 40, 7));
            DeviceArray sums = own.own(backend.allocate(DType.FLOAT32, 7));
            Dense.multiply(a, b, false, c);
            Dense.activate(c, Activation.TANH);
            Dense.addToRows(c, sums);
            Dense.addColumnSums(c, sums);
            return sums.toDoubles()[0];
          }
        };
    try (NativeBackend host = TestBackends.host(HostExecution.DEFAULT.threads(1))) {
      work.on(host, 0);
      RuntimeCounts before = RuntimeCounts.now();
      work.on(host, 0);
      RuntimeCounts alone = RuntimeCounts.now().minus(before);
      ReplicaTasks.together(host, REPLICAS, work);
      before = RuntimeCounts.now();
      ReplicaTasks.together(host, REPLICAS, work);
      RuntimeCounts shared = RuntimeCounts.now().minus(before);
      assertThat(shared.launches()).isEqualTo(alone.launches()).isGreaterThanOrEqualTo(4);
      // One array of a group is made and filled to see that it is no heap.
      assertThat(shared.fills()).isEqualTo(alone.fills() + 1);
      assertThat(shared.allocations()).isEqualTo(alone.allocations() + 1);
      assertThat(shared.copiesFromHost()).isEqualTo(alone.copiesFromHost());
      assertThat(shared.copiesToHost()).isEqualTo(alone.copiesToHost());
    }
  }

  @Test
  void replicasMayDifferInWhatTheyAllocateAndCallAndInWhenTheyEnd() throws Exception {
    ReplicaTasks.Work<double[]> work =
        (backend, replica) -> {
          if (replica == 3) {
            return new double[] {0};
          }
          try (Resources own = new Resources()) {
            SplittableRandom random = new SplittableRandom(replica);
            DeviceArray x = random(backend, own, random, 6 + replica % 2, 5);
            DeviceArray sums = own.own(backend.allocate(DType.FLOAT32, 5));
            for (int k = 0; k <= replica; k++) {
              Dense.addColumnSums(x, sums);
              if (k % 2 == 0) {
                Dense.activate(x, Activation.SIGMOID);
              }
            }
            double[] values = sums.toDoubles();
            if (replica == 0) {
              return values;
            }
            try (DeviceArray more = backend.of(new float[] {replica})) {
              Dense.activate(more, Activation.TANH);
              return new double[] {values[0], more.toDoubles()[0]};
            }
          }
        };
    try (NativeBackend host = TestBackends.host(HostExecution.DEFAULT.threads(1))) {
      List<double[]> together = ReplicaTasks.together(host, REPLICAS, work);
      for (int replica = 0; replica < REPLICAS; replica++) {
        assertThat(together.get(replica)).isEqualTo(work.on(host, replica));
      }
      assertThat(host.arrayBytes().open()).isZero();
    }
  }

  @Test
  void anArrayMayBeClosedBeforeItsOperationsHaveBeenDone() throws Exception {
    ReplicaTasks.Work<Double> work =
        (backend, replica) -> {
          try (DeviceArray sums = backend.of(new float[] {1, 2, 3})) {
            try (DeviceArray row = backend.of(new float[] {replica, 0, 1})) {
              Dense.addToRows(sums, row);
            }
            return sums.toDoubles()[0];
          }
        };
    try (NativeBackend host = TestBackends.host(HostExecution.DEFAULT.threads(1))) {
      assertThat(ReplicaTasks.together(host, REPLICAS, work)).containsExactly(1.0, 2.0, 3.0, 4.0);
      assertThat(host.arrayBytes().open()).isZero();
    }
  }

  @Test
  void whenAReplicaFailsTheOthersStopAndNothingStaysOpen() {
    try (NativeBackend host = TestBackends.host(HostExecution.DEFAULT.threads(1))) {
      List<String> stopped = new ArrayList<>();
      assertThatThrownBy(
              () ->
                  ReplicaTasks.together(
                      host,
                      REPLICAS,
                      (backend, replica) -> {
                        try (DeviceArray x = backend.of(new float[] {1})) {
                          x.toFloats();
                          if (replica == 0) {
                            throw new ArithmeticException("diverged");
                          }
                          Dense.activate(x, Activation.TANH);
                          return x.toFloats();
                        } catch (IllegalStateException e) {
                          synchronized (stopped) {
                            stopped.add(e.getMessage());
                          }
                          throw e;
                        }
                      }))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(ArithmeticException.class);
      assertThat(stopped).hasSize(REPLICAS - 1).allMatch(text -> text.contains("has failed"));
      assertThat(host.arrayBytes().open()).isZero();
    }
  }

  @Test
  void aFailedOperationIsThatOfItsReplica() throws Exception {
    try (NativeBackend host = TestBackends.host(HostExecution.DEFAULT.threads(1))) {
      List<Boolean> failed =
          ReplicaTasks.together(
              host,
              REPLICAS,
              (backend, replica) -> {
                try (DeviceArray x = backend.of(new float[] {replica})) {
                  if (replica == 2) {
                    assertThatThrownBy(() -> backend.allocate(DType.FLOAT64, 3).close())
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("FLOAT64");
                    assertThatThrownBy(() -> backend.allocate(DType.FLOAT32, 0))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("got [0]");
                    ByteBuffer memory = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
                    assertThatThrownBy(
                            () -> backend.wrap(ForeignMemory.of(memory.asFloatBuffer()), 2))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContainingAll("memory", "Buffers.copy");
                  }
                  assertThat(backend.name()).isEqualTo("host");
                  assertThat(backend.description()).contains("replica " + (replica + 1) + " of 4");
                  assertThat(backend.memory()).isEqualTo(host.memory() / REPLICAS);
                  assertThat(backend.arrayBytes().open()).isEqualTo(4);
                  backend.synchronize();
                  return x.toFloats()[0] == replica;
                }
              });
      assertThat(failed).containsOnly(true);
    }
  }
}

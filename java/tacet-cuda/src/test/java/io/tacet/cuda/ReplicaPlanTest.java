package io.tacet.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.eventprop.LifParameters;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import io.tacet.simulation.DelayedSynapses;
import io.tacet.simulation.LifNetwork;
import io.tacet.simulation.PoissonInput;
import io.tacet.simulation.Simulation;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.EventPropagation;
import io.tacet.sparse.Events;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the host backend prepares for each of several replicas, which use theirs in turn. */
@Tag("native")
@Timeout(120)
class ReplicaPlanTest {
  private static final int REPLICAS = 3;
  private static final int UNITS = 20;
  private static final int FAN_OUT = 4;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static int[] offsets() {
    return IntStream.rangeClosed(0, UNITS).map(i -> i * FAN_OUT).toArray();
  }

  /** Ascending in each row. */
  private static int[] targets() {
    return IntStream.range(0, UNITS * FAN_OUT)
        .map(e -> e % FAN_OUT * 5 + e / FAN_OUT % 5)
        .toArray();
  }

  private static DeviceArray filled(Backend backend, double value) {
    return backend.allocate(DType.FLOAT32, 1).copyFrom(new double[] {value});
  }

  /** All three products, several times, by weights of the replica's own. */
  private static double[] propagate(Backend backend, int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    try (Resources own = new Resources()) {
      double[] weights = random.doubles((long) UNITS * FAN_OUT, -1, 1).toArray();
      CsrSynapses synapses =
          own.own(
              CsrSynapses.of(backend, DType.FLOAT32, UNITS, UNITS, offsets(), targets(), weights));
      Events events = own.own(Events.graded(backend, DType.FLOAT32, 2, UNITS));
      DeviceArray activity = own.own(backend.allocate(DType.FLOAT32, 2, UNITS));
      DeviceArray currents = own.own(backend.allocate(DType.FLOAT32, 2, UNITS));
      DeviceArray sums = own.own(backend.allocate(DType.FLOAT32, 2, UNITS));
      DeviceArray gradient = own.own(backend.allocate(DType.FLOAT32, synapses.count()));
      EventPropagation propagation = own.own(EventPropagation.of(synapses, 2));
      for (int step = 0; step < 5; step++) {
        activity.copyFrom(random.doubles(2L * UNITS).map(x -> x < 0.5 ? 0 : x).toArray());
        events.compact(activity);
        propagation.forward(events, currents);
        propagation.transposed(events, currents, sums);
        propagation.weightGradient(events, currents, gradient);
      }
      return Stream.of(currents, sums, gradient)
          .flatMapToDouble(array -> Arrays.stream(array.toDoubles()))
          .toArray();
    }
  }

  /** Spikes and potentials of a network that its input drives. */
  private static double[] simulate(Backend backend, int seed) {
    try (Resources own = new Resources()) {
      float[] weights = new float[UNITS * FAN_OUT];
      Arrays.fill(weights, 1.5f);
      short[] delays = new short[weights.length];
      Arrays.fill(delays, (short) 3);
      double[] rates = DoubleStream.generate(() -> 1.5).limit(UNITS).toArray();
      double[] sizes = DoubleStream.generate(() -> 3).limit(UNITS).toArray();
      LifParameters neurons =
          new LifParameters(
              filled(backend, 10),
              filled(backend, 0.5),
              filled(backend, 15),
              filled(backend, 0),
              filled(backend, 0));
      LifNetwork network =
          own.own(
              new LifNetwork(
                  neurons,
                  5,
                  0.1,
                  DelayedSynapses.of(backend, DType.FLOAT32, offsets(), targets(), weights, delays),
                  PoissonInput.of(backend, DType.FLOAT32, rates, sizes, seed)));
      Simulation simulation = own.own(new Simulation(network));
      DoubleStream.Builder spikes = DoubleStream.builder();
      for (int part = 0; part < 4; part++) {
        simulation.advance(50, (step, neuron) -> spikes.add((double) (step * UNITS + neuron)));
      }
      double[] found = spikes.build().toArray();
      assertThat(found).isNotEmpty();
      return DoubleStream.concat(
              DoubleStream.of(found), DoubleStream.of(simulation.potentials().toDoubles()))
          .toArray();
    }
  }

  private static void isThatOfEachAlone(ReplicaTasks.Work<double[]> work) throws Exception {
    try (NativeBackend host = TestBackends.host(HostExecution.DEFAULT.threads(1))) {
      List<double[]> together = ReplicaTasks.together(host, REPLICAS, work);
      for (int replica = 0; replica < REPLICAS; replica++) {
        assertThat(together.get(replica)).isEqualTo(work.on(host, replica));
      }
      assertThat(together.get(1)).isNotEqualTo(together.get(0));
      assertThat(host.arrayBytes().open()).isZero();
    }
  }

  @Test
  void propagationIsThatOfEachAlone() throws Exception {
    isThatOfEachAlone(ReplicaPlanTest::propagate);
  }

  @Test
  void simulationsAreThoseOfEachAlone() throws Exception {
    isThatOfEachAlone(ReplicaPlanTest::simulate);
  }

  @Test
  void whatWasPreparedIsFreedWhenAReplicaFails() {
    try (NativeBackend host = TestBackends.host(HostExecution.DEFAULT.threads(1))) {
      assertThatThrownBy(
              () ->
                  ReplicaTasks.together(
                      host,
                      REPLICAS,
                      (backend, replica) -> {
                        if (replica == 0) {
                          backend.synchronize();
                          throw new ArithmeticException("diverged");
                        }
                        return propagate(backend, replica);
                      }))
          .isInstanceOf(ExecutionException.class)
          .hasMessageContaining("diverged");
      assertThat(host.arrayBytes().open()).isZero();
    }
  }
}

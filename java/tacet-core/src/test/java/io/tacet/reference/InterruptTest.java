package io.tacet.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.InterruptedPassException;
import io.tacet.eventprop.LifLayer;
import io.tacet.eventprop.LifParameters;
import io.tacet.eventprop.Simulator;
import io.tacet.eventprop.SpikeLimit;
import io.tacet.eventprop.Spikes;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import io.tacet.sparse.DenseSynapses;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Passes of the java backend whose thread is interrupted. */
class InterruptTest {
  private static final int NEURONS = 40;

  /** Runs in a thread of its own, interrupts it once {@code begun}, and returns what it threw. */
  private static Throwable interrupted(CountDownLatch begun, long millis, Runnable work)
      throws InterruptedException {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    AtomicInteger flag = new AtomicInteger();
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (RuntimeException | Error e) {
                thrown.set(e);
              }
              flag.set(Thread.currentThread().isInterrupted() ? 1 : 0);
            });
    thread.start();
    assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
    Thread.sleep(millis);
    thread.interrupt();
    thread.join(60_000);
    assertThat(thread.isAlive()).as("still runs a minute after the interrupt").isFalse();
    assertThat(flag.get()).as("interrupt status afterwards").isEqualTo(1);
    return thrown.get();
  }

  private static DeviceArray array(Backend backend, int count, double value) {
    double[] values = new double[count];
    Arrays.fill(values, value);
    return backend.allocate(DType.FLOAT64, count).copyFrom(values);
  }

  /** Neurons that excite one another for as long as they may. */
  private static LifLayer endless(Backend java, Resources open) {
    LifParameters lif =
        open.own(
            new LifParameters(
                array(java, 1, 20),
                array(java, 1, 5),
                array(java, 1, 1),
                array(java, 1, 0),
                array(java, 1, 0)));
    DenseSynapses input = new DenseSynapses(1, NEURONS, array(java, NEURONS, 1e6), null);
    DenseSynapses recurrent =
        new DenseSynapses(NEURONS, NEURONS, array(java, NEURONS * NEURONS, 50), null);
    return new LifLayer(open.own(input), open.own(recurrent), lif, 1000)
        .limit(SpikeLimit.perSample(1 << 24));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void aPassThatWouldTakeMinutesStops(int threads) throws InterruptedException {
    try (JavaBackend java = new JavaBackend(threads);
        Resources open = new Resources()) {
      LifLayer layer = endless(java, open);
      Spikes input = open.own(Spikes.inputs(java, DType.FLOAT64, 3, 1));
      input.set(new double[][] {{1}, {1}, {1}}, new int[][] {{0}, {0}, {0}});
      Spikes output = open.own(Spikes.outputs(java, DType.FLOAT64, 3, 4));
      CountDownLatch begun = new CountDownLatch(1);
      Throwable thrown =
          interrupted(
              begun,
              200,
              () -> {
                begun.countDown();
                Simulator.exact().forwardGrowing(layer, input, output);
              });
      assertThat(thrown).isInstanceOf(InterruptedPassException.class);
      assertThat(thrown).hasMessageContaining("interrupt");
      // The backend can be used again, and so can what the pass was writing.
      LifLayer short1 = layer.limit(SpikeLimit.perSample(100));
      assertThatThrownBy(() -> Simulator.exact().forwardGrowing(short1, input, output))
          .isInstanceOf(ArithmeticException.class)
          .hasMessageContaining("more than 100 spikes");
      Spikes none = open.own(Spikes.inputs(java, DType.FLOAT64, 3, 1));
      assertThat(Simulator.exact().forwardGrowing(layer, none, output)).isSameAs(output);
      assertThat(output.largestCount()).isZero();
    }
    assertThat(Leaks.open()).isZero();
  }

  @Test
  void aPassOfAnInterruptedThreadDoesNotBegin() throws InterruptedException {
    try (JavaBackend java = new JavaBackend(1);
        Resources open = new Resources()) {
      LifLayer layer = endless(java, open);
      Spikes input = open.own(Spikes.inputs(java, DType.FLOAT64, 1, 1));
      Spikes output = open.own(Spikes.outputs(java, DType.FLOAT64, 1, 4));
      CountDownLatch begun = new CountDownLatch(0);
      Throwable thrown =
          interrupted(
              begun,
              0,
              () -> {
                while (!Thread.currentThread().isInterrupted()) {
                  Thread.onSpinWait();
                }
                Simulator.grid(1).forward(layer, input, output);
              });
      assertThat(thrown).isInstanceOf(InterruptedPassException.class);
    }
    assertThat(Leaks.open()).isZero();
  }

  /** Only the workers have something to do when the interrupt comes. */
  @Test
  void workersStopWhenTheirCallerIsInterrupted() throws InterruptedException {
    try (Workers workers = new Workers(3)) {
      for (int round = 0; round < 20; round++) {
        CountDownLatch begun = new CountDownLatch(3);
        AtomicInteger left = new AtomicInteger();
        Throwable thrown =
            interrupted(
                begun,
                0,
                () ->
                    workers.run(
                        100,
                        (task, worker) -> {
                          begun.countDown();
                          while (worker > 0) {
                            InterruptedPassException.check();
                          }
                          waitFor(begun);
                          left.incrementAndGet();
                        }));
        assertThat(thrown).isInstanceOf(InterruptedPassException.class);
        // What an interrupt left behind does not reach the next call.
        AtomicInteger done = new AtomicInteger();
        workers.run(
            1000,
            (task, worker) -> {
              InterruptedPassException.check();
              done.incrementAndGet();
            });
        assertThat(done.get()).isEqualTo(1000);
      }
    }
  }

  private static void waitFor(CountDownLatch latch) {
    while (latch.getCount() > 0) {
      Thread.onSpinWait();
    }
  }

  @Test
  void anUpdateInPlaceRunsToItsEnd() throws InterruptedException {
    try (Workers workers = new Workers(2)) {
      CountDownLatch begun = new CountDownLatch(1);
      AtomicInteger done = new AtomicInteger();
      Throwable thrown =
          interrupted(
              begun,
              0,
              () ->
                  workers.runToEnd(
                      200,
                      (task, worker) -> {
                        begun.countDown();
                        pause();
                        done.incrementAndGet();
                      }));
      assertThat(thrown).isNull();
      assertThat(done.get()).isEqualTo(200);
    }
  }

  private static void pause() {
    long until = System.nanoTime() + 200_000;
    while (System.nanoTime() < until) {
      Thread.onSpinWait();
    }
  }
}

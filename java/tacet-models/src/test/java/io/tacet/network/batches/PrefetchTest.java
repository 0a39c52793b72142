package io.tacet.network.batches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.InterruptedPassException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class PrefetchTest {
  @Test
  void theNextBatchIsPreparedWhileThePresentOneIsInUse() throws InterruptedException {
    CountDownLatch prepared = new CountDownLatch(1);
    try (Prefetch<Integer> prefetch = new Prefetch<>()) {
      int first =
          prefetch.take(
              0,
              0,
              2,
              k -> {
                if (k == 1) {
                  prepared.countDown();
                }
                return 10 * k;
              });
      assertThat(first).isZero();
      assertThat(prepared.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(
              prefetch.take(
                  0,
                  1,
                  2,
                  k -> {
                    throw new AssertionError("prepared twice");
                  }))
          .isEqualTo(10);
    }
  }

  @Test
  void eachBatchIsPreparedOnceAndWhatIsAskedForIsGiven() {
    List<Integer> made = new CopyOnWriteArrayList<>();
    try (Prefetch<String> prefetch = new Prefetch<>()) {
      for (int epoch = 0; epoch < 2; epoch++) {
        int e = epoch;
        for (int k = 0; k < 3; k++) {
          String batch =
              prefetch.take(
                  e,
                  k,
                  3,
                  n -> {
                    made.add(n);
                    return e + "/" + n;
                  });
          assertThat(batch).isEqualTo(e + "/" + k);
        }
      }
      assertThat(made).containsExactly(0, 1, 2, 0, 1, 2);
      // A resumed training begins in the middle.
      assertThat(prefetch.take(7, 2, 3, n -> "seven")).isEqualTo("seven");
      assertThat(prefetch.take(7, 1, 3, n -> "one" + n)).isEqualTo("one1");
    }
  }

  @Test
  void anErrorOfPreparingIsThrownWhereTheBatchIsTaken() {
    try (Prefetch<Integer> prefetch = new Prefetch<>()) {
      prefetch.take(0, 0, 2, k -> fail(k));
      assertThatThrownBy(() -> prefetch.take(0, 1, 2, k -> k))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("batch 1 is broken");
    }
  }

  private static int fail(int batch) {
    if (batch == 1) {
      throw new IllegalStateException("batch 1 is broken");
    }
    return batch;
  }

  @Test
  void anInterruptEndsTheWait() {
    CountDownLatch never = new CountDownLatch(1);
    try (Prefetch<Integer> prefetch = new Prefetch<>()) {
      prefetch.take(0, 0, 2, k -> k == 0 ? 0 : await(never));
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> prefetch.take(0, 1, 2, k -> k))
          .isInstanceOf(InterruptedPassException.class);
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  private static int await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return 1;
  }
}

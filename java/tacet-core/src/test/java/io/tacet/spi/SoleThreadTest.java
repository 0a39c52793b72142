package io.tacet.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SoleThreadTest {
  /** A family of kernels. */
  interface Sums {
    int sum(int first, int second);
  }

  private final SoleThread callers = new SoleThread();

  /** Does something while a thread of that name is inside. */
  private void whileInside(String name, Runnable body) throws InterruptedException {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    Thread thread =
        new Thread(
            () ->
                callers.run(
                    () -> {
                      inside.countDown();
                      try {
                        leave.await();
                      } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                      }
                    }),
            name);
    thread.start();
    inside.await();
    try {
      body.run();
    } finally {
      leave.countDown();
      thread.join();
    }
  }

  @Test
  void aSecondThreadIsRefusedByName() throws InterruptedException {
    Sums sums = callers.guard(Sums.class, Integer::sum);
    whileInside(
        "first",
        () -> {
          assertThatThrownBy(() -> sums.sum(1, 2))
              .isInstanceOf(IllegalStateException.class)
              .hasMessage(
                  "The backend is computing for the thread 'first'; expected no call of another"
                      + " before that is over, got one of '"
                      + Thread.currentThread().getName()
                      + "'. One thread drives a backend at a time: open a backend for each.");
          assertThatThrownBy(callers::enter).isInstanceOf(IllegalStateException.class);
        });
    assertThat(sums.sum(1, 2)).isEqualTo(3);
  }

  @Test
  void aThreadWithoutANameIsNumbered() throws InterruptedException {
    whileInside(
        "", () -> assertThatThrownBy(callers::enter).hasMessageContaining("for the thread '#"));
  }

  @Test
  void aThreadThatIsInsideEntersAgain() {
    Sums sums = callers.guard(Sums.class, Integer::sum);
    callers.run(() -> assertThat(sums.sum(1, sums.sum(2, 3))).isEqualTo(6));
    assertThat(callers.enter()).isTrue();
    assertThat(callers.enter()).isFalse();
    callers.leave(false);
    assertThat(callers.enter()).isFalse();
    callers.leave(true);
    assertThat(callers.enter()).isTrue();
  }

  @Test
  void whoFailsLeaves() throws InterruptedException {
    Sums sums = callers.guard(Sums.class, Math::floorDiv);
    assertThatThrownBy(() -> sums.sum(1, 0)).isInstanceOf(ArithmeticException.class);
    Thread other = new Thread(() -> callers.run(() -> {}));
    Throwable[] failure = new Throwable[1];
    other.setUncaughtExceptionHandler((thread, e) -> failure[0] = e);
    other.start();
    other.join();
    assertThat(failure[0]).isNull();
  }
}

package io.tacet.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tacet.Backend;
import io.tacet.dense.Dense;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a thread is told that uses a native backend while another computes on it. */
@Tag("native")
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class SecondThreadTest {
  private static final int EXTENT = 384;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  /** What the second thread does, with an array [2, 2] of its own. */
  enum Call {
    OPERATION,
    COPY_FROM_HOST,
    COPY_TO_HOST,
    WAIT,
    CLOSE;

    void make(Backend backend, DeviceArray mine) {
      switch (this) {
        case OPERATION -> Dense.multiply(mine, mine, true, mine);
        case COPY_FROM_HOST -> mine.copyFrom(new float[4]);
        case COPY_TO_HOST -> mine.toFloats();
        case WAIT -> backend.synchronize();
        case CLOSE -> backend.close();
      }
    }
  }

  /** A product that takes a second; tries again where the other thread was first. */
  private static void multiply(DeviceArray values, DeviceArray product) {
    Throwable refused;
    do {
      refused = catchThrowable(() -> Dense.multiply(values, values, false, product));
    } while (refused instanceof IllegalStateException);
    assertThat(refused).isNull();
  }

  @ParameterizedTest
  @EnumSource
  void isRefused(Call call) throws InterruptedException {
    float[] ones = new float[EXTENT * EXTENT];
    Arrays.fill(ones, 1);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    try (NativeBackend host = TestBackends.host(HostExecution.DEFAULT);
        DeviceArray values = host.of(ones, EXTENT, EXTENT);
        DeviceArray product = host.allocate(DType.FLOAT32, EXTENT, EXTENT);
        DeviceArray mine = host.allocate(DType.FLOAT32, 2, 2)) {
      Thread first =
          new Thread(() -> failure.set(catchThrowable(() -> multiply(values, product))), "first");
      first.start();
      // From the first refusal on, the product is being computed.
      while (catchThrowable(host::synchronize) == null) {
        assertThat(first.isAlive()).isTrue();
      }
      assertThatThrownBy(() -> call.make(host, mine))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("is computing for the thread 'first'")
          .hasMessageContaining("'" + Thread.currentThread().getName() + "'")
          .hasMessageEndingWith("open a backend for each.");
      // What anybody may do.
      host.allocate(DType.FLOAT32, 2).close();
      assertThat(host.arrayBytes().open()).isPositive();
      first.join();
      assertThat(failure.get()).isNull();
      assertThat(product.toFloats()).containsOnly(EXTENT);
    }
  }
}

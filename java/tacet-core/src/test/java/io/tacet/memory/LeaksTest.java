package io.tacet.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.reference.JavaBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** What is said about arrays that nobody closed. */
class LeaksTest {
  @Test
  void theFirstFewAreToldOneByOneAndThenOnlyTheirNumber() {
    List<String> said = new ArrayList<>();
    LeakWarnings warnings = new LeakWarnings((message, origin) -> said.add(message));
    for (int k = 0; k < 12_345; k++) {
      warnings.add("Array " + k, null);
    }
    assertThat(warnings.count()).isEqualTo(12_345);
    assertThat(said).hasSize(LeakWarnings.WHOLE + 4);
    for (int k = 0; k < LeakWarnings.WHOLE; k++) {
      assertThat(said.get(k))
          .startsWith("Array " + k + " became unreachable without close()")
          .contains("-Dtacet.memory.trace=true");
    }
    assertThat(said.get(LeakWarnings.WHOLE)).startsWith("10 arrays so far became unreachable");
    assertThat(said.get(said.size() - 1)).startsWith("10000 arrays so far became unreachable");
  }

  @Test
  void theReportSaysWhereAnArrayWasAllocatedIfThatIsKnown() {
    List<Throwable> origins = new ArrayList<>();
    LeakWarnings warnings =
        new LeakWarnings(
            (message, origin) -> {
              assertThat(message).doesNotContain("tacet.memory.trace");
              origins.add(origin);
            });
    Throwable here = new Throwable("allocated here");
    warnings.add("An array", here);
    assertThat(origins).containsExactly(here);
  }

  @Test
  void thousandsOfForgottenArraysAreAHandfulOfWarnings() throws InterruptedException {
    Logger logger = Logger.getLogger("io.tacet.memory");
    List<LogRecord> records = new ArrayList<>();
    Handler handler = new Recorder(records);
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
    try (JavaBackend java = new JavaBackend(1)) {
      long before = Leaks.collected();
      for (int k = 0; k < 3000; k++) {
        forget(java);
      }
      for (int wait = 0; wait < 1000 && Leaks.collected() < before + 3000; wait++) {
        System.gc();
        Thread.sleep(10);
      }
      assertThat(Leaks.collected()).isEqualTo(before + 3000);
      assertThat(Leaks.open()).isZero();
      synchronized (records) {
        assertThat(records).hasSizeBetween(3, LeakWarnings.WHOLE + 4);
      }
    } finally {
      logger.removeHandler(handler);
      logger.setUseParentHandlers(true);
    }
  }

  @SuppressWarnings("MustBeClosed")
  private static void forget(JavaBackend java) {
    assertThat(java.allocate(DType.INT32, 1).length()).isEqualTo(1);
  }

  /** Keeps what the cleaner's thread logs. */
  private static final class Recorder extends Handler {
    private final List<LogRecord> records;

    Recorder(List<LogRecord> records) {
      this.records = records;
    }

    @Override
    public void publish(LogRecord entry) {
      synchronized (records) {
        records.add(entry);
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}

package io.tacet.bench;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ends the process if something hangs: a thread that waits for a device in native code cannot be
 * stopped in any other way. Closed in time, it does nothing.
 */
final class Watchdog implements AutoCloseable {
  private final CountDownLatch over = new CountDownLatch(1);

  /**
   * @param seconds after which the process ends with status {@value Suite#AGAIN}
   * @param last action run before
   */
  Watchdog(int seconds, Runnable last) {
    Thread thread =
        new Thread(
            () -> {
              if (!awaits(seconds)) {
                last.run();
                // No hook may wait for the thread that hangs.
                Runtime.getRuntime().halt(Suite.AGAIN);
              }
            },
            "watchdog");
    thread.setDaemon(true);
    thread.start();
  }

  private boolean awaits(int seconds) {
    try {
      return over.await(seconds, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  @Override
  public void close() {
    over.countDown();
  }
}

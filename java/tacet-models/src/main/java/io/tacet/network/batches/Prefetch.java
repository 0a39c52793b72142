package io.tacet.network.batches;

import io.tacet.InterruptedPassException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/**
 * Prepares the next batch of an epoch on a thread of its own while the present one is computed.
 * What is prepared depends on the number of the batch only, so that nothing changes but the time.
 */
final class Prefetch<T> implements AutoCloseable {
  private ExecutorService thread;
  private int epoch;
  private int number = -1;
  private Future<T> ahead;

  /**
   * A batch; the one after it is begun.
   *
   * @param wantedEpoch its epoch
   * @param wanted its number
   * @param count number of batches of the epoch
   * @param prepare makes the batch of a number of this epoch, on any thread
   */
  T take(int wantedEpoch, int wanted, int count, IntFunction<T> prepare) {
    boolean ready = ahead != null && epoch == wantedEpoch && number == wanted;
    T batch = ready ? await(ahead) : prepare.apply(wanted);
    ahead = null;
    if (wanted + 1 < count) {
      if (thread == null) {
        thread = Executors.newSingleThreadExecutor(Prefetch::daemon);
      }
      epoch = wantedEpoch;
      number = wanted + 1;
      ahead = thread.submit(() -> prepare.apply(wanted + 1));
    }
    return batch;
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "tacet-batches");
    thread.setDaemon(true);
    return thread;
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedPassException();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) e.getCause();
    }
  }

  @Override
  public void close() {
    if (thread != null) {
      thread.shutdownNow();
    }
  }
}

package io.tacet.training;

import io.tacet.Backend;
import io.tacet.Backends;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Independent trainings of networks of one shape, or other work, with other seeds or settings.
 * Networks are small and many in most publications: then cores are better used by one network each
 * than by all of them on one.
 *
 * <p>On the java backend replicas run over the cores, with one thread each. On other backends they
 * run one after the other: replicas that share the launches of a GPU, as a leading axis of all
 * arrays, are not offered. Since results of an operation do not depend on the number of threads,
 * each replica is bit for bit what it is alone.
 */
public final class Replicas {
  private Replicas() {}

  /** What is done for one replica. */
  public interface Work<T> {
    /**
     * Does it.
     *
     * @param backend open during the call only; used by no other replica meanwhile
     * @param index from 0
     */
    T on(Backend backend, int index) throws Exception;
  }

  /** How many replicas of {@code count} run at once on the java backend. */
  public static int atOnce(int count) {
    return Math.max(1, Math.min(count, Runtime.getRuntime().availableProcessors()));
  }

  /**
   * Does work for the indices 0 to {@code count - 1}.
   *
   * @param backend its name: java, host, cuda or auto
   * @param work called by several threads at once on the java backend
   * @return results in the order of indices
   * @throws IOException the failure of the first index that failed, as are runtime exceptions; all
   *     others have ended then
   */
  public static <T> List<T> each(String backend, int count, Work<T> work) throws IOException {
    if (count < 0) {
      throw new IllegalArgumentException("count: expected at least 0, got " + count + ".");
    }
    String name;
    try (Backend first = Backends.open(backend)) {
      name = first.name();
      if (!name.equals("java")) {
        List<T> results = new ArrayList<>();
        for (int index = 0; index < count; index++) {
          results.add(on(first, index, work));
        }
        return results;
      }
    }
    return overCores(name, count, work);
  }

  private static <T> List<T> overCores(String backend, int count, Work<T> work) throws IOException {
    ExecutorService pool = Executors.newFixedThreadPool(atOnce(count));
    try {
      List<Future<T>> running = new ArrayList<>();
      for (int index = 0; index < count; index++) {
        int own = index;
        running.add(
            pool.submit(
                () -> {
                  try (Backend one = Backends.open(backend, 1)) {
                    return work.on(one, own);
                  }
                }));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : running) {
        results.add(future.get());
      }
      return results;
    } catch (ExecutionException e) {
      throw failed(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while replicas were running.", e);
    } finally {
      pool.shutdownNow();
      awaitEnd(pool);
    }
  }

  private static <T> T on(Backend backend, int index, Work<T> work) throws IOException {
    try {
      return work.on(backend, index);
    } catch (Exception e) {
      throw failed(e);
    }
  }

  /** What the others hold is released when they have seen that they were interrupted. */
  private static void awaitEnd(ExecutorService pool) {
    boolean interrupted = Thread.interrupted();
    boolean ended = false;
    while (!ended) {
      try {
        ended = pool.awaitTermination(1, TimeUnit.DAYS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static RuntimeException failed(Throwable cause) throws IOException {
    if (cause instanceof Error error) {
      throw error;
    }
    if (cause instanceof IOException failed) {
      throw failed;
    }
    return cause instanceof RuntimeException known
        ? known
        : new IllegalStateException("A replica failed: " + cause, cause);
  }
}

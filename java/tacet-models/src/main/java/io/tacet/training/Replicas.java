package io.tacet.training;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.replica.ReplicaGroup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Independent trainings of networks of one shape, or other work, with other seeds or settings.
 * Networks are small and many in most publications: then cores are better used by one network each
 * than by all of them on one, and a GPU by all networks in each launch.
 *
 * <p>On the java backend replicas run over the cores, with one thread each. On other backends they
 * share launches, as a {@link ReplicaGroup}: its documentation says which operations do. Either way
 * each replica is what it is alone, bit for bit, except for products by cuBLAS, which agree up to
 * rounding.
 *
 * <p>The property {@code tacet.replicas} says how many of them share launches at most, 32 unless
 * set; with 1 they run one after the other. They take memory together.
 */
public final class Replicas {
  private static final String MOST_PROPERTY = "tacet.replicas";
  private static final int MOST = 32;

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

  /**
   * How many replicas of {@code count} run at once.
   *
   * @param backend name of an open backend: java, host or cuda
   */
  public static int atOnce(String backend, int count) {
    int most =
        backend.equals("java")
            ? Runtime.getRuntime().availableProcessors()
            : Integer.getInteger(MOST_PROPERTY, MOST);
    return Math.max(1, Math.min(count, most));
  }

  /**
   * Does work for the indices 0 to {@code count - 1}.
   *
   * @param backend its name: java, host, cuda or auto
   * @param work called by several threads at once, and with a single replica by this one
   * @return results in the order of indices
   * @throws IOException the failure of the first index that failed, as are runtime exceptions; of
   *     replicas that share launches that of the one that failed first. All others have ended then
   */
  public static <T> List<T> each(String backend, int count, Work<T> work) throws IOException {
    if (count < 0) {
      throw new IllegalArgumentException("count: expected at least 0, got " + count + ".");
    }
    try (Backend first = Backends.open(backend)) {
      String name = first.name();
      if (!name.equals("java")) {
        return inGroups(first, count, work);
      }
    }
    return atOnce(
        count,
        atOnce("java", count),
        index -> {
          try (Backend one = Backends.open("java", 1)) {
            return work.on(one, index);
          }
        });
  }

  private static <T> List<T> inGroups(Backend shared, int count, Work<T> work) throws IOException {
    int most = atOnce(shared.name(), count);
    List<T> results = new ArrayList<>();
    for (int begin = 0; begin < count; begin += most) {
      int size = Math.min(most, count - begin);
      if (size == 1) {
        results.add(alone(shared, begin, work));
      } else {
        results.addAll(group(shared, begin, size, work));
      }
    }
    return results;
  }

  private static <T> T alone(Backend backend, int index, Work<T> work) throws IOException {
    try {
      return work.on(backend, index);
    } catch (Exception e) {
      throw failed(e);
    }
  }

  private static <T> List<T> group(Backend shared, int begin, int size, Work<T> work)
      throws IOException {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    try (ReplicaGroup group = new ReplicaGroup(shared, size)) {
      return atOnce(
          size,
          size,
          replica -> {
            try (Backend own = group.backend(replica)) {
              try {
                return work.on(own, begin + replica);
              } catch (Exception | Error e) {
                // First, so that the others do not wait for this one while it closes.
                failure.compareAndSet(null, e);
                group.fail();
                throw e;
              }
            }
          });
    } catch (IOException | RuntimeException | Error e) {
      // What the others say is that one has failed.
      if (failure.get() != null) {
        throw failed(failure.get());
      }
      throw e;
    }
  }

  /** What one of those that run at once does. */
  private interface Task<T> {
    T at(int index) throws Exception;
  }

  private static <T> List<T> atOnce(int count, int threads, Task<T> task) throws IOException {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<T>> running = new ArrayList<>();
      for (int index = 0; index < count; index++) {
        int own = index;
        running.add(pool.submit(() -> task.at(own)));
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

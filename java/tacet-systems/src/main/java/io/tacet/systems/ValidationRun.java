package io.tacet.systems;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.reference.JavaBackend;
import io.tacet.report.OutputFolder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * How a validation is run.
 *
 * @param backend name of the backend: java, host, cuda or auto
 * @param quick whether fewer seeds and trials are to do, for a first impression and for tests; only
 *     gates that hold with so few are then applied
 * @param seeds number of seeds; 0 for that of the validation
 * @param trials number of trials of each condition; 0 for that of the validation
 * @param out where pictures go
 */
public record ValidationRun(
    String backend, boolean quick, int seeds, int trials, OutputFolder out) {

  public ValidationRun {
    if (seeds < 0 || trials < 0) {
      throw new IllegalArgumentException(
          "seeds, trials: expected at least 0, got " + seeds + " and " + trials + ".");
    }
  }

  /** Number of seeds: what was asked for, else one of these. */
  public int seeds(int full, int few) {
    return seeds > 0 ? seeds : quick ? few : full;
  }

  /** Number of trials: what was asked for, else one of these. */
  public int trials(int full, int few) {
    return trials > 0 ? trials : quick ? few : full;
  }

  /** The backend asked for, with all its threads; closed by the caller. */
  public Backend open() {
    return Backends.open(backend);
  }

  /** Something computed for one seed. */
  public interface Work<T> {
    T on(Backend backend, int index) throws Exception;
  }

  /**
   * Does independent work for the indices 0 to {@code count - 1}: over the cores on the java
   * backend, with one thread each, else one after the other on one backend. Results are in the
   * order of indices and do not depend on the number of cores.
   */
  public <T> List<T> each(int count, Work<T> work) {
    boolean java;
    try (Backend first = open()) {
      java = first.name().equals("java");
      if (!java) {
        List<T> results = new ArrayList<>();
        for (int index = 0; index < count; index++) {
          results.add(work.on(first, index));
        }
        return results;
      }
    } catch (Exception e) {
      throw failed(e);
    }
    int threads = Math.min(count, Runtime.getRuntime().availableProcessors());
    ExecutorService pool = Executors.newFixedThreadPool(Math.max(1, threads));
    try {
      List<Future<T>> running = new ArrayList<>();
      for (int index = 0; index < count; index++) {
        int own = index;
        running.add(
            pool.submit(
                () -> {
                  try (Backend one = new JavaBackend(1)) {
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
      throw new IllegalStateException("Interrupted while a validation was running.", e);
    } finally {
      pool.shutdownNow();
    }
  }

  private static RuntimeException failed(Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof RuntimeException known
        ? known
        : new IllegalStateException("A validation failed: " + cause, cause);
  }
}

package io.tacet.cuda;

import io.tacet.Backend;
import io.tacet.replica.ReplicaGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Work of replicas that share a backend, each on a thread of its own. */
final class ReplicaTasks {
  private ReplicaTasks() {}

  interface Work<T> {
    T on(Backend backend, int replica) throws Exception;
  }

  /**
   * The results of all replicas.
   *
   * @throws java.util.concurrent.ExecutionException if one has failed
   */
  static <T> List<T> together(Backend shared, int replicas, Work<T> work) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(replicas);
    try (ReplicaGroup group = new ReplicaGroup(shared, replicas)) {
      List<Callable<T>> tasks = new ArrayList<>();
      for (int k = 0; k < replicas; k++) {
        int replica = k;
        tasks.add(
            () -> {
              try (Backend own = group.backend(replica)) {
                try {
                  return work.on(own, replica);
                } catch (Exception | Error e) {
                  group.fail();
                  throw e;
                }
              }
            });
      }
      List<Future<T>> running = pool.invokeAll(tasks);
      List<T> results = new ArrayList<>();
      for (Future<T> future : running) {
        results.add(future.get());
      }
      return results;
    } finally {
      pool.shutdownNow();
    }
  }
}

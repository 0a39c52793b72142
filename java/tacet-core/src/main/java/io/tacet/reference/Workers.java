package io.tacet.reference;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * A few daemon threads that share out the tasks of one call at a time, the caller among them.
 * Starting costs a few microseconds, since idle workers spin for a moment before they sleep.
 */
public final class Workers implements AutoCloseable {
  /** A task knows its own index and that of the worker, for scratch memory. */
  @FunctionalInterface
  public interface Task {
    void run(int task, int worker);
  }

  private static final long SPIN_NANOS = 50_000;

  private final Thread[] threads;
  private volatile Call current;
  private volatile boolean closed;

  private static final class Call {
    final Task task;
    final int tasks;
    final AtomicInteger next = new AtomicInteger();
    final AtomicInteger left;
    final AtomicReference<Throwable> failure = new AtomicReference<>();
    final Thread caller = Thread.currentThread();

    Call(Task task, int tasks) {
      this.task = task;
      this.tasks = tasks;
      this.left = new AtomicInteger(tasks);
    }

    void work(int worker) {
      for (int t = next.getAndIncrement(); t < tasks; t = next.getAndIncrement()) {
        try {
          if (failure.get() == null) {
            task.run(t, worker);
          }
        } catch (Throwable e) {
          failure.compareAndSet(null, e);
        } finally {
          if (left.decrementAndGet() == 0) {
            LockSupport.unpark(caller);
          }
        }
      }
    }
  }

  /**
   * @param count number of workers including the calling thread, at least 1
   */
  public Workers(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("threads: expected at least 1, got " + count + ".");
    }
    threads = new Thread[count - 1];
    for (int w = 0; w < threads.length; w++) {
      int worker = w + 1;
      threads[w] = new Thread(() -> serve(worker), "tacet-worker-" + worker);
      threads[w].setDaemon(true);
      threads[w].start();
    }
  }

  /** Number of workers: tasks see worker indices below it. */
  public int count() {
    return threads.length + 1;
  }

  /** Runs tasks 0 .. tasks-1 and returns when all are done; rethrows the first failure. */
  public void run(int tasks, Task task) {
    if (threads.length == 0 || tasks == 1) {
      for (int t = 0; t < tasks; t++) {
        task.run(t, 0);
      }
      return;
    }
    Call call = new Call(task, tasks);
    current = call;
    for (Thread thread : threads) {
      LockSupport.unpark(thread);
    }
    call.work(0);
    long until = System.nanoTime() + SPIN_NANOS;
    while (call.left.get() > 0) {
      if (System.nanoTime() < until) {
        Thread.onSpinWait();
      } else {
        LockSupport.park(call);
      }
    }
    current = null;
    Throwable failure = call.failure.get();
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
  }

  private void serve(int worker) {
    Call done = null;
    long until = System.nanoTime() + SPIN_NANOS;
    while (!closed) {
      Call call = current;
      if (call != null && call != done) {
        call.work(worker);
        done = call;
        until = System.nanoTime() + SPIN_NANOS;
      } else if (System.nanoTime() < until) {
        Thread.onSpinWait();
      } else {
        LockSupport.park(this);
        until = System.nanoTime() + SPIN_NANOS;
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    for (Thread thread : threads) {
      LockSupport.unpark(thread);
    }
  }
}

package io.tacet.reference;

import io.tacet.InterruptedPassException;
import io.tacet.spi.SoleThread;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * A small pool of daemon threads that executes the tasks of one call at a time, with the caller
 * taking part. Starting a call takes a few microseconds, since idle workers spin briefly before
 * they sleep, and allocates nothing.
 */
public final class Workers implements AutoCloseable {
  /** A task knows its own index and that of the worker, for scratch memory. */
  @FunctionalInterface
  public interface Task {
    void run(int task, int worker);
  }

  private static final long SPIN_NANOS = 50_000;

  /** No call is in progress. */
  private static final long CLOSED = -1;

  private final Thread[] threads;

  /**
   * Number of the call in the upper half, next task in the lower. A task belongs to whoever moves
   * it on; since the number of the call is part of the value, nobody takes a task of one call for
   * that of another.
   */
  private final AtomicLong next = new AtomicLong(CLOSED);

  private final AtomicInteger left = new AtomicInteger();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private volatile Task task;
  private volatile int tasks;
  private volatile Thread caller;
  private volatile boolean closed;

  /** Whether tasks of the call may be skipped or stopped when its thread is interrupted. */
  private volatile boolean stoppable;

  /** Whether the thread of the call was interrupted; workers are then interrupted too. */
  private volatile boolean stopping;

  private int calls;

  private final SoleThread callers = new SoleThread();

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

  /**
   * Runs tasks 0 .. tasks-1 and returns when all are done; rethrows the first failure.
   *
   * @throws IllegalStateException if the call of another thread is in progress
   * @throws InterruptedPassException if the thread is interrupted: tasks that have not started are
   *     skipped, and those that check for interrupts stop
   */
  public void run(int tasks, Task task) {
    run(tasks, task, true);
  }

  /** As {@link #run}, but to the end even if the thread is interrupted: for updates in place. */
  public void runToEnd(int tasks, Task task) {
    run(tasks, task, false);
  }

  private void run(int tasks, Task task, boolean stoppable) {
    boolean outermost = callers.enter();
    try {
      runAll(tasks, task, stoppable);
    } finally {
      callers.leave(outermost);
    }
  }

  private void runAll(int tasks, Task task, boolean stoppable) {
    if (threads.length == 0 || tasks == 1) {
      for (int t = 0; t < tasks; t++) {
        if (stoppable) {
          InterruptedPassException.check();
        }
        task.run(t, 0);
      }
      return;
    }
    this.task = task;
    this.tasks = tasks;
    this.stoppable = stoppable;
    stopping = false;
    caller = Thread.currentThread();
    left.set(tasks);
    calls = (calls + 1) & Integer.MAX_VALUE;
    next.set((long) calls << 32);
    for (Thread thread : threads) {
      LockSupport.unpark(thread);
    }
    work(0);
    awaitOthers();
    next.set(CLOSED);
    this.task = null;
    Throwable thrown = failure.getAndSet(null);
    if (thrown instanceof RuntimeException e) {
      throw e;
    }
    if (thrown instanceof Error e) {
      throw e;
    }
  }

  /** Waits until the tasks of other workers are done, and signals them to stop if required. */
  private void awaitOthers() {
    boolean interrupted = false;
    long until = System.nanoTime() + SPIN_NANOS;
    while (left.get() > 0) {
      // Cleared while waiting, since a thread that is interrupted cannot park.
      if (Thread.interrupted()) {
        interrupted = true;
        stop();
      }
      if (System.nanoTime() < until) {
        Thread.onSpinWait();
      } else {
        LockSupport.park(this);
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void stop() {
    if (stoppable && !stopping) {
      stopping = true;
      for (Thread thread : threads) {
        thread.interrupt();
      }
    }
  }

  /** Runs tasks of the call in progress until none are left; returns whether there was one. */
  private boolean work(int worker) {
    boolean any = false;
    for (long at = next.get(); at != CLOSED && (int) at < tasks; at = next.get()) {
      Task mine = task;
      if (!next.compareAndSet(at, at + 1)) {
        continue;
      }
      any = true;
      try {
        if (failure.get() == null) {
          begin(worker);
          mine.run((int) at, worker);
        }
      } catch (Throwable e) {
        failure.compareAndSet(null, e);
      } finally {
        Thread waiting = caller;
        if (left.decrementAndGet() == 0) {
          LockSupport.unpark(waiting);
        }
      }
    }
    return any;
  }

  /** Skips a task if the call has been told to stop. */
  private void begin(int worker) {
    if (worker == 0) {
      if (stoppable) {
        InterruptedPassException.check();
      }
    } else {
      // What an earlier call may have left; stop() says so first and interrupts afterwards.
      Thread.interrupted();
      if (stopping) {
        throw new InterruptedPassException();
      }
    }
  }

  private void serve(int worker) {
    long until = System.nanoTime() + SPIN_NANOS;
    while (!closed) {
      if (work(worker)) {
        until = System.nanoTime() + SPIN_NANOS;
      } else if (System.nanoTime() < until) {
        Thread.onSpinWait();
      } else {
        Thread.interrupted();
        LockSupport.park(this);
        until = System.nanoTime() + SPIN_NANOS;
      }
    }
  }

  /**
   * Ends the threads.
   *
   * @throws IllegalStateException if a call is in progress
   */
  @Override
  public void close() {
    boolean outermost = callers.enter();
    closed = true;
    for (Thread thread : threads) {
      LockSupport.unpark(thread);
    }
    callers.leave(outermost);
  }
}

package io.tacet.replica;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The calls of replicas, each on a thread of its own. Calls wait until every replica asks for a
 * result, or has left; then one thread makes them all, together where they are the same.
 *
 * <p>Replicas may differ in what they call, for instance where only some clip a gradient. Since all
 * lists end with a call for a result, they are aligned from their ends: those of a longer list come
 * first, for their replicas alone.
 */
final class Lockstep {
  private final List<Deque<Call>> calls = new ArrayList<>();
  private final List<List<Runnable>> frees = new ArrayList<>();
  private final Throwable[] failures;
  private final boolean[] gone;
  private int live;

  /** How many of those that are live wait for a result. */
  private int met;

  private long round;
  private boolean running;
  private boolean broken;

  Lockstep(int replicas) {
    for (int k = 0; k < replicas; k++) {
      calls.add(new ArrayDeque<>());
      frees.add(new ArrayList<>());
    }
    failures = new Throwable[replicas];
    gone = new boolean[replicas];
    live = replicas;
  }

  /** Makes a call later, in the order of the replica's. */
  synchronized void defer(int replica, Call call) {
    if (running) {
      // A kernel of the shared backend that uses an array.
      call.alone();
      return;
    }
    check(replica);
    calls.get(replica).add(call);
  }

  /**
   * Makes a call after all that have been deferred, and returns when it has been made.
   *
   * @throws IllegalStateException if another replica has failed
   */
  synchronized void meet(int replica, Call call) {
    if (running) {
      call.alone();
      return;
    }
    check(replica);
    calls.get(replica).add(call);
    met++;
    long own = round;
    if (met == live) {
      run();
    } else {
      await(own);
    }
    if (round == own) {
      check(replica);
    }
    Throwable failure = failures[replica];
    failures[replica] = null;
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure != null) {
      throw (RuntimeException) failure;
    }
  }

  private void await(long own) {
    try {
      while (round == own && !broken) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      fail();
      throw new IllegalStateException("Interrupted while waiting for other replicas.", e);
    }
  }

  /** Returns when everything that was deferred has been done. */
  void settle(int replica) {
    meet(replica, new OwnCall(() -> {}));
  }

  /** Does something while nobody else uses the shared backend. */
  synchronized void alone(Runnable body) {
    body.run();
  }

  /** Frees memory once the calls that may use it have been made. */
  synchronized void free(int replica, Runnable body) {
    if (calls.get(replica).isEmpty()) {
      body.run();
    } else {
      frees.get(replica).add(body);
    }
  }

  /** The replica calls no more; what it has deferred is done first. */
  void leave(int replica) {
    if (isThere(replica)) {
      try {
        settle(replica);
      } finally {
        end(replica);
      }
    }
  }

  private synchronized boolean isThere(int replica) {
    return !gone[replica] && !broken;
  }

  private synchronized void end(int replica) {
    gone[replica] = true;
    live--;
    if (!broken && live > 0 && met == live) {
      run();
    }
  }

  /** All replicas stop at their next call: one has failed. */
  synchronized void fail() {
    broken = true;
    for (int replica = 0; replica < calls.size(); replica++) {
      calls.get(replica).clear();
      freeAll(replica);
    }
    notifyAll();
  }

  private void check(int replica) {
    if (broken) {
      throw new IllegalStateException("Another replica has failed, so that this one stops.");
    }
    if (gone[replica]) {
      throw new IllegalStateException("The backend of replica " + replica + " is closed.");
    }
  }

  private void run() {
    running = true;
    try {
      for (int longest = longest(); longest > 0; longest = longest()) {
        runFirst(longest);
      }
    } finally {
      running = false;
      met = 0;
      round++;
      for (int replica = 0; replica < calls.size(); replica++) {
        freeAll(replica);
      }
      notifyAll();
    }
  }

  private int longest() {
    return calls.stream().mapToInt(Deque::size).max().orElse(0);
  }

  /** The first calls of the lists that have so many. */
  private void runFirst(int longest) {
    List<Integer> replicas = new ArrayList<>();
    List<Call> first = new ArrayList<>();
    for (int replica = 0; replica < calls.size(); replica++) {
      if (calls.get(replica).size() == longest) {
        replicas.add(replica);
        first.add(calls.get(replica).remove());
      }
    }
    // An array has the parts of all: one that has not come so far would be changed, too.
    if (live > 1 && first.size() == live && areSame(first)) {
      guarded(replicas, () -> first.get(0).together(first));
      return;
    }
    for (int k = 0; k < first.size(); k++) {
      guarded(List.of(replicas.get(k)), first.get(k)::alone);
    }
  }

  private static boolean areSame(List<Call> first) {
    Object key = first.get(0).key();
    return first.stream().skip(1).allMatch(call -> call.key().equals(key));
  }

  /** A failure is that of these replicas, whose calls end with it. */
  private void guarded(List<Integer> replicas, Runnable body) {
    try {
      body.run();
    } catch (RuntimeException | Error e) {
      for (int replica : replicas) {
        failures[replica] = e;
        calls.get(replica).clear();
      }
    }
  }

  private void freeAll(int replica) {
    frees.get(replica).forEach(Runnable::run);
    frees.get(replica).clear();
  }
}

package io.tacet.spi;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Finds out where two threads use a backend at once: a thread enters before it computes and leaves
 * afterwards. It costs 6 ns, around kernels 30, and whoever hands a backend over properly is never
 * refused.
 */
public final class SoleThread {
  private final AtomicReference<Thread> inside = new AtomicReference<>();

  /**
   * Enters, also where this thread is inside already.
   *
   * @return what {@link #leave} is to be given: whether this was the outermost call
   * @throws IllegalStateException if another thread is inside; names both
   */
  public boolean enter() {
    Thread me = Thread.currentThread();
    if (inside.getPlain() == me) {
      return false;
    }
    Thread other = inside.compareAndExchange(null, me);
    if (other != null) {
      throw new IllegalStateException(
          "The backend is computing for the thread '"
              + name(other)
              + "'; expected no call of another before that is over, got one of '"
              + name(me)
              + "'. One thread drives a backend at a time: open a backend for each.");
    }
    return true;
  }

  /**
   * Leaves.
   *
   * @param outermost as {@link #enter} returned
   */
  public void leave(boolean outermost) {
    if (outermost) {
      // Whoever is handed the backend sees this, by the edge with which it is handed over.
      inside.setRelease(null);
    }
  }

  /**
   * Does something inside.
   *
   * @throws IllegalStateException if another thread is inside
   */
  public void run(Runnable body) {
    call(
        () -> {
          body.run();
          return null;
        });
  }

  private <T> T call(Supplier<T> body) {
    boolean outermost = enter();
    try {
      return body.get();
    } finally {
      leave(outermost);
    }
  }

  /**
   * Kernels whose operations are done inside, as are those of kernels of the family that they
   * return; plans are guarded by themselves.
   */
  public <T> T guard(Class<T> family, T kernels) {
    return Around.each(family, kernels, body -> guarded(family, call(body)));
  }

  private <T> Object guarded(Class<T> family, Object result) {
    return family.isInstance(result) ? guard(family, family.cast(result)) : result;
  }

  /** Virtual threads mostly have no name. */
  private static String name(Thread thread) {
    return thread.getName().isEmpty() ? "#" + thread.getId() : thread.getName();
  }
}

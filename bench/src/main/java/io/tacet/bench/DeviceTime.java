package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.cuda.DeviceRuntime;
import io.tacet.cuda.NativeBackend;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Device time of a call on a GPU, between two events on the stream of its backend: without the
 * launch of its first kernel and without the wait for its result. One call in {@value #EVERY} is
 * timed, so that the wall time of the others is not disturbed; the mean of an iteration is in the
 * results beside the times. On other backends there is no such time, and the counter stays 0.
 */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.EVENTS)
public class DeviceTime {
  /** Name of the counter, which peers have as well. */
  static final String NAME = "deviceMicros";

  private static final int EVERY = 8;
  private static final long NONE = 0;

  /** Mean over the timed calls of an iteration. */
  public double deviceMicros;

  private int calls;
  private int asked;
  private double sum;
  private long begin = NONE;

  /** Begins an iteration. */
  @Setup(Level.Iteration)
  public void reset() {
    calls = 0;
    asked = 0;
    sum = 0;
  }

  /** Before the first operation of a call. */
  void begin(Backend backend) {
    if (backend instanceof NativeBackend device
        && device.name().equals("cuda")
        && calls++ % EVERY == 0) {
      begin = device.runtime().createEvent();
      device.runtime().record(begin, device.stream());
    }
  }

  /** After the last operation was issued, before its result is waited for. */
  void end(Backend backend) {
    if (begin == NONE) {
      return;
    }
    NativeBackend device = (NativeBackend) backend;
    DeviceRuntime runtime = device.runtime();
    long end = runtime.createEvent();
    runtime.record(end, device.stream());
    sum += 1e-3 * runtime.nanosBetween(begin, end);
    deviceMicros = sum / ++asked;
    runtime.destroyEvent(begin);
    runtime.destroyEvent(end);
    begin = NONE;
  }
}

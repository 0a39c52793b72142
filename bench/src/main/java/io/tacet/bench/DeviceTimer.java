package io.tacet.bench;

import io.tacet.cuda.DeviceRuntime;
import io.tacet.cuda.NativeBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Times of work on a device, between two of its events. Work is repeated between them until it
 * takes {@value #TARGET_NANOS} ns, so that neither the first launch nor the event resolution
 * matters; {@value #WARM_UPS} rounds warm up; and all pairs of events are issued before the first
 * is waited for, so that the device is not idle between repetitions.
 *
 * <p>On the host backend, whose times are meaningless, work is not repeated.
 */
final class DeviceTimer {
  static final int WARM_UPS = 3;

  private static final long TARGET_NANOS = 2_000_000;
  private static final int MOST_UNITS = 1_000_000;

  private final NativeBackend backend;
  private final DeviceRuntime runtime;
  private final boolean timed;

  DeviceTimer(NativeBackend backend) {
    this.backend = backend;
    this.runtime = backend.runtime();
    this.timed = backend.name().equals("cuda");
  }

  /**
   * Microseconds of one unit of work, for each repetition.
   *
   * @param launch issues that many units of work on the stream of the backend
   */
  List<Double> micros(IntConsumer launch, int repetitions) {
    return micros(launch, repetitions, repetitions, Long.MAX_VALUE);
  }

  /**
   * The same with fewer repetitions of long work.
   *
   * @param least repetitions however long they take
   * @param nanos time limit for all repetitions
   */
  List<Double> micros(IntConsumer launch, int repetitions, int least, long nanos) {
    int units = 1;
    // Whatever a first call does besides is not what is repeated.
    double each = Math.min(nanos(launch, 1), nanos(launch, 1));
    for (int round = 0; timed && round < 3 && units * each < TARGET_NANOS; round++) {
      units = (int) Math.max(1, Math.min(MOST_UNITS, Math.ceil(TARGET_NANOS / each)));
      each = nanos(launch, units) / units;
    }
    int count = (int) Math.max(least, Math.min(repetitions, nanos / (units * each)));
    for (int k = 0; k < Math.min(WARM_UPS, count); k++) {
      launch.accept(units);
    }
    return measured(launch, units, count);
  }

  private List<Double> measured(IntConsumer launch, int units, int count) {
    long[] events = new long[2 * count];
    for (int k = 0; k < events.length; k++) {
      events[k] = runtime.createEvent();
    }
    for (int k = 0; k < events.length; k += 2) {
      runtime.record(events[k], backend.stream());
      launch.accept(units);
      runtime.record(events[k + 1], backend.stream());
    }
    List<Double> micros = new ArrayList<>();
    for (int k = 0; k < events.length; k += 2) {
      micros.add(1e-3 * runtime.nanosBetween(events[k], events[k + 1]) / units);
    }
    for (long event : events) {
      runtime.destroyEvent(event);
    }
    return micros;
  }

  private double nanos(IntConsumer launch, int units) {
    long first = runtime.createEvent();
    long second = runtime.createEvent();
    runtime.record(first, backend.stream());
    launch.accept(units);
    runtime.record(second, backend.stream());
    double nanos = Math.max(runtime.nanosBetween(first, second), 1);
    runtime.destroyEvent(first);
    runtime.destroyEvent(second);
    return nanos;
  }
}

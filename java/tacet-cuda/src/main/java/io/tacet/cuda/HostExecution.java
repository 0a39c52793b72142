package io.tacet.cuda;

import io.tacet.cuda.internal.Tacet;

/**
 * How the host backend executes kernels. A correct kernel gives the same result under every
 * schedule; a test that runs under all three finds a missing barrier.
 *
 * @param schedule order in which the threads of a block run
 * @param seed of the random schedule
 * @param threads processor threads that share the blocks of a launch, at least 1
 * @param architecture GPU whose shared memory limit holds: 75, 80, 86, 89, 90, 100 or 120
 */
public record HostExecution(Schedule schedule, long seed, int threads, int architecture) {

  /** One thread, in ascending order, with the limits of an H100. */
  public static final HostExecution DEFAULT = new HostExecution(Schedule.FORWARD, 0, 1, 90);

  /** Order of the threads of a block. */
  public enum Schedule {
    FORWARD(Tacet.TACET_FORWARD),
    REVERSE(Tacet.TACET_REVERSE),
    RANDOM(Tacet.TACET_RANDOM);

    private final int code;

    Schedule(int code) {
      this.code = code;
    }

    /** Its number in the C ABI. */
    public int code() {
      return code;
    }
  }

  public HostExecution {
    if (threads < 1) {
      throw new IllegalArgumentException("threads: expected at least 1, got " + threads + ".");
    }
  }

  /** The same with another schedule. */
  public HostExecution with(Schedule other) {
    return new HostExecution(other, seed, threads, architecture);
  }

  /** The same with another number of processor threads. */
  public HostExecution threads(int count) {
    return new HostExecution(schedule, seed, count, architecture);
  }
}

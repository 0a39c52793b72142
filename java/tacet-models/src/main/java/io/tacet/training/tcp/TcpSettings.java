package io.tacet.training.tcp;

import java.time.Duration;

/**
 * What all members of a job agree on.
 *
 * @param token by which they know each other
 * @param round counts the attempts of a job, so that nobody who is left of an earlier one joins
 * @param timeout how long a member waits for another that sends nothing, in joining and in each
 *     sum; has to be longer than a member computes between two sums, writes a checkpoint or
 *     measures the test set
 */
public record TcpSettings(JobToken token, int round, Duration timeout) {
  /** The first attempt, with five minutes. */
  public static TcpSettings of(JobToken token) {
    return new TcpSettings(token, 0, Duration.ofMinutes(5));
  }

  public TcpSettings {
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException(
          "timeout: expected a positive duration, got " + timeout + ".");
    }
  }
}

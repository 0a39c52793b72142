package io.tacet.data;

/** Takes the polarity events of a recording, in its order. */
@FunctionalInterface
public interface EventSink {
  /**
   * One event.
   *
   * @param micros time in microseconds
   * @param x column of the pixel, from 0
   * @param y row of the pixel, from 0
   * @param on whether it became brighter
   */
  void event(long micros, int x, int y, boolean on);
}

package io.tacet.neuron;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a sample takes on the heap is what its figure says. */
class SampleTapeTest {
  private static final int NEURONS = 50;
  private static final int VARIABLES = 3;

  /** Bytes that this thread allocates for a sample with events, and the sample. */
  private static long allocated(int arrivals, int segments, int spikes) {
    ThreadMXBean bean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = bean.getCurrentThreadAllocatedBytes();
    SampleTape tape = new SampleTape(NEURONS, VARIABLES);
    for (Trace trace : tape.traces) {
      for (int a = 0; a < arrivals; a++) {
        trace.arrive(a, a, a);
      }
      for (int s = 0; s < segments; s++) {
        trace.begin(s, 0, Trace.Cause.ARRIVAL, s, s);
      }
    }
    for (int s = 0; s < spikes; s++) {
      tape.add(s, 0, 1);
    }
    long after = bean.getCurrentThreadAllocatedBytes();
    assertThat(tape.count()).isEqualTo(spikes);
    return after - before;
  }

  private static long figure(int arrivals, int segments, int spikes) {
    return SampleTape.bytes(
        NEURONS, VARIABLES, (long) NEURONS * arrivals, (long) NEURONS * segments, spikes);
  }

  @Test
  void aSampleOfFewEventsTakesItsFigure() {
    allocated(8, 8, 64);
    double measured = allocated(8, 8, 64);
    assertThat(figure(8, 8, 64) / measured).isBetween(0.9, 1.1);
  }

  /** What is allocated on the way to arrays of that length is at most as much again. */
  @ParameterizedTest
  @CsvSource({"9, 17, 65", "100, 180, 1000", "1000, 1500, 5000"})
  void aSampleOfManyEventsTakesItsFigureAndArraysThatHaveBeenReplaced(
      int arrivals, int segments, int spikes) {
    allocated(arrivals, segments, spikes);
    double measured = allocated(arrivals, segments, spikes);
    assertThat(measured / figure(arrivals, segments, spikes)).isBetween(0.95, 2.0);
  }
}

package io.tacet.reference.f64;

import java.util.Arrays;

/** Input events of one sample as they reach the layer: delayed per source, in ascending time. */
final class Arrivals {
  double[] times = new double[64];
  int[] sources = new int[64];
  int[] events = new int[64];
  int count;

  /** Loads a sample; arrivals after the end of the simulation are left out. */
  void load(Layer layer, Events in, int sample) {
    int begin = in.begin(sample);
    int n = in.count(sample);
    if (n > times.length) {
      times = Arrays.copyOf(times, Math.max(n, 2 * times.length));
      sources = Arrays.copyOf(sources, times.length);
      events = Arrays.copyOf(events, times.length);
    }
    count = 0;
    for (int e = 0; e < n; e++) {
      int source = in.units[begin + e];
      double time = in.times[begin + e] + layer.inputDelay(source, 0);
      if (time > layer.duration) {
        continue;
      }
      int at = count++;
      while (at > 0 && times[at - 1] > time) {
        times[at] = times[at - 1];
        sources[at] = sources[at - 1];
        events[at] = events[at - 1];
        at--;
      }
      times[at] = time;
      sources[at] = source;
      events[at] = e;
    }
  }
}

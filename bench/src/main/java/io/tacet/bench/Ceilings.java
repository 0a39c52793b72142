package io.tacet.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/**
 * Rates measured in the same run: by {@link CeilingBenchmark} for one number of threads, or by
 * {@link DeviceCeilings}. A floor must never be too high, so for traffic between two measurements
 * the faster one counts: the next smaller working set, or a larger one that was disturbed less and
 * measured faster, and the next longer rows.
 */
final class Ceilings {
  /** A floor as a time, and what it is bound by. */
  record Bound(double seconds, String by) {}

  /**
   * @param from bytes of memory from which the rate applies
   */
  private record Rate(String memory, double from, double rowBytes, double perSecond) {
    Rate(double bytes, double rowBytes, double perSecond) {
      this(Quantity.bytes(bytes), bytes, rowBytes, perSecond);
    }
  }

  /** Part of a cache that data may fill and still stay there. */
  private static final double IN_CACHE = 0.8;

  private final List<Rate> rates;
  private final double flopsPerSecond;
  private final double stepSeconds;

  private Ceilings(List<Rate> rates, double flopsPerSecond, double stepSeconds) {
    this.rates = List.copyOf(rates);
    this.flopsPerSecond = flopsPerSecond;
    this.stepSeconds = stepSeconds;
  }

  /** The ceilings among what was measured with that many threads; null if some are missing. */
  static Ceilings of(List<Timing> all, int threads) {
    List<Rate> rates = new ArrayList<>();
    double flops = 0;
    for (Timing m : all) {
      if (!m.className().equals("CeilingBenchmark") || m.jmhThreads() != threads) {
        continue;
      }
      double calls = threads / m.time();
      switch (m.method()) {
        // The arrays hold a third or a half of an uneven size, rounded down to whole floats.
        case "copy", "triad" -> {
          double bytes = m.number("bytes");
          rates.add(new Rate(bytes, Double.POSITIVE_INFINITY, bytes * calls));
        }
        case "update" -> {
          double bytes = m.number("bytes");
          rates.add(new Rate(bytes, Double.POSITIVE_INFINITY, 2 * bytes * calls));
        }
        case "gatherSum", "gatherAdd" ->
            rates.add(
                new Rate(
                    m.number("bytes"), m.number("rowBytes"), CeilingBenchmark.GATHERED * calls));
        case "fma" -> flops = 2.0 * CeilingBenchmark.DEPTH * CeilingBenchmark.LANES * calls;
        default -> throw new IllegalArgumentException("No ceiling is called " + m + ".");
      }
    }
    return rates.isEmpty() || flops == 0 ? null : new Ceilings(rates, flops, 0);
  }

  /**
   * The ceilings of a device; null if some are missing. A dependent step takes a grid barrier or a
   * graph node, whichever is shorter.
   */
  static Ceilings ofDevice(List<Timing> all) {
    List<Rate> rates = new ArrayList<>();
    double flops = 0;
    double step = Double.POSITIVE_INFINITY;
    for (Timing m : all) {
      if (!m.className().equals("DeviceCeilings")) {
        continue;
      }
      double perSecond = m.counter("work") / m.time();
      switch (m.method()) {
        case "copy", "read", "gather" ->
            rates.add(
                new Rate(
                    m.text("memory"),
                    m.number("from"),
                    m.has("rowBytes") ? m.number("rowBytes") : Double.POSITIVE_INFINITY,
                    perSecond));
        case "fma" -> flops = perSecond;
        case "node", "barrier" -> step = Math.min(step, 1 / perSecond);
        default -> {} // bounds nothing that a floor knows
      }
    }
    return rates.isEmpty() || flops == 0 || Double.isInfinite(step)
        ? null
        : new Ceilings(rates, flops, step);
  }

  /** Memory and arithmetic as its data sheet has them; its cache and dependent steps for free. */
  static Ceilings ofDataSheet(DataSheet sheet) {
    Rate cache = new Rate("cache", 0, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);
    Rate memory =
        new Rate(
            "memory", IN_CACHE * sheet.cache(), Double.POSITIVE_INFINITY, sheet.bytesPerSecond());
    return new Ceilings(List.of(cache, memory), sheet.flopsPerSecond(), 0);
  }

  /** Fused multiply-adds count twice. */
  double flopsPerSecond() {
    return flopsPerSecond;
  }

  /** Working set sizes, ascending, at which the rate changes. */
  double[] sizes() {
    return rates.stream().mapToDouble(Rate::from).distinct().sorted().toArray();
  }

  /** Name of the memory of one of the {@link #sizes}. */
  String memory(double size) {
    return rates.stream().filter(r -> r.from == size).findFirst().orElseThrow().memory;
  }

  /**
   * Bytes per second.
   *
   * @param rowBytes infinity for sequential access
   * @param within bytes that the rows are spread over
   */
  double bandwidth(double rowBytes, double within) {
    double size = nearest(sizes(), within);
    double length = rowLength(rowBytes, size);
    // Long rows may be read faster than a stream that is also written.
    Predicate<Rate> fits = Double.isInfinite(length) ? r -> true : r -> r.rowBytes == length;
    return rates.stream()
        .filter(r -> r.from >= size && fits.test(r))
        .map(Rate::perSecond)
        .max(Comparator.naturalOrder())
        .orElseThrow();
  }

  /** The shortest measured row that is not below; sequential access if all are. */
  private double rowLength(double rowBytes, double size) {
    return rates.stream()
        .filter(r -> r.from == size && r.rowBytes >= rowBytes)
        .mapToDouble(Rate::rowBytes)
        .min()
        .orElse(Double.POSITIVE_INFINITY);
  }

  /** The largest that is not above the value, else the smallest. */
  private static double nearest(double[] ascending, double value) {
    double found = ascending[0];
    for (double candidate : ascending) {
      found = candidate <= value ? candidate : found;
    }
    return found;
  }

  /** The shortest time in which the floor can be met. */
  Bound time(Floor floor) {
    double memory = 0;
    double longest = 0;
    String by = "";
    for (Floor.Traffic part : floor.traffic()) {
      double seconds = part.bytes() / bandwidth(part.rowBytes(), part.within());
      memory += seconds;
      if (seconds > longest) {
        longest = seconds;
        by = name(part);
      }
    }
    double compute = floor.flops() / flopsPerSecond;
    double steps = floor.steps() * stepSeconds;
    double work = Math.max(compute, memory);
    return new Bound(work + steps, steps > work ? "steps" : compute > memory ? "FMA" : by);
  }

  /** The ceiling that part of a floor is divided by. */
  private String name(Floor.Traffic part) {
    double size = nearest(sizes(), part.within());
    double length = rowLength(part.rowBytes(), size);
    return (Double.isInfinite(length) ? "stream" : "rows of " + Quantity.bytes(length))
        + " in "
        + memory(size);
  }
}

package io.tacet.bench;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.openjdk.jmh.annotations.Param;

/**
 * The floors of the benchmarks of a plan on GPUs that need not be there, from their data sheets.
 * What a benchmark counts while it runs is assumed: the same share of the units is active in each,
 * and networks spike as a trained one of the Yin-Yang task does.
 */
final class FloorPlan {
  /** Events of a unit and step. */
  static final double ACTIVITY = 0.1;

  /** Spikes of a sample in the hidden layer of 200 neurons of a trained Yin-Yang network. */
  static final double HIDDEN_SPIKES = 28;

  static final double OUTPUT_SPIKES = 3;

  private static final Map<String, Double> ASSUMED =
      Map.of("activity", ACTIVITY, "hiddenSpikes", HIDDEN_SPIKES, "outputSpikes", OUTPUT_SPIKES);

  /** Parameters that say how something is computed and not what. */
  private static final List<String> MEANS = List.of("backend", "threads", "engine");

  private FloorPlan() {}

  /** What would be measured, in the order of the plan, and that once for all ways to compute it. */
  static List<Timing> of(List<PlanEntry> entries) {
    Map<String, Timing> all = new LinkedHashMap<>();
    for (PlanEntry entry : entries) {
      for (PlanEntry run : withDefaults(entry).apart()) {
        Map<String, String> params = new TreeMap<>();
        run.params().forEach((name, values) -> params.put(name, values.get(0)));
        Timing timing =
            new Timing(
                run.className() + "." + run.methods().get(0),
                params,
                run.jmhThreads(),
                new double[] {Double.NaN},
                Double.NaN,
                new double[0],
                ASSUMED);
        if (Floors.of(timing) != null) {
          all.putIfAbsent(name(timing), timing);
        }
      }
    }
    return List.copyOf(all.values());
  }

  /** With all values of the parameters that the plan leaves to the benchmark. */
  private static PlanEntry withDefaults(PlanEntry entry) {
    PlanEntry all = entry;
    for (Field field : benchmark(entry.className()).getDeclaredFields()) {
      Param param = field.getAnnotation(Param.class);
      if (param != null && !entry.params().containsKey(field.getName())) {
        all = all.with(field.getName(), (Object[]) param.value());
      }
    }
    return all;
  }

  private static Class<?> benchmark(String className) {
    try {
      return Class.forName("io.tacet.bench." + className, false, FloorPlan.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalArgumentException("No benchmark is called " + className + ".", e);
    }
  }

  private static String name(Timing timing) {
    return timing.benchmark()
        + " "
        + timing.params().entrySet().stream()
            .filter(param -> !MEANS.contains(param.getKey()))
            .map(param -> param.getKey() + "=" + param.getValue())
            .collect(Collectors.joining(" "));
  }

  private static String by(Ceilings.Bound bound) {
    return bound.seconds() == 0 ? "cache" : bound.by().equals("FMA") ? "FMA" : "memory";
  }

  /** A table with a line for each. */
  static String table(List<Timing> timings) {
    StringBuilder text =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "Floors by data sheets, NOT measurements: the traffic of the problem through"
                    + " memory, or its%nadditions and multiplications, at the rates below. Data"
                    + " that fit into the second-level cache and%ndependent steps are taken for"
                    + " free. Assumed: activity %s; %s hidden and %s output spikes a sample.%n%n",
                ACTIVITY,
                HIDDEN_SPIKES,
                OUTPUT_SPIKES));
    for (DataSheet sheet : DataSheet.ALL) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-9s %.2f TB/s, %.1f Tflop/s in single precision, cache of %s%n",
              sheet.name(),
              sheet.bytesPerSecond() / 1e12,
              sheet.flopsPerSecond() / 1e12,
              Quantity.bytes(sheet.cache())));
    }
    text.append(String.format(Locale.ROOT, "%n%12s %12s", "bytes", "flops"));
    DataSheet.ALL.forEach(
        sheet -> text.append(String.format(Locale.ROOT, " %10s %-7s", sheet.name(), "bound")));
    text.append(System.lineSeparator());
    for (Timing timing : timings) {
      Floor floor = Floors.of(timing);
      List<String> cells = new ArrayList<>();
      cells.add(String.format(Locale.ROOT, "%12s", Quantity.bytes(floor.bytes())));
      cells.add(String.format(Locale.ROOT, "%12.4g", floor.flops()));
      for (DataSheet sheet : DataSheet.ALL) {
        Ceilings.Bound bound = sheet.ceilings().time(floor);
        cells.add(String.format(Locale.ROOT, "%10s", Quantity.time(bound.seconds())));
        cells.add(String.format(Locale.ROOT, "%-7s", by(bound)));
      }
      cells.add(name(timing));
      text.append(String.join(" ", cells)).append(System.lineSeparator());
    }
    return text.toString();
  }
}

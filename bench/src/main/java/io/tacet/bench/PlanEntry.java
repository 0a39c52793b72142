package io.tacet.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Methods of one class with lists of parameters, of which every combination is run.
 *
 * @param jmhThreads threads that call at the same time: above 1 only for ceilings
 */
record PlanEntry(
    String className, List<String> methods, Map<String, List<String>> params, int jmhThreads) {
  static final String CEILING = "CeilingBenchmark";

  /**
   * Whole layers, networks and steps, which take longer to compile than a single loop: on two cores
   * their times still fall for a second or two.
   */
  private static final List<String> SLOW_TO_COMPILE =
      List.of(
          "EgruBenchmark",
          "EgruReplicaBenchmark",
          "EgruStreamBenchmark",
          "EventPropBenchmark",
          "LanguageStepBenchmark",
          "RnnBenchmark",
          "SimulationBenchmark",
          "SparseEgruBenchmark");

  static PlanEntry of(String className, String... methods) {
    return new PlanEntry(className, List.of(methods), Map.of(), 1);
  }

  PlanEntry with(String param, Object... values) {
    Map<String, List<String>> all = new LinkedHashMap<>(params);
    all.put(param, java.util.Arrays.stream(values).map(Object::toString).toList());
    return new PlanEntry(className, methods, all, jmhThreads);
  }

  PlanEntry threads(int count) {
    return new PlanEntry(className, methods, params, count);
  }

  /** Number of runs of JMH. */
  int runs() {
    return methods.size()
        * params.values().stream().mapToInt(List::size).reduce(1, (a, b) -> a * b);
  }

  /** An entry for each run, so that the results of one are there when the next begins. */
  List<PlanEntry> apart() {
    List<PlanEntry> all = new ArrayList<>();
    for (String method : methods) {
      List<PlanEntry> single =
          List.of(new PlanEntry(className, List.of(method), Map.of(), jmhThreads));
      for (Map.Entry<String, List<String>> param : params.entrySet()) {
        single =
            single.stream()
                .flatMap(e -> param.getValue().stream().map(v -> e.with(param.getKey(), v)))
                .toList();
      }
      all.addAll(single);
    }
    return all;
  }

  /** Whether it needs a longer warm-up. */
  boolean slowToCompile() {
    return SLOW_TO_COMPILE.contains(className);
  }

  /** The methods as JMH patterns. */
  String include() {
    return "\\.bench\\." + className + "\\.(" + String.join("|", methods) + ")$";
  }
}

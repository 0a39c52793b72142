package io.tacet.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Which benchmarks a run consists of, with which parameters. */
final class Plan {
  /** How much is run. */
  enum Size {
    /** Under five minutes on two cores: few shapes, one thread, short iterations. */
    QUICK,
    /** Neither option: the shapes of QUICK, measured for longer, with two threads as well. */
    DEFAULT,
    /** Every shape, two forks: for results to keep. Takes hours. */
    FULL
  }

  private Plan() {}

  /**
   * The entries in the order in which they run.
   *
   * @param backend java, host or cuda
   * @param only found in {@code Class.method}; ceilings always run on java, as floors need them
   */
  static List<PlanEntry> of(Size size, String backend, Pattern only) {
    PlanShapes shapes = new PlanShapes(size, backend);
    if (backend.equals("java")) {
      JavaPlan.addTo(shapes);
    } else {
      NativePlan.addTo(shapes, backend.equals("host"));
    }
    List<PlanEntry> chosen = new ArrayList<>();
    for (PlanEntry entry : shapes.entries()) {
      List<String> methods =
          entry.methods().stream()
              .filter(
                  m ->
                      entry.className().equals(PlanEntry.CEILING)
                          || only.matcher(entry.className() + "." + m).find())
              .toList();
      if (!methods.isEmpty()) {
        chosen.add(new PlanEntry(entry.className(), methods, entry.params(), entry.jmhThreads()));
      }
    }
    return chosen;
  }
}

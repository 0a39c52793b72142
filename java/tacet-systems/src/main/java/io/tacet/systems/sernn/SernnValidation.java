package io.tacet.systems.sernn;

import io.tacet.analysis.WiringMeasures;
import io.tacet.systems.Report;
import io.tacet.systems.Validation;
import io.tacet.systems.ValidationRun;
import io.tacet.systems.sernn.EmbeddedNetwork.Snapshot;
import io.tacet.training.WiringCost;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Spatially-embedded networks against networks with a cost of absolute weights of like total
 * weight. Only networks that have learned the task count.
 */
public final class SernnValidation implements Validation {
  /** Epochs of the publication, and of long trainings. */
  private static final int SHORT = 10;

  private static final int LONG = 30;

  private static final Cost SPATIAL =
      new Cost(WiringCost.spatial(0.1, EmbeddedNetwork.GRID), List.of(SHORT, LONG));
  private static final Cost WEIGHT = new Cost(WiringCost.weight(0.002), List.of(SHORT));
  private static final Cost STRONG_SPATIAL =
      new Cost(WiringCost.spatial(0.3, EmbeddedNetwork.GRID), List.of(LONG));
  private static final Cost STRONG_WEIGHT = new Cost(WiringCost.weight(0.006), List.of(LONG));

  /** A cost, and the epochs after which its networks are measured. */
  private record Cost(WiringCost cost, List<Integer> epochs) {
    /** Without long trainings. */
    Cost untilShort() {
      return new Cost(cost, List.of(SHORT));
    }
  }

  @Override
  public String name() {
    return "sernn";
  }

  @Override
  public String title() {
    return "spatially-embedded recurrent networks";
  }

  @Override
  public String source() {
    return "Achterberg et al. 2023, Nature Machine Intelligence 5, 1369-1381;"
        + " networks of 100 units trained anew";
  }

  @Override
  public void run(ValidationRun run, Report report) throws IOException {
    GradientChecks.run(report);
    // A quarter of the networks do not learn, so that one or two may say nothing.
    int seeds = run.seeds(16, 3);
    if (run.quick()) {
      Group few = new Group("seRNN 0.1", first(train(run, seeds, SPATIAL.untilShort())));
      figures(report, few);
      quickGates(report, few);
      return;
    }
    List<List<Snapshot>> all = train(run, seeds, SPATIAL, WEIGHT, STRONG_SPATIAL, STRONG_WEIGHT);
    Group spatial = new Group("seRNN 0.1", first(all.subList(0, seeds)));
    Group later = new Group("seRNN 0.1, 30 epochs", last(all.subList(0, seeds)));
    Group weight = new Group("L1 0.002", first(all.subList(seeds, 2 * seeds)));
    Group strong = new Group("seRNN 0.3, 30 epochs", last(all.subList(2 * seeds, 3 * seeds)));
    Group light = new Group("L1 0.006, 30 epochs", last(all.subList(3 * seeds, 4 * seeds)));
    figures(report, spatial, weight, later, strong, light);
    gates(report, seeds, spatial, weight);
    report.atLeast(
        "A6",
        "modularity, seRNN 0.1 - L1 0.006, 30 epochs",
        later.mean(WiringMeasures::modularity) - light.mean(WiringMeasures::modularity),
        0.02,
        ".231 to .219 and .184 at total weights of 200 to 300 and 120 to 200, re-simulated");
    PruningCheck.run(report, strong.learned());
    WiringPictures.write(run.out(), spatial.learned(), weight.learned());
  }

  private static List<List<Snapshot>> train(ValidationRun run, int seeds, Cost... costs) {
    return run.each(
        seeds * costs.length,
        (backend, index) -> {
          Cost cost = costs[index / seeds];
          return EmbeddedNetwork.train(backend, cost.cost, index % seeds, cost.epochs);
        });
  }

  private static List<Snapshot> first(List<List<Snapshot>> all) {
    return all.stream().map(each -> each.get(0)).toList();
  }

  private static List<Snapshot> last(List<List<Snapshot>> all) {
    return all.stream().map(each -> each.get(each.size() - 1)).toList();
  }

  private static void gates(Report report, int seeds, Group spatial, Group weight) {
    double half = Math.ceil(seeds / 2.0);
    String often = "75 to 87 % re-simulated";
    report.atLeast("A1", "networks that learn, seRNN", spatial.learned().size(), half, often);
    report.atLeast("A1", "networks that learn, L1", weight.learned().size(), half, often);
    double totals = spatial.mean(WiringMeasures::total) / weight.mean(WiringMeasures::total);
    report.within("A2", "total weight, seRNN / L1", totals, 0.7, 1.3, "318 / 356 re-simulated");
    double near = spatial.mean(WiringMeasures::correlation);
    report.atMost("A3", "correlation, seRNN", near, -0.2, "-.304 re-simulated");
    double far = weight.mean(WiringMeasures::correlation);
    report.within("A3", "correlation, L1", far, -0.05, 0.05, ".006 re-simulated");
    double lengths = spatial.mean(WiringMeasures::length) / weight.mean(WiringMeasures::length);
    report.atMost("A4", "length, seRNN / L1", lengths, 0.93, "2.66 / 3.07 re-simulated");
    double small = spatial.mean(WiringMeasures::smallWorldness);
    double gap = small - weight.mean(WiringMeasures::smallWorldness);
    report.atLeast("A5", "small-worldness, seRNN", small, 1.3, "1.64 re-simulated");
    report.atLeast("A5", "small-worldness, seRNN - L1", gap, 0.25, "1.64 - 1.15 re-simulated");
    double modularity =
        spatial.mean(WiringMeasures::modularity) - weight.mean(WiringMeasures::modularity);
    report.atLeast("A6", "modularity, seRNN - L1", modularity, -0.015, ".220 - .221 re-simulated");
  }

  private static void quickGates(Report report, Group spatial) {
    double near = spatial.mean(WiringMeasures::correlation);
    report.atMost("A3", "correlation, seRNN", near, -0.2, "-.304 re-simulated");
    double small = spatial.mean(WiringMeasures::smallWorldness);
    report.atLeast("A5", "small-worldness, seRNN", small, 1.3, "1.64 re-simulated");
  }

  private static void figures(Report report, Group... groups) {
    for (Group group : groups) {
      String of = group.name() + " ";
      report.figure(of + "learned", group.learned().size(), "");
      report.figure(of + "total weight", group.mean(WiringMeasures::total), "");
      report.figure(of + "correlation", group.mean(WiringMeasures::correlation), "");
      report.figure(of + "length", group.mean(WiringMeasures::length), "");
      report.figure(of + "small-worldness", group.mean(WiringMeasures::smallWorldness), "");
      report.figure(of + "modularity", group.mean(WiringMeasures::modularity), "");
      report.figure(of + "weighted modularity", group.mean(WiringMeasures::weightedModularity), "");
      report.figure(of + "above 0.01", group.mean(WiringMeasures::above), "");
    }
  }

  /** Networks of one cost that have learned the task. */
  private record Group(String name, List<Snapshot> learned, List<WiringMeasures> measures) {
    Group(String name, List<Snapshot> all) {
      this(name, all.stream().filter(Snapshot::learned).toList(), new ArrayList<>());
      learned.forEach(snapshot -> measures.add(snapshot.measures()));
    }

    /** NaN where none has learned. */
    double mean(ToDoubleFunction<WiringMeasures> figure) {
      return measures.stream().mapToDouble(figure).average().orElse(Double.NaN);
    }
  }
}

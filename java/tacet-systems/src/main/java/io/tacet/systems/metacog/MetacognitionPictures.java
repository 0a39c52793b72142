package io.tacet.systems.metacog;

import io.tacet.report.HeatMaps;
import io.tacet.report.LineChart;
import io.tacet.report.OutputFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Pictures of the codes of the first seed: the codes themselves, their similarities, and how
 * confidence goes with accuracy.
 */
final class MetacognitionPictures {
  private static final int GROUPS = 10;

  private final Map<Code.Kind, List<CodeFigures>> byKind;

  MetacognitionPictures(Map<Code.Kind, List<CodeFigures>> byKind) {
    this.byKind = byKind;
  }

  void write(OutputFolder out) throws IOException {
    HeatMaps codes = new HeatMaps("Mean codes around the ring", byKind.size());
    HeatMaps similarities = new HeatMaps("Similarities of prototypes", byKind.size());
    LineChart confidence =
        new LineChart("Confidence and accuracy", "confidence (percentile)", "accuracy")
            .range(0.2, 1)
            .legendLeft();
    double[] percentiles = new double[GROUPS];
    Arrays.setAll(percentiles, g -> 100 * (g + 0.5) / GROUPS);
    byKind.forEach(
        (kind, figures) -> {
          CodeFigures first = figures.get(0);
          double[][] rows = byAngle(first.prototypes());
          double most = Arrays.stream(rows).flatMapToDouble(Arrays::stream).max().orElse(0);
          codes.add(kind.name(), "angle", "units", rows, 0, Math.max(most, Double.MIN_NORMAL));
          similarities.add(kind.name(), "angle", "angle", first.prototypes().similarities(), 0, 1);
          confidence.line(kind.name(), percentiles, first.trials().accuracyByConfidence(GROUPS));
        });
    out.write("codes.png", codes);
    out.write("similarities.png", similarities);
    out.write("confidence.png", confidence);
  }

  /** Units that are ever active by the angle that they prefer, [units][angles]. */
  private static double[][] byAngle(Prototypes prototypes) {
    List<double[]> units = new ArrayList<>();
    for (int m = 0; m < Code.UNITS; m++) {
      int unit = m;
      double[] row =
          IntStream.range(0, Prototypes.ANGLES)
              .mapToDouble(a -> prototypes.mean(a)[unit])
              .toArray();
      if (Arrays.stream(row).anyMatch(h -> h > 0)) {
        units.add(row);
      }
    }
    units.sort(Comparator.comparingInt(MetacognitionPictures::preferred));
    return units.isEmpty() ? new double[1][Prototypes.ANGLES] : units.toArray(double[][]::new);
  }

  private static int preferred(double[] row) {
    int best = 0;
    for (int a = 1; a < row.length; a++) {
      best = row[a] > row[best] ? a : best;
    }
    return best;
  }
}

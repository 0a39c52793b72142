package io.tacet.systems.sernn;

import io.tacet.analysis.Louvain;
import io.tacet.analysis.UndirectedGraph;
import io.tacet.analysis.WiringMeasures;
import io.tacet.network.Positions;
import io.tacet.report.EmbeddingPicture;
import io.tacet.report.Histogram;
import io.tacet.report.OutputFolder;
import io.tacet.report.Scatter;
import io.tacet.systems.sernn.EmbeddedNetwork.Snapshot;
import java.io.IOException;
import java.util.List;

/** A network with a cost of its wiring beside one without, in space and by length. */
final class WiringPictures {
  /** Points of equal length are moved by it, so that two networks do not hide each other. */
  private static final double ASIDE = 0.03;

  private WiringPictures() {}

  /** Writes nothing where no network has learned. */
  static void write(OutputFolder out, List<Snapshot> spatial, List<Snapshot> weight)
      throws IOException {
    if (spatial.isEmpty() || weight.isEmpty()) {
      return;
    }
    write(out, EmbeddedNetwork.GRID, spatial.get(0).recurrent(), weight.get(0).recurrent());
  }

  static void write(OutputFolder out, Positions grid, double[] spatial, double[] weight)
      throws IOException {
    UndirectedGraph near = graph(grid, spatial);
    UndirectedGraph far = graph(grid, weight);
    EmbeddingPicture picture = new EmbeddingPicture(grid);
    add(picture, "seRNN", near);
    add(picture, "L1", far);
    out.write("space.png", picture);
    out.write(
        "lengths.png",
        new Histogram("Strongest tenth of connections", "length", 0.5, 6.5, 12)
            .add("seRNN", lengths(grid, near))
            .add("L1", lengths(grid, far)));
    Scatter scatter = new Scatter("Weights by length", "length", "|weight|");
    add(scatter, "seRNN", grid, spatial, -ASIDE);
    add(scatter, "L1", grid, weight, ASIDE);
    out.write("weights.png", scatter);
  }

  private static UndirectedGraph graph(Positions grid, double[] weights) {
    return UndirectedGraph.strongest(
        WiringMeasures.symmetric(weights, grid.units()), WiringMeasures.DENSITY);
  }

  private static void add(EmbeddingPicture picture, String title, UndirectedGraph graph) {
    int[] communities = Louvain.best(graph.matrix(), 8, 1).community();
    picture.add(title, graph.pairs(), communities);
  }

  private static double[] lengths(Positions grid, UndirectedGraph graph) {
    int[][] pairs = graph.pairs();
    double[] lengths = new double[pairs.length];
    for (int k = 0; k < pairs.length; k++) {
      lengths[k] = grid.distance(pairs[k][0], pairs[k][1]);
    }
    return lengths;
  }

  private static void add(
      Scatter scatter, String name, Positions grid, double[] weights, double aside) {
    int units = grid.units();
    double[] xs = new double[units * (units - 1)];
    double[] ys = new double[xs.length];
    int at = 0;
    for (int i = 0; i < units; i++) {
      for (int j = 0; j < units; j++) {
        if (i != j) {
          xs[at] = grid.distance(i, j) + aside;
          ys[at++] = Math.abs(weights[i * units + j]);
        }
      }
    }
    scatter.add(name, xs, ys);
  }
}

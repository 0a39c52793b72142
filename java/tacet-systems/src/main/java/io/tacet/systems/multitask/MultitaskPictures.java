package io.tacet.systems.multitask;

import io.tacet.analysis.PrincipalComponents;
import io.tacet.analysis.Rdm;
import io.tacet.report.HeatMaps;
import io.tacet.report.Lattices;
import io.tacet.report.LineChart;
import io.tacet.report.OutputFolder;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** Pictures of both publications' claims. */
final class MultitaskPictures {
  private static final int SIDE = 5;
  private static final String STIMULI = "stimulus";

  private final OutputFolder out;

  MultitaskPictures(OutputFolder out) {
    this.out = out;
  }

  /** Distances, their multidimensional scaling and learning curves. */
  void richAndLazy(List<RichLazy.Outcome> rich, List<RichLazy.Outcome> lazy) throws IOException {
    Rdm ofRich = mean(rich);
    Rdm ofLazy = mean(lazy);
    Rdm orthogonal = Blobs.Model.ORTHOGONAL.rdm(true);
    Rdm grid = Blobs.Model.GRID.rdm(true);
    out.write(
        "rdms.png",
        new HeatMaps("Distances of stimuli in context A and then B", 4)
            .add("rich networks", STIMULI, STIMULI, matrix(ofRich), 0, largest(ofRich))
            .add("lazy networks", STIMULI, STIMULI, matrix(ofLazy), 0, largest(ofLazy))
            .add("orthogonal", STIMULI, STIMULI, matrix(orthogonal), 0, largest(orthogonal))
            .add("grid", STIMULI, STIMULI, matrix(grid), 0, largest(grid)));
    out.write(
        "mds.png",
        new Lattices("Hidden activity, multidimensional scaling", List.of("context A", "context B"))
            .add("rich networks", points(ofRich))
            .add("lazy networks", points(ofLazy)));
    out.write(
        "learning-curves.png",
        curve(curve(new LineChart("Learning", "update", "accuracy"), "rich", rich), "lazy", lazy)
            .logarithmicX()
            .range(0.4, 1.02)
            .legendLowerRight());
  }

  private static Rdm mean(List<RichLazy.Outcome> outcomes) {
    return Rdm.mean(outcomes.stream().map(RichLazy.Outcome::distances).toArray(Rdm[]::new));
  }

  private static double[][] matrix(Rdm distances) {
    int n = distances.conditions();
    double[][] matrix = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        matrix[i][j] = distances.at(i, j);
      }
    }
    return matrix;
  }

  private static double largest(Rdm distances) {
    return Arrays.stream(matrix(distances)).flatMapToDouble(Arrays::stream).max().orElseThrow();
  }

  private static double[][][][] points(Rdm distances) {
    double[][] flat = PrincipalComponents.scaling(distances, 2);
    double[][][][] points = new double[Blobs.CONTEXTS][SIDE][SIDE][];
    for (int k = 0; k < flat.length; k++) {
      points[k / Blobs.COUNT][k % Blobs.COUNT / SIDE][k % SIDE] = flat[k];
    }
    return points;
  }

  /** At updates whose logarithms are as far apart. */
  private static LineChart curve(LineChart curves, String name, List<RichLazy.Outcome> outcomes) {
    int updates = outcomes.get(0).accuracies().length;
    int count = (int) (20 * Math.log10(updates));
    double[] at = new double[count + 1];
    double[] accuracy = new double[count + 1];
    for (int k = 0; k <= count; k++) {
      int update = (int) Math.round(Math.pow(updates, (double) k / count));
      at[k] = Math.max(update, k == 0 ? 1 : at[k - 1] + 1);
      int pass = Math.min(updates, (int) at[k]) - 1;
      accuracy[k] = MultitaskValidation.mean(outcomes, o -> o.accuracies()[pass]);
    }
    return curves.line(name, at, accuracy);
  }

  /**
   * Accuracy by sluggishness.
   *
   * @param accuracies of blocked and of interleaved networks, for each alpha
   */
  void sluggishness(double[] alphas, double[][] accuracies) throws IOException {
    out.write(
        "sluggishness.png",
        new LineChart("Context inputs that follow slowly", "alpha (1: at once)", "accuracy")
            .line("blocked", alphas, accuracies[0])
            .line("interleaved", alphas, accuracies[1])
            .range(0.6, 1.02)
            .legendLowerRight());
  }
}

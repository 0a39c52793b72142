package io.tacet.systems.multitask;

import io.tacet.analysis.PrincipalComponents;
import io.tacet.analysis.Rdm;
import io.tacet.report.Curves;
import io.tacet.report.Lattices;
import io.tacet.report.Matrices;
import io.tacet.report.OutputFolder;
import java.io.IOException;
import java.util.List;

/** Pictures of both publications' claims. */
final class MultitaskPictures {
  private static final int SIDE = 5;

  private final OutputFolder out;

  MultitaskPictures(OutputFolder out) {
    this.out = out;
  }

  /** Distances, their multidimensional scaling and learning curves. */
  void richAndLazy(List<RichLazy.Outcome> rich, List<RichLazy.Outcome> lazy) throws IOException {
    Rdm ofRich = mean(rich);
    Rdm ofLazy = mean(lazy);
    out.write(
        "rdms.png",
        new Matrices("Distances of stimuli in context A and then B")
            .add("rich networks", matrix(ofRich))
            .add("lazy networks", matrix(ofLazy))
            .add("model: orthogonal", matrix(Blobs.Model.ORTHOGONAL.rdm(true)))
            .add("model: grid", matrix(Blobs.Model.GRID.rdm(true))));
    out.write(
        "mds.png",
        new Lattices("Hidden activity, multidimensional scaling", List.of("context A", "context B"))
            .add("rich networks", points(ofRich))
            .add("lazy networks", points(ofLazy)));
    out.write(
        "learning-curves.png",
        curve(curve(new Curves("Learning", "update", "accuracy"), "rich", rich), "lazy", lazy)
            .logarithmic()
            .between(0.4, 1.02)
            .legendBelow());
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

  private static double[][][][] points(Rdm distances) {
    double[][] flat = PrincipalComponents.scaling(distances, 2);
    double[][][][] points = new double[Blobs.CONTEXTS][SIDE][SIDE][];
    for (int k = 0; k < flat.length; k++) {
      points[k / Blobs.COUNT][k % Blobs.COUNT / SIDE][k % SIDE] = flat[k];
    }
    return points;
  }

  /** At updates whose logarithms are as far apart. */
  private static Curves curve(Curves curves, String name, List<RichLazy.Outcome> outcomes) {
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
    return curves.add(name, at, accuracy);
  }

  /**
   * Accuracy by sluggishness.
   *
   * @param accuracies of blocked and of interleaved networks, for each alpha
   */
  void sluggishness(double[] alphas, double[][] accuracies) throws IOException {
    out.write(
        "sluggishness.png",
        new Curves("Context inputs that follow slowly", "alpha (1: at once)", "accuracy")
            .add("blocked", alphas, accuracies[0])
            .add("interleaved", alphas, accuracies[1])
            .between(0.6, 1.02)
            .legendBelow());
  }
}

package io.tacet.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.tacet.data.LabelledPoints;
import io.tacet.data.YinYang;
import io.tacet.files.AtomicFile;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChartsTest {
  private static final List<String> CLASSES = List.of("yin", "yang", "dot");

  @TempDir Path folder;

  /** Writes the chart as a file of a run and reads it again. */
  private BufferedImage written(String name, AtomicFile.Content chart) throws IOException {
    OutputFolder output = OutputFolder.create(folder);
    output.write(name, chart);
    return ImageIO.read(output.file(name).toFile());
  }

  private static int pixelsOf(BufferedImage image, Color colour) {
    int count = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        count += image.getRGB(x, y) == colour.getRGB() ? 1 : 0;
      }
    }
    return count;
  }

  private static LearningCurve learningCurve(int epochs) {
    int[] numbers = new int[epochs];
    double[][] values = new double[4][epochs];
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < epochs; i++) {
      numbers[i] = i + 1;
      values[0][i] = 1.1 * Math.exp(-i / 8.0) + 0.05 + 0.01 * random.nextDouble();
      values[1][i] = 1 - 0.3 * Math.exp(-i / 6.0) - 0.01 - 0.004 * random.nextDouble();
      values[2][i] = values[0][i] + 0.03;
      values[3][i] = values[1][i] - 0.01;
    }
    return new LearningCurve("Yin-Yang", numbers)
        .add("train", values[0], values[1])
        .add("test", values[2], values[3]);
  }

  private static SpikeRaster raster() {
    SpikeRaster raster =
        new SpikeRaster("Spikes after 100 epochs", 60)
            .group("input", 5)
            .group("hidden", 200)
            .group("output", 3);
    SplittableRandom random = new SplittableRandom(2);
    for (String caption : CLASSES) {
      double[] hiddenTimes = random.doubles(150, 5, 45).toArray();
      int[] hiddenUnits = random.ints(150, 0, 200).toArray();
      raster
          .sample(caption)
          .events(0, new double[] {0, 8, 12, 18, 22}, new int[] {4, 0, 1, 3, 2})
          .events(1, hiddenTimes, hiddenUnits)
          .events(2, new double[] {31.5, 36, 41}, new int[] {1, 0, 2});
    }
    return raster;
  }

  private static DecisionMap decisionMap() {
    int side = 200;
    LabelledPoints grid = YinYang.grid(side);
    int[] predicted = grid.labels();
    for (int i = 0; i < predicted.length; i++) {
      if (!YinYang.inside(grid.x(i), grid.y(i))) {
        predicted[i] = -1;
      }
    }
    LabelledPoints test = YinYang.testPoints();
    int[] predictions = test.labels();
    for (int i = 0; i < 19; i++) {
      predictions[i * 50] = (predictions[i * 50] + 1) % 3;
    }
    return new DecisionMap("Yin-Yang: decisions, test accuracy 98.1 %", CLASSES, side, predicted)
        .points(test.xs(), test.ys(), test.labels(), predictions);
  }

  @Test
  void aLearningCurveShowsEverySetInItsColour() throws IOException {
    BufferedImage image = written("learning.png", learningCurve(100));
    assertThat(pixelsOf(image, ChartStyle.colour(0))).isPositive();
    assertThat(pixelsOf(image, ChartStyle.colour(1))).isPositive();
    assertThat(pixelsOf(image, ChartStyle.colour(2))).isZero();
  }

  @Test
  void aLineChartShowsLinesAndTheirPointsInOneColour() throws IOException {
    double[] xs = {1, 10, 100};
    LineChart lines =
        new LineChart("Theory", "x", "y")
            .logarithmicX()
            .logarithmicY()
            .line("first", xs, new double[] {3, Double.NaN, 0.1})
            .line("second", xs, new double[] {1, 2, 3})
            .legendLowerLeft();
    int without = pixelsOf(written("lines.png", lines), ChartStyle.colour(1));
    assertThat(without).isPositive();
    int with =
        pixelsOf(
            written("points.png", lines.points(xs, new double[] {0.3, 0.5, 1})),
            ChartStyle.colour(1));
    assertThat(with).isGreaterThan(without + 100);
    assertThat(pixelsOf(written("points.png", lines), ChartStyle.colour(2))).isZero();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> lines.line("third", xs, new double[2]))
        .withMessage("xs, ys: expected as many numbers in both, at least one, got 3 and 2.");
  }

  @Test
  void aLearningCurveTakesOneEpochGapsAndLossesOverDecades() throws IOException {
    written("one.png", learningCurve(1));
    double[] loss = {1000, Double.NaN, 0.001, Double.POSITIVE_INFINITY};
    double[] unknown = {Double.NaN, Double.NaN, Double.NaN, Double.NaN};
    LearningCurve curve = new LearningCurve("", new int[] {1, 2, 3, 4}).add("train", loss, unknown);
    assertThat(written("gaps.png", curve).getWidth()).isPositive();
  }

  @Test
  void runsOfDifferentLengthsAreInOnePicture() throws IOException {
    double[] one = {0.5};
    double[] two = {0.7, 0.9};
    LearningCurve both =
        new LearningCurve("", new int[] {1, 2, 3})
            .add("short", new int[] {2}, one, one)
            .add("long", new int[] {1, 3}, two, two);
    LearningCurve padded =
        new LearningCurve("", new int[] {1, 2, 3})
            .add("short", new double[] {Double.NaN, 0.5, Double.NaN}, gaps(0.5))
            .add("long", new double[] {0.7, Double.NaN, 0.9}, new double[] {0.7, Double.NaN, 0.9});
    assertThat(bytes(both)).isEqualTo(bytes(padded));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> both.add("wrong", new int[] {1, 2}, one, two))
        .withMessageContainingAll("2 values", "got 1 and 2");
  }

  private static double[] gaps(double middle) {
    return new double[] {Double.NaN, middle, Double.NaN};
  }

  private static byte[] bytes(LearningCurve curve) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    curve.writeTo(out);
    return out.toByteArray();
  }

  @Test
  void aRasterShowsEveryGroupInItsColour() throws IOException {
    BufferedImage image = written("raster.png", raster());
    for (int group = 0; group < 3; group++) {
      assertThat(pixelsOf(image, ChartStyle.colour(group))).isPositive();
    }
  }

  @Test
  void aRasterWithoutEventsIsDrawnAndOneWithoutSamplesRefused() throws IOException {
    SpikeRaster raster = new SpikeRaster("", 10).group("input", 1);
    assertThatIllegalStateException().isThrownBy(raster::image);
    assertThat(written("empty.png", raster.sample("")).getWidth()).isPositive();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> raster.events(0, new double[] {1}, new int[] {1}))
        .withMessage("units: expected units in [0, 1) for input, got 1.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> raster.events(1, new double[0], new int[0]));
  }

  @Test
  void aDecisionMapIsSquareAndShowsItsAreasRightSideUp() throws IOException {
    int[] lowerLeft = {0, -1, -1, -1};
    BufferedImage image = written("map.png", new DecisionMap("", CLASSES, 2, lowerLeft));
    Color tint = ChartStyle.tint(ChartStyle.colour(0), 0.38);
    int left = Integer.MAX_VALUE;
    int right = -1;
    int top = Integer.MAX_VALUE;
    int bottom = -1;
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        if (image.getRGB(x, y) == tint.getRGB()) {
          left = Math.min(left, x);
          right = Math.max(right, x);
          top = Math.min(top, y);
          bottom = Math.max(bottom, y);
        }
      }
    }
    assertThat(right).isLessThan(image.getWidth() * 2 / 3);
    assertThat(top).isGreaterThan(image.getHeight() / 3);
    assertThat(bottom - top).isBetween(right - left - 6, right - left + 6);
  }

  @Test
  void aDecisionMapShowsPointsAndRingsTheWrongOnes() throws IOException {
    BufferedImage image = written("decisions.png", decisionMap());
    assertThat(pixelsOf(image, Color.BLACK)).isPositive();
    for (int label = 0; label < 3; label++) {
      assertThat(pixelsOf(image, ChartStyle.colour(label))).isPositive();
    }
  }

  @Test
  void chartsRefuseDataThatDoesNotFit() {
    assertThatIllegalArgumentException().isThrownBy(() -> new LearningCurve("", new int[0]));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> learningCurve(3).add("x", new double[2], new double[3]))
        .withMessageContaining("expected 3 values, one per epoch, got 2 and 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DecisionMap("", CLASSES, 2, new int[3]));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DecisionMap("", CLASSES, 1, new int[] {3}))
        .withMessage("predicted: expected classes in [-1, 3), got 3.");
  }

  @Test
  void aHeatMapIsWhiteAtTheLowEndAndDarkestAtTheHighEnd() throws IOException {
    double[][] values = {{0, 0.5}, {1, 2}};
    HeatMaps maps = new HeatMaps("maps", 2).add("one", "columns", "rows", values, 0, 1);
    BufferedImage image = written("maps.png", maps);
    int quarter = 128 * 128;
    assertThat(pixelsOf(image, ChartStyle.colour(9))).isBetween((int) (1.9 * quarter), 2 * quarter);
    assertThat(pixelsOf(image, ChartStyle.tint(ChartStyle.colour(9), 0.5)))
        .isBetween((int) (0.9 * quarter), quarter);
  }

  @Test
  void heatMapsRefuseRowsOfDifferentLengths() {
    double[][] ragged = {{0, 1}, {1}};
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new HeatMaps("", 1).add("one", "", "", ragged, 0, 1))
        .withMessage("values: expected rows of 2 like the first, got one of 1.");
    assertThatIllegalArgumentException().isThrownBy(() -> new HeatMaps("", 0));
  }

  @Test
  void barsShowEverySourceInItsColour() throws IOException {
    Bars bars =
        new Bars("bars", "model", "active", List.of("1", "2"))
            .add("published", List.of(3.0, 1.0), null)
            .add("ours", List.of(3.1, 0.9), List.of(0.2, 0.1));
    BufferedImage image = written("bars.png", bars);
    int published = pixelsOf(image, ChartStyle.colour(0));
    assertThat(published).isGreaterThan(1000);
    assertThat(pixelsOf(image, ChartStyle.colour(1)) / (double) published).isBetween(0.8, 1.2);
    assertThat(pixelsOf(image, ChartStyle.colour(2))).isZero();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> bars.add("short", List.of(1.0), null))
        .withMessageContaining("expected one for each of 2 cases, got 1 and none.");
  }
}

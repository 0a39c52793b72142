package io.tacet.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.fail;

import io.tacet.checkpoint.Npy;
import io.tacet.checkpoint.TypedArray;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class YinYangTest {
  @Test
  void theFirstTrainingPointIsThePublishedOne() {
    LabelledPoints points = YinYang.trainPoints();
    assertThat(points.x(0)).isEqualTo(0.6803075385877797);
    assertThat(points.y(0)).isEqualTo(0.450499251969543);
    assertThat(points.label(0)).isEqualTo(2);
  }

  @Test
  void theTrainingSetHasThePublishedClassCounts() {
    assertThat(YinYang.train().classCounts()).containsExactly(1681, 1702, 1617);
  }

  @ParameterizedTest
  @ValueSource(strings = {"train", "validation", "test"})
  void everyPointOfAPublishedSetIsReproducedBitForBit(String part) throws IOException {
    Path folder = DataFolder.of("yinyang");
    double[] samples = Npy.read(folder.resolve(part + "_samples.npy")).doubles();
    TypedArray labels = Npy.read(folder.resolve(part + "_labels.npy"));
    LabelledPoints points =
        switch (part) {
          case "train" -> YinYang.trainPoints();
          case "validation" -> YinYang.validationPoints();
          default -> YinYang.testPoints();
        };
    double[] generated = new double[4 * points.size()];
    long[] classes = new long[points.size()];
    for (int i = 0; i < points.size(); i++) {
      generated[4 * i] = points.x(i);
      generated[4 * i + 1] = points.y(i);
      generated[4 * i + 2] = 1 - points.x(i);
      generated[4 * i + 3] = 1 - points.y(i);
      classes[i] = points.label(i);
    }
    assertThat(generated).isEqualTo(samples);
    assertThat(classes).isEqualTo(labels.array());
  }

  @Test
  void theSetsHaveThePublishedSizes() {
    assertThat(YinYang.train().size()).isEqualTo(5000);
    assertThat(YinYang.validation().size()).isEqualTo(1000);
    assertThat(YinYang.test().size()).isEqualTo(1000);
  }

  @Test
  void aPointBecomesFourTimesAndABiasSpikeInOrderOfTime() {
    SpikeDataset train = YinYang.train();
    LabelledPoints points = YinYang.trainPoints();
    assertThat(train.sources()).isEqualTo(5);
    assertThat(train.classes()).isEqualTo(3);
    assertThat(train.durationMs()).isEqualTo(30);
    assertThat(train.events()).isEqualTo(5 * 5000);
    for (int i = 0; i < train.size(); i++) {
      double x = points.x(i);
      double y = points.y(i);
      double[] expected = {x * 30, y * 30, (1 - x) * 30, (1 - y) * 30, 0};
      for (int e = train.begin(i); e < train.end(i); e++) {
        boolean inOrder = e == train.begin(i) || train.time(e) >= train.time(e - 1);
        if (!inOrder || train.time(e) != expected[train.source(e)]) {
          fail("event %d: %s ms of source %d", e, train.time(e), train.source(e));
        }
      }
      assertThat(train.source(train.begin(i))).isEqualTo(4);
    }
  }

  @Test
  void anySizeAndSeedGivesPointsOfTheSignWithTheirClass() {
    for (int seed = 0; seed < 20; seed++) {
      LabelledPoints points = YinYang.generate(50, seed);
      for (int i = 0; i < points.size(); i++) {
        assertThat(YinYang.inside(points.x(i), points.y(i))).isTrue();
        assertThat(YinYang.classOf(points.x(i), points.y(i))).isEqualTo(points.label(i));
      }
    }
  }

  @Test
  void aGridCoversTheUnitSquareRowByRowFromBelow() {
    LabelledPoints grid = YinYang.grid(4);
    assertThat(grid.size()).isEqualTo(16);
    assertThat(grid.xs()).startsWith(0.125, 0.375, 0.625, 0.875, 0.125);
    assertThat(grid.ys()).startsWith(0.125, 0.125, 0.125, 0.125, 0.375);
    assertThat(YinYang.encode("grid", grid).size()).isEqualTo(16);
  }

  @Test
  void aNegativeSizeIsRefusedByName() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> YinYang.generate(-1, 42))
        .withMessage("size: expected at least 0, got -1.");
  }
}

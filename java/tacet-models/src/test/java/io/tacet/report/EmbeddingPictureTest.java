package io.tacet.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.network.Positions;
import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;

/** Pictures of units in space and of one quantity against another. */
class EmbeddingPictureTest {
  private static final int WHITE = 0xffffffff;

  private static int painted(BufferedImage image, int fromX, int toX) {
    int painted = 0;
    for (int x = fromX; x < toX; x++) {
      for (int y = 80; y < image.getHeight(); y++) {
        painted += image.getRGB(x, y) == WHITE ? 0 : 1;
      }
    }
    return painted;
  }

  @Test
  void eachNetworkHasAPanelWithItsConnections() {
    EmbeddingPicture picture =
        new EmbeddingPicture(Positions.grid(2, 2, 2))
            .add("without", new int[0][], new int[8])
            .add("with", new int[][] {{0, 7}, {1, 2}}, new int[8]);
    BufferedImage image = picture.image();
    int half = image.getWidth() / 2;
    assertThat(painted(image, 0, half)).isGreaterThan(200);
    assertThat(painted(image, half, 2 * half)).isGreaterThan(painted(image, 0, half) + 200);
  }

  @Test
  void unitsOfOnePlaceOrLineAreShown() {
    EmbeddingPicture picture =
        new EmbeddingPicture(Positions.of(new double[][] {{2}, {2}, {2}}))
            .add("line", new int[][] {{0, 1}}, new int[3]);
    assertThat(painted(picture.image(), 0, picture.image().getWidth())).isGreaterThan(20);
  }

  @Test
  void pointsAreShown() {
    Scatter scatter = new Scatter("title", "across", "up");
    BufferedImage image =
        scatter.add("set", new double[] {1, 2, 3}, new double[] {3, 1, 2}).image();
    assertThat(painted(image, 0, image.getWidth())).isGreaterThan(500);
  }

  @Test
  void whatDoesNotFitIsNamed() {
    assertThatThrownBy(() -> new EmbeddingPicture(Positions.grid(1, 1, 1, 2)))
        .hasMessageContainingAll("positions", "4");
    assertThatThrownBy(
            () -> new EmbeddingPicture(Positions.grid(2)).add("x", new int[0][], new int[3]))
        .hasMessageContainingAll("communities", "3");
    assertThatThrownBy(() -> new Scatter("", "", "").add("set", new double[2], new double[3]))
        .hasMessageContainingAll("ys", "2", "3");
  }
}

package io.tacet.data;

import java.util.Arrays;

/**
 * Images read pixel by pixel, or row by row, as sequences of values in [0, 1] (Le, Jaitly and
 * Hinton 2015).
 */
public final class PixelSequences implements SequenceData {
  private final String name;
  private final Idx images;
  private final Idx labels;
  private final int[] order;
  private final int channels;
  private final int classes;

  /**
   * A view of images; see {@link Mnist#trainPixels}.
   *
   * @param order the pixel that each position of a sequence shows
   * @param channels pixels per step, a divisor of the number of pixels
   */
  PixelSequences(String name, Idx images, Idx labels, int classes, int[] order, int channels) {
    if (channels < 1 || order.length % channels != 0) {
      throw new IllegalArgumentException(
          "channels: expected a divisor of " + order.length + " pixels, got " + channels + ".");
    }
    this.name = name;
    this.images = images;
    this.labels = labels;
    this.classes = classes;
    this.order = order.clone();
    this.channels = channels;
  }

  /** The order of the pixels as they are: row by row. */
  public static int[] inOrder(int pixels) {
    int[] order = new int[pixels];
    Arrays.setAll(order, p -> p);
    return order;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int size() {
    return labels.length();
  }

  @Override
  public int steps() {
    return order.length / channels;
  }

  @Override
  public int channels() {
    return channels;
  }

  @Override
  public int classes() {
    return classes;
  }

  @Override
  public int label(int sample) {
    return labels.value(sample);
  }

  @Override
  public void fill(int sample, float[] into, int batch, int place) {
    int first = sample * order.length;
    for (int p = 0; p < order.length; p++) {
      int step = p / channels;
      into[(step * batch + place) * channels + p % channels] =
          images.value(first + order[p]) / 255f;
    }
  }
}

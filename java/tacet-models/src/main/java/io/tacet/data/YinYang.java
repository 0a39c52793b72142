package io.tacet.data;

/**
 * The Yin-Yang data set (Kriener, Göltz and Petrovici, "The Yin-Yang dataset", NICE 2022),
 * generated bit for bit as published: points of the unit square inside the sign, of class yin (0),
 * yang (1) or dot (2).
 *
 * <p>As spikes, a point has five sources: 0 to 3 fire once at x, y, 1 - x and 1 - y, each times
 * {@value #INPUT_MS} ms, and source 4, the bias, at 0 ms.
 */
public final class YinYang {
  /** Number of sources of the spike encoding: x, y, 1 - x, 1 - y and bias. */
  public static final int SOURCES = 5;

  /** Number of classes: yin, yang, dot. */
  public static final int CLASSES = 3;

  /** Time in ms to which the value 1 is mapped; 0 is mapped to 0 ms. */
  public static final double INPUT_MS = 30;

  private static final double R_BIG = 0.5;
  private static final double R_SMALL = 0.1;

  private YinYang() {}

  /** The published training set as spikes: 5000 samples, seed 42. */
  public static SpikeDataset train() {
    return encode("Yin-Yang train", trainPoints());
  }

  /** The published validation set as spikes: 1000 samples, seed 41. */
  public static SpikeDataset validation() {
    return encode("Yin-Yang validation", validationPoints());
  }

  /** The published test set as spikes: 1000 samples, seed 40. */
  public static SpikeDataset test() {
    return encode("Yin-Yang test", testPoints());
  }

  /** The published training set as points. */
  public static LabelledPoints trainPoints() {
    return generate(5000, 42);
  }

  /** The published validation set as points. */
  public static LabelledPoints validationPoints() {
    return generate(1000, 41);
  }

  /** The published test set as points. */
  public static LabelledPoints testPoints() {
    return generate(1000, 40);
  }

  /**
   * Draws points of the sign, the classes equally likely. The same size and seed give the same
   * points, as does the first part of a larger set of the same seed.
   *
   * @param size number of points, at least 0
   * @param seed any; the published sets use 42, 41 and 40
   * @throws IllegalArgumentException if size is negative
   */
  public static LabelledPoints generate(int size, int seed) {
    if (size < 0) {
      throw new IllegalArgumentException("size: expected at least 0, got " + size + ".");
    }
    MersenneTwister random = new MersenneTwister(seed);
    double[] xs = new double[size];
    double[] ys = new double[size];
    int[] labels = new int[size];
    for (int i = 0; i < size; i++) {
      int goal = random.nextInt(CLASSES);
      double x;
      double y;
      do {
        x = random.nextDouble() * 2 * R_BIG;
        y = random.nextDouble() * 2 * R_BIG;
      } while (!inside(x, y) || classOf(x, y) != goal);
      xs[i] = x;
      ys[i] = y;
      labels[i] = goal;
    }
    return new LabelledPoints(xs, ys, labels);
  }

  /** Whether the point lies within the sign: the disc of radius 0.5 around (0.5, 0.5). */
  public static boolean inside(double x, double y) {
    return distance(x, y, R_BIG, R_BIG) <= R_BIG;
  }

  /** Class of a point of the sign: yin (0), yang (1) or dot (2). */
  public static int classOf(double x, double y) {
    double right = distance(x, y, 1.5 * R_BIG, R_BIG);
    double left = distance(x, y, 0.5 * R_BIG, R_BIG);
    if (right < R_SMALL || left < R_SMALL) {
      return 2;
    }
    boolean yang =
        right <= R_SMALL
            || (left > R_SMALL && left <= 0.5 * R_BIG)
            || (y > R_BIG && right > 0.5 * R_BIG);
    return yang ? 1 : 0;
  }

  /**
   * A square grid over the unit square as points, row by row from y = 0 upwards, each in the middle
   * of its cell and labelled by {@link #classOf}: encoded, it asks a trained network for its
   * decision map.
   *
   * @param side cells per side, at least 1; the result has side * side points
   * @throws IllegalArgumentException if side is less than 1
   */
  public static LabelledPoints grid(int side) {
    if (side < 1) {
      throw new IllegalArgumentException("side: expected at least 1, got " + side + ".");
    }
    int size = Math.multiplyExact(side, side);
    double[] xs = new double[size];
    double[] ys = new double[size];
    int[] labels = new int[size];
    for (int i = 0; i < size; i++) {
      int row = i / side;
      int column = i % side;
      xs[i] = (column + 0.5) / side;
      ys[i] = (row + 0.5) / side;
      labels[i] = classOf(xs[i], ys[i]);
    }
    return new LabelledPoints(xs, ys, labels);
  }

  /**
   * Points as spikes, as described above.
   *
   * @param name what reports call the data set
   * @param points with both coordinates in [0, 1]
   * @throws IllegalArgumentException if a point lies outside the unit square
   */
  public static SpikeDataset encode(String name, LabelledPoints points) {
    SpikeDatasetBuilder builder = SpikeDataset.builder(name, SOURCES, CLASSES, INPUT_MS);
    int[] sources = {0, 1, 2, 3, 4};
    for (int i = 0; i < points.size(); i++) {
      double x = points.x(i);
      double y = points.y(i);
      double[] times = {x * INPUT_MS, y * INPUT_MS, (1 - x) * INPUT_MS, (1 - y) * INPUT_MS, 0};
      builder.add(points.label(i), times, sources);
    }
    return builder.build();
  }

  private static double distance(double x, double y, double centreX, double centreY) {
    double dx = x - centreX;
    double dy = y - centreY;
    return Math.sqrt(dx * dx + dy * dy);
  }
}

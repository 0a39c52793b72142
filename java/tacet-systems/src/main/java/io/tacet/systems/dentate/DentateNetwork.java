package io.tacet.systems.dentate;

import io.tacet.data.MersenneTwister;
import io.tacet.sparse.PhiloxRandom;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * The weights of one network of a {@link Model}, and what can be made of them. Immutable; weights
 * of a pathway are [presynaptic cells][postsynaptic cells].
 */
public final class DentateNetwork {
  private final Map<Pathway, double[]> weights;

  private DentateNetwork(Map<Pathway, double[]> weights) {
    this.weights = weights;
  }

  /** Draws a network; all models have the same random numbers of a seed, pathway by pathway. */
  public static DentateNetwork draw(Model model, long seed) {
    return draw(model, pathway -> new PhiloxRandom(seed, pathway.number()));
  }

  /** The network that the authors draw with this seed, all from one stream of NumPy's. */
  public static DentateNetwork published(Model model, int seed) {
    MersenneTwister stream = new MersenneTwister(seed);
    return draw(model, pathway -> stream);
  }

  private static DentateNetwork draw(Model model, Function<Pathway, RandomGenerator> streams) {
    Map<Pathway, double[]> drawn = new EnumMap<>(Pathway.class);
    for (Pathway pathway : Pathway.values()) {
      if (model.means().containsKey(pathway)) {
        double mean = model.means().get(pathway);
        int pairs = pathway.from().size() * pathway.to().size();
        RandomGenerator random = streams.apply(pathway);
        drawn.put(
            pathway,
            model.logNormal(pathway)
                ? logNormal(pairs, mean, random)
                : random.doubles(pairs).map(u -> 2 * mean * u).toArray());
        if (pathway.from() == pathway.to()) {
          clearDiagonal(drawn.get(pathway), pathway.to().size());
        }
      }
    }
    return new DentateNetwork(drawn);
  }

  /** Scaled so that the mean of the weights drawn, not of the distribution, is the one given. */
  private static double[] logNormal(int pairs, double mean, RandomGenerator random) {
    double[] drawn = new double[pairs];
    Arrays.setAll(drawn, i -> Math.exp(random.nextGaussian()));
    double scale = mean * pairs / Arrays.stream(drawn).sum();
    Arrays.setAll(drawn, i -> scale * drawn[i]);
    return drawn;
  }

  private static void clearDiagonal(double[] weights, int size) {
    for (int i = 0; i < size; i++) {
      weights[i * (size + 1)] = 0;
    }
  }

  /** Its pathways. */
  public Set<Pathway> pathways() {
    return Collections.unmodifiableSet(weights.keySet());
  }

  /** A copy of the weights of a pathway that it has. */
  public double[] weights(Pathway pathway) {
    return weights.get(pathway).clone();
  }

  /** This network without a pathway; all other weights stay. */
  public DentateNetwork without(Pathway pathway) {
    Map<Pathway, double[]> left = new EnumMap<>(weights);
    left.remove(pathway);
    return new DentateNetwork(left);
  }

  /**
   * This network with the granule cells' inhibition dealt out anew: for each inhibitory pathway,
   * its sets of weights go to other granule cells, the larger in sum to those with the larger sum
   * of excitatory weights, or the reverse.
   *
   * @param alike whether the largest go to the largest
   */
  public DentateNetwork aligned(boolean alike) {
    double[] excitation = excitation();
    Integer[] cells = order(excitation, alike);
    Map<Pathway, double[]> changed = new EnumMap<>(weights);
    for (Pathway pathway : weights.keySet()) {
      if (inhibitsOutput(pathway)) {
        changed.put(pathway, dealt(weights.get(pathway), cells));
      }
    }
    return new DentateNetwork(changed);
  }

  /**
   * This network with the inhibitory weights of each granule cell scaled, pathway by pathway, so
   * that their sums are proportional to those of excitatory weights and their mean is unchanged.
   */
  public DentateNetwork proportional() {
    double[] excitation = excitation();
    double mean = Arrays.stream(excitation).average().orElseThrow();
    Map<Pathway, double[]> changed = new EnumMap<>(weights);
    for (Pathway pathway : weights.keySet()) {
      if (inhibitsOutput(pathway)) {
        double[] scaled = weights(pathway);
        double[] own = columnSums(scaled);
        double total = Arrays.stream(own).average().orElseThrow();
        for (int i = 0; i < scaled.length; i++) {
          int cell = i % own.length;
          scaled[i] *= total * excitation[cell] / (mean * own[cell]);
        }
        changed.put(pathway, scaled);
      }
    }
    return new DentateNetwork(changed);
  }

  /** The columns of a matrix so that their sums ascend in the order of these cells. */
  private static double[] dealt(double[] matrix, Integer[] cells) {
    Integer[] columns = order(columnSums(matrix), true);
    double[] result = new double[matrix.length];
    int width = cells.length;
    for (int rank = 0; rank < width; rank++) {
      for (int row = 0; row < matrix.length; row += width) {
        result[row + cells[rank]] = matrix[row + columns[rank]];
      }
    }
    return result;
  }

  /** Sum of the excitatory weights of each granule cell. */
  private double[] excitation() {
    double[] sums = new double[Cells.OUTPUT.size()];
    for (Map.Entry<Pathway, double[]> entry : weights.entrySet()) {
      Pathway pathway = entry.getKey();
      if (pathway.to() == Cells.OUTPUT && !pathway.from().inhibitory()) {
        double[] own = columnSums(entry.getValue());
        Arrays.setAll(sums, cell -> sums[cell] + own[cell]);
      }
    }
    return sums;
  }

  private static double[] columnSums(double[] matrix) {
    double[] sums = new double[Cells.OUTPUT.size()];
    for (int i = 0; i < matrix.length; i++) {
      sums[i % sums.length] += matrix[i];
    }
    return sums;
  }

  private static boolean inhibitsOutput(Pathway pathway) {
    return pathway.to() == Cells.OUTPUT && pathway.from().inhibitory();
  }

  private static Integer[] order(double[] values, boolean ascending) {
    Comparator<Integer> byValue = Comparator.comparingDouble(i -> values[i]);
    return IntStream.range(0, values.length)
        .boxed()
        .sorted(ascending ? byValue : byValue.reversed())
        .toArray(Integer[]::new);
  }
}

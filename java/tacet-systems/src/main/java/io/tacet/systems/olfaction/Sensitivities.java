package io.tacet.systems.olfaction;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.PhiloxRandom;
import io.tacet.sparse.SparsePattern;
import io.tacet.sparse.WeightLaw;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * How strongly odorants bind receptors: the sparse matrix S of Singh, Tchernookov and
 * Balasubramanian (2021), by receptor for elimination and by odorant for encoding, and as Java
 * arrays for estimates. Owns its arrays; closed by its creator.
 */
public final class Sensitivities implements AutoCloseable {
  private static final WeightLaw STANDARD_NORMAL = WeightLaw.normal(0, 1);

  private final Backend backend;
  private final int receptors;
  private final int odorants;

  /** By odorant. */
  private final int[] offsets;

  private final int[] indices;
  private final double[] values;
  private final CsrSynapses byOdorant;

  private Sensitivities(
      Backend backend, int receptors, int odorants, int[] rows, int[] columns, double[] values) {
    this.backend = backend;
    this.receptors = receptors;
    this.odorants = odorants;
    CsrSynapses.checkPattern(receptors, odorants, rows, columns);
    offsets = new int[odorants + 1];
    indices = new int[columns.length];
    this.values = new double[columns.length];
    transpose(rows, columns, values);
    byOdorant =
        CsrSynapses.of(backend, DType.FLOAT32, odorants, receptors, offsets, indices, this.values);
    // What float32 holds, so that estimates see the matrix that encoding does.
    Arrays.setAll(this.values, k -> (float) this.values[k]);
  }

  private void transpose(int[] rows, int[] columns, double[] ofRows) {
    for (int odorant : columns) {
      offsets[odorant + 1]++;
    }
    for (int j = 0; j < odorants; j++) {
      offsets[j + 1] += offsets[j];
    }
    int[] next = offsets.clone();
    for (int i = 0; i < receptors; i++) {
      for (int k = rows[i]; k < rows[i + 1]; k++) {
        int at = next[columns[k]]++;
        indices[at] = i;
        values[at] = ofRows[k];
      }
    }
  }

  /**
   * Every odorant binds every receptor with the same probability, independently, with log-normal
   * sensitivities of median 1.
   *
   * @param density the probability, in (0, 1]
   * @param spread standard deviation of the logarithm of the sensitivities; 0 for all the same
   */
  public static Sensitivities random(
      Backend backend, int receptors, int odorants, double density, double spread, long seed) {
    try (CsrSynapses drawn =
        CsrSynapses.random(
            backend,
            DType.FLOAT32,
            receptors,
            odorants,
            density,
            WeightLaw.normal(0, spread),
            seed)) {
      double[] values = Arrays.stream(drawn.weights().toDoubles()).map(StrictMath::exp).toArray();
      return new Sensitivities(
          backend,
          receptors,
          odorants,
          drawn.rowOffsets().toInts(),
          drawn.indices().toInts(),
          values);
    }
  }

  /**
   * Every receptor binds one block of neighbouring odorants, which may wrap around from the last to
   * the first, wherever it begins: ordered, where {@link #random} is disordered.
   *
   * @param density fraction of odorants in the block of each receptor
   * @param spread as in {@link #random}
   */
  public static Sensitivities ordered(
      Backend backend, int receptors, int odorants, double density, double spread, long seed) {
    int width = (int) Math.round(density * odorants);
    if (width < 1 || width > odorants) {
      throw new IllegalArgumentException(
          "density: expected a number in (0, 1] of at least one odorant, got " + density + ".");
    }
    int[] offsets = new int[receptors + 1];
    int[] indices = new int[receptors * width];
    double[] values = new double[indices.length];
    DoubleUnaryOperator law = z -> StrictMath.exp(spread * z);
    for (int i = 0; i < receptors; i++) {
      PhiloxRandom random = new PhiloxRandom(seed, i);
      int first = (int) (random.nextDouble() * odorants);
      for (int k = 0; k < width; k++) {
        indices[i * width + k] = (first + k) % odorants;
        values[i * width + k] = law.applyAsDouble(STANDARD_NORMAL.weight(random.nextInt()));
      }
      offsets[i + 1] = (i + 1) * width;
      Arrays.sort(indices, offsets[i], offsets[i + 1]);
    }
    return new Sensitivities(backend, receptors, odorants, offsets, indices, values);
  }

  /** Number of receptors, the rows of S. */
  public int receptors() {
    return receptors;
  }

  /** Number of odorants, the columns of S. */
  public int odorants() {
    return odorants;
  }

  /** Where the matrix is. */
  public Backend backend() {
    return backend;
  }

  /** The transpose of S, a row for each odorant; stays this object's. */
  public CsrSynapses byOdorant() {
    return byOdorant;
  }

  /**
   * The pattern of S, a row for each receptor, with the bindings of at least a sensitivity only;
   * its arrays belong to {@code owner}.
   */
  public SparsePattern pattern(double least, Resources owner) {
    int[] rows = new int[receptors + 1];
    for (int k = 0; k < indices.length; k++) {
      rows[indices[k] + 1] += values[k] >= least ? 1 : 0;
    }
    for (int i = 0; i < receptors; i++) {
      rows[i + 1] += rows[i];
    }
    int[] next = rows.clone();
    int[] columns = new int[rows[receptors]];
    for (int j = 0; j < odorants; j++) {
      for (int k = offsets[j]; k < offsets[j + 1]; k++) {
        if (values[k] >= least) {
          columns[next[indices[k]]++] = j;
        }
      }
    }
    return new SparsePattern(
        receptors, odorants, owner.own(backend.of(rows)), owner.own(indexArray(columns)));
  }

  private DeviceArray indexArray(int[] columns) {
    return columns.length == 0 ? backend.of(new int[1]) : backend.of(columns);
  }

  /** Number of receptors that an odorant binds. */
  int bindings(int odorant) {
    return offsets[odorant + 1] - offsets[odorant];
  }

  /** Receptor number k of those that an odorant binds, ascending. */
  int receptor(int odorant, int k) {
    return indices[offsets[odorant] + k];
  }

  /** Its sensitivity. */
  double sensitivity(int odorant, int k) {
    return values[offsets[odorant] + k];
  }

  @Override
  public void close() {
    byOdorant.close();
  }
}

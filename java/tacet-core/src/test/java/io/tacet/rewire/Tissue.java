package io.tacet.rewire;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.sparse.Philox;
import io.tacet.sparse.SparsePattern;
import io.tacet.sparse.WeightLaw;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Random synapses on a backend, and the same as a sorted map from {@code source x targets + target}
 * to the values of the companions, [companion][value].
 */
final class Tissue implements AutoCloseable {
  static final WeightLaw[] LAWS = {
    WeightLaw.constant(0), WeightLaw.normal(1, 2), WeightLaw.uniform(-1, 1)
  };

  /**
   * What synapses look like.
   *
   * @param slack places beyond the synapses there are
   * @param wide indices of 32 bits
   */
  record Shape(
      int sources,
      int targets,
      double density,
      int slack,
      int values,
      boolean repeated,
      boolean wide) {}

  final Shape shape;
  final Wiring wiring;
  final List<Companion> companions = new ArrayList<>();
  private final Resources resources = new Resources();

  Tissue(Backend backend, DType type, Shape shape, NavigableMap<Long, double[][]> synapses) {
    this.shape = shape;
    int places = synapses.size() + shape.slack();
    int copies = shape.repeated() ? shape.values() : 1;
    int[] offsets = new int[shape.sources() + 1];
    int[] indices = new int[Math.max(1, places) * copies];
    double[][] arrays = new double[LAWS.length][Math.max(1, places) * shape.values()];
    for (double[] array : arrays) {
      Arrays.fill(array, 77);
    }
    int at = 0;
    for (int i = 0; i < shape.sources(); i++) {
      Map<Long, double[][]> row =
          synapses.subMap((long) i * shape.targets(), (i + 1L) * shape.targets());
      int j = 0;
      for (Map.Entry<Long, double[][]> entry : row.entrySet()) {
        int target = (int) (entry.getKey() % shape.targets());
        for (int g = 0; g < shape.values(); g++) {
          int k = place(at, row.size(), j, g);
          if (shape.repeated() || g == 0) {
            indices[shape.repeated() ? k : at + j] = g * shape.targets() + target;
          }
          for (int c = 0; c < arrays.length; c++) {
            arrays[c][k] = entry.getValue()[c][g];
          }
        }
        j++;
      }
      at += row.size();
      offsets[i + 1] = at * copies;
    }
    DeviceArray index =
        resources.own(backend.allocate(shape.wide() ? DType.INT32 : DType.UINT16, indices.length));
    if (shape.wide()) {
      index.copyFrom(indices);
    } else {
      short[] narrow = new short[indices.length];
      for (int s = 0; s < narrow.length; s++) {
        narrow[s] = (short) indices[s];
      }
      index.copyFrom(narrow);
    }
    wiring =
        new Wiring(
            new SparsePattern(
                shape.sources(),
                copies * shape.targets(),
                resources.own(backend.of(offsets)),
                index),
            shape.values(),
            shape.repeated());
    for (int c = 0; c < arrays.length; c++) {
      DeviceArray array = resources.own(backend.allocate(type, arrays[c].length));
      companions.add(new Companion(array.copyFrom(arrays[c]), LAWS[c]));
    }
  }

  /** Random synapses; magnitudes are small whole numbers, so that many are equal. */
  static NavigableMap<Long, double[][]> random(Shape shape, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    TreeMap<Long, double[][]> synapses = new TreeMap<>();
    for (long pair = 0; pair < (long) shape.sources() * shape.targets(); pair++) {
      if (random.nextDouble() < shape.density()) {
        double[][] values = new double[LAWS.length][shape.values()];
        for (double[] each : values) {
          Arrays.setAll(each, g -> random.nextInt(-20, 21) / 8.0);
        }
        synapses.put(pair, values);
      }
    }
    return synapses;
  }

  private int place(int begin, int count, int j, int g) {
    return shape.repeated()
        ? begin * shape.values() + g * count + j
        : (begin + j) * shape.values() + g;
  }

  /** Pairs in the order in which they are dropped. */
  static List<Long> bySize(NavigableMap<Long, double[][]> synapses, int companion) {
    List<Long> pairs = new ArrayList<>(synapses.keySet());
    pairs.sort(
        Comparator.comparingDouble(
            (Long pair) -> {
              double sum = 0;
              for (double value : synapses.get(pair)[companion]) {
                sum += Math.abs(value);
              }
              return sum;
            }));
    return pairs;
  }

  /** Adds pairs with the values that new synapses begin with. */
  static void grow(
      NavigableMap<Long, double[][]> synapses, Shape shape, Set<Long> pairs, long seed, int step) {
    for (long pair : pairs) {
      int[] words = new int[4];
      double[][] values = new double[LAWS.length][shape.values()];
      for (int c = 0; c < values.length; c++) {
        int target = (int) (pair % shape.targets());
        Philox.block((int) (pair / shape.targets()), target, step, 18 + 256 * c, seed, words);
        for (int g = 0; g < shape.values(); g++) {
          values[c][g] = LAWS[c].weight(words[g]);
        }
      }
      synapses.put(pair, values);
    }
  }

  static void assertSame(
      NavigableMap<Long, double[][]> actual, NavigableMap<Long, double[][]> expected) {
    assertThat(actual.keySet()).containsExactlyElementsOf(expected.keySet());
    actual.forEach((pair, values) -> assertThat(values).isDeepEqualTo(expected.get(pair)));
  }

  DeviceArray array(int companion) {
    return companions.get(companion).array();
  }

  /** Reads everything back, after the pattern has been checked. */
  NavigableMap<Long, double[][]> read() {
    SparsePattern pattern = wiring.pattern().validate();
    int copies = wiring.copies();
    int[] offsets = pattern.rowOffsets().toInts();
    int[] indices = indices(pattern.indices());
    TreeMap<Long, double[][]> synapses = new TreeMap<>();
    double[][] arrays = new double[companions.size()][];
    Arrays.setAll(arrays, c -> array(c).toDoubles());
    for (int i = 0; i < shape.sources(); i++) {
      int begin = offsets[i] / copies;
      int count = offsets[i + 1] / copies - begin;
      for (int j = 0; j < count; j++) {
        int target = indices[begin * copies + j];
        double[][] values = new double[arrays.length][shape.values()];
        for (int g = 0; g < shape.values(); g++) {
          int k = place(begin, count, j, g);
          if (shape.repeated() && indices[k] != g * shape.targets() + target) {
            throw new AssertionError("Copies of row " + i + " differ.");
          }
          for (int c = 0; c < arrays.length; c++) {
            values[c][g] = arrays[c][k];
          }
        }
        synapses.put((long) i * shape.targets() + target, values);
      }
    }
    return synapses;
  }

  private static int[] indices(DeviceArray array) {
    if (array.type() == DType.INT32) {
      return array.toInts();
    }
    short[] narrow = array.toShorts();
    int[] wide = new int[narrow.length];
    Arrays.setAll(wide, s -> narrow[s] & 0xffff);
    return wide;
  }

  @Override
  public void close() {
    resources.close();
  }
}

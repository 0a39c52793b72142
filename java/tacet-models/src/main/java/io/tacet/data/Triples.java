package io.tacet.data;

import java.util.Arrays;

/** Elements of a sparse matrix as they come from a file, with their lines, to be sorted. */
final class Triples {
  private static final int LARGEST = Integer.MAX_VALUE - 8;

  private int[] rows = new int[1 << 10];
  private int[] columns = new int[1 << 10];
  private double[] values = new double[1 << 10];
  private long[] lines = new long[1 << 10];
  private int count;

  /** What to do about a pair that occurs again. */
  interface Duplicates<E extends Exception> {
    /** Called with the line of the later one; returns normally to add up the values. */
    void found(long line, int row, int column) throws E;
  }

  void add(int row, int column, double value, long line) {
    if (count == rows.length) {
      if (count == LARGEST) {
        throw new IllegalArgumentException("Expected at most " + LARGEST + " elements, got more.");
      }
      int length = (int) Math.min(LARGEST, 2L * count);
      rows = Arrays.copyOf(rows, length);
      columns = Arrays.copyOf(columns, length);
      values = Arrays.copyOf(values, length);
      lines = Arrays.copyOf(lines, length);
    }
    rows[count] = row;
    columns[count] = column;
    values[count] = value;
    lines[count++] = line;
  }

  /** The matrix, in time O(n log n) in the elements of a row. */
  <E extends Exception> SparseMatrix matrix(int rowCount, int columnCount, Duplicates<E> duplicates)
      throws E {
    int[] next = new int[rowCount + 1];
    for (int k = 0; k < count; k++) {
      next[rows[k] + 1]++;
    }
    for (int r = 0; r < rowCount; r++) {
      next[r + 1] += next[r];
    }
    int[] begins = next.clone();
    // Column and place of each element in one sortable number.
    long[] entries = new long[count];
    for (int k = 0; k < count; k++) {
      entries[next[rows[k]]++] = ((long) columns[k] << 32) | k;
    }
    int[] offsets = new int[rowCount + 1];
    int[] indices = new int[count];
    double[] sums = new double[count];
    int end = 0;
    for (int r = 0; r < rowCount; r++) {
      Arrays.sort(entries, begins[r], begins[r + 1]);
      for (int e = begins[r]; e < begins[r + 1]; e++) {
        int column = (int) (entries[e] >> 32);
        int k = (int) entries[e];
        if (end > offsets[r] && indices[end - 1] == column) {
          duplicates.found(lines[k], r, column);
          sums[end - 1] += values[k];
        } else {
          indices[end] = column;
          sums[end++] = values[k];
        }
      }
      offsets[r + 1] = end;
    }
    return new SparseMatrix(
        rowCount, columnCount, offsets, Arrays.copyOf(indices, end), Arrays.copyOf(sums, end));
  }
}

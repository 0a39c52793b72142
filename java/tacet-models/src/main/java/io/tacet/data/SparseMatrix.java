package io.tacet.data;

/**
 * A sparse matrix in compressed rows: the elements of row r are {@code offsets[r] ..
 * offsets[r+1]-1}; columns ascend within a row and are unique.
 *
 * @param rows number of rows
 * @param columns number of columns
 * @param offsets [rows + 1]
 * @param indices column of each element
 * @param values of the elements
 */
public record SparseMatrix(int rows, int columns, int[] offsets, int[] indices, double[] values) {}

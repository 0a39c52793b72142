package io.tacet.cuda.internal;

import io.tacet.dense.Activation;
import io.tacet.memory.DeviceArray;
import io.tacet.spi.DenseKernels;

/** Dense operations of libtacet; products by what {@link Products} chooses. */
final class NativeDense implements DenseKernels, AutoCloseable {
  private final NativeRuntime library;
  private final Workspace workspace;
  private final Products products;
  private final long stream;

  /**
   * @param onGpu whether the context is one of a GPU
   */
  NativeDense(NativeRuntime library, Workspace workspace, boolean onGpu, long stream) {
    this.library = library;
    this.workspace = workspace;
    this.products = new Products(library, workspace, onGpu, stream);
    this.stream = stream;
  }

  /** What multiplies. */
  Products products() {
    return products;
  }

  @Override
  public void multiply(
      int replicas,
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      DeviceArray a,
      DeviceArray b,
      double beta,
      DeviceArray c) {
    products.gemm().multiply(replicas, transposeA, transposeB, m, n, k, a, b, beta, c);
  }

  @Override
  public void addToRows(int replicas, DeviceArray matrix, DeviceArray row) {
    Calls.check(
        Tacet.tacet_add_to_rows(
            library.context(),
            replicas,
            matrix.address(),
            row.address(),
            matrix.length() / row.length(),
            Math.toIntExact(row.length() / replicas),
            stream));
  }

  @Override
  public void scaleRows(DeviceArray matrix, DeviceArray factors) {
    Calls.check(
        Tacet.tacet_scale_rows(
            library.context(),
            matrix.address(),
            factors.address(),
            factors.length(),
            Math.toIntExact(matrix.length() / factors.length()),
            stream));
  }

  @Override
  public void addColumnSums(int replicas, DeviceArray matrix, DeviceArray sums) {
    int columns = Math.toIntExact(sums.length() / replicas);
    long rows = matrix.length() / sums.length();
    long[] bytes = new long[1];
    Calls.check(Tacet.tacet_column_sums_bytes(library.context(), replicas, rows, columns, bytes));
    workspace.reserve(1, samples -> bytes[0]);
    Calls.check(
        Tacet.tacet_add_column_sums(
            library.context(),
            replicas,
            matrix.address(),
            rows,
            columns,
            sums.address(),
            workspace.address(),
            workspace.bytes(),
            stream));
  }

  @Override
  public void gatherRows(int replicas, DeviceArray table, DeviceArray rows, DeviceArray out) {
    Calls.check(
        Tacet.tacet_gather_rows(
            library.context(),
            replicas,
            table.address(),
            (int) (table.length() / columns(out, rows) / replicas),
            rows.address(),
            rows.length() / replicas,
            columns(out, rows),
            out.address(),
            stream));
  }

  @Override
  public void scatterAddRows(
      int replicas, DeviceArray errors, DeviceArray rows, DeviceArray table) {
    Calls.check(
        Tacet.tacet_scatter_add_rows(
            library.context(),
            replicas,
            errors.address(),
            rows.address(),
            Math.toIntExact(rows.length() / replicas),
            columns(errors, rows),
            (int) (table.length() / columns(errors, rows) / replicas),
            table.address(),
            stream));
  }

  @Override
  public void softmaxCrossEntropy(
      DeviceArray logits,
      DeviceArray labels,
      double scale,
      DeviceArray losses,
      DeviceArray predicted,
      DeviceArray errors) {
    Calls.check(
        Tacet.tacet_softmax_cross_entropy(
            library.context(),
            logits.address(),
            labels.address(),
            Math.toIntExact(labels.length()),
            columns(logits, labels),
            (float) scale,
            losses.address(),
            Words.address(predicted),
            Words.address(errors),
            stream));
  }

  @Override
  public void dropout(
      DeviceArray source, double p, long seed, long group, long period, DeviceArray target) {
    Calls.check(
        Tacet.tacet_dropout(
            library.context(),
            source.address(),
            source.length(),
            p,
            seed,
            group,
            period,
            target.address(),
            stream));
  }

  @Override
  public void activate(DeviceArray source, Activation activation, DeviceArray target) {
    Calls.check(
        Tacet.tacet_activate(
            library.context(),
            source.address(),
            source.length(),
            Words.of(activation),
            target.address(),
            stream));
  }

  @Override
  public void activateBackward(DeviceArray values, DeviceArray errors, Activation activation) {
    Calls.check(
        Tacet.tacet_activate_backward(
            library.context(),
            values.address(),
            errors.address(),
            values.length(),
            Words.of(activation),
            stream));
  }

  @Override
  public void keepWinners(DeviceArray values, int winners, DeviceArray kept, DeviceArray marks) {
    Calls.check(
        Tacet.tacet_keep_winners(
            library.context(),
            values.address(),
            values.length() / units(values),
            units(values),
            winners,
            kept.address(),
            Words.address(marks),
            stream));
  }

  @Override
  public void dropLosers(DeviceArray marks, DeviceArray errors) {
    Calls.check(
        Tacet.tacet_drop_losers(
            library.context(),
            marks.address(),
            errors.length() / units(errors),
            units(errors),
            errors.address(),
            stream));
  }

  @Override
  public void controlGain(DeviceArray values, DeviceArray gain, DeviceArray controlled) {
    Calls.check(
        Tacet.tacet_control_gain(
            library.context(),
            values.address(),
            values.length() / units(values),
            units(values),
            gain.address(),
            controlled.address(),
            stream));
  }

  @Override
  public void controlGainBackward(
      DeviceArray values, DeviceArray gain, DeviceArray errors, DeviceArray gainGradient) {
    long rows = values.length() / units(values);
    long[] bytes = new long[1];
    Calls.check(Tacet.tacet_control_gain_backward_bytes(library.context(), rows, bytes));
    workspace.reserve(1, samples -> bytes[0]);
    Calls.check(
        Tacet.tacet_control_gain_backward(
            library.context(),
            values.address(),
            rows,
            units(values),
            gain.address(),
            errors.address(),
            Words.address(gainGradient),
            workspace.address(),
            workspace.bytes(),
            stream));
  }

  private static int units(DeviceArray matrix) {
    long[] shape = matrix.shape();
    return Math.toIntExact(shape[shape.length - 1]);
  }

  private static int columns(DeviceArray matrix, DeviceArray rows) {
    return Math.toIntExact(matrix.length() / rows.length());
  }

  @Override
  public void close() {
    products.close();
  }
}

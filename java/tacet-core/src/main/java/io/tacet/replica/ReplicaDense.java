package io.tacet.replica;

import io.tacet.dense.Activation;
import io.tacet.memory.DeviceArray;
import io.tacet.spi.DenseKernels;
import java.util.List;

/** Dense operations of a replica, together with those of the others. */
record ReplicaDense(DenseKernels shared, Lockstep lockstep, int replica) implements DenseKernels {
  private void defer(
      String operation, List<Object> settings, KernelCall.Action action, DeviceArray... arrays) {
    lockstep.defer(replica, KernelCall.of(replica, operation, settings, action, arrays));
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
    defer(
        "multiply",
        List.of(replicas, transposeA, transposeB, m, n, k, beta),
        (count, x) ->
            shared.multiply(
                count * replicas, transposeA, transposeB, m, n, k, x[0], x[1], beta, x[2]),
        a,
        b,
        c);
  }

  @Override
  public void addToRows(int replicas, DeviceArray matrix, DeviceArray row) {
    defer(
        "addToRows",
        List.of(replicas),
        (count, x) -> shared.addToRows(count * replicas, x[0], x[1]),
        matrix,
        row);
  }

  @Override
  public void scaleRows(DeviceArray matrix, DeviceArray factors) {
    defer("scaleRows", List.of(), (count, x) -> shared.scaleRows(x[0], x[1]), matrix, factors);
  }

  @Override
  public void addColumnSums(int replicas, DeviceArray matrix, DeviceArray sums) {
    defer(
        "addColumnSums",
        List.of(replicas),
        (count, x) -> shared.addColumnSums(count * replicas, x[0], x[1]),
        matrix,
        sums);
  }

  @Override
  public void gatherRows(int replicas, DeviceArray table, DeviceArray rows, DeviceArray out) {
    defer(
        "gatherRows",
        List.of(replicas),
        (count, x) -> shared.gatherRows(count * replicas, x[0], x[1], x[2]),
        table,
        rows,
        out);
  }

  @Override
  public void scatterAddRows(
      int replicas, DeviceArray errors, DeviceArray rows, DeviceArray table) {
    defer(
        "scatterAddRows",
        List.of(replicas),
        (count, x) -> shared.scatterAddRows(count * replicas, x[0], x[1], x[2]),
        errors,
        rows,
        table);
  }

  @Override
  public void softmaxCrossEntropy(
      DeviceArray logits,
      DeviceArray labels,
      double scale,
      DeviceArray losses,
      DeviceArray predicted,
      DeviceArray errors) {
    defer(
        "softmaxCrossEntropy",
        List.of(scale),
        (count, x) -> shared.softmaxCrossEntropy(x[0], x[1], scale, x[2], x[3], x[4]),
        logits,
        labels,
        losses,
        predicted,
        errors);
  }

  /** Not together: each replica has a mask of its own. */
  @Override
  public void dropout(
      DeviceArray source, double p, long seed, long group, long period, DeviceArray target) {
    alone((count, x) -> shared.dropout(x[0], p, seed, group, period, x[1]), source, target);
  }

  @Override
  public void activate(DeviceArray source, Activation activation, DeviceArray target) {
    defer(
        "activate",
        List.of(activation),
        (count, x) -> shared.activate(x[0], activation, x[1]),
        source,
        target);
  }

  @Override
  public void activateBackward(DeviceArray values, DeviceArray errors, Activation activation) {
    defer(
        "activateBackward",
        List.of(activation),
        (count, x) -> shared.activateBackward(x[0], x[1], activation),
        values,
        errors);
  }

  @Override
  public void keepWinners(DeviceArray values, int winners, DeviceArray kept, DeviceArray marks) {
    defer(
        "keepWinners",
        List.of(winners),
        (count, x) -> shared.keepWinners(x[0], winners, x[1], x[2]),
        values,
        kept,
        marks);
  }

  @Override
  public void dropLosers(DeviceArray marks, DeviceArray errors) {
    defer("dropLosers", List.of(), (count, x) -> shared.dropLosers(x[0], x[1]), marks, errors);
  }

  /** Not together: each replica has a gain of its own. */
  @Override
  public void controlGain(DeviceArray values, DeviceArray gain, DeviceArray controlled) {
    alone((count, x) -> shared.controlGain(x[0], x[1], x[2]), values, gain, controlled);
  }

  @Override
  public void controlGainBackward(
      DeviceArray values, DeviceArray gain, DeviceArray errors, DeviceArray gainGradient) {
    alone(
        (count, x) -> shared.controlGainBackward(x[0], x[1], x[2], x[3]),
        values,
        gain,
        errors,
        gainGradient);
  }

  private void alone(KernelCall.Action action, DeviceArray... arrays) {
    Call call = KernelCall.of(replica, "alone", List.of(), action, arrays);
    lockstep.defer(replica, new OwnCall(call::alone));
  }
}

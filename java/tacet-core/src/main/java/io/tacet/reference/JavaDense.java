package io.tacet.reference;

import io.tacet.dense.Activation;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Expect;
import io.tacet.spi.DenseKernels;

/** Chooses the precision of each call by the element type of its first array. */
final class JavaDense implements DenseKernels {
  private final io.tacet.reference.f64.DenseReference f64;
  private final io.tacet.reference.f32.DenseReference f32;
  private final io.tacet.reference.f64.WinnersReference winners64;
  private final io.tacet.reference.f32.WinnersReference winners32;
  private final Workers workers;

  JavaDense(Workers workers, TiledProduct library) {
    this.workers = workers;
    f64 = new io.tacet.reference.f64.DenseReference(workers, library);
    f32 = new io.tacet.reference.f32.DenseReference(workers, library);
    winners64 = new io.tacet.reference.f64.WinnersReference(workers);
    winners32 = new io.tacet.reference.f32.WinnersReference(workers);
  }

  private static boolean isDouble(DeviceArray array) {
    return array.type() == DType.FLOAT64;
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
    if (isDouble(a)) {
      f64.multiply(replicas, transposeA, transposeB, m, n, k, a, b, beta != 0, c);
    } else {
      f32.multiply(replicas, transposeA, transposeB, m, n, k, a, b, beta != 0, c);
    }
  }

  @Override
  public void addToRows(int replicas, DeviceArray matrix, DeviceArray row) {
    if (isDouble(matrix)) {
      f64.addToRows(replicas, matrix, row);
    } else {
      f32.addToRows(replicas, matrix, row);
    }
  }

  @Override
  public void scaleRows(DeviceArray matrix, DeviceArray factors) {
    if (isDouble(matrix)) {
      f64.scaleRows(matrix, factors);
    } else {
      f32.scaleRows(matrix, factors);
    }
  }

  @Override
  public void addColumnSums(int replicas, DeviceArray matrix, DeviceArray sums) {
    if (isDouble(matrix)) {
      f64.addColumnSums(replicas, matrix, sums);
    } else {
      f32.addColumnSums(replicas, matrix, sums);
    }
  }

  @Override
  public void gatherRows(int replicas, DeviceArray table, DeviceArray rows, DeviceArray out) {
    long columns = out.length() / rows.length();
    int last = (int) (table.length() / columns / replicas) - 1;
    Expect.range("rows", rows, 0, last, "a row of the table");
    if (isDouble(table)) {
      f64.gatherRows(replicas, table, rows, out);
    } else {
      f32.gatherRows(replicas, table, rows, out);
    }
  }

  @Override
  public void scatterAddRows(
      int replicas, DeviceArray errors, DeviceArray rows, DeviceArray table) {
    if (isDouble(errors)) {
      f64.scatterAddRows(replicas, errors, rows, table);
    } else {
      f32.scatterAddRows(replicas, errors, rows, table);
    }
  }

  @Override
  public void softmaxCrossEntropy(
      DeviceArray logits,
      DeviceArray labels,
      double scale,
      DeviceArray losses,
      DeviceArray predicted,
      DeviceArray errors) {
    Expect.range(
        "labels",
        labels,
        Integer.MIN_VALUE,
        (int) (logits.length() / labels.length()) - 1,
        "a class, or below 0 for a row that does not count");
    if (isDouble(logits)) {
      f64.softmaxCrossEntropy(logits, labels, scale, losses, predicted, errors);
    } else {
      f32.softmaxCrossEntropy(logits, labels, (float) scale, losses, predicted, errors);
    }
  }

  @Override
  public void dropout(
      DeviceArray source, double p, long seed, long group, long period, DeviceArray target) {
    Masks masks = new Masks(seed, Masks.DROPOUT, p);
    if (isDouble(source)) {
      f64.dropout(source, masks, group, period, target);
    } else {
      f32.dropout(source, masks, group, period, target);
    }
  }

  @Override
  public void activate(DeviceArray source, Activation activation, DeviceArray target) {
    if (isDouble(source)) {
      f64.activate(source, activation, target);
    } else {
      f32.activate(source, activation, target);
    }
  }

  @Override
  public void activateBackward(DeviceArray values, DeviceArray errors, Activation activation) {
    if (isDouble(values)) {
      f64.activateBackward(values, errors, activation);
    } else {
      f32.activateBackward(values, errors, activation);
    }
  }

  @Override
  public void keepWinners(DeviceArray values, int winners, DeviceArray kept, DeviceArray marks) {
    if (isDouble(values)) {
      winners64.keep(values, winners, kept, marks);
    } else {
      winners32.keep(values, winners, kept, marks);
    }
  }

  @Override
  public void dropLosers(DeviceArray marks, DeviceArray errors) {
    if (isDouble(errors)) {
      winners64.drop(marks, errors);
    } else {
      winners32.drop(marks, errors);
    }
  }

  @Override
  public void controlGain(DeviceArray values, DeviceArray gain, DeviceArray controlled) {
    if (isDouble(values)) {
      io.tacet.reference.f64.GainReference.control(workers, values, gain, controlled);
    } else {
      io.tacet.reference.f32.GainReference.control(workers, values, gain, controlled);
    }
  }

  @Override
  public void controlGainBackward(
      DeviceArray values, DeviceArray gain, DeviceArray errors, DeviceArray gainGradient) {
    if (isDouble(values)) {
      io.tacet.reference.f64.GainReference.backward(workers, values, gain, errors, gainGradient);
    } else {
      io.tacet.reference.f32.GainReference.backward(workers, values, gain, errors, gainGradient);
    }
  }
}

package io.tacet.eventprop;

import io.tacet.memory.DeviceArray;
import io.tacet.memory.Expect;

/**
 * Losses of spike times and of read-outs. Each writes dL/d(what it looks at), already divided by
 * the batch, the loss of each sample (not divided) and the class it would predict. Labels are read
 * to check them, so each waits for the device.
 */
public final class Losses {
  private Losses() {}

  /**
   * Writes {@code output.errors()} for {@link FirstSpikeLoss}.
   *
   * @param labels INT32 [batch], 0 .. classes-1
   * @param classes number of output neurons; spikes of neurons beyond them play no part
   * @param duration what a silent output counts as, in ms
   * @param losses written, [batch]
   * @param predicted written, INT32 [batch]: the output that spikes first; -1, which is no class,
   *     where all are silent
   */
  public static void firstSpike(
      FirstSpikeLoss loss,
      Spikes output,
      DeviceArray labels,
      int classes,
      double duration,
      DeviceArray losses,
      DeviceArray predicted) {
    if (classes < 1) {
      throw new IllegalArgumentException("classes: expected at least 1, got " + classes + ".");
    }
    LifLayer.checkDuration(duration, output.type());
    check(output.times(), output.batch(), classes, labels, losses, predicted);
    losses
        .backend()
        .kernels()
        .eventProp()
        .firstSpikeLoss(loss, output, labels, classes, duration, losses, predicted);
  }

  /**
   * Softmax cross-entropy of read-out values.
   *
   * @param values [batch][classes]
   * @param labels INT32 [batch], 0 .. classes-1
   * @param valueErrors written, [batch][classes]
   * @param losses written, [batch]
   * @param predicted written, INT32 [batch]: the largest value
   */
  public static void crossEntropy(
      DeviceArray values,
      DeviceArray labels,
      DeviceArray valueErrors,
      DeviceArray losses,
      DeviceArray predicted) {
    int batch = (int) labels.length();
    if (batch == 0 || values.length() == 0 || values.length() % batch != 0) {
      throw new IllegalArgumentException(
          "values: expected [" + batch + "][classes], as many rows as labels, got " + values + ".");
    }
    check(values, batch, (int) (values.length() / batch), labels, losses, predicted);
    Expect.like("valueErrors", valueErrors, values, values.length());
    values
        .backend()
        .kernels()
        .eventProp()
        .crossEntropy(values, labels, valueErrors, losses, predicted);
  }

  /** Reads the labels, which waits for the device; a wrong one would be read out of bounds. */
  static void check(
      DeviceArray like,
      int batch,
      int classes,
      DeviceArray labels,
      DeviceArray losses,
      DeviceArray predicted) {
    Expect.ints("labels", labels, like, batch);
    Expect.like("losses", losses, like, batch);
    Expect.ints("predicted", predicted, like, batch);
    Expect.range("labels", labels, 0, classes - 1, "the class of each sample");
  }
}

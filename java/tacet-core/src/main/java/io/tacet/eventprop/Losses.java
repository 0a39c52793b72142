package io.tacet.eventprop;

import io.tacet.memory.DeviceArray;
import io.tacet.memory.Expect;

/**
 * Losses of spike times and of read-outs. Each writes dL/d(what it looks at), already divided by
 * the batch, the loss of each sample (not divided) and the class it would predict. Labels are
 * checked: where the caller does not know their values they are read, which waits for the device.
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
    firstSpike(loss, output, labels, null, classes, duration, losses, predicted);
  }

  /**
   * As above, without waiting for the device.
   *
   * @param known what {@code labels} holds; null to read it
   */
  public static void firstSpike(
      FirstSpikeLoss loss,
      Spikes output,
      DeviceArray labels,
      int[] known,
      int classes,
      double duration,
      DeviceArray losses,
      DeviceArray predicted) {
    if (classes < 1) {
      throw new IllegalArgumentException("classes: expected at least 1, got " + classes + ".");
    }
    LifLayer.checkDuration(duration, output.type());
    check(output.times(), output.batch(), classes, labels, known, losses, predicted);
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
    crossEntropy(values, labels, null, valueErrors, losses, predicted);
  }

  /**
   * As above, without waiting for the device.
   *
   * @param known what {@code labels} holds; null to read it
   */
  public static void crossEntropy(
      DeviceArray values,
      DeviceArray labels,
      int[] known,
      DeviceArray valueErrors,
      DeviceArray losses,
      DeviceArray predicted) {
    int batch = (int) labels.length();
    if (batch == 0 || values.length() == 0 || values.length() % batch != 0) {
      throw new IllegalArgumentException(
          "values: expected [" + batch + "][classes], as many rows as labels, got " + values + ".");
    }
    check(values, batch, (int) (values.length() / batch), labels, known, losses, predicted);
    Expect.like("valueErrors", valueErrors, values, values.length());
    values
        .backend()
        .kernels()
        .eventProp()
        .crossEntropy(values, labels, valueErrors, losses, predicted);
  }

  /** A wrong label would be read out of bounds. */
  static void check(
      DeviceArray like,
      int batch,
      int classes,
      DeviceArray labels,
      int[] known,
      DeviceArray losses,
      DeviceArray predicted) {
    Expect.ints("labels", labels, like, batch);
    Expect.like("losses", losses, like, batch);
    Expect.ints("predicted", predicted, like, batch);
    String meaning = "the class of each sample";
    if (known == null) {
      Expect.range("labels", labels, 0, classes - 1, meaning);
    } else {
      Expect.range("labels", known, 0, classes - 1, meaning);
    }
  }
}

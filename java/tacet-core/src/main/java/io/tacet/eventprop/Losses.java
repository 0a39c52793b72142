package io.tacet.eventprop;

import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import java.util.Arrays;

/**
 * Losses of spike times and of read-outs. Each writes dL/d(what it looks at), already divided by
 * the batch, the loss of each sample (not divided) and the class it would predict.
 */
public final class Losses {
  private Losses() {}

  /**
   * Writes {@code output.errors()} for {@link FirstSpikeLoss}.
   *
   * @param labels INT32 [batch], 0 .. classes-1
   * @param classes number of output neurons
   * @param duration what a silent output counts as, in ms
   * @param losses written, [batch]
   * @param predicted written, INT32 [batch]: the output that spikes first
   */
  public static void firstSpike(
      FirstSpikeLoss loss,
      Spikes output,
      DeviceArray labels,
      int classes,
      double duration,
      DeviceArray losses,
      DeviceArray predicted) {
    check(output.batch(), labels, losses, predicted);
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
    check(batch, labels, losses, predicted);
    if (values.length() % batch != 0 || !Arrays.equals(values.shape(), valueErrors.shape())) {
      throw new IllegalArgumentException(
          "values, valueErrors: expected the same ["
              + batch
              + "][classes], got "
              + values
              + " and "
              + valueErrors
              + ".");
    }
    values
        .backend()
        .kernels()
        .eventProp()
        .crossEntropy(values, labels, valueErrors, losses, predicted);
  }

  static void check(int batch, DeviceArray labels, DeviceArray losses, DeviceArray predicted) {
    if (labels.type() != DType.INT32
        || labels.length() != batch
        || losses.length() != batch
        || predicted.type() != DType.INT32
        || predicted.length() != batch) {
      throw new IllegalArgumentException(
          "labels, losses, predicted: expected "
              + batch
              + " elements each, INT32 for labels and"
              + " predicted, got "
              + labels
              + ", "
              + losses
              + ", "
              + predicted
              + ".");
    }
  }
}

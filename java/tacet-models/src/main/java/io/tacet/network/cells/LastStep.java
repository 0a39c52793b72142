package io.tacet.network.cells;

import io.tacet.Backend;
import io.tacet.dense.Dense;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.network.LayerContext;
import io.tacet.network.Lengths;
import io.tacet.network.PassShape;
import java.util.stream.IntStream;

/** The last step of [steps][batch][columns], and its errors among zeros. Owns its arrays. */
final class LastStep implements AutoCloseable {
  private final DeviceArray rows;
  private final DeviceArray values;

  /** Of all steps; null in inference. */
  private final DeviceArray errors;

  private final Resources resources = new Resources();

  LastStep(LayerContext context, PassShape shape, long columns) {
    try {
      rows = resources.own(rows(context.backend(), shape));
      values = context.buffer(resources, shape.batch(), columns);
      errors =
          shape.trains() ? context.buffer(resources, shape.steps(), shape.batch(), columns) : null;
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  /** Numbers of the rows of the last step among those of all steps; the caller closes it. */
  static DeviceArray rows(Backend backend, PassShape shape) {
    int end = Math.multiplyExact(shape.steps(), shape.batch());
    return backend.of(IntStream.range(end - shape.batch(), end).toArray());
  }

  /**
   * Copies the last step.
   *
   * @param lengths null where it is the same of all samples
   */
  void take(DeviceArray steps, Lengths lengths) {
    if (lengths == null) {
      Dense.gatherRows(steps, rows, values);
    } else {
      lengths.takeLast(steps, null, values);
    }
  }

  /** What {@link #take} found, [batch][columns]. */
  DeviceArray values() {
    return values;
  }

  /** Errors of all steps, of which only the last has any. */
  DeviceArray spread(DeviceArray ofLast, Lengths lengths) {
    errors.zero();
    if (lengths == null) {
      Dense.scatterAddRows(ofLast, rows, errors);
    } else {
      lengths.addToLast(ofLast, errors);
    }
    return errors;
  }

  @Override
  public void close() {
    resources.close();
  }
}

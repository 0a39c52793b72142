package io.tacet.network.cells;

import io.tacet.dense.Dense;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.network.LayerContext;
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
    int end = Math.multiplyExact(shape.steps(), shape.batch());
    try {
      rows = resources.own(context.backend().allocate(DType.INT32, shape.batch()));
      rows.copyFrom(IntStream.range(end - shape.batch(), end).toArray());
      values = context.buffer(resources, shape.batch(), columns);
      errors =
          shape.trains() ? context.buffer(resources, shape.steps(), shape.batch(), columns) : null;
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  /** Copies the last step. */
  void take(DeviceArray steps) {
    Dense.gatherRows(steps, rows, values);
  }

  /** What {@link #take} found, [batch][columns]. */
  DeviceArray values() {
    return values;
  }

  /** Errors of all steps, of which only the last has any. */
  DeviceArray spread(DeviceArray ofLast) {
    errors.zero();
    Dense.scatterAddRows(ofLast, rows, errors);
    return errors;
  }

  @Override
  public void close() {
    resources.close();
  }
}

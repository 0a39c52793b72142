package io.tacet.circuits;

import io.tacet.Backend;
import io.tacet.dense.Dense;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.EventPropagation;
import io.tacet.sparse.Events;
import java.util.Arrays;

/**
 * Weighted sums of graded activity, [batch][sources] times [sources][targets], by an operation of
 * the backend. Closed by its creator. One thread at a time.
 */
public interface RateSums extends AutoCloseable {

  /** How sums are computed. All methods agree up to rounding. */
  enum Method {
    /** By event propagation along the synapses of those units that are not 0. */
    EVENTS,
    /** As a product of matrices. */
    DENSE
  }

  /**
   * The sums, [batch][targets].
   *
   * @param activity [batch][sources]
   */
  double[] of(DeviceArray activity);

  /** How many elements of the last activity were not 0; all of them where none is left out. */
  long events();

  @Override
  void close();

  /**
   * Sums with fixed weights.
   *
   * @param type of activity, weights and sums
   * @param weights [sources][targets]
   */
  static RateSums of(
      Backend backend,
      DType type,
      int sources,
      int targets,
      double[] weights,
      int batch,
      Method method) {
    return method == Method.EVENTS
        ? new ByEvents(backend, type, sources, targets, weights, batch)
        : new ByProduct(backend, type, sources, targets, weights, batch);
  }

  /** Sums along synapses that are there, of units that are active. */
  final class ByEvents implements RateSums {
    private final Resources owned = new Resources();
    private final Events events;
    private final EventPropagation propagation;
    private final DeviceArray sums;

    private ByEvents(
        Backend backend, DType type, int sources, int targets, double[] weights, int batch) {
      try {
        CsrSynapses synapses =
            owned.own(CsrSynapses.ofDense(backend, type, sources, targets, weights));
        events = owned.own(Events.graded(backend, type, batch, sources));
        propagation = owned.own(EventPropagation.of(synapses, batch));
        sums = owned.own(backend.allocate(type, batch, targets));
      } catch (RuntimeException | Error e) {
        owned.close();
        throw e;
      }
    }

    @Override
    public double[] of(DeviceArray activity) {
      propagation.forward(events.compact(activity), sums.zero());
      return sums.toDoubles();
    }

    @Override
    public long events() {
      return Arrays.stream(events.counts().toInts()).asLongStream().sum();
    }

    @Override
    public void close() {
      owned.close();
    }
  }

  /** Sums over all pairs. */
  final class ByProduct implements RateSums {
    private final Resources owned = new Resources();
    private final DeviceArray weights;
    private final DeviceArray sums;
    private final long elements;

    private ByProduct(
        Backend backend, DType type, int sources, int targets, double[] values, int batch) {
      elements = (long) batch * sources;
      try {
        weights = owned.own(backend.allocate(type, sources, targets));
        weights.copyFrom(values);
        sums = owned.own(backend.allocate(type, batch, targets));
      } catch (RuntimeException | Error e) {
        owned.close();
        throw e;
      }
    }

    @Override
    public double[] of(DeviceArray activity) {
      Dense.multiply(activity, weights, false, sums);
      return sums.toDoubles();
    }

    @Override
    public long events() {
      return elements;
    }

    @Override
    public void close() {
      owned.close();
    }
  }
}

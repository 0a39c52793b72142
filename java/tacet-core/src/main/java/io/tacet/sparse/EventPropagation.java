package io.tacet.sparse;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.spi.PropagationKernels;

/**
 * Sparse event propagation through one set of synapses: work and memory traffic are proportional to
 * the number of events, not of units. With x the sparse vector of a step's events (1 or a value)
 * and W the weights, rows by source:
 *
 * <ul>
 *   <li>{@link #forward}: currents += x W
 *   <li>{@link #transposed}: for each event of source i, the dot product of row i of W with the
 *       adjoint of the targets
 *   <li>{@link #weightGradient}: gradient += x^T adjoint, on the synapses that exist
 * </ul>
 *
 * Each also has a variant with a {@link DelayRing}, in which an event of step t reaches its target
 * in step t + delay. Arguments are checked here and the backend is called once.
 *
 * <p>By default results are bit-identical from run to run on one device. Owns scratch memory but
 * not the synapses; closed by its creator, before the synapses. One thread at a time.
 */
public final class EventPropagation implements AutoCloseable {
  private final Synapses synapses;
  private final int batch;
  private final PropagationKernels.Plan plan;

  private EventPropagation(Synapses synapses, int batch, boolean deterministic) {
    if (batch < 1) {
      throw new IllegalArgumentException("batch: expected at least 1, got " + batch + ".");
    }
    this.synapses = synapses;
    this.batch = batch;
    this.plan = synapses.backend().kernels().propagation().plan(synapses, batch, deterministic);
  }

  /**
   * Propagation with fixed-order sums.
   *
   * @param synapses not owned; their weights may change between calls
   * @param batch samples per step
   */
  public static EventPropagation of(Synapses synapses, int batch) {
    return new EventPropagation(synapses, batch, true);
  }

  /** Propagation that may sum in any order where that is faster. */
  public static EventPropagation fast(Synapses synapses, int batch) {
    return new EventPropagation(synapses, batch, false);
  }

  /** The synapses given. */
  public Synapses synapses() {
    return synapses;
  }

  /** Samples per step. */
  public int batch() {
    return batch;
  }

  /**
   * Adds to the current of every target the weights of its active synapses.
   *
   * @param currents [batch][targets]
   */
  public void forward(Events events, DeviceArray currents) {
    check(events);
    plan.forward(events, now("currents", currents, currents.type()));
  }

  /** {@link #forward} where events of {@code step} arrive by their delays. */
  public void forward(Events events, DelayRing ring, long step) {
    check(events);
    plan.forward(events, later(ring, step));
  }

  /**
   * Writes, for each event, the sum over its synapses of weight x adjoint of the target: the error
   * of a graded event's value, or of an event's time once divided by the neuron's slope.
   *
   * @param adjoint [batch][targets]
   * @param sums [batch][capacity], beside {@link Events#units()}; elements without an event are
   *     left as they are
   */
  public void transposed(Events events, DeviceArray adjoint, DeviceArray sums) {
    check(events);
    checkSums(events, sums, adjoint.type());
    plan.transposed(events, now("adjoint", adjoint, adjoint.type()), sums);
  }

  /** {@link #transposed} where the adjoint is that of the step in which the event arrives. */
  public void transposed(Events events, DelayRing adjoint, long step, DeviceArray sums) {
    check(events);
    checkSums(events, sums, adjoint.values().type());
    plan.transposed(events, later(adjoint, step), sums);
  }

  /**
   * Adds, for each synapse, the sum over the events of its source of value x adjoint of its target.
   *
   * @param adjoint [batch][targets]
   * @param gradient like the weights
   */
  public void weightGradient(Events events, DeviceArray adjoint, DeviceArray gradient) {
    check(events);
    checkGradient(gradient, adjoint.type());
    plan.weightGradient(events, now("adjoint", adjoint, adjoint.type()), gradient);
  }

  /** {@link #weightGradient} where the adjoint is that of the step in which the event arrives. */
  public void weightGradient(Events events, DelayRing adjoint, long step, DeviceArray gradient) {
    check(events);
    checkGradient(gradient, adjoint.values().type());
    plan.weightGradient(events, later(adjoint, step), gradient);
  }

  /** To be called after offsets or indices have changed in place; weights may change freely. */
  public void patternChanged() {
    plan.patternChanged();
  }

  @Override
  public void close() {
    plan.close();
  }

  private PropagationKernels.Slots now(String name, DeviceArray values, DType type) {
    checkType(name, type);
    checkBackend(name, values);
    if (values.length() != (long) batch * synapses.targets()) {
      throw new IllegalArgumentException(
          name + ": expected [" + batch + "][" + synapses.targets() + "], got " + values + ".");
    }
    return new PropagationKernels.Slots(values, null, 1, 0);
  }

  private PropagationKernels.Slots later(DelayRing ring, long step) {
    checkType("ring", ring.values().type());
    checkBackend("ring", ring.values());
    if (ring.batch() != batch || ring.targets() != synapses.targets()) {
      throw new IllegalArgumentException(
          "ring: expected [slots]["
              + batch
              + "]["
              + synapses.targets()
              + "], got "
              + ring.values()
              + ".");
    }
    if (ring.delays().kind() == Delays.Kind.PER_SYNAPSE && synapses instanceof ProceduralSynapses) {
      throw new IllegalArgumentException(
          "ring: procedural synapses store nothing per synapse; expected PER_SOURCE delays.");
    }
    ring.delays().check(synapses.sources(), synapses.count());
    return new PropagationKernels.Slots(
        ring.values(), ring.delays(), ring.slots(), ring.slot(step));
  }

  private void check(Events events) {
    Backend backend = synapses.backend();
    if (events.batch() != batch || events.sources() != synapses.sources()) {
      throw new IllegalArgumentException(
          "events: expected a batch of "
              + batch
              + " over "
              + synapses.sources()
              + " sources, got "
              + events.batch()
              + " over "
              + events.sources()
              + ".");
    }
    if (events.backend() != backend) {
      throw new IllegalArgumentException(
          "events: expected the backend of the synapses, "
              + backend.name()
              + ", got another one, "
              + events.backend().name()
              + ".");
    }
    if (events.values() != null) {
      checkType("events", events.values().type());
    }
  }

  private void checkBackend(String name, DeviceArray array) {
    if (array.backend() != synapses.backend()) {
      throw new IllegalArgumentException(
          name
              + ": expected an array on the backend of the synapses, "
              + synapses.backend().name()
              + ", got "
              + array
              + " on another one, "
              + array.backend().name()
              + ".");
    }
  }

  private void checkType(String name, DType type) {
    boolean stored = !(synapses instanceof ProceduralSynapses);
    if (!type.isFloating() || (stored && type != synapses.weights().type())) {
      throw new IllegalArgumentException(
          name
              + ": expected "
              + (stored ? synapses.weights().type() : "floating point")
              + " like the weights, got "
              + type
              + ".");
    }
  }

  private void checkSums(Events events, DeviceArray sums, DType type) {
    checkBackend("sums", sums);
    if (sums.type() != type || sums.length() != (long) events.batch() * events.capacity()) {
      throw new IllegalArgumentException(
          "sums: expected "
              + type
              + " ["
              + events.batch()
              + "]["
              + events.capacity()
              + "], got "
              + sums
              + ".");
    }
  }

  private void checkGradient(DeviceArray gradient, DType type) {
    if (synapses instanceof ProceduralSynapses) {
      throw new IllegalArgumentException(
          "synapses: procedural synapses store no weights to train; export them with toCsr.");
    }
    checkBackend("gradient", gradient);
    if (gradient.type() != type || gradient.length() != synapses.count()) {
      throw new IllegalArgumentException(
          "gradient: expected " + type + " [" + synapses.count() + "], got " + gradient + ".");
    }
  }
}

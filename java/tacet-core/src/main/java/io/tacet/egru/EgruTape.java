package io.tacet.egru;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Expect;
import io.tacet.memory.Resources;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The tape of a forward pass for the adjoint, [steps][batch][units]: states, gates and one bit per
 * event. Cell states and event values follow from them. In steps past the end of a sample the state
 * is constant, gates are 0 and there is no event. Owns its arrays.
 *
 * <p>In float32 a (step, sample, unit) takes 20 bytes and a bit; with bfloat16 gates 12 bytes and a
 * bit, the state staying in float32. A tape without the product q takes 16 and 10 bytes and a bit;
 * the backward pass then recomputes it from the events and a third of the recurrent weights.
 *
 * <p>That of replicas, see {@link EgruLayer}, has a leading axis for them in every array.
 *
 * @param h states after the step: c for {@link EgruVariant#PAPER}
 * @param z update gate
 * @param r reset gate
 * @param g candidate
 * @param q recurrent product of the candidate with its bias, before the reset gate; null where the
 *     backward pass recomputes it. Not used by {@link EgruVariant#PAPER}
 * @param events INT32 [steps][batch][ceil(units/32)], bit i%32 of word i/32 is unit i
 */
public record EgruTape(
    DeviceArray h, DeviceArray z, DeviceArray r, DeviceArray g, DeviceArray q, DeviceArray events)
    implements AutoCloseable {

  /**
   * Room for a sequence, gates in the precision of the states; the caller closes it.
   *
   * @param type FLOAT32 or FLOAT64
   */
  public static EgruTape of(Backend backend, DType type, int steps, int batch, int units) {
    return of(backend, type, type, true, steps, batch, units);
  }

  /** Room for a sequence in float32 with gates saved as bfloat16; the caller closes it. */
  public static EgruTape compact(Backend backend, int steps, int batch, int units) {
    return of(backend, DType.FLOAT32, DType.UINT16, true, steps, batch, units);
  }

  /** As {@link #of}, but the backward pass recomputes q; the caller closes it. */
  public static EgruTape withoutProduct(
      Backend backend, DType type, int steps, int batch, int units) {
    return of(backend, type, type, false, steps, batch, units);
  }

  /** As {@link #compact}, but the backward pass recomputes q, in float32; the caller closes it. */
  public static EgruTape compactWithoutProduct(Backend backend, int steps, int batch, int units) {
    return of(backend, DType.FLOAT32, DType.UINT16, false, steps, batch, units);
  }

  private static EgruTape of(
      Backend backend,
      DType states,
      DType gates,
      boolean product,
      int steps,
      int batch,
      int units) {
    Resources made = new Resources();
    try {
      return new EgruTape(
          made.own(backend.allocate(states, steps, batch, units)),
          made.own(backend.allocate(gates, steps, batch, units)),
          made.own(backend.allocate(gates, steps, batch, units)),
          made.own(backend.allocate(gates, steps, batch, units)),
          product ? made.own(backend.allocate(gates, steps, batch, units)) : null,
          made.own(backend.allocate(DType.INT32, steps, batch, (units + 31) / 32)));
    } catch (RuntimeException | Error e) {
      made.close();
      throw e;
    }
  }

  /** Whether the gates are bfloat16, kept as UINT16. */
  public boolean isCompact() {
    return z.type() == DType.UINT16;
  }

  /** Whether q is stored; otherwise the backward pass recomputes it. */
  public boolean keepsProduct() {
    return q != null;
  }

  /** Memory in bytes. */
  public long bytes() {
    return arrays().stream().mapToLong(a -> a.length() * a.type().bytes()).sum();
  }

  /**
   * Fraction of units without an event and outside the support of the surrogate, over all valid
   * steps: their rows of the recurrent weights are skipped in the adjoint's product. 0 if there are
   * no steps. Copies the states to the Java heap, so it is meant for occasional diagnostics.
   *
   * @param layer that wrote the tape
   * @param lengths those of the pass, as in {@link EgruInputs}; null if all samples had all steps
   */
  public double backwardSparsity(EgruLayer layer, DeviceArray lengths) {
    layer.requireOne();
    if (!layer.options().events()) {
      return 0;
    }
    double[] states = h.toDoubles();
    int[] bits = events.toInts();
    double[] thresholds = layer.thresholds().toDoubles();
    double support = 1 / layer.options().sharpness();
    int units = layer.units();
    int words = (units + 31) / 32;
    int batch = (int) h.shape()[1];
    int[] steps = lengths == null ? null : lengths.toInts();
    long idle = 0;
    long all = 0;
    for (int k = 0; k < states.length; k++) {
      int row = k / units;
      // The steps past the end of a sample come last in either direction of time.
      if (steps != null && row / batch >= steps[row % batch]) {
        continue;
      }
      int m = k % units;
      // A silent unit's state is its cell state, in both variants.
      boolean silent = (bits[row * words + m / 32] >>> m % 32 & 1) == 0;
      idle += silent && thresholds[m] - states[k] >= support ? 1 : 0;
      all++;
    }
    return all == 0 ? 0 : (double) idle / all;
  }

  private List<DeviceArray> arrays() {
    return Stream.of(h, z, r, g, q, events).filter(Objects::nonNull).toList();
  }

  void check(EgruInputs inputs) {
    long rows = (long) inputs.replicas() * inputs.steps() * inputs.batch();
    long all = rows * inputs.units();
    Expect.like("tape.h", h, inputs.currents(), all);
    Objects.requireNonNull(z, "tape.z");
    checkGate("tape.z", z, inputs.currents(), all);
    checkGate("tape.r", r, inputs.currents(), all);
    checkGate("tape.g", g, inputs.currents(), all);
    if (q != null) {
      checkGate("tape.q", q, inputs.currents(), all);
    }
    Expect.ints("tape.events", events, inputs.currents(), rows * ((inputs.units() + 31) / 32));
  }

  /** All gates have one precision: that of the states, or bfloat16. */
  private void checkGate(String name, DeviceArray gate, DeviceArray like, long all) {
    if (isCompact()) {
      Expect.shorts(name, gate, like, all);
    } else {
      Expect.like(name, gate, like, all);
    }
  }

  @Override
  public void close() {
    Resources all = new Resources();
    arrays().forEach(all::own);
    all.close();
  }
}

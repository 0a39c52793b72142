package io.tacet.simulation;

import io.tacet.Backend;
import io.tacet.InterruptedPassException;
import io.tacet.eventprop.LifStep;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.sparse.DelayRing;
import io.tacet.spi.SimulationKernels;
import io.tacet.spi.SimulationKernels.Neurons;
import io.tacet.spi.SimulationKernels.SpikeRecord;

/**
 * A {@link LifNetwork} that is simulated step by step, with its state. In step t, every neuron
 * advances by dt with the exact propagator of V and I (Rotter and Diesmann, Biol. Cybern. 81,
 * 1999); then what arrives in the step is added to I; then a neuron that is not refractory and
 * whose V has reached the threshold spikes and is reset:
 *
 * <pre>
 * V = refractory ? V_reset : alpha V + (gamma I + (1 - alpha) b)
 * I = beta I + (synapses + weight x number of Poisson events)
 * </pre>
 *
 * A spike of step t arrives in step t + delay. V and I are 0 at first, and nothing is under way.
 *
 * <p>Results are the same bit for bit on every run, for any number of threads, however the steps
 * are divided into calls, and in FLOAT32 on every backend: all use the same coefficients, computed
 * here, and sums have one order. Every spike is handed over: the buffer of spikes is emptied before
 * it might overflow. Owns its state, not the network, which must not change or be closed before
 * this is. Not thread-safe.
 */
public final class Simulation implements AutoCloseable {
  /** Spikes for which the buffer has room, at least, and those per neuron. */
  private static final int LEAST_CAPACITY = 1 << 16;

  private static final int CAPACITY_PER_NEURON = 16;

  private final LifNetwork network;
  private final Resources resources = new Resources();
  private final Neurons neurons;
  private final SpikeRecord record;
  private final SimulationKernels.Plan plan;
  private final int capacity;
  private int[] steps = new int[0];
  private int[] units = new int[0];
  private long step;

  /**
   * Starts at step 0; the caller closes it.
   *
   * @throws IllegalArgumentException if parameters are out of range
   */
  public Simulation(LifNetwork network) {
    this(
        network,
        (int)
            Math.min(
                Math.max(LEAST_CAPACITY, (long) CAPACITY_PER_NEURON * network.neurons()),
                Integer.MAX_VALUE - 8));
  }

  /**
   * @param capacity spikes for which the buffer has room, at least one per neuron. Results do not
   *     depend on it; with more room the device waits for the host less often
   */
  public Simulation(LifNetwork network, int capacity) {
    if (capacity < network.neurons()) {
      throw new IllegalArgumentException(
          "capacity: expected at least "
              + network.neurons()
              + ", one per neuron, got "
              + capacity
              + ".");
    }
    this.network = network;
    this.capacity = capacity;
    DeviceArray like = network.synapses().weights();
    Backend backend = like.backend();
    try {
      neurons = neurons(network, like.type());
      record =
          new SpikeRecord(
              resources.own(backend.allocate(DType.INT32, capacity)),
              resources.own(backend.allocate(DType.INT32, capacity)),
              resources.own(backend.allocate(DType.INT32, 1)));
      DelayRing ring =
          resources.own(
              new DelayRing(
                  backend, like.type(), network.synapses().delays(), 1, network.neurons()));
      plan = resources.own(backend.kernels().simulation().plan(network, neurons, ring, record));
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  private Neurons neurons(LifNetwork network, DType type) {
    int n = network.neurons();
    Backend backend = network.synapses().weights().backend();
    double[][] lif =
        network.lif().arrays().stream().map(DeviceArray::toDoubles).toArray(double[][]::new);
    double[][] values = new double[6][n];
    LifStep shared = null;
    for (int k = 0; k < n; k++) {
      if (shared == null || !network.lif().sharedTimeConstants()) {
        shared = LifStep.of(of(lif[0], k), of(lif[1], k), network.dt());
      }
      values[0][k] = shared.alpha();
      values[1][k] = shared.beta();
      values[2][k] = shared.gamma();
      values[3][k] = -Math.expm1(-network.dt() / of(lif[0], k)) * of(lif[4], k);
      values[4][k] = of(lif[2], k);
      values[5][k] = of(lif[3], k);
    }
    DeviceArray[] arrays = new DeviceArray[values.length];
    for (int p = 0; p < arrays.length; p++) {
      arrays[p] = resources.own(backend.allocate(type, n)).copyFrom(values[p]);
    }
    return new Neurons(
        arrays[0],
        arrays[1],
        arrays[2],
        arrays[3],
        arrays[4],
        arrays[5],
        resources.own(backend.allocate(type, n)),
        resources.own(backend.allocate(type, n)),
        resources.own(backend.allocate(DType.INT32, n)));
  }

  private static double of(double[] values, int k) {
    return values[values.length == 1 ? 0 : k];
  }

  /**
   * Simulates steps in as few calls of the backend as the buffer of spikes allows.
   *
   * @param count number of steps, at least 0
   * @param sink receives the spikes; null to discard them
   * @throws InterruptedPassException if the thread is interrupted: the simulation then stands
   *     between two steps, {@link #step} says which, all spikes up to there have been handed over,
   *     and it can be continued. Only the java backend looks within a call
   */
  public void advance(long count, SpikeSink sink) {
    if (count < 0) {
      throw new IllegalArgumentException("count: expected at least 0 steps, got " + count + ".");
    }
    long end = step + count;
    while (step < end) {
      InterruptedPassException.check();
      int wanted = (int) Math.min(end - step, stepsThatFit());
      long first = step;
      int done = plan.advance(first, wanted);
      step += done;
      drain(first, sink);
    }
  }

  /** Steps whose spikes surely fit: a neuron spikes at most once in refractory + 1 steps. */
  private int stepsThatFit() {
    long each = capacity / network.neurons();
    return (int) Math.min(each * (network.refractory() + 1L), Integer.MAX_VALUE);
  }

  private void drain(long first, SpikeSink sink) {
    int count = record.count().toInts()[0];
    if (count > capacity) {
      throw new IllegalStateException(
          "Expected at most " + capacity + " spikes in the buffer, found " + count + ".");
    }
    if (sink == null || count == 0) {
      return;
    }
    if (steps.length < count) {
      steps = new int[Math.min(capacity, count + count / 2)];
      units = new int[steps.length];
    }
    record.steps().storage().read(0, steps, 0, count);
    record.units().storage().read(0, units, 0, count);
    for (int k = 0; k < count; k++) {
      sink.spike(first + steps[k], units[k]);
    }
  }

  /** Number of steps so far: the next one to be simulated. */
  public long step() {
    return step;
  }

  public LifNetwork network() {
    return network;
  }

  /** V, [neurons]; may be changed between calls. Owned by the simulation, as are the others. */
  public DeviceArray potentials() {
    return neurons.potentials();
  }

  /** I, [neurons]; may be changed between calls. */
  public DeviceArray currents() {
    return neurons.currents();
  }

  /** Steps for which each neuron remains refractory, INT32 [neurons]. */
  public DeviceArray countdowns() {
    return neurons.countdowns();
  }

  @Override
  public void close() {
    resources.close();
  }
}

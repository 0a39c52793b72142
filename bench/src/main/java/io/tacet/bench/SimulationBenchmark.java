package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.circuits.Microcircuit;
import io.tacet.circuits.SynapseRows;
import io.tacet.memory.DType;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import io.tacet.simulation.Simulation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Steps of 0.1 ms of the cortical microcircuit ({@link Microcircuit}) with Poisson input, numbers
 * of neurons and in-degrees scaled by the same factor. The real-time factor is the time of a call
 * over {@code steps} x 0.1 ms.
 *
 * <p>Floor, in a step: per neuron 16 bytes for V and I, read and written, and 8 for what arrives,
 * read and cleared; per synaptic event 10 bytes of a row in a random place (target, weight, delay)
 * and 8 for the sum that it changes. Events: {@value #RATE} spikes/s per neuron, what the circuit
 * does at scale 0.1. 8 flops per neuron, 1 per event, and 16 integer operations per neuron for
 * random numbers, which no ceiling counts.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SimulationBenchmark {
  static final double RATE = 2.7;

  private static final double FULL_NEURONS = 77_169;
  private static final double FULL_FAN_OUT = 3_870;
  private static final int COMPARED_STEPS = 30;
  private static final int SETTLING_STEPS = 500;

  @Param("java")
  String backend;

  @Param("0.1")
  double scale;

  /** Steps of a call. */
  @Param("100")
  int steps;

  /** Threads of the java and host backends. */
  @Param("1")
  int threads;

  private Resources open;
  private Backend device;
  private Simulation simulation;

  /** See the class. */
  static Floor floor(Timing m) {
    double steps = m.number("steps");
    double neurons = FULL_NEURONS * m.number("scale");
    double fanOut = FULL_FAN_OUT * m.number("scale");
    double events = neurons * RATE * 1e-4 * fanOut;
    return Floor.flops(steps * (8 * neurons + events)).stream(steps * 24 * neurons, 24 * neurons)
        .rows(steps * 10 * events, 10 * fanOut, 10 * neurons * fanOut)
        .rows(steps * 8 * events, 8, 8 * neurons)
        .steps(steps);
  }

  /** Builds the circuit, compares its first spikes with those of the java backend, and settles. */
  @Setup(Level.Trial)
  public void make() {
    open = new Resources();
    device = open.own(Machine.open(backend, threads));
    Microcircuit circuit = new Microcircuit(scale, scale, true, 1);
    SynapseRows rows = circuit.synapses();
    simulation = simulation(circuit, rows, device, open);
    List<Long> spikes = spikes(simulation);
    try (Resources reference = new Resources()) {
      Backend java = reference.own(new JavaBackend(1));
      if (!spikes(simulation(circuit, rows, java, reference)).equals(spikes)) {
        throw new IllegalStateException(
            "spikes: expected those of the java backend in the first "
                + COMPARED_STEPS
                + " steps.");
      }
    }
    simulation.advance(backend.equals("host") ? 0 : SETTLING_STEPS, null);
  }

  private static Simulation simulation(
      Microcircuit circuit, SynapseRows rows, Backend backend, Resources open) {
    Simulation made =
        open.own(new Simulation(open.own(circuit.network(backend, DType.FLOAT32, rows))));
    made.potentials().copyFrom(circuit.startPotentials());
    return made;
  }

  private static List<Long> spikes(Simulation simulation) {
    List<Long> spikes = new ArrayList<>();
    simulation.advance(COMPARED_STEPS, (step, neuron) -> spikes.add((step << 32) + neuron));
    return spikes;
  }

  @TearDown(Level.Trial)
  public void close() {
    open.close();
  }

  @Benchmark
  public long advance(DeviceTime time) {
    time.begin(device);
    simulation.advance(steps, null);
    time.end(device);
    device.synchronize();
    return simulation.step();
  }
}

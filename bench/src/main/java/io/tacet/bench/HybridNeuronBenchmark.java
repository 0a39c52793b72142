package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.eventprop.LayerGradients;
import io.tacet.eventprop.LifLayer;
import io.tacet.eventprop.LifParameters;
import io.tacet.eventprop.Simulator;
import io.tacet.eventprop.Spikes;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.neuron.HybridGradients;
import io.tacet.neuron.HybridLayer;
import io.tacet.neuron.HybridPass;
import io.tacet.neuron.Neuron;
import io.tacet.neuron.Neurons;
import io.tacet.sparse.DenseSynapses;
import java.util.Arrays;
import java.util.Collections;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
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
 * What neurons cost, in closed form and integrated numerically: forward and backward pass of a
 * batch through {@value #INPUTS} inputs to {@value #NEURONS} neurons without recurrence, in double
 * precision on one thread of the java backend, with gradients of the input weights. {@code events}
 * in the results are arrivals and spikes of a batch, so a neuron and event takes the time by them.
 *
 * <p>There is no floor by bytes or flops: of a closed form it is that of {@link
 * EventPropBenchmark}; of a numerical one the work follows from the steps that the tolerance asks
 * for, each seven evaluations of the vector field forward and its derivatives backward.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class HybridNeuronBenchmark {
  static final int INPUTS = 5;
  static final int NEURONS = 50;
  private static final int ARRIVALS = 20;
  private static final double DURATION = 60;

  /** {@code layer} for LIF neurons as {@code .lif} has them, else one of {@link Neurons}. */
  @Param({"layer", "lif", "alif", "qif", "adex", "izhikevich"})
  String neuron;

  /** Of a numerical solution; 0 for the usual: the closed form where there is one, else 1e-9. */
  @Param({"0", "1e-6"})
  double tolerance;

  @Param("32")
  int batch;

  private final Resources open = new Resources();
  private Spikes input;
  private Spikes output;
  private Runnable pass;

  /** Arrivals at neurons and spikes of a batch, in the results beside the times. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Activity {
    public double events;
    public double spikes;
  }

  @Setup(Level.Trial)
  public void setUp() {
    Backend java = open.own(Machine.open("java", 1));
    Neuron chosen = chosen();
    SplittableRandom random = new SplittableRandom(5);
    double scale = chosen.distance();
    DenseSynapses synapses =
        open.own(
            new DenseSynapses(
                INPUTS,
                NEURONS,
                filled(java, random.doubles(INPUTS * NEURONS, 0.5 * scale, 3.5 * scale).toArray()),
                null));
    DeviceArray gradient = open.own(java.allocate(DType.FLOAT64, INPUTS * NEURONS));
    input = open.own(Spikes.inputsWithErrors(java, DType.FLOAT64, batch, ARRIVALS));
    double[][] times = new double[batch][];
    int[][] units = new int[batch][];
    for (int n = 0; n < batch; n++) {
      times[n] = random.doubles(ARRIVALS, 0, DURATION - 10).sorted().toArray();
      units[n] = random.ints(ARRIVALS, 0, INPUTS).toArray();
    }
    input.set(times, units);
    output = Spikes.outputs(java, DType.FLOAT64, batch, 4 * NEURONS);
    pass =
        neuron.equals("layer")
            ? plainLayer(java, synapses, gradient)
            : hybridLayer(
                java, tolerance == 0 ? chosen : chosen.tolerance(tolerance), synapses, gradient);
    pass.run();
    double[] errors = new double[batch * output.capacity()];
    Arrays.fill(errors, 1);
    output.errors().copyFrom(errors);
  }

  private Neuron chosen() {
    return switch (neuron) {
      case "layer", "lif" -> Neurons.lif();
      case "refractory" -> Neurons.refractory(2);
      case "alif" -> Neurons.alif();
      case "alpha" -> Neurons.alpha();
      case "qif" -> Neurons.qif();
      case "adex" -> Neurons.adex();
      case "izhikevich" -> Neurons.izhikevich();
      default ->
          throw new IllegalArgumentException(
              "neuron: expected layer, lif, refractory, alif, alpha, qif, adex or izhikevich, got '"
                  + neuron
                  + "'.");
    };
  }

  private DeviceArray filled(Backend java, double... values) {
    return open.own(java.allocate(DType.FLOAT64, values.length)).copyFrom(values);
  }

  private Runnable plainLayer(Backend java, DenseSynapses synapses, DeviceArray gradient) {
    LifParameters lif =
        new LifParameters(
            filled(java, 20), filled(java, 5), filled(java, 1), filled(java, 0), filled(java, 0));
    LifLayer layer = new LifLayer(synapses, null, lif, DURATION);
    LayerGradients wanted = LayerGradients.weights(gradient, null);
    Simulator exact = Simulator.exact();
    return () -> {
      output = exact.forwardGrowing(layer, input, output);
      exact.backward(layer, input, output, wanted, null);
    };
  }

  private Runnable hybridLayer(
      Backend java, Neuron chosen, DenseSynapses synapses, DeviceArray gradient) {
    double[] usual = chosen.parameters();
    DeviceArray[] parameters = new DeviceArray[usual.length];
    for (int p = 0; p < usual.length; p++) {
      double[] values = new double[NEURONS];
      Arrays.fill(values, usual[p]);
      parameters[p] = filled(java, values);
    }
    HybridLayer layer =
        new HybridLayer(
            synapses,
            null,
            chosen.dynamics(),
            Arrays.asList(parameters),
            DURATION,
            chosen.tolerance());
    HybridGradients wanted =
        new HybridGradients(
            gradient, null, null, null, Collections.nCopies(usual.length, (DeviceArray) null));
    HybridPass passes = new HybridPass(layer);
    return () -> {
      output = passes.forward(input, output);
      passes.backward(input, output, wanted, null);
    };
  }

  @TearDown(Level.Trial)
  public void close() {
    output.close();
    open.close();
  }

  /** Forward and back. */
  @Benchmark
  public void pass(Activity activity) {
    pass.run();
    int spikes = Arrays.stream(output.counts().toInts()).sum();
    activity.spikes = spikes;
    activity.events = (double) batch * ARRIVALS * NEURONS + spikes;
  }
}

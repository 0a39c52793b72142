package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.dense.Activation;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.rnn.Rnn;
import io.tacet.rnn.RnnGradients;
import io.tacet.rnn.RnnLayer;
import io.tacet.sparse.SparsePattern;
import java.util.Arrays;
import java.util.SplittableRandom;
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
 * A sequence forward and backward through a plain recurrent layer with tanh, without the input
 * product. Recurrent weights are dense at a {@code density} of 1 and on a random sparse pattern
 * below.
 *
 * <p>Floor of a step and sample, with H units and f weights of each (H if dense): forward 2 f H
 * flops and 8 H bytes of currents and values; backward 2 f H for the product, 2 f H for the weight
 * gradient and 12 H bytes. Each step reads all weights, 4 f H bytes, and on a pattern their indices
 * of 2 or 4 bytes, and depends on the previous step; the gradient is read and written once, 8 f H
 * bytes. All of this is for each of the {@code replicas}, layers with dense weights of their own
 * that are computed with the launches of one.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx6g"})
public class RnnBenchmark {
  @Param("java")
  String backend;

  @Param("1024")
  int units;

  /** Probability of a synapse between two units. */
  @Param("0.05")
  double density;

  /** More than 1 at a density of 1 only. */
  @Param("1")
  int replicas;

  @Param("8")
  int batch;

  @Param("16")
  int steps;

  /** Threads of the java and host backends. */
  @Param("2")
  int threads;

  private Resources open;
  private Backend device;
  private RnnLayer layer;
  private DeviceArray currents;
  private DeviceArray values;
  private DeviceArray errors;
  private RnnGradients gradients;

  /** See the class. */
  static Floor floor(Timing m) {
    double units = m.number("units");
    double steps = m.number("steps");
    double replicas = m.has("replicas") ? m.number("replicas") : 1;
    double states = replicas * steps * m.number("batch") * units;
    double synapses = replicas * units * units * m.number("density");
    double weights = synapses * weightBytes(m);
    boolean backward = m.method().equals("backward");
    Floor floor =
        Floor.flops((backward ? 4 : 2) * synapses * states / units / replicas).stream(
                steps * weights, weights)
            .stream((backward ? 12 : 8) * states, 8 * states)
            .steps(steps);
    return backward ? floor.stream(8 * synapses, 8 * synapses) : floor;
  }

  /** Of a weight and its index. */
  static double weightBytes(Timing m) {
    return m.number("density") == 1 ? 4 : m.number("units") <= 1 << 16 ? 6 : 8;
  }

  @Setup(Level.Trial)
  public void make() {
    open = new Resources();
    device = open.own(Machine.open(backend, threads));
    SplittableRandom random = new SplittableRandom(1);
    SparsePattern pattern =
        density == 1 ? null : SparsePattern.of(open.own(DenseTwin.random(device, units, density)));
    double scale = Math.sqrt(0.5 / (units * density));
    DeviceArray recurrent =
        pattern == null
            ? Draws.normal(open, device, random, scale, shape(units, units))
            : Draws.normal(open, device, random, scale, pattern.places());
    DeviceArray bias = Draws.normal(open, device, random, 0.1, shape(units));
    layer = new RnnLayer(recurrent, pattern, bias, Activation.TANH);
    currents = Draws.normal(open, device, random, 1, shape(steps, batch, units));
    values = open.own(device.allocate(DType.FLOAT32, currents.shape()));
    errors = Draws.normal(open, device, random, 1, currents.shape());
    gradients =
        new RnnGradients(
            open.own(device.allocate(DType.FLOAT32, currents.shape())),
            open.own(device.allocate(DType.FLOAT32, recurrent.shape())),
            open.own(device.allocate(DType.FLOAT32, bias.shape())),
            null);
    Rnn.forward(layer, currents, null, values, null);
    if (replicas == 1) {
      RnnCheck.compare(layer, currents, values);
      return;
    }
    DeviceArray own = last(recurrent, units, units);
    RnnLayer one = new RnnLayer(own, last(bias, units), Activation.TANH);
    RnnCheck.compare(one, last(currents, steps, batch, units), last(values, steps, batch, units));
  }

  /** With an axis for the replicas where there are several. */
  private long[] shape(long... ofOne) {
    if (replicas == 1) {
      return ofOne;
    }
    long[] shape = new long[ofOne.length + 1];
    shape[0] = replicas;
    System.arraycopy(ofOne, 0, shape, 1, ofOne.length);
    return shape;
  }

  /** A copy of the part of the last replica. */
  private DeviceArray last(DeviceArray all, long... shape) {
    float[] numbers = all.toFloats();
    int from = numbers.length - numbers.length / replicas;
    return open.own(device.of(Arrays.copyOfRange(numbers, from, numbers.length), shape));
  }

  @TearDown(Level.Trial)
  public void close() {
    open.close();
  }

  @Benchmark
  public void forward(DeviceTime time) {
    time.begin(device);
    Rnn.forward(layer, currents, null, values, null);
    time.end(device);
    device.synchronize();
  }

  /** All gradients. */
  @Benchmark
  public void backward(DeviceTime time) {
    time.begin(device);
    Rnn.backward(layer, values, null, errors, gradients);
    time.end(device);
    device.synchronize();
  }
}

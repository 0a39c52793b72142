package io.tacet.bench;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.EventPropagation;
import io.tacet.sparse.Events;
import io.tacet.sparse.WeightLaw;
import java.nio.FloatBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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
 * PyTorch's product of a sparse matrix with a dense vector that is 0 where a unit is silent: what
 * {@link PropagationBenchmark#forward} computes, on the same synapses, without use of the sparsity
 * of the events. The matrix is in COO format, the only one that DJL can make for PyTorch.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx6g"})
public class TorchSparseBenchmark {
  @Param("16384")
  int n;

  @Param("0.01")
  double density;

  @Param("0.05")
  double activity;

  /** PyTorch's threads within an operation. */
  @Param({"1", "2"})
  int threads;

  private NDManager manager;
  private NDArray weights;
  private NDArray events;

  /** Takes our synapses and compares the product with our propagation. */
  @Setup(Level.Trial)
  public void make() {
    System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
    manager = Engine.getEngine("PyTorch").newBaseManager(Device.cpu());
    SplittableRandom random = new SplittableRandom(1);
    int[] active = IntStream.range(0, n).filter(i -> random.nextDouble() < activity).toArray();
    float[] dense = new float[n];
    for (int i : active) {
      dense[i] = 1;
    }
    events = manager.create(dense, new Shape(n, 1));
    try (Resources open = new Resources()) {
      Backend java = open.own(Machine.open("java", 1));
      CsrSynapses synapses =
          open.own(
              CsrSynapses.random(java, DType.FLOAT32, n, n, density, WeightLaw.normal(0, 1), 1));
      weights = transposed(synapses);
      DeviceArray currents = open.own(java.allocate(DType.FLOAT32, 1, n));
      Events first = open.own(Events.binary(java, 1, n));
      open.own(EventPropagation.of(synapses, 1)).forward(first.set(active), currents);
      compare(currents.toFloats());
    }
  }

  /** A column for each source. */
  private NDArray transposed(CsrSynapses synapses) {
    int[] offsets = synapses.rowOffsets().toInts();
    boolean narrow = synapses.indices().type() == DType.UINT16;
    short[] shorts = narrow ? synapses.indices().toShorts() : null;
    int[] ints = narrow ? null : synapses.indices().toInts();
    float[] values = synapses.weights().toFloats();
    long[][] places = new long[2][values.length];
    for (int source = 0; source < n; source++) {
      for (int s = offsets[source]; s < offsets[source + 1]; s++) {
        places[0][s] = narrow ? Short.toUnsignedInt(shorts[s]) : ints[s];
        places[1][s] = source;
      }
    }
    return manager.createCoo(FloatBuffer.wrap(values), places, new Shape(n, n));
  }

  private void compare(float[] ours) {
    try (NDArray out = weights.matMul(events)) {
      float[] found = out.toFloatArray();
      for (int i = 0; i < n; i++) {
        double difference = Math.abs(ours[i] - found[i]);
        if (!(difference < 1e-3)) {
          throw new IllegalStateException(
              "current of unit " + i + ": expected " + ours[i] + ", off by " + difference + ".");
        }
      }
    }
  }

  @TearDown(Level.Trial)
  public void close() {
    manager.close();
  }

  @Benchmark
  public long product() {
    try (NDArray out = weights.matMul(events)) {
      return out.size();
    }
  }
}

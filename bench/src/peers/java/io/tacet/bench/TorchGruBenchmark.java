package io.tacet.bench;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.recurrent.GRU;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.NormalInitializer;
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
 * One step of PyTorch's GRU on the CPU, called through DJL, with as many inputs as units: the dense
 * peer of {@link EgruStreamBenchmark}. {@link #product} is only its two matrix products, to see
 * what of the time is the call.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx6g"})
public class TorchGruBenchmark {
  @Param("1024")
  int units;

  @Param("1")
  int batch;

  /** PyTorch's threads within an operation. */
  @Param({"1", "2"})
  int threads;

  private NDManager manager;
  private GRU gru;
  private ParameterStore store;
  private NDArray x;
  private NDArray h;
  private NDArray rows;
  private NDArray weights;

  @Setup(Level.Trial)
  public void make() {
    System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
    manager = Engine.getEngine("PyTorch").newBaseManager(Device.cpu());
    gru =
        GRU.builder()
            .setStateSize(units)
            .setNumLayers(1)
            .optHasBiases(true)
            .optBatchFirst(false)
            .optReturnState(true)
            .build();
    gru.setInitializer(new NormalInitializer(0.05f), p -> true);
    gru.initialize(manager, DataType.FLOAT32, new Shape(1, batch, units));
    store = new ParameterStore(manager, false);
    x = manager.randomNormal(new Shape(1, batch, units));
    h = manager.zeros(new Shape(1, batch, units));
    rows = manager.randomNormal(new Shape(batch, 2L * units));
    weights = manager.randomNormal(new Shape(2L * units, 3L * units));
  }

  @TearDown(Level.Trial)
  public void close() {
    manager.close();
  }

  /** The GRU's step. */
  @Benchmark
  public long step() {
    try (NDManager scope = manager.newSubManager()) {
      NDList in = new NDList(x, h);
      NDList out = gru.forward(store, in, false);
      out.attach(scope);
      return out.size();
    }
  }

  /** One product of the size of both of the step. */
  @Benchmark
  public long product() {
    try (NDArray out = rows.matMul(weights)) {
      return out.size();
    }
  }
}

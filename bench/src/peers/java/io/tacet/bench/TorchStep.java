package io.tacet.bench;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.recurrent.RecurrentBlock;
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

/** One step of a recurrent layer of PyTorch on the CPU, called through DJL. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx6g"})
public abstract class TorchStep {
  @Param("1024")
  int units;

  @Param("1")
  int batch;

  /** PyTorch's threads within an operation. */
  @Param({"1", "2"})
  int threads;

  private NDManager manager;
  private RecurrentBlock block;
  private ParameterStore store;
  private NDList in;

  /** The layer, one deep, with biases, time first, returning its state. */
  abstract RecurrentBlock block();

  /** How many arrays its state consists of. */
  abstract int states();

  /** Fails if a step computes wrong results. */
  void compare(RecurrentBlock made, NDArray x, NDArray out) {}

  @Setup(Level.Trial)
  public void make() {
    System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
    manager = Engine.getEngine("PyTorch").newBaseManager(Device.cpu());
    block = block();
    block.setInitializer(new NormalInitializer(0.05f), p -> true);
    block.initialize(manager, DataType.FLOAT32, new Shape(1, batch, units));
    store = new ParameterStore(manager, false);
    in = new NDList(manager.randomNormal(new Shape(1, batch, units)));
    for (int k = 0; k < states(); k++) {
      in.add(manager.zeros(new Shape(1, batch, units)));
    }
    try (NDManager scope = manager.newSubManager()) {
      NDList out = block.forward(store, in, false);
      out.attach(scope);
      compare(block, in.get(0), out.get(0));
    }
  }

  @TearDown(Level.Trial)
  public void close() {
    manager.close();
  }

  @Benchmark
  public long step() {
    try (NDManager scope = manager.newSubManager()) {
      NDList out = block.forward(store, in, false);
      out.attach(scope);
      return out.size();
    }
  }
}

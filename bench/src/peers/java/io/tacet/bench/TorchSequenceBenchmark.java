package io.tacet.bench;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
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
 * A sequence through PyTorch's GRU with as many inputs as units, on the CPU through DJL: the dense
 * peer of {@link EgruBenchmark#layerForward} and {@link EgruBenchmark#trainingPass}. Outputs and
 * gradients are compared with those of our layer with the same weights and no threshold.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx6g"})
public class TorchSequenceBenchmark {
  @Param("512")
  int units;

  @Param("32")
  int batch;

  /** At least 2: nothing recurs in the first, and there would be no gradient to compare. */
  @Param("64")
  int steps;

  /** PyTorch's threads within an operation. */
  @Param({"1", "2"})
  int threads;

  private Engine engine;
  private NDManager manager;
  private NDList weights;
  private NDArray x;
  private NDArray state;
  private NDArray errors;

  @Setup(Level.Trial)
  public void make() {
    System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
    engine = Engine.getEngine("PyTorch");
    manager = engine.newBaseManager(Device.cpu());
    SplittableRandom random = new SplittableRandom(1);
    DenseGru gru = DenseGru.random(TorchGruBenchmark.NAME, units, TorchGruBenchmark.GATES, random);
    weights = new NDList();
    for (float[] array : gru.arrays()) {
      boolean bias = array.length == 3 * units;
      weights.add(
          manager.create(array, bias ? new Shape(array.length) : new Shape(3L * units, units)));
    }
    Shape sequence = new Shape(steps, batch, units);
    float[] inputs = DenseGru.normal(random, steps * batch * units, 1);
    float[] derivatives = DenseGru.normal(random, steps * batch * units, 1);
    x = manager.create(inputs, sequence);
    errors = manager.create(derivatives, sequence);
    state = manager.zeros(new Shape(1, batch, units));
    try (NDManager scope = manager.newSubManager()) {
      gru.compare(batch, inputs, outputs(weights, scope).toFloatArray());
    }
    // Twice, so that gradients left by a pass would be found in the next.
    for (int pass = 0; pass < 2; pass++) {
      try (NDManager scope = manager.newSubManager()) {
        float[][] gradients =
            train(scope).stream()
                .map(leaf -> leaf.getGradient().toFloatArray())
                .toArray(float[][]::new);
        gru.compareGradients(batch, inputs, derivatives, gradients);
      }
    }
  }

  /** [steps][batch][units], until the scope ends; one layer with biases, without dropout. */
  private NDArray outputs(NDList parameters, NDManager scope) {
    NDList out = x.getNDArrayInternal().gru(x, state, parameters, true, 1, 0, false, false, false);
    out.attach(scope);
    return out.get(0);
  }

  /** Forward and back; returns weights that hold their gradients. */
  private NDList train(NDManager scope) {
    NDList leaves = new NDList();
    for (NDArray weight : weights) {
      // The same memory with no gradient yet: nothing is to be cleared, and nothing is added to.
      NDArray leaf = weight.stopGradient();
      leaf.attach(scope);
      leaf.setRequiresGradient(true);
      leaves.add(leaf);
    }
    GradientCollector recorded = engine.newGradientCollector();
    try {
      NDArray y = outputs(leaves, scope);
      // The collector's own method knows no dL/dy but 1.
      JniUtils.backward((PtNDArray) y, (PtNDArray) errors, false, false);
    } finally {
      recorded.close();
    }
    return leaves;
  }

  @TearDown(Level.Trial)
  public void close() {
    manager.close();
  }

  /** All steps, without what a backward pass would need. */
  @Benchmark
  public long forward() {
    try (NDManager scope = manager.newSubManager()) {
      return outputs(weights, scope).size();
    }
  }

  /** Forward and back: all gradients but that of the inputs. */
  @Benchmark
  public long trainingPass() {
    try (NDManager scope = manager.newSubManager()) {
      return train(scope).size();
    }
  }
}

package io.tacet.bench;

import ai.onnxruntime.OrtException;
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

/** A sequence through an {@link OnnxGru}: a dense peer of {@link EgruBenchmark#layerForward}. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx6g"})
public class OnnxSequenceBenchmark {
  @Param("512")
  int units;

  @Param("32")
  int batch;

  @Param("64")
  int steps;

  /** Threads within an operator. */
  @Param({"1", "2"})
  int threads;

  private OnnxGru gru;

  @Setup(Level.Trial)
  public void make() throws OrtException {
    gru = new OnnxGru(units, batch, steps, threads);
  }

  @TearDown(Level.Trial)
  public void close() throws OrtException {
    gru.close();
  }

  /** All steps in one call. */
  @Benchmark
  public long forward() throws OrtException {
    return gru.run();
  }
}

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

/** One step of an {@link OnnxGru}: a dense peer of {@link EgruStreamBenchmark}. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx6g"})
public class OnnxGruBenchmark {
  @Param("1024")
  int units;

  @Param("1")
  int batch;

  /** Threads within an operator. */
  @Param({"1", "2"})
  int threads;

  private OnnxGru gru;

  @Setup(Level.Trial)
  public void make() throws OrtException {
    gru = new OnnxGru(units, batch, 1, threads);
  }

  @TearDown(Level.Trial)
  public void close() throws OrtException {
    gru.close();
  }

  @Benchmark
  public long step() throws OrtException {
    return gru.run();
  }
}

package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.EventPropagation;
import io.tacet.sparse.Events;
import io.tacet.sparse.WeightLaw;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.ejml.data.FGrowArray;
import org.ejml.data.FMatrixSparseCSC;
import org.ejml.data.IGrowArray;
import org.ejml.sparse.csc.CommonOps_FSCC;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * EJML's product of a sparse matrix with a sparse vector, in float32 on one thread: the same work
 * as {@link PropagationBenchmark#forward} over CSR, on the same synapses and activity, with which
 * it is compared first. A column of EJML's compressed columns is a row of ours, so that it too
 * reads the synapses of active units only.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx6g"})
public class EjmlBenchmark {
  @Param("16384")
  int n;

  @Param("0.01")
  double density;

  @Param("0.05")
  double activity;

  @Param("1")
  int batch;

  private final FMatrixSparseCSC[] events = new FMatrixSparseCSC[PropagationBenchmark.STEPS];
  private final IGrowArray indexWork = new IGrowArray();
  private final FGrowArray valueWork = new FGrowArray();
  private FMatrixSparseCSC weights;
  private FMatrixSparseCSC out;
  private int step;

  @Setup(Level.Trial)
  public void make() {
    if (batch != 1) {
      throw new IllegalArgumentException("batch: expected 1, got " + batch + ".");
    }
    SplittableRandom random = new SplittableRandom(1);
    for (int s = 0; s < events.length; s++) {
      events[s] = new FMatrixSparseCSC(n, 1, n);
      for (int i = 0; i < n; i++) {
        if (random.nextDouble() < activity) {
          events[s].set(i, 0, 1);
        }
      }
    }
    out = new FMatrixSparseCSC(n, 1, n);
    try (Resources open = new Resources()) {
      Backend java = open.own(Machine.open("java", 1));
      CsrSynapses synapses =
          open.own(
              CsrSynapses.random(java, DType.FLOAT32, n, n, density, WeightLaw.normal(0, 1), 1));
      weights = transposed(synapses);
      DeviceArray currents = open.own(java.allocate(DType.FLOAT32, 1, n));
      Events first = open.own(Events.binary(java, 1, n));
      int[] active = new int[events[0].nz_length];
      System.arraycopy(events[0].nz_rows, 0, active, 0, active.length);
      open.own(EventPropagation.of(synapses, 1)).forward(first.set(active), currents);
      compare(currents.toFloats());
    }
  }

  private FMatrixSparseCSC transposed(CsrSynapses synapses) {
    int count = (int) synapses.count();
    FMatrixSparseCSC columns = new FMatrixSparseCSC(n, n, count);
    columns.nz_length = count;
    System.arraycopy(synapses.rowOffsets().toInts(), 0, columns.col_idx, 0, n + 1);
    System.arraycopy(synapses.weights().toFloats(), 0, columns.nz_values, 0, count);
    short[] narrow =
        synapses.indices().type() == DType.UINT16 ? synapses.indices().toShorts() : null;
    int[] wide = narrow == null ? synapses.indices().toInts() : null;
    for (int s = 0; s < count; s++) {
      columns.nz_rows[s] = narrow == null ? wide[s] : Short.toUnsignedInt(narrow[s]);
    }
    columns.indicesSorted = true;
    return columns;
  }

  private void compare(float[] ours) {
    CommonOps_FSCC.mult(weights, events[0], out, indexWork, valueWork);
    for (int i = 0; i < n; i++) {
      double difference = Math.abs(ours[i] - out.get(i, 0));
      if (!(difference < 1e-3)) {
        throw new IllegalStateException(
            "current of unit " + i + ": expected " + ours[i] + ", off by " + difference + ".");
      }
    }
  }

  @Benchmark
  public FMatrixSparseCSC product() {
    step = (step + 1) % events.length;
    CommonOps_FSCC.mult(weights, events[step], out, indexWork, valueWork);
    return out;
  }
}

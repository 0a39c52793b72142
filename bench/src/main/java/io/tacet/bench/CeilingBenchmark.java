package io.tacet.bench;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The peak rates of this machine from Java, by which floors become times. Each thread has its own
 * arrays, so that {@code -t 2} measures the rate of two threads in parallel. Sizes are per thread:
 * 256 KiB stays in most second-level caches, 8 MiB in most third-level ones, 64 MiB in few, and 192
 * MiB is main memory except on the largest machines. The sizes between show where a third-level
 * cache ends and how much of it is available: 15 MiB is just below a CSR layer of 16384 units at 1
 * %, and 32 MiB below the 50 MB of an optimiser over 4 million weights.
 *
 * <p>HotSpot vectorises a loop only if all its arrays are indexed by the plain loop variable; each
 * kernel here is of that form, or is memory-bound without vectors.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xms3g", "-Xmx3g"})
public class CeilingBenchmark {
  /** Bytes that a call of a gather reads. */
  static final int GATHERED = 1 << 20;

  /** Floats of the array of {@link #fma}, which stays in the first-level cache. */
  static final int LANES = 2048;

  /** Fused multiply-adds for each float that {@link #fma} loads and stores. */
  static final int DEPTH = 16;

  /** Arrays that are streamed, {@code bytes} in total. */
  @State(Scope.Thread)
  public static class Streams {
    @Param({"262144", "8388608", "15728640", "33554432", "67108864", "201326592"})
    int bytes;

    private float[] a;
    private float[] b;
    private float[] c;
    private float[] from;
    private float[] to;
    private float[] all;

    @Setup
    public void fill() {
      SplittableRandom random = new SplittableRandom(1);
      a = random(random, bytes / 12);
      b = random(random, bytes / 12);
      c = random(random, bytes / 12);
      from = random(random, bytes / 8);
      to = new float[bytes / 8];
      all = random(random, bytes / 4);
    }
  }

  /** Rows of {@code rowBytes} in a random order that visits each once, {@code bytes} in total. */
  @State(Scope.Thread)
  public static class Rows {
    @Param({"262144", "8388608", "15728640", "33554432", "67108864", "201326592"})
    int bytes;

    @Param({"64", "256", "1024", "4096", "16384"})
    int rowBytes;

    private long[] flat;
    private float[][] rows;
    private float[] sums;
    private int[] order;
    private int at;

    @Setup
    public void fill() {
      SplittableRandom random = new SplittableRandom(1);
      int count = bytes / rowBytes;
      flat = new long[bytes / Long.BYTES];
      for (int k = 0; k < flat.length; k++) {
        flat[k] = random.nextLong();
      }
      rows = new float[count][rowBytes / Float.BYTES];
      for (float[] row : rows) {
        for (int m = 0; m < row.length; m++) {
          row[m] = m;
        }
      }
      sums = new float[rowBytes / Float.BYTES];
      order = new int[count];
      for (int k = 0; k < count; k++) {
        int other = random.nextInt(k + 1);
        order[k] = order[other];
        order[other] = k;
      }
    }

    private int next() {
      at = at + 1 < order.length ? at + 1 : 0;
      return order[at];
    }
  }

  /** Data that stay in the first-level cache. */
  @State(Scope.Thread)
  public static class Lanes {
    private final float[] x = random(new SplittableRandom(1), LANES);
    private final float[] y = new float[LANES];
  }

  private static float[] random(SplittableRandom random, int length) {
    float[] values = new float[length];
    for (int k = 0; k < length; k++) {
      values[k] = random.nextFloat();
    }
    return values;
  }

  /** {@code to = from} by the JVM's own copy: counts the bytes read and those written. */
  @Benchmark
  public float[] copy(Streams s) {
    System.arraycopy(s.from, 0, s.to, 0, s.from.length);
    return s.to;
  }

  /**
   * {@code a = b + x c}, STREAM's triad (McCalpin 1995): counts two arrays read and one written,
   * without write-allocate reads.
   */
  @Benchmark
  public float[] triad(Streams s) {
    triad(s.a, s.b, s.c, 0.5f);
    return s.a;
  }

  private static void triad(float[] a, float[] b, float[] c, float x) {
    for (int m = 0; m < a.length; m++) {
      a[m] = b[m] + x * c[m];
    }
  }

  /**
   * {@code a = x a + y} in place: counts the bytes read and those written. What is written has been
   * read, as by an optimiser, so that all traffic is counted.
   */
  @Benchmark
  public float[] update(Streams s) {
    update(s.all, 0.5f, 1);
    return s.all;
  }

  private static void update(float[] a, float x, float y) {
    for (int m = 0; m < a.length; m++) {
      a[m] = x * a[m] + y;
    }
  }

  /**
   * Reads 1 MiB of rows of one array as 64-bit numbers and sums them in eight registers: no vector
   * instructions, but also no vector loop prologue. The first elements of eight rows are prefetched
   * before any row is summed, so that eight misses overlap.
   */
  @Benchmark
  public long gatherSum(Rows s) {
    long sum = 0;
    int length = s.rowBytes / Long.BYTES;
    long[] a = s.flat;
    for (int k = GATHERED / s.rowBytes; k > 0; k -= 8) {
      int r0 = s.next() * length;
      int r1 = s.next() * length;
      int r2 = s.next() * length;
      int r3 = s.next() * length;
      int r4 = s.next() * length;
      int r5 = s.next() * length;
      int r6 = s.next() * length;
      int r7 = s.next() * length;
      sum ^= ((a[r0] ^ a[r1]) ^ (a[r2] ^ a[r3])) ^ ((a[r4] ^ a[r5]) ^ (a[r6] ^ a[r7]));
      sum += sum(a, r0, length) + sum(a, r1, length) + sum(a, r2, length) + sum(a, r3, length);
      sum += sum(a, r4, length) + sum(a, r5, length) + sum(a, r6, length) + sum(a, r7, length);
    }
    return sum;
  }

  private static long sum(long[] a, int from, int length) {
    long s0 = 0;
    long s1 = 0;
    long s2 = 0;
    long s3 = 0;
    long s4 = 0;
    long s5 = 0;
    long s6 = 0;
    long s7 = 0;
    for (int k = from; k < from + length; k += 8) {
      s0 += a[k];
      s1 += a[k + 1];
      s2 += a[k + 2];
      s3 += a[k + 3];
      s4 += a[k + 4];
      s5 += a[k + 5];
      s6 += a[k + 6];
      s7 += a[k + 7];
    }
    return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
  }

  /**
   * Reads 1 MiB of rows that are separate arrays and adds them, four at a time, to one row in the
   * first-level cache: vector instructions, the faster gather of long rows.
   */
  @Benchmark
  public float[] gatherAdd(Rows s) {
    for (int k = GATHERED / s.rowBytes; k > 0; k -= 4) {
      add(s.rows[s.next()], s.rows[s.next()], s.rows[s.next()], s.rows[s.next()], s.sums);
    }
    return s.sums;
  }

  private static void add(float[] a, float[] b, float[] c, float[] d, float[] sums) {
    for (int m = 0; m < sums.length; m++) {
      sums[m] += (a[m] + b[m]) + (c[m] + d[m]);
    }
  }

  /**
   * {@value #DEPTH} dependent fused multiply-adds for each float that is loaded and stored. The
   * chain of one vector is latency-bound, but those of neighbouring vectors fill the gaps.
   */
  @Benchmark
  public float[] fma(Lanes s) {
    fma(s.x, s.y, 0.7f, 0.3f);
    return s.y;
  }

  private static void fma(float[] x, float[] y, float a, float b) {
    for (int m = 0; m < x.length; m++) {
      float v = x[m];
      v = Math.fma(v, a, b);
      v = Math.fma(v, a, b);
      v = Math.fma(v, a, b);
      v = Math.fma(v, a, b);
      v = Math.fma(v, a, b);
      v = Math.fma(v, a, b);
      v = Math.fma(v, a, b);
      v = Math.fma(v, a, b);
      v = Math.fma(v, a, b);
      v = Math.fma(v, a, b);
      v = Math.fma(v, a, b);
      v = Math.fma(v, a, b);
      v = Math.fma(v, a, b);
      v = Math.fma(v, a, b);
      v = Math.fma(v, a, b);
      v = Math.fma(v, a, b);
      y[m] = v;
    }
  }
}

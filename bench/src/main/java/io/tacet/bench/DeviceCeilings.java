package io.tacet.bench;

import io.tacet.cuda.CudaException;
import io.tacet.cuda.CudaFatalException;
import io.tacet.cuda.DeviceInfo;
import io.tacet.cuda.DeviceRuntime;
import io.tacet.cuda.NativeBackend;
import io.tacet.cuda.internal.NativeCeilings;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * The peak rates of a GPU, by which floors become times on the cuda backend.
 *
 * <p>Method. Each kernel is launched once with the least work, and what it computed is checked.
 * Then its work is repeated inside one launch and measured by {@link DeviceTimer}, {@link
 * #repetitions} times. Reported is the median with the quartiles. Data are random, never zeros.
 * Arrays "in DRAM" have at least 16 times the bytes of the second-level cache and are accessed as a
 * whole, so at most one byte in 16 can come from it; arrays "in L2" have at most a quarter of it,
 * since larger GPUs keep a copy in each half, and are read past L1.
 *
 * <table>
 * <caption>Ceilings</caption>
 * <tr><th>name</th><th>what is done</th><th>counted</th></tr>
 * <tr><td>copy</td><td>one array to another, 16 bytes per thread, four accesses in
 *     flight</td><td>bytes read and written</td></tr>
 * <tr><td>read</td><td>an array read sequentially, summed in registers</td><td>bytes</td></tr>
 * <tr><td>gather</td><td>rows in random order, each once, summed in registers; row addresses are
 *     computed, not read</td><td>bytes</td></tr>
 * <tr><td>add</td><td>atomic float additions without a return value (RED) to global memory:
 *     neighbouring threads to neighbouring words; each to a random word of a window; all to one
 *     word; of one word or of four at once, which is one instruction from sm_90 on</td>
 *     <td>instructions per thread</td></tr>
 * <tr><td>sharedAdd</td><td>atomic additions in shared memory, a number of lanes of a warp
 *     contending for each word</td><td>additions</td></tr>
 * <tr><td>fma</td><td>float32 multiply-adds in registers, eight independent chains a thread</td>
 *     <td>2 flops each</td></tr>
 * <tr><td>mma</td><td>bfloat16 products by mma.sync with float32 sums, in registers; on sm_90 and
 *     newer, other instructions are faster</td><td>2 flops per multiply-add</td></tr>
 * <tr><td>node</td><td>an empty kernel as a graph node, each depending on the previous one</td>
 *     <td>nodes</td></tr>
 * <tr><td>barrier</td><td>a barrier over a cooperative grid with one block per
 *     multiprocessor</td><td>barriers</td></tr>
 * <tr><td>toDevice, toHost</td><td>a copy between page-locked host memory and the device; or of a
 *     Java array, which waits, by the wall clock</td><td>bytes</td></tr>
 * </table>
 *
 * <p>The host backend executes the same with the least work, as a test; its times are meaningless.
 */
final class DeviceCeilings {
  private static final int BLOCKS_PER_MULTIPROCESSOR = 8;

  /** Bytes of a copy to or from the host. */
  private static final long TRANSFERRED = 1L << 26;

  /** Bytes of rows, from a few to long ones. */
  static final List<Integer> ROWS = List.of(64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384);

  /** Bytes of windows; the last is one word for all. */
  private static final List<Long> WINDOWS = List.of(64L << 10, 4L << 20, 64L << 20);

  private static final float FACTOR = 0.75f;
  private static final float SUMMAND = 0.1f;

  /**
   * Something that is measured.
   *
   * @param work bytes, flops or whatever is counted, of one unit of work
   * @param launch does so many units
   * @param check what one unit must have computed
   */
  private record Subject(
      String method, Map<String, String> params, double work, IntConsumer launch, Runnable check) {}

  /** Where arrays lie: two large ones begin with those of every level. */
  private record Level(String name, double from, long bytes, long copied) {}

  private final NativeBackend backend;
  private final DeviceRuntime runtime;
  private final DeviceInfo info;
  private final boolean timed;
  private final int repetitions;
  private final Resources open = new Resources();
  private final NativeCeilings kernels;
  private final DeviceTimer timer;
  private final Sink sink;

  /** Receives each measurement as soon as it is made. */
  interface Sink {
    /** Whether a ceiling is there already and need not be measured. */
    boolean has(String benchmark, Map<String, String> params);

    /** An entry of results.json. */
    void add(Map<String, Object> entry);

    /** What could not be measured, and why. */
    void failed(String what);
  }

  private DeviceCeilings(NativeBackend backend, int repetitions, Sink sink) {
    this.backend = backend;
    this.runtime = backend.runtime();
    this.info = runtime.info();
    this.timed = backend.name().equals("cuda");
    this.repetitions = repetitions;
    this.sink = sink;
    this.timer = new DeviceTimer(backend);
    int blocks = timed ? BLOCKS_PER_MULTIPROCESSOR * info.multiprocessors() : 4;
    this.kernels = new NativeCeilings(backend, blocks);
  }

  /**
   * Measures what the sink lacks, in a minute or less. Failures are reported and do not stop the
   * rest.
   *
   * @param repetitions at least 20 for results to keep
   * @throws CudaFatalException if the device is no longer usable
   */
  static void measure(NativeBackend backend, int repetitions, Sink sink) {
    DeviceCeilings ceilings = new DeviceCeilings(backend, repetitions, sink);
    try {
      ceilings.group("memory", ceilings::memory);
      ceilings.group("add", ceilings::additions);
      ceilings.group("fma, mma", ceilings::arithmetic);
      ceilings.group("node, barrier", ceilings::latency);
      ceilings.group("toHost, toDevice", ceilings::transfers);
    } finally {
      ceilings.open.close();
    }
  }

  /** Whether all of them have been gone through: the last is there. */
  static boolean complete(Sink sink) {
    return sink.has(name("toDevice"), fromArray(TRANSFERRED));
  }

  private static String name(String method) {
    return "DeviceCeilings." + method;
  }

  /** A failure of one group does not stop the others. */
  private void group(String what, Runnable all) {
    try {
      all.run();
    } catch (CudaFatalException e) {
      throw e;
    } catch (IllegalStateException | CudaException e) {
      sink.failed(name(what) + ": " + e.getMessage());
    }
  }

  /** The largest power of two that is not above. */
  private static long powerBelow(double value) {
    return Long.highestOneBit((long) value);
  }

  private long cacheBytes() {
    return timed ? info.l2Bytes() : 1 << 16;
  }

  private DeviceArray floats(long count) {
    return open.own(backend.allocate(DType.FLOAT32, count));
  }

  /** The arrays of one level of memory lie at the beginnings of two large ones. */
  private void memory() {
    long far = 2 * powerBelow(16.0 * cacheBytes() - 1);
    if (timed && 2.5 * far > info.memoryFree()) {
      throw new IllegalStateException(
          "device memory: expected "
              + (long) (2.5 * far)
              + " bytes free, 40 times the second-level cache, got "
              + info.memoryFree()
              + ".");
    }
    DeviceArray source = floats(far / 4);
    DeviceArray target = floats(far / 4);
    DeviceArray sums = floats(kernels.blocks());
    kernels.fill(source, 1);
    level(new Level("DRAM", 0.8 * cacheBytes(), far, far), source, target, sums);
    // Both arrays of a copy have to stay.
    long near = powerBelow(cacheBytes() / 4.0);
    level(new Level("L2", 0, near, near / 2), source, target, sums);
  }

  private void level(Level level, DeviceArray source, DeviceArray target, DeviceArray sums) {
    String name = level.name;
    String from = Long.toString((long) level.from);
    long copied = level.copied / 4;
    long count = level.bytes / 4;
    run(
        new Subject(
            "copy",
            params("memory", name, "from", from, "bytes", level.copied),
            2.0 * level.copied,
            n -> kernels.copy(source, target, copied, n),
            () -> {
              kernels.gather(source, 1, copied, 1, sums);
              double expected = total(sums);
              kernels.gather(target, 1, copied, 1, sums);
              near("copy", total(sums), expected, 0);
            }));
    run(
        new Subject(
            "read",
            params("memory", name, "from", from, "bytes", level.bytes),
            level.bytes,
            n -> kernels.gather(source, 1, count, n, sums),
            () -> near("read", total(sums), 0.5 * count, 0.03)));
    for (int row : ROWS) {
      run(
          new Subject(
              "gather",
              params("memory", name, "from", from, "bytes", level.bytes, "rowBytes", row),
              level.bytes,
              n -> kernels.gather(source, level.bytes / row, row / 4, n, sums),
              () -> {
                double found = total(sums);
                kernels.gather(source, 1, count, 1, sums);
                near("gather", found, total(sums), 1e-3);
              }));
    }
  }

  private double total(DeviceArray array) {
    double sum = 0;
    for (double value : array.toDoubles()) {
      sum += value;
    }
    return sum;
  }

  private static void near(String what, double actual, double expected, double tolerance) {
    if (!(Math.abs(actual - expected) <= tolerance * Math.abs(expected))) {
      throw new IllegalStateException(
          what + ": expected a sum of " + expected + ", got " + actual + ".");
    }
  }

  private void additions() {
    double threads = (double) kernels.blocks() * NativeCeilings.THREADS;
    List<Long> windows = timed ? WINDOWS : List.of(1L << 12);
    long largest = windows.get(windows.size() - 1);
    DeviceArray window = floats(largest / 4);
    for (int width : List.of(1, 4)) {
      addition("coalesced", largest / 4, width, threads, window);
      for (long bytes : windows) {
        addition("random", bytes / 4, width, threads, window);
      }
      addition("one place", width, width, threads, window);
    }
    for (DType type : List.of(DType.INT32, DType.FLOAT32)) {
      DeviceArray words = open.own(backend.allocate(type, (long) threads));
      for (int degree = 1; degree <= 32; degree *= 2) {
        int lanes = degree;
        run(
            new Subject(
                "sharedAdd",
                params("type", type, "lanes", lanes),
                threads,
                n -> kernels.sharedAdd(lanes, n, words),
                () ->
                    near(
                        "sharedAdd",
                        type == DType.INT32 ? total(words.toInts()) : total(words),
                        threads,
                        0)));
      }
    }
  }

  private static double total(int[] values) {
    return java.util.Arrays.stream(values).asLongStream().sum();
  }

  private void addition(String pattern, long words, int width, double threads, DeviceArray window) {
    boolean coalesced = pattern.equals("coalesced");
    window.zero();
    run(
        new Subject(
            "add",
            params("places", pattern, "bytes", 4 * words, "words", width),
            threads,
            n -> kernels.add(window, words, width, coalesced, n),
            () -> near("add", total(window), threads * width, 0)));
  }

  private void arithmetic() {
    long threads = (long) kernels.blocks() * NativeCeilings.THREADS;
    DeviceArray results = floats(threads);
    double flops = 2.0 * NativeCeilings.CHAINS * threads;
    run(
        new Subject(
            "fma",
            params(),
            flops,
            n -> kernels.fma(FACTOR, SUMMAND, n, results),
            () -> checkChains(results.toFloats())));

    int tile = NativeCeilings.TILE;
    int depth = NativeCeilings.DEPTH;
    int count = tile * depth;
    float[] left = new float[count];
    float[] right = new float[count];
    short[] leftBits = new short[count];
    short[] rightBits = new short[count];
    for (int k = 0; k < count; k++) {
      left[k] = k * 37 % 17 - 8;
      right[k] = k * 29 % 13 - 6;
      leftBits[k] = (short) (Float.floatToRawIntBits(left[k]) >> 16);
      rightBits[k] = (short) (Float.floatToRawIntBits(right[k]) >> 16);
    }
    DeviceArray a = open.own(backend.allocate(DType.UINT16, count)).copyFrom(leftBits);
    DeviceArray b = open.own(backend.allocate(DType.UINT16, count)).copyFrom(rightBits);
    DeviceArray tiles = floats(threads / 32 * tile * tile);
    double products = 2.0 * count * tile * (threads / 32.0);
    run(
        new Subject(
            "mma",
            params(),
            products,
            n -> kernels.mma(a, b, n, tiles),
            () -> checkTiles(tiles.toFloats(), left, right)));
  }

  private static void checkChains(float[] found) {
    for (int i = 0; i < found.length; i++) {
      float sum = 0;
      for (int c = 0; c < NativeCeilings.CHAINS; c++) {
        sum += Math.fma((float) (i % 1024 + c), FACTOR, SUMMAND);
      }
      near("fma", found[i], sum, 0);
    }
  }

  private static void checkTiles(float[] found, float[] left, float[] right) {
    int tile = NativeCeilings.TILE;
    for (int at = 0; at < found.length; at++) {
      float sum = 0;
      for (int k = 0; k < NativeCeilings.DEPTH; k++) {
        sum += left[at / tile % tile * NativeCeilings.DEPTH + k] * right[k * tile + at % tile];
      }
      near("mma", found[at], sum, 0);
    }
  }

  private void latency() {
    DeviceArray counter = open.own(backend.allocate(DType.INT32, 1));
    int nodes = timed ? 200 : 3;
    try (NativeCeilings.Graph counting = kernels.nodes(nodes, counter);
        NativeCeilings.Graph empty = kernels.nodes(nodes, null)) {
      counting.launch();
      near("node", counter.toInts()[0], nodes, 0);
      run(
          new Subject(
              "node",
              params(),
              nodes,
              n -> {
                for (int k = 0; k < n; k++) {
                  empty.launch();
                }
              },
              () -> {}));
    }
    int grid = timed ? info.multiprocessors() : 4;
    run(
        new Subject(
            "barrier",
            params("blocks", grid),
            1,
            n -> kernels.barriers(n, grid, counter),
            () -> near("barrier", counter.toInts()[0], grid, 0)));
  }

  private void transfers() {
    long bytes = timed ? TRANSFERRED : 1 << 12;
    long count = bytes / 4;
    DeviceArray array = floats(count);
    kernels.fill(array, 2);
    float[] values = array.toFloats();
    try (NativeCeilings.Pinned pinned = kernels.pinned(bytes)) {
      run(
          new Subject(
              "toHost",
              params("host", "page-locked", "bytes", bytes),
              bytes,
              n -> repeat(n, () -> pinned.fromDevice(array)),
              () -> {}));
      array.zero();
      run(
          new Subject(
              "toDevice",
              params("host", "page-locked", "bytes", bytes),
              bytes,
              n -> repeat(n, () -> pinned.toDevice(array)),
              () -> {
                if (!java.util.Arrays.equals(array.toFloats(), values)) {
                  throw new IllegalStateException("toDevice: other numbers came back than went.");
                }
              }));
    }
    long stream = backend.stream();
    clocked("toHost", bytes, () -> runtime.read(values, 0, array.address(), bytes, stream));
    clocked(
        "toDevice",
        bytes,
        () -> {
          runtime.write(array.address(), values, 0, bytes, stream);
          runtime.synchronize(stream);
        });
  }

  private static void repeat(int times, Runnable action) {
    for (int k = 0; k < times; k++) {
      action.run();
    }
  }

  private static Map<String, String> params(Object... pairs) {
    Map<String, String> params = new LinkedHashMap<>();
    for (int k = 0; k < pairs.length; k += 2) {
      params.put((String) pairs[k], String.valueOf(pairs[k + 1]));
    }
    return params;
  }

  /** Time between two events of the device. */
  private void run(Subject subject) {
    if (sink.has(name(subject.method), subject.params)) {
      return;
    }
    subject.launch.accept(1);
    backend.synchronize();
    try {
      subject.check.run();
    } catch (IllegalStateException e) {
      sink.failed(name(subject.method) + " " + subject.params + ": " + e.getMessage());
      return;
    }
    List<Double> micros = timer.micros(subject.launch, repetitions);
    keep(subject.method, subject.params, subject.work, micros);
  }

  /** Wall time of a call that waits. */
  private void clocked(String method, long bytes, Runnable call) {
    if (sink.has(name(method), fromArray(bytes))) {
      return;
    }
    List<Double> micros = new ArrayList<>();
    for (int k = 0; k < DeviceTimer.WARM_UPS + repetitions; k++) {
      long began = System.nanoTime();
      call.run();
      if (k >= DeviceTimer.WARM_UPS) {
        micros.add(1e-3 * (System.nanoTime() - began));
      }
    }
    keep(method, fromArray(bytes), (double) bytes, micros);
  }

  private static Map<String, String> fromArray(long bytes) {
    return params("host", "Java array", "bytes", bytes);
  }

  private void keep(String method, Map<String, String> params, double work, List<Double> micros) {
    sink.add(Measured.entry(name(method), params, micros, Map.of("work", work), ""));
  }
}

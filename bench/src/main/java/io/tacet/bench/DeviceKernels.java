package io.tacet.bench;

import io.tacet.bench.KernelShape.Case;
import io.tacet.cuda.CudaException;
import io.tacet.cuda.CudaFatalException;
import io.tacet.cuda.NativeBackend;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Operations of the library on a device, in one process, at sizes that measure kernels and not
 * their launches: in one minute what takes many with JMH. Calls are issued one after the other
 * between two events of the device ({@link DeviceTimer}) without synchronisation except that of the
 * operations themselves.
 *
 * <p>Shapes are measured in the order of {@link KernelPlan} until the time is over. Each is set up,
 * verified against a loop, the java backend or another engine, and saved as soon as it is measured.
 * A failure is reported and does not stop the rest. A shape that exceeds the limit {@value
 * #SHAPE_LIMIT}, whose kernel is assumed to hang, ends the process with status {@value
 * Suite#AGAIN}; another process that adds to the results ({@code --keep}) resumes after it, as
 * after a crash, by means of {@link KernelLog}.
 *
 * <p>Rows have the floors of the corresponding JMH benchmarks, with the same parameters. The host
 * backend executes them with {@code --shrink} as a test; its times are meaningless.
 */
final class DeviceKernels {
  /** Property: seconds that a shape may take with all that belongs to it; 20, on the host 120. */
  static final String SHAPE_LIMIT = "tacet.bench.shape.limit";

  /** Repetitions of long operations, and their total time limit. */
  private static final int LEAST = 5;

  private static final long MOST_NANOS = 300_000_000;

  /** Methods, and the corresponding benchmarks. */
  private static final Map<String, String> METHODS = new LinkedHashMap<>();

  static {
    METHODS.put("propagationForward", "PropagationBenchmark.forward");
    METHODS.put("propagationTransposed", "PropagationBenchmark.transposed");
    METHODS.put("propagationGradient", "PropagationBenchmark.weightGradient");
    METHODS.put("egruForward", "EgruBenchmark.forward");
    METHODS.put("egruBackward", "EgruBenchmark.backward");
    METHODS.put("egruStep", "EgruBenchmark.forward");
    METHODS.put("layerForward", "EgruBenchmark.layerForward");
    METHODS.put("trainingPass", "EgruBenchmark.trainingPass");
    METHODS.put("sparseEgruForward", "SparseEgruBenchmark.forward");
    METHODS.put("sparseEgruBackward", "SparseEgruBenchmark.backward");
    METHODS.put("rnnForward", "RnnBenchmark.forward");
    METHODS.put("rnnBackward", "RnnBenchmark.backward");
    METHODS.put("compact", "CompactionBenchmark.compact");
    METHODS.put("expand", "CompactionBenchmark.expand");
    METHODS.put("product", "TorchProductBenchmark.product");
    METHODS.put("adam", "OptimizerBenchmark.adam");
    METHODS.put("eventPropForward", "EventPropBenchmark.forward");
    METHODS.put("eventPropBackward", "EventPropBenchmark.backward");
    METHODS.put("eventPropStep", "EventPropBenchmark.trainingStep");
  }

  private final NativeBackend backend;
  private final DeviceCeilings.Sink sink;
  private final KernelLog log;
  private final int repetitions;
  private final Pattern only;
  private final Consumer<String> progress;
  private final DeviceTimer timer;

  /**
   * @param only found in the names of what is measured
   * @param log which shapes earlier processes have begun
   */
  DeviceKernels(
      NativeBackend backend,
      Pattern only,
      int repetitions,
      KernelLog log,
      DeviceCeilings.Sink sink,
      Consumer<String> progress) {
    this.backend = backend;
    this.only = only;
    this.repetitions = repetitions;
    this.log = log;
    this.sink = sink;
    this.progress = progress;
    this.timer = new DeviceTimer(backend);
  }

  /** Whether any of these is selected. */
  static boolean named(Pattern only) {
    return METHODS.keySet().stream().anyMatch(method -> only.matcher(name(method)).find());
  }

  /** A row of ours as what has the same floor. */
  static Timing likeBenchmark(Timing row) {
    return row.as(METHODS.get(row.method()));
  }

  private static String name(String method) {
    return "DeviceKernels." + method;
  }

  /**
   * Measures shapes one after the other.
   *
   * @param seconds after which none begins that would probably not end within them
   * @throws CudaFatalException if this process can no longer use the device
   */
  void measure(List<KernelShape> shapes, double seconds) {
    long began = System.nanoTime();
    double longest = 0;
    int left = 0;
    for (KernelShape shape : shapes) {
      double at = 1e-9 * (System.nanoTime() - began);
      boolean wanted = wanted(shape);
      if (wanted && at + longest > seconds) {
        left++;
      } else if (wanted && log.begin(shape.name(), sink)) {
        watched(shape);
        log.end(shape.name());
        longest = Math.max(longest, 1e-9 * (System.nanoTime() - began) - at);
      }
    }
    if (left > 0) {
      progress.accept("  " + left + " shapes left out: their time is over");
    }
  }

  private boolean wanted(KernelShape shape) {
    return shape.methods().stream().anyMatch(method -> only.matcher(name(method)).find());
  }

  private void watched(KernelShape shape) {
    int limit = Integer.getInteger(SHAPE_LIMIT, backend.name().equals("cuda") ? 20 : 120);
    String late = shape.name() + ": has not ended after " + limit + " s; " + SHAPE_LIMIT;
    Watchdog watchdog = new Watchdog(limit, () -> sink.failed(late));
    try {
      measure(shape);
    } finally {
      watchdog.close();
    }
  }

  /** A failure of one shape does not stop the others. */
  private void measure(KernelShape shape) {
    try (KernelShape.Room room = new KernelShape.Room(backend)) {
      for (Case row : shape.opener().open(room)) {
        measure(row);
      }
    } catch (CudaFatalException e) {
      sink.failed(shape.name() + ": " + e.getMessage());
      throw e;
    } catch (IllegalStateException | IllegalArgumentException | CudaException e) {
      sink.failed(shape.name() + ": " + e.getMessage());
    }
  }

  private void measure(Case row) {
    Map<String, String> params = new TreeMap<>(row.params());
    params.put("backend", backend.name());
    if (!only.matcher(name(row.method())).find() || sink.has(name(row.method()), params)) {
      return;
    }
    row.launch().accept(1);
    row.check().run();
    backend.synchronize();
    List<Double> micros =
        timer.micros(row.launch(), repetitions, Math.min(LEAST, repetitions), MOST_NANOS);
    sink.add(Measured.entry(name(row.method()), params, micros, row.counters(), row.note()));
  }

  /** Launches everything a few times without measuring, for a profiler. */
  void launch(List<KernelShape> shapes) {
    for (KernelShape shape : shapes) {
      progress.accept("  " + shape.name());
      try (KernelShape.Room room = new KernelShape.Room(backend)) {
        for (Case row : shape.opener().open(room)) {
          row.launch().accept(DeviceTimer.WARM_UPS);
        }
      }
    }
  }
}

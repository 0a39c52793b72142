package io.tacet.bench;

import java.util.ArrayList;
import java.util.List;

/** The entries of a plan while it is made, and those that several backends have. */
final class PlanShapes {
  private final Plan.Size size;
  private final String backend;
  private final List<PlanEntry> entries = new ArrayList<>();

  PlanShapes(Plan.Size size, String backend) {
    this.size = size;
    this.backend = backend;
  }

  List<PlanEntry> entries() {
    return entries;
  }

  boolean quick() {
    return size == Plan.Size.QUICK;
  }

  boolean full() {
    return size == Plan.Size.FULL;
  }

  /** One, two, and all processors where there are more. */
  Object[] threads() {
    int all = Runtime.getRuntime().availableProcessors();
    return quick() ? new Object[] {1} : all > 2 ? new Object[] {1, 2, all} : new Object[] {1, 2};
  }

  void add(PlanEntry entry) {
    entries.add(entry);
  }

  /** Adds an entry for the backend and numbers of threads chosen. */
  void here(PlanEntry entry) {
    Object[] threads = backend.equals("cuda") ? new Object[] {1} : threads();
    add(entry.with("backend", backend).with("threads", threads));
  }

  static String[] both(String second) {
    return new String[] {"compact", second};
  }

  static Object[] words(Object... words) {
    return words;
  }

  /** Steps of several samples, which share rows. */
  void batches(int n, int compacted) {
    here(
        PlanEntry.of("PropagationBenchmark", "forward", "transposed", "weightGradient")
            .with("n", n)
            .with("activity", 0.05)
            .with("format", "CSR")
            .with("batch", 8, 64));
    here(
        PlanEntry.of("CompactionBenchmark", both("expand"))
            .with("n", compacted)
            .with("activity", 0.05)
            .with("batch", 8, 64));
  }

  /** The equations of the paper, and engines that AUTO would not choose, once each. */
  void variants(int units, int steps, int batch, Object... engines) {
    PlanEntry shape =
        PlanEntry.of("EgruBenchmark", "forward", "backward")
            .with("threshold", 0.3)
            .with("units", units)
            .with("steps", steps)
            .with("batch", batch);
    here(shape.with("variant", "PAPER"));
    if (engines.length > 0) {
      here(shape.with("engine", engines));
    }
  }

  /** Recurrent layers on a sparse pattern, and at more densities where there is time. */
  void sparse(int units, Object... batches) {
    Object[] densities = full() ? words(0.01, 0.05, 0.2) : words(0.05);
    here(
        PlanEntry.of("SparseEgruBenchmark", "forward", "backward")
            .with("threshold", 0.3)
            .with("units", units)
            .with("density", densities)
            .with("batch", batches));
    here(
        PlanEntry.of("RnnBenchmark", "forward", "backward")
            .with("units", units)
            .with("density", densities)
            .with("batch", batches));
  }

  /** Shapes of whole layers, also used by the CPU peers. */
  PlanEntry sequences(PlanEntry entry) {
    return entry
        .with("units", quick() ? words(256) : full() ? words(256, 512) : words(512))
        .with("steps", quick() ? 16 : 64)
        .with("batch", quick() ? words(8) : full() ? words(1, 32) : words(32));
  }
}

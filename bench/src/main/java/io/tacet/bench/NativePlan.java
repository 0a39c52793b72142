package io.tacet.bench;

/** What the host and cuda backends run: operations on resident arrays. */
final class NativePlan {
  private final PlanShapes shapes;
  private final boolean host;

  private NativePlan(PlanShapes shapes, boolean host) {
    this.shapes = shapes;
    this.host = host;
  }

  /** Adds the operations, in shapes that are smaller for host execution. */
  static void addTo(PlanShapes shapes, boolean host) {
    new NativePlan(shapes, host).kernels();
  }

  private void kernels() {
    Object[] n = host ? new Object[] {1024} : new Object[] {1024, 4096, 16384};
    Object[] some = shapes.quick() ? new Object[] {0.05} : new Object[] {0.01, 0.05, 0.2};
    shapes.here(
        PlanEntry.of("PropagationBenchmark", "forward", "transposed", "weightGradient")
            .with("n", n)
            .with("activity", some)
            .with("format", "CSR", "FIXED_FAN_OUT", "BLOCKS_OF_32"));
    shapes.here(
        PlanEntry.of("CompactionBenchmark", PlanShapes.both("expand"))
            .with("n", host ? 4096 : 65536)
            .with("activity", 0.05));
    shapes.here(
        PlanEntry.of("EventPropBenchmark", "forward", "backward", "trainingStep")
            .with("network", "yin-yang")
            .with(
                "simulator",
                shapes.quick() ? PlanShapes.words("exact") : PlanShapes.words("exact", "grid"))
            .with("precision", "float32"));
    shapes.here(
        PlanEntry.of("EgruBenchmark", "forward", "backward")
            .with("threshold", 0.3, -1)
            .with("units", host ? 64 : 512)
            .with("steps", host ? 8 : 64)
            .with("batch", host ? 4 : 32)
            .with(
                "engine",
                host
                    ? PlanShapes.words("AUTO")
                    : PlanShapes.words("EVENT", "DENSE", "PERSISTENT")));
    shapes.here(
        PlanEntry.of("EgruReplicaBenchmark", "together", "apart")
            .with("replicas", 8)
            .with("units", host ? 16 : 128)
            .with("steps", host ? 8 : 64)
            .with("batch", host ? 4 : 32)
            .with(
                "engine",
                host
                    ? PlanShapes.words("AUTO")
                    : PlanShapes.words("EVENT", "DENSE", "PERSISTENT")));
    shapes.sparse(host ? 128 : 2048, host ? PlanShapes.words(4) : PlanShapes.words(1, 8, 64));
    if (host) {
      shapes.variants(64, 8, 4, "EVENT", "DENSE", "PERSISTENT");
    } else {
      device(some);
    }
    shapes.here(PlanEntry.of("OptimizerBenchmark", "adam").with("size", host ? 65536 : 4194304));
    shapes.here(
        PlanEntry.of("RewiringBenchmark", "mark", "set", "deepR", "search")
            .with("n", host ? 512 : 32768));
    shapes.here(PlanEntry.of("OjaBenchmark", "together", "apart").with("n", host ? 256 : 4096));
    shapes.here(
        PlanEntry.of("EliminationBenchmark", "candidates", "vetoes", "scatter")
            .with("receptors", host ? 100 : 1000)
            .with(
                "odorants",
                host
                    ? PlanShapes.words(4096)
                    : shapes.quick() ? PlanShapes.words(100000) : PlanShapes.words(100000, 1000000))
            .with("batch", host || shapes.quick() ? PlanShapes.words(1) : PlanShapes.words(1, 8)));
    shapes.here(
        PlanEntry.of("CompetitionBenchmark", "winners", "losers", "gain", "gainErrors")
            .with("n", host ? 512 : 65536)
            .with("batch", host ? 4 : 64));
    shapes.here(
        PlanEntry.of("LanguageStepBenchmark", "trainingStep")
            .with("units", host ? 64 : 512)
            .with("steps", host ? 8 : 64)
            .with("batch", host ? 4 : 32));
    shapes.here(
        PlanEntry.of("SimulationBenchmark", "advance")
            .with("scale", host ? 0.02 : shapes.quick() ? 0.3 : 1)
            .with("steps", host ? 10 : 1000));
  }

  /** Whole layers, of the shapes used in bench/peers. */
  private void layers() {
    shapes.here(
        PlanEntry.of("EgruBenchmark", "layerForward", "trainingPass")
            .with("threshold", 0.3)
            .with(
                "units",
                shapes.quick() ? new Object[] {512, 2048} : new Object[] {512, 1024, 2048, 4096})
            .with("steps", 256)
            .with("batch", shapes.quick() ? new Object[] {1, 64} : new Object[] {1, 8, 64})
            .with("engine", "AUTO"));
    // More than any chip holds: the rows of active units beside all rows.
    shapes.here(
        PlanEntry.of("EgruBenchmark", "forward")
            .with("threshold", shapes.quick() ? new Object[] {0.6} : new Object[] {0.3, 0.6})
            .with("units", 4096)
            .with("steps", 64)
            .with("batch", shapes.quick() ? new Object[] {1} : new Object[] {1, 8})
            .with("engine", "EVENT", "DENSE"));
  }

  /** Shapes that are too large for host execution. */
  private void device(Object... activities) {
    layers();
    PlanEntry forward = PlanEntry.of("PropagationBenchmark", "forward");
    shapes.here(forward.with("n", 4096).with("activity", activities).with("format", "DENSE"));
    if (shapes.quick()) {
      // With the above, a curve.
      shapes.here(forward.with("n", 16384).with("activity", 0.01, 0.2).with("format", "CSR"));
      return;
    }
    shapes.here(forward.with("n", 16384).with("activity", activities).with("format", "PROCEDURAL"));
    // 43 million synapses: beyond the second-level cache of any GPU.
    shapes.here(forward.with("n", 65536).with("activity", activities).with("format", "CSR"));
    shapes.batches(16384, 65536);
    shapes.variants(512, 64, 32);
    shapes.here(PlanEntry.of("OptimizerBenchmark", "sgd").with("size", 4194304));
    shapes.here(
        PlanEntry.of("EventPropBenchmark", "forward", "backward", "trainingStep")
            .with("network", "yin-yang")
            .with("simulator", "exact")
            .with("precision", "float32")
            .with("batch", 1024)
            .with("hidden", 0, 1000));
  }
}

package io.tacet.bench;

import java.util.List;

/** What is measured on the java backend, beside the libraries that were built in. */
final class JavaPlan {
  private static final List<String> PEERS =
      List.of(
          "EjmlBenchmark",
          "TorchGruBenchmark",
          "TorchLstmBenchmark",
          "TorchSparseBenchmark",
          "TorchProductBenchmark",
          "OnnxGruBenchmark",
          "TorchSequenceBenchmark",
          "OnnxSequenceBenchmark",
          "Nd4jProductBenchmark",
          "Nd4jGruBenchmark");

  private final PlanShapes shapes;

  private JavaPlan(PlanShapes shapes) {
    this.shapes = shapes;
  }

  /** Adds ceilings, operations and then what others make of the same sizes. */
  static void addTo(PlanShapes shapes) {
    JavaPlan plan = new JavaPlan(shapes);
    plan.ceilings();
    plan.java();
    PEERS.stream().filter(JavaPlan::compiled).forEach(plan::peer);
  }

  private static boolean compiled(String className) {
    try {
      Class.forName("io.tacet.bench." + className, false, JavaPlan.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  private void ceilings() {
    Object[] bytes = {262144, 8388608, 15728640, 33554432, 67108864, 201326592};
    Object[] longRows =
        shapes.quick() ? new Object[] {1024, 16384} : new Object[] {256, 1024, 4096, 16384};
    // An update in place, or a copy, is as fast as a triad.
    String[] streams =
        shapes.quick() ? new String[] {"copy", "update"} : new String[] {"copy", "triad", "update"};
    for (Object threads : shapes.threads()) {
      int count = (Integer) threads;
      shapes.add(PlanEntry.of(PlanEntry.CEILING, "fma").threads(count));
      shapes.add(PlanEntry.of(PlanEntry.CEILING, streams).with("bytes", bytes).threads(count));
      // Short rows are summed faster, long ones added faster; where they meet both are measured.
      shapes.add(
          PlanEntry.of(PlanEntry.CEILING, "gatherSum")
              .with("bytes", bytes)
              .with("rowBytes", 64, 256)
              .threads(count));
      shapes.add(
          PlanEntry.of(PlanEntry.CEILING, "gatherAdd")
              .with("bytes", bytes)
              .with("rowBytes", longRows)
              .threads(count));
    }
  }

  private void java() {
    propagation(16384, 0.01, 0.05, 0.2);
    for (int n : new int[] {1024, 4096}) {
      propagation(n, 0.05);
    }
    if (shapes.full()) {
      propagation(65536, 0.05);
    }
    if (!shapes.quick()) {
      shapes.batches(16384, 65536);
    }
    shapes.here(
        PlanEntry.of("PropagationBenchmark", "transposed", "weightGradient")
            .with("activity", 0.05)
            .with("format", "CSR"));
    shapes.here(
        PlanEntry.of("PropagationBenchmark", "forward")
            .with("activity", 0.05)
            .with("n", 4096)
            .with("density", shapes.quick() ? new Object[] {0.05} : new Object[] {0.01, 0.05})
            .with("format", "DENSE", "FIXED_FAN_OUT", "BLOCKS_OF_32", "PROCEDURAL"));
    shapes.here(
        PlanEntry.of(
                "CompactionBenchmark",
                shapes.quick() ? new String[] {"compact"} : PlanShapes.both("expand"))
            .with("n", 4096, 65536)
            .with(
                "activity", shapes.quick() ? new Object[] {0.05} : new Object[] {0.01, 0.05, 0.2}));
    PlanEntry eventProp = PlanEntry.of("EventPropBenchmark", "forward", "backward", "trainingStep");
    shapes.here(
        eventProp
            .with(
                "network",
                shapes.quick()
                    ? PlanShapes.words("yin-yang")
                    : PlanShapes.words("yin-yang", "recurrent"))
            .with(
                "simulator",
                shapes.full() ? PlanShapes.words("exact", "grid") : PlanShapes.words("exact"))
            .with(
                "precision",
                shapes.full()
                    ? PlanShapes.words("float32", "float64")
                    : PlanShapes.words("float32")));
    if (!shapes.quick()) {
      shapes.here(
          eventProp
              .with("network", "alif", "alpha")
              .with(
                  "simulator",
                  shapes.full() ? PlanShapes.words("exact", "grid") : PlanShapes.words("exact"))
              .with("precision", "float32"));
    }
    Object[] thresholds = shapes.full() ? new Object[] {0.1, 0.3, 0.5, -1} : new Object[] {0.3, -1};
    shapes.here(
        PlanEntry.of("EgruBenchmark", "forward", "backward")
            .with("threshold", thresholds)
            .with("units", shapes.quick() ? 256 : 512)
            .with("steps", shapes.quick() ? 16 : 64)
            .with("batch", shapes.quick() ? 8 : 32));
    shapes.here(
        shapes
            .sequences(PlanEntry.of("EgruBenchmark", "layerForward", "trainingPass"))
            .with(
                "threshold",
                shapes.quick() ? new Object[] {0.3} : new Object[] {0.1, 0.3, 0.5, -1}));
    shapes.sparse(
        shapes.quick() ? 512 : 2048, shapes.quick() ? PlanShapes.words(8) : PlanShapes.words(1, 8));
    if (!shapes.quick()) {
      shapes.variants(512, 64, 32, "EVENT", "DENSE");
      shapes.here(
          eventProp
              .with("network", "yin-yang")
              .with("simulator", "exact")
              .with("precision", "float32")
              .with("batch", 256)
              .with("hidden", 1000));
    }
    Object[] activities = shapes.quick() ? new Object[] {0.02, 0.1, 0.5} : activities();
    shapes.add(
        PlanEntry.of("EgruStreamBenchmark", "step")
            .with("activity", activities)
            .with("threads", shapes.threads()));
    shapes.add(
        PlanEntry.of("EgruStreamBenchmark", "plainLoop")
            .with("activity", activities)
            .with("threads", 1));
    if (!shapes.quick()) {
      Object[] units = shapes.full() ? new Object[] {128, 256, 512, 2048} : new Object[] {256};
      shapes.add(
          PlanEntry.of("EgruStreamBenchmark", "step")
              .with("units", units)
              .with("threads", shapes.threads()));
      shapes.add(
          PlanEntry.of("EgruStreamBenchmark", "step")
              .with("batch", 8)
              .with("threads", shapes.threads()));
      shapes.add(
          PlanEntry.of("EgruStreamBenchmark", "plainLoop").with("batch", 8).with("threads", 1));
      PlanEntry large =
          PlanEntry.of("EgruStreamBenchmark", "step")
              .with("units", 2048)
              .with("threads", shapes.threads());
      shapes.add(large.with("batch", shapes.full() ? new Object[] {8} : new Object[] {1, 8}));
      shapes.add(large.with("batch", 1, 8).with("density", 0.05));
    }
    shapes.here(
        PlanEntry.of("OptimizerBenchmark", "adam", "sgd")
            .with("size", shapes.quick() ? new Object[] {4194304} : new Object[] {65536, 4194304}));
    shapes.here(
        PlanEntry.of("RewiringBenchmark", "mark", "set", "deepR")
            .with("n", shapes.quick() ? new Object[] {4096} : new Object[] {4096, 32768})
            .with("threads", 1));
    if (!shapes.quick()) {
      shapes.here(PlanEntry.of("RewiringBenchmark", "search").with("n", 4096).with("threads", 1));
    }
    shapes.here(
        PlanEntry.of("EliminationBenchmark", "candidates", "vetoes", "scatter")
            .with(
                "odorants", shapes.full() ? new Object[] {100000, 1000000} : new Object[] {100000})
            .with("threads", 1));
    shapes.here(
        PlanEntry.of("OjaBenchmark", "together", "apart")
            .with("n", shapes.quick() ? new Object[] {2048} : new Object[] {256, 2048}));
    shapes.here(
        PlanEntry.of("CompetitionBenchmark", "winners", "losers", "gain", "gainErrors")
            .with("n", shapes.quick() ? new Object[] {4096} : new Object[] {256, 65536})
            .with("threads", 1));
    shapes.here(
        PlanEntry.of("LanguageStepBenchmark", "trainingStep")
            .with("units", shapes.quick() ? 128 : 512)
            .with("steps", shapes.quick() ? 32 : 64)
            .with("batch", shapes.quick() ? 8 : 32));
    shapes.here(
        PlanEntry.of("SimulationBenchmark", "advance")
            .with("scale", shapes.full() ? new Object[] {0.1, 0.2} : new Object[] {0.1}));
  }

  private static Object[] activities() {
    return new Object[] {0.02, 0.05, 0.1, 0.2, 0.5};
  }

  /** CSR and the plain loop, at one size. */
  private void propagation(int n, Object... activities) {
    PlanEntry csr =
        PlanEntry.of("PropagationBenchmark", "forward")
            .with("n", n)
            .with("activity", activities)
            .with("format", "CSR");
    shapes.here(csr);
    // Loops over the same synapses; two of them only read or only add.
    List<String> loops = List.of("plainLoop", "readRows", "addRows");
    shapes.add(
        new PlanEntry("PropagationBenchmark", loops, csr.params(), 1)
            .with("backend", "java")
            .with("threads", 1));
    if (compiled("EjmlBenchmark")) {
      shapes.add(
          PlanEntry.of("EjmlBenchmark", "product").with("n", n).with("activity", activities));
    }
  }

  private void peer(String className) {
    switch (className) {
      case "EjmlBenchmark" -> {} // beside our propagation
      case "TorchSparseBenchmark" ->
          shapes.add(
              PlanEntry.of(className, "product")
                  .with(
                      "n", shapes.quick() ? new Object[] {16384} : new Object[] {1024, 4096, 16384})
                  .with(
                      "activity",
                      shapes.quick() ? new Object[] {0.05} : new Object[] {0.01, 0.05, 0.2})
                  .with("threads", shapes.threads()));
      case "TorchProductBenchmark", "Nd4jProductBenchmark" ->
          shapes.add(
              PlanEntry.of(className, "product")
                  .with(
                      "n", shapes.quick() ? new Object[] {4096} : new Object[] {1024, 4096, 16384})
                  .with("threads", shapes.threads()));
      case "TorchSequenceBenchmark" ->
          shapes.add(
              shapes
                  .sequences(PlanEntry.of(className, "forward", "trainingPass"))
                  .with("threads", shapes.threads()));
      case "OnnxSequenceBenchmark" ->
          shapes.add(
              shapes
                  .sequences(PlanEntry.of(className, "forward"))
                  .with("threads", shapes.threads()));
      case "Nd4jGruBenchmark" -> shapes.add(steps(PlanEntry.of(className, "step", "ofProducts")));
      default -> shapes.add(steps(PlanEntry.of(className, "step")));
    }
  }

  /** Sizes of single steps of the CPU peers. */
  private PlanEntry steps(PlanEntry entry) {
    return entry
        .with("units", shapes.full() ? new Object[] {128, 256, 512, 1024, 2048} : sizes())
        .with("threads", shapes.threads());
  }

  private Object[] sizes() {
    return shapes.quick() ? new Object[] {1024} : new Object[] {256, 1024};
  }
}

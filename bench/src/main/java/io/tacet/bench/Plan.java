package io.tacet.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Which benchmarks a run consists of, with which parameters. */
final class Plan {
  /** How much is run. */
  enum Size {
    /** Under five minutes on two cores: few shapes, one thread, short iterations. */
    QUICK,
    /** Neither option: the shapes of QUICK, measured for longer, with two threads as well. */
    DEFAULT,
    /** Every shape, two forks: for results to keep. Takes hours. */
    FULL
  }

  /**
   * Methods of one class with lists of parameters, of which every combination is run.
   *
   * @param jmhThreads threads that call at the same time: above 1 only for ceilings
   */
  record Entry(
      String className, List<String> methods, Map<String, List<String>> params, int jmhThreads) {

    static Entry of(String className, String... methods) {
      return new Entry(className, List.of(methods), Map.of(), 1);
    }

    Entry with(String param, Object... values) {
      Map<String, List<String>> all = new LinkedHashMap<>(params);
      all.put(param, java.util.Arrays.stream(values).map(Object::toString).toList());
      return new Entry(className, methods, all, jmhThreads);
    }

    Entry threads(int count) {
      return new Entry(className, methods, params, count);
    }

    /** Number of runs of JMH. */
    int runs() {
      return methods.size()
          * params.values().stream().mapToInt(List::size).reduce(1, (a, b) -> a * b);
    }

    /** An entry for each run, so that the results of one are there when the next begins. */
    List<Entry> apart() {
      List<Entry> all = new ArrayList<>();
      for (String method : methods) {
        List<Entry> single = List.of(new Entry(className, List.of(method), Map.of(), jmhThreads));
        for (Map.Entry<String, List<String>> param : params.entrySet()) {
          single =
              single.stream()
                  .flatMap(e -> param.getValue().stream().map(v -> e.with(param.getKey(), v)))
                  .toList();
        }
        all.addAll(single);
      }
      return all;
    }

    /** Whether it needs a longer warm-up. */
    boolean slowToCompile() {
      return SLOW_TO_COMPILE.contains(className);
    }

    /** The methods as JMH patterns. */
    String include() {
      return "\\.bench\\." + className + "\\.(" + String.join("|", methods) + ")$";
    }
  }

  private static final String CEILING = "CeilingBenchmark";

  /**
   * Whole layers, networks and steps, which take longer to compile than a single loop: on two cores
   * their times still fall for a second or two.
   */
  private static final List<String> SLOW_TO_COMPILE =
      List.of(
          "EgruBenchmark",
          "EgruStreamBenchmark",
          "EventPropBenchmark",
          "LanguageStepBenchmark",
          "RnnBenchmark",
          "SimulationBenchmark",
          "SparseEgruBenchmark");

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

  private final Size size;
  private final String backend;
  private final List<Entry> entries = new ArrayList<>();

  private Plan(Size size, String backend) {
    this.size = size;
    this.backend = backend;
  }

  /**
   * The entries in the order in which they run.
   *
   * @param backend java, host or cuda
   * @param only found in {@code Class.method}; ceilings always run on java, as floors need them
   */
  static List<Entry> of(Size size, String backend, Pattern only) {
    Plan plan = new Plan(size, backend);
    if (backend.equals("java")) {
      plan.ceilings();
      plan.java();
      PEERS.stream().filter(Plan::compiled).forEach(plan::peer);
    } else {
      plan.kernels();
    }
    List<Entry> chosen = new ArrayList<>();
    for (Entry entry : plan.entries) {
      List<String> methods =
          entry.methods().stream()
              .filter(
                  m ->
                      entry.className().equals(CEILING)
                          || only.matcher(entry.className() + "." + m).find())
              .toList();
      if (!methods.isEmpty()) {
        chosen.add(new Entry(entry.className(), methods, entry.params(), entry.jmhThreads()));
      }
    }
    return chosen;
  }

  private static boolean compiled(String className) {
    try {
      Class.forName("io.tacet.bench." + className, false, Plan.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  private boolean quick() {
    return size == Size.QUICK;
  }

  private boolean full() {
    return size == Size.FULL;
  }

  /** One, two, and all processors where there are more. */
  private Object[] threads() {
    int all = Runtime.getRuntime().availableProcessors();
    return quick() ? new Object[] {1} : all > 2 ? new Object[] {1, 2, all} : new Object[] {1, 2};
  }

  private void add(Entry entry) {
    entries.add(entry);
  }

  /** Adds an entry for the backend and numbers of threads chosen. */
  private void here(Entry entry) {
    Object[] threads = backend.equals("cuda") ? new Object[] {1} : threads();
    add(entry.with("backend", backend).with("threads", threads));
  }

  private void ceilings() {
    Object[] bytes = {262144, 8388608, 15728640, 33554432, 67108864, 201326592};
    Object[] longRows =
        quick() ? new Object[] {1024, 16384} : new Object[] {256, 1024, 4096, 16384};
    // An update in place, or a copy, is as fast as a triad.
    String[] streams =
        quick() ? new String[] {"copy", "update"} : new String[] {"copy", "triad", "update"};
    for (Object threads : threads()) {
      int count = (Integer) threads;
      add(Entry.of(CEILING, "fma").threads(count));
      add(Entry.of(CEILING, streams).with("bytes", bytes).threads(count));
      // Short rows are summed faster, long ones added faster; where they meet both are measured.
      add(
          Entry.of(CEILING, "gatherSum")
              .with("bytes", bytes)
              .with("rowBytes", 64, 256)
              .threads(count));
      add(
          Entry.of(CEILING, "gatherAdd")
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
    if (full()) {
      propagation(65536, 0.05);
    }
    if (!quick()) {
      batches(16384, 65536);
    }
    here(
        Entry.of("PropagationBenchmark", "transposed", "weightGradient")
            .with("activity", 0.05)
            .with("format", "CSR"));
    here(
        Entry.of("PropagationBenchmark", "forward")
            .with("activity", 0.05)
            .with("n", 4096)
            .with("density", quick() ? new Object[] {0.05} : new Object[] {0.01, 0.05})
            .with("format", "DENSE", "FIXED_FAN_OUT", "BLOCKS_OF_32", "PROCEDURAL"));
    here(
        Entry.of("CompactionBenchmark", quick() ? new String[] {"compact"} : both("expand"))
            .with("n", 4096, 65536)
            .with("activity", quick() ? new Object[] {0.05} : new Object[] {0.01, 0.05, 0.2}));
    Entry eventProp = Entry.of("EventPropBenchmark", "forward", "backward", "trainingStep");
    here(
        eventProp
            .with("network", quick() ? words("yin-yang") : words("yin-yang", "recurrent"))
            .with("simulator", full() ? words("exact", "grid") : words("exact"))
            .with("precision", full() ? words("float32", "float64") : words("float32")));
    if (!quick()) {
      here(
          eventProp
              .with("network", "alif")
              .with("simulator", "exact")
              .with("precision", "float32"));
    }
    Object[] thresholds = full() ? new Object[] {0.1, 0.3, 0.5, -1} : new Object[] {0.3, -1};
    here(
        Entry.of("EgruBenchmark", "forward", "backward")
            .with("threshold", thresholds)
            .with("units", quick() ? 256 : 512)
            .with("steps", quick() ? 16 : 64)
            .with("batch", quick() ? 8 : 32));
    here(
        sequences(Entry.of("EgruBenchmark", "layerForward", "trainingPass"))
            .with("threshold", quick() ? new Object[] {0.3} : new Object[] {0.1, 0.3, 0.5, -1}));
    sparse(quick() ? 512 : 2048, quick() ? words(8) : words(1, 8));
    if (!quick()) {
      variants(512, 64, 32, "EVENT", "DENSE");
      here(
          eventProp
              .with("network", "yin-yang")
              .with("simulator", "exact")
              .with("precision", "float32")
              .with("batch", 256)
              .with("hidden", 1000));
    }
    Object[] activities = quick() ? new Object[] {0.02, 0.1, 0.5} : activities();
    add(
        Entry.of("EgruStreamBenchmark", "step")
            .with("activity", activities)
            .with("threads", threads()));
    add(
        Entry.of("EgruStreamBenchmark", "plainLoop")
            .with("activity", activities)
            .with("threads", 1));
    if (!quick()) {
      Object[] units = full() ? new Object[] {128, 256, 512, 2048} : new Object[] {256};
      add(Entry.of("EgruStreamBenchmark", "step").with("units", units).with("threads", threads()));
      add(Entry.of("EgruStreamBenchmark", "step").with("batch", 8).with("threads", threads()));
      add(Entry.of("EgruStreamBenchmark", "plainLoop").with("batch", 8).with("threads", 1));
      Entry large =
          Entry.of("EgruStreamBenchmark", "step").with("units", 2048).with("threads", threads());
      add(large.with("batch", full() ? new Object[] {8} : new Object[] {1, 8}));
      add(large.with("batch", 1, 8).with("density", 0.05));
    }
    here(
        Entry.of("OptimizerBenchmark", "adam", "sgd")
            .with("size", quick() ? new Object[] {4194304} : new Object[] {65536, 4194304}));
    here(
        Entry.of("RewiringBenchmark", "mark", "set", "deepR")
            .with("n", quick() ? new Object[] {4096} : new Object[] {4096, 32768})
            .with("threads", 1));
    if (!quick()) {
      here(Entry.of("RewiringBenchmark", "search").with("n", 4096).with("threads", 1));
    }
    here(
        Entry.of("EliminationBenchmark", "candidates", "vetoes", "scatter")
            .with("odorants", full() ? new Object[] {100000, 1000000} : new Object[] {100000})
            .with("threads", 1));
    here(
        Entry.of("OjaBenchmark", "together", "apart")
            .with("n", quick() ? new Object[] {2048} : new Object[] {256, 2048}));
    here(
        Entry.of("CompetitionBenchmark", "winners", "losers", "gain", "gainErrors")
            .with("n", quick() ? new Object[] {4096} : new Object[] {256, 65536})
            .with("threads", 1));
    here(
        Entry.of("LanguageStepBenchmark", "trainingStep")
            .with("units", quick() ? 128 : 512)
            .with("steps", quick() ? 32 : 64)
            .with("batch", quick() ? 8 : 32));
    here(
        Entry.of("SimulationBenchmark", "advance")
            .with("scale", full() ? new Object[] {0.1, 0.2} : new Object[] {0.1}));
  }

  private static String[] both(String second) {
    return new String[] {"compact", second};
  }

  private static Object[] words(Object... words) {
    return words;
  }

  private static Object[] activities() {
    return new Object[] {0.02, 0.05, 0.1, 0.2, 0.5};
  }

  /** CSR and the plain loop, at one size. */
  private void propagation(int n, Object... activities) {
    Entry csr =
        Entry.of("PropagationBenchmark", "forward")
            .with("n", n)
            .with("activity", activities)
            .with("format", "CSR");
    here(csr);
    if (backend.equals("java")) {
      // Loops over the same synapses; two of them only read or only add.
      List<String> loops = List.of("plainLoop", "readRows", "addRows");
      add(
          new Entry("PropagationBenchmark", loops, csr.params(), 1)
              .with("backend", "java")
              .with("threads", 1));
    }
    if (backend.equals("java") && compiled("EjmlBenchmark")) {
      add(Entry.of("EjmlBenchmark", "product").with("n", n).with("activity", activities));
    }
  }

  private void peer(String className) {
    switch (className) {
      case "EjmlBenchmark" -> {} // beside our propagation
      case "TorchSparseBenchmark" ->
          add(
              Entry.of(className, "product")
                  .with("n", quick() ? new Object[] {16384} : new Object[] {1024, 4096, 16384})
                  .with("activity", quick() ? new Object[] {0.05} : new Object[] {0.01, 0.05, 0.2})
                  .with("threads", threads()));
      case "TorchProductBenchmark", "Nd4jProductBenchmark" ->
          add(
              Entry.of(className, "product")
                  .with("n", quick() ? new Object[] {4096} : new Object[] {1024, 4096, 16384})
                  .with("threads", threads()));
      case "TorchSequenceBenchmark" ->
          add(sequences(Entry.of(className, "forward", "trainingPass")).with("threads", threads()));
      case "OnnxSequenceBenchmark" ->
          add(sequences(Entry.of(className, "forward")).with("threads", threads()));
      case "Nd4jGruBenchmark" -> add(steps(Entry.of(className, "step", "ofProducts")));
      default -> add(steps(Entry.of(className, "step")));
    }
  }

  /** Sizes of single steps of the CPU peers. */
  private Entry steps(Entry entry) {
    return entry
        .with("units", full() ? new Object[] {128, 256, 512, 1024, 2048} : sizes())
        .with("threads", threads());
  }

  /** Shapes of whole layers, also used by the CPU peers. */
  private Entry sequences(Entry entry) {
    return entry
        .with("units", quick() ? words(256) : full() ? words(256, 512) : words(512))
        .with("steps", quick() ? 16 : 64)
        .with("batch", quick() ? words(8) : full() ? words(1, 32) : words(32));
  }

  private Object[] sizes() {
    return quick() ? new Object[] {1024} : new Object[] {256, 1024};
  }

  /** Steps of several samples, which share rows. */
  private void batches(int n, int compacted) {
    here(
        Entry.of("PropagationBenchmark", "forward", "transposed", "weightGradient")
            .with("n", n)
            .with("activity", 0.05)
            .with("format", "CSR")
            .with("batch", 8, 64));
    here(
        Entry.of("CompactionBenchmark", both("expand"))
            .with("n", compacted)
            .with("activity", 0.05)
            .with("batch", 8, 64));
  }

  /** The equations of the paper, and engines that AUTO would not choose, once each. */
  private void variants(int units, int steps, int batch, Object... engines) {
    Entry shape =
        Entry.of("EgruBenchmark", "forward", "backward")
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
  private void sparse(int units, Object... batches) {
    Object[] densities = full() ? words(0.01, 0.05, 0.2) : words(0.05);
    here(
        Entry.of("SparseEgruBenchmark", "forward", "backward")
            .with("threshold", 0.3)
            .with("units", units)
            .with("density", densities)
            .with("batch", batches));
    here(
        Entry.of("RnnBenchmark", "forward", "backward")
            .with("units", units)
            .with("density", densities)
            .with("batch", batches));
  }

  /** Whole layers, of the shapes used in bench/peers. */
  private void layers() {
    here(
        Entry.of("EgruBenchmark", "layerForward", "trainingPass")
            .with("threshold", 0.3)
            .with(
                "units", quick() ? new Object[] {512, 2048} : new Object[] {512, 1024, 2048, 4096})
            .with("steps", 256)
            .with("batch", quick() ? new Object[] {1, 64} : new Object[] {1, 8, 64})
            .with("engine", "AUTO"));
  }

  /** What the host and cuda backends run: operations on resident arrays. */
  private void kernels() {
    boolean host = backend.equals("host");
    Object[] n = host ? new Object[] {1024} : new Object[] {1024, 4096, 16384};
    Object[] some = quick() ? new Object[] {0.05} : new Object[] {0.01, 0.05, 0.2};
    here(
        Entry.of("PropagationBenchmark", "forward", "transposed", "weightGradient")
            .with("n", n)
            .with("activity", some)
            .with("format", "CSR", "FIXED_FAN_OUT", "BLOCKS_OF_32"));
    here(
        Entry.of("CompactionBenchmark", both("expand"))
            .with("n", host ? 4096 : 65536)
            .with("activity", 0.05));
    here(
        Entry.of("EventPropBenchmark", "forward", "backward", "trainingStep")
            .with("network", "yin-yang")
            .with("simulator", quick() ? words("exact") : words("exact", "grid"))
            .with("precision", "float32"));
    here(
        Entry.of("EgruBenchmark", "forward", "backward")
            .with("threshold", 0.3, -1)
            .with("units", host ? 64 : 512)
            .with("steps", host ? 8 : 64)
            .with("batch", host ? 4 : 32)
            .with("engine", host ? words("AUTO") : words("EVENT", "DENSE", "PERSISTENT")));
    sparse(host ? 128 : 2048, host ? words(4) : words(1, 8, 64));
    if (host) {
      variants(64, 8, 4, "EVENT", "DENSE", "PERSISTENT");
    } else {
      device(some);
    }
    here(Entry.of("OptimizerBenchmark", "adam").with("size", host ? 65536 : 4194304));
    here(
        Entry.of("RewiringBenchmark", "mark", "set", "deepR", "search")
            .with("n", host ? 512 : 32768));
    here(Entry.of("OjaBenchmark", "together", "apart").with("n", host ? 256 : 4096));
    here(
        Entry.of("EliminationBenchmark", "candidates", "vetoes", "scatter")
            .with("receptors", host ? 100 : 1000)
            .with("odorants", host ? words(4096) : quick() ? words(100000) : words(100000, 1000000))
            .with("batch", host || quick() ? words(1) : words(1, 8)));
    here(
        Entry.of("CompetitionBenchmark", "winners", "losers", "gain", "gainErrors")
            .with("n", host ? 512 : 65536)
            .with("batch", host ? 4 : 64));
    here(
        Entry.of("LanguageStepBenchmark", "trainingStep")
            .with("units", host ? 64 : 512)
            .with("steps", host ? 8 : 64)
            .with("batch", host ? 4 : 32));
    here(
        Entry.of("SimulationBenchmark", "advance")
            .with("scale", host ? 0.02 : quick() ? 0.3 : 1)
            .with("steps", host ? 10 : 1000));
  }

  /** Shapes that are too large for host execution. */
  private void device(Object... activities) {
    layers();
    Entry forward = Entry.of("PropagationBenchmark", "forward");
    here(forward.with("n", 4096).with("activity", activities).with("format", "DENSE"));
    if (quick()) {
      // With the above, a curve.
      here(forward.with("n", 16384).with("activity", 0.01, 0.2).with("format", "CSR"));
      return;
    }
    here(forward.with("n", 16384).with("activity", activities).with("format", "PROCEDURAL"));
    // 43 million synapses: beyond the second-level cache of any GPU.
    here(forward.with("n", 65536).with("activity", activities).with("format", "CSR"));
    batches(16384, 65536);
    variants(512, 64, 32);
    here(Entry.of("OptimizerBenchmark", "sgd").with("size", 4194304));
    here(
        Entry.of("EventPropBenchmark", "forward", "backward", "trainingStep")
            .with("network", "yin-yang")
            .with("simulator", "exact")
            .with("precision", "float32")
            .with("batch", 1024)
            .with("hidden", 0, 1000));
  }
}

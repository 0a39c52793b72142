package io.tacet.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Results derived from the measurements of one run: floors as times, and comparisons with peers.
 */
final class Analysis {
  /**
   * A measurement beside its floor.
   *
   * @param floor null where none is known
   * @param bound null where the ceilings do not apply or were not measured
   * @param algorithm the same of the algorithm that was taken; null where it is not known
   */
  record Row(Timing timing, Floor floor, Ceilings.Bound bound, Ceilings.Bound algorithm) {
    /** Floor divided by time: 1 is the best that any algorithm can reach here. NaN if unknown. */
    double phi() {
      return part(bound);
    }

    /** 1 is the best that this algorithm can reach here. NaN if unknown. */
    double phiOfAlgorithm() {
      return part(algorithm);
    }

    private double part(Ceilings.Bound shortest) {
      return shortest == null ? Double.NaN : shortest.seconds() / timing.time();
    }
  }

  /**
   * Two measurements of the same or of equivalent work.
   *
   * @param peer name of the peer
   */
  record Pair(Timing ours, Timing theirs, String peer) {
    /** Above 1 where ours is faster. */
    double speedUp() {
      return theirs.time() / ours.time();
    }
  }

  /**
   * A comparison rule: all parameters that both have must be equal, and the threads.
   *
   * @param where the backend of ours
   * @param but parameters that may differ
   */
  private record Rule(String where, String ours, String theirs, String peer, Set<String> but) {
    /** Both by what lies between two events of the device, if ours knows nothing else. */
    Pair pair(Timing a, Timing b) {
      return a.className().equals("DeviceKernels")
          ? new Pair(a, b.onDevice(), peer(b) + ", on device")
          : new Pair(a, b, peer(b));
    }

    boolean holds(Timing a, Timing b) {
      return a.benchmark().equals(ours)
          && b.benchmark().equals(theirs)
          && a.threads() == b.threads()
          && where.equals(a.has("backend") ? a.text("backend") : "java")
          && a.params().entrySet().stream()
              .allMatch(
                  p ->
                      but.contains(p.getKey())
                          || !b.has(p.getKey())
                          || b.text(p.getKey()).equals(p.getValue()))
          && sparse(a, b)
          && !(but.contains("threshold") && b.number("threshold") >= 0);
    }

    /**
     * Peers use CSR unless they specify a format, and a layer without events is compared with the
     * dense ones of others, not with itself.
     */
    private static boolean sparse(Timing ours, Timing theirs) {
      return ours.has("format")
          ? theirs.has("format") || ours.text("format").equals("CSR")
          : !theirs.has("threshold") || ours.number("threshold") >= 0;
    }

    /** Its name in the report; for a peer on the GPU with its settings. */
    String peer(Timing b) {
      return where.equals("cuda") ? (peer + " " + b.describe(SHAPES)).strip() : peer;
    }
  }

  /** Parameters of peers that define what is computed, not how. */
  static final List<String> SHAPES =
      List.of(
          "activity", "backend", "batch", "density", "format", "n", "steps", "threads", "units");

  private static final List<Rule> RULES =
      List.of(
          rule(
              "PropagationBenchmark.forward", "PropagationBenchmark.plainLoop", "a plain CSR loop"),
          rule("PropagationBenchmark.forward", "EjmlBenchmark.product", "EJML sparse"),
          rule("PropagationBenchmark.forward", "TorchSparseBenchmark.product", "PyTorch, sparse"),
          rule("PropagationBenchmark.forward", "TorchProductBenchmark.product", "PyTorch, dense"),
          rule("PropagationBenchmark.forward", "Nd4jProductBenchmark.product", "ND4J, dense"),
          rule("EgruStreamBenchmark.step", "EgruStreamBenchmark.plainLoop", "a plain loop"),
          rule("EgruStreamBenchmark.step", "TorchGruBenchmark.step", "PyTorch GRU"),
          rule("EgruStreamBenchmark.step", "TorchLstmBenchmark.step", "PyTorch LSTM"),
          rule("EgruStreamBenchmark.step", "OnnxGruBenchmark.step", "ONNX Runtime GRU"),
          rule("EgruBenchmark.layerForward", "TorchSequenceBenchmark.forward", "PyTorch GRU"),
          rule("EgruBenchmark.layerForward", "OnnxSequenceBenchmark.forward", "ONNX Runtime GRU"),
          rule("EgruBenchmark.trainingPass", "TorchSequenceBenchmark.trainingPass", "PyTorch GRU"),
          dense("java", "EgruBenchmark.layerForward"),
          dense("java", "EgruBenchmark.trainingPass"),
          rule("EgruStreamBenchmark.step", "Nd4jGruBenchmark.step", "ND4J GRU"),
          rule("EgruStreamBenchmark.step", "Nd4jGruBenchmark.ofProducts", "ND4J, GRU of products"),
          dense("java", "EgruBenchmark.forward"),
          dense("java", "EgruBenchmark.backward"),
          dense("cuda", "EgruBenchmark.forward"),
          dense("cuda", "EgruBenchmark.backward"),
          onGpu("EgruBenchmark.layerForward", "TorchRnn.forward", "torch"),
          onGpu("EgruBenchmark.trainingPass", "TorchRnn.trainingPass", "torch"),
          onGpu("DeviceKernels.layerForward", "TorchRnn.forward", "torch"),
          onGpu("DeviceKernels.trainingPass", "TorchRnn.trainingPass", "torch"),
          onGpu("DeviceKernels.propagationForward", "TorchSparse.product", "torch.sparse"),
          onGpu("DeviceKernels.propagationForward", "CupySparse.product", "CuPy, cuSPARSE"),
          onGpu("PropagationBenchmark.forward", "TorchSparse.product", "torch.sparse"),
          onGpu("PropagationBenchmark.forward", "TorchSparse.indexAdd", "torch index_add_"),
          onGpu("PropagationBenchmark.forward", "TorchSparse.dense", "torch, dense"),
          onGpu("PropagationBenchmark.forward", "TritonRows.product", "Triton, active rows"),
          onGpu("PropagationBenchmark.forward", "CupySparse.product", "CuPy, cuSPARSE"),
          onGpu(
              "PropagationBenchmark.weightGradient",
              "TorchSparse.weightGradient",
              "torch sampled_addmm"));

  private final Map<Integer, Ceilings> ceilings = new LinkedHashMap<>();
  private final Ceilings device;
  private final List<Row> rows = new ArrayList<>();
  private final List<Pair> pairs = new ArrayList<>();

  Analysis(List<Timing> timings) {
    List<Timing> all = timings.stream().sorted(ORDER).toList();
    device = Ceilings.ofDevice(all);
    for (Timing timing : all) {
      if (!timing.isCeiling()) {
        Floor floor = Floors.of(timing);
        Ceilings found =
            timing.onJava()
                ? ceilings.computeIfAbsent(timing.threads(), t -> Ceilings.of(all, t))
                : timing.onCuda() ? device : null;
        rows.add(
            new Row(timing, floor, bound(found, floor), bound(found, Algorithms.floorOf(timing))));
      }
    }
    for (Rule rule : RULES) {
      for (Timing ours : all) {
        all.stream()
            .filter(theirs -> rule.holds(ours, theirs))
            .forEach(theirs -> pairs.add(rule.pair(ours, theirs)));
      }
    }
  }

  private static Ceilings.Bound bound(Ceilings known, Floor floor) {
    return known == null || floor == null ? null : known.time(floor);
  }

  private static Rule rule(String ours, String theirs, String peer) {
    return new Rule("java", ours, theirs, peer, Set.of());
  }

  private static Rule onGpu(String ours, String theirs, String peer) {
    return new Rule("cuda", ours, theirs, peer, Set.of());
  }

  /** A layer beside the same without events. */
  private static Rule dense(String where, String method) {
    return new Rule(where, method, method, "our GRU without events", Set.of("threshold"));
  }

  /** By name, then by parameters, numbers by their size. */
  private static final Comparator<Timing> ORDER =
      Comparator.comparing(Timing::benchmark).thenComparing(Analysis::compareParams);

  private static int compareParams(Timing a, Timing b) {
    for (String name : a.params().keySet()) {
      if (b.has(name)) {
        int order = compareValues(a.text(name), b.text(name));
        if (order != 0) {
          return order;
        }
      }
    }
    return Integer.compare(a.jmhThreads(), b.jmhThreads());
  }

  private static int compareValues(String a, String b) {
    String number = "-?[0-9.]+";
    return a.matches(number) && b.matches(number)
        ? Double.compare(Double.parseDouble(a), Double.parseDouble(b))
        : a.compareTo(b);
  }

  /** Everything but the ceilings, in the order of names and parameters. */
  List<Row> rows() {
    return rows;
  }

  List<Pair> pairs() {
    return pairs;
  }

  /** Pairs in which Tacet is slower, the worst first. */
  List<Pair> losses() {
    return pairs.stream()
        .filter(p -> p.speedUp() < 1)
        .sorted(Comparator.comparingDouble(Pair::speedUp))
        .toList();
  }

  /** Numbers of threads with ceilings of their own, ascending. */
  List<Integer> threads() {
    return ceilings.keySet().stream().filter(t -> ceilings.get(t) != null).sorted().toList();
  }

  /** Ceilings for a number of threads; null if they were not measured. */
  Ceilings ceilings(int threads) {
    return ceilings.get(threads);
  }

  /** Ceilings of the GPU; null if they were not measured. */
  Ceilings deviceCeilings() {
    return device;
  }
}

package io.tacet.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tacet.bench.Floor.Traffic;
import io.tacet.egru.EgruEngine;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AlgorithmsTest {
  private static final double WEIGHTS = 12.0 * 512 * 512;

  private static Timing egru(String backend, String method, EgruEngine engine, int batch) {
    return egru(backend, method, engine, batch, 0);
  }

  /**
   * @param blocks of a forward pass in one launch
   */
  private static Timing egru(
      String backend, String method, EgruEngine engine, int batch, double blocks) {
    Map<String, String> params =
        Map.of(
            "backend",
            backend,
            "threads",
            "1",
            "units",
            "512",
            "batch",
            "" + batch,
            "steps",
            "10",
            "threshold",
            "0.3");
    return new Timing(
        "EgruBenchmark." + method,
        params,
        1,
        new double[] {1},
        Double.NaN,
        new double[0],
        Map.of(
            "activity",
            0.1,
            "engine",
            (double) EgruBenchmark.ENGINES.indexOf(engine),
            "blocks",
            blocks));
  }

  /** Bytes of R that are read. */
  private static double weights(Floor floor) {
    return floor.traffic().stream()
        .filter(t -> t.within() == WEIGHTS)
        .mapToDouble(Traffic::bytes)
        .sum();
  }

  @Test
  void denseEnginesReadAllRowsAndEventEnginesThoseOfActiveUnits() {
    Floor dense = Algorithms.floorOf(egru("cuda", "forward", EgruEngine.DENSE, 1));
    Floor event = Algorithms.floorOf(egru("cuda", "forward", EgruEngine.EVENT, 1));
    assertThat(weights(dense)).isEqualTo(10 * WEIGHTS);
    assertThat(weights(event)).isCloseTo(10 * 0.1 * WEIGHTS, within(1.0));
    assertThat(dense.flops()).isGreaterThan(5 * event.flops());
  }

  @Test
  void oneLaunchForAllStepsLeavesNoSumsInMemoryAndNoSecondStep() {
    Floor launches = Algorithms.floorOf(egru("cuda", "forward", EgruEngine.EVENT, 1));
    Floor streamed = Algorithms.floorOf(egru("cuda", "forward", EgruEngine.EVENT, 1, 128));
    assertThat(weights(streamed)).isEqualTo(weights(launches));
    assertThat(streamed.bytes()).isCloseTo(launches.bytes() - 24 * 512 * 10, within(1.0));
    assertThat(streamed.steps()).isEqualTo(10);
    assertThat(launches.steps()).isEqualTo(20);
  }

  @Test
  void samplesShareRowsOnlyInSmallBatches() {
    Floor shared = Algorithms.floorOf(egru("cuda", "forward", EgruEngine.EVENT, 8));
    Floor alone = Algorithms.floorOf(egru("cuda", "forward", EgruEngine.EVENT, 16));
    assertThat(weights(shared))
        .isCloseTo(10 * 12.0 * 512 * Floor.activeRows(512, 0.1, 8), within(1.0));
    assertThat(weights(alone)).isCloseTo(10 * 16 * 0.1 * WEIGHTS, within(1.0));
  }

  @Test
  void anAlgorithmDoesAtLeastWhatTheProblemNeeds() {
    for (String method : new String[] {"forward", "backward", "layerForward", "trainingPass"}) {
      for (EgruEngine engine : EgruBenchmark.ENGINES.subList(1, 4)) {
        for (int batch : new int[] {1, 8, 64}) {
          Timing m = egru("cuda", method, engine, batch);
          Floor floor = Floors.of(m);
          Floor algorithm = Algorithms.floorOf(m);
          assertThat(algorithm.flops()).as(m.toString()).isGreaterThan(0.999 * floor.flops());
          assertThat(algorithm.steps()).as(m.toString()).isGreaterThanOrEqualTo(floor.steps());
        }
      }
    }
  }

  @Test
  void anAlgorithmOnAPatternDoesAtLeastWhatTheProblemNeeds() {
    for (String method : new String[] {"forward", "backward"}) {
      for (int batch : new int[] {1, 8, 64}) {
        for (String name : new String[] {"SparseEgruBenchmark.", "RnnBenchmark."}) {
          for (EgruEngine engine : List.of(EgruEngine.EVENT, EgruEngine.DENSE)) {
            Map<String, String> params =
                new HashMap<>(egru("cuda", method, engine, batch).params());
            params.put("density", "0.05");
            Timing m =
                new Timing(
                    name + method,
                    params,
                    1,
                    new double[] {1},
                    Double.NaN,
                    new double[0],
                    Map.of(
                        "activity", 0.1, "engine", (double) EgruBenchmark.ENGINES.indexOf(engine)));
            Floor floor = Floors.of(m);
            Floor algorithm = Algorithms.floorOf(m);
            assertThat(algorithm.flops()).as(m.toString()).isGreaterThan(0.999 * floor.flops());
            assertThat(algorithm.bytes()).as(m.toString()).isGreaterThan(0.999 * floor.bytes());
            assertThat(algorithm.steps()).as(m.toString()).isGreaterThanOrEqualTo(floor.steps());
          }
        }
      }
    }
  }

  @Test
  void theJavaBackendMultipliesErrorsByAllRowsAndSentValuesByTheActive() {
    Timing forward = egru("java", "forward", EgruEngine.AUTO, 8);
    Timing backward = egru("java", "backward", EgruEngine.AUTO, 8);
    double silent = 6 * 512 * 0.9 * 10 * 8 * 512;
    assertThat(Algorithms.floorOf(forward).flops()).isEqualTo(Floors.of(forward).flops());
    assertThat(Algorithms.floorOf(backward).flops())
        .isCloseTo(Floors.of(backward).flops() + silent, within(1.0));
    assertThat(Algorithms.floorOf(egru("java", "trainingPass", EgruEngine.AUTO, 8)).flops())
        .isGreaterThan(Floors.of(forward).flops() + Floors.of(backward).flops() + silent);
  }

  private static Timing eventProp(String network, String simulator, String method) {
    return new Timing(
        "EventPropBenchmark." + method,
        Map.of(
            "backend", "java",
            "threads", "1",
            "network", network,
            "simulator", simulator,
            "precision", "float32",
            "batch", "32"),
        1,
        new double[] {1},
        Double.NaN,
        new double[0],
        Map.of("hiddenSpikes", 80.0, "outputSpikes", 3.0));
  }

  @Test
  void spikesTakeLogarithmsAndExponentials() {
    Timing m = eventProp("yin-yang", "exact", "forward");
    double tests = 3 * (200 * 5 + 3 * 80);
    assertThat(Algorithms.floorOf(m).flops() - Floors.of(m).flops())
        .isCloseTo(32 * (tests + 75 * 83), within(1.0));
    assertThat(Algorithms.floorOf(eventProp("recurrent", "exact", "forward"))).isNull();
    assertThat(Algorithms.floorOf(eventProp("yin-yang", "grid", "forward"))).isNull();
  }

  @Test
  void whereTheEngineIsNotSaidNothingIsKnown() {
    assertThat(Algorithms.floorOf(egru("host", "forward", EgruEngine.AUTO, 1))).isNull();
    assertThat(Algorithms.floorOf(Fixture.timing("TorchGruBenchmark.step", new double[] {1})))
        .isNull();
  }

  private static Timing propagation(String backend, String method, String batch) {
    return Fixture.timing(
        "PropagationBenchmark." + method,
        new double[] {1},
        "backend",
        backend,
        "n",
        "4096",
        "density",
        "0.01",
        "activity",
        "0.05",
        "format",
        "CSR",
        "batch",
        batch);
  }

  @Test
  void aScatterReadsAndWritesTheTargetOfEverySynapse() {
    Timing java = propagation("java", "forward", "1");
    double synapses = 0.05 * 4096 * 0.01 * 4096;
    assertThat(Algorithms.floorOf(java).bytes())
        .isCloseTo(Floors.of(java).bytes() + 8 * synapses, within(1.0));
    Timing transposed = propagation("cuda", "transposed", "1");
    assertThat(Algorithms.floorOf(transposed).bytes())
        .isCloseTo(Floors.of(transposed).bytes() + 4 * synapses, within(1.0));
  }

  @Test
  void onTheGpuEverySampleReadsItsRows() {
    Timing one = propagation("cuda", "forward", "1");
    Timing eight = propagation("cuda", "forward", "8");
    assertThat(Algorithms.floorOf(one).bytes()).isCloseTo(Floors.of(one).bytes(), within(1.0));
    double rows = 8 * 0.05 * 4096 - Floor.activeRows(4096, 0.05, 8);
    assertThat(Algorithms.floorOf(eight).bytes() - Floors.of(eight).bytes())
        .isCloseTo(rows * 0.01 * 4096 * 6, within(1.0));
  }
}

package io.tacet.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ChartTest {
  private static String svg(int series, Chart.Style style) {
    Chart chart = new Chart("many", "x", Quantity::tick, "y", Quantity::tick);
    for (int k = 0; k < series; k++) {
      chart.add(
          "series " + k,
          style,
          List.of(new Chart.Point(1, k + 1, ""), new Chart.Point(2, k + 1, "")));
    }
    return chart.svg();
  }

  private static List<String> found(String regex, String svg) {
    return Pattern.compile(regex, Pattern.DOTALL)
        .matcher(svg)
        .results()
        .map(MatchResult::group)
        .toList();
  }

  @Test
  void aFileHasItsStyleSheet() throws IOException {
    Chart chart =
        new Chart("title", "x", Quantity::tick, "y", Quantity::tick)
            .add(
                "series",
                Chart.Style.LINE,
                List.of(new Chart.Point(1, 2, ""), new Chart.Point(3, 4, "")));
    String file = chart.file(Report.styleSheet());
    assertThat(file)
        .startsWith("<svg xmlns=\"http://www.w3.org/2000/svg\"")
        .contains("<style>", ".c0", "</style>");
    assertThat(chart.svg()).doesNotContain("<style>");
  }

  @Test
  void everySeriesHasAColourAndShapeOfItsOwn() {
    assertThat(Chart.MOST_SERIES).isGreaterThanOrEqualTo(24);
    List<String> colours =
        found("<g class=\"c.\"", svg(Chart.MOST_SERIES, Chart.Style.POINTS)).stream().toList();
    List<String> shapes =
        found(
            "(?<=class=\"mark\" d=\"M[0-9.]{1,9} [0-9.]{1,9})m[^\"]*", svg(24, Chart.Style.POINTS));
    assertThat(shapes).hasSize(3 * 24);
    // Two points and one beside the name.
    assertThat(IntStream.range(0, 24).mapToObj(k -> colours.get(k) + shapes.get(3 * k)))
        .doesNotHaveDuplicates();
  }

  @Test
  void everyLimitHasAColourAndDashesOfItsOwn() {
    String svg = svg(Chart.MOST_SERIES, Chart.Style.LIMIT);
    assertThat(found("<g class=\"c.\">\\s*<path class=\"limit d.\"", svg))
        .hasSize(Chart.MOST_SERIES)
        .doesNotHaveDuplicates();
  }

  @Test
  void thePictureGrowsWithTheNames() {
    for (int series : new int[] {3, 17, 18, 32}) {
      String svg = svg(series, Chart.Style.LINE);
      double height =
          Double.parseDouble(svg.replaceFirst("(?s).*?viewBox=\"0 0 860 (\\d+).*", "$1"));
      List<String> names = found("(?<= y=\")[0-9.]+(?=\">series )", svg);
      assertThat(names).hasSize(series);
      assertThat(Double.parseDouble(names.get(series - 1))).isLessThan(height - 5);
    }
  }

  /** Results of several backends may be kept in one folder. */
  @Test
  void aCurveHasResultsOfOneBackend() {
    List<Timing> timings = new ArrayList<>();
    for (String backend : List.of("java", "host", "cuda")) {
      for (String activity : List.of("0.01", "0.05")) {
        timings.add(propagation(backend, activity));
      }
    }
    Map<String, Chart> charts = Charts.of(new Analysis(timings));
    assertThat(charts.keySet())
        .containsExactlyInAnyOrder(
            "Propagation, 16384 to 16384 units, density 1 %: time against activity",
            "Propagation on the GPU, 16384 to 16384 units, density 1 %: time against activity");
    charts
        .values()
        .forEach(chart -> assertThat(found("class=\"mark\"", chart.svg())).hasSize(2 + 1));
  }

  private static Timing propagation(String backend, String activity) {
    return Fixture.timing(
        "PropagationBenchmark.forward",
        new double[] {backend.length() * 1e-5},
        "backend",
        backend,
        "threads",
        "1",
        "n",
        "16384",
        "density",
        "0.01",
        "activity",
        activity,
        "format",
        "CSR",
        "batch",
        "1");
  }

  @Test
  void sequencesAreShownByTheActivityThatWasCounted() {
    List<Timing> timings = new ArrayList<>();
    timings.add(layer("EgruBenchmark.layerForward", "0.1", 0.4));
    timings.add(layer("EgruBenchmark.layerForward", "0.3", 0.2));
    timings.add(layer("EgruBenchmark.layerForward", "-1", 1));
    timings.add(layer("OnnxSequenceBenchmark.forward", null, Double.NaN));
    assertThat(Charts.of(new Analysis(timings)))
        .hasSize(1)
        .allSatisfy(
            (title, chart) -> {
              assertThat(title).contains("forward, batch 32: time against activity");
              // Dense layers are levels over the two places of the other.
              assertThat(chart.places()).isEqualTo(2);
              assertThat(found("(?<=>)[^<>]*(EGRU|GRU)(?=<)", chart.svg()))
                  .contains("Tacet EGRU", "Tacet GRU", "ONNX Runtime GRU");
            });
  }

  private static Timing layer(String benchmark, String threshold, double activity) {
    Map<String, String> params = new TreeMap<>();
    params.putAll(Map.of("units", "512", "batch", "32", "steps", "64", "threads", "1"));
    if (threshold != null) {
      params.putAll(Map.of("backend", "java", "engine", "AUTO", "variant", "CELL_RESET_AFTER"));
      params.put("threshold", threshold);
    }
    return new Timing(
        benchmark,
        params,
        1,
        new double[] {1e-3},
        Double.NaN,
        new double[0],
        Map.of("activity", activity));
  }

  @Test
  void peersOnTheGpuAreDistinguishedByTheirSettings() {
    List<Timing> timings = new ArrayList<>();
    for (String units : List.of("512", "2048")) {
      timings.add(rnn(units, "GRU", "fp32"));
      timings.add(rnn(units, "LSTM", "fp16"));
    }
    assertThat(Charts.of(new Analysis(timings)))
        .hasSize(1)
        .allSatisfy(
            (title, chart) ->
                assertThat(chart.svg())
                    .contains("torch, cell GRU, dtype fp32, mode graph", "cell LSTM, dtype fp16"));
  }

  private static Timing rnn(String units, String cell, String dtype) {
    return Fixture.timing(
        "TorchRnn.forward",
        new double[] {1e-3},
        "backend",
        "cuda",
        "threads",
        "1",
        "units",
        units,
        "batch",
        "64",
        "steps",
        "256",
        "cell",
        cell,
        "dtype",
        dtype,
        "mode",
        "graph");
  }
}

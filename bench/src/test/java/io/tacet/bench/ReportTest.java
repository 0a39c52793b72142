package io.tacet.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class ReportTest {
  @TempDir private Path folder;

  private static String page() throws IOException {
    return Report.html(Fixture.timings(), Fixture.environment());
  }

  @Test
  void aPageNeedsNothingElse() throws IOException {
    assertThat(page())
        .contains("prefers-color-scheme: dark", "<svg ")
        .doesNotContain("http://", "https://", "<script", "src=", "@import", "url(");
  }

  @Test
  void textIsEscaped() throws IOException {
    assertThat(page()).contains("'a&lt;b'").doesNotContain("'a<b'");
  }

  @Test
  void chartsShowActivitySizeAndRoofline() throws IOException {
    assertThat(page())
        .contains("time against activity", "time against size", "Roofline, one thread")
        .contains("EJML sparse", "ONNX Runtime GRU", "ND4J GRU", "FMA: ");
  }

  @Test
  void picturesAreWellFormedAndWithinTheirFrame() throws Exception {
    Matcher svg = Pattern.compile("<svg .*?</svg>", Pattern.DOTALL).matcher(page());
    int count = 0;
    while (svg.find()) {
      Document document =
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(new InputSource(new StringReader(svg.group())));
      NodeList texts = document.getElementsByTagName("text");
      Set<String> places = new HashSet<>();
      for (int k = 0; k < texts.getLength(); k++) {
        Element text = (Element) texts.item(k);
        if (text.hasAttribute("x")) {
          assertThat(Double.parseDouble(text.getAttribute("x"))).isBetween(0.0, 860.0);
          assertThat(Double.parseDouble(text.getAttribute("y"))).isBetween(0.0, 360.0);
          assertThat(places.add(text.getAttribute("x") + " " + text.getAttribute("y"))).isTrue();
        }
      }
      count++;
    }
    assertThat(count).isGreaterThanOrEqualTo(4);
  }

  @Test
  void losingCasesComeFirst() throws IOException {
    List<Timing> timings =
        List.of(
            Fixture.timing("EgruStreamBenchmark.step", new double[] {2e-6}, stream("1")),
            Fixture.timing("EgruStreamBenchmark.plainLoop", new double[] {1e-6}, stream("1")),
            Fixture.timing("EgruStreamBenchmark.step", new double[] {1e-6}, stream("2")),
            Fixture.timing("TorchGruBenchmark.step", new double[] {9e-6}, dense("1")));
    Analysis analysis = new Analysis(timings);
    assertThat(analysis.pairs()).hasSize(2);
    assertThat(analysis.losses()).hasSize(1);
    assertThat(analysis.losses().get(0).speedUp()).isEqualTo(0.5);
    String text = Report.markdown(timings, Fixture.environment());
    assertThat(text).contains("## Where Tacet is slower", "a plain loop", "0.500 x");
    assertThat(text.indexOf("Where Tacet is slower")).isLessThan(text.indexOf("## EgruStream"));
  }

  @Test
  void densePeersAreComparedOnEqualThreads() {
    Timing sparse = propagation("forward", "0.05", 1e-6);
    List<Timing> timings =
        List.of(
            sparse,
            Fixture.timing("Nd4jProductBenchmark.product", new double[] {2e-6}, product("1")),
            Fixture.timing("Nd4jProductBenchmark.product", new double[] {9e-6}, product("2")),
            Fixture.timing("EgruStreamBenchmark.step", new double[] {1e-6}, stream("1")),
            Fixture.timing("Nd4jGruBenchmark.step", new double[] {4e-6}, dense("1")),
            Fixture.timing("Nd4jGruBenchmark.ofProducts", new double[] {3e-6}, dense("1")),
            Fixture.timing("Nd4jGruBenchmark.ofProducts", new double[] {9e-6}, dense("2")));
    assertThat(new Analysis(timings).pairs())
        .extracting(Analysis.Pair::peer, Analysis.Pair::speedUp)
        .containsExactlyInAnyOrder(
            tuple("ND4J, dense", 2.0), tuple("ND4J GRU", 4.0), tuple("ND4J, GRU of products", 3.0));
  }

  private static String[] product(String threads) {
    return new String[] {"n", "8192", "batch", "1", "threads", threads};
  }

  private static String[] dense(String threads) {
    return new String[] {"units", "8", "batch", "1", "threads", threads};
  }

  private static String[] stream(String threads) {
    return new String[] {"units", "8", "batch", "1", "activity", "0.1", "threads", threads};
  }

  /** Beside peers without events also our layer without events. */
  @Test
  void sequencesAreComparedWithThoseOfEqualShape() {
    Analysis analysis =
        new Analysis(
            List.of(
                sequence("EgruBenchmark.layerForward", "8", "threshold", "0.3"),
                sequence("EgruBenchmark.layerForward", "8", "threshold", "-1"),
                sequence("EgruBenchmark.trainingPass", "8", "threshold", "0.3"),
                sequence("TorchSequenceBenchmark.forward", "8"),
                sequence("TorchSequenceBenchmark.forward", "1"),
                sequence("TorchSequenceBenchmark.trainingPass", "8"),
                sequence("OnnxSequenceBenchmark.forward", "8")));
    assertThat(analysis.pairs())
        .extracting(p -> p.ours().method() + " " + p.ours().text("threshold") + ", " + p.peer())
        .containsExactlyInAnyOrder(
            "layerForward 0.3, our GRU without events",
            "layerForward 0.3, PyTorch GRU",
            "layerForward 0.3, ONNX Runtime GRU",
            "layerForward -1, PyTorch GRU",
            "layerForward -1, ONNX Runtime GRU",
            "trainingPass 0.3, PyTorch GRU");
  }

  private static Timing sequence(String benchmark, String batch, String... more) {
    String[] params = Arrays.copyOf(more, more.length + 8);
    String[] shape = {"units", "256", "batch", batch, "steps", "16", "threads", "1"};
    System.arraycopy(shape, 0, params, more.length, shape.length);
    return Fixture.timing(benchmark, new double[] {1e-3}, params);
  }

  @Test
  void phiIsTheFloorByTheTime() throws IOException {
    Analysis analysis = new Analysis(Fixture.timings());
    assertThat(analysis.rows()).isNotEmpty();
    for (Analysis.Row row : analysis.rows()) {
      assertThat(row.bound()).as(row.timing().toString()).isNotNull();
      assertThat(row.phi()).isEqualTo(row.bound().seconds() / row.timing().time());
    }
    assertThat(Report.markdown(Fixture.timings(), Fixture.environment()))
        .contains("phi_alg | phi_impl |", "rows of 1 KiB in 8 MiB");
  }

  @Test
  void aFolderOfResultsBecomesReports() throws IOException {
    Files.writeString(folder.resolve("results.json"), Fixture.json());
    Files.writeString(folder.resolve("machine.json"), Fixture.environment().toJson());
    Report.write(folder);
    assertThat(folder.resolve("report.md")).content().contains("# Tacet benchmarks", "abc1234");
    assertThat(folder.resolve("report.html")).content().startsWith("<!DOCTYPE html>");
  }

  @Test
  void whatWasFoundOutAboutTheMachineSurvivesAFile() throws IOException {
    Environment found = Environment.find("./tacet bench", "java").finished(61.4);
    assertThat(found.entries()).containsKeys("processor", "system", "JDK");
    assertThat(found.runs())
        .singleElement(InstanceOfAssertFactories.map(String.class, String.class))
        .containsKey("date")
        .containsEntry("command", "./tacet bench")
        .containsEntry("took", "61 s");
    Path file = folder.resolve("machine.json");
    Files.writeString(file, found.toJson());
    assertThat(Environment.read(file)).isEqualTo(found);
  }

  @Test
  void everyRunThatAddedToTheResultsIsShown() throws IOException {
    Environment first = Fixture.environment().with("dense products", "cuBLAS 12");
    Environment both =
        new Environment(Map.of("JDK", "21"), List.of(Fixture.run("run.sh peers", "def5678")))
            .after(first)
            .finished(9);
    assertThat(both.entries())
        .containsEntry("JDK", "21")
        .containsEntry("dense products", "cuBLAS 12");
    assertThat(both.runs().get(0)).isEqualTo(first.runs().get(0));
    String text = Report.markdown(Fixture.timings(), both);
    assertThat(text).contains("a<b", "abc1234", "run.sh peers", "def5678", "9 s");
    assertThat(Report.html(Fixture.timings(), both)).contains("a&lt;b", "run.sh peers");
  }

  /** Folders of results that were kept before a run could add to another. */
  @Test
  void aMachineWithoutAListOfRunsIsRead() throws IOException {
    Path file = folder.resolve("machine.json");
    Files.writeString(file, "{\"command\": \"./tacet bench --quick\"}");
    Environment read = Environment.read(file);
    assertThat(read.runs()).isEmpty();
    assertThat(Report.markdown(Fixture.timings(), read)).contains("./tacet bench --quick");
  }

  @Test
  void propagationIsShownBesideItsTwoParts() throws IOException {
    List<Timing> timings = new ArrayList<>(Fixture.timings());
    timings.add(propagation("forward", "0.05", 30e-6));
    timings.add(propagation("readRows", "0.05", 20e-6));
    timings.add(propagation("addRows", "0.05", 15e-6));
    timings.add(propagation("forward", "0.01", 3e-6));
    timings.add(propagation("readRows", "0.01", 2e-6));
    assertThat(Report.markdown(timings, Fixture.environment()))
        .contains("## Propagation and its two parts")
        .containsPattern(
            "activity 0.05, .* 30.0 us \\| 20.0 us \\| 15.0 us \\| reading \\| 1.50 \\|")
        .doesNotContainPattern("activity 0.01, .* reading \\|");
  }

  private static Timing propagation(String method, String activity, double seconds) {
    return Fixture.timing(
        "PropagationBenchmark." + method,
        new double[] {seconds},
        "backend",
        "java",
        "threads",
        "1",
        "n",
        "8192",
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
  void timesOnTheDeviceHaveAColumn() throws IOException {
    Timing wall = Fixture.timing("OptimizerBenchmark.adam", new double[] {9e-6}, "size", "8");
    Timing both =
        new Timing(
            wall.benchmark(),
            wall.params(),
            1,
            wall.samples(),
            Double.NaN,
            new double[0],
            Map.of(DeviceTime.NAME, 7.5));
    assertThat(Report.markdown(List.of(both), Fixture.environment()))
        .contains("| on device |", "| 9.00 us | - | 7.50 us |")
        .doesNotContain(DeviceTime.NAME);
  }
}

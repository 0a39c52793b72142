package io.tacet.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class RunPageTest {
  @TempDir Path path;

  @Test
  void thePageHasCurvesPicturesSettingsAndEpochs() throws Exception {
    OutputFolder folder = OutputFolder.create(path);
    folder.writeJson("config.json", Map.of("task", "a <task> & \"more\"", "rate", 0.01));
    folder.writeText(
        "metrics.csv",
        """
        epoch,trainLoss,trainAccuracy,testLoss,testAccuracy,activity,seconds
        1,0.9,0.5,1.0,0.4,0.2,1.5
        2,0.5,0.7,NaN,0.6,0.15,3
        3,0.4,0.8,0.7,0.55,0.1,4.5
        """);
    folder.write("raster.png", new LearningCurve("raster", new int[] {1}));
    folder.write("learning-curve.png", new LearningCurve("curve", new int[] {1}));
    RunPage.write(folder);
    Document page = page();
    assertThat(texts(page, "h1")).containsExactly("a <task> & \"more\"");
    assertThat(texts(page, "p"))
        .singleElement()
        .asString()
        .contains("3 epochs, test accuracy 55.00 %, at best 60.00 %, activity 0.100, 4.5 s");
    assertThat(labels(page, "svg", "aria-label")).containsExactly("Loss", "Accuracy", "Activity");
    // The loss of the test set has a gap, and no other line.
    assertThat(labels(page, "path", "d").stream().filter(d -> d.lastIndexOf('M') > 0)).hasSize(1);
    assertThat(labels(page, "img", "alt")).containsExactly("raster");
    assertThat(labels(page, "img", "src"))
        .allMatch(src -> src.startsWith("data:image/png;base64,"));
    assertThat(texts(page, "td")).contains("0.01", "0.15000").doesNotContain("NaN");
    // A file of its own: nothing is fetched, nothing runs.
    String text = Files.readString(path.resolve("report.html"));
    assertThat(text)
        .contains("prefers-color-scheme: dark")
        .doesNotContain("<script", "http", "url(");
  }

  @Test
  void aSingleEpochWithoutAccuracyIsAPage() throws Exception {
    OutputFolder folder = OutputFolder.create(path);
    folder.writeJson("config.json", Map.of());
    folder.writeText("metrics.csv", "epoch,trainLoss,validationLoss,seconds\n1,2,2,1\n");
    RunPage.write(folder);
    Document page = page();
    assertThat(texts(page, "p")).containsExactly("1 epoch, validation loss 2.000, 1.0 s");
    assertThat(labels(page, "svg", "aria-label")).containsExactly("Loss");
    assertThat(labels(page, "path", "d")).noneMatch(d -> d.contains("NaN"));
    assertThat(texts(page, "h2")).containsExactly("Curves", "Settings", "Epochs");
  }

  @Test
  void aFolderWithoutEpochsIsRefused() throws IOException {
    OutputFolder folder = OutputFolder.create(path);
    folder.writeJson("config.json", Map.of());
    folder.writeText("metrics.csv", "epoch,trainLoss\n");
    assertThatThrownBy(() -> RunPage.write(folder)).hasMessageContaining("metrics.csv");
    assertThat(path.resolve("report.html")).doesNotExist();
  }

  private Document page() throws Exception {
    String text = Files.readString(path.resolve("report.html"));
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(text)));
  }

  private static List<String> texts(Document page, String name) {
    List<String> all = new ArrayList<>();
    NodeList found = page.getElementsByTagName(name);
    for (int i = 0; i < found.getLength(); i++) {
      all.add(found.item(i).getTextContent().strip());
    }
    return all;
  }

  private static List<String> labels(Document page, String name, String attribute) {
    List<String> all = new ArrayList<>();
    NodeList found = page.getElementsByTagName(name);
    for (int i = 0; i < found.getLength(); i++) {
      all.add(((Element) found.item(i)).getAttribute(attribute));
    }
    return all;
  }
}

package io.tacet.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsCsvTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("metrics.csv");
  }

  private static Map<String, Number> row(double loss, int events) {
    Map<String, Number> row = new LinkedHashMap<>();
    row.put("loss", loss);
    row.put("events", events);
    return row;
  }

  @Test
  void theFirstRecordGivesTheHeaderAndEachRowIsThereAtOnce() throws IOException {
    try (MetricsCsv csv = MetricsCsv.create(file)) {
      csv.write(1, row(0.5, 3));
      assertThat(file).hasContent("epoch,loss,events\n1,0.5,3\n");
      csv.write(2, row(Double.NaN, 2));
      assertThat(file).hasContent("epoch,loss,events\n1,0.5,3\n2,NaN,2\n");
    }
  }

  @Test
  void resumingKeepsTheRowsBeforeTheEpochAndDropsALineCutShort() throws IOException {
    Files.writeString(file, "epoch,loss,events\n1,0.5,3\n2,0.25,2\n3,0.125,1\n4,0.1");
    try (MetricsCsv csv = MetricsCsv.resume(file, 3)) {
      csv.write(3, row(0.75, 9));
    }
    assertThat(file).hasContent("epoch,loss,events\n1,0.5,3\n2,0.25,2\n3,0.75,9\n");
  }

  @Test
  void resumingWithoutATableStartsOne() throws IOException {
    MetricsCsv.resume(file, 5).close();
    try (MetricsCsv csv = MetricsCsv.resume(file, 5)) {
      csv.write(5, row(1, 1));
    }
    assertThat(file).hasContent("epoch,loss,events\n5,1.0,1\n");
  }

  @Test
  void theLastRowThatWasKeptIsKnown() throws IOException {
    Files.writeString(file, "epoch,loss,events\n1,0.5,3\n2,0.25,2\n3,0.125,1\n4,0.1");
    try (MetricsCsv csv = MetricsCsv.resume(file, 3)) {
      assertThat(csv.last()).isEqualTo(2);
      csv.write(3, row(0.75, 9));
      assertThat(csv.last()).isEqualTo(3);
    }
    try (MetricsCsv csv = MetricsCsv.create(file)) {
      assertThat(csv.last()).isZero();
    }
  }

  @Test
  void aRowThatCannotBeWrittenNamesTheFile() throws IOException {
    MetricsCsv csv = MetricsCsv.create(file);
    csv.close();
    assertThatIOException()
        .isThrownBy(() -> csv.write(1, row(0.5, 3)))
        .withMessageStartingWith("Cannot write " + file + ": ");
  }

  @Test
  void otherColumnsThanBeforeAreRefused() throws IOException {
    try (MetricsCsv csv = MetricsCsv.create(file)) {
      csv.write(1, row(0.5, 3));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> csv.write(2, Map.of("loss", 1)))
          .withMessageContaining("expected the columns [loss, events]");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MetricsCsv.create(file).write(1, Map.of("a,b", 1)))
        .withMessageContaining("without commas");
  }

  @Test
  void aFileThatIsNoSuchTableIsLeftAlone() throws IOException {
    Files.writeString(file, "name,price\nbread,2\n");
    assertThatIOException()
        .isThrownBy(() -> MetricsCsv.resume(file, 1))
        .withMessageContainingAll(file.toString(), "found \"name\"", "move the file away");
    Files.writeString(file, "epoch,loss\nbread,2\n");
    assertThatIOException()
        .isThrownBy(() -> MetricsCsv.resume(file, 1))
        .withMessageContaining("line 2: expected a row that begins with the number of its epoch")
        .withMessageContaining("found \"bread,2\"");
    assertThat(file).hasContent("epoch,loss\nbread,2\n");
  }

  @Test
  void aFileThatIsNotUtf8IsNamedWithItsLine() throws IOException {
    Files.write(file, new byte[] {'e', 'p', 'o', 'c', 'h', '\n', (byte) 0xff, '\n'});
    assertThatIOException()
        .isThrownBy(() -> MetricsCsv.resume(file, 1))
        .withMessageContainingAll(file.toString(), "UTF-8", "line 2");
  }
}

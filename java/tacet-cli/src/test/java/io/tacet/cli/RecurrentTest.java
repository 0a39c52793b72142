package io.tacet.cli;

import static io.tacet.cli.Shell.tacet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tacet.checkpoint.ModelFile;
import io.tacet.files.Json;
import io.tacet.memory.Leaks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Short trainings of recurrent networks from the command line, on the java backend. */
class RecurrentTest {
  @TempDir private Path folder;

  @BeforeEach
  void writeText() throws IOException {
    Files.createDirectories(folder.resolve("tinyshakespeare"));
    Files.writeString(
        folder.resolve("tinyshakespeare").resolve("input.txt"),
        "To be, or not to be, that is the question:\n".repeat(200));
  }

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  /** Goes on with nothing but what the checkpoint cannot know. */
  private Shell.Result resume(String task, Path out, String... options) {
    List<String> all = new ArrayList<>();
    all.addAll(List.of("train", task, "--resume", "--backend", "java"));
    all.addAll(List.of("--data", folder.toString(), "--json", "--out", out.toString()));
    all.addAll(List.of(options));
    return tacet(all.toArray(String[]::new));
  }

  private static void succeeded(Shell.Result result) {
    assertThat(result.status()).as(result.err()).isZero();
  }

  private Shell.Result charLm(Path out, String... options) {
    List<String> all = new ArrayList<>();
    all.addAll(List.of("train", "char-lm", "--backend", "java", "--data", folder.toString()));
    all.addAll(List.of("--hidden", "32", "--batch", "8", "--bptt", "16", "--cosine", "false"));
    all.addAll(List.of("--json", "--out", out.toString()));
    all.addAll(List.of(options));
    Shell.Result result = tacet(all.toArray(String[]::new));
    assertThat(result.status()).as(result.err()).isZero();
    return result;
  }

  @Test
  void charLmLeavesAModelThatIsMeasuredAndWritesText() throws IOException {
    Path out = folder.resolve("out");
    Map<String, Object> line =
        Json.parseObject(charLm(out, "--epochs", "6", "--rate", "0.01").lastLine());
    assertThat(line.keySet())
        .contains("task", "testAccuracy", "activity", "bitsPerCharacter", "multiplyAddsEvent")
        .contains("validationAccuracy", "validationLoss");
    assertThat(Files.readAllLines(out.resolve("metrics.csv")).get(0))
        .contains("validationLoss,validationAccuracy", "bitsPerCharacter")
        .doesNotContain("test");
    assertThat(((Number) line.get("testAccuracy")).doubleValue()).isGreaterThan(0.6);
    for (String file :
        new String[] {
          "config.json",
          "metrics.csv",
          "learning-curve.png",
          "activity.png",
          "activity-over-time.png",
          "thresholds.png",
          "report.html",
          "checkpoint.tacet"
        }) {
      assertThat(out.resolve(file)).isNotEmptyFile();
    }
    String model = out.resolve("model.tacet").toString();
    Shell.Result eval = tacet("eval", model, "--data", folder.toString(), "--json");
    assertThat(eval.status()).as(eval.err()).isZero();
    Map<String, Object> measured = Json.parseObject(eval.lastLine());
    assertThat(measured)
        .containsEntry("testAccuracy", line.get("testAccuracy"))
        .containsEntry("bitsPerCharacter", line.get("bitsPerCharacter"));
    assertThat(((Number) measured.get("bitsPerCharacter")).doubleValue())
        .isCloseTo(((Number) measured.get("testLoss")).doubleValue() / Math.log(2), within(1e-12));

    Shell.Result text =
        tacet("generate", model, "--prompt", "To be", "--length", "60", "--temperature", "0");
    assertThat(text.out()).startsWith("To be").hasSizeGreaterThan(60);
    assertThat(tacet("generate", model, "--prompt", "To be", "--length", "60", "--seed", "3").out())
        .isEqualTo(
            tacet("generate", model, "--prompt", "To be", "--length", "60", "--seed", "3").out());
    Shell.Result unknown = tacet("generate", model, "--prompt", "{");
    assertThat(unknown.status()).isEqualTo(1);
    assertThat(unknown.err()).contains("--prompt", "'{'");
  }

  @Test
  void aResumedTrainingEqualsAnUninterruptedOneBitForBit() throws IOException {
    Path parts = folder.resolve("parts");
    charLm(parts, "--epochs", "1");
    succeeded(resume("char-lm", parts, "--epochs", "2"));
    Path whole = folder.resolve("whole");
    charLm(whole, "--epochs", "2");
    ModelFile ours = ModelFile.read(parts.resolve("checkpoint.tacet"));
    ModelFile theirs = ModelFile.read(whole.resolve("checkpoint.tacet"));
    assertThat(ours.names()).isEqualTo(theirs.names());
    for (String name : theirs.names()) {
      if (theirs.type(name) == io.tacet.checkpoint.EntryType.FLOAT32) {
        assertThat(ours.floats(name)).as(name).isEqualTo(theirs.floats(name));
      }
    }
  }

  @Test
  void thePapersVariantTrainsAndItsOptionsOutliveResuming() throws IOException {
    String[] options =
        ("--variant paper --tape smallest --threshold-draw sigmoid --threshold-mean -2"
                + " --trace-decay 0.8 --beta1 0.5 --cosine-start 0.25")
            .split(" ", -1);
    Path parts = folder.resolve("parts");
    List<String> first = new ArrayList<>(List.of(options));
    first.addAll(List.of("--epochs", "1"));
    charLm(parts, first.toArray(String[]::new));
    succeeded(resume("char-lm", parts, "--epochs", "3"));
    Map<String, Object> config = Json.parseObject(Files.readString(parts.resolve("config.json")));
    assertThat(config)
        .containsEntry("variant", "paper")
        .containsEntry("tape", "smallest")
        .containsEntry("thresholdDraw", "sigmoid")
        .containsEntry("traceDecay", 0.8)
        .containsEntry("beta1", 0.5)
        .containsEntry("cosineStart", 0.25);
    assertThat(tacet("inspect", parts.resolve("model.tacet").toString()).out())
        .contains("\"variant\":\"PAPER\"", "\"traceDecay\":0.8");
    Path whole = folder.resolve("whole");
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(List.of("--epochs", "3"));
    charLm(whole, all.toArray(String[]::new));
    String name = "layer0.recurrentWeights";
    assertThat(ModelFile.read(parts.resolve("model.tacet")).floats(name))
        .isEqualTo(ModelFile.read(whole.resolve("model.tacet")).floats(name));
    List<String> metrics = Files.readAllLines(whole.resolve("metrics.csv"));
    assertThat(metrics.get(0)).startsWith("epoch,trainLoss,");
    double before = Double.parseDouble(metrics.get(1).split(",", -1)[1]);
    double after = Double.parseDouble(metrics.get(3).split(",", -1)[1]);
    assertThat(after).isLessThan(0.8 * before);
  }

  @Test
  void wordLmIsValidatedEveryEpochTestedOnceAndResumedWithItsRecipe() throws IOException {
    Path texts = Files.createDirectories(folder.resolve("wikitext2"));
    Files.writeString(texts.resolve("valid.txt"), "a b c d <unk>\n".repeat(150));
    Files.writeString(texts.resolve("test.txt"), "d c b a z\n".repeat(40));
    Path out = folder.resolve("out");
    String command =
        "train word-lm --recipe small --backend java --hidden 8 --embedding 8 --batch 4 --bptt 16"
            + " --epochs 1 --json --data "
            + folder
            + " --out "
            + out;
    succeeded(tacet(command.split(" ", -1)));
    Shell.Result rest = resume("word-lm", out, "--epochs", "4");
    succeeded(rest);
    Map<String, Object> line = Json.parseObject(rest.lastLine());
    // The test text is another one than that which is validated on.
    assertThat(((Number) line.get("perplexity")).doubleValue())
        .isGreaterThan(Math.exp(((Number) line.get("validationLoss")).doubleValue()));
    Shell.Result eval =
        tacet("eval", out.resolve("model.tacet").toString(), "--data", folder.toString(), "--json");
    succeeded(eval);
    assertThat(Json.parseObject(eval.lastLine()))
        .containsEntry("perplexity", line.get("perplexity"));
  }

  /** A set in the format of N-MNIST: the digit tells which of two pixels has its events. */
  private void writeEvents() throws IOException {
    StringBuilder list = new StringBuilder();
    for (int sample = 0; sample < 40; sample++) {
      int digit = sample % 2;
      int start = 20_000 + 1_000 * (sample * 37 % 50);
      byte[] events = new byte[10 * 5];
      for (int e = 0; e < 10; e++) {
        int micros = start + 20_000 * e;
        byte[] event = {
          (byte) (3 + 7 * digit), 9, (byte) (micros >> 16), (byte) (micros >> 8), (byte) micros
        };
        System.arraycopy(event, 0, events, 5 * e, 5);
      }
      Files.write(folder.resolve(sample + ".bs2"), events);
      list.append(sample).append('\t').append(digit).append('\n');
    }
    Files.writeString(folder.resolve("train1K.txt"), list);
    Files.writeString(folder.resolve("test100.txt"), list);
  }

  private Shell.Result bidirectional(Path out, String... options) {
    List<String> all = new ArrayList<>();
    all.addAll(List.of("train", "nmnist", "--backend", "java", "--data", folder.toString()));
    all.addAll(List.of("--bidirectional", "--hidden", "8,6", "--batch", "10", "--steps", "12"));
    all.addAll(List.of("--rate", "0.02", "--cosine", "false", "--json", "--out", out.toString()));
    all.addAll(List.of(options));
    Shell.Result result = tacet(all.toArray(String[]::new));
    assertThat(result.status()).as(result.err()).isZero();
    return result;
  }

  @Test
  void bidirectionalNetworksTrainResumeAndAreMeasuredFromTheirFile() throws IOException {
    writeEvents();
    Path whole = folder.resolve("whole");
    Map<String, Object> line = Json.parseObject(bidirectional(whole, "--epochs", "12").lastLine());
    assertThat(((Number) line.get("testAccuracy")).doubleValue()).isGreaterThan(0.9);
    assertThat(Files.readAllLines(whole.resolve("metrics.csv")).get(0))
        .contains(",activity,")
        .endsWith(",activity1,activity2");
    double first = ((Number) line.get("activity1")).doubleValue();
    double second = ((Number) line.get("activity2")).doubleValue();
    assertThat(first).isNotEqualTo(second);
    assertThat(((Number) line.get("activity")).doubleValue())
        .isCloseTo((8 * first + 6 * second) / 14, within(1e-12));
    String model = whole.resolve("model.tacet").toString();
    Shell.Result eval = tacet("eval", model, "--data", folder.toString(), "--json");
    assertThat(eval.status()).as(eval.err()).isZero();
    assertThat(Json.parseObject(eval.lastLine()))
        .containsEntry("testAccuracy", line.get("testAccuracy"));
    assertThat(tacet("inspect", model).out())
        .contains("\"bidirectional\":true", "layer1.reverse.recurrentWeights");

    Path parts = folder.resolve("parts");
    bidirectional(parts, "--epochs", "5");
    succeeded(resume("nmnist", parts, "--epochs", "12"));
    ModelFile ours = ModelFile.read(parts.resolve("model.tacet"));
    ModelFile theirs = ModelFile.read(whole.resolve("model.tacet"));
    String name = "layer0.reverse.recurrentWeights";
    assertThat(ours.floats(name)).isEqualTo(theirs.floats(name));
  }

  @Test
  void optionsThatContradictTheTrainingToContinueAreRefused() throws IOException {
    writeEvents();
    Path out = folder.resolve("out");
    bidirectional(out, "--epochs", "1");
    String[][] contradictions = {
      {"--steps", "13", "12"},
      {"--hidden", "8", "[8, 6]"},
      {"--cell", "gru", "egru"},
      {"--drop-output", "0.5", "0.2"},
    };
    for (String[] option : contradictions) {
      Shell.Result result = resume("nmnist", out, option[0], option[1]);
      assertThat(result.status()).isEqualTo(1);
      assertThat(result.err())
          .contains(option[0] + ": expected " + option[2], option[1], "without --resume");
    }
    succeeded(resume("nmnist", out, "--steps", "12", "--minutes", "5"));
  }

  @Test
  void digitsReadRowByRowAreLearned() throws IOException {
    String data = System.getenv("TACET_DATA");
    assumeTrue(
        data != null && Files.isDirectory(Path.of(data, "mnist")), "TACET_DATA has no mnist");
    Path out = folder.resolve("smnist");
    Shell.Result result =
        tacet(
            ("train smnist --rows --backend java --samples 3000 --epochs 6 --hidden 64 --batch 32"
                    + " --rate 0.005 --json --data "
                    + data
                    + " --out "
                    + out)
                .split(" ", -1));
    assertThat(result.status()).as(result.err()).isZero();
    Map<String, Object> line = Json.parseObject(result.lastLine());
    assertThat(((Number) line.get("testAccuracy")).doubleValue()).isGreaterThan(0.6);
    assertThat(((Number) line.get("activity")).doubleValue()).isBetween(0.02, 0.9);
  }
}

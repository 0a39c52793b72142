package io.tacet.cli;

import static io.tacet.cli.Shell.tacet;
import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.checkpoint.NamedArrays;
import io.tacet.checkpoint.Npz;
import io.tacet.checkpoint.TypedArray;
import io.tacet.files.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The data that docs/own-data.md speaks of, small, and its examples. */
final class OwnData {
  private static final Path PAGE = Path.of("..", "..", "docs", "own-data.md");
  private static final int CLASSES = 3;

  private final Path folder;

  OwnData(Path folder) throws IOException {
    this.folder = folder;
    Map<String, TypedArray> all = new LinkedHashMap<>();
    sequences(all, "", 96, 1);
    sequences(all, "_test", 48, 2);
    Npz.write(folder.resolve("gestures.npz"), NamedArrays.of(all));
    force();
    recordings();
    spikes("train", 90, 3);
    spikes("test", 30, 4);
    SplittableRandom random = new SplittableRandom(5);
    StringBuilder text = new StringBuilder("abcdefghijklmnopqrstuvwxyz \n");
    for (int i = 0; i < 3000; i++) {
      text.append(text.charAt(random.nextInt(5)));
    }
    Files.writeString(folder.resolve("notes.txt"), text);
  }

  /** The channel of the class is larger than the others. */
  static void sequences(Map<String, TypedArray> into, String suffix, int size, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int steps = 6;
    int channels = 4;
    float[] x = new float[size * steps * channels];
    long[] y = new long[size];
    for (int i = 0; i < size; i++) {
      y[i] = random.nextInt(CLASSES);
      for (int t = 0; t < steps; t++) {
        for (int c = 0; c < channels; c++) {
          x[(i * steps + t) * channels + c] = random.nextInt(100) / 100f + (c == y[i] ? 1 : 0);
        }
      }
    }
    into.put("x" + suffix, TypedArray.of(x, size, steps, channels));
    into.put("y" + suffix, TypedArray.of(y));
  }

  /** The target of a step is the sum of the channels of this step and the one before. */
  private void force() throws IOException {
    Map<String, TypedArray> all = new LinkedHashMap<>();
    SplittableRandom random = new SplittableRandom(9);
    for (String suffix : List.of("", "_test")) {
      int size = suffix.isEmpty() ? 96 : 32;
      int steps = 7;
      float[] x = new float[size * steps * 2];
      float[] targets = new float[size * steps];
      for (int i = 0; i < targets.length; i++) {
        x[2 * i] = (float) random.nextDouble(-0.5, 0.5);
        x[2 * i + 1] = (float) random.nextDouble(-0.5, 0.5);
        targets[i] = x[2 * i] + x[2 * i + 1] + (i % steps == 0 ? 0 : x[2 * i - 2] + x[2 * i - 1]);
      }
      all.put("x" + suffix, TypedArray.of(x, size, steps, 2));
      all.put("targets" + suffix, TypedArray.of(targets, size, steps, 1));
    }
    Npz.write(folder.resolve("force.npz"), NamedArrays.of(all));
  }

  /** A spot that moves down or to the right. */
  private void recordings() throws IOException {
    SplittableRandom random = new SplittableRandom(6);
    for (String name : List.of("down", "right")) {
      Path to = Files.createDirectories(folder.resolve("camera").resolve(name));
      for (int i = 0; i < 30; i++) {
        ByteBuffer events = ByteBuffer.allocate(5 * 40);
        for (int e = 0; e < 40; e++) {
          int along = 15 * e / 39;
          int across = random.nextInt(16);
          int micros = 1000 + 450 * e;
          events.put((byte) (name.equals("right") ? along : across));
          events.put((byte) (name.equals("right") ? across : along));
          events.put((byte) (micros >> 16 | (e % 2) << 7)).putShort((short) micros);
        }
        Files.write(to.resolve(i + ".bin"), events.array());
      }
    }
  }

  /** The channel of the class spikes first. */
  private void spikes(String set, int size, long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    StringBuilder spikes = new StringBuilder("sample,time_ms,unit\n");
    StringBuilder labels = new StringBuilder("sample,label\n");
    for (int i = 0; i < size; i++) {
      int label = i % CLASSES;
      labels.append(i).append(',').append(label).append('\n');
      for (int unit = 0; unit < 5; unit++) {
        int ms = (unit == label ? 1 : 15) + random.nextInt(5);
        spikes.append(i).append(',').append(ms).append(',').append(unit).append('\n');
      }
    }
    Files.writeString(folder.resolve(set + "-spikes.csv"), spikes);
    Files.writeString(folder.resolve(set + "-labels.csv"), labels);
  }

  /**
   * The configurations of the page, in their order: sequences, spikes, bins, text, targets,
   * recordings.
   */
  static List<String> examples() throws IOException {
    Matcher matcher =
        Pattern.compile("```json\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(PAGE));
    List<String> all = new ArrayList<>();
    while (matcher.find()) {
      all.add(matcher.group(1));
    }
    assertThat(all).hasSize(6);
    return all;
  }

  String write(String config) throws IOException {
    Path file = folder.resolve("my.json");
    Files.writeString(file, config);
    return file.toString();
  }

  Path train(String config, String... more) throws IOException {
    Path out = folder.resolve("out");
    List<String> line =
        new ArrayList<>(List.of("train", write(config), "--backend", "java", "--json"));
    line.addAll(List.of("--out", out.toString()));
    line.addAll(List.of(more));
    Shell.Result result = tacet(line.toArray(String[]::new));
    assertThat(result.status()).as(result.err()).isZero();
    return out;
  }

  void refused(String config, String... parts) throws IOException {
    Shell.Result result =
        tacet("train", write(config), "--backend", "java", "--out", folder + "/refused");
    failed(result, parts);
    assertThat(folder.resolve("refused").resolve("model.tacet")).doesNotExist();
  }

  static void failed(Shell.Result result, String... parts) {
    assertThat(result.status()).as(result.out() + result.err()).isEqualTo(1);
    assertThat(result.err()).startsWith("tacet: ").contains(parts).doesNotContain("\tat ");
  }

  static Map<String, Object> last(Shell.Result result) throws IOException {
    assertThat(result.status()).as(result.err()).isZero();
    return Json.parseObject(result.lastLine());
  }
}

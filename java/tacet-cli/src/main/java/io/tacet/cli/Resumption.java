package io.tacet.cli;

import io.tacet.checkpoint.ModelFile;
import io.tacet.files.Json;
import io.tacet.files.JsonObject;
import io.tacet.tasks.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The checkpoint that a training continues from. Its settings decide about data and network;
 * options on the command line may repeat them, and only those that say when to end may differ.
 *
 * @param file the checkpoint
 * @param origin where it was read from
 */
record Resumption(ModelFile file, Path origin) {
  private static final Set<String> LIMITS = Set.of("epochs", "minutes");

  /**
   * Reads the checkpoint of an output folder.
   *
   * @throws IOException if there is none, or it is damaged or of another task
   */
  static Resumption in(Path folder, String task) throws IOException {
    Path checkpoint = folder.resolve("checkpoint.tacet");
    if (!Files.exists(checkpoint)) {
      throw new IOException(
          "--resume: there is no "
              + checkpoint
              + "; start without --resume, or name the output"
              + " folder of the training with --out.");
    }
    Resumption resumption = new Resumption(ModelFile.read(checkpoint), checkpoint);
    Object other = Json.parseObject(resumption.settings()).get("task");
    if (!task.equals(other)) {
      throw new IOException(
          "--resume: " + checkpoint + " is a training of " + other + ", not of " + task + ".");
    }
    return resumption;
  }

  /** The saved settings. */
  Settings saved() throws IOException {
    return Settings.of(JsonObject.of(settings(), origin + ": settings"));
  }

  /** The saved settings as JSON text. */
  private String settings() throws IOException {
    return file.metadata("settings");
  }

  /**
   * Refuses settings that would make it another training.
   *
   * @param saved settings of the checkpoint
   * @param asked the same with the options of the command line
   * @throws IllegalArgumentException if they differ in more than when to end
   */
  void check(Map<String, ?> saved, Map<String, ?> asked) {
    for (Map.Entry<String, ?> setting : saved.entrySet()) {
      String name = setting.getKey();
      Object other = asked.get(name);
      if (!LIMITS.contains(name) && !setting.getValue().equals(other)) {
        throw new IllegalArgumentException(
            option(name)
                + ": expected "
                + setting.getValue()
                + ", with which the training in "
                + origin
                + " began, or nothing, got "
                + other
                + ". Leave the option out to continue, or start a new training without --resume.");
      }
    }
  }

  /** As the command line writes the name of a setting. */
  private static String option(String setting) {
    return "--" + setting.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }
}

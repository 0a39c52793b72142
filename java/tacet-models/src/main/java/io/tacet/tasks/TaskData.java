package io.tacet.tasks;

import io.tacet.data.Dataset;
import io.tacet.data.Fingerprint;
import io.tacet.data.SequenceData;
import io.tacet.data.SpikeDataset;
import io.tacet.data.Text;
import io.tacet.files.Json;
import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The sets of a task.
 *
 * @param train trained on
 * @param validation for choosing settings; null where the task has none
 * @param test measured, never chosen by
 * @param epochsOnValidation whether epochs are measured on the validation set and the test set
 *     once, at the end
 * @param classes names of the classes; empty where they have none
 * @param score the usual measure for a mean loss
 */
public record TaskData(
    Dataset train,
    Dataset validation,
    Dataset test,
    boolean epochsOnValidation,
    List<String> classes,
    Score score) {
  /** Measures for a mean loss. */
  public enum Score {
    /** Accuracy alone. */
    ACCURACY,
    /** Of targets, where there is no accuracy. */
    MEAN_SQUARED_ERROR,
    /** Of language models of characters. */
    BITS_PER_CHARACTER,
    /** Of language models of words. */
    PERPLEXITY
  }

  /** Sets of sequences or spikes, measured on the test set unless there is a validation set. */
  static TaskData own(Dataset train, Dataset validation, Dataset test, List<String> classes) {
    boolean targets = train instanceof SequenceData sequences && sequences.targets() > 0;
    return new TaskData(
        train,
        validation,
        test,
        validation != null,
        targets ? List.of() : classes,
        targets ? Score.MEAN_SQUARED_ERROR : Score.ACCURACY);
  }

  /** Sets to classify, measured on the test set unless there is a patience. */
  static TaskData labelled(Dataset train, Dataset validation, Dataset test, List<String> classes) {
    return new TaskData(train, validation, test, false, classes, Score.ACCURACY);
  }

  /** The first samples, or tokens, of the training set only; 0 for all. */
  TaskData first(int samples) {
    if (samples == 0) {
      return this;
    }
    Dataset part;
    if (train instanceof SequenceData sequences) {
      part = sequences.first(samples);
    } else if (train instanceof Text text) {
      part = text.part(text.name(), 0, Math.min(samples, text.length()));
    } else {
      SpikeDataset spikes = (SpikeDataset) train;
      part = spikes.slice(0, Math.min(samples, spikes.size())).named(spikes.name());
    }
    return new TaskData(part, validation, test, epochsOnValidation, classes, score);
  }

  /**
   * The same sets; with a patience epochs are measured on the validation set, since weights are not
   * to be chosen by the test set.
   *
   * @throws IllegalArgumentException if the settings have a patience and there is no validation set
   */
  public TaskData patient(Settings settings) {
    if (settings.integer("patience") == 0 || epochsOnValidation) {
      return this;
    }
    if (validation == null) {
      throw new IllegalArgumentException(
          "patience: expected a validation set, which epochs are measured on, got a test set only,"
              + " by which nothing is to be chosen. Leave patience at 0, or give own data a"
              + " validation set.");
    }
    return new TaskData(train, validation, test, true, classes, score);
  }

  /** Name of the set that epochs are measured on: test or validation. */
  public String measured() {
    return epochsOnValidation ? "validation" : "test";
  }

  /** The set that epochs are measured on. */
  public Dataset measuredSet() {
    return epochsOnValidation ? validation : test;
  }

  /** Labels of the test set; empty of texts. */
  public int[] testLabels() {
    if (test instanceof SpikeDataset spikes) {
      return spikes.labels();
    } else if (test instanceof SequenceData sequences) {
      return IntStream.range(0, sequences.size()).map(sequences::label).toArray();
    }
    return new int[0];
  }

  /** What a model file keeps of the data: names and check sums, and the vocabulary of texts. */
  public Map<String, String> metadata() {
    Map<String, String> all = new LinkedHashMap<>();
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("train", described(train));
    data.put("test", described(test));
    all.put("data", Json.line(data));
    if (train instanceof Text text) {
      all.put("vocabulary", Json.line(text.vocabulary()));
    }
    return all;
  }

  private static Map<String, Object> described(Dataset set) {
    // In this order, and not in one that differs from run to run: so that files are the same.
    Map<String, Object> described = new LinkedHashMap<>();
    described.put("name", set.name());
    described.put("checksum", Fingerprint.of(set));
    return described;
  }

  /**
   * Whether a model was measured with this test set.
   *
   * @param metadata of its file, under {@code data}; null of files that do not say
   * @return a sentence if it was another one, else null
   */
  public String difference(String metadata) throws JsonException {
    if (metadata == null) {
      return null;
    }
    JsonObject known = JsonObject.of(metadata, "data").object("test");
    String ours = Fingerprint.of(test);
    return known.text("checksum").equals(ours)
        ? null
        : "the model was trained with other data: its test set was "
            + known.text("name")
            + " with check sum "
            + known.text("checksum")
            + ", this one is "
            + test.name()
            + " with "
            + ours
            + ".";
  }

  /** A mean loss as the score, by the name that tables and JSON use; empty for ACCURACY. */
  public Map<String, Double> scores(double loss) {
    return switch (score) {
      case ACCURACY -> Map.of();
      case MEAN_SQUARED_ERROR -> Map.of("meanSquaredError", loss);
      case BITS_PER_CHARACTER -> Map.of("bitsPerCharacter", loss / Math.log(2));
      case PERPLEXITY -> Map.of("perplexity", Math.exp(loss));
    };
  }

  /** The same in words, beginning with a comma; empty for ACCURACY. */
  public String scoreText(double loss) {
    return switch (score) {
      case ACCURACY -> "";
      case MEAN_SQUARED_ERROR -> String.format(Locale.ROOT, ", mean squared error %.4g", loss);
      case BITS_PER_CHARACTER ->
          String.format(Locale.ROOT, ", %.4g bits per character", loss / Math.log(2));
      case PERPLEXITY -> String.format(Locale.ROOT, ", perplexity %.4g", Math.exp(loss));
    };
  }

  /** Accuracy and score in words, as in {@code accuracy 97.55 %}. */
  public String resultText(double accuracy, double loss) {
    String score = scoreText(loss);
    return Double.isNaN(accuracy)
        ? score.replaceFirst("^, ", "")
        : String.format(Locale.ROOT, "accuracy %.2f %%%s", 100 * accuracy, score);
  }
}

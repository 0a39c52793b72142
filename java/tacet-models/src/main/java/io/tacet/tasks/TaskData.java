package io.tacet.tasks;

import io.tacet.data.Dataset;
import io.tacet.data.FirstSamples;
import io.tacet.data.SequenceData;
import io.tacet.data.SpikeDataset;
import io.tacet.data.Text;
import io.tacet.files.Json;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The sets of a task.
 *
 * @param train trained on
 * @param validation for choosing settings; null where the task has none
 * @param test measured, never chosen by
 * @param epochsOnValidation whether epochs are measured on the validation set and the test set once,
 *     at the end
 * @param classes names of the classes; empty where they have none
 * @param score how people in the field state a mean loss
 */
public record TaskData(
    Dataset train,
    Dataset validation,
    Dataset test,
    boolean epochsOnValidation,
    List<String> classes,
    Score score) {
  /** How a mean loss is stated. */
  public enum Score {
    /** Accuracy says it all. */
    ACCURACY,
    /** Of language models of characters. */
    BITS_PER_CHARACTER,
    /** Of language models of words. */
    PERPLEXITY
  }

  /** Sets to classify, measured on the test set. */
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
      part = new FirstSamples(sequences, samples);
    } else if (train instanceof Text text) {
      part = text.part(text.name(), 0, Math.min(samples, text.length()));
    } else {
      SpikeDataset spikes = (SpikeDataset) train;
      part = spikes.slice(0, Math.min(samples, spikes.size())).named(spikes.name());
    }
    return new TaskData(part, validation, test, epochsOnValidation, classes, score);
  }

  /** Name of the set that epochs are measured on: test or validation. */
  public String measured() {
    return epochsOnValidation ? "validation" : "test";
  }

  /** The set that epochs are measured on. */
  public Dataset measuredSet() {
    return epochsOnValidation ? validation : test;
  }

  /** What a model file keeps of the data, such as a vocabulary. */
  public Map<String, String> metadata() {
    return train instanceof Text text
        ? Map.of("vocabulary", Json.line(text.vocabulary()))
        : Map.of();
  }

  /** A mean loss as the score, by the name that tables and JSON use; empty for ACCURACY. */
  public Map<String, Double> scores(double loss) {
    return switch (score) {
      case ACCURACY -> Map.of();
      case BITS_PER_CHARACTER -> Map.of("bitsPerCharacter", loss / Math.log(2));
      case PERPLEXITY -> Map.of("perplexity", Math.exp(loss));
    };
  }

  /** The same in words, beginning with a comma; empty for ACCURACY. */
  public String scoreText(double loss) {
    return switch (score) {
      case ACCURACY -> "";
      case BITS_PER_CHARACTER ->
          String.format(Locale.ROOT, ", %.4g bits per character", loss / Math.log(2));
      case PERPLEXITY -> String.format(Locale.ROOT, ", perplexity %.4g", Math.exp(loss));
    };
  }
}

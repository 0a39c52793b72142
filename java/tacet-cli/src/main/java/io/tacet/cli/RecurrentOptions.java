package io.tacet.cli;

import io.tacet.egru.EgruEngine;
import io.tacet.recurrent.TapeKind;
import io.tacet.recurrent.ThresholdDraw;
import java.lang.reflect.Field;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/**
 * Options of recurrent tasks. Each field is named after a component of {@link
 * io.tacet.tasks.RecurrentSettings}; null is not given.
 */
final class RecurrentOptions {
  @Option(
      names = "--minutes",
      description = "stop after this much training, tests not counted, then test and save")
  Double minutes;

  @Option(names = "--samples", description = "train on the first samples, or tokens, only")
  Integer samples;

  @Option(names = "--cell", description = "egru, or gru: the same without events")
  String cell;

  @Option(
      names = "--variant",
      description = "cell: equations behind the published results; paper: those printed there")
  String variant;

  @Option(
      names = "--bidirectional",
      description =
          "smnist, nmnist, dvs-gesture: every layer has a second half that goes backward in time")
  Boolean bidirectional;

  @Option(names = "--embedding", description = "columns of the table of embeddings; 0: none")
  Integer embedding;

  @Option(names = "--tied", arity = "1", description = "true: the embeddings are the read-out")
  Boolean tied;

  @Option(names = "--rows", description = "smnist: 28 steps of 28 pixels, with recipe rows")
  Boolean rows;

  @Option(names = "--permute", description = "smnist: pixels in a random order, always the same")
  Boolean permute;

  @Option(
      names = "--steps",
      description = "nmnist, dvs-gesture: intervals that a recording is cut into")
  Integer steps;

  @Option(names = "--bptt", description = "steps of a chunk of text")
  Integer bptt;

  @Option(names = "--variable-bptt", arity = "1", description = "whether chunks vary in length")
  Boolean variableBptt;

  @Option(names = "--rate", description = "initial learning rate")
  Double rate;

  @Option(names = "--beta1", description = "decay of Adam's first moment")
  Double beta1;

  @Option(names = "--weight-decay", description = "decoupled weight decay (AdamW)")
  Double weightDecay;

  @Option(names = "--cosine", arity = "1", description = "whether the rate falls along a cosine")
  Boolean cosine;

  @Option(
      names = "--cosine-start",
      description = "part of the training after which the cosine begins, as in 0.5")
  Double cosineStart;

  @Option(names = "--clip", description = "most norm of the gradient; 0: no limit")
  Double clip;

  @Option(names = "--zoneout", description = "probability that a unit keeps its state")
  Double zoneout;

  @Option(names = "--drop-word", description = "dropout of whole words")
  Double dropWord;

  @Option(names = "--drop-input", description = "dropout of embeddings or dense inputs")
  Double dropInput;

  @Option(names = "--drop-forward", description = "dropout between layers")
  Double dropForward;

  @Option(names = "--drop-output", description = "dropout before the read-out")
  Double dropOutput;

  @Option(names = "--drop-connect", description = "dropout of recurrent weights")
  Double dropConnect;

  @Option(
      names = "--threshold-draw",
      description = "initial thresholds: beta, or sigmoid of normal numbers with deviation sqrt 2")
  ThresholdDraw thresholdDraw;

  @Option(
      names = "--threshold-mean",
      description = "mean of the initial thresholds, or of the normal numbers before the sigmoid")
  Double thresholdMean;

  @Option(names = "--train-thresholds", arity = "1", description = "whether thresholds train")
  Boolean trainThresholds;

  @Option(names = "--gamma", description = "height of the surrogate derivative")
  Double gamma;

  @Option(names = "--sharpness", description = "k of the surrogate, whose support is |s| < 1/k")
  Double sharpness;

  @Option(names = "--trace-decay", description = "decay of the trace that is read out at the end")
  Double traceDecay;

  @Option(
      names = "--tape",
      description =
          "memory of training, bytes a step, sample and unit: full 20, bfloat16 12, recompute 16,"
              + " smallest 10")
  TapeKind tape;

  @Option(names = "--activity-weight", description = "weight of the activity regulariser")
  Double activityWeight;

  @Option(names = "--activity-target", description = "mean events of a unit in a step it aims at")
  Double activityTarget;

  @Option(names = "--engine", description = "auto, event, dense or persistent")
  EgruEngine engine;

  /** What was given, by name of the setting. */
  Map<String, Object> given() {
    Map<String, Object> map = new LinkedHashMap<>();
    for (Field field : RecurrentOptions.class.getDeclaredFields()) {
      try {
        if (!field.isSynthetic() && field.get(this) != null) {
          map.put(field.getName(), field.get(this));
        }
      } catch (IllegalAccessException e) {
        throw new LinkageError(e.getMessage(), e);
      }
    }
    return map;
  }

  /** Refuses options of recurrent tasks where another task is trained. */
  void refuse(String task, List<String> recurrent) {
    if (!given().isEmpty()) {
      throw new IllegalArgumentException(
          "options: "
              + given().keySet()
              + " are of the recurrent tasks "
              + recurrent
              + ", got the task '"
              + task
              + "'.");
    }
  }
}

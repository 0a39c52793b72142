package io.tacet.tasks;

import io.tacet.egru.EgruEngine;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruVariant;
import io.tacet.network.Connection;
import io.tacet.network.Direction;
import io.tacet.network.Dropouts;
import io.tacet.network.Egru;
import io.tacet.network.LayerSpec;
import io.tacet.network.TapeKind;
import io.tacet.network.ThresholdDraw;
import io.tacet.network.cells.EgruCell;
import io.tacet.optim.Adam;
import io.tacet.optim.Schedule;
import io.tacet.training.ActivityTarget;
import io.tacet.training.L1;
import io.tacet.training.L2;
import io.tacet.training.RateRegulariser;
import io.tacet.training.Training;
import io.tacet.training.VoltageRegulariser;
import java.util.ArrayList;
import java.util.List;

/** Options that tasks share, and what they mean for a training. */
final class Options {
  private static final double LAST_RATE = 0.02;
  private static final double ALL = Double.POSITIVE_INFINITY;
  private static final double BELOW_ONE = Math.nextDown(1.0);

  private Options() {}

  /** Of every training. */
  static List<Option> common(int epochs, int batch, double rate) {
    return List.of(
        Option.integer("epochs", epochs, 1, "passes over the training set"),
        Option.real(
            "minutes", 0, 0, ALL, "most minutes of training, tests not counted; 0: no limit"),
        Option.integer(
            "patience",
            0,
            0,
            "end after so many epochs without a smaller loss on the validation set, which epochs are"
                + " then measured on, and keep the best weights; 0: off"),
        Option.integer("samples", 0, 0, "train on the first samples, or tokens, only; 0: all"),
        Option.integer("batch", batch, 1, "samples, or streams of text, of an update"),
        Option.longInteger("seed", 0, "of weights, order and masks"),
        Option.real("rate", rate, Double.MIN_VALUE, ALL, "initial learning rate"),
        Option.real("decay", 1, Double.MIN_VALUE, 1, "factor on the rate after each epoch"),
        Option.flag("cosine", false, "the rate falls to almost 0 along a cosine"),
        Option.real("cosineStart", 0, 0, BELOW_ONE, "part of the training before the cosine"),
        Option.real("beta1", 0.9, 0, BELOW_ONE, "decay of Adam's first moment"),
        Option.real("weightDecay", 0, 0, ALL, "decoupled weight decay (AdamW)"),
        Option.real("l1", 0, 0, ALL, "weight of the sum of absolute weights in the loss"),
        Option.real("l2", 0, 0, ALL, "weight of the sum of squared weights in the loss"),
        Option.real("clip", 0, 0, ALL, "largest norm of the gradient; 0: no limit"));
  }

  /** Of spiking networks. */
  static List<Option> spiking(int hidden, double duration, String precision) {
    List<Option> network =
        List.of(
            Option.integer("hidden", hidden, 1, "hidden neurons"),
            Option.choice(
                "precision", precision, "numbers; double on java only", "single", "double"),
            Option.choice(
                "simulator", "exact", "exact in continuous time, or fixed steps", "exact", "grid"),
            Option.real("dt", 0.1, Double.MIN_VALUE, ALL, "step of the grid in ms"),
            Option.real(
                "duration", duration, Double.MIN_VALUE, ALL, "end of the simulation in ms"));
    return join(network, onEvents());
  }

  /** Of the training of any spiking layers. */
  static List<Option> onEvents() {
    return List.of(
        Option.real(
            "leastSlope",
            0,
            0,
            Float.MAX_VALUE,
            "gradients divide by at least this slope of a spike at its threshold, per ms and in"
                + " thresholds; 0: exact"),
        Option.real(
            "spikeWeight", 0, 0, ALL, "weight of the regulariser of spikes of hidden neurons"),
        Option.real(
            "spikeTarget", 0, 0, ALL, "spikes of a hidden neuron in a sample that it aims at"),
        Option.real(
            "voltageWeight",
            0,
            0,
            ALL,
            "weight of the regulariser of mean potentials of hidden neurons"),
        Option.real(
            "voltageTarget", 0, -ALL, ALL, "mean potential of a hidden neuron that it aims at"));
  }

  /** Of recurrent networks on steps. */
  static List<Option> recurrent(Long... hidden) {
    EgruOptions published = EgruOptions.defaults();
    List<Option> units =
        List.of(
            Option.integers("hidden", List.of(hidden), "units of each layer, as in 512,256"),
            Option.choice(
                "precision", "single", "numbers; double on java only", "single", "double"),
            Option.choice("cell", "egru", "egru, or gru: the same without events", "egru", "gru"),
            Option.choice(
                "variant",
                "cell",
                "cell: equations behind the published results; paper: those printed there",
                "cell",
                "paper"),
            Option.real("zoneout", 0, 0, BELOW_ONE, "probability that a unit keeps its state"),
            Option.choice(
                "thresholdDraw",
                ThresholdDraw.BETA,
                "initial thresholds: beta, or sigmoid of normal numbers with deviation sqrt 2"),
            Option.real(
                "thresholdMean",
                0.3,
                -ALL,
                ALL,
                "mean of the initial thresholds, or of the normal numbers before the sigmoid"),
            Option.flag("trainThresholds", true, "thresholds train"),
            Option.real(
                "gamma",
                published.gamma(),
                Double.MIN_VALUE,
                ALL,
                "height of the surrogate derivative"),
            Option.real(
                "sharpness",
                published.sharpness(),
                Double.MIN_VALUE,
                ALL,
                "k of the surrogate, whose support is |s| < 1/k"),
            Option.real(
                "traceDecay",
                published.traceDecay(),
                0,
                BELOW_ONE,
                "decay of the trace that is read out"),
            Option.choice("engine", EgruEngine.AUTO, "how recurrent products are computed"));
    List<Option> densities =
        List.of(
            SparseOptions.density("inputDensity", "input synapses of each layer"),
            SparseOptions.density("density", "recurrent synapses of each layer"));
    return join(units, densities, SparseOptions.rewiring(), onSteps());
  }

  /** Of the training of any layers on steps. */
  static List<Option> onSteps() {
    return List.of(
        Option.real("dropInput", 0, 0, BELOW_ONE, "dropout of embeddings or dense inputs"),
        Option.real("dropForward", 0, 0, BELOW_ONE, "dropout between layers"),
        Option.real("dropOutput", 0, 0, BELOW_ONE, "dropout before the read-out"),
        Option.real("dropConnect", 0, 0, BELOW_ONE, "dropout of recurrent weights"),
        Option.choice(
            "tape",
            TapeKind.FULL,
            "memory of training, bytes a step, sample and unit: full 20, bfloat16 12, recompute 16,"
                + " smallest 10"),
        Option.integer(
            "segment",
            0,
            0,
            "steps that are computed at a time, and again in the backward pass, to save memory: a"
                + " divisor of the steps of a sequence; 0 for all"),
        Option.real("activityWeight", 0, 0, ALL, "weight of the activity regulariser"),
        Option.real("activityTarget", 0, 0, 1, "mean events of a unit in a step that it aims at"));
  }

  /** Of networks that read whole sequences. */
  static Option bidirectional() {
    return Option.flag(
        "bidirectional", false, "every layer has a second half that goes backward in time");
  }

  /** Of recordings of events. */
  static Option steps(int usual) {
    return Option.integer("steps", usual, 1, "intervals that a recording is cut into");
  }

  /** Of language models. */
  static List<Option> language(int chunk, int embedding) {
    List<Option> network =
        List.of(
            Option.integer(
                "embedding", embedding, 0, "columns of the table of embeddings; 0: none"),
            Option.flag("tied", embedding > 0, "the embeddings are the read-out"));
    return join(network, onText(chunk));
  }

  /** Of the training of any network on a text. */
  static List<Option> onText(int chunk) {
    return List.of(
        Option.integer("bptt", chunk, 1, "steps of a chunk of text"),
        Option.flag("variableBptt", false, "chunks vary in length"),
        Option.real("dropWord", 0, 0, BELOW_ONE, "dropout of whole words"));
  }

  /** All of these. */
  @SafeVarargs
  static List<Option> join(List<Option>... groups) {
    List<Option> all = new ArrayList<>();
    for (List<Option> group : groups) {
      all.addAll(group);
    }
    return List.copyOf(all);
  }

  /** The recurrent layers of the settings. */
  static List<LayerSpec> layers(Settings s) {
    EgruOptions options =
        EgruOptions.defaults()
            .variant(
                s.text("variant").equals("paper")
                    ? EgruVariant.PAPER
                    : EgruVariant.CELL_RESET_AFTER)
            .zoneout(s.real("zoneout"))
            .surrogate(s.real("gamma"), s.real("sharpness"))
            .traceDecay(s.real("traceDecay"))
            .engine(s.choice("engine", EgruEngine.class));
    Egru egru =
        new Egru(
            s.text("cell").equals("gru") ? options.withoutEvents() : options,
            s.flag("bidirectional") ? Direction.BOTH : Direction.FORWARD,
            s.choice("thresholdDraw", ThresholdDraw.class),
            s.real("thresholdMean"),
            s.flag("trainThresholds"));
    List<LayerSpec> layers = new ArrayList<>();
    for (int units : s.integers("hidden")) {
      Connection input = SparseOptions.connection(s, "inputDensity", Connection.dense());
      Connection recurrent = SparseOptions.connection(s, "density", Connection.dense());
      layers.add(new EgruCell.Spec(units, egru, input, recurrent));
    }
    return layers;
  }

  /** Puts the settings into a training. */
  static Training apply(Training training, Settings s) {
    training.optimizer(optimizer(s)).epochs(s.epochs()).batch(s.integer("batch")).seed(s.seed());
    training.regulariser(L1.of(s.real("l1"))).regulariser(L2.of(s.real("l2")));
    if (s.real("clip") > 0) {
      training.clipNorm(s.real("clip"));
    }
    if (s.integer("patience") > 0) {
      training.earlyStopping(s.integer("patience"));
    }
    if (s.real("minutes") > 0) {
      training.seconds(60 * s.real("minutes"));
    }
    if (s.has("leastSlope")) {
      training
          .leastSlope(s.real("leastSlope"))
          .regulariser(new RateRegulariser(s.real("spikeWeight"), s.real("spikeTarget")))
          .regulariser(new VoltageRegulariser(s.real("voltageWeight"), s.real("voltageTarget")));
    }
    if (s.has("tape")) {
      training
          .tape(s.choice("tape", TapeKind.class))
          .segments(s.integer("segment"))
          .dropouts(
              new Dropouts(
                  s.real("dropWord", 0),
                  s.real("dropInput"),
                  s.real("dropForward"),
                  s.real("dropOutput"),
                  s.real("dropConnect")));
      if (!s.has("cell") || !s.text("cell").equals("gru")) {
        training.regulariser(
            new ActivityTarget(s.real("activityWeight"), s.real("activityTarget")));
      }
    }
    if (s.has("bptt")) {
      training.chunk(s.integer("bptt"), s.flag("variableBptt"));
    }
    return training;
  }

  private static Adam optimizer(Settings s) {
    Schedule schedule =
        s.flag("cosine")
            ? Schedule.constantThenCosine(s.real("cosineStart"), LAST_RATE)
            : s.real("decay") == 1 ? Schedule.constant() : Schedule.exponential(s.real("decay"));
    return new Adam(
        s.real("rate"),
        s.real("beta1"),
        0.999,
        1e-8,
        s.real("weightDecay"),
        Double.POSITIVE_INFINITY,
        schedule);
  }
}

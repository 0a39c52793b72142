package io.tacet.tasks;

import io.tacet.egru.EgruEngine;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruVariant;
import io.tacet.files.Json;
import io.tacet.files.JsonException;
import io.tacet.memory.DType;
import io.tacet.optim.Adam;
import io.tacet.optim.Schedule;
import io.tacet.recurrent.ActivityTarget;
import io.tacet.recurrent.Dropouts;
import io.tacet.recurrent.RecurrentTraining;
import io.tacet.recurrent.TapeKind;
import io.tacet.recurrent.ThresholdDraw;
import io.tacet.training.TrainingLoop;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What can be set in the training of a recurrent network.
 *
 * @param task name of the task
 * @param recipe name of the settings these began as
 * @param epochs passes over the training set
 * @param minutes most minutes of training, tests not counted; 0 for no limit
 * @param samples most training samples, or tokens, used; 0 for all
 * @param batch samples or streams per update
 * @param seed of weights, order and masks
 * @param precision FLOAT32, or FLOAT64 where the backend has it
 * @param cell egru, or gru for the same without events
 * @param variant cell or paper: the equations of {@link EgruVariant}
 * @param hidden units of each layer
 * @param bidirectional whether every layer also goes backward in time, with as many units again
 * @param embedding columns of the table of embeddings, 0 for none
 * @param tied whether the table is also the read-out
 * @param rows whether images are read by rows instead of pixels
 * @param permute whether pixels come in a random order
 * @param steps intervals that recordings of events are cut into
 * @param bptt steps of a chunk of text
 * @param variableBptt whether the lengths of chunks vary
 * @param rate initial learning rate
 * @param beta1 of Adam
 * @param weightDecay decoupled, of weights
 * @param cosine whether the rate falls to almost 0 along a cosine
 * @param cosineStart part of the training after which the cosine begins, [0, 1)
 * @param clip most norm of the gradient; 0 for no limit
 * @param zoneout probability that a unit keeps its state in a step of training
 * @param dropWord dropout of words
 * @param dropInput dropout of embeddings or dense inputs
 * @param dropForward dropout between layers
 * @param dropOutput dropout before the read-out
 * @param dropConnect dropout of recurrent weights
 * @param thresholdDraw how initial thresholds are drawn
 * @param thresholdMean its m: the mean of the initial thresholds where they are drawn from BETA
 * @param trainThresholds whether thresholds train
 * @param gamma height of the surrogate
 * @param sharpness of the surrogate
 * @param traceDecay decay of the trace that is read out at the end of a sequence
 * @param tape what is kept of a forward pass
 * @param activityWeight weight of the activity regulariser, 0 for none
 * @param activityTarget its target
 * @param engine how recurrent products are computed
 */
public record RecurrentSettings(
    String task,
    String recipe,
    int epochs,
    double minutes,
    int samples,
    int batch,
    long seed,
    DType precision,
    String cell,
    String variant,
    List<Integer> hidden,
    boolean bidirectional,
    int embedding,
    boolean tied,
    boolean rows,
    boolean permute,
    int steps,
    int bptt,
    boolean variableBptt,
    double rate,
    double beta1,
    double weightDecay,
    boolean cosine,
    double cosineStart,
    double clip,
    double zoneout,
    double dropWord,
    double dropInput,
    double dropForward,
    double dropOutput,
    double dropConnect,
    ThresholdDraw thresholdDraw,
    double thresholdMean,
    boolean trainThresholds,
    double gamma,
    double sharpness,
    double traceDecay,
    TapeKind tape,
    double activityWeight,
    double activityTarget,
    EgruEngine engine) {

  private static final double LAST_RATE = 0.02;
  private static final List<String> CELLS = List.of("egru", "gru");
  private static final List<String> VARIANTS = List.of("cell", "paper");

  /** What files of older versions do not have, which then had the value of {@link #of}. */
  private static final List<String> LATER =
      List.of("bidirectional", "variant", "cosineStart", "thresholdDraw", "traceDecay", "tape");

  public RecurrentSettings {
    hidden = List.copyOf(hidden);
    oneOf("--cell", CELLS, cell);
    oneOf("--variant", VARIANTS, variant);
    for (int units : hidden) {
      atLeastOne("--hidden", units);
    }
    atLeastOne("--epochs", epochs);
    atLeastOne("--batch", batch);
    atLeastOne("--bptt", bptt);
    atLeastOne("--steps", steps);
    if (!(minutes >= 0) || samples < 0 || !(clip >= 0)) {
      throw new IllegalArgumentException(
          "--minutes, --samples, --clip: expected at least 0, got "
              + minutes
              + ", "
              + samples
              + ", "
              + clip
              + ".");
    }
  }

  private static void oneOf(String name, List<String> known, String value) {
    if (!known.contains(value)) {
      throw new IllegalArgumentException(
          name + ": expected one of " + known + ", got '" + value + "'.");
    }
  }

  private static void atLeastOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + ": expected at least 1, got " + value + ".");
    }
  }

  /** Plain settings to begin a recipe with: one layer, Adam, no regularisation. */
  static RecurrentSettings of(
      String task, String recipe, int epochs, int batch, Integer... hidden) {
    EgruOptions published = EgruOptions.defaults();
    return new RecurrentSettings(
        task,
        recipe,
        epochs,
        0,
        0,
        batch,
        0,
        DType.FLOAT32,
        "egru",
        "cell",
        List.of(hidden),
        false,
        0,
        false,
        false,
        false,
        1,
        1,
        false,
        1e-3,
        0.9,
        0,
        false,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        ThresholdDraw.BETA,
        0.3,
        true,
        published.gamma(),
        published.sharpness(),
        published.traceDecay(),
        TapeKind.FULL,
        0,
        0,
        EgruEngine.AUTO);
  }

  /** As a JSON object, in the order of the components. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    for (RecordComponent component : RecurrentSettings.class.getRecordComponents()) {
      try {
        map.put(component.getName(), component.getAccessor().invoke(this));
      } catch (ReflectiveOperationException e) {
        throw new LinkageError(e.getMessage(), e);
      }
    }
    return map;
  }

  /**
   * The same with some components changed.
   *
   * @param changes values by name of component; numbers and texts are converted
   * @throws IllegalArgumentException if there is no such component or a value does not fit
   */
  public RecurrentSettings with(Map<String, ?> changes) {
    Map<String, Object> map = toMap();
    for (Map.Entry<String, ?> change : changes.entrySet()) {
      if (map.put(change.getKey(), change.getValue()) == null) {
        throw new IllegalArgumentException("There is no setting '" + change.getKey() + "'.");
      }
    }
    return from(map);
  }

  /**
   * Reads what {@link #toMap} wrote as JSON text.
   *
   * @throws JsonException if the text is not such an object
   */
  public static RecurrentSettings parse(String json) throws JsonException {
    try {
      Map<String, Object> map = new LinkedHashMap<>(Json.parseObject(json));
      Map<String, Object> plain = of("", "", 1, 1, 1).toMap();
      LATER.forEach(name -> map.putIfAbsent(name, plain.get(name)));
      return from(map);
    } catch (ClassCastException | NullPointerException | IllegalArgumentException e) {
      throw new JsonException("The settings of the training are not understood: " + json, e);
    }
  }

  private static RecurrentSettings from(Map<String, Object> map) {
    RecordComponent[] components = RecurrentSettings.class.getRecordComponents();
    Object[] values = new Object[components.length];
    for (int c = 0; c < values.length; c++) {
      values[c] = convert(map.get(components[c].getName()), components[c].getType());
    }
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      return RecurrentSettings.class.getDeclaredConstructor(types).newInstance(values);
    } catch (java.lang.reflect.InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException wrong) {
        throw wrong;
      }
      throw new IllegalArgumentException(e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  private static Object convert(Object value, Class<?> type) {
    if (type == int.class) {
      return Math.toIntExact(((Number) value).longValue());
    } else if (type == long.class) {
      return ((Number) value).longValue();
    } else if (type == double.class) {
      return ((Number) value).doubleValue();
    } else if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .filter(constant -> constant.toString().equals(value.toString()))
          .findFirst()
          .orElseThrow(() -> new IllegalArgumentException("There is no " + value + "."));
    } else if (type == List.class) {
      return ((List<?>) value).stream().map(n -> (Object) ((Number) n).intValue()).toList();
    }
    return value;
  }

  /** Options of all layers. */
  EgruOptions options() {
    EgruOptions options =
        EgruOptions.defaults()
            .variant(variant.equals("paper") ? EgruVariant.PAPER : EgruVariant.CELL_RESET_AFTER)
            .zoneout(zoneout)
            .surrogate(gamma, sharpness)
            .traceDecay(traceDecay)
            .engine(engine);
    return cell.equals("gru") ? options.withoutEvents() : options;
  }

  /** Batches, masks and regulariser. */
  RecurrentTraining training() {
    return new RecurrentTraining(
        batch,
        seed,
        new Dropouts(dropWord, dropInput, dropForward, dropOutput, dropConnect),
        cell.equals("gru")
            ? ActivityTarget.OFF
            : new ActivityTarget(activityWeight, activityTarget),
        tape);
  }

  /** Optimiser, length and limits; the caller adds listeners and files. */
  public TrainingLoop loop() {
    TrainingLoop loop =
        new TrainingLoop()
            .epochs(epochs)
            .optimizer(
                new Adam(
                    rate,
                    beta1,
                    0.999,
                    1e-8,
                    weightDecay,
                    Double.POSITIVE_INFINITY,
                    cosine
                        ? Schedule.constantThenCosine(cosineStart, LAST_RATE)
                        : Schedule.constant()));
    if (clip > 0) {
      loop.clipNorm(clip);
    }
    if (minutes > 0) {
      loop.seconds(60 * minutes);
    }
    return loop;
  }
}

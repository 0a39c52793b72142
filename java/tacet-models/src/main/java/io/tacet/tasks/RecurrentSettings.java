package io.tacet.tasks;

import io.tacet.egru.EgruEngine;
import io.tacet.egru.EgruOptions;
import io.tacet.files.Json;
import io.tacet.files.JsonException;
import io.tacet.memory.DType;
import io.tacet.optim.Adam;
import io.tacet.optim.Schedule;
import io.tacet.recurrent.ActivityTarget;
import io.tacet.recurrent.Dropouts;
import io.tacet.recurrent.RecurrentTraining;
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
 * @param clip most norm of the gradient; 0 for no limit
 * @param zoneout probability that a unit keeps its state in a step of training
 * @param dropWord dropout of words
 * @param dropInput dropout of embeddings
 * @param dropForward dropout between layers
 * @param dropOutput dropout before the read-out
 * @param dropConnect dropout of recurrent weights
 * @param thresholdMean mean of the initial thresholds
 * @param trainThresholds whether thresholds train
 * @param gamma height of the surrogate
 * @param sharpness of the surrogate
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
    double clip,
    double zoneout,
    double dropWord,
    double dropInput,
    double dropForward,
    double dropOutput,
    double dropConnect,
    double thresholdMean,
    boolean trainThresholds,
    double gamma,
    double sharpness,
    double activityWeight,
    double activityTarget,
    EgruEngine engine) {

  private static final double LAST_RATE = 0.02;
  private static final List<String> CELLS = List.of("egru", "gru");

  public RecurrentSettings {
    hidden = List.copyOf(hidden);
    if (!CELLS.contains(cell)) {
      throw new IllegalArgumentException(
          "--cell: expected one of " + CELLS + ", got '" + cell + "'.");
    }
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
        0.3,
        true,
        published.gamma(),
        published.sharpness(),
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
      // Older files do not have it.
      map.putIfAbsent("bidirectional", false);
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
    } else if (type == DType.class) {
      return DType.valueOf(value.toString());
    } else if (type == EgruEngine.class) {
      return EgruEngine.valueOf(value.toString());
    } else if (type == List.class) {
      return ((List<?>) value).stream().map(n -> (Object) ((Number) n).intValue()).toList();
    }
    return value;
  }

  /** Options of all layers. */
  EgruOptions options() {
    EgruOptions options =
        EgruOptions.defaults().zoneout(zoneout).surrogate(gamma, sharpness).engine(engine);
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
            : new ActivityTarget(activityWeight, activityTarget));
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
                    cosine ? Schedule.cosine(LAST_RATE) : Schedule.constant()));
    if (clip > 0) {
      loop.clipNorm(clip);
    }
    if (minutes > 0) {
      loop.seconds(60 * minutes);
    }
    return loop;
  }
}

package io.tacet.cuda.internal;

import io.tacet.cuda.EgruPlan;
import io.tacet.egru.EgruEngine;
import io.tacet.egru.EgruErrors;
import io.tacet.egru.EgruGradients;
import io.tacet.egru.EgruInputs;
import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruOutputs;
import io.tacet.egru.EgruState;
import io.tacet.egru.EgruTape;
import io.tacet.memory.DeviceArray;
import io.tacet.spi.EgruKernels;
import java.util.Arrays;

/**
 * Event-gated recurrent units of libtacet. A pass is one call that issues all steps without waiting
 * for the device. The property {@code tacet.egru.clusters} (auto, on, off) selects how the engine
 * PERSISTENT groups blocks into teams, {@code tacet.egru.streaming} (auto, on, off) whether the
 * engine EVENT is one launch for all steps, {@link LaunchSteps} the number of steps per launch.
 */
public final class NativeEgru implements EgruKernels {
  private final NativeRuntime library;
  private final Workspace workspace;
  private final Products products;
  private final long stream;

  /** Recurrent products have the factors of {@code products}. */
  NativeEgru(NativeRuntime library, Workspace workspace, Products products, long stream) {
    this.library = library;
    this.products = products;
    this.workspace = workspace;
    this.stream = stream;
  }

  /** How both passes of a layer run on this device. */
  public EgruPlan plan(EgruLayer layer, EgruInputs inputs) {
    products.factors();
    long[] plan = new long[Tacet.TACET_EGRU_PLAN_WORDS];
    Calls.check(Tacet.tacet_egru_plan(library.context(), words(layer), words(inputs), plan));
    return new EgruPlan(pass(plan, 0), pass(plan, Tacet.TACET_EGRU_PLAN_PASS));
  }

  private static EgruPlan.Pass pass(long[] plan, int at) {
    return new EgruPlan.Pass(
        switch ((int) plan[at + Tacet.TACET_EGRU_PLAN_ENGINE]) {
          case Tacet.TACET_EGRU_EVENT -> EgruEngine.EVENT;
          case Tacet.TACET_EGRU_DENSE -> EgruEngine.DENSE;
          default -> EgruEngine.PERSISTENT;
        },
        plan[at + Tacet.TACET_EGRU_PLAN_CLUSTERS] != 0,
        (int) plan[at + Tacet.TACET_EGRU_PLAN_TEAMS],
        (int) plan[at + Tacet.TACET_EGRU_PLAN_BLOCKS],
        Factors.of((int) plan[at + Tacet.TACET_EGRU_PLAN_FACTORS]).text(),
        stepwise((int) plan[at + Tacet.TACET_EGRU_PLAN_STEPWISE]));
  }

  /** A {@code tacet_egru_stepwise} in words. */
  private static String stepwise(int reason) {
    return switch (reason) {
      case Tacet.TACET_EGRU_STEPWISE_SWITCHED_OFF -> "tacet.egru.streaming is off";
      case Tacet.TACET_EGRU_STEPWISE_PATTERN -> "recurrent weights are sparse";
      case Tacet.TACET_EGRU_STEPWISE_VARIANT -> "the variant is PAPER";
      case Tacet.TACET_EGRU_STEPWISE_WITHOUT_EVENTS -> "events are switched off";
      case Tacet.TACET_EGRU_STEPWISE_REPLICAS -> "there are replicas";
      case Tacet.TACET_EGRU_STEPWISE_BATCH -> "there are more than 8 samples";
      case Tacet.TACET_EGRU_STEPWISE_FEW_UNITS -> "there are fewer than 1024 units";
      case Tacet.TACET_EGRU_STEPWISE_ROWS ->
          "rows of weights do not begin at 16 bytes, and too few are read to pay for packing all";
      case Tacet.TACET_EGRU_STEPWISE_MANY_UNITS ->
          "there are too many units for the multiprocessors of the device";
      case Tacet.TACET_EGRU_STEPWISE_RESIDENT -> "the device does not run as many blocks at once";
      default -> "";
    };
  }

  @Override
  public void forward(EgruLayer layer, EgruInputs inputs, EgruOutputs outputs, EgruTape tape) {
    products.factors();
    long[] layerWords = words(layer);
    long[] sequence = words(inputs);
    EgruState last = outputs.last();
    long samples = (long) inputs.replicas() * inputs.batch();
    int ofY = columns(outputs.y(), inputs, inputs.steps() * samples);
    int ofTrace = columns(outputs.trace(), inputs, samples);
    long[] wanted = {
      half(outputs.y(), inputs, ofY),
      half(outputs.trace(), inputs, ofTrace),
      last == null ? 0 : last.y().address(),
      last == null ? 0 : last.h().address(),
      Words.address(outputs.counts()),
      ofY,
      ofTrace
    };
    long[] bytes = new long[1];
    Calls.check(
        Tacet.tacet_egru_forward_bytes(library.context(), layerWords, sequence, wanted, bytes));
    workspace.reserve(1, reserved -> bytes[0]);
    Calls.check(
        Tacet.tacet_egru_forward(
            library.context(),
            layerWords,
            sequence,
            wanted,
            tape == null ? null : words(tape),
            workspace.address(),
            workspace.bytes(),
            stream));
  }

  @Override
  public void backward(
      EgruLayer layer,
      EgruInputs inputs,
      EgruTape tape,
      EgruErrors errors,
      EgruGradients gradients) {
    products.factors();
    long[] layerWords = words(layer);
    long[] sequence = words(inputs);
    EgruState last = errors.last();
    long samples = (long) inputs.replicas() * inputs.batch();
    int ofY = columns(errors.y(), inputs, inputs.steps() * samples);
    int ofTrace = columns(errors.trace(), inputs, samples);
    long[] known = {
      half(errors.y(), inputs, ofY),
      half(errors.trace(), inputs, ofTrace),
      last == null ? 0 : last.y().address(),
      last == null ? 0 : last.h().address(),
      Words.address(errors.rate()),
      ofY,
      ofTrace
    };
    long[] kept = words(tape);
    EgruState initial = gradients.initial();
    long[] wanted = {
      gradients.currents().address(),
      Words.address(gradients.recurrent()),
      Words.address(gradients.inputBias()),
      Words.address(gradients.recurrentBias()),
      Words.address(gradients.thresholds()),
      initial == null ? 0 : initial.y().address(),
      initial == null ? 0 : initial.h().address()
    };
    long[] bytes = new long[1];
    Calls.check(
        Tacet.tacet_egru_backward_bytes(
            library.context(), layerWords, sequence, kept, wanted, bytes));
    workspace.reserve(1, reserved -> bytes[0]);
    Calls.check(
        Tacet.tacet_egru_backward(
            library.context(),
            layerWords,
            sequence,
            kept,
            known,
            wanted,
            workspace.address(),
            workspace.bytes(),
            stream));
  }

  @Override
  public void gradientFactors(
      EgruLayer layer, EgruInputs inputs, EgruTape tape, DeviceArray currents, DeviceArray sent) {
    Calls.check(
        Tacet.tacet_egru_factors(
            library.context(),
            words(layer),
            words(inputs),
            words(tape),
            currents.address(),
            sent.address(),
            stream));
  }

  /** {@code tacet_egru_layer}. */
  private static long[] words(EgruLayer layer) {
    EgruOptions options = layer.options();
    long[] words = {
      layer.recurrent().address(),
      layer.inputBias().address(),
      layer.recurrentBias().address(),
      layer.thresholds().address(),
      layer.units(),
      switch (options.variant()) {
        case CELL_RESET_AFTER -> Tacet.TACET_EGRU_CELL_RESET_AFTER;
        case PAPER -> Tacet.TACET_EGRU_PAPER;
      },
      options.events() ? 1 : 0,
      switch (options.engine()) {
        case AUTO -> Tacet.TACET_EGRU_AUTO;
        case EVENT -> Tacet.TACET_EGRU_EVENT;
        case DENSE -> Tacet.TACET_EGRU_DENSE;
        case PERSISTENT -> Tacet.TACET_EGRU_PERSISTENT;
      },
      Double.doubleToRawLongBits(options.zoneout()),
      Double.doubleToRawLongBits(options.gamma()),
      Double.doubleToRawLongBits(options.sharpness()),
      Double.doubleToRawLongBits(options.traceDecay()),
      Double.doubleToRawLongBits(options.clip()),
      switched("tacet.egru.clusters"),
      LaunchSteps.get(),
      layer.replicas(),
      switched("tacet.egru.streaming")
    };
    // The last words are those of the pattern; zeros say that there is none.
    long[] all = Arrays.copyOf(words, Tacet.TACET_EGRU_LAYER_WORDS);
    if (layer.pattern() != null) {
      System.arraycopy(
          Words.pattern(layer.pattern()), 0, all, words.length, all.length - words.length);
    }
    return all;
  }

  /** A {@code tacet_egru_clusters} or {@code tacet_egru_streaming}, which have the same numbers. */
  private static int switched(String property) {
    String value = System.getProperty(property, "auto");
    return switch (value) {
      case "auto" -> Tacet.TACET_EGRU_CLUSTERS_AUTO;
      case "on" -> Tacet.TACET_EGRU_CLUSTERS_ON;
      case "off" -> Tacet.TACET_EGRU_CLUSTERS_OFF;
      default ->
          throw new IllegalArgumentException(
              property + ": expected auto, on or off, got " + value + ".");
    };
  }

  /** {@code tacet_egru_sequence}. */
  private static long[] words(EgruInputs inputs) {
    EgruState initial = inputs.initial();
    return new long[] {
      inputs.currents().address(),
      Words.address(inputs.lengths()),
      initial == null ? 0 : initial.y().address(),
      initial == null ? 0 : initial.h().address(),
      inputs.steps(),
      inputs.batch(),
      inputs.training() ? 1 : 0,
      inputs.seed(),
      inputs.reversed() ? 1 : 0,
      Double.doubleToRawLongBits(inputs.activity()),
      Words.address(inputs.seeds())
    };
  }

  /** Columns of rows that have room for one direction or for both. */
  private static int columns(DeviceArray array, EgruInputs inputs, long rows) {
    return array == null ? inputs.units() : (int) (array.length() / rows);
  }

  /** Where a direction's units begin in such rows. */
  private static long half(DeviceArray array, EgruInputs inputs, int columns) {
    return array == null ? 0 : array.address() + 4L * inputs.firstColumn(columns);
  }

  /** {@code tacet_egru_tape}. */
  private static long[] words(EgruTape tape) {
    long[] words = new long[Tacet.TACET_EGRU_TAPE_WORDS];
    int k = 0;
    for (DeviceArray array :
        new DeviceArray[] {tape.h(), tape.z(), tape.r(), tape.g(), tape.q(), tape.events()}) {
      words[k++] = Words.address(array);
    }
    words[k] = tape.isCompact() ? 1 : 0;
    return words;
  }
}

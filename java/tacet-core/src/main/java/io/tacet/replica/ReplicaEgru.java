package io.tacet.replica;

import io.tacet.Backend;
import io.tacet.egru.EgruErrors;
import io.tacet.egru.EgruGradients;
import io.tacet.egru.EgruInputs;
import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruOutputs;
import io.tacet.egru.EgruState;
import io.tacet.egru.EgruTape;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.spi.EgruKernels;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Event-gated layers of a replica; those with dense weights together with those of the others. The
 * engine is one for all: {@code AUTO} chooses it by their mean activity.
 */
record ReplicaEgru(EgruKernels shared, Lockstep lockstep, int replica) implements EgruKernels {

  /** What of the inputs of a replica is neither an array nor the same for all. */
  private record Own(long seed, double activity) {}

  /** Arrays of a call in turn, null where there is none. */
  private static final class Turn {
    private final DeviceArray[] arrays;
    private int next;

    Turn(DeviceArray... arrays) {
      this.arrays = arrays;
    }

    DeviceArray next() {
      return arrays[next++];
    }

    /** In the order in which {@link #arrays} has its arrays. */
    EgruState state() {
      DeviceArray y = next();
      DeviceArray h = next();
      return y == null ? null : new EgruState(y, h);
    }

    EgruTape tape() {
      DeviceArray h = next();
      EgruTape tape = new EgruTape(h, next(), next(), next(), next(), next());
      return h == null ? null : tape;
    }
  }

  private static boolean joins(EgruLayer layer) {
    return layer.pattern() == null && layer.recurrent().shape().length == 2;
  }

  /** A mask that nobody draws has no seed. */
  private static boolean draws(EgruLayer layer, EgruInputs inputs) {
    return inputs.training() && layer.options().zoneout() > 0;
  }

  private void call(
      String operation,
      EgruLayer layer,
      EgruInputs inputs,
      Runnable alone,
      KernelCall.DifferingAction<Own> together,
      DeviceArray... arrays) {
    if (!joins(layer)) {
      lockstep.meet(replica, new OwnCall(alone));
      return;
    }
    DeviceArray[] before = {
      layer.recurrent(),
      layer.inputBias(),
      layer.recurrentBias(),
      layer.thresholds(),
      inputs.currents(),
      inputs.lengths(),
      state(inputs.initial(), true),
      state(inputs.initial(), false)
    };
    DeviceArray[] all = Arrays.copyOf(before, before.length + arrays.length);
    System.arraycopy(arrays, 0, all, before.length, arrays.length);
    lockstep.defer(
        replica,
        KernelCall.of(
            replica,
            operation,
            List.of(layer.options(), inputs.training(), inputs.reversed()),
            new Own(inputs.seed(), inputs.activity()),
            together,
            all));
  }

  private static DeviceArray state(EgruState state, boolean ofY) {
    return state == null ? null : ofY ? state.y() : state.h();
  }

  private static EgruLayer layer(EgruLayer of, Turn turn) {
    return new EgruLayer(turn.next(), turn.next(), turn.next(), turn.next(), of.options());
  }

  /** The inputs of all. */
  private static EgruInputs inputs(EgruInputs of, List<Own> own, DeviceArray seeds, Turn turn) {
    double activity =
        own.stream()
            .filter(Objects::nonNull)
            .mapToDouble(Own::activity)
            .average()
            .orElse(Double.NaN);
    long seed = own.size() == 1 ? own.get(0).seed() : 0;
    return new EgruInputs(
        turn.next(),
        turn.next(),
        turn.state(),
        of.training(),
        seed,
        of.reversed(),
        activity,
        seeds);
  }

  /** Seeds of several replicas; null if there is one, or nothing to draw. The caller closes it. */
  private static DeviceArray seeds(
      EgruLayer layer, EgruInputs inputs, List<Own> own, Backend backend) {
    if (own.size() == 1 || !draws(layer, inputs)) {
      return null;
    }
    int[] words = new int[2 * own.size()];
    for (int k = 0; k < own.size(); k++) {
      if (own.get(k) != null) {
        words[2 * k] = (int) own.get(k).seed();
        words[2 * k + 1] = (int) (own.get(k).seed() >>> 32);
      }
    }
    DeviceArray seeds = backend.allocate(DType.INT32, own.size(), 2);
    try {
      return seeds.copyFrom(words);
    } catch (RuntimeException | Error e) {
      seeds.close();
      throw e;
    }
  }

  @Override
  public void forward(EgruLayer layer, EgruInputs inputs, EgruOutputs outputs, EgruTape tape) {
    call(
        "egru.forward",
        layer,
        inputs,
        () -> shared.forward(layer, inputs, outputs, tape),
        (own, a) -> {
          Turn turn = new Turn(a);
          try (DeviceArray seeds = seeds(layer, inputs, own, a[0].backend())) {
            shared.forward(
                layer(layer, turn),
                inputs(inputs, own, seeds, turn),
                new EgruOutputs(turn.next(), turn.next(), turn.state(), turn.next()),
                turn.tape());
          }
        },
        outputs.y(),
        outputs.trace(),
        state(outputs.last(), true),
        state(outputs.last(), false),
        outputs.counts(),
        tape == null ? null : tape.h(),
        tape == null ? null : tape.z(),
        tape == null ? null : tape.r(),
        tape == null ? null : tape.g(),
        tape == null ? null : tape.q(),
        tape == null ? null : tape.events());
  }

  @Override
  public void backward(
      EgruLayer layer,
      EgruInputs inputs,
      EgruTape tape,
      EgruErrors errors,
      EgruGradients gradients) {
    call(
        "egru.backward",
        layer,
        inputs,
        () -> shared.backward(layer, inputs, tape, errors, gradients),
        (own, a) -> {
          Turn turn = new Turn(a);
          try (DeviceArray seeds = seeds(layer, inputs, own, a[0].backend())) {
            shared.backward(
                layer(layer, turn),
                inputs(inputs, own, seeds, turn),
                turn.tape(),
                new EgruErrors(turn.next(), turn.next(), turn.state(), turn.next()),
                new EgruGradients(
                    turn.next(), turn.next(), turn.next(), turn.next(), turn.next(), turn.state()));
          }
        },
        tape.h(),
        tape.z(),
        tape.r(),
        tape.g(),
        tape.q(),
        tape.events(),
        errors.y(),
        errors.trace(),
        state(errors.last(), true),
        state(errors.last(), false),
        errors.rate(),
        gradients.currents(),
        gradients.recurrent(),
        gradients.inputBias(),
        gradients.recurrentBias(),
        gradients.thresholds(),
        state(gradients.initial(), true),
        state(gradients.initial(), false));
  }

  @Override
  public void gradientFactors(
      EgruLayer layer, EgruInputs inputs, EgruTape tape, DeviceArray currents, DeviceArray sent) {
    call(
        "egru.gradientFactors",
        layer,
        inputs,
        () -> shared.gradientFactors(layer, inputs, tape, currents, sent),
        (own, a) -> {
          Turn turn = new Turn(a);
          shared.gradientFactors(
              layer(layer, turn),
              inputs(inputs, own, null, turn),
              turn.tape(),
              turn.next(),
              turn.next());
        },
        tape.h(),
        tape.z(),
        tape.r(),
        tape.g(),
        tape.q(),
        tape.events(),
        currents,
        sent);
  }
}

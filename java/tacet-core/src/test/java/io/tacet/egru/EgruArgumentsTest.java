package io.tacet.egru;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.ForeignMemory;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is refused before a kernel sees it. */
class EgruArgumentsTest {
  private static final EgruOutputs NONE = new EgruOutputs(null, null, null, null);

  private final Backend backend = new JavaBackend(1);
  private final Resources made = new Resources();
  private final EgruLayer layer =
      new EgruLayer(
          zeros(DType.FLOAT32, 2, 6),
          zeros(DType.FLOAT32, 6),
          zeros(DType.FLOAT32, 6),
          zeros(DType.FLOAT32, 2),
          EgruOptions.defaults());
  private final EgruInputs inputs = EgruInputs.of(zeros(DType.FLOAT32, 3, 1, 6));

  @AfterEach
  void close() {
    made.close();
    backend.close();
  }

  private DeviceArray zeros(DType type, long... shape) {
    return made.own(backend.allocate(type, shape));
  }

  @Test
  void everyGateOfATapeHasTheShapeAndThePrecisionOfTheOthers() {
    DeviceArray right = zeros(DType.FLOAT32, 3, 1, 2);
    DeviceArray events = zeros(DType.INT32, 3, 1, 1);
    for (DeviceArray wrong :
        new DeviceArray[] {
          zeros(DType.FLOAT32, 3, 1, 1), zeros(DType.FLOAT64, 3, 1, 2), zeros(DType.UINT16, 3, 1, 1)
        }) {
      refuse("tape.z", new EgruTape(right, wrong, right, right, right, events));
      refuse("tape.r", new EgruTape(right, right, wrong, right, right, events));
      refuse("tape.g", new EgruTape(right, right, right, wrong, right, events));
      refuse("tape.q", new EgruTape(right, right, right, right, wrong, events));
    }
    DeviceArray half = zeros(DType.UINT16, 3, 1, 2);
    refuse("tape.r", new EgruTape(right, half, right, half, half, events));
    assertThatCode(
            () ->
                Egru.forward(
                    layer, inputs, NONE, new EgruTape(right, half, half, half, null, events)))
        .doesNotThrowAnyException();
  }

  @Test
  void aClipIsPositiveAndNeedsGatesThatTellIt() {
    EgruOptions usual = EgruOptions.defaults();
    for (double wrong : new double[] {0, -1, Double.NaN}) {
      assertThatThrownBy(() -> usual.clip(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("clip: expected a positive number");
    }
    assertThat(usual.clips()).isFalse();
    EgruLayer clipped =
        new EgruLayer(
            layer.recurrent(),
            layer.inputBias(),
            layer.recurrentBias(),
            layer.thresholds(),
            usual.clip(2));
    EgruTape compact = made.own(EgruTape.compact(backend, 3, 1, 2));
    assertThatThrownBy(() -> Egru.forward(clipped, inputs, NONE, compact))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tape: expected gates in the precision of the states");
  }

  private void refuse(String name, EgruTape tape) {
    assertThatThrownBy(() -> Egru.forward(layer, inputs, NONE, tape))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(name)
        .hasMessageContaining("expected 6 elements");
    EgruGradients gradients =
        new EgruGradients(zeros(DType.FLOAT32, 3, 1, 6), null, null, null, null, null);
    assertThatThrownBy(
            () ->
                Egru.backward(
                    layer, inputs, tape, new EgruErrors(null, null, null, null), gradients))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(name);
  }

  @Test
  void theLastStateOverwritesTheInitialOneOnlyWithoutATape() {
    EgruState state = made.own(EgruState.zeros(backend, DType.FLOAT32, 1, 2));
    EgruState other = made.own(EgruState.zeros(backend, DType.FLOAT32, 1, 2));
    EgruInputs from = new EgruInputs(inputs.currents(), null, state, false, 0);
    EgruTape tape = made.own(EgruTape.of(backend, DType.FLOAT32, 3, 1, 2));
    ForeignMemory sameMemory =
        ForeignMemory.of(FloatBuffer.wrap((float[]) state.h().storage().heap()));
    DeviceArray over = made.own(backend.wrap(sameMemory, 1, 2));
    for (EgruState last :
        new EgruState[] {
          state,
          new EgruState(other.y(), state.h()),
          swapped(state, other),
          new EgruState(other.y(), over)
        }) {
      EgruOutputs out = new EgruOutputs(null, null, last, null);
      assertThatThrownBy(() -> Egru.forward(layer, from, out, tape))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("outputs.last")
          .hasMessageContaining("inputs.initial");
    }
    assertThatCode(
            () -> {
              Egru.forward(layer, from, new EgruOutputs(null, null, other, null), tape);
              Egru.forward(layer, from, new EgruOutputs(null, null, state, null), null);
            })
        .doesNotThrowAnyException();
  }

  private static EgruState swapped(EgruState state, EgruState other) {
    return new EgruState(state.h(), other.h());
  }

  @Test
  void aLengthBeyondTheSequenceIsRefused() {
    for (int wrong : new int[] {-1, 4}) {
      DeviceArray lengths = zeros(DType.INT32, 1).copyFrom(new int[] {wrong});
      EgruInputs cut = new EgruInputs(inputs.currents(), lengths, null, false, 0);
      assertThatThrownBy(() -> Egru.forward(layer, cut, NONE, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("inputs.lengths: expected 0 to 3")
          .hasMessageContaining("got " + wrong);
    }
  }

  /** Wherever it enters, and however late, a NaN is not taken for a silent unit. */
  @Test
  void whatIsNotANumberIsReported() {
    for (EgruVariant variant : EgruVariant.values()) {
      for (DType type : new DType[] {DType.FLOAT32, DType.FLOAT64}) {
        for (int array = 0; array < 7; array++) {
          spoil(variant, type, array);
        }
      }
    }
  }

  private void spoil(EgruVariant variant, DType type, int array) {
    DeviceArray thresholds = zeros(type, 2).copyFrom(new double[] {0.01, 0.01});
    EgruLayer spoiled =
        new EgruLayer(
            zeros(type, 2, 6),
            zeros(type, 6),
            zeros(type, 6),
            thresholds,
            EgruOptions.defaults().variant(variant));
    EgruState state = new EgruState(zeros(type, 2, 2), zeros(type, 2, 2));
    DeviceArray currents = zeros(type, 4, 2, 6);
    double[] positive = new double[48];
    Arrays.fill(positive, 1);
    currents.copyFrom(positive);
    EgruInputs from = new EgruInputs(currents, null, state, false, 0);
    assertThatCode(() -> Egru.forward(spoiled, from, NONE, null)).doesNotThrowAnyException();
    DeviceArray target =
        switch (array) {
          case 0 -> spoiled.recurrent();
          case 1 -> spoiled.inputBias();
          case 2 -> variant == EgruVariant.PAPER ? currents : spoiled.recurrentBias();
          case 3 -> thresholds;
          case 4 -> state.y();
          case 5 -> state.h();
          default -> currents;
        };
    double[] values = target.toDoubles();
    values[values.length - 1] = Double.NaN;
    target.copyFrom(values);
    assertThatThrownBy(() -> Egru.forward(spoiled, from, NONE, null))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageContainingAll("unit ", array == 3 ? "thresholds" : "Sample");
  }

  @Test
  void anActivityIsAFractionOrUnknown() {
    for (double wrong : new double[] {-0.01, 1.01, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> inputs.activity(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("activity: expected [0, 1]")
          .hasMessageContaining(String.valueOf(wrong));
    }
    assertThatCode(() -> inputs.activity(Double.NaN)).doesNotThrowAnyException();
  }
}

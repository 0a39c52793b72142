package io.tacet.egru;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Passes share memory; none sees what another has left there. */
class EgruRepeatedPassesTest {
  private static final int STEPS = 5;
  private static final int BATCH = 3;

  @ParameterizedTest
  @EnumSource(EgruVariant.class)
  void aPassAfterOthersIsThatOfANewBackend(EgruVariant variant) {
    try (Backend used = new JavaBackend(2)) {
      for (int[] pass : new int[][] {{1, 40}, {2, 40}, {3, 7}, {4, 40}}) {
        double[] after = pass(used, pass[0], BATCH, pass[1], variant, 0);
        try (Backend fresh = new JavaBackend(2)) {
          assertThat(after)
              .as("seed %d, %d units", pass[0], pass[1])
              .isEqualTo(pass(fresh, pass[0], BATCH, pass[1], variant, 0));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(EgruVariant.class)
  void resultsDoNotDependOnTheNumberOfThreads(EgruVariant variant) {
    // Few events of many pairs of step and sample: most rows of a task have none in most of them.
    try (Backend one = new JavaBackend(1)) {
      double[] alone = pass(one, 5, 60, 37, variant, 0.8);
      for (int threads = 2; threads < 6; threads++) {
        try (Backend several = new JavaBackend(threads)) {
          assertThat(pass(several, 5, 60, 37, variant, 0.8))
              .as("%d threads", threads)
              .isEqualTo(alone);
        }
      }
    }
  }

  /** Events and gradients of a random layer, whose weights change after a first pass. */
  private static double[] pass(
      Backend backend, long seed, int batch, int units, EgruVariant variant, double threshold) {
    Random random = new Random(seed);
    try (Resources made = new Resources()) {
      DeviceArray recurrent = made.own(random(backend, random, units, 3L * units));
      DeviceArray bias = made.own(random(backend, random, 3L * units));
      EgruLayer layer =
          new EgruLayer(
              recurrent,
              bias,
              bias,
              made.own(backend.allocate(DType.FLOAT32, units))
                  .copyFrom(DoubleStream.generate(() -> threshold).limit(units).toArray()),
              EgruOptions.defaults().variant(variant));
      EgruInputs in = EgruInputs.of(made.own(random(backend, random, STEPS, batch, 3L * units)));
      DeviceArray y = made.own(backend.allocate(DType.FLOAT32, STEPS, batch, units));
      EgruErrors errors = EgruErrors.of(made.own(random(backend, random, STEPS, batch, units)));
      EgruTape tape =
          made.own(EgruTape.withoutProduct(backend, DType.FLOAT32, STEPS, batch, units));
      DeviceArray dCurrents = made.own(backend.allocate(DType.FLOAT32, STEPS, batch, 3L * units));
      DeviceArray dRecurrent = made.own(backend.allocate(DType.FLOAT32, units, 3L * units));
      EgruGradients gradients = new EgruGradients(dCurrents, dRecurrent, null, null, null, null);
      for (int time = 0; time < 2; time++) {
        Egru.forward(layer, in, new EgruOutputs(y, null, null, null), tape);
        dRecurrent.zero();
        Egru.backward(layer, in, tape, errors, gradients);
        if (time == 0) {
          recurrent.copyFrom(random.doubles(recurrent.length(), -1, 1).toArray());
        }
      }
      return Stream.of(y, dCurrents, dRecurrent)
          .flatMapToDouble(array -> DoubleStream.of(array.toDoubles()))
          .toArray();
    }
  }

  private static DeviceArray random(Backend backend, Random random, long... shape) {
    DeviceArray array = backend.allocate(DType.FLOAT32, shape);
    return array.copyFrom(random.doubles(array.length(), -1, 1).toArray());
  }
}

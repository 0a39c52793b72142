package io.tacet.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.egru.EgruOptions;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.optim.Parameter;
import io.tacet.training.CrossEntropy;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Small recurrent networks and passes over them, for tests. */
final class RecurrentNetworks {
  static final int STEPS = 5;
  static final int BATCH = 3;
  static final int TOKENS = 7;
  static final int CHANNELS = 3;

  private RecurrentNetworks() {}

  /** Without events, so that the loss is smooth. */
  private static Egru smooth() {
    return Egru.defaults().with(EgruOptions.defaults().withoutEvents().zoneout(0.2));
  }

  /** A language model in double precision; without table for an embedding of 0 columns. */
  static NetworkSpec language(int embedding, boolean tied, int... units) {
    NetworkBuilder builder = NetworkSpec.builder().precision(DType.FLOAT64).tokens(TOKENS);
    if (embedding > 0) {
      builder.embedding(embedding);
    }
    for (int count : units) {
      builder.egru(count, smooth());
    }
    return builder.nextToken(tied).spec();
  }

  /** Two layers in double precision, read out at the end of a sequence. */
  static NetworkSpec classifier(boolean bidirectional) {
    Egru egru = bidirectional ? smooth().bothDirections() : smooth();
    return NetworkSpec.builder()
        .precision(DType.FLOAT64)
        .sequence(CHANNELS)
        .egru(4, egru)
        .egru(5, egru)
        .readout(4)
        .spec();
  }

  /** One layer with events in single precision. */
  static NetworkSpec singlePrecision(ThresholdDraw draw, double mean, int units) {
    return NetworkSpec.builder()
        .sequence(CHANNELS)
        .egru(units, Egru.defaults().thresholds(draw, mean))
        .readout(4)
        .spec();
  }

  static Pass training(Network network, Dropouts dropouts) {
    return training(network, dropouts, TapeKind.FULL);
  }

  static Pass training(Network network, Dropouts dropouts, TapeKind tape) {
    return new Pass(network, PassShape.steps(BATCH, STEPS, new TrainingOptions(dropouts, tape)));
  }

  static Pass inference(Network network) {
    return new Pass(network, PassShape.steps(BATCH, STEPS, null));
  }

  /** Fills input and labels. */
  static void load(Pass pass, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    if (pass.inputTokens() != null) {
      pass.inputTokens().copyFrom(random.ints(STEPS * BATCH, 0, TOKENS).toArray());
    } else {
      long length = pass.inputSteps().length();
      pass.inputSteps().copyFrom(random.doubles(length, -1, 1).toArray());
    }
    pass.labels().copyFrom(random.ints(pass.labels().length(), 0, 4).toArray());
  }

  /** Mean loss of the same input each time. */
  static double loss(Pass pass, NetworkState initial) {
    load(pass, 5);
    pass.forward(11, initial);
    new CrossEntropy().evaluate(pass);
    return Arrays.stream(pass.losses().toDoubles()).average().orElseThrow();
  }

  /** Gradient of a parameter by the loss. */
  static double[] gradient(Pass pass, String parameter) {
    loss(pass, null);
    pass.network().zeroGradients();
    pass.backward();
    return gradient(pass.network(), parameter);
  }

  static double[] gradient(Network network, String parameter) {
    for (Parameter p : network.parameters()) {
      if (p.name().equals(parameter)) {
        return p.gradient().toDoubles();
      }
    }
    throw new AssertionError("no parameter " + parameter);
  }

  static double[] array(Network network, String name) {
    return network.arrays().get(name).toDoubles();
  }

  static Network build(Backend backend, NetworkSpec spec) {
    return Network.build(backend, spec, 3);
  }

  /** Compares gradients of a network with central differences of its loss. */
  static void gradientsAreDifferencesOfTheLoss(NetworkSpec spec, Dropouts dropouts) {
    try (Backend java = Backends.open("java");
        Network network = build(java, spec);
        NetworkState state = network.state(BATCH);
        Pass pass = training(network, dropouts)) {
      SplittableRandom random = new SplittableRandom(2);
      for (DeviceArray carried : state.carried().values()) {
        carried.copyFrom(random.doubles(carried.length(), -1, 1).toArray());
      }
      loss(pass, state);
      network.zeroGradients();
      pass.backward();
      for (Parameter p : network.parameters()) {
        double[] gradient = p.gradient().toDoubles();
        double[] values = p.value().toDoubles();
        for (int k = 0; k < values.length; k += 1 + values.length / 20) {
          double step = 1e-5;
          double[] moved = values.clone();
          moved[k] = values[k] + step;
          p.value().copyFrom(moved);
          double above = loss(pass, state);
          moved[k] = values[k] - step;
          p.value().copyFrom(moved);
          double below = loss(pass, state);
          p.value().copyFrom(values);
          assertThat(gradient[k])
              .as(p.name() + "[" + k + "]")
              .isCloseTo((above - below) / (2 * step), within(1e-7));
        }
      }
    }
  }
}

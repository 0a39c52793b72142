package io.tacet.pytorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruOptions;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import io.tacet.optim.Parameter;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AbstractTensor;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.GRUImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A layer between two linear layers of libtorch. Without thresholds it is a GRU, so libtorch's own
 * and its autograd say what outputs and gradients have to be.
 */
@Tag("native")
class TorchEgruTest {
  private static final int STEPS = 6;
  private static final int BATCH = 3;
  private static final int CHANNELS = 4;
  private static final int UNITS = 5;

  private final PointerScope scope = new PointerScope();

  @AfterEach
  void nothingLeaks() {
    scope.close();
    assertThat(Leaks.open()).isZero();
    assertThat(LentMemory.count()).isZero();
  }

  /** Gates r, z, n in rows of libtorch as z, r, g in columns. */
  private static Tensor columns(Tensor rows) {
    TensorVector gates = rows.detach().chunk(3, 0);
    Tensor ordered = torch.cat(new TensorVector(gates.get(1), gates.get(0), gates.get(2)), 0);
    return rows.dim() == 2 ? ordered.t().contiguous() : ordered;
  }

  private static void close(Tensor actual, Tensor expected) {
    assertThat(actual.shape()).isEqualTo(expected.shape());
    assertThat(torch.allclose(actual, expected, 1e-4, 1e-6, false))
        .as("largest difference %s", actual.sub(expected).abs().max().item_float())
        .isTrue();
  }

  private static EgruLayer like(GRUImpl gru, Backend backend, Resources own, boolean events) {
    TensorVector weights = gru.all_weights();
    return new EgruLayer(
        own.own(TorchTensors.copyOf(backend, columns(weights.get(1)))),
        own.own(TorchTensors.copyOf(backend, columns(weights.get(2)))),
        own.own(TorchTensors.copyOf(backend, columns(weights.get(3)))),
        own.own(backend.allocate(DType.FLOAT32, UNITS)),
        events ? EgruOptions.defaults() : EgruOptions.defaults().withoutEvents());
  }

  @ParameterizedTest
  @ValueSource(strings = {"java", "host"})
  void gradientsPassBothWaysAsThroughAGruOfLibtorch(String name) {
    torch.manual_seed(1);
    Tensor x = torch.randn(STEPS, BATCH, 2);
    LinearImpl encoder = new LinearImpl(2, CHANNELS);
    LinearImpl decoder = new LinearImpl(UNITS, 1);
    GRUImpl gru = new GRUImpl(CHANNELS, UNITS);

    decoder.forward(gru.forward(encoder.forward(x)).get0()).square().mean().backward();
    Tensor encoderGradient = encoder.weight().grad().clone();
    Tensor decoderGradient = decoder.weight().grad().clone();
    encoder.zero_grad(true);
    decoder.zero_grad(true);

    TensorVector weights = gru.all_weights();
    try (Backend backend = Backends.open(name);
        Resources own = new Resources()) {
      DeviceArray inputWeights = own.own(TorchTensors.copyOf(backend, columns(weights.get(0))));
      TorchEgru layer = own.own(new TorchEgru(like(gru, backend, own, false), inputWeights));
      Tensor below = encoder.forward(x);
      Tensor events = layer.forward(below.detach()).set_requires_grad(true);
      close(events.detach(), gru.forward(below).get0().detach());
      decoder.forward(events).square().mean().backward();
      below.backward(
          layer.backward(events.grad()), new BoolOptional(), false, new TensorArrayRefOptional());

      close(decoder.weight().grad(), decoderGradient);
      close(encoder.weight().grad(), encoderGradient);
      for (Parameter parameter : layer.parameters()) {
        int k =
            switch (parameter.name()) {
              case "inputWeights" -> 0;
              case "recurrent" -> 1;
              case "inputBias" -> 2;
              case "recurrentBias" -> 3;
              default -> -1;
            };
        if (k >= 0) {
          close(TorchTensors.copyOf(parameter.gradient()), columns(weights.get(k).grad()));
        }
      }
    }
  }

  @Test
  void withThresholdsTheBackendsAgree() {
    torch.manual_seed(2);
    GRUImpl gru = new GRUImpl(CHANNELS, UNITS);
    Tensor x = torch.randn(STEPS, BATCH, CHANNELS);
    Tensor errors = torch.randn(STEPS, BATCH, UNITS);
    Tensor[] expected = pass(gru, x, errors, "java");
    Tensor[] found = pass(gru, x, errors, "host");
    assertThat(expected[0].abs().sum().item_float()).isPositive();
    close(found[0], expected[0]);
    close(found[1], expected[1]);
  }

  /** Events, and the gradient of the inputs. */
  private static Tensor[] pass(GRUImpl gru, Tensor x, Tensor errors, String name) {
    try (Backend backend = Backends.open(name);
        Resources own = new Resources()) {
      DeviceArray inputWeights =
          own.own(TorchTensors.copyOf(backend, columns(gru.all_weights().get(0))));
      EgruLayer parameters = like(gru, backend, own, true);
      parameters.thresholds().copyFrom(new float[] {0.05f, 0.1f, 0, 0.2f, 0.1f});
      TorchEgru layer = own.own(new TorchEgru(parameters, inputWeights));
      Tensor events = layer.forward(x).clone();
      return new Tensor[] {events, layer.backward(errors).clone()};
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"java", "host"})
  void whatDoesNotFitIsRefused(String name) {
    GRUImpl gru = new GRUImpl(CHANNELS, UNITS);
    try (Backend backend = Backends.open(name);
        Resources own = new Resources()) {
      EgruLayer parameters = like(gru, backend, own, true);
      DeviceArray wrong = own.own(backend.allocate(DType.FLOAT32, CHANNELS, UNITS));
      assertThatThrownBy(() -> new TorchEgru(parameters, wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("inputWeights: expected 60 elements");
      DeviceArray inputWeights = own.own(backend.allocate(DType.FLOAT32, CHANNELS, 3 * UNITS));
      TorchEgru layer = own.own(new TorchEgru(parameters, inputWeights));
      Tensor errors = torch.randn(STEPS, BATCH, UNITS);
      assertThatThrownBy(() -> layer.backward(errors))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("backward: expected a forward pass before");
      Tensor flat = AbstractTensor.create(new float[8], 2, 4);
      assertThatThrownBy(() -> layer.forward(flat))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("x: expected [steps][batch][4], got [2, 4]");
      layer.forward(torch.randn(STEPS, BATCH, CHANNELS));
      assertThatThrownBy(() -> layer.backward(flat))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("errors.y");
    }
  }
}
